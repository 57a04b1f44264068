/** Makes runs of one scenario. */

import type { Message, Self } from 'beamish';
import { tellOfAwaits } from './await-sites.ts';
import { Bounded } from './bounded.ts';
import { hostNow, turnOfHost } from './globals.ts';
import { verdictOf } from './judging.ts';
import type { Settled } from './options.ts';
import { type Run, runOf } from './run.ts';
import { type Scenario, SimOfWorld } from './scenario.ts';
import { Exactly, Numbers, parseKey, type ReplayKey } from './schedule.ts';
import type { Tried } from './shrink.ts';
import { type Chooser, drive } from './strategy.ts';
import { Things } from './touches.ts';
import { linesOf } from './trace.ts';
import type { Verdict } from './verdict.ts';
import { type Staged, World, type WorldOptions } from './world.ts';

/** For how long runs go on before the event loop has a turn. */
const SLICE_MS = 50;

/** A run that is over. */
export interface Ran {
  readonly world: World;
  /** It was not given up. */
  readonly isWhole: boolean;
}

export class Runner {
  readonly settled: Settled;
  readonly #scenario: Scenario<never>;
  readonly #options: WorldOptions;
  #restedAt = hostNow();

  constructor(scenario: Scenario<never>, settled: Settled) {
    this.settled = settled;
    this.#scenario = scenario;
    const staged: Staged = (self: Self<Message>, world) =>
      scenario(self as unknown as Self<never>, new SimOfWorld(world, self));
    this.#options = { ...settled, staged, things: new Things(), isShown: false };
  }

  make(isShown = false): World {
    return new World(isShown ? { ...this.#options, isShown } : this.#options);
  }

  /** One run, in a new world. A promise if the event loop of the host has to have turns for it, or has had none for long. */
  run(chooser: Chooser): Ran | Promise<Ran> {
    const world = this.make();
    const isWhole = drive(world, chooser, this.settled.maxSteps);
    const isRested = hostNow() - this.#restedAt <= SLICE_MS;
    if (typeof isWhole !== 'boolean') return isWhole.then((its) => ({ world, isWhole: its }));
    return isRested ? { world, isWhole } : this.#rest({ world, isWhole });
  }

  async #rest(ran: Ran): Promise<Ran> {
    await turnOfHost();
    this.#restedAt = hostNow();
    return ran;
  }

  judge(world: World): Verdict {
    return verdictOf(world, this.settled.judging);
  }

  /** One run of these numbers, to be judged. */
  async tried(numbers: readonly number[]): Promise<Tried> {
    const { world } = await this.run(new Numbers(numbers));
    return triedOf(world, this.judge(world));
  }

  /** Runs with the fewest departures from the calmest one. */
  async nearCalm(runs: number): Promise<readonly Tried[]> {
    const strategy = new Bounded(2, 'delays');
    const tried: Tried[] = [];
    for (
      let chooser = strategy.begin();
      chooser && tried.length < runs;
      chooser = strategy.begin()
    ) {
      const { world } = await this.run(chooser);
      strategy.ended(world);
      tried.push(triedOf(world, this.judge(world)));
    }
    return tried;
  }

  /** The run of a chooser, told in full. */
  async show(chooser: Chooser, verdict?: Verdict): Promise<Run> {
    const world = await this.#shown(chooser);
    return runOf(world, this.settled.judging, this.settled.keyed, verdict);
  }

  async #shown(chooser: Chooser): Promise<World> {
    const world = this.make(true);
    const done = tellOfAwaits(world, () => world.last);
    try {
      await drive(world, chooser, this.settled.maxSteps);
    } finally {
      done();
    }
    return world;
  }

  /** The same, twice: if it went differently, that is its verdict. */
  async showTwice(numbers: readonly number[]): Promise<Run> {
    const first = await this.show(new Numbers(numbers));
    const world = await this.#shown(new Numbers(numbers));
    const difference = differenceOf(first.toString().split('\n'), linesOf(world));
    return difference === undefined
      ? first
      : runOf(world, this.settled.judging, this.settled.keyed, difference);
  }

  /** @throws Error if the scenario is not the one that the key is of. */
  async replay(key: ReplayKey): Promise<Run> {
    const parsed = parseKey(key);
    const its = new Exactly(parsed.numbers, key);
    if (parsed.others !== this.settled.keyed.others)
      throw new Error(`Cannot replay ${key}: it was made with other faults, systems or globals`);
    const runner = parsed.speed === this.settled.speed ? this : this.#with({ speed: parsed.speed });
    const run = await runner.show(its);
    its.end();
    const digest = parseKey(run.key).digest;
    if (digest !== parsed.digest) throw its.misfit('if not before, it does something else');
    return run;
  }

  #with(other: { readonly speed: 'instant' | 'any' }): Runner {
    const keyed = { ...this.settled.keyed, ...other };
    return new Runner(this.#scenario, { ...this.settled, ...other, keyed });
  }
}

export function triedOf(world: World, verdict: Verdict): Tried {
  const { numbers, steps, switches, strikes } = world;
  return { verdict, numbers, steps: steps.length, switches, faults: strikes };
}

/** The first step that differs. */
export function differenceOf(
  one: readonly string[],
  other: readonly string[],
): Extract<Verdict, { kind: 'nondeterminism' }> | undefined {
  const step = one.findIndex((line, n) => line !== other[n]);
  if (step < 0 && one.length === other.length) return undefined;
  const at = step < 0 ? one.length : step;
  const end = 'the run has ended';
  return { kind: 'nondeterminism', step: at, first: one[at] ?? end, second: other[at] ?? end };
}

/** What a run did, for who compares two without showing them. */
export function signatureOf(world: World): string[] {
  return world.steps.map(({ by, kind, tag, deeds }) => {
    const did = deeds.map((deed) => `${deed.kind} ${deed.to} ${deed.tag}`).join(', ');
    return `${world.labelOfMover(by)} ${kind} ${tag ?? ''}: ${did}`;
  });
}

/** Numbers for what actors could tell of runs: what each did, and from whom it had what it took. */
export class Classes {
  readonly #words = new Map<string, number>();

  of({ steps }: World): number {
    const actors = new Map<string, { hash: number }>();
    for (const { by, kind, tag, from } of steps) {
      let its = actors.get(by);
      if (its === undefined) {
        its = { hash: this.#word(by) };
        actors.set(by, its);
      }
      const sender = from === undefined || from < 0 ? undefined : steps[from]?.by;
      its.hash = mixed(mixed(its.hash, this.#word(tag)), this.#word(sender));
      its.hash = mixed(its.hash, this.#word(kind));
    }
    let total = 0;
    for (const [by, { hash }] of actors)
      total = (total + (hash + 1) * ((this.#word(by) % 60_013) + 1)) % 2 ** 52;
    return total;
  }

  #word(text: string | undefined): number {
    if (text === undefined) return NO_WORD;
    const known = this.#words.get(text);
    if (known !== undefined) return known;
    const hash = hashOf(text);
    this.#words.set(text, hash);
    return hash;
  }
}

function mixed(hash: number, other: number): number {
  const product = Math.imul(hash ^ other, 16777619);
  return Math.imul(product ^ (product >>> 15), 2246822519) >>> 0;
}

function hashOf(text: string): number {
  let hash = 2166136261;
  for (let i = 0; i < text.length; i++) hash = Math.imul(hash ^ text.charCodeAt(i), 16777619);
  return hash >>> 0;
}

const NO_WORD = hashOf('');
