/** How often what is received looks at the messages that wait: counted, among up to a million of them. */

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
