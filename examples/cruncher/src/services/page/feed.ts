// The feed shows everybody who has the page open what there is, four times a second at most. It asks status, and
// looks at the tree; it keeps nothing but the last minute of rates.

import { type Actor, type ActorSystem, name, type Pending, type Self } from 'beamish';
import { panelsOf } from 'beamish/observation';
import { type Snapshot, STATUS } from '../status.ts';
import type { FileProgress, Frame, SeenActor, SeenFile, SeenNotifier } from './frame.ts';
import type { Upload } from './intake.ts';
import type { Sight } from './sight.ts';

/** Somebody who has the page open; takes a frame, unless the last one has not left yet. */
export interface Client {
  readonly isReady: boolean;
  send(frame: string): void;
}

export interface FeedOptions {
  readonly system: ActorSystem;
  readonly sight: Sight;
  /** What is on its way here. */
  readonly intake: { uploads(): readonly Upload[] };
  readonly notifyDomain: string | undefined;
  /** Added to and taken from by the server. */
  readonly clients: Set<Client>;
  /** By work, what it was called when it was an upload, and whether it was cancelled. */
  readonly works: ReadonlyMap<string, { readonly id: string; isCancelled: boolean }>;
  readonly run: string;
  /** In the order in which they are shown. */
  readonly crunchers: readonly string[];
  /** The longest that this event loop was held up since the last call. */
  readonly lagMs: () => number;
}

/** Somebody has opened the page. */
export interface Opened {
  readonly tag: 'opened';
}

export const FEED = name<Opened>('feed');

const EVERY_MS = 250;
const A_SECOND_MS = 1000;
const RATES = 60;
const MOST_FILES = 40;
const NEWEST = 16;
/** Their supervisor, where there is one. */
const NOTIFIERS = 'notifiers';
const NOTHING: Snapshot = {
  version: 0,
  distinct: 0,
  totals: {},
  domains: [],
  newest: [],
  works: [],
  notices: [],
};

export function* feed(self: Self<Opened | Tick>, options: FeedOptions): Actor {
  const { clients, system } = options;
  const rates = new Rates();
  const times = new Times();
  let lagMs = 0;
  let snapshot = NOTHING;
  let asked: Pending<Snapshot> | undefined;
  self.sendInterval(EVERY_MS, self.pid, { tag: 'tick' });
  for (let n = 0; ; n++) {
    yield* self.receive('tick', 'opened');
    // One that has more to do than to answer is not asked again meanwhile, and one that has died is.
    asked ??= self.request(STATUS, { tag: 'look' });
    const answer = yield* asked.wait(EVERY_MS);
    if (answer !== undefined) asked = undefined;
    if (answer?.ok === true) snapshot = answer.value;
    const isCurrent = answer?.ok === true;
    if (n % 4 === 0) lagMs = options.lagMs();
    const now = self.wall();
    rates.see(snapshot, now);
    if (clients.size === 0) continue;
    const tree = options.sight.look(self.parent, new Set(options.crunchers));
    const frame: Frame = {
      run: options.run,
      at: now,
      totals: snapshot.totals,
      distinct: snapshot.distinct,
      domains: snapshot.domains,
      newest: snapshot.newest.slice(0, NEWEST),
      files: filesOf(snapshot, options, times, now),
      notices: snapshot.notices,
      notifyDomain: options.notifyDomain,
      notifiers: notifiersOf(tree),
      queues: yield* self.wait(queuesOf(system)),
      rates: rates.last,
      lagMs,
      isCurrent,
      tree,
    };
    const text = JSON.stringify(frame);
    for (const client of clients) if (client.isReady) client.send(text);
  }
}

interface Tick {
  readonly tag: 'tick';
}

/** Bytes that were crunched in each of the last seconds. */
class Rates {
  last: number[] = [];
  #bytes: number | undefined;
  #second = 0;

  see({ totals }: Snapshot, now: number): void {
    const bytes = Object.values(totals).reduce((sum, each) => sum + each.bytes, 0);
    const second = Math.floor(now / A_SECOND_MS);
    this.#bytes ??= bytes;
    if (this.#second === 0) this.#second = second;
    if (second === this.#second) return;
    const rate = Math.max(0, bytes - this.#bytes) / (second - this.#second);
    for (let i = this.#second; i < second && i < this.#second + RATES; i++) this.last.push(rate);
    this.last = this.last.slice(-RATES);
    this.#bytes = bytes;
    this.#second = second;
  }
}

/** When each file was seen first, to tell how long it will take. */
class Times {
  readonly #began = new Map<string, number>();

  leftMs(id: string, share: number, now: number): number | undefined {
    const began = this.#began.get(id) ?? now;
    this.#began.set(id, began);
    if (this.#began.size > 1000) this.#began.delete(this.#began.keys().next().value as string);
    return share <= 0 ? undefined : ((now - began) * (1 - share)) / share;
  }
}

function notifiersOf(actor: SeenActor | undefined): readonly SeenNotifier[] {
  if (actor?.label !== NOTIFIERS) return actor?.children.flatMap(notifiersOf) ?? [];
  return actor.children.map(({ label, state }) => ({ name: label, isRunning: state !== 'ended' }));
}

/** The latest first: what is being received, and what status knows. */
function filesOf(
  { works }: Snapshot,
  { intake, works: uploads, crunchers }: FeedOptions,
  times: Times,
  now: number,
): readonly SeenFile[] {
  const files: SeenFile[] = intake.uploads().map(({ id, name, size, received }) => ({
    id,
    name,
    size,
    received,
    state: 'receiving',
    crunchers: [],
    leftMs: size === undefined ? undefined : times.leftMs(`in ${id}`, received / size, now),
  }));
  const byWork = new Map<string, (typeof works)[number][]>();
  for (const each of works) byWork.set(each.work, [...(byWork.get(each.work) ?? []), each]);
  for (const [work, its] of byWork) {
    its.sort((a, b) => crunchers.indexOf(a.cruncher) - crunchers.indexOf(b.cruncher));
    const file = crunching(work, its, uploads.get(work), times, now);
    const isWhole = its.length === crunchers.length;
    files.push(file.state === 'done' && !isWhole ? { ...file, state: 'crunching' } : file);
  }
  return files.reverse().slice(0, MOST_FILES);
}

function crunching(
  work: string,
  its: readonly Snapshot['works'][number][],
  upload: { readonly isCancelled: boolean } | undefined,
  times: Times,
  now: number,
): SeenFile {
  const crunchers = its.map(
    ({ cruncher, bytes, found, isDone, error }): FileProgress => ({
      cruncher,
      bytes,
      found,
      isDone,
      ...(error !== undefined && { error }),
    }),
  );
  const isDone = its.every((each) => each.isDone);
  const size = Math.max(...its.map(({ ofBytes }) => ofBytes));
  const why = its.find(({ error }) => error !== undefined)?.error;
  const least = Math.min(...its.map(({ bytes }) => bytes));
  const isCancelled = upload?.isCancelled === true;
  return {
    id: work,
    name: its[0]?.shown ?? '',
    size,
    received: size,
    state: isCancelled ? 'cancelled' : why !== undefined ? 'failed' : isDone ? 'done' : 'crunching',
    ...(why !== undefined && !isCancelled && { why }),
    crunchers,
    leftMs: isDone || size === 0 ? undefined : times.leftMs(work, least / size, now),
  };
}

/** What waits in the queues, as the broker shows it to whoever looks; RabbitMQ has a page of its own for that. */
async function queuesOf(system: ActorSystem): Promise<Frame['queues']> {
  const panel = panelsOf(system).find(({ title }) => title.startsWith('Broker'));
  if (panel === undefined) return undefined;
  return (await panel.look())
    .filter(({ title }) => title === 'Queues' || title === 'Quarantines')
    .flatMap(({ rows }) => rows.map(({ id, cells }) => ({ name: id, ready: Number(cells[1]) })));
}
