/**
 * Visits the actors of one system, and tells what is not as it was at the last visit. Nothing of an actor is
 * copied but a few numbers; what it waits for is put into words once for each set of tags.
 */

import type { ActorSystem, Pid, Target } from 'beamish';
import { type Figures, figuresOf, type Glimpse, visit } from 'beamish/observation';
import { cut } from '../terms/text.ts';
import type { PidText, PlaceRow, StatusCode, StringId, SystemFrame } from '../terms/wire.ts';
import { joinTags, LONGEST, nameText, pidText } from '../terms/wire.ts';

/** What was told of an actor last. */
interface Seen {
  readonly pid: Pid;
  /** A supervisor; one whose code is still on its way, and that will have another name. */
  flags: number;
  status: StatusCode;
  mailbox: number;
  reductions: number;
  want: unknown;
  deadline: number | undefined;
  waits: StringId;
  name: string | undefined;
}

type Parts = Pick<
  SystemFrame,
  'strings' | 'born' | 'ended' | 'rows' | 'names' | 'waits' | 'places'
> & { readonly received: number; readonly ready: number; readonly figures: Figures };

/** The same while it is made. */
type Making = {
  -readonly [K in keyof Omit<Parts, 'figures' | 'ready'>]: Parts[K] extends readonly (infer U)[]
    ? U[]
    : Parts[K];
};

const SUPERVISOR = 1;
const LOADING = 2;
const KINDS = { actor: 0, server: 1, supervisor: 2 } as const;

export class Glimpses {
  readonly #system: ActorSystem;
  readonly #restarts: (supervisor: number, id: string) => number;
  readonly #seen = new Map<number, Seen>();
  readonly #strings = new Map<string, StringId>();
  /** Words of what is waited for, by the set of tags. */
  readonly #words = new WeakMap<object, StringId>();
  /** The last order of each supervisor's children that was told. */
  readonly #places = new Map<number, string>();
  /** Whom the last visit met, the youngest first; and an array that is used again. */
  #order: Seen[] = [];
  #spare: Seen[] = [];

  /** `restarts` tells how often a place of a supervisor was filled anew. */
  constructor(system: ActorSystem, restarts: (supervisor: number, id: string) => number) {
    this.#system = system;
    this.#restarts = restarts;
  }

  /** Actors that a look has met, and that had not ended at the last one. */
  has(serial: number): boolean {
    return this.#seen.has(serial);
  }

  pidOf(serial: number): Pid | undefined {
    return this.#seen.get(serial)?.pid;
  }

  /** `why` tells of those who are gone. With `full`, everything is told anew. */
  look(full: boolean, at: number, why: (serial: number) => string): Parts {
    if (full) {
      this.#seen.clear();
      this.#order = [];
      this.#places.clear();
    }
    const parts: Making = {
      strings: full ? [...this.#strings].map(([text, id]) => [id, text] as const) : [],
      born: [],
      ended: [],
      rows: [],
      names: [],
      waits: [],
      places: [],
      received: 0,
    };
    const now = this.#system.now();
    // Actors come at the head of the list, and those who stay keep their order: so whoever comes next is nearly
    // always the next one of the last visit, and who is passed over has ended.
    const before = this.#order;
    const order: Seen[] = full ? [] : this.#spare;
    let [at0, met] = [0, 0];
    visit(this.#system, (glimpse) => {
      const { pid } = glimpse;
      let seen = before[at0];
      if (seen?.pid === pid) {
        at0++;
        this.#compare(glimpse, seen, parts);
      } else {
        seen = this.#seen.get(pid.serial);
        if (seen === undefined) {
          seen = this.#meet(glimpse, pid, parts, at);
        } else {
          for (; before[at0] !== seen; at0++) this.#gone(before[at0] as Seen, parts, why);
          at0++;
          this.#compare(glimpse, seen, parts);
        }
      }
      order[met++] = seen;
      parts.received += seen.reductions;
      if ((seen.flags & SUPERVISOR) !== 0) this.#place(glimpse, pid.serial, parts);
      if (seen.status === 3 || (seen.status === 2 && seen.want === 'DOWN'))
        this.#wait(glimpse, seen, parts, now);
    });
    for (; at0 < before.length; at0++) this.#gone(before[at0] as Seen, parts, why);
    order.length = met;
    before.length = 0;
    this.#order = order;
    this.#spare = before;
    parts.born.reverse();
    const figures = figuresOf(this.#system);
    return {
      ...parts,
      received: parts.received + figures.receivedByEnded,
      ready: figures.runnable,
      figures,
    };
  }

  #meet(glimpse: Glimpse, pid: Pid, parts: Making, at: number): Seen {
    const { serial } = pid;
    const { body, name, childId, parent } = glimpse;
    const limit = glimpse.mailboxLimit;
    const seen: Seen = {
      pid,
      flags: (glimpse.kind === 'supervisor' ? SUPERVISOR : 0) | loading(body),
      status: glimpse.status,
      mailbox: glimpse.mailboxLength,
      reductions: glimpse.reductions,
      want: glimpse.want,
      deadline: glimpse.deadline,
      waits: this.#waits(glimpse, parts),
      name,
    };
    this.#seen.set(serial, seen);
    const bodyId = this.#string(cut(body, LONGEST.label), parts);
    parts.born.push([
      serial,
      parent === undefined ? '' : pidText(parent),
      bodyId,
      KINDS[glimpse.kind],
      Math.round(at),
      Number.isFinite(limit) ? limit : null,
    ]);
    if (name !== undefined || childId !== undefined)
      parts.names.push([serial, short(name), short(childId), bodyId]);
    parts.rows.push(rowOf(serial, seen));
    return seen;
  }

  #compare(glimpse: Glimpse, seen: Seen, parts: Making): void {
    const { status, mailboxLength, reductions, want, deadline } = glimpse;
    if (
      status !== seen.status ||
      mailboxLength !== seen.mailbox ||
      reductions !== seen.reductions ||
      want !== seen.want ||
      deadline !== seen.deadline
    ) {
      if (want !== seen.want || status !== seen.status) seen.waits = this.#waits(glimpse, parts);
      seen.status = status;
      seen.mailbox = mailboxLength;
      seen.reductions = reductions;
      seen.want = want;
      seen.deadline = deadline;
      parts.rows.push(rowOf(seen.pid.serial, seen));
    }
    const { name } = glimpse;
    if (name === seen.name && (seen.flags & LOADING) === 0) return;
    const { body, childId } = glimpse;
    seen.name = name;
    seen.flags = (seen.flags & SUPERVISOR) | loading(body);
    const id = this.#string(cut(body, LONGEST.label), parts);
    parts.names.push([seen.pid.serial, short(name), short(childId), id]);
  }

  #gone({ pid: { serial } }: Seen, parts: Making, why: (serial: number) => string): void {
    this.#seen.delete(serial);
    this.#places.delete(serial);
    parts.ended.push([serial, why(serial)]);
  }

  /** What a supervisor shows, if it is not what it showed last. Those with one kind of child have no order. */
  #place({ supervising }: Glimpse, serial: number, parts: Making): void {
    if (supervising === undefined) return;
    const { count, intensity, periodMs } = supervising.rate();
    const children =
      supervising.strategy === 'simple_one_for_one'
        ? null
        : supervising.children().map(({ id, pid }): PlaceRow => {
            const its = short(id);
            const restarts = its === null ? 0 : this.#restarts(serial, its);
            return [its, pid === undefined ? null : pidText(pid), restarts];
          });
    const place = [serial, supervising.strategy, count, intensity, periodMs, children] as const;
    const text = JSON.stringify(place);
    if (this.#places.get(serial) === text) return;
    this.#places.set(serial, text);
    parts.places.push(place);
  }

  #wait(glimpse: Glimpse, seen: Seen, parts: Making, now: number): void {
    const { deadline } = seen;
    const left = deadline === undefined ? null : Math.max(0, deadline - now);
    if (seen.status === 2) {
      const monitors = this.#system.info(seen.pid)?.monitors ?? [];
      for (const target of monitors)
        parts.waits.push([pidText(seen.pid), this.#target(target), 'monitor', 'DOWN', left]);
      return;
    }
    const { parkedOn } = glimpse;
    if (parkedOn?.target === undefined) return;
    if (parkedOn.why === 'time' || parkedOn.why === 'promise') return;
    const what = cut(parkedOn.what, LONGEST.tag);
    parts.waits.push([pidText(seen.pid), this.#target(parkedOn.target), parkedOn.why, what, left]);
  }

  /** Names of this system are looked up here, at this moment. */
  #target(target: Target): PidText {
    if ('serial' in target) return pidText(target as Pid);
    const { name, system = this.#system.name } = target as { name: string; system?: string };
    const pid = system === this.#system.name ? this.#system.whereis(name) : undefined;
    return pid === undefined ? nameText(name, system) : pidText(pid);
  }

  #waits(glimpse: Glimpse, parts: Making): StringId {
    const { want } = glimpse;
    if (typeof want !== 'object' || want === null || glimpse.status === 3)
      return this.#string(wordsOf(glimpse), parts);
    const known = this.#words.get(want);
    if (known !== undefined) return known;
    const id = this.#string(wordsOf(glimpse), parts);
    this.#words.set(want, id);
    return id;
  }

  /** Of bodies, tags and words there are few; if a program makes them up, what is kept has an end. */
  #string(text: string, parts: Making): StringId {
    const known = this.#strings.get(text);
    if (known !== undefined) return known;
    const id = this.#strings.size;
    this.#strings.set(text, id);
    parts.strings.push([id, text]);
    return id;
  }

  /** How many texts it knows. */
  get strings(): number {
    return this.#strings.size;
  }
}

function rowOf(serial: number, seen: Seen): SystemFrame['rows'][number] {
  const { status, mailbox, reductions, waits, deadline } = seen;
  return [serial, status, mailbox, reductions, waits, deadline ?? null];
}

function wordsOf({ waitingFor }: Glimpse): string {
  return joinTags(waitingFor.map((tag) => cut(tag, LONGEST.tag)));
}

function short(text: string | undefined): string | null {
  return text === undefined ? null : cut(text, LONGEST.label);
}

function loading(body: string): number {
  return body === 'loading' ? LOADING : 0;
}
