import { observe, toMermaid } from '@beamish/observer';
import {
  type Actor,
  configure,
  type Message,
  name,
  type Pid,
  type ReplyTo,
  type Self,
} from 'beamish';
import { testSystem } from 'beamish/testing';
import { describe, expect, test } from 'vitest';
import { idler } from '../support/recorder.ts';
import { clerks } from './programs.ts';

interface Asked extends Message {
  readonly tag: 'ask';
  readonly replyTo: ReplyTo<string>;
}

describe('who waits for whom', () => {
  test('OBS-55 two that call each other are two edges and a deadlock', async () => {
    const system = testSystem();
    const [left, right] = await clerks(system);
    await using observer = observe(system);
    const { edges, deadlocks } = await observer.waitGraph();
    expect(edges).toHaveLength(2);
    for (const edge of edges)
      expect(edge).toMatchObject({ why: 'call', what: 'approve', leftMs: undefined });
    expect(deadlocks).toEqual([[left, right]]);
    expect(toMermaid({ edges, deadlocks })).toContain(':::deadlock');
  });

  test('OBS-57 with a time-out, it is no deadlock', async () => {
    const system = testSystem();
    await clerks(system, 5000);
    await system.advance(1000);
    await using observer = observe(system);
    const { edges, deadlocks } = await observer.waitGraph();
    expect(edges.map(({ leftMs }) => leftMs)).toEqual([4000, 4000]);
    expect(deadlocks).toEqual([]);
    const [finding] = await observer.doctor();
    expect(finding).toMatchObject({ rule: 'deadlock', severity: 'hint' });
    expect(finding?.summary).toContain('until a time-out in 4 s');
    await system.advance(5000);
    system.crashes();
  });

  test('OBS-58 a chain of calls without a circle is none', async () => {
    const system = testSystem();
    let to: Pid<Asked> = system.spawn(idler) as unknown as Pid<Asked>;
    for (let i = 0; i < 5; i++) {
      to = system.spawn(function* (self: Self<Asked>, next: Pid<Asked>): Actor {
        yield* self.call(next, { tag: 'ask' }).within('infinity');
      }, to);
    }
    await system.settle();
    await using observer = observe(system);
    const { edges, deadlocks } = await observer.waitGraph();
    expect(edges).toHaveLength(5);
    expect(deadlocks).toEqual([]);
    expect(await observer.doctor()).toEqual([]);
  });

  test('OBS-58 a call of oneself fails at once, and is no circle', async () => {
    const system = testSystem();
    await using observer = observe(system);
    system.spawn(function* alone(self: Self<Asked>): Actor {
      try {
        yield* self.call(self.pid, { tag: 'ask' });
      } catch (error) {
        expect(error).toMatchObject({ reason: 'calling_self' });
        yield* self.receive('$never' as never);
      }
    });
    await system.settle();
    expect(await observer.actors({ status: 'waiting' })).toHaveLength(1);
    expect(await observer.waitGraph()).toEqual({ edges: [], deadlocks: [] });
    expect(await observer.doctor()).toEqual([]);
  });

  test('OBS-59 a circle through names is found', async () => {
    const system = testSystem();
    const calling = function* calling(self: Self<Asked>, other: string): Actor {
      yield* self.sleep(1);
      yield* self.call(name<Asked>(other), { tag: 'ask' }).within('infinity');
    };
    const pids = ['one', 'two', 'three'].map((its, i) => {
      const pid = system.spawn(calling, ['two', 'three', 'one'][i] as string);
      system.register(its, pid as Pid);
      return pid;
    });
    await system.advance(1);
    await using observer = observe(system);
    expect((await observer.waitGraph()).deadlocks).toEqual([pids]);
  });

  test('OBS-60 three that wait for room in the next one’s mailbox are in a deadlock', async () => {
    const system = testSystem();
    const pids: Pid<Message>[] = [];
    function* offering(self: Self<Message>, i: number): Actor {
      yield* self.sleep(1);
      for (;;) yield* self.offer(pids[(i + 1) % 3] as Pid<Message>, { tag: 'x' });
    }
    const bounded = configure(offering, { mailbox: { limit: 1, overflow: 'wait' } });
    for (let i = 0; i < 3; i++) pids.push(system.spawn(bounded, i));
    await system.advance(1);
    await using observer = observe(system);
    const { edges, deadlocks } = await observer.waitGraph();
    expect(edges.map(({ why }) => why)).toEqual(['room', 'room', 'room']);
    expect(deadlocks).toEqual([pids]);
  });

  test('who waits for the end of one that it monitors waits before it', async () => {
    const system = testSystem();
    const watched = system.spawn(idler);
    const watcher = system.spawn(function* (self: Self): Actor {
      self.monitor(watched);
      yield* self.receive('DOWN' as never);
    });
    await system.settle();
    await using observer = observe(system);
    expect((await observer.waitGraph()).edges).toMatchObject([
      { from: watcher, to: watched, why: 'monitor' },
    ]);
  });
});
