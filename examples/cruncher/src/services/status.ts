// Status keeps the ledger: it is the only one who counts, and the only one who decides that somebody is told. It
// acknowledges a report once what it means is kept, so a report may come twice, and counts once.

import { ack, consume, type Deliveries, type Delivery, publishing } from '@beamish/exchange';
import { type Actor, type Context, name, type Pending, type ReplyTo, type Self } from 'beamish';
import type { Book, Bookcase } from './book.ts';
import { stillConsumed } from './consumed.ts';
import type { CruncherTotals, Ledger, NoticeProgress, Progress } from './ledger.ts';
import { type Topology, type TopologyOptions, type ToStatus, topology } from './topology.ts';

/** Asks for what there is now. */
export interface Look {
  readonly tag: 'look';
  readonly replyTo: ReplyTo<Snapshot>;
}

/** What status knows at one moment, as far as people want to see it. */
export interface Snapshot {
  /** The same as long as nothing has changed. */
  readonly version: number;
  readonly distinct: number;
  readonly totals: { readonly [cruncher: string]: CruncherTotals };
  /** With how many different addresses, most first. */
  readonly domains: readonly (readonly [domain: string, count: number])[];
  /** The latest first. */
  readonly newest: readonly string[];
  /** The latest last; all that are in progress, and some that are done. */
  readonly works: readonly (Progress & { readonly work: string; readonly cruncher: string })[];
  readonly notices: readonly (NoticeProgress & { readonly name: string })[];
}

export interface StatusOptions {
  readonly topology: TopologyOptions;
  readonly book: Bookcase;
  /** Of whose addresses the owners are told. Default: nobody's. */
  readonly notifyDomain?: string;
  /** Hears of addresses of that domain that nobody had seen before. */
  readonly announce?: (addresses: readonly string[]) => void;
}

export const STATUS = name<Look>('status');

/** What it takes in one go, and keeps with one sync of the disk. */
const BATCH = 200;
/** And no more of those than take some milliseconds: others have their turn, and a page is shown. */
const BATCH_ADDRESSES = 5000;
const DOMAINS = 12;
const WORKS = 40;

export function* status(self: Self<Deliveries<ToStatus> | Look>, options: StatusOptions): Actor {
  const book = yield* self.wait(options.book());
  self.defer(() => void book.close().catch(() => {}));
  const desk = new Desk(self, book, topology(options.topology), options);
  // What the broker had not confirmed when this ended last: it may have it, and a second mail says so.
  yield* desk.publish(desk.unpublished(), true);
  yield* consume(self, desk.queue, { prefetch: BATCH });
  for (;;) {
    // Who looks is answered first: reports may wait, and there may be many.
    const message =
      (yield* self.receive('look').after(0)) ??
      (yield* self.receive('delivery', 'look', 'cancelled'));
    if (message.tag === 'look') self.send(message.replyTo, snapshotOf(book.ledger));
    else yield* desk.take(yield* batch(self, stillConsumed(message)));
  }
}

/** What has come by now. */
function* batch(
  self: Context<Deliveries<ToStatus>>,
  first: Delivery<ToStatus>,
): Actor<readonly Delivery<ToStatus>[]> {
  const all = [first];
  const sizeOf = ({ message }: Delivery<ToStatus>): number =>
    message.kind === 'found' ? message.found.addresses.length : 1;
  let size = sizeOf(first);
  while (all.length < BATCH && size < BATCH_ADDRESSES) {
    const delivery = yield* self.receive('delivery').after(0);
    if (delivery === undefined) break;
    all.push(delivery);
    size += sizeOf(delivery);
  }
  return all;
}

class Desk {
  readonly #self: Context<Deliveries<ToStatus>>;
  readonly #book: Book;
  readonly #its: Topology;
  readonly #options: StatusOptions;

  constructor(
    self: Context<Deliveries<ToStatus>>,
    book: Book,
    its: Topology,
    options: StatusOptions,
  ) {
    this.#self = self;
    this.#book = book;
    this.#its = its;
    this.#options = options;
  }

  get queue(): Topology['status'] {
    return this.#its.status;
  }

  /** Counts, keeps, and only then acknowledges, and tells others. */
  *take(deliveries: readonly Delivery<ToStatus>[]): Actor {
    const self = this.#self as Context;
    const wanted = new Set<string>();
    const fresh: string[] = [];
    for (const { message } of deliveries) this.#count(message, wanted, fresh);
    yield* self.wait(this.#book.keep());
    if (fresh.length > 0) this.#options.announce?.(fresh);
    yield* this.#answer(deliveries);
    for (const delivery of deliveries) ack(self, delivery);
    yield* this.publish(wanted, false);
  }

  /** Tells who had files crunched what was found in them. After a crash before the acknowledgement they hear it twice. */
  *#answer(deliveries: readonly Delivery<ToStatus>[]): Actor {
    const self = this.#self as Context;
    const underWay: Pending<unknown>[] = [];
    for (const { message } of deliveries) {
      // Whoever does not say who they are does not want to hear.
      if (message.kind !== 'found' || !message.isLast || message.work.from === '') continue;
      const result = this.#book.ledger.resultOf(message);
      const options = { key: message.work.from, mandatory: false };
      if (result !== undefined) underWay.push(publishing(self, this.#its.results, result, options));
    }
    for (const sent of underWay) yield* sent.reply().within('infinity');
  }

  /** Publishes notices, and writes down for whom the broker has one. For the others nobody is there yet. */
  *publish(names: Iterable<string>, mayBeTwice: boolean): Actor {
    const self = this.#self as Context;
    const { ledger } = this.#book;
    const underWay = Array.from(names, (local) => {
      const { address } = ledger.notices.get(local) as NoticeProgress;
      const notice = { name: local, address, attempt: 0, mayBeTwice };
      const properties = { messageId: `notice ${address}`.slice(0, 80) };
      const options = { key: local, mandatory: false, properties };
      return [local, publishing(self, this.#its.notices, notice, options)] as const;
    });
    for (const [local, sent] of underWay) {
      const { queues } = yield* sent.reply().within('infinity');
      if (queues > 0) this.#book.write(ledger.published(local));
    }
    if (underWay.length > 0) yield* self.wait(this.#book.keep());
  }

  /** For whom a notice is wanted, and is not with the broker as far as is known. */
  unpublished(): readonly string[] {
    const { notices } = this.#book.ledger;
    return [...notices].filter(([, { state }]) => state === 'wanted').map(([local]) => local);
  }

  #count(message: ToStatus, wanted: Set<string>, fresh: string[]): void {
    const { ledger } = this.#book;
    switch (message.kind) {
      case 'noticed':
        this.#book.write(ledger.noticed(message));
        return;
      case 'here':
        if (ledger.notices.get(message.name)?.state === 'wanted') wanted.add(message.name);
        return;
      case 'found': {
        const { notifyDomain } = this.#options;
        const mine =
          notifyDomain === undefined
            ? []
            : message.found.addresses.filter((address) => address.endsWith(`@${notifyDomain}`));
        fresh.push(...mine.filter((each) => !ledger.has(each)));
        this.#book.write(ledger.part(message));
        for (const address of mine) {
          const local = address.slice(0, address.lastIndexOf('@')).toLowerCase();
          this.#book.write(ledger.wanted(local, address));
          // Also of one who was there before, and had no notifier then.
          if (ledger.notices.get(local)?.state === 'wanted') wanted.add(local);
        }
      }
    }
  }
}

export function snapshotOf(ledger: Ledger): Snapshot {
  return {
    version: ledger.version,
    distinct: ledger.distinct,
    totals: Object.fromEntries(ledger.totals),
    domains: ledger.domains(DOMAINS),
    newest: ledger.newest.slice(0, WORKS),
    works: ledger.latest(WORKS),
    notices: Array.from(ledger.notices, ([local, progress]) => ({ name: local, ...progress })),
  };
}
