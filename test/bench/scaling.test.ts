/**
 * How the cost of an operation grows with the number of things it happens among. Where work can be
 * counted it is; where it cannot, only the slope over four decades of CPU time is judged.
 */

import {
  type Actor,
  ActorSystem,
  type Context,
  type Message,
  type Pid,
  type ReplyTo,
  type Self,
} from 'beamish';
import { describe, expect, test } from 'vitest';
import { probe } from './probe.ts';
import { exponent } from './statistics.ts';

const LONGEST_MS = 300_000;
const COUNTS = [100, 1000, 10_000, 100_000, 1_000_000];
/** Of each kind, in one mailbox. */
const OPERATIONS = 10_000;
/** Messages that come while a receive waits. */
const MEANWHILE = 1000;

/** A message that counts how often somebody looks what it is. */
class Noise implements Message {
  static looks = 0;

  get tag(): 'noise' {
    Noise.looks++;
    return 'noise';
  }
}

interface Wanted extends Message {
  readonly tag: 'wanted';
}

interface Question extends Message {
  readonly tag: 'question';
  readonly replyTo: ReplyTo<string>;
}

function* answers(self: Self<Question>): Actor {
  for (;;) {
    const { replyTo } = yield* self.receive('question');
    self.send(replyTo, 'answer');
  }
}

function* looksOfCalls(self: Self<Noise>, count: number): Actor<number> {
  const to = self.spawnLink(answers);
  fill(self, count);
  const before = Noise.looks;
  for (let i = 0; i < OPERATIONS; i++) yield* self.call(to, { tag: 'question' }).within('infinity');
  return Noise.looks - before;
}

function* looksOfReceives(self: Self<Noise | Wanted>, count: number): Actor<number> {
  fill(self, count);
  const before = Noise.looks;
  for (let i = 0; i < OPERATIONS; i++) {
    self.send(self.pid, { tag: 'wanted' });
    yield* self.receive('wanted');
  }
  return Noise.looks - before;
}

function* trickle(self: Self, to: Pid<Noise | Wanted>): Actor {
  for (let i = 0; i < MEANWHILE; i++) {
    self.send(to, new Noise());
    yield* self.yield();
  }
  self.send(to, { tag: 'wanted' });
}

function* looksOfGuard(self: Self<Noise | Wanted>, count: number): Actor<number> {
  fill(self, count);
  self.spawnLink(trickle, self.pid);
  let looks = 0;
  yield* self.receive().where((message) => {
    looks++;
    return !(message instanceof Noise);
  });
  return looks;
}

function fill(self: Context<Noise>, count: number): void {
  for (let i = 0; i < count; i++) self.send(self.pid, new Noise());
}

describe('the cost of an operation does not grow with', () => {
  /** Slope over the logarithms, of time per operation: caches and collections cost some, a loop 1. */
  const mostByCaches = 0.5;

  test.each([
    ['waiting messages', 'mailbox'],
    ['actors, as they are spawned and end', 'actors'],
    ['actors that have nothing to do with it', 'bystanders'],
    ['links of an actor', 'links'],
    ['monitors of an actor', 'monitors'],
    ['pending timers', 'timers'],
    ['children of a supervisor', 'children'],
  ])('the number of %s', { timeout: LONGEST_MS }, async (_, course) => {
    const costs = await probe<number[]>('scaling', [course, ...COUNTS.map(String)]);
    expect(exponent(COUNTS, costs), `ns each: ${costs.join(', ')}`).toBeLessThan(mostByCaches);
  });
});

describe.each(COUNTS)('among %i messages that stay in the mailbox', (count) => {
  test('a call looks at none of them', async () => {
    await using system = new ActorSystem({ log: 'off' });
    expect(await system.run(looksOfCalls, count)).toBe(0);
  });

  test('receives by tag look at the first, and all together at each of them a few times', async () => {
    await using system = new ActorSystem({ log: 'off' });
    expect(await system.run(looksOfReceives, count)).toBeLessThanOrEqual(OPERATIONS + 10 * count);
  });

  test('a receive with a guard looks at each of them once, however many come meanwhile', async () => {
    await using system = new ActorSystem({ log: 'off' });
    expect(await system.run(looksOfGuard, count)).toBe(count + MEANWHILE + 1);
  });
});
