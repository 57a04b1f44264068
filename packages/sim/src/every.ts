/**
 * One run of each class of schedules that no actor can tell apart (DPOR, by source sets and sleep sets): after
 * each run, two steps that clash and could have come the other way round are looked for, and where there
 * are such, a run is planned in which they do.
 */

import { isClock } from './clocks.ts';
import { type ByArrivals, clash } from './dependence.ts';
import { isFault } from './fault-movers.ts';
import { HappenedBefore } from './happened-before.ts';
import { endsWell } from './judging.ts';
import { END } from './movers.ts';
import { either, type Recorded } from './step.ts';
import type { Chooser, Strategy } from './strategy.ts';
import type { Verdict } from './verdict.ts';
import type { World } from './world.ts';

/** A place in the run at which somebody was chosen. */
interface StepNode {
  readonly kind: 'step';
  readonly movers: readonly string[];
  readonly planned: Set<string>;
  /** Those whose steps from here have been explored, or need not be, with the step that they would make. */
  readonly asleep: Map<string, Recorded | undefined>;
  chosen: string;
  /** What the chosen one did, with whatever choices it made. */
  step: Recorded | undefined;
}

/** A place in a step at which it was chosen what happens, of so many. */
interface PickNode {
  readonly kind: 'pick';
  readonly count: number;
  chosen: number;
}

export class Every implements Strategy, Chooser {
  readonly #by: ByArrivals | 'interleaving';
  readonly #nodes: (StepNode | PickNode)[] = [];
  /** Of the run that goes on: how many of the nodes it has come to. */
  #at = 0;
  /** The node of each of its steps. */
  #path: StepNode[] = [];
  #hasBegun = false;
  #isOver = false;
  #isCut = false;

  constructor(by: ByArrivals | 'interleaving') {
    this.#by = by;
  }

  get isComplete(): boolean {
    return this.#isOver && !this.#isCut;
  }

  begin(): Chooser | undefined {
    if (this.#hasBegun && !this.#turnBack()) this.#isOver = true;
    this.#hasBegun = true;
    this.#at = 0;
    this.#path = [];
    return this.#isOver ? undefined : this;
  }

  /** Another run is planned, besides the one that goes on. */
  hasMore(): boolean {
    return this.#nodes.some((node) =>
      node.kind === 'pick'
        ? node.chosen + 1 < node.count
        : [...node.planned].some((mover) => mover !== node.chosen && !node.asleep.has(mover)),
    );
  }

  next(world: World): string | undefined {
    this.#keepStep(world);
    let node = this.#nodes[this.#at];
    if (node === undefined) {
      const made = this.#makeNode(world);
      if (made === undefined || typeof made === 'string') return made;
      node = made;
      this.#nodes.push(node);
    }
    if (node.kind !== 'step') throw new Diverged(world, 'a choice', 'the next step');
    if (!world.movers.includes(node.chosen))
      throw new Diverged(world, `${world.labelOfMover(node.chosen)} could step`, 'it cannot');
    this.#at++;
    this.#path.push(node);
    return node.chosen;
  }

  pick(count: number): number {
    let node = this.#nodes[this.#at];
    if (node === undefined) {
      node = { kind: 'pick', count, chosen: 0 };
      this.#nodes.push(node);
    }
    // What comes of another choice shows at the next step.
    if (node.kind !== 'pick') return 0;
    this.#at++;
    return node.chosen;
  }

  ended(world: World, isWhole: boolean): void {
    this.#keepStep(world);
    if (isWhole && !world.isQuiet && !world.isOver) this.#isCut = true;
    if (world.hasUsedHost || world.foreign.length > 0) this.#isCut = true;
    if (this.#by !== 'interleaving') plan(this.#path, world.steps, this.#by);
  }

  /** The last step that was made is what its node's chosen one does. */
  #keepStep(world: World): void {
    const node = this.#path.at(-1);
    const step = world.steps[this.#path.length - 1];
    if (node === undefined || step === undefined) return;
    const known = node.step;
    if (known === undefined || step.picks.length === 0) node.step = step;
    else if (String(known.picks) !== String(step.picks)) node.step = either(known, step);
  }

  /** Undefined if all that could come has been explored; the end, if nothing has to come. */
  #makeNode(world: World): StepNode | string | undefined {
    const { movers } = world;
    const isNaive = this.#by === 'interleaving';
    const before = this.#path.at(-1);
    const asleep = isNaive ? new Map() : stillAsleep(before);
    const isQuiet = movers[0] === END;
    if (isQuiet && !endsWell(world)) return END;
    const awake = movers.filter((mover) => mover !== END && !asleep.has(mover));
    const chosen = calmest(awake, before?.chosen);
    if (chosen === undefined) return undefined;
    // What only may happen: each of them, and at every place it may have been before.
    const planned = new Set(isNaive || isQuiet ? awake : [chosen]);
    return { kind: 'step', movers, planned, asleep, chosen, step: undefined };
  }

  /** Goes back to the last place where something else is planned, and chooses it. */
  #turnBack(): boolean {
    for (let node = this.#nodes.at(-1); node !== undefined; node = this.#nodes.at(-1)) {
      if (node.kind === 'pick') {
        if (++node.chosen < node.count) return true;
      } else {
        node.asleep.set(node.chosen, node.step);
        const next = firstAwake(node);
        if (next !== undefined) {
          node.chosen = next;
          node.step = undefined;
          return true;
        }
      }
      this.#nodes.pop();
    }
    return false;
  }
}

/** The same choices led to something else. */
export class Diverged extends Error {
  readonly verdict: Extract<Verdict, { kind: 'nondeterminism' }>;
  readonly numbers: readonly number[];

  constructor(world: World, first: string, second: string) {
    super(`The same choices led to something else at step ${world.steps.length + 1}`);
    this.verdict = { kind: 'nondeterminism', step: world.steps.length + 1, first, second };
    this.numbers = world.numbers;
  }
}

function firstAwake({ planned, asleep }: StepNode): string | undefined {
  for (const mover of planned) if (!asleep.has(mover)) return mover;
  return undefined;
}

/** Those that slept before a step and do not clash with it. */
function stillAsleep(before: StepNode | undefined): Map<string, Recorded | undefined> {
  const asleep = new Map<string, Recorded | undefined>();
  const last = before?.step;
  if (before === undefined || last === undefined) return asleep;
  for (const [mover, step] of before.asleep) {
    if (mover === before.chosen || step === undefined) continue;
    if (clash(last, step, 'order_of_arrival') || clash(step, last, 'order_of_arrival')) continue;
    asleep.set(mover, step);
  }
  return asleep;
}

/** Who ran last, if it can, or else the first by name. */
function calmest(movers: readonly string[], last: string | undefined): string | undefined {
  const goesOn = last !== undefined && !isFault(last) && movers.includes(last);
  return goesOn ? last : movers[0];
}

/** Looks for races, and plans the runs that turn them round. */
function plan(path: readonly StepNode[], steps: readonly Recorded[], by: ByArrivals): void {
  const before = new HappenedBefore(steps.length);
  for (const [j, step] of steps.entries()) {
    const races: number[] = [];
    const mine = stepBefore(steps, j);
    for (let i = j - 1; i >= 0; i--) {
      if (before.has(j, i)) continue;
      const other = steps[i] as Recorded;
      const isCause = i === mine || i === step.enabledBy || i === step.from;
      const clashes = other.by !== step.by && clash(other, step, by);
      if (!isCause && !clashes) continue;
      if (clashes && step.enabledBy !== i) races.push(i);
      before.add(j, i);
    }
    for (const i of races) turnRound(path, steps, before, i, j);
    planInstead(path[j], step);
  }
  planForSleepers(path, steps, before, by);
}

/** The last step of the same mover; -1 if there is none. Timers of a clock ring each for itself. */
function stepBefore(steps: readonly Recorded[], j: number): number {
  const { by } = steps[j] as Recorded;
  let i = isClock(by) ? -1 : j - 1;
  while (i >= 0 && steps[i]?.by !== by) i--;
  return i;
}

/** Who cannot come any more after this step has to be tried in its place: no later step tells of it. */
function planInstead(node: StepNode | undefined, { disabled, stopsTimer }: Recorded): void {
  if (node === undefined) return;
  for (const mover of disabled) node.planned.add(mover);
  if (stopsTimer) for (const mover of node.movers) if (isClock(mover)) node.planned.add(mover);
}

/**
 * A step that looks and then acts on what it saw may touch less when it is made than it did when it was put
 * to sleep. So what clashes with its touches of then is turned round, too.
 */
function planForSleepers(
  path: readonly StepNode[],
  steps: readonly Recorded[],
  before: HappenedBefore,
  by: ByArrivals,
): void {
  for (const [n, node] of path.entries()) {
    for (const [mover, slept] of node.asleep) {
      if (slept === undefined) continue;
      const made = steps.findIndex((step, k) => k >= n && step.by === mover);
      if (made < 0) continue;
      for (let k = n; k < steps.length; k++) {
        const step = steps[k] as Recorded;
        const isOrdered =
          k < made ? clash(step, steps[made] as Recorded, 'order_of_arrival') : before.has(k, made);
        if (k === made || isOrdered || !clash(slept, step, by)) continue;
        const needed: number[] = [];
        for (let m = n; m < k; m++) if (before.has(k, m)) needed.push(m);
        planFirst(node, steps, before, [...needed, k]);
      }
    }
  }
}

/** Plans that `j` comes before `i`. */
function turnRound(
  path: readonly StepNode[],
  steps: readonly Recorded[],
  before: HappenedBefore,
  i: number,
  j: number,
): void {
  const node = path[i];
  if (node === undefined) return;
  const clock = isClock(steps[i]?.by ?? '') ? steps[i]?.by : undefined;
  // What comes between and does not happen after i, and then j.
  const between: number[] = [];
  // Timers ring in their order: none that rings after i comes before it.
  const later: number[] = [];
  for (let k = i + 1; k <= j; k++) {
    if (k < j && before.has(k, i)) continue;
    const isLater = steps[k]?.by === clock || later.some((m) => before.has(k, m));
    (isLater ? later : between).push(k);
  }
  if (between.at(-1) === j) planFirst(node, steps, before, between);
}

/** Plans that some of these steps come first at this place, in their order. */
function planFirst(
  node: StepNode,
  steps: readonly Recorded[],
  before: HappenedBefore,
  between: readonly number[],
): void {
  const seen = new Set<string>();
  const initials: string[] = [];
  for (const k of between) {
    const { by } = steps[k] as Recorded;
    if (seen.has(by)) continue;
    seen.add(by);
    if (!between.some((m) => m < k && before.has(k, m))) initials.push(by);
  }
  if (initials.some((mover) => node.planned.has(mover))) return;
  const able = initials.filter((mover) => node.movers.includes(mover));
  const last = steps[between.at(-1) ?? -1]?.by ?? '';
  const chosen = able.includes(last) ? last : able[0];
  if (chosen !== undefined) node.planned.add(chosen);
  else for (const mover of node.movers) if (mover !== END) node.planned.add(mover);
}
