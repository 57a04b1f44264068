/**
 * Programs publish and consume on a RabbitMQ of the soak's own, while they are killed, their connections
 * closed, and the broker stopped and started, at random. Then all of it is counted: what was confirmed has been
 * taken or is there; of what came twice, one at most does not say that it may have been handled; and the heap of
 * the programs that lived through it is flat.
 *
 * `npm run soak:amqp -- --minutes 10 --seed 7`
 */

import { setTimeout } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { connect } from 'amqplib';
import { type Program, run } from '../../support/program.ts';
import { isInstalled, startNode } from '../../support/rabbitmq-node.ts';

const { values } = parseArgs({
  // pnpm hands on the two dashes that npm needs.
  args: process.argv.slice(2).filter((arg) => arg !== '--'),
  options: {
    minutes: { type: 'string', default: '10' },
    seed: { type: 'string', default: String(Date.now() % 100_000) },
  },
});
const WORKER = new URL('worker.ts', import.meta.url);
const QUEUE = 'soak';
const PUBLISHERS = 2;
const CONSUMERS = 2;
/** The heap at the end may be so much above that of the beginning. */
const MOST_GROWTH = 8 * 2 ** 20;
/** How long the last consumers may take for what is left. */
const LONGEST_DRAIN_MS = 120_000;

/** What has been said by whoever was alive. */
class Ledger {
  readonly confirmed = new Set<string>();
  readonly taken = new Map<string, { times: number; unmarked: number }>();
  failed = 0;

  read(line: string): void {
    const [what, id = '', how] = line.split(' ');
    if (what === 'confirmed') this.confirmed.add(id);
    else if (what === 'failed') this.failed++;
    else if (what === 'took') {
      const its = this.taken.get(id) ?? { times: 0, unmarked: 0 };
      its.times++;
      if (how === 'first') its.unmarked++;
      this.taken.set(id, its);
    }
  }

  /** Confirmed, and never taken. */
  missing(): readonly string[] {
    return [...this.confirmed].filter((id) => !this.taken.has(id));
  }
}

if (!isInstalled) throw new Error('There is no rabbitmq-server here');
const random = randomFrom(Number(values.seed));
const ledger = new Ledger();
const heaps = new Map<Program, number[]>();
let started = 0;

function start(does: 'publish' | 'consume'): Program {
  const program = run(WORKER, [does, node.url, QUEUE, `${does[0]}${started++}`], (line) => {
    if (line.startsWith('heap ')) heaps.get(program)?.push(Number(line.slice(5)));
    else ledger.read(line);
  });
  return program;
}

const node = await startNode();
const counts = { kills: 0, restarts: 0, closed: 0 };
console.log(`soak: seed ${values.seed}, ${values.minutes} minutes`);
const began = performance.now();
const until = began + Number(values.minutes) * 60_000;
const survivors = [start('publish'), start('consume')];
for (const survivor of survivors) heaps.set(survivor, []);
const publishers = Array.from({ length: PUBLISHERS }, () => start('publish'));
const consumers = Array.from({ length: CONSUMERS }, () => start('consume'));

while (performance.now() < until) {
  await setTimeout(500 + random() * 4000);
  const dice = random();
  if (dice < 0.4) {
    const [does, all] =
      random() < 0.5 ? (['publish', publishers] as const) : (['consume', consumers] as const);
    const i = Math.floor(random() * all.length);
    await all[i]?.kill();
    all[i] = start(does);
    counts.kills++;
  } else if (dice < 0.8) {
    counts.closed += await node.closeConnections(random() < 0.5 ? /publisher$/ : /consumers$/);
  } else {
    await node.stopApp();
    await setTimeout(random() * 2000);
    await node.startApp();
    counts.restarts++;
  }
  if (random() < 0.1) console.log(line());
}

for (const program of [survivors[0], ...publishers]) await program?.kill();
const over = performance.now() + LONGEST_DRAIN_MS;
const ready = async (): Promise<number> => {
  const model = await connect(node.url);
  const channel = await model.createChannel();
  const { messageCount } = await channel.checkQueue(QUEUE);
  await model.close();
  return messageCount;
};
while ((ledger.missing().length > 0 || (await ready()) > 0) && performance.now() < over)
  await setTimeout(500);
const left = await ready();
for (const program of [survivors[1], ...consumers]) await program?.kill();

console.log(line());
const problems: string[] = [];
const missing = ledger.missing();
if (missing.length > left)
  problems.push(`${missing.length} confirmed are neither taken nor there, such as ${missing[0]}`);
const twice = [...ledger.taken].filter(([, { unmarked }]) => unmarked > 1);
if (twice.length > 0)
  problems.push(`${twice.length} came twice and did not say so, such as ${twice[0]?.[0]}`);
for (const heap of heaps.values()) {
  const third = Math.floor(heap.length / 3);
  // Caches and compiled code find their size first.
  if (third < 3) continue;
  const [first, last] = [heap.slice(third, 2 * third), heap.slice(-third)].map(median);
  const mb = (bytes = 0): string => (bytes / 2 ** 20).toFixed(1);
  console.log(
    `heap of one that lived through it: ${mb(first)} MB in the middle, ${mb(last)} MB at the end`,
  );
  if ((last ?? 0) - (first ?? 0) > MOST_GROWTH) problems.push('the heap has grown');
}
await node.stop();
for (const problem of problems) console.error(`soak: ${problem}`);
console.log(problems.length === 0 ? 'soak: all is well' : 'soak: failed');
process.exitCode = problems.length === 0 ? 0 : 1;

function line(): string {
  const { confirmed, taken, failed } = ledger;
  const again = [...taken.values()].filter(({ times }) => times > 1).length;
  const { kills, restarts, closed } = counts;
  return (
    `soak: ${Math.round((performance.now() - began) / 1000)} s, ${confirmed.size} confirmed, ${failed} of unknown fate, ` +
    `${taken.size} taken, ${again} more than once, ${ledger.missing().length} missing; ` +
    `${kills} kills, ${closed} connections closed, ${restarts} restarts of the broker`
  );
}

function median(values: readonly number[]): number {
  return [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)] ?? 0;
}

/** Mulberry32. */
function randomFrom(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
}
