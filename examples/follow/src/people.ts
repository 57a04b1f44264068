/** Who follows whom, and what stands in each timeline: an actor with a journal, in place of a database. */

import { type Disk, type Entry, openJournal, type Position } from '@beamish/journal';
import { type MessageOf, name, server } from 'beamish';
import { nanoid } from 'nanoid';

/** A row of the table; `notified` is the flag of the poor man's queue. */
interface Row {
  readonly by: string;
  readonly whom: string;
  readonly task: string;
  readonly at: number;
  readonly follows: boolean;
  readonly notified: boolean;
  readonly posts: number;
}

export interface Asked {
  /** The task of this pair: a new one, or that of less than a minute ago. */
  readonly task: string;
}

/** The same pair again within this time is the same task. */
const SAME_MS = 60_000;
/** A post of somebody, as it comes into a timeline. */
export const POSTS = 25;

export const PEOPLE = name<MessageOf<typeof people>>('people');

export const people = server(function* people(self, folder: string, disk?: Disk) {
  const rows = new Map<string, { at: Position; row: Row }>();
  const keyOf = ({ by, whom }: Pick<Row, 'by' | 'whom'>): string => `${by} ${whom}`;
  const read = ({ bytes }: Entry): Row => JSON.parse(new TextDecoder().decode(bytes)) as Row;
  const journal = yield* self.wait(
    Promise.resolve(
      openJournal(
        folder,
        {
          format: { name: 'follow.people', version: 1 },
          replay: (entry) => rows.set(keyOf(read(entry)), { at: entry.at, row: read(entry) }),
          isLive: (entry) => rows.get(keyOf(read(entry)))?.at === entry.at,
          moved: (entry, to) => rows.set(keyOf(read(entry)), { at: to, row: read(entry) }),
        },
        disk && { disk },
      ),
    ),
  );
  self.defer(() => void journal.close());

  /** Kept when it returns. */
  function* keep(row: Row) {
    const at = journal.append(new TextEncoder().encode(JSON.stringify(row)));
    yield* self.wait(Promise.resolve(journal.commit()));
    rows.set(keyOf(row), { at, row });
  }
  const followers = (whom: string): string[] =>
    [...rows.values()].flatMap(({ row }) => (row.whom === whom && row.follows ? [row.by] : []));

  return {
    call: {
      /** Notes that somebody wants to follow somebody, before any work is done. */
      *ask(by: string, whom: string) {
        const last = rows.get(keyOf({ by, whom }))?.row;
        const now = self.wall();
        if (last !== undefined && now - last.at < SAME_MS) return { task: last.task };
        const before = last ?? { by, whom, follows: false, notified: false, posts: 0 };
        const row: Row = { ...before, task: nanoid(), at: now };
        yield* keep(row);
        return { task: row.task } satisfies Asked;
      },
      /** Whatever is done twice is done once. Answers with how many follow now. */
      *follow(by: string, whom: string) {
        yield* change(by, whom, { follows: true });
        return followers(whom).length;
      },
      *notified(by: string, whom: string) {
        yield* change(by, whom, { notified: true });
        return true;
      },
      /** So many posts of `whom` stand in the timeline of `by` now. */
      *filled(by: string, whom: string, posts: number) {
        yield* change(by, whom, { posts });
        return posts;
      },
      /** Those who follow and were not written about, `ms` after they asked: what the sweep looks for. */
      unnoticed(ms: number): { by: string; whom: string; task: string }[] {
        const until = self.wall() - ms;
        return [...rows.values()].flatMap(({ row: { by, whom, task, at, follows, notified } }) =>
          follows && !notified && at <= until ? [{ by, whom, task }] : [],
        );
      },
      /** Everybody that somebody has asked about. */
      all(): { name: string; followers: number; posts: number }[] {
        const names = new Set([...rows.values()].flatMap(({ row }) => [row.by, row.whom]));
        return [...names].sort().map((each) => ({
          name: each,
          followers: followers(each).length,
          posts: [...rows.values()].reduce(
            (sum, { row }) => sum + (row.by === each ? row.posts : 0),
            0,
          ),
        }));
      },
    },
  };

  function* change(by: string, whom: string, news: Partial<Row>) {
    const row = rows.get(keyOf({ by, whom }))?.row;
    if (row === undefined) throw new Error(`${by} has never asked to follow ${whom}`);
    const isNew = Object.entries(news).some(([key, value]) => row[key as keyof Row] !== value);
    if (isNew) yield* keep({ ...row, ...news });
  }
});
