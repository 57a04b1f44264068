/**
 * Histories of a journal whose disk answers late and out of order, fails, and stops at any point, while its
 * owner appends and commits without waiting: what is found is what a model allows.
 */

import { type Journal, JournalFailed, openJournal } from '@beamish/journal';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { type LateDisk, lateDisk } from './support/late-disk.ts';
import { PlainMap } from './support/plain-map.ts';

/** `BEAMISH_RUNS=100000 npm test -- journal/history` takes longer and sees more. */
const RUNS = Number(process.env['BEAMISH_RUNS'] ?? 500);

type Step =
  | { readonly do: 'set'; readonly key: string; readonly value: string }
  | { readonly do: 'delete'; readonly key: string }
  | { readonly do: 'commit'; readonly until: 'os' | undefined }
  | { readonly do: 'compact' }
  | { readonly do: 'disk'; readonly which: readonly number[] }
  | { readonly do: 'settle' }
  | { readonly do: 'fail'; readonly code: 'ENOSPC' | 'EIO' | 'nothing' }
  | { readonly do: 'crash'; readonly keep: readonly number[] | 'process' };

const key = fc.constantFrom('a', 'b', 'c');
const step = fc.oneof(
  {
    weight: 8,
    arbitrary: fc.record({
      do: fc.constant('set'),
      key,
      value: fc.stringMatching(/^[a-z]{0,20}$/),
    }),
  },
  { weight: 4, arbitrary: fc.record({ do: fc.constant('delete'), key }) },
  {
    weight: 8,
    arbitrary: fc.record({ do: fc.constant('commit'), until: fc.constantFrom('os', undefined) }),
  },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('compact') }) },
  {
    weight: 12,
    arbitrary: fc.record({
      do: fc.constant('disk'),
      which: fc.array(fc.nat(5), { minLength: 1, maxLength: 6 }),
    }),
  },
  { weight: 3, arbitrary: fc.record({ do: fc.constant('settle') }) },
  {
    weight: 2,
    arbitrary: fc.record({
      do: fc.constant('fail'),
      code: fc.constantFrom('ENOSPC', 'EIO', 'nothing', 'nothing'),
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      do: fc.constant('crash'),
      keep: fc.oneof(
        fc.constant('process' as const),
        fc.array(fc.double({ min: 0, max: 1, noNaN: true }), { minLength: 1, maxLength: 3 }),
      ),
    }),
  },
) as fc.Arbitrary<Step>;

/** Everything that promises have led to. */
async function quiet(): Promise<void> {
  await new Promise((resolve) => setImmediate(resolve));
}

interface Ask {
  /** How many changes it covers. */
  readonly upTo: number;
  readonly isForDisk: boolean;
}

interface Change {
  readonly text: string;
  readonly apply: () => () => void;
  takeBack: (() => void) | undefined;
}

/** One life of a journal, from its opening to its end. */
class Life {
  readonly owner = new PlainMap();
  readonly journal: Journal;
  /** What was appended and not refused; those before `#floor` were there when it was opened. */
  #changes: Change[] = [];
  readonly #states: ReadonlyMap<string, string>[];
  #asks: Ask[] = [];
  #onDisk = 0;
  #inSystem = 0;
  #applied = 0;
  /** What was refused, and behind how many changes: may be found until anything more is kept. */
  #refused: ReadonlyMap<string, string>[] = [];
  #refusedFrom = 0;
  #pending = 0;
  readonly #isEager: boolean;

  constructor(disk: LateDisk, segmentBytes: number, isEager: boolean) {
    this.#isEager = isEager;
    this.journal = openJournal('data', this.owner, { disk, segmentBytes }) as Journal;
    this.#states = [this.owner.map];
    this.owner.releaseDead(this.journal);
  }

  get pending(): number {
    return this.#pending;
  }

  get found(): ReadonlyMap<string, string> {
    return this.#states[0] as ReadonlyMap<string, string>;
  }

  get now(): ReadonlyMap<string, string> {
    return this.#states.at(-1) as ReadonlyMap<string, string>;
  }

  change(key: string, value: string | undefined): void {
    const appended = this.owner.append(this.journal, key, value);
    const change: Change = {
      text: `${key} ${value}`,
      apply: () => this.owner.apply(this.journal, appended),
      takeBack: undefined,
    };
    if (this.#isEager) change.takeBack = change.apply();
    this.#changes.push(change);
    const next = new Map(this.now);
    if (value === undefined) next.delete(key);
    else next.set(key, value);
    this.#states.push(next);
  }

  commit(until: 'os' | undefined): void {
    const ask = { upTo: this.#changes.length, isForDisk: until === undefined };
    this.#asks.push(ask);
    this.#follow(ask, () => this.journal.commit(until));
  }

  compact(): void {
    this.commit(undefined);
    this.#follow(undefined, () => this.journal.compact());
  }

  #follow(ask: Ask | undefined, work: () => unknown): void {
    this.#pending++;
    const done = (): void => {
      this.#pending--;
      if (ask !== undefined) this.#kept(ask);
    };
    const failed = (error: unknown): void => {
      this.#pending--;
      if (!(error instanceof JournalFailed)) throw error;
      if (ask !== undefined) this.#failed(ask);
    };
    let answer: unknown;
    try {
      answer = work();
    } catch (error) {
      return failed(error);
    }
    if (answer instanceof Promise) answer.then(done, failed);
    else done();
  }

  #kept(ask: Ask): void {
    if (!this.#asks.includes(ask)) throw new Error('Answered although one before it was refused');
    this.#asks = this.#asks.filter((its) => its !== ask);
    const { upTo, isForDisk } = ask;
    if (upTo > this.#refusedFrom) this.#refused = [];
    if (isForDisk) this.#onDisk = Math.max(this.#onDisk, upTo);
    this.#inSystem = Math.max(this.#inSystem, upTo);
    for (; !this.#isEager && this.#applied < upTo; this.#applied++) {
      this.#changes[this.#applied]?.apply();
    }
  }

  /** Nothing of it is kept but what others were answered for, or will be; nor is what was appended since. */
  #failed(ask: Ask): void {
    this.#asks = this.#asks.filter((its) => its !== ask);
    const before = this.#asks.filter(({ upTo }) => upTo < ask.upTo);
    const end = Math.max(this.#inSystem, ...before.map(({ upTo }) => upTo));
    if (end >= this.#changes.length) return;
    this.#refused.push(...this.#states.slice(end + 1));
    this.#refusedFrom = end;
    for (const { takeBack } of this.#changes.slice(end).reverse()) takeBack?.();
    this.#changes = this.#changes.slice(0, end);
    this.#states.length = end + 1;
  }

  /** Whether that may be found when it has ended so. */
  mayLeave(map: ReadonlyMap<string, string>, stopped: 'machine' | 'process'): boolean {
    const floor = stopped === 'machine' ? this.#onDisk : this.#inSystem;
    return [...this.#states.slice(floor), ...this.#refused].some((state) => isSame(state, map));
  }

  describe(): string {
    const changes = this.#changes.map(({ text }) => text).join(', ');
    const refused = this.#refused.map((state) => JSON.stringify([...state])).join(' ');
    return `opened with ${JSON.stringify([...this.found])}, then ${changes}; on disk ${this.#onDisk}, in system ${this.#inSystem}, refused ${refused}`;
  }
}

function isSame(a: ReadonlyMap<string, string>, b: ReadonlyMap<string, string>): boolean {
  return a.size === b.size && [...a].every(([key, value]) => b.get(key) === value);
}

async function history(
  steps: readonly Step[],
  segmentBytes: number,
  isEager: boolean,
): Promise<void> {
  let isLate = false;
  const disk = lateDisk(() => isLate);
  let life = begun();

  function begun(): Life {
    isLate = false;
    const next = new Life(disk, segmentBytes, isEager);
    isLate = true;
    return next;
  }
  function next(stopped: 'machine' | 'process'): void {
    const last = life;
    life = begun();
    if (!last.mayLeave(life.found, stopped))
      expect.fail(`Found ${JSON.stringify([...life.found])}; it had ${last.describe()}`);
  }
  async function settle(): Promise<void> {
    do await quiet();
    while (disk.step(0));
  }

  for (const its of steps) {
    switch (its.do) {
      case 'set':
        life.change(its.key, its.value);
        break;
      case 'delete':
        life.change(its.key, undefined);
        break;
      case 'commit':
        life.commit(its.until);
        break;
      case 'compact':
        life.compact();
        break;
      case 'disk':
        for (const which of its.which) {
          disk.step(which);
          await quiet();
        }
        break;
      case 'settle':
        await settle();
        expect(life.pending).toBe(0);
        break;
      case 'fail':
        disk.fail(its.code);
        break;
      case 'crash': {
        const { keep } = its;
        let i = 0;
        disk.crash(
          keep === 'process'
            ? keep
            : (_file, unsynced) => unsynced * (keep[i++ % keep.length] as number),
        );
        next(keep === 'process' ? 'process' : 'machine');
      }
    }
    await quiet();
  }
  // The disk works again: everybody is answered, and what is kept is there.
  disk.fail('nothing');
  await settle();
  life.commit(undefined);
  await settle();
  life.change('z', 'last');
  life.commit(undefined);
  await settle();
  expect(life.pending).toBe(0);
  expect(life.owner.map).toEqual(life.now);
  disk.crash();
  next('machine');
  // Twice, since what compaction has left out of one is missed in the next.
  for (let i = 0; i < 2; i++) {
    life.compact();
    await settle();
    disk.crash();
    next('machine');
  }
}

test.each([
  ['JRN-10, JRN-32', 'applies only what was answered', false],
  ['JRN-10, JRN-32', 'applies at once, and takes back', true],
] as const)(
  '%s: on a disk that is late, an owner that %s finds what was kept, the last of each key, and nothing of what was refused',
  { timeout: 300_000 },
  async (_rows, _does, isEager) => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(step, { maxLength: 60, size: 'max' }),
        fc.constantFrom(1, 60, 150, 1000),
        (steps, segmentBytes) => history(steps, segmentBytes, isEager),
      ),
      { numRuns: RUNS },
    );
  },
);
