/**
 * Which turns keep the event loop waiting. Each turn is timed for that, which costs a look at the clock: so only for
 * a while after the event loop was found late, and within a share of the time. Where turns are so many that they
 * would take more, some of that while is timed, and the rest is not.
 */

import type { ActorSystem, Pid } from 'beamish';
import { type Listener, listen, lookedAt } from 'beamish/observation';
import { cut } from '../terms/text.ts';
import { LONGEST, pidText } from '../terms/wire.ts';
import { requestOf } from './happenings.ts';
import type { LongTurn } from './orders.ts';

const LONG_MS = 50;
/** A turn that is as long shows as a delay that is nearly so. */
const LATE_MS = 40;
const LISTEN_MS = 10_000;
/** Whoever was late without a long turn, as on a machine that is too busy, is not listened to for so long. */
const REST_MS = 60_000;
const MOST = 50;
/** The part of the time that it may take. */
const SHARE = 0.01;
/** What timing a turn costs, in ms: measured by the benchmark, and rounded up. */
const COST_MS = 80e-6;
/** How much of the time that was not needed is saved: as much as to time all turns for some 20 ms. */
const SAVED_MS = 10;
/** How often what it takes is looked at, in turns. */
const CHECK_EVERY = 256;

export class LongTurns implements Listener {
  readonly #system: ActorSystem;
  /** Whether the scheduler looks at the host's clock, and so tells when a slice began. */
  readonly #isHosts: boolean;
  #stop: (() => void) | undefined;
  /** It is listened to until then; 0 if it is not. */
  #until = 0;
  #restUntil = 0;
  /** A long turn, since it was listened to. */
  #hasFound = false;
  /** In ms; what may still be spent. */
  #saved = SAVED_MS;
  #savedAt = performance.now();
  #timed = 0;
  #looked = 0;
  #began = 0;
  #handling: unknown;
  #long: LongTurn[] = [];

  constructor(system: ActorSystem) {
    this.#system = system;
    this.#isHosts = Math.abs(system.now() - performance.now()) < 1000;
  }

  /** The event loop was kept waiting for so long, as a look finds. */
  delayed(ms: number): void {
    const now = performance.now();
    const isOn = now < this.#until;
    if (ms >= LATE_MS && now >= this.#restUntil && (!isOn || this.#hasFound)) {
      this.#until = now + LISTEN_MS;
      this.#hasFound = false;
    } else if (this.#until > 0 && !isOn) {
      if (!this.#hasFound) this.#restUntil = now + REST_MS;
      this.#until = 0;
      this.close();
    }
    this.#save(now);
    if (this.#until === 0 || this.#saved <= 0 || this.#stop !== undefined) return;
    this.#looked = Number.NaN;
    this.#stop = listen(this.#system, this);
  }

  take(): readonly LongTurn[] {
    return this.#long.splice(0);
  }

  close(): void {
    this.#stop?.();
    this.#stop = undefined;
    this.#handling = undefined;
  }

  /** In the middle of a slice, a turn begins where the last one ended. */
  turning(): void {
    const looked = lookedAt(this.#system);
    if (this.#isHosts && looked === this.#looked) return;
    this.#looked = looked;
    this.#began = performance.now();
  }

  received(_pid: Pid, message: unknown): void {
    this.#handling = message;
  }

  turned(pid: Pid): void {
    const now = performance.now();
    const ms = now - this.#began;
    this.#began = now;
    if (ms >= LONG_MS) this.#found(pid, ms);
    this.#handling = undefined;
    if (++this.#timed < CHECK_EVERY) return;
    this.#save(now);
    if (this.#saved <= 0) this.close();
  }

  #save(now: number): void {
    const earned = SHARE * (now - this.#savedAt) - COST_MS * this.#timed;
    this.#saved = Math.min(SAVED_MS, this.#saved + earned);
    this.#savedAt = now;
    this.#timed = 0;
  }

  #found(pid: Pid, ms: number): void {
    // The turn in which it began to listen had begun before.
    if (Number.isNaN(this.#looked) || this.#long.length >= MOST) return;
    const tag =
      this.#handling === undefined ? undefined : cut(requestOf(this.#handling), LONGEST.tag);
    this.#hasFound = true;
    this.#long.push({ pid: pidText(pid), ms: Math.round(ms), tag });
  }
}
