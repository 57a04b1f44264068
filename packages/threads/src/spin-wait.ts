/**
 * Waits for a moment before its thread sleeps, as the schedulers of the BEAM do: to wake a thread takes
 * several times as long as most answers. Whoever posts a batch rings a bell in shared memory; who has
 * just heard from another thread, and has nothing else to do, watches it for a while. When that was in
 * vain, as it is where nobody answers at once or no core is free, it is tried less and less often.
 */

/** Of the host, whatever a test puts in their places. */
const clock = performance.now.bind(performance);
const soon = setImmediate;

/** Long enough for a thread to be woken and to answer. */
const WATCH_MS = 0.05;
/** More looks than the time allows, for a clock that stands still. */
const MOST_LOOKS = 100_000;
/** Turns of the event loop in which the system may first do what it has to. */
const PATIENCE = 2;
/** At most 2 to the power of this many arrivals are passed over after a watch in vain. */
const MOST_DOUBLINGS = 10;

/** Where something can arrive. */
export interface Inlet {
  /** Takes what has arrived; false if nothing had. */
  takeArrived(): boolean;
}

export type Bell = Int32Array<SharedArrayBuffer>;

/** Bytes that two threads do not write to side by side, or they would hold each other up. */
const APART = 128;

export function sharedNumber(): Int32Array<SharedArrayBuffer> {
  return new Int32Array(new SharedArrayBuffer(APART));
}

export function ring(bell: Bell): void {
  Atomics.add(bell, 0, 1);
}

export class SpinWait {
  /** Rung by whoever has posted something to this thread. */
  readonly bell: Bell;
  readonly #isIdle: () => boolean;
  readonly #now: () => number;
  readonly #inlets = new Set<Inlet>();
  /** Rings that have been acted upon. */
  #rung = 0;
  /** It is to watch in one of the next turns of the event loop. */
  #isArmed = false;
  /** Watches in vain, one after the other. */
  #inVain = 0;
  /** Arrivals to pass over. */
  #skip = 0;

  /** `isIdle` tells whether its system has nothing to do, `now` milliseconds. */
  constructor(bell: Bell, isIdle: () => boolean, now = clock) {
    this.bell = bell;
    this.#isIdle = isIdle;
    this.#now = now;
  }

  add(inlet: Inlet): void {
    this.#inlets.add(inlet);
  }

  delete(inlet: Inlet): void {
    this.#inlets.delete(inlet);
  }

  /** Something has arrived. */
  heard(): void {
    if (this.#isArmed) return;
    if (this.#skip > 0) this.#skip--;
    else this.#arm(PATIENCE);
  }

  /** After a turn of the event loop, so that what follows from this arrival, and the host, come first. */
  #arm(patience: number): void {
    this.#isArmed = true;
    soon(() => {
      this.#isArmed = false;
      if (this.#isIdle()) this.#watch();
      else if (patience > 0) this.#arm(patience - 1);
    });
  }

  #watch(): void {
    const until = this.#now() + WATCH_MS;
    let looks = 0;
    do {
      const rung = Atomics.load(this.bell, 0);
      if (rung === this.#rung) continue;
      this.#rung = rung;
      if (!this.#takeArrived()) continue;
      this.#inVain = 0;
      this.#arm(PATIENCE);
      return;
    } while (this.#now() < until && ++looks < MOST_LOOKS);
    if (this.#inVain < MOST_DOUBLINGS) this.#inVain++;
    this.#skip = 2 ** this.#inVain;
  }

  #takeArrived(): boolean {
    let any = false;
    for (const inlet of this.#inlets) any = inlet.takeArrived() || any;
    return any;
  }
}
