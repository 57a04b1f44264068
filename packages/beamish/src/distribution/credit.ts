/**
 * Credit for the batches that have taken effect: beyond some that are under way, the other side sends only
 * what it has credit for. It waits until slow actors have caught up, so that a flood stays with who makes
 * it. But not for ever: one may be waiting for something that comes behind all that it leaves in its mailbox.
 */

import { startAlarm } from '../signals/timers.ts';
import type { Association } from './association.ts';

/** Credit is given for so many batches at a time. */
const CREDIT_AT = 16;
/** How often one looks whether the actors have caught up, and how long credit waits for that. */
const LOOK_MS = 5;
const LOOKS = 50;
const QUICK_LOOKS = 8;

export class Credit {
  readonly #association: Association;
  /** Batches that have taken effect and for which none was given. */
  #earned = 0;
  /** Looks left before it is given all the same; 0 when nobody is waited for. */
  #looks = 0;
  #isClosed = false;

  constructor(association: Association) {
    this.#association = association;
  }

  /** A batch has taken effect. */
  earn(): void {
    this.#earned++;
    if (this.#earned < CREDIT_AT || this.#looks > 0) return;
    if (this.#association.backPressure.isBehind()) this.#lookAgain(LOOKS);
    else this.#give();
  }

  /** The other side is gone. */
  close(): void {
    this.#isClosed = true;
  }

  #lookAgain(looks: number): void {
    this.#looks = looks;
    const look = (): void => {
      if (this.#isClosed) return;
      if (looks > 1 && this.#association.backPressure.isBehind()) this.#lookAgain(looks - 1);
      else this.#give();
    };
    const { system } = this.#association;
    // At first after a slice, as most have caught up by then.
    if (looks > LOOKS - QUICK_LOOKS) system.clock.soon(look);
    else startAlarm(system, LOOK_MS, look);
  }

  #give(): void {
    this.#looks = 0;
    this.#association.outbox.giveCredit(this.#earned);
    this.#earned = 0;
  }
}
