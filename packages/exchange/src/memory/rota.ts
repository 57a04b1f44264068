/**
 * Who is served next. Of those with room the one of the highest priority, and among equals the one who has
 * waited longest: who has been served, or has settled, goes to the end.
 */

import type { Pid, Ref } from 'beamish';
import type { ConsumePlan } from '../terms/protocol.ts';

/** An actor's consumption of a queue, as the queue sees it. */
export class Consumption {
  readonly pid: Pid;
  /** Its name for who has it. */
  readonly ref: Ref;
  readonly plan: ConsumePlan;
  /** It has no prefetch, and settles nothing. */
  readonly isAuto: boolean;
  readonly prefetch: number;
  /** How its end is heard of; another one after the queue's actor was started again. */
  monitor: Ref;
  /** How many deliveries it has not settled. */
  held = 0;
  /** It gets no more; it is here because it has something to settle. */
  isCancelled = false;
  /** It has a suspect in hand, and gets nothing beside it. */
  isAlone = false;
  /** It stands in the list of its tier; set and unset by `Rota`. */
  isWaiting = false;
  /** Those of its priority; set by `Rota`. */
  tier: Tier | undefined = undefined;

  constructor(pid: Pid, ref: Ref, plan: ConsumePlan) {
    this.pid = pid;
    this.ref = ref;
    this.plan = plan;
    this.isAuto = plan.ack === 'auto';
    this.prefetch = this.isAuto ? Number.POSITIVE_INFINITY : plan.prefetch;
    this.monitor = ref;
  }

  get room(): number {
    return this.isCancelled || this.isAlone ? 0 : this.prefetch - this.held;
  }
}

interface Tier {
  readonly priority: number;
  /** With room, in the order of their turn; some may have lost theirs. */
  readonly waiting: Consumption[];
}

export class Rota {
  /** In the order in which they came. */
  readonly #all: Consumption[] = [];
  /** The highest priority first. */
  readonly #tiers: Tier[] = [];
  readonly #isSingle: boolean;
  /** It is given nothing until it has settled all, since a suspect is to be its next. Set and unset by `nextEmpty`, unset by `stopDraining`. */
  #draining: Consumption | undefined;

  /** With `isSingle`, one is served, and another only when that one is gone and has settled all. */
  constructor(isSingle: boolean) {
    this.#isSingle = isSingle;
  }

  /** All that have not cancelled. */
  get size(): number {
    return this.#all.reduce((count, each) => count + (each.isCancelled ? 0 : 1), 0);
  }

  get isEmpty(): boolean {
    return this.#all.length === 0;
  }

  [Symbol.iterator](): Iterator<Consumption> {
    return this.#all[Symbol.iterator]();
  }

  find(isIt: (consumption: Consumption) => boolean): Consumption | undefined {
    return this.#all.find(isIt);
  }

  add(consumption: Consumption): void {
    this.#all.push(consumption);
    consumption.tier = this.#tierOf(consumption.plan.priority);
    this.hasRoom(consumption);
  }

  remove(consumption: Consumption): void {
    const i = this.#all.indexOf(consumption);
    if (i !== -1) this.#all.splice(i, 1);
    consumption.isCancelled = true;
    if (this.#draining === consumption) this.#draining = undefined;
  }

  /** Puts it at the end of those that wait, if it has room and is not among them. */
  hasRoom(consumption: Consumption): void {
    if (consumption.isWaiting || consumption.room <= 0) return;
    consumption.isWaiting = true;
    consumption.tier?.waiting.push(consumption);
  }

  /** Takes who is next, who is to be given one now, and then to be told of by `hasRoom`. */
  next(): Consumption | undefined {
    if (this.#isSingle) return this.#nextIfActive();
    for (const { waiting } of this.#tiers) {
      for (let i = 0; i < waiting.length; i++) {
        const first = waiting[i] as Consumption;
        const isOver = first.room <= 0;
        if (first === this.#draining && !isOver) continue;
        if (i === 0) waiting.shift();
        else waiting.splice(i, 1);
        i--;
        first.isWaiting = false;
        if (!isOver) return first;
      }
    }
    return undefined;
  }

  /** Takes one with nothing in hand, for a suspect. If there is none, one is chosen that gets no more until it has. */
  nextEmpty(): Consumption | undefined {
    const active = this.#isSingle ? this.#active() : undefined;
    let least: Consumption | undefined;
    for (const { waiting } of this.#tiers) {
      for (const [i, each] of waiting.entries()) {
        if (each.room <= 0 || (this.#isSingle && each !== active)) continue;
        if (each.held === 0) {
          waiting.splice(i, 1);
          each.isWaiting = false;
          this.#draining = undefined;
          return each;
        }
        if (least === undefined || each.held < least.held) least = each;
      }
    }
    this.#draining ??= least;
    return undefined;
  }

  /** There is no suspect that waits. */
  stopDraining(): void {
    this.#draining = undefined;
  }

  /** How many could be delivered now. */
  get room(): number {
    if (this.#isSingle) return Math.max(0, this.#active()?.room ?? 0);
    let sum = 0;
    for (const each of this.#all) if (each !== this.#draining) sum += Math.max(0, each.room);
    return sum;
  }

  /** Whether anybody may have room. */
  get mayServe(): boolean {
    for (const { waiting } of this.#tiers) if (waiting.length > 0) return true;
    return false;
  }

  #nextIfActive(): Consumption | undefined {
    const active = this.#active();
    if (active === undefined || active.room <= 0 || active === this.#draining) return undefined;
    const { waiting } = active.tier as Tier;
    const i = waiting.indexOf(active);
    if (i !== -1) waiting.splice(i, 1);
    active.isWaiting = false;
    return active;
  }

  /** A cancelled one is active until it has settled all: then it is not here any more. */
  #active(): Consumption | undefined {
    return this.#all[0];
  }

  #tierOf(priority: number): Tier {
    const i = this.#tiers.findIndex((tier) => tier.priority <= priority);
    const present = this.#tiers[i];
    if (present?.priority === priority) return present;
    const made: Tier = { priority, waiting: [] };
    this.#tiers.splice(i === -1 ? this.#tiers.length : i, 0, made);
    return made;
  }
}
