/**
 * What an observer costs: one process for each way to be observed, taking short turns on one core, so that whatever slows
 * the machine slows them all; of the packages as they are published, but for the look, which they do not export.
 *
 *     npm run build && node --import tsx test/bench/observer.ts [ROUNDS] [--check]
 *
 * With `--check`, it fails if a budget does not hold.
 */

import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { observe } from '@beamish/observer';
import { type Actor, ActorSystem, type Message, type Pid, type Self } from 'beamish';
import { figuresOf } from 'beamish/observation';
import { Station } from '../../packages/observer/src/station/station.ts';
import { lastCore } from './processes.ts';
import { summarise } from './statistics.ts';

const MODES = [
  'never',
  'observed, nobody looks',
  'looked at',
  'recorded in bursts',
  'recorded whole',
  'recorded whole, one with exact times',
  'recorded once',
] as const;
type Mode = (typeof MODES)[number];
/** The most that each may fall behind, as a share, or by so many nanoseconds a message. */
const BUDGETS: { readonly [mode in Mode]?: { readonly share: number } | { readonly ns: number } } =
  {
    'observed, nobody looks': { share: 0.01 },
    'looked at': { share: 0.02 },
    'recorded in bursts': { share: 0.12 },
    'recorded whole': { ns: 45 },
    'recorded whole, one with exact times': { ns: 100 },
    'recorded once': { share: 0.04 },
  };
const MESSAGES = 400_000;
/** In each process. */
const TURNS = 9;
/** A look at so many actors, none of which has done anything, may take so long. */
const LOOKED_AT = 100_000;
const LOOK_MS = 15;
const LOOKS = 25;

if (process.send === undefined) await parent(Number(process.argv[2] ?? 3));
else if (process.argv[2] === 'look') await look();
else await child(process.argv[2] as Mode);

async function parent(rounds: number): Promise<void> {
  const spawned = spawner();
  const ratios = new Map<Mode, number[]>(MODES.map((mode) => [mode, []]));
  const costs = new Map<Mode, number[]>(MODES.map((mode) => [mode, []]));
  const more = new Map<Mode, number[]>(MODES.map((mode) => [mode, []]));
  for (let round = 0; round < rounds; round++) {
    const children = MODES.map(spawned);
    for (const each of children) await once(each, 'message');
    const figures = MODES.map((): number[] => []);
    for (let turn = 0; turn < TURNS; turn++)
      for (let i = 0; i < MODES.length; i++) {
        const at = (i + turn) % MODES.length;
        children[at]?.send('go');
        figures[at]?.push(((await once(children[at] as ChildProcess, 'message')) as [number])[0]);
      }
    for (const each of children) each.kill();
    const never = figures[0] as number[];
    MODES.forEach((mode, i) => {
      const its = figures[i] as number[];
      ratios.get(mode)?.push(median(its.map((ns, k) => ns / (never[k] as number))));
      more.get(mode)?.push(median(its.map((ns, k) => ns - (never[k] as number))));
      costs.get(mode)?.push(median(its));
    });
  }
  let isOver = false;
  console.log(
    '| ping-pong | ns of processor a message | more than never observed | to that | budget |\n| --- | --- | --- | --- | --- |',
  );
  for (const mode of MODES) {
    const [its, ns, ratio] = [costs, more, ratios].map((all) => all.get(mode) as number[]);
    const { words, holds } = verdictOf(mode, median(ratio as number[]), median(ns as number[]));
    console.log(
      `| ${mode} | ${shown(its as number[], 0)} | ${shown(ns as number[], 0)} | ${shown(ratio as number[], 3)} | ${words} |`,
    );
    isOver ||= !holds;
  }
  const looking = spawned('look');
  const [ms] = (await once(looking, 'message')) as [number[]];
  looking.kill();
  console.log(
    `\nA look at ${LOOKED_AT.toLocaleString('en')} idle actors: ${shown(ms, 1)} ms of processor, budget ${LOOK_MS} ms`,
  );
  isOver ||= median(ms) > LOOK_MS;
  if (isOver && process.argv.includes('--check')) process.exitCode = 1;
}

/** How a process is begun, on one core where that can be had. */
function spawner(): (what: string) => ChildProcess {
  const core = lastCore();
  return (what) => {
    // What looks is no part of what the package exports.
    const flags = [
      ...process.execArgv,
      ...(what === 'look' ? ['--conditions=beamish-source'] : []),
    ];
    const node = { execPath: process.execPath, execArgv: flags };
    const bound = { execPath: 'taskset', execArgv: ['-c', String(core), node.execPath, ...flags] };
    return fork(fileURLToPath(import.meta.url), [what], {
      stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
      ...(core === undefined ? node : bound),
    });
  };
}

function verdictOf(
  mode: Mode,
  ratio: number,
  moreNs: number,
): { readonly words: string; readonly holds: boolean } {
  const budget = BUDGETS[mode];
  if (budget === undefined) return { words: '', holds: true };
  const [words, holds] =
    'ns' in budget
      ? [`${budget.ns} ns`, moreNs <= budget.ns]
      : [`${budget.share * 100} %`, ratio <= 1 + budget.share];
  return { words: `${words} ${holds ? '✓' : '✗'}`, holds };
}

function* ponging(self: Self<Ping>): Actor {
  for (;;) {
    const { from } = yield* self.receive('ping');
    self.send(from, { tag: 'pong' });
  }
}

interface Ping extends Message {
  readonly tag: 'ping';
  readonly from: Pid<Pong>;
}
interface Pong extends Message {
  readonly tag: 'pong';
}

async function child(mode: Mode): Promise<void> {
  const system = new ActorSystem({ log: 'off' });
  const other = system.spawn(ponging);
  const round = async (n: number) => {
    const { user, system: kernel } = process.cpuUsage();
    await system.run(function* pinging(self: Self<Pong>): Actor {
      const ping = { tag: 'ping', from: self.pid } as const;
      for (let i = 0; i < n; i++) {
        self.send(other, ping);
        yield* self.receive('pong');
      }
    });
    const after = process.cpuUsage();
    return ((after.user + after.system - user - kernel) * 1000) / (2 * n);
  };
  let prepare = async (): Promise<void> => {};
  await round(MESSAGES);
  if (mode === 'recorded once') {
    const before = observe(system, { messages: 'always', budget: 1 });
    await round(MESSAGES / 4);
    await before.close();
    await round(MESSAGES);
  } else if (mode !== 'never') {
    const whole = mode.startsWith('recorded whole');
    const isRecorded = whole || mode === 'recorded in bursts';
    const observer = observe(system, {
      messages: isRecorded ? 'always' : 'watched',
      budget: whole ? 1 : 0.05,
    });
    // Its times are exact for a while.
    if (mode.endsWith('exact times')) prepare = async () => void (await observer.actor(other));
    if (mode === 'looked at') {
      for (let i = 0; i < 10_000; i++)
        system.spawn(function* idle(self: Self<Pong>): Actor {
          yield* self.receive('pong');
        });
      const watching = setInterval(() => void observer.snapshot(), 1000);
      watching.unref();
      void (async () => {
        for await (const _ of observer.events({ kinds: ['finding'] }));
      })();
    }
  }
  const measured = async (): Promise<number> => {
    await prepare();
    return await round(MESSAGES);
  };
  await measured();
  process.send?.('ready');
  process.on('message', async () => process.send?.(await measured()));
}

async function look(): Promise<void> {
  const system = new ActorSystem({ log: 'off' });
  for (let i = 0; i < LOOKED_AT; i++)
    system.spawn(function* idle(self: Self<Pong>): Actor {
      yield* self.receive('pong');
    });
  while (figuresOf(system).runnable > 0) await new Promise((resolve) => setImmediate(resolve));
  const settings = { keepMessages: 1024, budget: 1, payloads: undefined, control: false };
  const station = new Station(system, settings, () => {}, { failed: () => {} });
  const all: number[] = [];
  // The first ones tell of everybody, and are done cold.
  for (let i = -5; i < LOOKS; i++) {
    const before = process.cpuUsage();
    station.look(false);
    const { user, system: kernel } = process.cpuUsage(before);
    if (i >= 0) all.push((user + kernel) / 1000);
  }
  process.send?.(all);
}

function median(all: readonly number[]): number {
  return summarise(all).median;
}

function shown(all: readonly number[], digits: number): string {
  const { median: middle, min, max } = summarise(all);
  return `${middle.toFixed(digits)} (${min.toFixed(digits)} to ${max.toFixed(digits)})`;
}
