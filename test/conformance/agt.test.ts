/** Section R: agents. */

import {
  type Actor,
  type AgentAddress,
  agent,
  type CallFailed,
  type Operation,
  type Self,
} from 'beamish';
import { testSystem } from 'beamish/testing';
import { describe, expect, test } from 'vitest';
import { ran } from '../support/ran.ts';
import { failureOf } from './task-bodies.ts';

type AgentPid = AgentAddress<number>;

describe('AGT-01 an agent', () => {
  test('runs the functions that it is sent, one after the other', async () => {
    const system = testSystem();
    const counter = agent((n: number) => n);
    const pid = system.spawn(counter, 1);
    const seen = await ran(system, function* (self: Self): Actor<unknown[]> {
      const got: number = yield* agent.get(self, pid, (n) => n);
      const updated: void = yield* agent.update(self, pid, (n) => n + 1);
      const both: string = yield* agent.getAndUpdate(self, pid, (n) => [`was ${n}`, n * 10]);
      agent.cast(self, pid, (n) => n + 1);
      return [got, updated, both, yield* agent.get(self, pid, (n) => n).within(10)];
    });
    expect(seen).toEqual([1, undefined, 'was 2', 21]);
  });

  test('serves the outside, too', async () => {
    const system = testSystem();
    const pid = system.spawn(agent(() => 1));
    agent.cast(system, pid, (n) => n + 1);
    const reply: Promise<number> = agent.get(system, pid, (n) => n);
    await system.settle();
    expect(await reply).toBe(2);
  });

  const boom = (): never => {
    throw new Error('boom');
  };
  const asks: readonly (readonly [string, (self: Self, pid: AgentPid) => Operation<unknown>])[] = [
    ['get', (self, pid) => agent.get(self, pid, boom)],
    ['update', (self, pid) => agent.update(self, pid, boom)],
    ['getAndUpdate', (self, pid) => agent.getAndUpdate(self, pid, boom)],
  ];
  test.each(asks)('ends with the error of a function, and fails the caller: %s', async (_, ask) => {
    const system = testSystem();
    const pid = system.spawn(agent(() => 1));
    const failure = await ran(system, (self: Self) => failureOf(() => ask(self, pid)));
    expect(failure).toMatchObject({ name: 'CallFailed', reason: { message: 'boom' } });
    expect(system.reasonOf(pid)).toBe((failure as CallFailed).reason);
  });
});
