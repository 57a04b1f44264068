/**
 * Exchanges on RabbitMQ beside amqplib alone and Kombu, in turns of one and the other:
 *
 *     node --conditions=beamish-source --import tsx test/bench/amqp.ts [ROUNDS]
 *
 * On the RabbitMQ at `BEAMISH_AMQP`, or the machine's own. Kombu is Debian's `python3-kombu`; without it, its rows
 * are left out. Everything is durable and persistent. Rates are to a second of the clock on the wall, and share
 * the machine with the broker: trust the ratios, which are within one round.
 */

import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { connect } from 'amqplib';
import { documents, ROLES, type Role, type Run } from './amqp/names.ts';
import { ours, oursAlone } from './amqp/ours.ts';
import { raw, rawAlone } from './amqp/raw.ts';
import { describeMachine, machineOf } from './machine.ts';
import { ratios, summarise } from './statistics.ts';

const URL_OF_BROKER = process.env['BEAMISH_AMQP'] ?? 'amqp://guest:guest@127.0.0.1:5672/';
const PYTHON = '/usr/bin/python3';
const rounds = Number(process.argv[2] ?? 5);
const ALONE = Number(process.env['BENCH_COUNT'] ?? 20_000);
const DOCUMENTS = Number(process.env['BENCH_DOCUMENTS'] ?? 3000);
const hasKombu = spawnSync(PYTHON, ['-c', 'import kombu']).status === 0;
const { folder, remove } = documents(DOCUMENTS);
let runs = 0;

/** With names of its own, which are gone after it. */
async function running<T>(
  count: number,
  prefetch: number,
  does: (run: Run) => Promise<T>,
): Promise<T> {
  const prefix = `bench.${process.pid}.${++runs}`;
  try {
    return await does({ url: URL_OF_BROKER, prefix, folder, count, prefetch });
  } finally {
    const model = await connect(URL_OF_BROKER);
    const channel = await model.createChannel();
    for (const queue of ['addresses', 'words', 'status', 'alone'])
      await channel.deleteQueue(`${prefix}.${queue}`);
    await channel.deleteExchange(`${prefix}.documents`);
    await model.close();
  }
}

/** Documents a second, with all roles in this process. */
function together(make: typeof ours | typeof raw, prefetch: number): Promise<number> {
  return running(DOCUMENTS, prefetch, async (run) => {
    const pipeline = await make(run, ROLES);
    const began = performance.now();
    await pipeline.go();
    const ms = performance.now() - began;
    await pipeline.close();
    return (DOCUMENTS / ms) * 1000;
  });
}

/** The same, with a process for each role. */
function apart(who: 'ours' | 'raw' | 'kombu', prefetch: number): Promise<number> {
  return running(DOCUMENTS, prefetch, async (run) => {
    const programs: Program[] = [];
    try {
      for (const role of ROLES) programs.push(await program(who, role, run));
      const began = performance.now();
      for (const { child } of programs) child.stdin?.write('go\n');
      await Promise.all(
        programs.flatMap(({ role, said }) => (role === 'status' ? [said('done')] : [])),
      );
      return (DOCUMENTS / (performance.now() - began)) * 1000;
    } finally {
      for (const { child } of programs) {
        child.kill('SIGKILL');
        if (child.exitCode === null && child.signalCode === null) await once(child, 'exit');
      }
    }
  });
}

interface Program {
  readonly role: Role;
  readonly child: ChildProcess;
  said(line: string): Promise<void>;
}

async function program(who: string, role: Role, run: Run): Promise<Program> {
  const { url, prefix, count, prefetch } = run;
  const rest = [role, url, prefix, run.folder, String(count), String(prefetch)];
  const script = fileURLToPath(
    new URL(who === 'kombu' ? 'amqp/with_kombu.py' : 'amqp/role.ts', import.meta.url),
  );
  const child =
    who === 'kombu'
      ? spawn(PYTHON, [script, ...rest], { stdio: ['pipe', 'pipe', 'inherit'] })
      : spawn(
          process.execPath,
          ['--conditions=beamish-source', '--import', 'tsx', script, who, ...rest],
          { stdio: ['pipe', 'pipe', 'inherit'] },
        );
  const lines: string[] = [];
  const waiting: (() => void)[] = [];
  createInterface({ input: child.stdout as NodeJS.ReadableStream }).on('line', (line) => {
    lines.push(line);
    for (const look of waiting.splice(0)) look();
  });
  const said = async (line: string): Promise<void> => {
    while (!lines.includes(line)) {
      if (child.exitCode !== null) throw new Error(`${who} ${role} has ended`);
      await new Promise<void>((look) => {
        waiting.push(look);
        child.once('exit', () => look());
      });
    }
  };
  await said('ready');
  return { role, child, said };
}

/** Name, what is run, beside what, and at least which ratio. */
type Row = readonly [name: string, run: () => Promise<number>, beside?: string, bar?: number];

/** Publishing and consuming are measured in one go. */
const pair = (alone: typeof oursAlone): readonly [() => Promise<number>, () => Promise<number>] => {
  let taken = 0;
  return [
    async () => {
      const both = await running(ALONE, 1, alone);
      taken = both[1];
      return both[0];
    },
    async () => taken,
  ];
};
const [publishRaw, consumeRaw] = pair(rawAlone);
const [publishOurs, consumeOurs] = pair(oursAlone);
const KOMBU = 'pipeline, Kombu, 4 processes, prefetch 1';
const RAW_200 = 'pipeline, amqplib, 1 process, prefetch 200';
const RAW_1 = 'pipeline, amqplib, 4 processes, prefetch 1';
const OURS_200 = 'pipeline, 1 process, prefetch 200';
const ROWS: readonly Row[] = [
  ['publish, confirmed, 1,000 under way, amqplib', publishRaw],
  ['consume and acknowledge, prefetch 100, amqplib', consumeRaw],
  [
    'publish, confirmed, 1,000 under way',
    publishOurs,
    'publish, confirmed, 1,000 under way, amqplib',
    0.85,
  ],
  [
    'consume and acknowledge, prefetch 100',
    consumeOurs,
    'consume and acknowledge, prefetch 100, amqplib',
    0.8,
  ],
  [RAW_200, () => together(raw, 200)],
  [OURS_200, () => together(ours, 200), RAW_200, 0.8],
  ...(hasKombu
    ? ([
        [KOMBU, () => apart('kombu', 1)],
        ['the same as above, beside Kombu', async () => last(OURS_200), KOMBU, 3.5],
      ] as const)
    : []),
  [RAW_1, () => apart('raw', 1)],
  ['pipeline, 4 processes, prefetch 1', () => apart('ours', 1), RAW_1, 0.9],
];

console.log(describeMachine(machineOf({ node: process.execPath, core: undefined }, false)));
if (!hasKombu) console.log('There is no Kombu: apt-get install python3-kombu');
const figures = new Map<string, number[]>(ROWS.map(([name]) => [name, []]));
let latest = new Map<string, number>();
for (let round = 0; round <= rounds; round++) {
  latest = new Map();
  for (const [name, run] of ROWS) {
    const rate = await run();
    latest.set(name, rate);
    console.error(`${round === 0 ? 'warming up' : `round ${round}`}: ${name}: ${rate.toFixed(0)}`);
    // The first round warms up.
    if (round > 0) figures.get(name)?.push(rate);
  }
}
remove();
console.log('\n| | to a second | beside | ratio | bar | |\n|---|---|---|---|---|---|');
for (const [name, , beside, bar] of ROWS) {
  const its = figures.get(name) as number[];
  const ratio = beside === undefined ? undefined : ratios(its, figures.get(beside) as number[]);
  const isHeld = bar === undefined || ratio === undefined || summarise(ratio).median >= bar;
  const cells = [name, show(its, 0), beside ?? '', ratio ? show(ratio, 2) : '', bar ?? ''];
  console.log(`| ${cells.join(' | ')} | ${bar === undefined ? '' : isHeld ? '✓' : '✗'} |`);
}

function last(name: string): number {
  return latest.get(name) ?? Number.NaN;
}

function show(values: readonly number[], digits: number): string {
  const { median, min, max } = summarise(values);
  const [middle, low, high] = [median, min, max].map((value) => value.toFixed(digits));
  return `${middle} (${low} to ${high})`;
}
