/**
 * The ledger of what is durable: what is in the journal, and what is on its way there. Whoever changes
 * something tells it here, at once and in order; the actor `log` writes all that has gathered as one group,
 * and lets it take effect when it is kept. So nothing is delivered that a crash could take back.
 */

import type { Position } from '@beamish/journal';
import type { Context } from 'beamish';
import type { Entry } from '../memory/entry.ts';
import { type Bindable, ExchangeRecord } from '../memory/exchange-record.ts';
import type { Keep } from '../memory/keep.ts';
import type { Ledger, Outcome } from '../memory/ledger.ts';
import type { Publication } from '../memory/publication.ts';
import type { Shelf } from '../memory/shelf.ts';
import type { Time } from '../memory/time.ts';
import { wake } from '../memory/waking.ts';
import type { Binding } from '../terms/routes.ts';
import { KeptMessage, Place } from './kept.ts';
import type { Marks } from './marks.ts';
import type { Pending } from './pending.ts';
import { encodeRecord, type Head, type MessageHead } from './records.ts';
import { bindingKey, type Replay } from './replay.ts';
import { factsOf } from './restore.ts';

export class FileLedger implements Ledger {
  readonly #model: Replay;
  readonly #pending: Pending;
  readonly #marks: Marks;
  readonly #time: Time;
  /** What message ids of this life begin with. */
  readonly #idPrefix: string;

  constructor(model: Replay, pending: Pending, marks: Marks, time: Time, idPrefix: string) {
    this.#model = model;
    this.#pending = pending;
    this.#marks = marks;
    this.#time = time;
    this.#idPrefix = idPrefix;
  }

  /** Everything has been replayed. */
  begin(): void {
    const { messages, moved } = this.#model;
    this.#model.end();
    this.#marks.begin();
    // Said again, since the life before may have been killed before it had; written with what comes next.
    for (const place of moved)
      if (messages.has(place.message.id)) this.#pending.settle(undefined, place);
  }

  // ── told ──────────────────────────────────────────────────────────────────────────────────

  publish(
    self: Context,
    publication: Publication,
    targets: readonly Shelf[],
    outcome: Outcome | undefined,
  ): void {
    const isKept = publication.isPersistent;
    const { id, wall, bytes } = this.#entryOf(publication, targets, isKept, undefined);
    for (const target of targets) {
      if (isKept) this.#marks.comes(target, publication, id);
      target.incoming++;
    }
    this.#pending.add(self, {
      bytes,
      done: (log, at) => {
        for (const target of targets) target.incoming--;
        this.#put(
          log,
          isKept ? new KeptMessage(id, at, publication, wall) : undefined,
          publication,
          targets,
        );
        outcome?.kept(log);
      },
      failed: (log) => {
        for (const target of targets) target.incoming--;
        outcome?.failed(log);
      },
    });
  }

  move(
    self: Context,
    from: Keep | undefined,
    publication: Publication,
    targets: readonly Shelf[],
  ): void {
    const place = from as Place | undefined;
    const durable = targets.filter((target) => target.isDurable);
    const isKept = place !== undefined || (publication.isPersistent && durable.length > 0);
    const { id, wall, bytes } = this.#entryOf(publication, durable, isKept, place);
    if (isKept) for (const target of durable) this.#marks.comes(target, publication, id);
    this.#pending.add(self, {
      bytes,
      done: (log, at) => {
        if (place !== undefined) this.#leftBy(log, place);
        this.#put(
          log,
          isKept ? new KeptMessage(id, at, publication, wall) : undefined,
          publication,
          targets,
        );
      },
    });
  }

  mayGive(self: Context, shelf: Shelf, entry: Entry): boolean {
    return this.#marks.mayGive(self, shelf, entry);
  }

  gave(self: Context, shelf: Shelf, entry: Entry): void {
    this.#marks.gave(self, shelf, entry);
  }

  crashed(self: Context, keep: Keep, crashes: number): void {
    const place = keep as Place;
    place.crashes = crashes;
    const { queue, message } = place;
    this.#write(self, { is: 'crashed', queue, id: message.id, crashes }, this.#forget);
  }

  settled(self: Context, keep: Keep): void {
    const place = keep as Place;
    this.#pending.settle(self, place);
    this.#leave(place);
  }

  declared(self: Context, what: ExchangeRecord | Shelf): void {
    if (what instanceof ExchangeRecord) {
      const { exchange, type, options } = what;
      const { autoDelete = false, alternate } = options;
      const head = {
        is: 'exchange',
        exchange,
        type,
        autoDelete,
        alternate: alternate?.exchange,
      } as const;
      this.#write(self, head, (_, at) => this.#model.exchanges.set(exchange, { head, at }));
    } else {
      const { queue } = what;
      const head = { is: 'queue', queue, options: factsOf(what) } as const;
      this.#write(self, head, (_, at) => this.#model.queues.set(queue, { head, at }));
    }
  }

  removed(self: Context, what: ExchangeRecord | Shelf): void {
    const { exchanges, queues, bindings, messages } = this.#model;
    const isExchange = what instanceof ExchangeRecord;
    for (const [key, { head }] of bindings)
      if (
        isExchange
          ? head.from === what.exchange || head.exchange === what.exchange
          : head.queue === what.queue
      )
        bindings.delete(key);
    if (isExchange) {
      const { exchange } = what;
      exchanges.delete(exchange);
      return this.#write(self, { is: 'no_exchange', exchange }, (_, at) => {
        exchanges.delete(exchange);
        this.#pending.release(at);
      });
    }
    const { queue } = what;
    queues.delete(queue);
    this.#marks.forget(queue);
    for (const message of [...messages]) {
      const place = message.places.find((each) => each.queue === queue);
      if (place === undefined) continue;
      // Of one that stays in others it has to be said one by one, as it may be copied behind this.
      if (message.places.length > 1) this.#pending.settle(self, place);
      this.#leave(place);
    }
    this.#write(self, { is: 'no_queue', queue }, (_, at) => {
      queues.delete(queue);
      this.#pending.release(at);
    });
  }

  bound(self: Context, record: ExchangeRecord, binding: Binding, who: Bindable): void {
    const head = { is: 'binding', ...bindingFacts(record, binding, who) } as const;
    const key = bindingKey(head);
    if (this.#model.bindings.has(key)) return;
    this.#write(self, head, (_, at) => this.#model.bindings.set(key, { head, at }));
  }

  unbound(self: Context, record: ExchangeRecord, binding: Binding, who: Bindable): void {
    const head = { is: 'no_binding', ...bindingFacts(record, binding, who) } as const;
    const key = bindingKey(head);
    this.#model.bindings.delete(key);
    this.#write(self, head, (_, at) => {
      this.#model.bindings.delete(key);
      this.#pending.release(at);
    });
  }

  // ── private ───────────────────────────────────────────────────────────────────────────────

  #entryOf(
    publication: Publication,
    targets: readonly Shelf[],
    isKept: boolean,
    from: Place | undefined,
  ): { readonly id: number; readonly wall: number; readonly bytes: Uint8Array | undefined } {
    const wall = this.#time.wall();
    if (!isKept) return { id: 0, wall, bytes: undefined };
    const id = this.#model.nextId++;
    const { exchange, key, options, history, codec } = publication;
    const properties = publication.properties(this.#idPrefix);
    const head: MessageHead = {
      is: 'message',
      id,
      queues: targets.map(({ queue }) => queue),
      // What is undefined is not written.
      from: from && [from.queue, from.message.id],
      exchange,
      key,
      contentType: codec.contentType,
      at: wall,
      priority: options?.priority,
      expirationMs: options?.expirationMs,
      headers: options?.headers,
      properties,
      history,
    };
    const isPlain =
      history.length === 0 && options?.headers === undefined && properties.timestamp === undefined;
    return { id, wall, bytes: encodeRecord(head, publication.bytes, isPlain) };
  }

  /** It is kept: now it is in the queues. One that was deleted meanwhile has lost it. */
  #put(
    log: Context,
    kept: KeptMessage | undefined,
    publication: Publication,
    targets: readonly Shelf[],
  ): void {
    const present = targets.filter((target) => !target.isDeleted);
    if (kept !== undefined) {
      kept.places = present
        .filter((target) => target.isDurable)
        .map((target) => new Place(target.queue, kept));
      this.#model.messages.add(kept);
      if (kept.places.length === 0) this.#pending.release(kept.at);
      // Its entry says that it is there, and may be copied behind the end of that queue.
      else if (present.length < targets.length) this.#notIn(log, kept, targets);
    }
    for (const target of present) {
      const entry = target.put(publication, this.#time);
      entry.keep = kept?.places.find(({ queue }) => queue === target.queue);
      if (target.needsCare(entry)) wake(log, target);
    }
  }

  /** By a move. Where it stays in other queues, its own entry may be copied behind that of the move. */
  #leftBy(log: Context, place: Place): void {
    if (place.message.places.length > 1) this.#pending.settle(log, place);
    this.#leave(place);
  }

  #notIn(log: Context, kept: KeptMessage, targets: readonly Shelf[]): void {
    for (const { queue, isDeleted, isDurable } of targets)
      if (isDeleted && isDurable) this.#pending.settle(log, new Place(queue, kept));
  }

  #leave(place: Place): void {
    if (this.#model.messages.leave(place)) this.#pending.release(place.message.at);
  }

  #write(self: Context, head: Head, done: (self: Context, at: Position) => void): void {
    this.#pending.add(self, { bytes: encodeRecord(head), done });
  }

  readonly #forget = (_: Context, at: Position): void => {
    this.#pending.release(at);
  };
}

function bindingFacts({ exchange }: ExchangeRecord, binding: Binding, who: Bindable) {
  const its = who instanceof ExchangeRecord ? { exchange: who.exchange } : { queue: who.queue };
  return { ...its, from: exchange, key: binding.key, arguments: binding.arguments };
}
