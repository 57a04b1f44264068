/**
 * One run of each class of schedules that no actor can tell apart (DPOR, by source sets and sleep sets): after
 * each run, two steps that clash and could have come the other way round are looked for, and where there
 * are such, a run is planned in which they do.
 */

import { type ByArrivals, clash } from './dependence.ts';
import type { Recorded } from './step.ts';
import { CLOCK, type World } from './world.ts';

/** A place in the run at which somebody was chosen. */
interface Node {
  readonly movers: readonly string[];
  readonly planned: Set<string>;
  /** Those whose steps from here have been explored, or need not be, with the step that they would make. */
  readonly asleep: Map<string, Recorded | undefined>;
  chosen: string;
}

export interface Found {
  readonly runs: number;
  readonly redundant: number;
  readonly isComplete: boolean;
}

/** `make` makes a new world; `ended` is called with each that has come to its end, and returns false to stop. */
export function every(
  make: () => World,
  by: ByArrivals | 'interleaving',
  ended: (world: World) => boolean,
  maxSteps: number,
): Found {
  const nodes: Node[] = [];
  let runs = 0;
  let redundant = 0;
  let isCut = false;
  for (;;) {
    const world = make();
    const isWhole = follow(world, nodes, by, maxSteps);
    if (world.movers.length > 0 && isWhole && !world.isOver) isCut = true;
    if (isWhole) runs++;
    else redundant++;
    if (isWhole && !ended(world)) return { runs, redundant, isComplete: false };
    if (by !== 'interleaving') plan(nodes, world.steps, by);
    if (!turnBack(nodes)) return { runs, redundant, isComplete: !isCut };
  }
}

/** Replays the choices that there are, and goes on to the end; false if all that could come has been explored. */
function follow(
  world: World,
  nodes: Node[],
  by: ByArrivals | 'interleaving',
  maxSteps: number,
): boolean {
  for (let depth = 0; world.movers.length > 0 && !world.isOver; depth++) {
    if (depth >= maxSteps) return true;
    let node = nodes[depth];
    if (node === undefined) {
      const before = nodes[depth - 1];
      const asleep = new Map<string, Recorded | undefined>();
      const last = world.steps[depth - 1];
      if (by !== 'interleaving' && before !== undefined && last !== undefined) {
        for (const [mover, step] of before.asleep) {
          if (
            mover !== before.chosen &&
            step !== undefined &&
            !clash(last, step, 'order_of_arrival') &&
            !clash(step, last, 'order_of_arrival')
          )
            asleep.set(mover, step);
        }
      }
      const awake = world.movers.filter((mover) => !asleep.has(mover));
      const chosen = calmest(awake, before?.chosen);
      if (chosen === undefined) return false;
      const planned = new Set(by === 'interleaving' ? awake : [chosen]);
      node = { movers: world.movers, planned, asleep, chosen };
      nodes.push(node);
    }
    const step = world.step(node.chosen);
    nodes[depth] = { ...node };
    (nodes[depth] as Node & { step?: Recorded }).step = step;
  }
  return true;
}

/** Who ran last, if it can, or else the first by name. */
function calmest(movers: readonly string[], last: string | undefined): string | undefined {
  return last !== undefined && movers.includes(last) ? last : movers[0];
}

/** Goes back to the last place where something else is planned, and chooses it. */
function turnBack(nodes: Node[]): boolean {
  for (let node = nodes.at(-1); node !== undefined; node = nodes.at(-1)) {
    node.asleep.set(node.chosen, (node as Node & { step?: Recorded }).step);
    const next = [...node.planned].find((mover) => !node.asleep.has(mover));
    if (next !== undefined) {
      node.chosen = next;
      return true;
    }
    nodes.pop();
  }
  return false;
}

/** Looks for races, and plans the runs that turn them round. */
function plan(nodes: readonly Node[], steps: readonly Recorded[], by: ByArrivals): void {
  /** By step, the steps that happen before it. */
  const before: Set<number>[] = [];
  for (const [j, step] of steps.entries()) {
    const past = new Set<number>();
    const races: number[] = [];
    // The last step of the same mover, what enabled it, and who sent what it takes.
    const causes = new Set<number>();
    for (let i = j - 1; i >= 0; i--)
      if (steps[i]?.by === step.by && step.by !== CLOCK) {
        causes.add(i);
        break;
      }
    if (step.enabledBy >= 0) causes.add(step.enabledBy);
    if (step.from !== undefined && step.from >= 0) causes.add(step.from);
    for (let i = j - 1; i >= 0; i--) {
      if (past.has(i)) continue;
      const other = steps[i] as Recorded;
      const isCause = causes.has(i);
      const clashes = other.by !== step.by && clash(other, step, by);
      if (!isCause && !clashes) continue;
      if (clashes && (step.enabledBy !== i || step.isFree)) races.push(i);
      past.add(i);
      for (const k of before[i] ?? []) past.add(k);
    }
    before.push(past);
    for (const i of races) turnRound(nodes, steps, before, i, j);
    if (step.stopsTimer) {
      const node = nodes[j];
      if (node?.movers.includes(CLOCK) && !node.asleep.has(CLOCK)) node.planned.add(CLOCK);
    }
  }
  planForSleepers(nodes, steps, before, by);
}

/**
 * A step that looks and then acts on what it saw may touch less when it is made than it did when it was put
 * to sleep. So what clashes with its touches of then is turned round, too.
 */
function planForSleepers(
  nodes: readonly Node[],
  steps: readonly Recorded[],
  before: readonly Set<number>[],
  by: ByArrivals,
): void {
  for (const [n, node] of nodes.entries()) {
    for (const [mover, slept] of node.asleep) {
      if (slept === undefined) continue;
      const made = steps.findIndex((step, k) => k >= n && step.by === mover);
      for (let k = n; k < steps.length && k !== made; k++) {
        const step = steps[k] as Recorded;
        const isLost = made >= 0 && !clash(step, steps[made] as Recorded, 'order_of_arrival');
        if (!isLost || !clash(slept, step, by)) continue;
        const needed: number[] = [];
        for (let m = n; m < k; m++) if (before[k]?.has(m)) needed.push(m);
        planFirst(node, steps, before, [...needed, k]);
      }
    }
  }
}

/** Plans that `j` comes before `i`. */
function turnRound(
  nodes: readonly Node[],
  steps: readonly Recorded[],
  before: readonly Set<number>[],
  i: number,
  j: number,
): void {
  const node = nodes[i];
  if (node === undefined) return;
  // What comes between and does not happen after i, and then j.
  const between: number[] = [];
  for (let k = i + 1; k < j; k++) if (!before[k]?.has(i)) between.push(k);
  between.push(j);
  planFirst(node, steps, before, between);
}

/** Plans that some of these steps come first at this place, in their order. */
function planFirst(
  node: Node,
  steps: readonly Recorded[],
  before: readonly Set<number>[],
  between: readonly number[],
): void {
  const seen = new Set<string>();
  const initials: string[] = [];
  for (const k of between) {
    const { by } = steps[k] as Recorded;
    if (seen.has(by)) continue;
    seen.add(by);
    if (!between.some((m) => m < k && before[k]?.has(m))) initials.push(by);
  }
  if (initials.some((mover) => node.planned.has(mover))) return;
  const able = initials.filter((mover) => node.movers.includes(mover));
  const last = steps[between.at(-1) ?? -1]?.by ?? '';
  const chosen = able.includes(last) ? last : able[0];
  if (chosen !== undefined) node.planned.add(chosen);
  else for (const mover of node.movers) node.planned.add(mover);
}
