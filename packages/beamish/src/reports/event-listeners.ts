/**
 * Who listens to the events of a system. A listener is its user's code, called from the middle of the
 * runtime: this is the one place where it is called, and whatever it throws, or rejects with, ends here.
 * The others hear all the same, it hears the next event, and of each listener that fails it is told once.
 */

import { EventEmitter } from 'eventemitter3';
import { show } from '../terms/printable.ts';
import type { SystemEvents } from './events.ts';

type Listeners = { [E in keyof SystemEvents]: (what: SystemEvents[E]) => void };
type Listener = (what: never) => unknown;

export class EventListeners {
  readonly #emitter = new EventEmitter<Listeners>();
  readonly #tellFailure: (event: string, error: unknown) => void;
  /** Those of which it has been told that they fail; made by the first. */
  #told: WeakSet<object> | undefined = undefined;
  /** Whether anybody listens to anything; mostly nobody does. */
  #isAnyone = false;

  constructor(tellFailure: (event: string, error: unknown) => void) {
    this.#tellFailure = tellFailure;
  }

  /** @throws TypeError for what is no function. */
  on<E extends keyof SystemEvents>(event: E, listener: (what: SystemEvents[E]) => void): this {
    if (typeof listener !== 'function') {
      throw new TypeError(`Cannot listen to "${event}" with ${show(listener)}: it is no function`);
    }
    this.#emitter.on(event, listener as never);
    this.#isAnyone = true;
    return this;
  }

  off<E extends keyof SystemEvents>(event: E, listener: (what: SystemEvents[E]) => void): this {
    this.#emitter.off(event, listener as never);
    this.#isAnyone = this.#emitter.eventNames().length > 0;
    return this;
  }

  isHeard(event: keyof SystemEvents): boolean {
    // The first question alone costs next to nothing; the second is a look-up by name.
    return this.#isAnyone && this.#emitter.listenerCount(event) > 0;
  }

  emit<E extends keyof SystemEvents>(event: E, what: SystemEvents[E]): void {
    for (const listener of this.#emitter.listeners(event) as readonly Listener[]) {
      try {
        const returned = listener(what as never);
        if (returned instanceof Promise)
          returned.catch((error: unknown) => this.#failed(event, listener, error));
      } catch (error) {
        // The listener's own failure, which is nobody else's.
        this.#failed(event, listener, error);
      }
    }
  }

  #failed(event: string, listener: Listener, error: unknown): void {
    this.#told ??= new WeakSet();
    if (this.#told.has(listener)) return;
    this.#told.add(listener);
    this.#tellFailure(event, error);
  }
}
