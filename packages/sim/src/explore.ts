/** Many runs of one scenario: all that differ, or as many as there is time for. */

import type { Message } from 'beamish';
import { randomChooser } from './chance.ts';
import { Diverged } from './every.ts';
import { type Exploration, SimulationFailed } from './exploration.ts';
import { hostNow, installStandIns } from './globals.ts';
import { type ExploreOptions, exploring, type RunOptions, settled } from './options.ts';
import { randomly } from './random.ts';
import type { Run } from './run.ts';
import { Classes, differenceOf, type Ran, Runner, signatureOf, triedOf } from './runner.ts';
import type { Scenario } from './scenario.ts';
import { Numbers, type ReplayKey } from './schedule.ts';
import { isAlike, shrink, type Tried } from './shrink.ts';
import { modulesLoaded } from './sites.ts';
import { strategyOf } from './strategies.ts';
import type { Strategy } from './strategy.ts';
import { Unseen } from './unseen.ts';
import type { Vacuous, Verdict } from './verdict.ts';
import { headlineOf } from './verdict-text.ts';
import type { World } from './world.ts';

/**
 * One run. Resolves whatever its verdict.
 *
 * ```ts
 * const run = await simulate(scenario, { schedule: { seed: 7 } });
 * console.log(run.verdict.kind, run.toString());
 * ```
 *
 * @throws Error for a key of steps that the scenario does not make any more.
 */
export async function simulate<M extends Message = never>(
  scenario: Scenario<M>,
  { schedule = { seed: 1 }, ...options }: RunOptions = {},
): Promise<Run> {
  const its = settled(options);
  const done = its.globals === 'real' ? () => {} : installStandIns();
  try {
    const runner = new Runner(scenario as unknown as Scenario<never>, its);
    if ('key' in schedule) return await runner.replay(schedule.key);
    return await runner.show(
      'seed' in schedule ? randomChooser(randomly(schedule.seed)) : new Numbers(schedule),
    );
  } finally {
    done();
  }
}

/**
 * Many runs. Resolves whatever the verdict.
 *
 * ```ts
 * const found = await explore(scenario);
 * console.log(found.toString()); // complete: 7 of 7 schedules
 * ```
 *
 * @throws Error for a key of steps that the scenario does not make any more.
 */
export async function explore<M extends Message = never>(
  scenario: Scenario<M>,
  options: ExploreOptions = {},
): Promise<Exploration> {
  const its = settled(options);
  const done = its.globals === 'real' ? () => {} : installStandIns();
  try {
    return await new Explorer(
      new Runner(scenario as unknown as Scenario<never>, its),
      options,
    ).explore();
  } finally {
    done();
  }
}

/**
 * The same, for tests: resolves if all is well.
 *
 * @throws SimulationFailed with the shortest failing run.
 */
export async function check<M extends Message = never>(
  scenario: Scenario<M>,
  options: ExploreOptions = {},
): Promise<Exploration> {
  const exploration = await explore(scenario, options);
  if (exploration.verdict.kind !== 'passed') throw new SimulationFailed(exploration);
  return exploration;
}

/** Runs and time that a failure is worth to know of how many schedules it is one. */
const MORE_RUNS = 200;
const MORE_MS = 200;
/** Runs that it is worth however long they take: a busy machine must not decide what is said of a small scenario. */
const RUNS_ANYWAY = 20;
/** What `toString` says was new of late. */
const LATE = 1000;

class Explorer {
  readonly #runner: Runner;
  readonly #options: ExploreOptions;
  readonly #sometimes: Record<string, number> = {};
  readonly #unseen: Unseen;
  readonly #failures: Tried[] = [];
  readonly #classes = new Set<number>();
  readonly #numbering = new Classes();
  readonly #newAt: number[] = [];
  readonly #began = hostNow();
  #runs = 0;
  #failed = 0;
  #redundant = 0;
  #steps = 0;
  #isComplete = false;

  constructor(runner: Runner, options: ExploreOptions) {
    this.#runner = runner;
    this.#options = options;
    this.#unseen = new Unseen(runner.settled.faults);
  }

  async explore(): Promise<Exploration> {
    const { runs, ms, seed, replay } = exploring(this.#options);
    if (replay !== undefined) return this.#replay(replay);
    if (this.#runner.settled.systems.length > 0) await this.#loadModules();
    const spent = (): number => Math.max(this.#runs / runs, (hostNow() - this.#began) / ms);
    const strategy = strategyOf(this.#options.strategy ?? 'auto', seed, spent);
    const difference = await this.#search(strategy, () => spent() < 1);
    return this.#finish(difference);
  }

  /** The runs that wait for modules, which are loaded once, differ from all others; and not every run waits long enough. */
  async #loadModules(): Promise<void> {
    for (let known = -1, now = await modulesLoaded(); now > known; now = await modulesLoaded()) {
      known = now;
      await this.#runner.run(new Numbers([]));
    }
  }

  /** Returns how a schedule went differently, if it did. */
  async #search(strategy: Strategy, mayGoOn: () => boolean): Promise<Difference | undefined> {
    const { failures = 'first' } = this.#options;
    while (mayGoOn()) {
      const next = this.#next(strategy);
      const difference = next instanceof Promise ? await next : next;
      if (difference === OVER) {
        this.#isComplete = strategy.isComplete;
        return undefined;
      }
      if (difference !== undefined) return difference;
      if (this.#failures.length > 0 && failures === 'first') return this.#countOn(strategy);
    }
    // The budget may have been spent by the last run.
    if (strategy.begin() === undefined) this.#isComplete = strategy.isComplete;
    return undefined;
  }

  /** A first failure has been found: of how many? */
  async #countOn(strategy: Strategy): Promise<undefined> {
    // Each run would wait for that promise anew, in real time.
    if (this.#failures[0]?.verdict.kind === 'foreign_await') return;
    const before = [this.#runs, this.#failed, this.#redundant, this.#steps] as const;
    const since = hostNow();
    const held = { ...this.#sometimes };
    for (let tried = 0; this.#runs - before[0] < MORE_RUNS; tried++) {
      if (tried >= RUNS_ANYWAY && hostNow() - since >= MORE_MS) break;
      const difference = await this.#next(strategy);
      if (difference === undefined) continue;
      if (difference !== OVER || !strategy.isComplete) break;
      this.#isComplete = true;
      return;
    }
    [this.#runs, this.#failed, this.#redundant, this.#steps] = before;
    Object.assign(this.#sometimes, held);
  }

  /** A promise if the host has to have turns: each that is waited for takes as long as half an empty run. */
  #next(strategy: Strategy): Next | Promise<Next> {
    const chooser = strategy.begin();
    if (chooser === undefined) return OVER;
    try {
      const ran = this.#runner.run(chooser);
      return ran instanceof Promise ? this.#later(strategy, ran) : this.#ended(strategy, ran);
    } catch (error) {
      return differenceIn(error);
    }
  }

  async #later(strategy: Strategy, ran: Promise<Ran>): Promise<Next> {
    try {
      return await this.#ended(strategy, await ran);
    } catch (error) {
      return differenceIn(error);
    }
  }

  #ended(strategy: Strategy, { world, isWhole }: Ran): undefined | Promise<Difference | undefined> {
    const { compareEvery = 50 } = this.#options;
    strategy.ended(world, isWhole);
    this.#steps += world.steps.length;
    this.#unseen.note(world);
    if (!isWhole) {
      this.#redundant++;
      return undefined;
    }
    this.#runs++;
    this.#note(world);
    return compareEvery > 0 && this.#runs % compareEvery === 0 ? this.#compare(world) : undefined;
  }

  #note(world: World): void {
    const { claims } = world;
    for (const { name } of claims.sometimes)
      this.#sometimes[name] = (this.#sometimes[name] ?? 0) + (claims.held.has(name) ? 1 : 0);
    const its = this.#numbering.of(world);
    if (!this.#classes.has(its)) {
      this.#classes.add(its);
      this.#newAt.push(this.#runs);
    }
    const verdict = this.#runner.judge(world);
    if (verdict.kind === 'passed') return;
    this.#failed++;
    if (this.#failures.some((known) => isAlike(known.verdict, verdict))) return;
    this.#failures.push(triedOf(world, verdict));
  }

  /** Runs the same schedule again. */
  async #compare(world: World): Promise<Difference | undefined> {
    const { numbers } = triedOf(world, { kind: 'passed' });
    const again = await this.#runner.run(new Numbers(numbers));
    const verdict = differenceOf(['', ...signatureOf(world)], ['', ...signatureOf(again.world)]);
    return verdict === undefined ? undefined : { verdict, numbers };
  }

  async #replay(key: ReplayKey): Promise<Exploration> {
    const run = await this.#runner.replay(key);
    this.#runs = 1;
    this.#steps = run.steps.length;
    const isFailed = run.verdict.kind !== 'passed';
    this.#failed = isFailed ? 1 : 0;
    return this.#exploration(run.verdict, isFailed ? [run] : [], undefined);
  }

  async #finish(difference: Difference | undefined): Promise<Exploration> {
    if (difference !== undefined) {
      const run = await this.#runner.show(new Numbers(difference.numbers), difference.verdict);
      this.#failed++;
      return this.#exploration(difference.verdict, [run], undefined);
    }
    const [found] = this.#failures;
    if (found === undefined) {
      return this.#exploration(this.#vacuous() ?? { kind: 'passed' }, [], undefined);
    }
    const { least, runs } = await shrink(found, this.#options.shrinkRuns ?? 500, {
      run: (numbers) => this.#runner.tried(numbers),
      nearCalm: (most) => this.#runner.nearCalm(most),
    });
    const shown = [least, ...this.#failures.slice(1)];
    const all: Run[] = [];
    for (const { numbers } of shown) all.push(await this.#runner.showTwice(numbers));
    const verdict = all[0]?.verdict ?? found.verdict;
    return this.#exploration(verdict, all, { steps: found.steps, switches: found.switches, runs });
  }

  #vacuous(): Vacuous | undefined {
    const claim = Object.entries(this.#sometimes).find(([, count]) => count === 0)?.[0];
    return claim === undefined ? this.#unseen.verdict : { kind: 'vacuous', claim };
  }

  #exploration(
    verdict: Exploration['verdict'],
    failures: readonly Run[],
    shrunk: Exploration['shrunk'],
  ): Exploration {
    const line = this.#line(verdict);
    return {
      verdict,
      failure: failures[0],
      failures,
      runs: this.#runs,
      failed: this.#failed,
      redundant: this.#redundant,
      complete: this.#isComplete,
      classes: this.#classes.size,
      steps: this.#steps,
      ms: hostNow() - this.#began,
      sometimes: this.#sometimes,
      shrunk,
      toString: () => line,
    };
  }

  #line(verdict: Exploration['verdict']): string {
    const many = this.#runs.toLocaleString('en');
    const held = Object.entries(this.#sometimes).map(([name, count]) => ` · ${name} in ${count}`);
    if (verdict.kind !== 'passed') {
      const what = verdict.kind === 'failed' ? summaryOf(verdict.error) : headlineOf(verdict);
      const of = verdict.kind === 'vacuous' ? many : `${this.#failed} of ${many}`;
      return `failed: ${what} in ${of} schedules${this.#isComplete ? ' · complete' : ''}`;
    }
    if (this.#isComplete) return `complete: ${many} of ${many} schedules${held.join('')}`;
    const late = this.#newAt.filter((at) => at > this.#runs - LATE).length;
    const classes = this.#classes.size.toLocaleString('en');
    const last = Math.min(LATE, this.#runs).toLocaleString('en');
    return `not complete: ${many} runs, ${classes} classes, ${late} new in the last ${last}${held.join('')}`;
  }
}

const OVER = Symbol('no more runs');

/** A schedule that went differently when it was run again. */
interface Difference {
  readonly verdict: Extract<Verdict, { kind: 'nondeterminism' }>;
  readonly numbers: readonly number[];
}

/** What a run comes to: that there is none any more, or that it went differently. */
type Next = Difference | typeof OVER | undefined;

function differenceIn(error: unknown): Difference {
  if (!(error instanceof Diverged)) throw error;
  return { verdict: error.verdict, numbers: error.numbers };
}

function summaryOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const { reason } = error as { readonly reason?: unknown };
  return typeof reason === 'string' ? `${error.name} '${reason}'` : error.name;
}
