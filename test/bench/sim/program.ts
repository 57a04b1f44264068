/**
 * The rows of `../sim.ts`, in this process: runs and steps in a second of its time, each beside the bare runtime's round
 * trips in turns of one and the other, since a machine that is busy slows both.
 */

import { type ExploreOptions, explore, type Scenario } from '@beamish/sim';
import { type Actor, ActorSystem, type Message, type Pid, type Self } from 'beamish';
import { type Any, bank, deposit, philosophers } from '../../sim/support/scenes.ts';
import { describeMachine, machineOf } from '../machine.ts';
import { ratios, type Summary, summarise } from '../statistics.ts';

const args = process.argv.slice(2);
const ROUNDS = Number(args.find((arg) => /^\d+$/.test(arg)) ?? 5);
const MUST_REACH = args.includes('--check');
const words = args.filter((arg) => !/^\d+$|^--/.test(arg)).join(' ');

const ALL: ExploreOptions = { failures: 'all', shrinkRuns: 0, compareEvery: 0 };
const BARE_ROUND_TRIPS = 200_000;

interface Row {
  readonly row: string;
  readonly what: string;
  readonly unit: 'runs' | 'steps';
  /** In a second. */
  readonly target: number;
  readonly scenario: Scenario<Any>;
  readonly options: ExploreOptions;
  /** How often it is explored for one figure; once, if nothing is said. */
  readonly times?: number;
}

function lostUpdate(clients: number): Scenario<Any> {
  return function* scenario(self) {
    const account = self.spawn(bank);
    for (let i = 0; i < clients; i++) self.spawn(deposit, account);
  };
}

function* yielding(self: Self<Any>, times: number): Actor {
  for (let i = 0; i < times; i++) yield* self.yield();
}

function* taking(self: Self<Any>): Actor {
  for (;;) yield* self.receive('a');
}

async function takingThree(self: Self<Any>): Promise<void> {
  for (let i = 0; i < 3; i++) await self.receive('a');
}

const claimed: Scenario<Any> = function* claimed(self, sim) {
  let steps = 0;
  sim.always('steps are counted', () => ++steps > 0);
  yield* philosophers(3)(self, sim) as Actor;
};

const long: Scenario<Any> = function* long(self) {
  for (let i = 0; i < 2; i++) self.spawn(yielding, 2000);
};

const asynchronous: Scenario<Any> = async (self) => {
  const to = self.spawn(takingThree) as Pid<Any>;
  for (let i = 0; i < 3; i++) {
    self.send(to, { tag: 'a' });
    await self.yield();
  }
};

const between: Scenario<Any> = function* between(self, { systems }) {
  const to = systems['far']?.spawn(taking) as Pid<Any>;
  for (let i = 0; i < 3; i++) {
    self.send(to, { tag: 'a' });
    yield* self.yield();
  }
};

const empty: Scenario<Any> = function* empty() {};

const NAIVE = { every: 'interleaving' } as const;
const ROWS: readonly Row[] = [
  {
    row: 'SIM-110',
    what: 'short runs: philosophers, by chance, with a claim',
    unit: 'runs',
    target: 20_000,
    scenario: claimed,
    options: { strategy: 'random', budget: { runs: 5000 } },
  },
  {
    row: 'SIM-111',
    what: 'long runs',
    unit: 'steps',
    target: 1_000_000,
    scenario: long,
    options: { strategy: 'random', budget: { runs: 25 } },
  },
  {
    row: 'SIM-112',
    what: 'every: lost updates of 3 clients',
    unit: 'runs',
    target: 20_000,
    scenario: lostUpdate(3),
    options: { strategy: 'every' },
    times: 50,
  },
  {
    row: 'SIM-112',
    what: 'every: lost updates of 4 clients',
    unit: 'runs',
    target: 7700,
    scenario: lostUpdate(4),
    options: { strategy: 'every' },
  },
  {
    row: 'SIM-113',
    what: 'async bodies',
    unit: 'runs',
    target: 3000,
    scenario: asynchronous,
    options: { strategy: 'random', budget: { runs: 1000 } },
  },
  {
    row: 'SIM-114',
    what: 'empty runs',
    unit: 'runs',
    target: 200_000,
    scenario: empty,
    options: { strategy: 'random', budget: { runs: 20_000 } },
  },
  {
    row: 'SIM-116',
    what: 'two systems, all interleavings',
    unit: 'runs',
    target: 10_000,
    scenario: between,
    options: { systems: ['far'], strategy: NAIVE, budget: { runs: 1000 } },
  },
];

interface Ping extends Message {
  readonly tag: 'ping';
  readonly by: Pid<Pong>;
}
interface Pong extends Message {
  readonly tag: 'pong';
}

/** Round trips of the bare runtime in a second. */
async function bare(): Promise<number> {
  const system = new ActorSystem({ log: 'off' });
  const pong = system.spawn(function* pong(self: Self<Ping>): Actor {
    for (;;) self.send((yield* self.receive('ping')).by, { tag: 'pong' });
  });
  const spent = processMs();
  let over = (): void => {};
  const isOver = new Promise<void>((resolve) => {
    over = resolve;
  });
  system.spawn(function* ping(self: Self<Pong>): Actor {
    for (let i = 0; i < BARE_ROUND_TRIPS; i++) {
      self.send(pong, { tag: 'ping', by: self.pid });
      yield* self.receive('pong');
    }
    over();
  });
  await isOver;
  const rate = (BARE_ROUND_TRIPS / (processMs() - spent)) * 1000;
  await system.shutdown();
  return rate;
}

async function rateOf({ unit, scenario, options, times = 1 }: Row): Promise<number> {
  const spent = processMs();
  let count = 0;
  for (let i = 0; i < times; i++) count += (await explore(scenario, { ...ALL, ...options }))[unit];
  return (count / (processMs() - spent)) * 1000;
}

/** Of all threads of this process, the collector's too. */
function processMs(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1000;
}

const core = process.execPath;
console.log(describeMachine(machineOf({ node: core, core: undefined }, false)));
console.log(`${ROUNDS} rounds, in turns; in a second of the process's time\n`);
console.log('| row | | target | median (lowest–highest) | to a bare round trip |');
console.log('| --- | --- | --- | --- | --- |');
let missed = 0;
for (const row of ROWS) {
  if (words !== '' && !`${row.row} ${row.what}`.includes(words)) continue;
  const rates: number[] = [];
  const bares: number[] = [];
  // Once for the compiler.
  await rateOf(row);
  for (let round = 0; round < ROUNDS; round++) {
    bares.push(await bare());
    rates.push(await rateOf(row));
  }
  const rate = summarise(rates);
  const cost = summarise(ratios(bares, rates));
  if (rate.median < row.target) missed++;
  console.log(
    `| ${row.row} | ${row.what}, ${row.unit} | ${shown(row.target)} | ${line(rate)} | 1 : ${cost.median.toFixed(1)} |`,
  );
}
if (words === '' || 'SIM-115 memory'.includes(words)) {
  const grown = await grownBy();
  if (grown > 2) missed++;
  console.log(
    `| SIM-115 | heap after 100,000 runs, above that after 1,000 | 2 MB | ${grown.toFixed(1)} MB | |`,
  );
}
if (MUST_REACH && missed > 0) throw new Error(`${missed} targets are missed`);

/** The heap after 100,000 runs, above that after 1,000, in MB. */
async function grownBy(): Promise<number> {
  const heapAfter = async (runs: number): Promise<number> => {
    await explore(philosophers(3), { ...ALL, strategy: 'random', budget: { runs } });
    globalThis.gc?.();
    return process.memoryUsage().heapUsed / 1e6;
  };
  const before = await heapAfter(1000);
  return (await heapAfter(100_000)) - before;
}

function line({ median, min, max }: Summary): string {
  return `${shown(median)} (${shown(min)}–${shown(max)})`;
}

function shown(rate: number): string {
  return (rate < 1000 ? Math.round(rate) : Math.round(rate / 100) * 100).toLocaleString('en');
}
