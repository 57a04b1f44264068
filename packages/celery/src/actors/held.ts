/**
 * Calls that wait for their moment. Where the application's store outlives us they wait in it, acknowledged, and come
 * back to their queue when they are due; elsewhere they are with us, each with a timer, and their deliveries, too.
 */

import { revoke, submit, type TasksAddress } from '@beamish/tasks';
import { Definition, listsIn, type TaskRecord } from '@beamish/tasks/engine';
import type { Actor, Ref, Self } from 'beamish';
import { seamsOf } from 'beamish/transport';
import type { Route } from '../messages/canvas.ts';
import { copyOf, type Delivery, type WireMessage } from '../messages/wire-message.ts';
import type { Job } from './job.ts';
import { reportHeld } from './reports.ts';

/** To the worker: a call's moment has come. */
export interface Due {
  readonly tag: '$due';
  readonly identity: string;
}

/** To the worker: a call is in the store, or could not be put there. */
export interface Stored {
  readonly tag: '$stored';
  readonly job: Job;
  readonly isStored: boolean;
}

/** How queues of the application begin in which calls wait that go back to a queue of the deployment. */
export const HELD = 'celery+held:';

/** Header of a message that has waited in a store: clocks may differ by what is left. */
const WAITED = 'x-beamish-held';
/** No timer is longer: a clock may be set meanwhile. */
const LONGEST_MS = 60_000;
const MANY_HELD = 1000;

/** `'here'`: with its delivery, for good. */
type Place = 'here' | 'storing' | 'stored';

interface Entry {
  readonly job: Job;
  readonly timer: Ref;
  place: Place;
}

export class Held {
  readonly #self: Self;
  /** Undefined: it keeps nothing longer than we are there. */
  readonly #app: TasksAddress | undefined;
  readonly #byIdentity = new Map<string, Entry>();
  #stored = 0;
  #reportAbove = MANY_HELD;

  constructor(self: Self, app: TasksAddress | undefined) {
    this.#self = self;
    this.#app = app;
  }

  get jobs(): readonly Job[] {
    return [...this.#byIdentity.values()].map(({ job }) => job);
  }

  /** How many deliveries are with us for it. */
  get unacknowledged(): number {
    return this.#byIdentity.size - this.#stored;
  }

  /** Some are on their way to the store. */
  get isStoring(): boolean {
    for (const { place } of this.#byIdentity.values()) if (place === 'storing') return true;
    return false;
  }

  find(identity: string): Job | undefined {
    return this.#byIdentity.get(identity)?.job;
  }

  placeOf({ identity }: Job): Place | undefined {
    return this.#byIdentity.get(identity)?.place;
  }

  hold(job: Job): void {
    const { identity } = job;
    const known = this.#byIdentity.get(identity);
    const ms = Math.max(0, (job.call.eta as number) - seamsOf(this.#self).wall());
    const due: Due = { tag: '$due', identity };
    const { pid } = this.#self;
    const timer = this.#self.sendAfter(
      Math.ceil(Math.min(LONGEST_MS, ms)),
      pid as never,
      due as never,
    );
    const app = job.deliveries[0]?.headers[WAITED] === true ? undefined : this.#app;
    const place = known?.place ?? (app === undefined ? 'here' : 'storing');
    this.#byIdentity.set(identity, { job, timer, place });
    if (known !== undefined) return;
    if (app === undefined) this.#reportMany();
    else this.#self.spawn(storing, app, pid as never, job);
  }

  /** It is in the store, or stays here. False: nobody holds it any more. */
  stored({ job, isStored }: Stored): boolean {
    const entry = this.#byIdentity.get(job.identity);
    if (entry?.job !== job) return false;
    entry.place = isStored ? 'stored' : 'here';
    if (isStored) this.#stored++;
    else this.#reportMany();
    return true;
  }

  /** It is run, or ended, by whoever asks. */
  take({ identity }: Job): void {
    const entry = this.#byIdentity.get(identity);
    if (entry === undefined) return;
    this.#self.cancelTimer(entry.timer);
    this.#byIdentity.delete(identity);
    if (entry.place === 'stored') this.#stored--;
  }

  /** It is not to come back. */
  revoke(job: Job): void {
    const { place } = this.#byIdentity.get(job.identity) ?? {};
    this.take(job);
    if (this.#app !== undefined && place !== 'here')
      this.#self.spawn(revoking, this.#app, storedId(job));
  }

  #reportMany(): void {
    if (this.unacknowledged <= this.#reportAbove) return;
    this.#reportAbove *= 2;
    reportHeld(this.#self, this.unacknowledged);
  }
}

/** Of the task that brings it back; the same for each delivery of the call. */
function storedId({ identity }: Job): string {
  return `${identity}:held`;
}

function* storing(self: Self, app: TasksAddress, worker: Self['pid'], job: Job): Actor {
  const { call, deliveries } = job;
  const delivery = deliveries[0] as Delivery;
  const options = { queue: delivery.queue, result: { keepMs: 0 } };
  const task = new Definition(call.name, options, undefined, HELD);
  let isStored = true;
  try {
    const given = task.s(copyOf(delivery, { [WAITED]: true })) as never;
    yield* submit(self, app, given, { id: storedId(job), at: new Date(call.eta as number) });
  } catch {
    // The application is gone, or cannot keep it: it is as safe where it is.
    isStored = false;
  }
  const stored: Stored = { tag: '$stored', job, isStored };
  self.send(worker as never, stored as never);
}

function* revoking(self: Self, app: TasksAddress, id: string): Actor {
  yield* revoke(self, app, id as never);
}

/** What goes back to where. */
export interface Brought {
  readonly to: Route;
  readonly message: WireMessage;
}

/** For a task that brings a call back; undefined of any other task. */
export function broughtBack({ queue, args }: TaskRecord): Brought | undefined {
  if (!queue.startsWith(HELD)) return undefined;
  const message = listsIn(args)[0]?.[0] as WireMessage;
  return { to: { exchange: '', key: queue.slice(HELD.length) }, message };
}
