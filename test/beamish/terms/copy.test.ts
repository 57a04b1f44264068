/** Two copies of the package in one program: told at once, in words that say what to do. */

import { ActorSystem, type Context, type Self, task } from 'beamish';
import { testSystem } from 'beamish/testing';
import { population } from 'beamish/transport';
import { expect, test, vi } from 'vitest';
import { ran } from '../../support/ran.ts';

const TWO =
  /^Cannot use .+ of another copy of beamish: .*\n {2}one: .+\n {2}the other: .+\nInstall it once/;

async function anotherCopy(): Promise<typeof import('beamish')> {
  vi.resetModules();
  return await import('beamish');
}

test('a system of another copy is refused, with the places of both', async () => {
  const other = await anotherCopy();
  await using system = new other.ActorSystem({ log: 'off' });
  expect(other.ActorSystem).not.toBe(ActorSystem);
  expect(() => population(system as unknown as ActorSystem)).toThrow(TWO);
});

test('so is the self of an actor of another copy', async () => {
  const other = await anotherCopy();
  const failure = await ran(testSystem(), function* (self: Self) {
    yield* self.yield();
    try {
      return other.task(self as unknown as Context, function* () {});
    } catch (error) {
      return error;
    }
  });
  expect(String(failure)).toMatch(/another copy/);
});

test('what is neither is called so', () => {
  for (const it of [undefined, {}, 5, () => 1]) {
    expect(() => population(it as never)).toThrow('Cannot use this as an actor system: it is none');
    expect(() => task(it as never, function* () {})).toThrow(
      "Cannot use this as an actor's self: it is none",
    );
  }
});
