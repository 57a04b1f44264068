/** Events, as Celery's workers tell them: those of tasks in batches, and none if the broker is slow. */

import type { Self } from 'beamish';
import { type Seams, seamsOf } from 'beamish/transport';
import {
  type CeleryEvent,
  eventOf,
  keyOf,
  TASK_EVENTS_KEY,
  type TaskEventType,
  type WorkerEventType,
  workerFields,
} from '../messages/event.ts';
import { transient } from '../messages/wire-message.ts';
import { writeJson } from '../terms/json.ts';
import { EVENTS } from '../wire/wire.ts';
import type { Deployment } from './deployment.ts';
import { reportEventsDropped } from './reports.ts';

/** To the worker: what has gathered is to be sent. */
export const FLUSH_EVENTS = { tag: '$flush_events' } as const;

/** As Celery's: a batch waits at most so long, and has at most so many. */
const BATCH_MS = 500;
const BATCH = 500;
/** With more than this unconfirmed, tasks come first. */
const SLOW = 2000;
const REPORT_MS = 10_000;

export class EventSender {
  /** Switched by remote control. */
  isEnabled = true;
  readonly #self: Self;
  readonly #deployment: Deployment;
  readonly #seams: Seams;
  #batch: CeleryEvent[] = [];
  #isWaiting = false;
  #dropped = 0;
  #reportedAt = Number.NEGATIVE_INFINITY;

  constructor(self: Self, deployment: Deployment) {
    this.#self = self;
    this.#deployment = deployment;
    this.#seams = seamsOf(self);
  }

  task(type: TaskEventType, uuid: string, fields: Readonly<Record<string, unknown>> = {}): void {
    if (!this.isEnabled) return;
    if (this.#deployment.wire.pending > SLOW) {
      this.#drop();
      return;
    }
    this.#batch.push(eventOf(this.#source(), type, { uuid, ...fields }));
    if (this.#batch.length >= BATCH) this.flush();
    else if (!this.#isWaiting) {
      this.#isWaiting = true;
      this.#self.sendAfter(BATCH_MS, this.#self.pid as never, FLUSH_EVENTS as never);
    }
  }

  worker(
    type: WorkerEventType,
    counts: { readonly active: number; readonly processed: number },
  ): void {
    if (this.#deployment.wire.pending > SLOW) return;
    this.#send(keyOf(type), writeJson(eventOf(this.#source(), type, workerFields(counts))));
  }

  flush(): void {
    this.#isWaiting = false;
    if (this.#batch.length === 0) return;
    const batch = this.#batch;
    this.#batch = [];
    this.#send(TASK_EVENTS_KEY, writeJson(batch));
  }

  #send(key: string, body: string): void {
    const { wire, settings } = this.#deployment;
    const headers = { hostname: settings.node };
    wire.emit({ exchange: EVENTS, key }, { properties: transient(), headers, body });
  }

  #drop(): void {
    this.#dropped++;
    const now = this.#seams.now();
    if (now - this.#reportedAt < REPORT_MS) return;
    this.#reportedAt = now;
    reportEventsDropped(this.#self, this.#dropped);
    this.#dropped = 0;
  }

  #source() {
    const { settings, clock } = this.#deployment;
    return {
      hostname: settings.node,
      pid: process.pid,
      tick: () => clock.tick(),
      now: () => this.#seams.wall() / 1000,
    };
  }
}
