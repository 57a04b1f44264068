// What the services say to each other, and over which exchanges and queues. Nothing else is shared by them:
// each may run in this process, in a thread of it, or in another process on another machine.
//
//   prompt, page ──▶ files (fanout) ──▶ fast      ──▶ status ──▶ notices (direct) ──▶ notices.jane ──▶ notifier
//                                  └──▶ thorough  ──▶    │
//                                                        └────▶ results (direct), back to who published

import {
  type Broker,
  binding,
  type Declarable,
  direct,
  type Exchange,
  fanout,
  type Keyed,
  type Queue,
  queue,
  topic,
} from '@beamish/exchange';
import { name } from 'beamish';

/** A file that is to be crunched. */
export interface Work {
  /** The same however often it is delivered. */
  readonly id: string;
  /** Who published it, and so the key of its results; empty if nobody wants to hear of them. */
  readonly from: string;
  readonly path: string;
  /** What people call it. */
  readonly shown: string;
}

/** Addresses, each once, and how often each was there: two lists, for many small ones take longer to move. */
export interface Addresses {
  readonly addresses: readonly string[];
  readonly times: readonly number[];
}

/** What a cruncher found in a part of a file. Parts count from 0, in order; of one that died they come again. */
export interface Found {
  readonly kind: 'found';
  readonly work: Work;
  readonly cruncher: string;
  readonly part: number;
  readonly found: Addresses;
  /** How far it has read. */
  readonly bytes: number;
  readonly ofBytes: number;
  /** Nothing comes after it. */
  readonly isLast: boolean;
  /** Why it was not read, or not to its end. */
  readonly error?: string;
}

/** What became of somebody's notice. */
export interface Noticed {
  readonly kind: 'noticed';
  readonly name: string;
  readonly outcome: 'delivered' | 'failed';
  /** What the mail server said. */
  readonly reason?: string;
}

/** A notifier wants what was meant for this name before it had a queue. */
export interface Here {
  readonly kind: 'here';
  readonly name: string;
}

export type ToStatus = Found | Noticed | Here;

/** Somebody's address was found: tell them. */
export interface Notice {
  readonly name: string;
  readonly address: string;
  /** How often it was tried in vain. */
  readonly attempt: number;
  /** It may have been sent before, and nobody knows: the mail says so. */
  readonly mayBeTwice: boolean;
}

/** What one cruncher has found in one file, once it is through with it. */
export interface Result {
  readonly work: string;
  readonly path: string;
  readonly shown: string;
  readonly cruncher: string;
  readonly found: number;
  /** Of all files so far, by this cruncher. */
  readonly total: number;
  readonly error?: string;
}

export interface TopologyOptions {
  /** Put before every name, so that several can use one broker. Default `'cruncher'`. */
  readonly prefix?: string;
  /** Queues survive the broker. Not in memory, where that would be a lie. */
  readonly isDurable?: boolean;
  /** In which system the broker is, for who is in another thread. */
  readonly home?: string;
  /** How long a notice waits that a mail server did not want yet; the last one again and again. */
  readonly retryMs?: readonly number[];
}

/** Seconds at first, for a server that greets slowly; then as mail servers themselves do. */
export const RETRY_MS: readonly number[] = [1_000, 10_000, 60_000, 600_000];

/**
 * The page can crash a cruncher, as often as somebody likes to; only a file at which it crashes again and again
 * by itself is to be set aside.
 */
const MOST_CRASHES = 10;

/** All exchanges and queues, as tokens. */
export interface Topology {
  readonly options: TopologyOptions;
  readonly files: Exchange<'fanout', Keyed<Work>>;
  readonly status: Queue<ToStatus>;
  readonly results: Exchange<'direct', Keyed<Result>>;
  readonly notices: Exchange<'direct', Keyed<Notice>>;
  /** Where a notice waits for its next attempt; from there it goes to `notices` again. */
  readonly later: readonly Exchange<'topic', Keyed<Notice>>[];
  /** What no mail server will ever take. */
  readonly undeliverable: Queue<Notice>;
  readonly refused: Exchange<'fanout', Keyed<Notice>>;
  /** A cruncher's own queue: this is all that it takes to be one. */
  crunchers(cruncher: string): Queue<Work>;
  /** Where notices for a name wait for its notifier. */
  mailbox(name: string): Queue<Notice>;
  /** What has to be there before anybody begins, besides the crunchers' queues and the notifiers'. */
  readonly all: readonly Declarable[];
}

export function topology(options: TopologyOptions = {}): Topology {
  const { prefix = 'cruncher', isDurable = false, home, retryMs = RETRY_MS } = options;
  const place = {
    durable: isDurable,
    ...(home !== undefined && { broker: name<Broker>('broker', home) }),
  };
  const called = (what: string): string => `${prefix}.${what}`;

  const files = fanout<Work>(called('files'), place);
  const results = direct<Keyed<Result>>(called('results'), place);
  const notices = direct<Keyed<Notice>>(called('notices'), place);
  const refused = fanout<Notice>(called('refused'), place);
  const undeliverable = queue(called('undeliverable'), { ...place, bindings: [binding(refused)] });
  const status = queue<ToStatus>(called('status'), place);

  // A queue for each wait: in one for all, a notice that waits for long would hold up those behind it. And
  // an exchange for each, which keeps the key: from its queue a notice goes back under the name it had.
  const later = retryMs.map((ms) => topic<Keyed<Notice>>(called(`later.${ms}`), place));
  const waiting = later.map((exchange, i) =>
    queue(exchange.exchange, {
      ...place,
      bindings: [binding(exchange, '#')],
      ttl: { messageMs: retryMs[i] as number },
      deadLetter: { exchange: notices },
    }),
  );
  return {
    options,
    files,
    status,
    results,
    notices,
    later,
    undeliverable,
    refused,
    crunchers: (cruncher) =>
      queue(called(cruncher), {
        ...place,
        bindings: [binding(files)],
        maxCrashes: MOST_CRASHES,
      }),
    mailbox: (local) =>
      queue(called(`notices.${local}`), {
        ...place,
        bindings: [binding(notices, local)],
        deadLetter: { exchange: refused },
      }),
    all: [files, results, notices, refused, status, ...later, ...waiting, undeliverable],
  };
}
