/**
 * A record as it lies in memory. Nearly all that lie there wait in a queue or have ended, and differ in little:
 * what many have in common is said once for all of them, and the record is put together when somebody asks for it.
 */

import type { TaskRecord } from '../state/record.ts';
import { isFinal } from '../terms/task-state.ts';
import type { Place } from './line.ts';
import { FOREVER_MS } from './store.ts';
import type { Written } from './written.ts';

/** What many records have in common. */
type Form = Pick<
  TaskRecord,
  | 'name'
  | 'state'
  | 'queue'
  | 'priority'
  | 'attempt'
  | 'run'
  | 'crashes'
  | 'dueBy'
  | 'keepMs'
  | 'key'
  | 'version'
> & {
  /** What their moments are told from: the host keeps what is near to it as a small integer. */
  readonly epoch: number;
  /** Whether it has been in a queue, has begun, and has ended. */
  readonly isQueued: boolean;
  readonly isStarted: boolean;
  readonly isEnded: boolean;
};

/** Of which store it is, its forms; so many at most, and what is of another form is kept whole. */
const MOST_FORMS = 1000;

export class Forms {
  readonly #byName = new Map<string, Form[]>();
  #size = 0;

  /** Undefined of what is kept whole. */
  of(record: TaskRecord): Form | undefined {
    if (!isCommon(record)) return undefined;
    let known = this.#byName.get(record.name);
    if (known === undefined) {
      known = [];
      this.#byName.set(record.name, known);
    }
    for (const form of known) if (fits(record, form)) return form;
    if (this.#size >= MOST_FORMS) return undefined;
    const { name, state, queue, priority, attempt, run, crashes } = record;
    const { version, dueBy, keepMs, key, submittedAt } = record;
    const form: Form = {
      ...{ name, state, queue, priority, attempt, run, crashes, version, dueBy, keepMs, key },
      epoch: submittedAt,
      isQueued: record.queuedAt !== undefined,
      isStarted: record.startedAt !== undefined,
      isEnded: record.endedAt !== undefined,
    };
    // One that is far from its own beginning.
    if (!fits(record, form)) return undefined;
    known.push(form);
    this.#size++;
    return form;
  }
}

/** Whether it has nothing that few have. */
function isCommon(record: TaskRecord): boolean {
  return (
    record.state !== 'running' &&
    record.members === undefined &&
    record.join === undefined &&
    record.parent === undefined &&
    record.root === record.id &&
    record.worker === undefined &&
    record.leaseUntil === undefined &&
    record.expiresAt === undefined &&
    record.headers === undefined &&
    record.saved === undefined &&
    record.unique === undefined &&
    record.onFailure === undefined &&
    (record.key === undefined || record.key === record.name) &&
    Number.isInteger(record.submittedAt)
  );
}

/** Whether the host keeps the time between them as a small integer, which lasts for weeks. */
function isNear(at: number | undefined, epoch: number): boolean {
  return at === undefined || at - epoch === since(epoch, at);
}

/** As a small integer: what is just a difference of such moments the host may keep as an object of its own. */
function since(epoch: number, at: number): number {
  return (at - epoch) | 0;
}

function fits(record: TaskRecord, form: Form): boolean {
  return (
    record.state === form.state &&
    record.queue === form.queue &&
    record.attempt === form.attempt &&
    record.run === form.run &&
    record.priority === form.priority &&
    record.crashes === form.crashes &&
    record.version === form.version &&
    record.keepMs === form.keepMs &&
    record.dueBy === form.dueBy &&
    record.key === form.key &&
    (record.queuedAt !== undefined) === form.isQueued &&
    (record.startedAt !== undefined) === form.isStarted &&
    (record.endedAt !== undefined) === form.isEnded &&
    isNear(record.submittedAt, form.epoch) &&
    isNear(record.dueAt, form.epoch) &&
    isNear(record.queuedAt, form.epoch) &&
    isNear(record.startedAt, form.epoch) &&
    isNear(record.endedAt, form.epoch)
  );
}

const HERE = 0;
const WAITING = 1;
const GONE = 2;

/** One record, and what its store knows of it. While it waits, it is its own place in the line. */
export class Kept implements Place {
  readonly id: string;
  /** Rises in the order of insertion. */
  readonly order: number;
  /** As it is, if it is kept whole. */
  #whole: TaskRecord | undefined;
  #form: Form | undefined;
  #args = '';
  #submittedIn = 0;
  #dueIn = 0;
  #queuedIn = 0;
  #startedIn = 0;
  #endedIn = 0;
  #outcome: string | undefined;
  /** In its queue; undefined if it is in none, or was never. */
  place: Place | undefined;
  #presence: typeof HERE | typeof WAITING | typeof GONE = HERE;
  /** Of a store that writes: where what never changes of it is written, and what does. */
  fixedIn: Written | undefined;
  changingIn: Written | undefined;

  /** Whole at first. */
  constructor(record: TaskRecord, order: number) {
    this.id = record.id;
    this.order = order;
    this.#whole = record;
  }

  /** What it has in common with others is said once from now on. */
  shrink(forms: Forms): void {
    if (this.#whole !== undefined) this.become(this.#whole, forms);
  }

  become(record: TaskRecord, forms: Forms): void {
    const form = forms.of(record);
    this.#form = form;
    if (form === undefined) {
      this.#whole = record;
      return;
    }
    const { epoch } = form;
    const { submittedAt, queuedAt = submittedAt, startedAt = epoch, endedAt = epoch } = record;
    this.#whole = undefined;
    this.#args = record.args;
    this.#submittedIn = since(epoch, submittedAt);
    this.#dueIn = since(epoch, record.dueAt);
    this.#queuedIn = since(epoch, queuedAt);
    this.#startedIn = since(epoch, startedAt);
    this.#endedIn = since(epoch, endedAt);
    this.#outcome = record.outcome;
  }

  /** It is not in its store any more. What it was is still known to those who had it in a line. */
  leave(): void {
    this.#presence = GONE;
  }

  get isGone(): boolean {
    return this.#presence === GONE;
  }

  /** As its own place: whether it does not wait any more. */
  get isLeft(): boolean {
    return this.#presence !== WAITING;
  }

  set isLeft(isLeft: boolean) {
    if (this.#presence !== GONE) this.#presence = isLeft ? HERE : WAITING;
  }

  /** All of it: of one that is not kept whole, another object each time. */
  get record(): TaskRecord {
    const { id } = this;
    if (this.#whole !== undefined) return this.#whole;
    const form = this.#form as Form;
    const { epoch } = form;
    return {
      id,
      version: form.version,
      name: form.name,
      state: form.state,
      queue: form.queue,
      priority: form.priority,
      attempt: form.attempt,
      run: form.run,
      crashes: form.crashes,
      args: this.#args,
      dueAt: epoch + this.#dueIn,
      dueBy: form.dueBy,
      expiresAt: undefined,
      submittedAt: epoch + this.#submittedIn,
      queuedAt: form.isQueued ? epoch + this.#queuedIn : undefined,
      startedAt: form.isStarted ? epoch + this.#startedIn : undefined,
      endedAt: form.isEnded ? epoch + this.#endedIn : undefined,
      keepMs: form.keepMs,
      worker: undefined,
      leaseUntil: undefined,
      root: id,
      parent: undefined,
      join: undefined,
      onFailure: undefined,
      members: undefined,
      unique: undefined,
      key: form.key,
      headers: undefined,
      saved: undefined,
      outcome: this.#outcome,
    };
  }

  get version(): number {
    return this.#common.version;
  }

  get state(): TaskRecord['state'] {
    return this.#common.state;
  }

  get name(): string {
    return this.#common.name;
  }

  get queue(): string {
    return this.#common.queue;
  }

  get priority(): TaskRecord['priority'] {
    return this.#common.priority;
  }

  get key(): string | undefined {
    return this.#common.key;
  }

  get unique(): string | undefined {
    return this.#whole?.unique;
  }

  get join(): TaskRecord['join'] {
    return this.#whole?.join;
  }

  get members(): TaskRecord['members'] {
    return this.#whole?.members;
  }

  get root(): string {
    return this.#whole?.root ?? this.id;
  }

  get outcome(): string | undefined {
    return this.#whole === undefined ? this.#outcome : this.#whole.outcome;
  }

  /** If it has never begun. */
  get expiresAt(): number | undefined {
    return this.#whole?.run === 0 ? this.#whole.expiresAt : undefined;
  }

  get queuedAt(): number {
    if (this.#whole !== undefined) return this.#whole.queuedAt ?? this.#whole.submittedAt;
    return (this.#form as Form).epoch + this.#queuedIn;
  }

  /** When it has to be looked at, as `dueMoment` says. */
  get dueMoment(): number | undefined {
    if (this.isGone) return undefined;
    if (this.#whole !== undefined) return dueMoment(this.#whole);
    const form = this.#form;
    return form?.state === 'scheduled' ? form.epoch + this.#dueIn : undefined;
  }

  /** When it is forgotten; undefined if it has not ended. */
  get forgottenAt(): number | undefined {
    if (this.isGone) return undefined;
    const { state, keepMs } = this.#common;
    if (!isFinal(state)) return undefined;
    if (this.#whole !== undefined) return (this.#whole.endedAt ?? 0) + keepMs;
    const form = this.#form as Form;
    return form.isEnded ? form.epoch + this.#endedIn + keepMs : keepMs;
  }

  get #common(): TaskRecord | Form {
    return this.#whole ?? (this.#form as Form);
  }
}

/** When it has to be looked at: it is due, expires, or its lease is over. */
export function dueMoment(record: TaskRecord): number | undefined {
  const expiresAt = record.run === 0 ? record.expiresAt : undefined;
  switch (record.state) {
    case 'scheduled':
      return expiresAt === undefined ? record.dueAt : Math.min(record.dueAt, expiresAt);
    case 'queued':
      return expiresAt;
    case 'running': {
      const { leaseUntil, startedAt = 0 } = record;
      // What cannot be lost is not looked at.
      const isForEver = leaseUntil !== undefined && leaseUntil - startedAt >= FOREVER_MS;
      return isForEver ? undefined : leaseUntil;
    }
    default:
      return undefined;
  }
}
