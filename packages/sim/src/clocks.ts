/** Timers as movers: one clock for each system, and one for timers of the host. */

import { type PendingTimer, StillClock } from 'beamish/control';
import type { HostTimers } from './host-timers.ts';
import { MAIN } from './labels.ts';
import type { Recorder } from './recorder.ts';
import type { Site, Sites } from './sites.ts';
import type { Recorded } from './step.ts';

/** The movers that are no actors: they let the next timer ring. */
export const CLOCK = '~clock';
const HOST_CLOCK = '~clock of the host';

export function isClock(mover: string): boolean {
  return mover.startsWith(CLOCK);
}

export function labelOfClock(mover: string): string {
  return mover.slice(1);
}

/** Time that tells of each look at it: whoever sees what time it is sees which timers have rung. */
export class ToldClock extends StillClock {
  readonly #recorder: Recorder;

  constructor(recorder: Recorder) {
    super();
    this.#recorder = recorder;
  }

  override now(): number {
    this.#recorder.sawTime();
    return super.now();
  }

  override wall(): number {
    this.#recorder.sawTime();
    return super.wall();
  }
}

export class Clocks {
  readonly #clock: StillClock;
  readonly #sites: Sites;
  readonly #hostTimers: HostTimers;
  readonly #isAnySpeed: boolean;

  constructor(clock: StillClock, sites: Sites, hostTimers: HostTimers, isAnySpeed: boolean) {
    this.#clock = clock;
    this.#sites = sites;
    this.#hostTimers = hostTimers;
    this.#isAnySpeed = isAnySpeed;
  }

  /** Several timers of one millisecond ring one by one, and whoever was woken may run in between. */
  addTo(movers: string[], canAnyoneStep: boolean): void {
    const clocks: { readonly mover: string; readonly due: number }[] = [];
    for (const { name, control, stall } of this.#sites.all) {
      const due = (stall ?? control.due()[0])?.due;
      if (due !== undefined)
        clocks.push({ mover: name === MAIN ? CLOCK : `${CLOCK} of ${name}`, due });
    }
    const host = this.#hostTimers.next();
    if (host !== undefined) clocks.push({ mover: HOST_CLOCK, due: host.due });
    if (clocks.length === 0) return;
    const now = this.#clock.time;
    let soonest = Number.POSITIVE_INFINITY;
    for (const { due } of clocks) if (due < soonest) soonest = due;
    const isBusy = canAnyoneStep || movers.length > 0;
    if (!this.#isAnySpeed && isBusy && soonest > now) return;
    for (const { mover, due } of clocks) if (due <= Math.max(now, soonest)) movers.push(mover);
  }

  ring(mover: string, step: Recorded, recorder: Recorder): void {
    const hostTimer = mover === HOST_CLOCK ? this.#hostTimers.next() : undefined;
    const site = hostTimer === undefined ? this.#siteOf(mover) : undefined;
    const timer = hostTimer ?? site?.stall ?? site?.control.due()[0];
    if (timer === undefined) throw new Error(`Cannot let ${mover} ring: no timer is pending`);
    const clock = this.#clock;
    step.passesTime = !this.#isAnySpeed && timer.due > clock.time;
    clock.time = Math.max(clock.time, timer.due);
    step.at = clock.time;
    recorder.ringing(timer);
    if (hostTimer !== undefined) {
      this.#hostTimers.rung(hostTimer);
      hostTimer.ring();
    } else if (site?.stall !== undefined) site.stall = undefined;
    else site?.control.ring(timer as PendingTimer);
  }

  /** The system whose timers these are; undefined of the host's. */
  systemOf(mover: string): string | undefined {
    if (mover === HOST_CLOCK) return undefined;
    return mover === CLOCK ? MAIN : mover.slice(`${CLOCK} of `.length);
  }

  #siteOf(mover: string): Site {
    return this.#sites.named(this.systemOf(mover) ?? MAIN);
  }
}
