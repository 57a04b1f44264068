/** The ledger against a model: after whatever was told, compacted and killed, the shelves are as they were. */

import { fanout, json, queue } from '@beamish/exchange';
import { type Journal, openJournal } from '@beamish/journal';
import { type MemoryDisk, memoryDisk } from '@beamish/journal/testing';
import type { Context, Pid } from 'beamish';
import { name } from 'beamish';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { FileLedger } from '../../../packages/exchange/src/file/file-ledger.ts';
import type { Place } from '../../../packages/exchange/src/file/kept.ts';
import { isLive, moved } from '../../../packages/exchange/src/file/liveness.ts';
import { Marks, QUIET_MS } from '../../../packages/exchange/src/file/marks.ts';
import { Pending } from '../../../packages/exchange/src/file/pending.ts';
import { FORMAT } from '../../../packages/exchange/src/file/records.ts';
import { Replay } from '../../../packages/exchange/src/file/replay.ts';
import { restoreInto } from '../../../packages/exchange/src/file/restore.ts';
import type { Entry } from '../../../packages/exchange/src/memory/entry.ts';
import { Publication } from '../../../packages/exchange/src/memory/publication.ts';
import { Consumption } from '../../../packages/exchange/src/memory/rota.ts';
import { type Shelf, shelfOptionsOf } from '../../../packages/exchange/src/memory/shelf.ts';
import { Shelves } from '../../../packages/exchange/src/memory/shelves.ts';
import { BROKER } from '../../../packages/exchange/src/terms/address.ts';
import { property } from '../../support/property.ts';

/** There is nobody to be told: the test writes when it wants to. */
const self = { send() {} } as unknown as Context;
const QUEUES = ['a', 'b', 'c'];
/** Each look is a millisecond later. */
let now = 0;
const time = { now: () => now++, lookedAt: () => now, wall: () => 0 };

/** One life: what an actor `log` has, without the actor. */
class Life {
  readonly shelves: Shelves;
  readonly #ledger: FileLedger;
  readonly #pending: Pending;
  readonly #marks: Marks;
  readonly #journal: Journal;

  constructor(disk: MemoryDisk) {
    const model = new Replay();
    const pending = new Pending(name('log'));
    const marks = new Marks(model, pending, time);
    const ledger = new FileLedger(model, pending, marks, time, 'id.');
    this.#ledger = ledger;
    this.#marks = marks;
    this.#pending = pending;
    this.#journal = openJournal(
      '/b',
      {
        format: FORMAT,
        replay: (entry) => model.tell(entry),
        isLive: (entry) => isLive(model, entry),
        moved: (entry, to) => moved(model, entry, to),
      },
      { disk, segmentBytes: 2000 },
    ) as Journal;
    ledger.begin();
    this.shelves = new Shelves({ broker: BROKER, isEncoding: false, time, life: 'x', ledger });
    restoreInto(this.shelves, model, marks);
    for (const each of QUEUES) this.declare(each);
  }

  get live(): number {
    return this.#journal.bytes.live;
  }

  get all(): number {
    return this.#journal.bytes.all;
  }

  declare(which: string): void {
    if (this.shelves.queues.has(which)) return;
    const token = queue(which, { durable: true });
    this.shelves.declareQueue(self, shelfOptionsOf(token as never, undefined as unknown as Pid));
  }

  publish(body: string, queues: readonly string[]): void {
    const targets = queues.map((each) => this.shelves.queues.get(each) as Shelf);
    const number = this.shelves.nextMessage();
    const made = new Publication(body, json, 'x', '', undefined, number, undefined);
    this.#ledger.publish(self, made, targets, undefined);
  }

  /** Somebody consumes who has room for so many. */
  consume(which: string, prefetch: number): void {
    const shelf = this.shelves.queues.get(which) as Shelf;
    const plan = { ack: 'manual', prefetch, priority: 0, exclusive: false, tag: 'delivery' };
    for (const each of [...shelf.rota]) shelf.rota.remove(each);
    // Which makes it a rota of its own: those without a consumer share one.
    shelf.consumeBy(new Consumption(undefined as never, undefined as never, plan as never));
  }

  /** Gives the first that was never given, if it may be. Without a consumer that takes it, so that there is always room. */
  give(which: string): void {
    const shelf = this.shelves.queues.get(which) as Shelf;
    const first = [...shelf.ready].find(({ isRedelivered }) => !isRedelivered);
    if (first === undefined || !this.#ledger.mayGive(self, shelf, first)) return;
    first.redeliver();
    this.#ledger.gave(self, shelf, first);
  }

  /** It has been quiet for long. */
  takeBack(): void {
    now += QUIET_MS + 1;
    this.#marks.takeBack(false);
  }

  /** Something about the nth message of a queue. */
  about(which: string, n: number, what: 'settled' | 'crashed' | 'moved'): void {
    const shelf = this.shelves.queues.get(which) as Shelf;
    const entries = [...shelf.ready];
    const entry = entries[n % (entries.length || 1)];
    if (entry?.keep === undefined) return;
    switch (what) {
      case 'settled':
        takeOut(shelf, entry);
        return this.#ledger.settled(self, entry.keep);
      case 'crashed':
        entry.crash();
        return this.#ledger.crashed(self, entry.keep, entry.crashes);
      case 'moved': {
        takeOut(shelf, entry);
        const target = this.shelves.queues.get(which === 'a' ? 'b' : 'a') as Shelf;
        const letter = entry.publication.moved('x', 'k', [], 'id.');
        this.#ledger.move(self, entry.keep, letter, [target]);
      }
    }
  }

  drop(which: string): void {
    this.shelves.removeQueue(self, this.shelves.queues.get(which) as Shelf);
  }

  /** What an actor `log` does with all that has gathered. */
  flush(): void {
    const steps = [...this.#pending.take(), ...this.#marks.take()];
    const positions = steps.map(({ bytes }) =>
      bytes === undefined ? 0 : this.#journal.append(bytes),
    );
    this.#journal.commit();
    for (const [i, step] of steps.entries()) step.done(self, positions[i] as number);
    for (const at of this.#pending.takeReleased()) this.#journal.release(at);
  }

  compact(): void {
    this.#journal.compact();
  }

  /** In order, as by a shutdown. */
  end(): void {
    this.#marks.takeBack(true);
    this.flush();
    // On a disk in memory it is closed when this returns.
    void this.#journal.close();
  }

  /** Each message by its number and queue, and whether it is marked. */
  *marked(): Generator<readonly [id: string, isMarked: boolean]> {
    for (const [queue, { ready }] of this.shelves.queues)
      for (const { keep, isRedelivered } of ready)
        yield [`${queue} ${(keep as Place).message.id}`, isRedelivered];
  }

  /** Each queue's messages, in order. */
  shown(): unknown {
    return QUEUES.map((each) =>
      [...(this.shelves.queues.get(each)?.ready ?? [])].map((entry) => [
        new TextDecoder().decode(entry.publication.bytes),
        entry.isRedelivered,
        entry.crashes,
      ]),
    );
  }
}

/** Lists take out their first alone; the others go behind it. */
function takeOut(shelf: Shelf, entry: Entry): void {
  const others = [...shelf.ready].filter((each) => each !== entry);
  shelf.clear();
  for (const each of others) shelf.ready.push(each);
}

type Step =
  | { readonly do: 'publish'; readonly to: readonly string[] }
  | {
      readonly do: 'settled' | 'crashed' | 'moved' | 'consume';
      readonly of: string;
      readonly n: number;
    }
  | { readonly do: 'give'; readonly of: string }
  | { readonly do: 'drop'; readonly of: string }
  | { readonly do: 'flush' | 'compact' | 'kill' | 'end' | 'quiet' };

const which = fc.constantFrom(...QUEUES);
const step: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.record({
      do: fc.constant('publish' as const),
      to: fc.subarray(QUEUES, { minLength: 1 }),
    }),
  },
  {
    weight: 8,
    arbitrary: fc.record({
      do: fc.constantFrom(
        'settled' as const,
        'crashed' as const,
        'moved' as const,
        'consume' as const,
      ),
      of: which,
      n: fc.nat({ max: 20 }),
    }),
  },
  { weight: 12, arbitrary: fc.record({ do: fc.constant('give' as const), of: which }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('drop' as const), of: which }) },
  {
    weight: 5,
    arbitrary: fc.record({
      do: fc.constantFrom(
        'flush' as const,
        'compact' as const,
        'kill' as const,
        'end' as const,
        'quiet' as const,
      ),
    }),
  },
);

property(
  'after whatever was kept and compacted, an end leaves each queue with its messages as they were, in order; a kill marks all that was given, and may mark more',
  fc.asyncProperty(fc.array(step, { minLength: 10, maxLength: 80 }), async (steps) => {
    const disk = memoryDisk();
    let life = new Life(disk);
    let bodies = 0;
    const given = new Set<string>();
    for (const each of steps) {
      switch (each.do) {
        case 'publish':
          // Bodies of some size, so that there are several segments.
          life.publish(`${bodies++} ${'x'.repeat(100)}`, each.to);
          break;
        case 'drop':
          life.drop(each.of);
          life.declare(each.of);
          break;
        case 'give':
          life.give(each.of);
          break;
        case 'consume':
          life.consume(each.of, each.n);
          break;
        case 'quiet':
          life.takeBack();
          break;
        case 'flush':
          life.flush();
          break;
        case 'compact':
          life.flush();
          life.compact();
          break;
        case 'end': {
          life.end();
          const before = life.shown();
          life = new Life(disk);
          expect(life.shown()).toEqual(before);
          break;
        }
        case 'kill': {
          for (const [id, isMarked] of life.marked()) if (isMarked) given.add(id);
          disk.crash('process');
          life = new Life(disk);
          const unmarked = [...life.marked()].filter(
            ([id, isMarked]) => !isMarked && given.has(id),
          );
          expect(unmarked).toEqual([]);
          break;
        }
        default:
          life.about(each.of, each.n, each.do);
      }
    }
  }),
);

test('what comes and goes leaves the folder small, beside a message that stays', () => {
  const life = new Life(memoryDisk());
  life.publish('stays', ['a']);
  life.flush();
  for (let n = 0; n < 2000; n++) {
    life.publish(`${n} ${'x'.repeat(100)}`, ['b', 'c']);
    life.flush();
    life.consume('b', 1);
    life.give('b');
    life.flush();
    life.give('b');
    life.about('b', 0, 'settled');
    life.about('c', 0, 'settled');
    life.flush();
  }
  // Some 600,000 bytes were written; segments have 2,000.
  expect(life.all).toBeLessThan(15_000);
  expect(life.shown()).toEqual([[['"stays"', false, 0]], [], []]);
});

test('exchanges, queues and bindings that were taken back stay so through compaction', () => {
  const disk = memoryDisk();
  const life = new Life(disk);
  const token = fanout('x', { durable: true });
  for (let n = 0; n < 50; n++) {
    life.shelves.declareExchange(self, token);
    const record = life.shelves.exchanges.get('x') as never;
    const binding = { from: 'x', key: String(n), arguments: {} } as never;
    life.shelves.bind(self, record, binding, life.shelves.queues.get('a') as Shelf);
    life.flush();
    if (n % 2 === 1) life.shelves.removeExchange(self, record);
    life.flush();
    life.compact();
  }
  disk.crash('process');
  const next = new Life(disk);
  expect([...next.shelves.exchanges.keys()]).toEqual([]);
  expect(next.shelves.queues.get('a')?.boundTo).toBeUndefined();
});
