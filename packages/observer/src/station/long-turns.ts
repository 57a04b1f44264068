/** Which turns keep the event loop waiting: listened to only for a while after it was found late, as each turn is timed then. */

import type { ActorSystem, Pid } from 'beamish';
import { listen } from 'beamish/observation';
import { cut, LONGEST, pidText } from '../terms/wire.ts';
import { requestOf } from './happenings.ts';
import type { LongTurn } from './orders.ts';

const LONG_MS = 50;
/** A turn that is as long shows as a delay that is nearly so. */
const LATE_MS = 40;
const LISTEN_MS = 10_000;
/** Whoever was late without a long turn, as on a machine that is too busy, is not listened to for so long. */
const REST_MS = 60_000;
const MOST = 50;

export class LongTurns {
  readonly #system: ActorSystem;
  #stop: (() => void) | undefined;
  #until = 0;
  #restUntil = 0;
  /** A long turn, since it was listened to. */
  #hasFound = false;
  #began = 0;
  #handling: unknown;
  #long: LongTurn[] = [];

  constructor(system: ActorSystem) {
    this.#system = system;
  }

  /** The event loop was kept waiting for so long. */
  delayed(ms: number): void {
    const now = performance.now();
    if (this.#stop === undefined && now < this.#restUntil) return;
    if (ms >= LATE_MS && (this.#stop === undefined || this.#hasFound)) {
      this.#until = now + LISTEN_MS;
      this.#hasFound = false;
      this.#stop ??= listen(this.#system, {
        turning: () => {
          this.#began = performance.now();
          this.#handling = undefined;
        },
        received: (_pid, message) => {
          this.#handling = message;
        },
        turned: (pid) => this.#turned(pid),
      });
    } else if (now > this.#until) {
      if (this.#stop !== undefined && !this.#hasFound) this.#restUntil = now + REST_MS;
      this.close();
    }
  }

  take(): readonly LongTurn[] {
    return this.#long.splice(0);
  }

  close(): void {
    this.#stop?.();
    this.#stop = undefined;
    this.#handling = undefined;
  }

  #turned(pid: Pid): void {
    const ms = performance.now() - this.#began;
    if (ms < LONG_MS || this.#long.length >= MOST) return;
    const tag =
      this.#handling === undefined ? undefined : cut(requestOf(this.#handling), LONGEST.tag);
    this.#hasFound = true;
    this.#long.push({ pid: pidText(pid), ms: Math.round(ms), tag });
  }
}
