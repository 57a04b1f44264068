/** The figures of all systems together, and how they have changed. */

import type { Point } from './history.ts';
import type { Model } from './model.ts';

/** Makes a point of what is known now, and of what was known at the last one. */
export class VitalSigns {
  #received: number | undefined;
  #at = 0;

  read(model: Model, at: number): Point {
    let [actors, received, restarts, deadLetters, busy] = [0, 0, 0, 0, 0];
    let waiting = 0;
    for (const system of model.systems.values()) {
      if (system.status !== 'lost') {
        actors += system.figures[0];
        busy = Math.max(busy, system.figures[3]);
      }
      received += system.figures[5];
      restarts += system.totals[3];
      deadLetters += system.totals[4];
      for (const actor of system.actors.values()) waiting += actor.mailbox;
    }
    const ms = at - this.#at;
    const rate =
      this.#received === undefined || ms <= 0 ? 0 : ((received - this.#received) * 1000) / ms;
    this.#received = received;
    this.#at = at;
    return {
      at,
      actors,
      rate: Math.max(0, Math.round(rate)),
      waiting,
      restarts,
      deadLetters,
      busy,
    };
  }
}
