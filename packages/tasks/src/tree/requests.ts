/** What can be asked of the store's actor, as requests: what each does to a batch, and its answer. */

import type { Applied, Refused, TaskEvent } from '../state/events.ts';
import type { TaskRecord } from '../state/record.ts';
import { OF_TASK } from '../stores/notes.ts';
import { type Counts, PAGE, type Store, type TaskFilter } from '../stores/store.ts';
import { type Batch, IdTaken, type Steps } from './batch.ts';
import type { Found, RevokeOptions, Run, Submission, Submitted, TasksCalls } from './messages.ts';
import { isPlain, isRunning, type Submitting, submitOne, submitPlain } from './submission.ts';
import type { Request } from './turns.ts';

/** Who a request is answered to. */
export type Answering<K extends keyof TasksCalls> = (value: ReturnType<TasksCalls[K]>) => void;

export interface RequestsOptions {
  readonly store: Store;
  readonly definitions: Submitting['names'];
  readonly fresh: () => string;
  readonly now: () => number;
  /** Queues that nobody is to take from. Set here, of what the store has. */
  readonly paused: Set<string>;
  readonly progressOf: (id: string) => string | undefined;
}

const DEFAULT_GRACE_MS = 5000;

export class Requests {
  readonly #options: RequestsOptions;

  constructor(options: RequestsOptions) {
    this.#options = options;
  }

  submit(
    submissions: readonly Submission[],
    isWhole: boolean,
    answer: Answering<'submit'>,
  ): Request {
    const { definitions: names, fresh, now } = this.#options;
    // The same ones if it is tried again, so that the ids are, too.
    const ids = submissions.map(({ id }) => id ?? fresh());
    return {
      ids,
      isWhole,
      now(batch) {
        for (const submission of submissions) {
          const { id } = submission;
          if (!isPlain(submission) || !(id === undefined || batch.isAtHand(id))) return undefined;
        }
        const at = now();
        const submitted = submissions.map((submission, i) =>
          submitPlain(batch, names, submission, ids[i] as string, at),
        );
        return () => answer(submitted);
      },
      work: (batch) => submittingAll({ batch, names, now: now() }, submissions, ids, answer),
      refuse: (why) =>
        answer(submissions.map(() => ({ ok: false, refused: { kind: 'store_failed', why } }))),
    };
  }

  /** What happens to a task; `answer` gets the record as it was, and whether anything has happened. */
  change(
    id: string,
    event: TaskEvent,
    answer: (before: TaskRecord | undefined, refused: string | undefined) => void,
  ): Request {
    return new ChangeRequest(id, event, answer);
  }

  /** The body of a task has ended; `replaced` is told of one whose run did not count any more. */
  ended(id: string, event: TaskEvent, replaced: (now: TaskRecord) => void): Request {
    return new EndedRequest(id, event, replaced);
  }

  revoke(id: string, options: RevokeOptions, answer: Answering<'revoke'>): Request {
    const { reason = 'It was revoked', running = 'end', graceMs = DEFAULT_GRACE_MS } = options;
    const event = { kind: 'revoke', reason, running, graceMs, now: this.#options.now() } as const;
    return this.change(id, event, (before) => answer(before?.state));
  }

  retry(id: string, answer: Answering<'retry'>): Request {
    const event = { kind: 'retry', now: this.#options.now() } as const;
    return this.change(id, event, (_, refused) => answer(refused === undefined));
  }

  forget(id: string, answer: Answering<'forget'>): Request {
    return this.change(id, { kind: 'forget' }, (_, refused) => answer(refused === undefined));
  }

  /** Waits its turn. */
  nothing(told: () => void): Request {
    return {
      isRead: true,
      *work() {
        return told;
      },
    };
  }

  find(id: string, answer: (found: Found | undefined) => void): Request {
    return new FindRequest(id, this.#options.progressOf, answer);
  }

  /** The encoded outcomes of those that have ended, by place. */
  outcomes(
    ids: readonly string[],
    answer: (outcomes: readonly (string | undefined)[]) => void,
  ): Request {
    const { store } = this.#options;
    return {
      ids,
      isRead: true,
      now(batch) {
        if (store.outcome !== undefined) {
          // By then all that is there is kept.
          return () => answer(ids.map((id) => store.outcome?.(id)));
        }
        if (!ids.every((id) => batch.isAtHand(id))) return undefined;
        return () => answer(ids.map((id) => batch.known(id)?.outcome));
      },
      *work(batch) {
        for (const id of ids) yield* batch.find(id);
        return () => answer(ids.map((id) => batch.known(id)?.outcome));
      },
    };
  }

  list(filter: TaskFilter, after: string | undefined, answer: Answering<'list'>): Request {
    const { store, progressOf } = this.#options;
    return {
      isRead: true,
      *work(batch) {
        const records = yield* batch.got(store.list(filter, after));
        const found = records.map((record) => ({ record, progress: progressOf(record.id) }));
        return () => answer(found);
      },
    };
  }

  /** Revokes all that is queued there. */
  purge(queue: string, answer: Answering<'purge'>): Request {
    const { store, now } = this.#options;
    return {
      *work(batch) {
        const reason = `Its queue "${queue}" was purged`;
        const event = { kind: 'revoke', reason, running: 'spare', now: now() } as const;
        let count = 0;
        let after: string | undefined;
        for (;;) {
          const page = yield* batch.got(store.list({ queue, state: 'queued', limit: PAGE }, after));
          for (const { id } of page) if (!('refused' in (yield* batch.apply(id, event)))) count++;
          after = page.at(-1)?.id;
          if (page.length < PAGE) break;
        }
        return () => answer(count);
      },
    };
  }

  pause(queue: string, isPaused: boolean, answer: (nothing: undefined) => void): Request {
    const { store, paused } = this.#options;
    return {
      *work(batch) {
        const note = yield* batch.got(store.note(PAUSED));
        const queues = new Set(JSON.parse(note?.value ?? '[]') as string[]);
        if (isPaused) queues.add(queue);
        else queues.delete(queue);
        const value = JSON.stringify([...queues]);
        batch.note({ key: PAUSED, value, version: note?.version ?? 0 });
        return () => {
          if (isPaused) paused.add(queue);
          else paused.delete(queue);
          answer(undefined);
        };
      },
    };
  }

  /** Which queues are paused, as the store says. */
  loadPaused(): Request {
    const { store, paused } = this.#options;
    return {
      isRead: true,
      *work(batch) {
        const note = yield* batch.got(store.note(PAUSED));
        return () => {
          paused.clear();
          for (const queue of JSON.parse(note?.value ?? '[]') as string[]) paused.add(queue);
        };
      },
    };
  }

  counts(answer: (counts: Counts) => void): Request {
    const { store } = this.#options;
    return {
      isRead: true,
      *work(batch) {
        const counts = yield* batch.got(store.counts());
        return () => answer(counts);
      },
    };
  }

  checkpoint({ id, run }: Run, value: string, answer: Answering<'checkpoint'>): Request {
    const event = { kind: 'checkpoint', run, value, now: this.#options.now() } as const;
    return this.change(id, event, (_, refused) => answer(refused === undefined));
  }

  /** What a step of `once` resulted in. */
  noted({ id, run }: Run, key: string, answer: Answering<'noted'>): Request {
    const { store } = this.#options;
    return { isRead: true, work: (batch) => finding(batch, { store, id, run, key }, answer) };
  }

  keep({ id, run }: Run, key: string, value: string, answer: Answering<'keep'>): Request {
    const { store } = this.#options;
    return { work: (batch) => keeping(batch, { store, id, run, key, value }, answer) };
  }
}

// What is asked for often has its steps here: a generator function that is made anew costs twenty times what its
// generator does.

/** `ids` are those of what has none of its own. */
function* submittingAll(
  given: Omit<Submitting, 'fresh'>,
  submissions: readonly Submission[],
  ids: readonly string[],
  answer: Answering<'submit'>,
): Steps<() => void> {
  const submitted: Submitted[] = [];
  for (const [i, submission] of submissions.entries()) {
    const id = ids[i] as string;
    try {
      submitted.push(yield* submitOne({ ...given, fresh: () => id }, submission));
    } catch (error) {
      if (!(error instanceof IdTaken)) throw error;
      submitted.push({ ok: false, refused: { kind: 'id_taken', id } });
    }
  }
  return () => answer(submitted);
}

/** What a step of `once` keeps. */
interface OnceNote extends Run {
  readonly store: Store;
  readonly key: string;
}

function* finding(
  batch: Batch,
  { store, id, run, key }: OnceNote,
  answer: Answering<'noted'>,
): Steps<() => void> {
  if (!isRunning(yield* batch.find(id), run)) return () => answer('stale_run');
  const note = yield* batch.got(store.note(noteKey(id, key)));
  return () => answer({ value: note?.value });
}

function* keeping(
  batch: Batch,
  { store, id, run, key, value }: OnceNote & { readonly value: string },
  answer: Answering<'keep'>,
): Steps<() => void> {
  if (!isRunning(yield* batch.find(id), run)) return () => answer(false);
  const note = yield* batch.got(store.note(noteKey(id, key)));
  batch.note({ key: noteKey(id, key), value, version: note?.version ?? 0 });
  return () => answer(true);
}

function noteKey(id: string, key: string): string {
  return `${id}${OF_TASK}once${OF_TASK}${key}`;
}

/** The note that says which queues are paused. */
const PAUSED = 'paused';

/** What happens to one task: most of all requests, so they are made of one shape. */
class ChangeRequest implements Request {
  readonly id: string;
  readonly #event: TaskEvent;
  readonly #answer: (before: TaskRecord | undefined, refused: string | undefined) => void;

  constructor(
    id: string,
    event: TaskEvent,
    answer: (before: TaskRecord | undefined, refused: string | undefined) => void,
  ) {
    this.id = id;
    this.#event = event;
    this.#answer = answer;
  }

  now(batch: Batch): (() => void) | undefined {
    if (!batch.isAtHand(this.id)) return undefined;
    const before = batch.known(this.id);
    const result = batch.applyNow(this.id, this.#event);
    return result && (() => this.#answer(before, 'refused' in result ? result.refused : undefined));
  }

  *work(batch: Batch): Steps<() => void> {
    const before = yield* batch.find(this.id);
    const result = yield* batch.apply(this.id, this.#event);
    return () => this.#answer(before, 'refused' in result ? result.refused : undefined);
  }
}

/** The end of a body, which nobody is to be answered for. */
class EndedRequest implements Request {
  readonly id: string;
  readonly #event: TaskEvent;
  readonly #replaced: (now: TaskRecord) => void;

  constructor(id: string, event: TaskEvent, replaced: (now: TaskRecord) => void) {
    this.id = id;
    this.#event = event;
    this.#replaced = replaced;
  }

  now(batch: Batch): (() => void) | undefined {
    const result = batch.applyNow(this.id, this.#event);
    return result && this.#told(batch, result);
  }

  *work(batch: Batch): Steps<() => void> {
    return this.#told(batch, yield* batch.apply(this.id, this.#event));
  }

  #told(batch: Batch, result: Applied | Refused): () => void {
    if ('refused' in result && result.refused === 'stale') {
      const [record, replaced] = [batch.known(this.id), this.#replaced];
      if (record !== undefined) return () => replaced(record);
    }
    return NOTHING;
  }
}

const NOTHING = (): void => {};

class FindRequest implements Request {
  readonly id: string;
  readonly isRead = true;
  readonly #progressOf: RequestsOptions['progressOf'];
  readonly #answer: (found: Found | undefined) => void;

  constructor(
    id: string,
    progressOf: RequestsOptions['progressOf'],
    answer: (found: Found | undefined) => void,
  ) {
    this.id = id;
    this.#progressOf = progressOf;
    this.#answer = answer;
  }

  now(batch: Batch): (() => void) | undefined {
    return batch.isAtHand(this.id) ? () => this.#tell(batch) : undefined;
  }

  *work(batch: Batch): Steps<() => void> {
    yield* batch.find(this.id);
    return () => this.#tell(batch);
  }

  #tell(batch: Batch): void {
    // What came behind it in this turn has been told by now, and nobody must miss it.
    const record = batch.known(this.id);
    this.#answer(record && { record, progress: this.#progressOf(this.id) });
  }
}
