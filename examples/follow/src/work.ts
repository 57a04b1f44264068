/** What is done behind the button: tasks, each with its queue, its patience and its limits. */

import {
  chain,
  defineTask,
  each,
  expo,
  group,
  type RetryPolicy,
  type Signature,
  type TaskFailure,
  type TaskOutcome,
} from '@beamish/tasks';
import type { Actor, Context } from 'beamish';
import { MAILER, type Mail } from './mailer.ts';
import { PEOPLE, POSTS } from './people.ts';

export interface Pair {
  readonly by: string;
  readonly whom: string;
}

/** Posts that come into a timeline at a time. */
const PAGE = 10;

/** Whom it asks may be about to be started again. */
const PATIENT: RetryPolicy = { max: 5, backoff: expo({ firstMs: 100 }) };

/** First the follow itself; all the rest needs it. */
export const follow = defineTask(
  'users.follow',
  { queue: 'high', retry: PATIENT },
  function* (self, by: string, whom: string): Actor<Pair> {
    yield* self.call(PEOPLE, 'follow', by, whom);
    return { by, whom };
  },
);

/** Then a mail, three attempts with longer and longer waits, and to one person one at a time. */
export const notify = defineTask(
  'users.notify',
  {
    queue: 'normal',
    retry: { max: 2, backoff: expo({ firstMs: 500, maxMs: 10_000 }) },
    limits: { concurrency: 1, key: ({ whom }: Pair) => whom },
  },
  function* (self, { by, whom }: Pair): Actor<string> {
    const text = `${by} follows you now.\n`;
    // The id is the pair's: a mail that was written before a crash is written over, not twice.
    const file = yield* send(self, `${by}.${whom}`, {
      to: whom,
      subject: `${by} follows you`,
      text,
    });
    yield* self.call(PEOPLE, 'notified', by, whom);
    return file;
  },
);

/** Beside it the timeline, page by page: after a crash it goes on with the page that it was at. */
export const timeline = defineTask(
  'users.timeline',
  { queue: 'low', retry: PATIENT },
  function* (self, { by, whom }: Pair): Actor<number> {
    for (let posts = Number(self.task.saved ?? 0); posts < POSTS; ) {
      posts = Math.min(POSTS, posts + PAGE);
      yield* self.call(PEOPLE, 'filled', by, whom, posts);
      yield* self.task.checkpoint(posts);
      self.task.progress(posts / POSTS);
      yield* self.sleep(20);
    }
    return POSTS;
  },
);

/** As a worker elsewhere answers it: it has no table, so a step of ours puts into it what it found. */
export interface Filled extends Pair {
  readonly posts: number;
}

export const filled = defineTask(
  'users.filled',
  { queue: 'low', retry: PATIENT },
  function* (self, { by, whom, posts }: Filled): Actor<number> {
    yield* self.call(PEOPLE, 'filled', by, whom, posts);
    return posts;
  },
);

/** What fills a timeline: the task above, or a worker elsewhere and the step that follows it. */
export type Timeline = Signature<Pair, number>;

/** The button: an answer at once, and this behind it. */
export const followed = (by: string, whom: string, fill: Timeline = timeline) =>
  chain(follow.s(by, whom), group([notify, fill]));

/** One mail of the digest. */
export const letter = defineTask(
  'digest.letter',
  { queue: 'normal', retry: { max: 2, backoff: expo({ firstMs: 500 }) } },
  function* (self, to: string): Actor<string> {
    return yield* send(self, `digest.${self.task.root}.${to}`, {
      to,
      subject: 'Your week',
      text: `Dear ${to}, nothing happened.\n`,
    });
  },
);

/** Who got none, once all have ended one way or the other. */
export const report = defineTask(
  'digest.report',
  { queue: 'low' },
  (_self, letters: readonly TaskOutcome<string>[]): { sent: number; failed: string[] } => ({
    sent: letters.filter(({ ok }) => ok).length,
    failed: letters.flatMap((outcome) => (outcome.ok ? [] : [failureOf(outcome.reason)])),
  }),
);

const users = defineTask(
  'digest.users',
  { queue: 'high' },
  (_self, names: string[]): string[] => names,
);

/** A letter to each, twenty at a time; one that cannot be sent keeps none of the others back. */
export const digestTo = (names: string[]) =>
  chain(users.s(names), each(letter, { limit: 20, onFailure: 'settle' }), report);

/** Every morning, by the clock of the settings: a digest to all who follow somebody. */
export const digest = defineTask(
  'reports.digest',
  { queue: 'low' },
  function* (self): Actor<number> {
    const names = (yield* self.call(PEOPLE, 'all')).map(({ name }) => name);
    if (names.length > 0) yield* self.task.submit(digestTo(names));
    return names.length;
  },
);

/** How long after its follow a mail may take before the sweep looks after it. */
const LATE_MS = 60_000;

/**
 * The poor man's queue, done right: whatever the flag in the table says is still to do, every second. `unique` makes
 * sure that what is under way is not done beside it, and `overlap: 'skip'` that there is one sweep at a time.
 */
export const sweep = defineTask(
  'sweep',
  { queue: 'low', result: { keepMs: 5000 } },
  function* (self): Actor<number> {
    const late = yield* self.call(PEOPLE, 'unnoticed', LATE_MS);
    for (const { by, whom } of late)
      yield* self.task.submit(notify.s({ by, whom }), { unique: `notify ${by} ${whom}` });
    return late.length;
  },
);

export { users };

/** @throws Error if it was not sent, so that the task is tried again. */
function* send(self: Context, id: string, mail: Mail): Actor<string> {
  const sent = yield* self.call(MAILER, 'send', id, mail);
  if (!sent.ok) throw new Error(sent.why);
  return sent.file;
}

function failureOf({ error }: TaskFailure): string {
  return error.message;
}
