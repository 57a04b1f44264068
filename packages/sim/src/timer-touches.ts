/** What steps that start timers, take them back or let them ring touch. */

import type { PendingTimer } from 'beamish/control';
import type { Recorded } from './step.ts';
import type { Things } from './touches.ts';
import * as ways from './touches.ts';

export class TimerTouches {
  readonly #things: Things;
  /** Of those that are pending, the step that started it; made by the first. */
  #startedIn: Map<object, number> | undefined;

  constructor(things: Things) {
    this.#things = things;
  }

  /** The clock lets one ring, which was enabled by the step that started it. */
  ring(step: Recorded, timer: object): void {
    this.#touch(step, 'clock', ways.RING);
    step.kind = 'timer';
    step.enabledBy = this.#startedIn?.get(timer) ?? -1;
    this.#startedIn?.delete(timer);
  }

  /** In the n-th step. */
  use(
    step: Recorded,
    n: number,
    timer: Pick<PendingTimer, 'due'>,
    how: 'start' | 'stop' | 'read',
  ): void {
    if (how === 'stop' && this.#startedIn?.has(timer) !== true) return;
    this.#touch(step, 'clock', ways.START);
    if (how === 'start') {
      this.#touch(step, `due ${timer.due}`, ways.CHANGE);
      this.#startedIn ??= new Map();
      this.#startedIn.set(timer, n);
    }
    if (how === 'stop') {
      step.stopsTimer = true;
      this.#startedIn?.delete(timer);
    }
  }

  #touch(step: Recorded, thing: string, way: number): void {
    step.touches.add(this.#things.of(thing), way);
  }
}
