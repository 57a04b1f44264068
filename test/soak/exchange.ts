/**
 * A soak of exchanges: random publishers and consumers, whose actors and those of the broker are killed; with
 * `file`, the whole process is, too, every few seconds. In the end what was confirmed has been settled, or is
 * lost; nothing came twice that is not said to be redelivered; and the heap is flat.
 *
 *     npm run soak:exchange -- memory|file [--minutes N] [--seed N]
 */

import { type ChildProcess, fork } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { generator } from 'beamish/testing';
import { heapInUse } from '../support/heap.ts';
import { Account } from './exchange/account.ts';
import { readNotes } from './exchange/notes.ts';
import { Scene } from './exchange/scene.ts';

const HEAP_MS = 10_000;
/** A heap that grows by more than this part and this many bytes, from its first third to its last, is not flat. */
const MOST_GROWTH = 1.1;
const LEAST_GROWTH = 1e6;
/** From when it begins to open its folder, until it is killed. */
const LONGEST_LIFE_MS = 5000;
/** For so much of its time nothing but actors is killed, so that its heap can be seen. */
const CALMER = 0.3;

const { values, positionals } = parseArgs({
  // pnpm hands on the two dashes that npm needs.
  args: process.argv.slice(2).filter((arg) => arg !== '--'),
  allowPositionals: true,
  options: {
    minutes: { type: 'string', default: '10' },
    seed: { type: 'string', default: String(Date.now() % 2 ** 31) },
  },
});
const [engine = 'memory'] = positionals;
const ms = Number(values.minutes) * 60_000;
const seed = Number(values.seed);
if (!(ms > 0) || !Number.isInteger(seed) || !['memory', 'file'].includes(engine))
  throw new TypeError(
    `Cannot soak "${engine}" for ${values.minutes} minutes from the seed ${values.seed}`,
  );

console.log(`Soaking exchanges, ${engine}, for ${values.minutes} minutes, seed ${seed}`);
const began = performance.now();
const account = new Account();
const heaps: number[] = [];
let kills = 0;
if (engine === 'memory') await inMemory();
else await onDisk();
account.close();
if (grows(heaps)) account.faults.push(`the heap grows: ${heaps.map(megabytes).join(' ')} MB`);
tellProgress();
console.log(`heap: ${heaps.map(megabytes).join(' ')} MB`);
for (const fault of account.faults.slice(0, 20)) console.error(`FAULT: ${fault}`);
console.log(`${kills} kills, ${account.faults.length} faults`);
process.exitCode = account.faults.length === 0 ? 0 : 1;

async function inMemory(): Promise<void> {
  const scene = new Scene({
    broker: { url: 'memory:' },
    isDurable: false,
    seed,
    first: 0,
    waiting: 0,
    note: (happening) => account.note(happening),
    killsBroker: true,
  });
  await scene.start();
  while (performance.now() - began < ms) {
    await sleep(HEAP_MS);
    heaps.push(await heapInUse());
    tellProgress();
  }
  await scene.drain();
  await scene.system.shutdown();
  heaps.push(await heapInUse());
  kills = scene.kills;
}

async function onDisk(): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'beamish-soak-'));
  const notes = join(folder, 'notes');
  const data = join(folder, 'data');
  mkdirSync(data);
  writeFileSync(notes, '');
  const random = generator(seed);
  let first = 0;
  let processes = 0;
  let largest = 0;
  function begin(): ChildProcess {
    const life = fileURLToPath(new URL('exchange/life.ts', import.meta.url));
    const args = [data, notes, seed + processes++, first, account.waiting];
    return fork(life, args.map(String), { stdio: ['ignore', 'inherit', 'inherit', 'ipc'] });
  }
  function read(): void {
    for (const happening of readNotes(notes)) {
      account.note(happening);
      first = Math.max(first, happening[2] + 1);
    }
    writeFileSync(notes, '');
    largest = Math.max(largest, sizeOf(data));
  }
  while (performance.now() - began < ms * (1 - CALMER)) {
    const life = begin();
    const ended = new Promise((resolve) => life.once('exit', (_, signal) => resolve(signal)));
    await new Promise((resolve) => life.once('message', resolve));
    await sleep(random() * LONGEST_LIFE_MS);
    life.kill('SIGKILL');
    if ((await ended) !== 'SIGKILL') account.faults.push('a process ended before it was killed');
    read();
    if (processes % 10 === 0) tellProgress();
  }
  kills = processes;
  const last = begin();
  const ended = new Promise((resolve) => last.once('exit', resolve));
  last.on('message', ({ heap }: { heap?: number }) => {
    if (heap !== undefined) heaps.push(heap);
  });
  await sleep(ms * CALMER);
  last.send('end');
  if ((await ended) !== 0) account.faults.push('the last process did not end as it should');
  read();
  console.log(
    `on disk: ${megabytes(sizeOf(data))} MB in the end, ${megabytes(largest)} MB at most`,
  );
  rmSync(folder, { recursive: true });
}

function tellProgress(): void {
  const seconds = Math.round((performance.now() - began) / 1000);
  const { published, confirmed, refused, deliveries, again, forNothing, settled } = account.counts;
  console.log(
    `${seconds} s: ${published} published, ${confirmed} confirmed, ${refused} unanswered; ${deliveries} deliveries, ${again} again, ${forNothing} marked for nothing; ${settled} settled, ${account.waiting} there; ${account.faults.length} faults`,
  );
}

function grows(sizes: readonly number[]): boolean {
  if (sizes.length < 6) return false;
  const third = Math.floor(sizes.length / 3);
  // Once caches and compiled code have found their size.
  const before = median(sizes.slice(1, 1 + third));
  const after = median(sizes.slice(-third));
  return after > before * MOST_GROWTH && after - before > LEAST_GROWTH;
}

function median(sizes: readonly number[]): number {
  return [...sizes].sort((a, b) => a - b)[sizes.length >> 1] as number;
}

function sizeOf(path: string): number {
  return readdirSync(path)
    .map((name) => statSync(join(path, name), { throwIfNoEntry: false })?.size ?? 0)
    .reduce((sum, size) => sum + size, 0);
}

function megabytes(bytes: number): string {
  return (bytes / 1e6).toFixed(1);
}

async function sleep(forMs: number): Promise<void> {
  await new Promise((resolve) => setTimeout(resolve, forMs));
}
