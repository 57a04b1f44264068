/**
 * The pipeline of the cruncher over RabbitMQ (files by a fanout exchange to two crunchers, and what they find to
 * status) beside the same in Kombu, in turns of one and the other:
 *
 *     npm run build && node --import tsx test/bench/pipeline.ts [ROUNDS] [DOCUMENTS]
 *
 * Both run the same expression twice on the same files, with durable queues and persistent messages. Here it is
 * one process that has up to 200 files in hand and waits for the broker's confirmations; Kombu has a process
 * each and a prefetch of 1, with which alone it works, and confirms nothing. It needs RabbitMQ, and Debian's
 * python3-kombu. The bar is 3.5 times as many documents to a second of the CPU of the clients' processes: by the
 * clock both wait for the same broker, and this one for its disk, too.
 */

import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { amqp } from '@beamish/amqp';
import {
  broker,
  type Declarable,
  type Deliveries,
  deleteExchange,
  deleteQueue,
  publishAll,
} from '@beamish/exchange';
import { type Actor, ActorSystem, child, type Self, supervisor } from 'beamish';
import { fastly } from '../../examples/cruncher/src/services/algorithms.ts';
import { inMemory } from '../../examples/cruncher/src/services/book.ts';
import { crunch } from '../../examples/cruncher/src/services/crunching.ts';
import { STATUS, status } from '../../examples/cruncher/src/services/status.ts';
import { topology, type Work } from '../../examples/cruncher/src/services/topology.ts';
import { describeMachine, machineOf } from './machine.ts';
import { summarise } from './statistics.ts';

const URL_OF_BROKER = process.env['BEAMISH_AMQP'] ?? 'amqp://guest:guest@127.0.0.1:5672/';
const PYTHON = process.env['BEAMISH_PYTHON'] ?? '/usr/bin/python3';
const KOMBU = fileURLToPath(new URL('others/kombu_pipeline.py', import.meta.url));
const BAR = 3.5;
const PREFETCH = 200;
const WARM_UP = 3;
const LOOK_AGAIN_MS = 50;

export interface Figures {
  readonly documentsPerSecond: number;
  /** To a second of the CPU of all its processes, but the broker. */
  readonly documentsPerCpu: number;
  /** Different addresses. */
  readonly distinct: number;
}

/** Files as the reference had them: some hundred words, some addresses. */
export function makeDocuments(folder: string, count: number): void {
  for (let i = 0; i < count; i++) {
    const words = `Some words of no interest to anybody, in line ${i}. `.repeat(20);
    const text = `${words}\nWrite to user${i}@example.org, or ann@example.com, not bob@example.net!\n`;
    writeFileSync(join(folder, `${i}.txt`), text);
  }
}

export async function beamish(folder: string, count: number): Promise<Figures> {
  const prefix = `bench.${process.pid}.${Math.random().toString(36).slice(2)}`;
  const names = { prefix, isDurable: true };
  const its = topology(names);
  const system = new ActorSystem({ log: 'off' });
  const crunchers = ['regex', 'second'];
  const body = function* (self: Self<Deliveries<Work>>, name: string): Actor {
    yield* crunch(self, name, fastly(), names, { prefetch: PREFETCH });
  };
  await system.start(
    supervisor({
      strategy: 'rest_for_one',
      children: [
        child(
          'broker',
          broker({
            url: URL_OF_BROKER,
            engines: [amqp],
            topology: [...its.all, ...crunchers.map(its.crunchers)],
          }),
        ),
        child({ id: 'status', name: STATUS }, status, { topology: names, book: inMemory() }),
        ...crunchers.map((name) => child(name, body, name)),
      ],
    }),
  );
  const works = Array.from({ length: count }, (_, i): Work => {
    const path = join(folder, `${i}.txt`);
    return { id: String(i), from: '', path, shown: path };
  });
  const began = performance.now();
  const cpu = process.cpuUsage();
  await publishAll(system, its.files, works, { limit: PREFETCH });
  for (;;) {
    const { totals, distinct } = await system.call(STATUS, { tag: 'look' }).within('infinity');
    if (crunchers.every((each) => totals[each]?.files === count)) {
      const documentsPerSecond = count / ((performance.now() - began) / 1000);
      const { user, system: kernel } = process.cpuUsage(cpu);
      const documentsPerCpu = count / ((user + kernel) / 1e6);
      await system.shutdown();
      await cleared([...its.all, ...crunchers.map(its.crunchers)]);
      return { documentsPerSecond, documentsPerCpu, distinct };
    }
    await new Promise((resolve) => setTimeout(resolve, LOOK_AGAIN_MS));
  }
}

async function cleared(all: readonly Declarable[]): Promise<void> {
  const system = new ActorSystem({ log: 'off' });
  await system.start(broker({ url: URL_OF_BROKER, engines: [amqp] }));
  for (const each of all) {
    if ('exchange' in each) await deleteExchange(system, each);
    else await deleteQueue(system, each, { force: true });
  }
  await system.shutdown();
}

/** Undefined where there is no Kombu. */
export function kombu(folder: string, count: number): Figures | undefined {
  const prefix = `bench.kombu.${process.pid}.${Math.random().toString(36).slice(2)}`;
  const url = URL_OF_BROKER.replace(/\/$/, '//');
  const run = spawnSync(PYTHON, [KOMBU, url, prefix, folder, String(count)], { encoding: 'utf8' });
  const [documentsPerSecond = 0, documentsPerCpu = 0, distinct = 0] = run.stdout
    .trim()
    .split(' ')
    .map(Number);
  if (run.status !== 0 || documentsPerSecond === 0) {
    process.stderr.write(run.stderr);
    return undefined;
  }
  return { documentsPerSecond, documentsPerCpu, distinct };
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const rounds = Number(process.argv[2] ?? 5);
  const count = Number(process.argv[3] ?? 3000);
  const folder = mkdtempSync(join(tmpdir(), 'pipeline-'));
  makeDocuments(folder, count);
  console.log(describeMachine(machineOf({ node: process.execPath, core: undefined }, false)));
  const wall: number[] = [];
  const cpu: number[] = [];
  // For V8 to see the code, which takes it three times.
  for (let round = 0; round < WARM_UP; round++) await beamish(folder, count);
  for (let round = 0; round < rounds; round++) {
    const ours = await beamish(folder, count);
    const theirs = kombu(folder, count);
    if (theirs === undefined) throw new Error(`Cannot compare: ${PYTHON} has no Kombu`);
    wall.push(ours.documentsPerSecond / theirs.documentsPerSecond);
    cpu.push(ours.documentsPerCpu / theirs.documentsPerCpu);
    console.log(`here ${shown(ours)}; Kombu ${shown(theirs)}`);
  }
  rmSync(folder, { recursive: true });
  const onCpu = summarise(cpu);
  console.log(
    `to a second of the CPU ${range(onCpu)} times Kombu, by the clock ${range(summarise(wall))}`,
  );
  console.log(
    `The bar is ${BAR}, of the CPU; and by the clock where the broker and the disk have nothing else to do`,
  );
  process.exitCode = onCpu.median >= BAR ? 0 : 1;
}

function shown({ documentsPerSecond, documentsPerCpu }: Figures): string {
  return `${documentsPerSecond.toFixed(0)} documents a second, ${documentsPerCpu.toFixed(0)} to one of the CPU`;
}

function range({ median, min, max }: { median: number; min: number; max: number }): string {
  return `${median.toFixed(2)} (${min.toFixed(2)} to ${max.toFixed(2)})`;
}
