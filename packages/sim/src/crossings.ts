/**
 * What goes from one system to another: when it arrives, it makes a difference what has become of whom it is for.
 * The tap tells of what is sent, and not of all that systems answer by themselves.
 */

import type { Pid } from 'beamish';
import { type Recorded, withOne } from './step.ts';
import type { Things } from './touches.ts';
import * as ways from './touches.ts';

/** How an actor is used by what another system tells it of an end. */
const ANSWER = ways.LOOK | ways.REPLY | ways.SIGNAL;

export class Crossings {
  readonly #things: Things;
  /** By actor, or by system if it was by name, who of another system has turned to it; made by the first. */
  #hearers: Map<Pid | string, Set<Pid>> | undefined;

  constructor(things: Things) {
    this.#things = things;
  }

  /** It finds the way there, or does not. */
  to(step: Recorded, from: Pid, to: Pid, way: number): void {
    if (from.system === to.system) return;
    this.#use(step, from.system, to.system);
    step.crossings = withOne(step.crossings, { from, to, way });
    this.#hears(from, to);
  }

  /** To whoever has some name there. */
  toName(step: Recorded, from: Pid, system: string): void {
    if (from.system === system) return;
    this.#use(step, from.system, system);
    this.#hears(from, system);
  }

  /** Whoever has turned to it may hear of its end. */
  ended(step: Recorded, pid: Pid): void {
    if (this.#hearers === undefined) return;
    for (const of of [pid, pid.system])
      for (const to of this.#hearers.get(of) ?? [])
        if (to.system !== pid.system)
          step.crossings = withOne(step.crossings, { from: pid, to, way: ANSWER });
  }

  /** A batch takes effect in this step that was posted in that one: it finds those whom it is for, or does not. */
  arrive(step: Recorded, posted: Recorded, system: string, thingOf: (pid: Pid) => number): void {
    for (const { from, to, way } of posted.crossings) {
      if (to.system !== system) continue;
      step.touches.add(thingOf(to), way);
      // A system answers by itself, as of a monitor of nobody.
      step.crossings = withOne(step.crossings, { from: to, to: from, way: ANSWER });
    }
  }

  #use(step: Recorded, from: string, to: string): void {
    step.touches.add(this.#things.of(wayThing(from, to)), ways.USE);
  }

  #hears(who: Pid, of: Pid | string): void {
    this.#hearers ??= new Map();
    const known = this.#hearers.get(of);
    if (known === undefined) this.#hearers.set(of, new Set([who]));
    else known.add(who);
  }
}

/** One direction between two systems, as a thing that steps use. */
export function wayThing(from: string, to: string): string {
  return `way ${from} ${to}`;
}
