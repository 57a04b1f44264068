/**
 * Exchanges on RabbitMQ beside amqplib alone and Kombu, in turns of one and the other:
 *
 *     npm run build && node --import tsx test/bench/amqp.ts [ROUNDS] [WORDS]
 *
 * On the RabbitMQ at `BEAMISH_AMQP`, or the machine's own. Kombu is Debian's `python3-kombu`; without it, its rows
 * are left out. Everything is durable and persistent. The packages are those that are built: compiled on the fly
 * they keep the name of each function, which takes a fifth of the time. Rates are to a second of the clock on the
 * wall, and share the machine with the broker. The bars are of these rates, so a row is judged by the clock; beside
 * it stands what the process itself takes of the processor, where it is one, since the broker hides most of that.
 * Trust the ratios alone, which are within one round. With words, separated by commas, only the rows are run whose
 * names have one of them.
 */

import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { connect } from 'amqplib';
import { documents, type Rate, ROLES, type Role, type Run, stopwatch } from './amqp/names.ts';
import { ours, oursAlone } from './amqp/ours.ts';
import { raw, rawAlone } from './amqp/raw.ts';
import { describeMachine, machineOf } from './machine.ts';
import { ratios, summarise } from './statistics.ts';

const URL_OF_BROKER = process.env['BEAMISH_AMQP'] ?? 'amqp://guest:guest@127.0.0.1:5672/';
const PYTHON = '/usr/bin/python3';
const rounds = Number(process.argv[2] ?? 5);
const WORDS = (process.argv[3] ?? '').split(',');
const ALONE = Number(process.env['BENCH_COUNT'] ?? 20_000);
const DOCUMENTS = Number(process.env['BENCH_DOCUMENTS'] ?? 3000);
const hasKombu = spawnSync(PYTHON, ['-c', 'import kombu']).status === 0;
const { folder, remove } = documents(DOCUMENTS);
/** V8 takes thousands of messages to compile all of it. */
const WARM_UP = 3;
let runs = 0;

/** With names of its own. */
function named(count: number, prefetch: number): Run {
  const prefix = `bench.${process.pid}.${++runs}`;
  return { url: URL_OF_BROKER, prefix, folder, count, prefetch };
}

async function forget({ prefix }: Run): Promise<void> {
  const model = await connect(URL_OF_BROKER);
  const channel = await model.createChannel();
  for (const queue of ['addresses', 'words', 'status', 'alone'])
    await channel.deleteQueue(`${prefix}.${queue}`);
  await channel.deleteExchange(`${prefix}.documents`);
  await model.close();
}

async function running<T>(run: Run, does: (run: Run) => Promise<T>): Promise<T> {
  try {
    return await does(run);
  } finally {
    await forget(run);
  }
}

/** Documents, with all roles in this process. */
function together(make: typeof ours | typeof raw, prefetch: number): Promise<Rate> {
  return running(named(DOCUMENTS, prefetch), async (run) => {
    const pipeline = await make(run, ROLES);
    const took = stopwatch();
    await pipeline.go();
    const rate = took(DOCUMENTS);
    await pipeline.close();
    return rate;
  });
}

/**
 * The same, with a process for each role. They stay for all rounds, as services do: a process that is new spends
 * a quarter of its time on compiling.
 */
async function apart(who: Who, prefetch: number): Promise<Rate> {
  const { programs } = standing.get(who) ?? (await stand(who, prefetch));
  const done = programs.filter(({ role }) => role === 'status').map(({ says }) => says('done'));
  const began = performance.now();
  for (const { child } of programs) child.stdin?.write('go\n');
  await Promise.all(done);
  return { wall: (DOCUMENTS / (performance.now() - began)) * 1000 };
}

type Who = 'ours' | 'raw' | 'kombu';

interface Standing {
  readonly run: Run;
  readonly programs: readonly Program[];
}

const standing = new Map<Who, Standing>();

async function stand(who: Who, prefetch: number): Promise<Standing> {
  const run = named(DOCUMENTS, prefetch);
  const programs: Program[] = [];
  const all: Standing = { run, programs };
  standing.set(who, all);
  for (const role of ROLES) programs.push(await program(who, role, run));
  return all;
}

async function end({ run, programs }: Standing): Promise<void> {
  for (const { child } of programs) {
    child.kill('SIGKILL');
    if (child.exitCode === null && child.signalCode === null) await once(child, 'exit');
  }
  await forget(run);
}

interface Program {
  readonly role: Role;
  readonly child: ChildProcess;
  /** When it says so again. */
  says(line: string): Promise<void>;
}

async function program(who: Who, role: Role, run: Run): Promise<Program> {
  const { url, prefix, count, prefetch } = run;
  const rest = [role, url, prefix, run.folder, String(count), String(prefetch)];
  const script = fileURLToPath(
    new URL(who === 'kombu' ? 'amqp/with_kombu.py' : 'amqp/role.ts', import.meta.url),
  );
  const child =
    who === 'kombu'
      ? spawn(PYTHON, [script, ...rest], { stdio: ['pipe', 'pipe', 'inherit'] })
      : spawn(process.execPath, ['--import', 'tsx', script, who, ...rest], {
          stdio: ['pipe', 'pipe', 'inherit'],
        });
  const lines = createInterface({ input: child.stdout as NodeJS.ReadableStream });
  const gone = once(child, 'exit').then(() => {
    throw new Error(`${who} ${role} has ended`);
  });
  gone.catch(() => {});
  const says = async (wanted: string): Promise<void> => {
    const heard = new Promise<void>((is) => {
      lines.on('line', function listen(line) {
        if (line !== wanted) return;
        lines.off('line', listen);
        is();
      });
    });
    await Promise.race([heard, gone]);
  };
  await says('ready');
  return { role, child, says };
}

/** Name, what is run, beside what, and at least which ratio and rate. */
type Row = readonly [
  name: string,
  run: () => Promise<Rate>,
  beside?: string,
  bar?: number,
  least?: number,
];

/** Publishing and consuming are measured in one go. */
const pair = (alone: typeof oursAlone): readonly [() => Promise<Rate>, () => Promise<Rate>] => {
  let taken: Rate = { wall: 0 };
  return [
    async () => {
      const both = await running(named(ALONE, 1), alone);
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
const ALL: readonly Row[] = [
  ['publish, confirmed, 1,000 under way, amqplib', publishRaw],
  ['consume and acknowledge, prefetch 100, amqplib', consumeRaw],
  [
    'publish, confirmed, 1,000 under way',
    publishOurs,
    'publish, confirmed, 1,000 under way, amqplib',
    0.85,
    10_000,
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
        // A second of four processes, and of one beside them, is one of the clock.
        [
          'the same as above, beside Kombu',
          async () => ({ wall: last(OURS_200).wall }),
          KOMBU,
          3.5,
        ],
      ] as const)
    : []),
  [RAW_1, () => apart('raw', 1)],
  ['pipeline, 4 processes, prefetch 1', () => apart('ours', 1), RAW_1, 0.9],
];

const ROWS = ALL.filter(([name]) => WORDS.some((words) => name.includes(words)));

console.log(describeMachine(machineOf({ node: process.execPath, core: undefined }, false)));
if (!hasKombu) console.log('There is no Kombu: apt-get install python3-kombu');
const figures = new Map<string, Rate[]>(ROWS.map(([name]) => [name, []]));
let latest = new Map<string, Rate>();
for (let round = -WARM_UP; round < rounds; round++) {
  latest = new Map();
  for (const [name, run] of ROWS) {
    const rate = await run();
    latest.set(name, rate);
    const when = round < 0 ? 'warming up' : `round ${round + 1}`;
    console.error(`${when}: ${name}: ${rate.wall.toFixed(0)}`);
    if (round >= 0) figures.get(name)?.push(rate);
  }
}
for (const all of standing.values()) await end(all);
remove();
console.log('\n| | to a second | beside | ratio | by the processor | bar | |');
console.log('|---|---|---|---|---|---|---|');
for (const [name, , beside, bar, least = 0] of ROWS) {
  const its = figures.get(name) as Rate[];
  const theirs = figures.get(beside ?? '') ?? [];
  const [byClock, byCpu] = [besides(its, theirs, 'wall'), besides(its, theirs, 'cpu')];
  const rates = its.map(({ wall }) => wall);
  const isHeld =
    bar === undefined ||
    byClock === undefined ||
    (summarise(byClock).median >= bar && summarise(rates).median >= least);
  const shown = [byClock, byCpu].map((each) => (each === undefined ? '' : show(each, 2)));
  const bars = least === 0 ? bar : `${bar}, ${least} to a second`;
  const cells = [name, show(rates, 0), beside ?? '', ...shown, bars ?? ''];
  console.log(`| ${cells.join(' | ')} | ${bar === undefined ? '' : isHeld ? '✓' : '✗'} |`);
}

/** Round by round, if both have it. */
function besides(
  its: readonly Rate[],
  theirs: readonly Rate[],
  what: keyof Rate,
): readonly number[] | undefined {
  const [a, b] = [its, theirs].map((all) => all.flatMap((each) => each[what] ?? []));
  return a?.length === its.length && b?.length === its.length ? ratios(a, b) : undefined;
}

function last(name: string): Rate {
  return latest.get(name) ?? { wall: Number.NaN };
}

function show(values: readonly number[], digits: number): string {
  const { median, min, max } = summarise(values);
  const [middle, low, high] = [median, min, max].map((value) => value.toFixed(digits));
  return `${middle} (${low} to ${high})`;
}
