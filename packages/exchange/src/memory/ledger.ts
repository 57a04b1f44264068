/** The port through which what is durable is kept; without one, nothing is. */

import type { Context } from 'beamish';
import type { Binding } from '../terms/routes.ts';
import type { Entry } from './entry.ts';
import type { Bindable, ExchangeRecord } from './exchange-record.ts';
import type { Keep } from './keep.ts';
import type { Publication } from './publication.ts';
import type { Shelf } from './shelf.ts';

/** What happens once it is known whether something is kept; by the actor that has found out. */
export interface Outcome {
  kept(self: Context): void;
  failed(self: Context): void;
}

export interface Ledger {
  /** Puts it into these durable queues, in the order of the calls, once it is kept; one that is not persistent, once all before it are. */
  publish(
    self: Context,
    publication: Publication,
    targets: readonly Shelf[],
    outcome: Outcome | undefined,
  ): void;
  /** Puts it there once it is kept that it is there, and not where it came from: one entry for both. Until then it is kept where it came from. */
  move(
    self: Context,
    from: Keep | undefined,
    publication: Publication,
    targets: readonly Shelf[],
  ): void;
  /** Whether it is kept that somebody may have this one, which is to be given to a consumer; if not, it will be, and the queue is woken then. */
  mayGive(self: Context, shelf: Shelf, entry: Entry): boolean;
  /** It is given. */
  gave(self: Context, shelf: Shelf, entry: Entry): void;
  /** These need not be waited for: in the worst case a message comes again. */
  crashed(self: Context, keep: Keep, crashes: number): void;
  settled(self: Context, keep: Keep): void;
  declared(self: Context, what: ExchangeRecord | Shelf): void;
  removed(self: Context, what: ExchangeRecord | Shelf): void;
  bound(self: Context, record: ExchangeRecord, binding: Binding, who: Bindable): void;
  unbound(self: Context, record: ExchangeRecord, binding: Binding, who: Bindable): void;
}
