/** What the application can be asked, as handlers of its server: each becomes a request, and is answered once it is kept. */

import { type Actor, type Body, later, type Pid, type ReplyTo, type Self } from 'beamish';
import type { Counts } from '../stores/store.ts';
import type {
  EndedOnes,
  Submitted,
  TasksCalls,
  WaitersMessage,
  WorkerMessage,
} from './messages.ts';
import type { Requests } from './requests.ts';
import type { Schedules } from './schedules.ts';
import type { TasksStats } from './stats.ts';
import type { Request } from './turns.ts';

export interface CallsOptions {
  readonly requests: Requests;
  readonly schedules: Schedules;
  /** Schedules have changed. */
  readonly lookAtSchedules: () => void;
  readonly add: (request: Request) => void;
  readonly answer: <T>(to: ReplyTo<T>, value: T) => void;
  readonly tellWaiters: (message: WaitersMessage) => void;
  /** What has been answered to the outside is to be heard there before anything else happens. */
  readonly letOutsideHear: () => void;
  readonly workers: () => readonly Pid<WorkerMessage>[];
  readonly spawn: (body: Body<never, [], void>) => unknown;
  readonly statsOf: (counts: Counts) => TasksStats;
}

/** Each answers later. */
export type Handled = {
  [K in keyof TasksCalls]: (...args: Parameters<TasksCalls[K]>) => never;
};

export function callsOf(options: CallsOptions): Handled {
  const {
    requests,
    schedules,
    lookAtSchedules,
    add,
    answer,
    tellWaiters,
    letOutsideHear,
    workers,
    spawn,
    statsOf,
  } = options;
  const ask = <T>(make: (answer: (value: T) => void) => Request): never =>
    later<T>((to) => add(make((value) => answer(to, value)))) as never;
  const looking =
    <T>(told: (value: T) => void) =>
    (value: T): void => {
      told(value);
      lookAtSchedules();
    };
  return {
    stats: () => ask<TasksStats>((told) => requests.counts((counts) => told(statsOf(counts)))),
    submit: (submissions, { isOutside, isWhole }) =>
      ask<readonly Submitted[]>((told) =>
        requests.submit(submissions, isWhole, (submitted) => {
          told(submitted);
          if (isOutside) letOutsideHear();
        }),
      ),
    outcome: (id, wait) =>
      later<string>((replyTo) =>
        add(
          requests.find(id, (found) => {
            const outcome = found?.record.outcome;
            if (outcome !== undefined) answer(replyTo, outcome);
            else tellWaiters({ tag: 'await', id, wait, replyTo });
          }),
        ),
      ) as never,
    outcomes: (token, ids, by) =>
      later<EndedOnes | undefined>((replyTo) => {
        if (ids.length === 0) tellWaiters({ tag: 'await_more', token, replyTo });
        else
          add(
            requests.outcomes(ids, (outcomes) =>
              tellWaiters({ tag: 'await_many', token, ids, outcomes, by, replyTo }),
            ),
          );
      }) as never,
    find: (id) => ask((told) => requests.find(id, told)),
    list: (filter, after) => ask((told) => requests.list(filter, after, told)),
    revoke: (id, how) => ask((told) => requests.revoke(id, how, told)),
    forget: (id) => ask((told) => requests.forget(id, told)),
    retry: (id) => ask((told) => requests.retry(id, told)),
    pause: (queue, isPaused) => ask((told) => requests.pause(queue, isPaused, told)),
    purge: (queue) => ask((told) => requests.purge(queue, told)),
    checkpoint: (run, value) => ask((told) => requests.checkpoint(run, value, told)),
    noted: (run, key) => ask((told) => requests.noted(run, key, told)),
    keep: (run, key, value) => ask((told) => requests.keep(run, key, value, told)),
    setSchedule: (name, schedule) =>
      ask<undefined>((told) => schedules.set(name, schedule, false, looking(told))),
    deleteSchedule: (name) => ask<boolean>((told) => schedules.delete(name, looking(told))),
    schedules: () => ask((told) => schedules.list(told)),
    syncSchedules: (wanted) => ask<undefined>((told) => schedules.sync(wanted, told)),
    lead: () => ask((told) => schedules.lead(told)),
    fire: (since, until) => ask((told) => schedules.fire(since, until, told)),
    close: (withinMs) =>
      later<Drained>((to) => spawn((self) => drain(self, workers(), withinMs, to))) as never,
  };
}

interface Drained {
  readonly finished: number;
  readonly returned: number;
}

/** Asks all workers to end what they do; an actor of its own, as they need the store's meanwhile. */
function* drain(
  self: Self,
  workers: readonly Pid<WorkerMessage>[],
  withinMs: number,
  to: ReplyTo<Drained>,
): Actor {
  const asked = workers.map((pid) => self.request(pid, { tag: 'drain', withinMs }));
  let finished = 0;
  let returned = 0;
  for (const pending of asked) {
    const outcome = yield* pending.wait('infinity');
    if (outcome?.ok !== true) continue;
    finished += outcome.value.finished;
    returned += outcome.value.returned;
  }
  self.send(to, { finished, returned });
}
