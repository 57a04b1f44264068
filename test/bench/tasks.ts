/**
 * Tasks beside BullMQ on Redis, graphile-worker on PostgreSQL and Celery on RabbitMQ, in turns, each in a process of
 * its own:
 *
 *     node --conditions=beamish-source --import tsx test/bench/tasks.ts [ROUNDS] [--check] [--million]
 *
 * What they are compared with has to be there: a Redis on 127.0.0.1:6379 (`REDIS_PORT`), a PostgreSQL as its own
 * clients find one, RabbitMQ (`BEAMISH_AMQP`) with Debian's python3-celery, and, once,
 * `npm install --no-package-lock --prefix test/bench/others`. What is missing is left out, and said so. Ratios are of
 * the clock on the wall; with `--cpu`, of processor time, that of the others' servers left out: on a machine that does
 * other things, too, that says more. With `--check`, a target that is missed is an error; `--million` measures the
 * workloads of a million tasks, too.
 */

import { execFile } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { build } from 'esbuild';
import { REDIS as CELERY_RESULTS, MISSING, RABBITMQ } from '../celery/support/live.ts';
import { hasPostgres, POSTGRES } from '../support/postgres.ts';
import { describeMachine, machineOf } from './machine.ts';
import { ratios, summarise } from './statistics.ts';

const args = process.argv.slice(2);
const ROUNDS = Number(args.find((arg) => /^\d+$/.test(arg)) ?? 5);
const MUST_REACH = args.includes('--check');
const HAS_MILLION = args.includes('--million');
const IS_OF_CPU = args.includes('--cpu');
const [RATE, MS] = IS_OF_CPU ? (['cpuRate', 'cpuMs'] as const) : (['rate', 'ms'] as const);
const REDIS = { host: '127.0.0.1', port: Number(process.env['REDIS_PORT'] ?? 6379) };
const OTHERS = new URL('./others/', import.meta.url);

/** What is measured in each round, and how much of it. */
const MEASURED: readonly (readonly [name: string, count: number])[] = [
  ['run:memory', 40_000],
  ['bullmq', 10_000],
  ['run:os', 40_000],
  ['run:disk', 20_000],
  ['graphile', 4000],
  ['celery', 2000],
  ['submit:disk', 40_000],
  ['bulk:disk', 40_000],
  ['bullmq:submit', 20_000],
  ['rich:memory', 40_000],
  ['chord:memory', 10_000],
  ['chord:disk', 10_000],
  ['celery:chord', 1000],
  ['call:memory', 5000],
  ['call:disk', 1000],
];

/** Measured once, as they take long. */
const MILLION: readonly (readonly [name: string, count: number])[] = [
  ['queued:memory', 1_000_000],
  ['queued:os', 1_000_000],
  ['due:memory', 1_000_000],
  ['open:os', 1_000_000],
];

type Figures = Readonly<Record<string, number>>;

const folder = mkdtempSync(join(tmpdir(), 'beamish-bench-'));
const program = join(folder, 'program.mjs');
await build({
  entryPoints: [fileURLToPath(new URL('./tasks/program.ts', import.meta.url))],
  bundle: true,
  platform: 'node',
  format: 'esm',
  target: 'node20',
  conditions: ['beamish-source'],
  external: ['@beamish/threads'],
  outfile: program,
  logLevel: 'error',
});

const missing = new Set<string>();
if (!existsSync(new URL('node_modules/bullmq', OTHERS)) || !(await answers(REDIS.port)))
  missing.add('bullmq').add('bullmq:submit');
if (MISSING !== undefined) missing.add('celery').add('celery:chord');
if (!existsSync(new URL('node_modules/graphile-worker', OTHERS)) || !(await hasPostgres()))
  missing.add('graphile');

console.log(describeMachine(machineOf({ node: process.execPath, core: undefined }, false)));
for (const each of missing) console.log(`${each}: left out, as it is not there`);

const all = new Map<string, Figures[]>();
try {
  for (let round = 1; round <= ROUNDS; round++)
    for (const [name, count] of MEASURED) {
      if (missing.has(name)) continue;
      const figures = await measure(name, count);
      all.set(name, [...(all.get(name) ?? []), figures]);
      console.error(`round ${round} ${name}: ${JSON.stringify(figures)}`);
    }
  if (HAS_MILLION) for (const [name, count] of MILLION) all.set(name, [await measure(name, count)]);
} finally {
  rmSync(folder, { recursive: true, force: true });
}

let missed = 0;
const values = (name: string, figure: string): number[] =>
  (all.get(name) ?? []).map((figures) => figures[figure] as number);
for (const name of all.keys())
  for (const figure of Object.keys(all.get(name)?.[0] ?? {})) {
    const { median, min, max } = summarise(values(name, figure));
    console.log(`${name} ${figure}: ${show(median)} (${show(min)} to ${show(max)})`);
  }

/** Whether a figure reaches, or stays below, its target. */
function target(what: string, of: readonly number[], bar: number, isMost: boolean): void {
  if (of.length === 0) return console.log(`- ${what}: not measured`);
  const { median } = summarise(of);
  const isMet = isMost ? median <= bar : median >= bar;
  if (!isMet) missed++;
  console.log(
    `${isMet ? '✓' : '✗'} ${what}: ${show(median)}, at ${isMost ? 'most' : 'least'} ${show(bar)}`,
  );
}
function times(what: string, of: readonly number[], to: readonly number[], bar: number): void {
  target(what, to.length === 0 ? [] : ratios(of, to), bar, false);
}

const bullmq = values('bullmq', RATE);
times('memory, times BullMQ', values('run:memory', RATE), bullmq, 15);
target('memory, a second', values('run:memory', RATE), 100_000, false);
times('file with the system, times BullMQ', values('run:os', RATE), bullmq, 8);
times('file on disk, times BullMQ', values('run:disk', RATE), bullmq, 2);
times(
  'file on disk, times graphile-worker',
  values('run:disk', RATE),
  values('graphile', RATE),
  10,
);
times('file on disk, times Celery', values('run:disk', RATE), values('celery', RATE), 2);
const addBulk = values('bullmq:submit', RATE);
times('a thousand at a time to disk, times addBulk', values('bulk:disk', RATE), addBulk, 4);
times('one by one to disk, times addBulk', values('submit:disk', RATE), addBulk, 1);
times(
  'with limits, policy and listeners, times without',
  values('rich:memory', 'cpuRate'),
  values('run:memory', 'cpuRate'),
  0.6,
);
target('a group of 10,000 and its step in memory, ms', values('chord:memory', MS), 300, true);
target('the same on disk, ms', values('chord:disk', MS), 1000, true);
const ofAll = values('chord:disk', MS).map((ms) => 10_000 / ms);
const ofTheirs = values('celery:chord', MS).map((ms) => 1000 / ms);
times('a member of the same on disk, times Celery with Redis', ofAll, ofTheirs, 20);
target('one call at a time in memory, p50 ms', values('call:memory', 'p50'), 0.1, true);
if (HAS_MILLION) {
  target('a million queued in memory, bytes each', values('queued:memory', 'bytes'), 700, true);
  target('a million queued with file, bytes each', values('queued:os', 'bytes'), 300, true);
  target('a million due within a second, ms', values('due:memory', MS), 3000, true);
  target('longest turn of the loop meanwhile, ms', values('due:memory', 'longestTurnMs'), 50, true);
  target('opening a folder of a million, ms', values('open:os', 'ms'), 10_000, true);
}
if (MUST_REACH && missed > 0) process.exitCode = 1;

async function measure(name: string, count: number): Promise<Figures> {
  const unique = `beamish_bench_${process.pid}_${Date.now().toString(36)}`;
  if (name === 'bullmq' || name === 'bullmq:submit') {
    const { run, submits } = await import(new URL('bullmq.js', OTHERS).href);
    if (name === 'bullmq') return await run(REDIS.host, REDIS.port, unique, count);
    return await submits(REDIS.host, REDIS.port, unique, count);
  }
  if (name === 'graphile') {
    const { run } = await import(new URL('graphile.js', OTHERS).href);
    return await run(POSTGRES, unique, count);
  }
  if (name.startsWith('celery')) {
    const RESULTS = name === 'celery:chord' ? CELERY_RESULTS : '';
    const env = { ...process.env, COUNT: String(count), BROKER: RABBITMQ, RESULTS, QUEUE: unique };
    const { stdout } = await promisify(execFile)('/usr/bin/python3', ['celery_noop.py'], {
      ...{ cwd: OTHERS, env, timeout: 600_000 },
    });
    return JSON.parse(stdout) as Figures;
  }
  const { stdout } = await promisify(execFile)(
    process.execPath,
    ['--max-old-space-size=4096', program, name, String(count)],
    { timeout: 600_000 },
  );
  return JSON.parse(stdout) as Figures;
}

/** Whether somebody listens there. */
async function answers(port: number): Promise<boolean> {
  return await new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1');
    const end = (isThere: boolean): void => {
      socket.destroy();
      resolve(isThere);
    };
    socket.on('connect', () => end(true));
    socket.on('error', () => end(false));
  });
}

function show(value: number): string {
  return value >= 100
    ? Math.round(value).toLocaleString('en')
    : value.toPrecision(value < 1 ? 2 : 3);
}
