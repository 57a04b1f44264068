/**
 * What can be said of the cost of things without a clock, or with one that is read only for how it
 * grows. Figures are taken in processes of their own: a collection here must not be one there.
 */

import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { type Actor, ActorSystem, type Message, type Pid, type ReplyTo, type Self } from 'beamish';
import { describe, expect, test } from 'vitest';
import { exponent } from './statistics.ts';

const LONGEST_MS = 300_000;
const COUNTS = [100, 1000, 10_000, 100_000, 1_000_000];
/** Of each kind, in one mailbox. */
const OPERATIONS = 10_000;
/** Messages that come while a receive waits. */
const MEANWHILE = 1000;
/** Of any object, in bytes: the smallest has a header and one field. */
const SMALLEST_OBJECT = 12;

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

function fill(self: Self<Noise>, count: number): void {
  for (let i = 0; i < count; i++) self.send(self.pid, new Noise());
}

/** What a program of `probes/` prints. */
async function probe<T>(
  name: string,
  args: readonly string[],
  flags: readonly string[],
): Promise<T> {
  const program = fileURLToPath(new URL(`probes/${name}.ts`, import.meta.url));
  const source = ['--conditions=beamish-source', '--import', 'tsx'];
  const { stdout } = await promisify(execFile)(process.execPath, [
    ...flags,
    ...source,
    program,
    ...args,
  ]);
  return JSON.parse(stdout) as T;
}

describe('a message on the hot path', async () => {
  interface Allocation {
    readonly pingPong: number;
    readonly queue: number;
    readonly offer: number;
    readonly selective: number;
    readonly newMessages: number;
  }
  const bytes = await probe<Allocation>(
    'allocation',
    [],
    ['--min-semi-space-size=64', '--max-semi-space-size=64'],
  );
  // What a slice of the scheduler or a look at the clock allocates is spread over hundreds of them.
  const nothing = 1;

  test('allocates nothing when its receiver waits for it', () => {
    expect(bytes.pingPong).toBeLessThan(nothing);
  });

  test('allocates nothing on its way through a mailbox that becomes empty', () => {
    expect(bytes.queue).toBeLessThan(nothing);
  });

  // Each chunk of a mailbox that has grown beyond one is made anew.
  test.fails('allocates nothing on its way through a mailbox that never is empty', () => {
    expect(bytes.selective).toBeLessThan(nothing);
  });

  test.fails('allocates nothing when it is offered', () => {
    expect(bytes.offer).toBeLessThan(nothing);
  });

  test('is seen here if it is itself allocated', () => {
    expect(bytes.newMessages).toBeGreaterThan(SMALLEST_OBJECT);
  });
});

test('ten million messages leave nothing on the heap', { timeout: LONGEST_MS }, async () => {
  const bytes = await probe<number>('retention', [], []);
  // Code that was optimised meanwhile, and no more: not a hundredth of a byte of each message.
  expect(bytes).toBeLessThan(100_000);
});

describe('the cost of an operation does not grow with', () => {
  /** Slope over the logarithms, of time per operation: caches and collections cost some, a loop 1. */
  const mostByCaches = 0.45;

  test.each([
    ['waiting messages', 'mailbox'],
    ['actors, as they are spawned and end', 'actors'],
    ['actors that have nothing to do with it', 'bystanders'],
    ['links of an actor', 'links'],
    ['monitors of an actor', 'monitors'],
    ['pending timers', 'timers'],
    ['children of a supervisor', 'children'],
  ])('the number of %s', { timeout: LONGEST_MS }, async (_, course) => {
    const costs = await probe<number[]>('scaling', [course, ...COUNTS.map(String)], []);
    expect(exponent(COUNTS, costs), `ns each: ${costs.join(', ')}`).toBeLessThan(mostByCaches);
  });
});

describe.each(COUNTS)('among %i messages that stay in the mailbox', (count) => {
  test('a call looks at none of them', async () => {
    await using system = new ActorSystem({ log: 'off' });
    expect(await system.run(looksOfCalls, count)).toBe(0);
  });

  test('all receives by tag together look at each of them a few times', async () => {
    await using system = new ActorSystem({ log: 'off' });
    expect(await system.run(looksOfReceives, count)).toBeLessThanOrEqual(10 * count);
  });

  test('a receive with a guard looks at each of them once, however many come meanwhile', async () => {
    await using system = new ActorSystem({ log: 'off' });
    expect(await system.run(looksOfGuard, count)).toBe(count + MEANWHILE + 1);
  });
});
