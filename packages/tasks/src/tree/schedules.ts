/** Schedules as requests of the store's actor: they are notes of the store, and each slot is a task under an id of its own. */

import { isDeepStrictEqual } from 'node:util';
import type { Store } from '../stores/store.ts';
import { isFinal } from '../terms/task-state.ts';
import type { Batch, Steps } from './batch.ts';
import { type Firing, firingOf } from './firing.ts';
import type { ScheduleFound, StoredSchedule } from './messages.ts';
import { slotAfter } from './slots.ts';
import { type Submitting, submitOne } from './submission.ts';
import type { Time } from './time.ts';
import type { Request } from './turns.ts';

/** A note, as it is kept under the name of the schedule. */
interface Noted {
  readonly schedule: StoredSchedule;
  /** Set by the options of an application, and gone with them. */
  readonly isOption: boolean;
  readonly next: number | undefined;
  readonly last: { readonly slot: number; readonly id: string } | undefined;
}

interface Known extends Noted {
  readonly name: string;
  readonly version: number;
}

/** What came of one slot. */
export type SlotNews =
  | {
      readonly kind: 'fired';
      readonly schedule: string;
      readonly slot: number;
      readonly id: string;
    }
  | {
      readonly kind: 'skipped';
      readonly schedule: string;
      readonly slot: number;
      readonly why: 'overlap' | 'missed';
    };

export interface SchedulesOptions {
  readonly store: Store;
  readonly names: Submitting['names'];
  readonly time: Time;
  readonly owner: string;
  readonly tell: (news: SlotNews) => void;
  /** A slot could not be submitted. */
  readonly failed: (schedule: string, why: string) => void;
}

const PREFIX = 'schedule/';
/** How long a leader leads without being heard of. */
export const LEAD_MS = 15_000;

export class Schedules {
  readonly #options: SchedulesOptions;
  /** By the system's clock, which nobody sets. */
  leadsUntil = 0;

  constructor(options: SchedulesOptions) {
    this.#options = options;
  }

  get isLeader(): boolean {
    return this.#options.time.now() < this.leadsUntil;
  }

  set(
    name: string,
    schedule: StoredSchedule,
    isOption: boolean,
    answer: (nothing: undefined) => void,
  ): Request {
    const put = (batch: Batch): Steps<void> => this.#put(batch, name, schedule, isOption);
    return {
      *work(batch) {
        yield* put(batch);
        return () => answer(undefined);
      },
    };
  }

  delete(name: string, answer: (wasThere: boolean) => void): Request {
    const { store } = this.#options;
    return {
      *work(batch) {
        const note = yield* batch.got(store.note(PREFIX + name));
        if (note !== undefined)
          batch.note({ key: PREFIX + name, value: undefined, version: note.version });
        return () => answer(note !== undefined);
      },
    };
  }

  list(answer: (found: readonly ScheduleFound[]) => void): Request {
    const all = (batch: Batch): Steps<Known[]> => this.#all(batch);
    return {
      isRead: true,
      *work(batch) {
        const found = yield* all(batch);
        return () =>
          answer(found.map(({ name, schedule, next, last }) => ({ name, schedule, next, last })));
      },
    };
  }

  /** Those of the options, and of theirs no others. */
  sync(
    wanted: readonly (readonly [string, StoredSchedule])[],
    answer: (nothing: undefined) => void,
  ): Request {
    const all = (batch: Batch): Steps<Known[]> => this.#all(batch);
    const put = (batch: Batch, name: string, schedule: StoredSchedule): Steps<void> =>
      this.#put(batch, name, schedule, true);
    return {
      *work(batch) {
        const names = new Set(wanted.map(([name]) => name));
        for (const { name, isOption, version } of yield* all(batch))
          if (isOption && !names.has(name))
            batch.note({ key: PREFIX + name, value: undefined, version });
        for (const [name, schedule] of wanted) yield* put(batch, name, schedule);
        return () => answer(undefined);
      },
    };
  }

  lead(answer: (until: number | undefined) => void): Request {
    const { store, owner, time } = this.#options;
    const led = (until: number | undefined): void => {
      this.leadsUntil = until ?? 0;
    };
    return {
      isRead: true,
      *work(batch) {
        const until = yield* batch.got(store.lead('schedules', owner, LEAD_MS, time.now()));
        return () => {
          led(until);
          answer(until);
        };
      },
    };
  }

  /** Submits what is due. A slot and the note that it was are kept together. */
  fire(since: number, leadsUntil: number, answer: (next: number | undefined) => void): Request {
    const fireAll = (batch: Batch): Steps<() => number | undefined> =>
      this.#fireAll(batch, since, leadsUntil);
    return {
      isWhole: true,
      *work(batch) {
        const told = yield* fireAll(batch);
        return () => answer(told());
      },
    };
  }

  *#fireAll(batch: Batch, since: number, leadsUntil: number): Steps<() => number | undefined> {
    const { time, tell } = this.#options;
    const news: SlotNews[] = [];
    let soonest: number | undefined;
    for (const known of yield* this.#all(batch)) {
      // The own clock says when a lead is over; nobody is asked.
      if (time.now() >= leadsUntil) break;
      const next = yield* this.#fireOne(batch, known, since, news);
      if (next !== undefined && (soonest === undefined || next < soonest)) soonest = next;
    }
    return () => {
      for (const each of news) tell(each);
      return soonest;
    };
  }

  *#fireOne(
    batch: Batch,
    known: Known,
    since: number,
    news: SlotNews[],
  ): Steps<number | undefined> {
    const { name, schedule, next, last, isOption, version } = known;
    if (next === undefined) return undefined;
    const { rhythm, overlap, catchUp } = schedule;
    const now = this.#options.time.wall();
    const earlier = last && (yield* batch.find(last.id));
    const isLastOpen = earlier !== undefined && !isFinal(earlier.state);
    const firing = firingOf({ rhythm, overlap, catchUp, next, isLastOpen, since, now });
    if (firing.replaces && last !== undefined) yield* this.#revoke(batch, last.id, name);
    const lastRun = yield* this.#submit(batch, known, firing, news);
    for (const { slot, why } of firing.skipped)
      news.push({ kind: 'skipped', schedule: name, slot, why });
    if (firing.next !== next) {
      const noted: Noted = { schedule, isOption, next: firing.next, last: lastRun ?? last };
      batch.note({ key: PREFIX + name, value: JSON.stringify(noted), version });
    }
    return firing.next;
  }

  *#submit(
    batch: Batch,
    { name, schedule }: Known,
    { run }: Firing,
    news: SlotNews[],
  ): Steps<Noted['last']> {
    const { names, time, failed } = this.#options;
    let last: Noted['last'];
    for (const slot of run) {
      const id = `${name}@${new Date(slot).toISOString()}`;
      const submitting = { batch, names, fresh: () => id, now: time.now() };
      const submitted = yield* submitOne(submitting, { ...schedule.submission, id });
      if (submitted.ok) {
        last = { slot, id };
        news.push({ kind: 'fired', schedule: name, slot, id });
      } else {
        const { refused } = submitted;
        failed(name, refused.kind === 'unknown_task' ? `no task "${refused.name}"` : refused.kind);
      }
    }
    return last;
  }

  *#revoke(batch: Batch, id: string, name: string): Steps<void> {
    const reason = `The next slot of the schedule "${name}" replaces it`;
    const now = this.#options.time.now();
    yield* batch.apply(id, { kind: 'revoke', reason, running: 'end', graceMs: 0, now });
  }

  /** The same again changes nothing. Of another, slots that have passed do not count. */
  *#put(batch: Batch, name: string, schedule: StoredSchedule, isOption: boolean): Steps<void> {
    const { store, time } = this.#options;
    const note = yield* batch.got(store.note(PREFIX + name));
    const known = note && (JSON.parse(note.value) as Noted);
    const plain = JSON.parse(JSON.stringify(schedule)) as StoredSchedule;
    if (known !== undefined && isDeepStrictEqual(known.schedule, plain)) {
      if (known.isOption === isOption) return;
      const value = JSON.stringify({ ...known, isOption });
      batch.note({ key: PREFIX + name, value, version: note?.version ?? 0 });
      return;
    }
    const next = slotAfter(schedule.rhythm, time.wall());
    const noted: Noted = { schedule, isOption, next, last: known?.last };
    batch.note({ key: PREFIX + name, value: JSON.stringify(noted), version: note?.version ?? 0 });
  }

  *#all(batch: Batch): Steps<Known[]> {
    const notes = yield* batch.got(this.#options.store.notes(PREFIX));
    return notes.map(({ key, value, version }) => {
      const noted = JSON.parse(value) as Noted;
      return { ...noted, name: key.slice(PREFIX.length), version };
    });
  }
}
