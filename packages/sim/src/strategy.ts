/** Who decides in each run of an exploration. */

import type { World } from './world.ts';

/** Decides in one run. */
export interface Chooser {
  /** Who is next of those that can step; undefined to give the run up, as it would repeat others. */
  next(world: World): string | undefined;
  /** A number from 0 up to, not including, `count`, for a choice within a step. */
  pick(count: number): number;
}

/** Decides which runs there are. */
export interface Strategy {
  /** Every schedule has been covered. */
  readonly isComplete: boolean;
  /** Of the next run; undefined if there is none. */
  begin(): Chooser | undefined;
  /** `isWhole`: it was not given up. */
  ended(world: World, isWhole: boolean): void;
}

/**
 * One run to its end, or to `maxSteps`. False if it was given up. A promise if the event loop of the host has to
 * have turns for it.
 */
export function drive(
  world: World,
  chooser: Chooser,
  maxSteps: number,
): boolean | Promise<boolean> {
  const pick = (count: number): number => chooser.pick(count);
  while (!world.isOver && world.steps.length < maxSteps) {
    if (world.isQuiet && world.isAwaitingHost) return driveSlowly(world, chooser, maxSteps);
    if (world.movers.length === 0) return true;
    const mover = chooser.next(world);
    if (mover === undefined) return false;
    const done = world.step(mover, pick);
    if (done !== undefined) return done.then(() => drive(world, chooser, maxSteps));
  }
  return true;
}

async function driveSlowly(world: World, chooser: Chooser, maxSteps: number): Promise<boolean> {
  await world.waitForHost();
  if (world.isQuiet && world.isAwaitingHost) return true;
  return drive(world, chooser, maxSteps);
}
