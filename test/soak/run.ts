/**
 * A soak: actors of several threads do to each other, at random, whatever actors can, threads are killed,
 * and in the end the account must balance, the heap be flat, and no handle be left.
 * `pnpm soak [--minutes N] [--seed N]`
 */

import { parseArgs } from 'node:util';
import type { Balance } from './ledger.ts';
import { Scene } from './scene.ts';

const WALK_MS = 4000;
/** A heap that grows by more than this, and by more than this many bytes, is not flat. */
const MOST_GROWTH = 1.1;
const LEAST_GROWTH = 1e6;
/** Heaps are compared once caches and compiled code have found their size. */
const WARM_UP = 4;
/** How long a process without handles takes to end. */
const END_MS = 10_000;

const { values } = parseArgs({
  // pnpm hands on the two dashes that npm needs.
  args: process.argv.slice(2).filter((arg) => arg !== '--'),
  options: {
    minutes: { type: 'string', default: '10' },
    seed: { type: 'string', default: String(Date.now() % 2 ** 31) },
  },
});
const minutes = Number(values.minutes);
const seed = Number(values.seed);
if (!(minutes > 0) || !Number.isInteger(seed))
  throw new TypeError(`Cannot soak for ${values.minutes} minutes from the seed ${values.seed}`);

console.log(`Soaking for ${minutes} minutes, seed ${seed}`);
const began = performance.now();
const scene = new Scene(seed);
const heaps = new Map<number, number[]>();
await scene.start();
while (performance.now() - began < minutes * 60_000) {
  await scene.walk(WALK_MS);
  await scene.settle();
  for (const [life, used] of await scene.heaps())
    heaps.set(life, [...(heaps.get(life) ?? []), used]);
  tellProgress();
}
await scene.close();

const total = sum(scene.balances());
const isKilled = (life: number): boolean => scene.isKilled(life);
const balances = scene.balances();
const living = balances.filter(({ label }) => !isKilled(label.from) && !isKilled(label.to));
const toKilled = balances.filter(({ label }) => !isKilled(label.from) && isKilled(label.to));
const ofKilled = balances.filter(({ label }) => isKilled(label.from));
const titles = ['sent', 'arrived', 'told', 'missing', 'lost', 'handled', 'unread', 'refused'];
console.log(`\n${' '.repeat(20)}${titles.map((title) => title.padStart(11)).join('')}`);
tellRow('between the living', sum(living));
tellRow('to killed threads', sum(toKilled));
tellRow('from killed threads', sum(ofKilled));
tellRow('all', total);
console.log(`\
told: as dead letters, before they arrived; missing: sent, but neither arrived nor told;
lost: told by system_down; unread: left by an actor that ended; refused: dead letters after they arrived`);

const growing = [...heaps].filter(([, sizes]) => grows(sizes));
for (const [life, sizes] of growing)
  console.error(`FAULT: The heap of life ${life} grows: ${sizes.map(megabytes).join(' ')} MB`);
console.log(`heap of the main thread: ${(heaps.get(0) ?? []).map(megabytes).join(' ')} MB`);

const left = process.getActiveResourcesInfo().filter((what) => !/^(TTY|Pipe)Wrap$/.test(what));
if (left.length > 0) console.error(`FAULT: Handles are left: ${left.join(', ')}`);
const faults = scene.ledger.faults + growing.length + left.length;
console.log(`${scene.kills} threads killed, ${faults} faults`);
process.exitCode = faults === 0 ? 0 : 1;
setTimeout(() => {
  console.error('FAULT: The process does not end');
  process.exit(1);
}, END_MS).unref();

function tellProgress(): void {
  const { sent, arrived } = sum(scene.balances());
  const seconds = Math.round((performance.now() - began) / 1000);
  const used = megabytes(heaps.get(0)?.at(-1) ?? 0);
  console.log(
    `${seconds} s: ${sent} sent, ${arrived} arrived, ${scene.kills} threads killed, ${used} MB, ${scene.ledger.faults} faults`,
  );
}

type Sum = Omit<Balance, 'label'>;

function sum(balances: readonly Balance[]): Sum {
  const total = {
    sent: 0,
    arrived: 0,
    told: 0,
    missing: 0,
    lost: 0,
    handled: 0,
    unread: 0,
    refused: 0,
    mail: 0,
  };
  for (const balance of balances)
    for (const key of Object.keys(total) as (keyof Sum)[]) total[key] += balance[key];
  return total;
}

function tellRow(title: string, all: Sum): void {
  const { sent, arrived, told, missing, lost, handled, unread, refused } = all;
  const figures = [sent, arrived, told, missing, lost, handled, unread, refused];
  console.log(`${title.padEnd(20)}${figures.map((n) => String(n).padStart(11)).join('')}`);
}

function megabytes(bytes: number): string {
  return (bytes / 1e6).toFixed(1);
}

/** The later half against the earlier one, by their medians. */
function grows(sizes: readonly number[]): boolean {
  const warm = sizes.slice(WARM_UP);
  if (warm.length < 4) return false;
  const half = Math.floor(warm.length / 2);
  const [early, late] = [median(warm.slice(0, half)), median(warm.slice(half))];
  return late > early * MOST_GROWTH && late - early > LEAST_GROWTH;
}

function median(values: readonly number[]): number {
  return [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)] as number;
}
