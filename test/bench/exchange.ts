/**
 * Exchanges in this process beside what actors do without them, in turns of one and the other:
 *
 *     node --expose-gc --conditions=beamish-source --import tsx test/bench/exchange.ts [ROUNDS]
 *
 * Rates are millions to a second of the CPU, so that what else the machine does counts little; bars are ratios
 * to what stands beside them in the same round. What waits for the disk is by the clock on the wall.
 */

import { broker, emit, publish, queue } from '@beamish/exchange';
import { type Actor, ActorSystem, type Self } from 'beamish';
import { heapInUse } from '../support/heap.ts';
import {
  bareJournal,
  confirmed,
  drain,
  durable,
  fanoutAcked,
  fanoutAuto,
  pingPong,
  relay,
  topics,
  workQueue,
} from './exchange/workloads.ts';
import { describeMachine, machineOf } from './machine.ts';
import { ratios, summarise } from './statistics.ts';

const rounds = Number(process.argv[2] ?? 5);
const COUNT = Number(process.env['BENCH_COUNT'] ?? 200_000);

/** Name, what is run, beside what, and at least which ratio. */
const RATES: readonly (readonly [
  name: string,
  run: () => Promise<number>,
  beside: string | undefined,
  bar: number | undefined,
])[] = [
  ['raw: relay, two hops', () => relay(COUNT), undefined, undefined],
  ['raw: ping-pong', () => pingPong(COUNT), undefined, undefined],
  ['fanout to 2, auto', () => fanoutAuto(COUNT), 'raw: relay, two hops', 0.35],
  ['fanout to 2, ack, prefetch 1', () => fanoutAcked(COUNT, 1), 'raw: ping-pong', 0.3],
  [
    'fanout to 2, ack, prefetch 100',
    () => fanoutAcked(COUNT, 100),
    'fanout to 2, ack, prefetch 1',
    1,
  ],
  ['one queue, 3 consumers', () => workQueue(COUNT, 1), 'raw: ping-pong', undefined],
  ['the same, 10 priorities', () => workQueue(COUNT, 10), 'one queue, 3 consumers', 0.8],
  ['publish, confirmed one by one', () => confirmed(COUNT), 'raw: ping-pong', undefined],
  ['topic, 100 bindings', () => topics(COUNT, 100), undefined, undefined],
  ['topic, 100,000 bindings', () => topics(COUNT, 100_000), 'topic, 100 bindings', 0.5],
  ['drain of 10,000', () => drain(10_000), undefined, undefined],
  ['drain of 1,000,000', () => drain(1_000_000), 'drain of 10,000', 0.5],
];

console.log(describeMachine(machineOf({ node: process.execPath, core: undefined }, false)));
const figures = new Map<string, number[]>(RATES.map(([name]) => [name, []]));
for (let round = 0; round <= rounds; round++) {
  for (const [name, run] of RATES) {
    const rate = await run();
    // The first round warms up.
    if (round > 0) figures.get(name)?.push(rate / 1e6);
  }
}
console.log('\n| | M/CPU s | beside | ratio | bar | |\n|---|---|---|---|---|---|');
for (const [name, , beside, bar] of RATES) {
  const its = figures.get(name) as number[];
  const ratio = beside === undefined ? undefined : ratios(its, figures.get(beside) as number[]);
  const held =
    bar === undefined || ratio === undefined ? '' : summarise(ratio).median >= bar ? '✓' : '✗';
  const cells = [
    name,
    show(its),
    beside ?? '',
    ratio === undefined ? '' : show(ratio),
    bar ?? '',
    held,
  ];
  console.log(`| ${cells.join(' | ')} |`);
}
await onDisk();
console.log('\n| bytes | | bar | |\n|---|---|---|---|');
for (const [name, bytes, bar] of [
  ['above a waiting message', await bytesOfMessage(), 200],
  ['of an idle queue with its actor', await bytesOfQueue(), 1500],
] as const)
  console.log(`| ${name} | ${Math.round(bytes)} | ${bar} | ${bytes <= bar ? '✓' : '✗'} |`);

function show(values: readonly number[]): string {
  const { median, min, max } = summarise(values);
  return `${median.toPrecision(3)} (${min.toPrecision(3)}–${max.toPrecision(3)})`;
}

/** The messages are one and the same object. */
async function bytesOfMessage(): Promise<number> {
  const count = 500_000;
  await using system = new ActorSystem({ log: 'off' });
  const q = queue<object>('q');
  await system.start(broker({ topology: [q] }));
  const message = { n: 1 };
  const before = await heapInUse();
  await system.run(function* (self: Self): Actor {
    for (let n = 0; n < count; n++) {
      emit(self, q, message);
      if (n % 200 === 0) yield* self.yield();
    }
    yield* publish(self, q, message);
  });
  return ((await heapInUse()) - before) / count;
}

async function bytesOfQueue(): Promise<number> {
  const count = 10_000;
  await using system = new ActorSystem({ log: 'off' });
  const tokens = Array.from({ length: count }, (_, i) => queue(`q${i}`));
  const before = await heapInUse();
  await system.start(broker({ topology: tokens }));
  return ((await heapInUse()) - before) / count;
}

/** 100 who wait each for their own: through the broker, and with a bare journal. */
async function onDisk(): Promise<void> {
  const ours: number[] = [];
  const bare: number[] = [];
  for (let round = 0; round <= rounds; round++) {
    const [a, b] = [await durable(20_000, 100), await bareJournal(20_000, 100)];
    if (round === 0) continue;
    ours.push(a / 1000);
    bare.push(b / 1000);
  }
  const ratio = ratios(ours, bare);
  const held = summarise(ratio).median >= 0.5 && summarise(ours).median >= 30 ? '✓' : '✗';
  console.log('\n| on disk, 100 publishers | k/s | bare journal, k/s | ratio | bar | |');
  console.log('|---|---|---|---|---|---|');
  console.log(
    `| confirmed | ${show(ours)} | ${show(bare)} | ${show(ratio)} | 0.5, 30 k/s | ${held} |`,
  );
}
