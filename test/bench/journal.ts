/**
 * The journal, beside lmdb in turns of one and the other, and by itself:
 *
 *     node --conditions=beamish-source --import tsx test/bench/journal.ts [ROUNDS] [--check]
 *
 * With `--check`, a target that is missed is an error. It is compared with lmdb once that is there:
 *
 *     npm install --no-package-lock --prefix test/bench/others
 */

import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Entry, type Journal, type Owner, openJournal } from '@beamish/journal';
import { memoryDisk } from '@beamish/journal/testing';
import { hostDisk } from '../../packages/journal/src/host-disk.ts';
import { describeMachine, machineOf } from './machine.ts';
import { ratios, type Summary, summarise } from './statistics.ts';

const args = process.argv.slice(2);
const ROUNDS = Number(args.find((arg) => /^\d+$/.test(arg)) ?? 7);
const MUST_REACH = args.includes('--check');
const SIZE = 100;
const BYTES = new Uint8Array(SIZE);
const WARM_UP = 20;
const TURNS = 100;
/** How often one waits in a turn. */
const TIMES = 5;
const MILLION = 1_000_000;

const PERMANENT: Owner = {
  format: { name: 'bench', version: 1 },
  replay() {},
  isLive: () => true,
  moved() {},
};

/** Something that keeps bytes, and answers when they are on disk. */
interface Store {
  put(bytes: Uint8Array): unknown;
  /** Of those that were put before. */
  committed(last: unknown): Promise<unknown>;
  close(): Promise<unknown>;
}

type Open = (folder: string) => Promise<Store>;

async function ours(folder: string): Promise<Store> {
  const journal = await openJournal(folder, PERMANENT);
  return {
    put: (bytes) => journal.append(bytes),
    committed: async () => await journal.commit(),
    close: () => journal.close(),
  };
}

async function lmdb(folder: string): Promise<Store> {
  const program = new URL('others/lmdb.js', import.meta.url).href;
  const { store } = await import(program);
  const its = await store(folder);
  return { put: its.put, committed: (last) => last as Promise<unknown>, close: its.close };
}

/** What a store does in its turn. Returns how many entries it has kept. */
type Turn = (store: Store) => Promise<number>;

/** One group, as one who waits for it. */
function group(size: number): Turn {
  return async (store) => {
    let last: unknown;
    for (let i = 0; i < size; i++) last = store.put(BYTES);
    await store.committed(last);
    return size;
  };
}

/** So many who wait each for their own, a few times. */
function waiters(count: number): Turn {
  return async (store) => {
    const waiter = async (): Promise<void> => {
      for (let n = 0; n < TIMES; n++) await store.committed(store.put(BYTES));
    };
    await Promise.all(Array.from({ length: count }, waiter));
    return count * TIMES;
  };
}

/**
 * Entries a second of each, by the median of its turns. They take them one after the other, and each is first as
 * often: how long a disk takes changes from one moment to the next.
 */
async function inTurns(opens: readonly Open[], turn: Turn): Promise<readonly number[]> {
  return await inFolder(async (folder) => {
    const stores = await Promise.all(opens.map((open, i) => open(join(folder, String(i)))));
    const rates = stores.map((): number[] => []);
    for (let n = -WARM_UP; n < TURNS; n++) {
      const order = [...stores.entries()];
      if (n % 2 === 0) order.reverse();
      for (const [i, store] of order) {
        const begin = performance.now();
        const entries = await turn(store);
        if (n >= 0) rates[i]?.push((entries * 1000) / (performance.now() - begin));
      }
    }
    for (const store of stores) await store.close();
    return rates.map((each) => summarise(each).median);
  });
}

/** Milliseconds to open a million entries. */
async function opening(): Promise<number> {
  return await inFolder(async (folder) => {
    const journal = await openJournal(folder, PERMANENT);
    const bytes = new Uint8Array(SIZE);
    for (let i = 1; i <= MILLION; i++) {
      journal.append(bytes);
      if (i % 1000 === 0) await journal.commit('os');
    }
    await journal.close();
    const begin = performance.now();
    const again = await openJournal(folder, PERMANENT);
    const ms = performance.now() - begin;
    await again.close();
    return ms;
  });
}

/** Nanoseconds of an append without its commit. */
async function appending(): Promise<number> {
  const journal = openJournal('bench', PERMANENT, { disk: memoryDisk() }) as Journal;
  const bytes = new Uint8Array(SIZE);
  let ns = 0;
  for (let round = 0; round < 20; round++) {
    const begin = performance.now();
    for (let i = 0; i < 10_000; i++) journal.append(bytes);
    ns = ((performance.now() - begin) * 1e6) / 10_000;
    journal.commit('os');
  }
  return ns;
}

/** By how many ms the 99th of 100 commits waits longer than the 99th of 100 syncs, while it compacts. */
async function whileCompacting(): Promise<number> {
  return await inFolder(async (folder) => {
    const syncs: number[] = [];
    const disk = hostDisk();
    const { sync } = disk;
    disk.sync = async (file) => {
      const begin = performance.now();
      await sync.call(disk, file);
      syncs.push(performance.now() - begin);
    };
    const live = new Set<number>();
    const isLive = ({ at }: Entry): boolean => live.has(at);
    const moved = ({ at }: Entry, to: number): void => {
      live.delete(at);
      live.add(to);
    };
    const owner = { ...PERMANENT, isLive, moved };
    const journal = await openJournal(folder, owner, { disk });
    const bytes = new Uint8Array(SIZE);
    for (let i = 0; i < MILLION / 2; i++) {
      const at = journal.append(bytes);
      if (i % 4 === 0) live.add(at);
      else journal.release(at);
    }
    await journal.commit();
    syncs.length = 0;
    let isOver = false;
    const compaction = Promise.resolve(journal.compact()).finally(() => {
      isOver = true;
    });
    const commits: number[] = [];
    while (!isOver) {
      const begin = performance.now();
      journal.append(bytes);
      await journal.commit();
      commits.push(performance.now() - begin);
    }
    await compaction;
    await journal.close();
    return percentile(commits, 0.99) - percentile(syncs, 0.99);
  });
}

function percentile(values: readonly number[], part: number): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * part))] as number;
}

async function inFolder<T>(work: (folder: string) => Promise<T>): Promise<T> {
  const folder = mkdtempSync(join(tmpdir(), 'journal-bench-'));
  try {
    return await work(folder);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

interface Common {
  readonly row: string;
  readonly what: string;
  readonly unit: string;
  readonly atLeast?: number;
  readonly atMost?: number;
  /** Of what lmdb reaches. */
  readonly ratioAtLeast?: number;
}

type Line = Common &
  (
    | { readonly measure: () => Promise<number>; readonly turn?: undefined }
    | { readonly turn: Turn }
  );

const LINES: readonly Line[] = [
  ...[10, 100, 1000].map((size) => ({
    row: 'JRN-37',
    what: `groups of ${size}, one after the other`,
    unit: 'entries/s',
    turn: group(size),
    ratioAtLeast: 0.8,
  })),
  {
    row: 'JRN-37',
    what: '100 who wait each for their own',
    unit: 'entries/s',
    turn: waiters(100),
    atLeast: 30_000,
  },
  { row: 'JRN-38', what: 'opening a million entries', unit: 'ms', measure: opening, atMost: 1000 },
  {
    row: 'JRN-39',
    what: 'an append without its commit',
    unit: 'ns',
    measure: appending,
    atMost: 1000,
  },
  {
    row: 'JRN-30',
    what: 'p99 of commits above that of syncs, while it compacts',
    unit: 'ms',
    measure: whileCompacting,
    atMost: 5,
  },
];

const hasLmdb = existsSync(new URL('others/node_modules/lmdb', import.meta.url));
if (!hasLmdb) console.log('Without lmdb, which is not installed (see above)');
let missed = 0;
console.log(`${describeMachine(machineOf({ node: process.execPath, core: undefined }, false))}\n`);
console.log('| row | | here | lmdb | ratio |\n|---|---|---|---|---|');
for (const line of LINES) {
  const [here, there]: [number[], number[]] = [[], []];
  const isCompared = hasLmdb && line.turn !== undefined;
  for (let round = 0; round < ROUNDS; round++) {
    const rates =
      line.turn === undefined
        ? [await line.measure()]
        : await inTurns(isCompared ? [ours, lmdb] : [ours], line.turn);
    here.push(rates[0] as number);
    if (isCompared) there.push(rates[1] as number);
  }
  report(
    line,
    summarise(here),
    isCompared ? [summarise(there), summarise(ratios(here, there))] : [],
  );
}
if (MUST_REACH && missed > 0) process.exitCode = 1;

function report(line: Line, here: Summary, [there, ratio]: readonly Summary[]): void {
  const {
    row,
    what,
    unit,
    atLeast = 0,
    atMost = Number.POSITIVE_INFINITY,
    ratioAtLeast = 0,
  } = line;
  const isReached =
    here.median >= atLeast &&
    here.median <= atMost &&
    (ratio === undefined || ratio.median >= ratioAtLeast);
  if (!isReached) missed++;
  const cells = [there, ratio].map((its) => (its === undefined ? '' : shown(its)));
  console.log(
    `| ${row} | ${what}, ${unit} | ${shown(here)} | ${cells.join(' | ')} | ${isReached ? '' : 'missed'}`,
  );
}

function shown({ median, min, max }: Summary): string {
  return `${digits(median)} (${digits(min)}–${digits(max)})`;
}

function digits(value: number): string {
  return Math.abs(value) >= 100 ? Math.round(value).toLocaleString('en') : value.toPrecision(3);
}
