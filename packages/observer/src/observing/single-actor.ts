/** Which actor is looked at, if it is one alone: its times are exact then, as the clock is read for it. */

import type { Pid } from 'beamish';
import { type PidText, pidText } from '../terms/wire.ts';

/** Whoever asks about an actor once will ask again. */
const LINGER_MS = 10_000;

export class SingleActor {
  readonly #changed: (actor: PidText | undefined) => void;
  /** Who was asked about last. */
  #last: PidText | undefined;
  #single: PidText | undefined;
  #lingering: NodeJS.Timeout | undefined;

  constructor(changed: (actor: PidText | undefined) => void) {
    this.#changed = changed;
  }

  /** Who is asked about by turns with another is not the only one. */
  asked(pid: Pid): void {
    const key = pidText(pid);
    const isSingle = this.#last === undefined || this.#last === key;
    this.#last = key;
    this.#set(isSingle ? key : undefined);
    clearTimeout(this.#lingering);
    this.#lingering = setTimeout(() => {
      this.#last = undefined;
      this.#set(undefined);
    }, LINGER_MS).unref();
  }

  close(): void {
    clearTimeout(this.#lingering);
  }

  #set(single: PidText | undefined): void {
    if (single === this.#single) return;
    this.#single = single;
    this.#changed(single);
  }
}
