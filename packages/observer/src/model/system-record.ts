/** One system, as its frames have told of it. */

import type { SystemView, WaitEdge } from '../terms/view.ts';
import { type PidText, type StringId, type SystemFrame, splitTags } from '../terms/wire.ts';
import {
  type ActorRecord,
  newActor,
  type PidMaker,
  type SupervisingRecord,
} from './actor-record.ts';
import { tellRate } from './rates.ts';

export class SystemRecord {
  readonly name: string;
  readonly incarnation: number;
  readonly actors = new Map<number, ActorRecord>();
  readonly strings = new Map<StringId, string>();
  /** Those whose restart was told of before they were. */
  readonly replacedUnseen = new Set<PidText>();
  status: SystemView['status'] = 'up';
  lostAt = Number.POSITIVE_INFINITY;
  /** Why it died, and how many messages were on their way to it; undefined of one that lives, or was closed in order. */
  died: { readonly why: string; readonly lost: number } | undefined;
  /** Why it cannot be looked into. */
  failed: string | undefined;
  at = 0;
  clock = 0;
  figures: SystemFrame['figures'] = [0, 0, 0, 0, 0, 0, 0, 0];
  totals: SystemFrame['totals'] = [0, 0, 0, 0, 0, 0];
  waits: SystemFrame['waits'] = [];
  /** Frames that were told. */
  frames = 0;
  readonly #pidOf: PidMaker;
  /** Those that have ended, in the order of their ends. */
  readonly #ended = new Set<ActorRecord>();
  #isSorted = true;
  #youngest = -1;

  constructor(name: string, incarnation: number, pidOf: PidMaker) {
    this.name = name;
    this.incarnation = incarnation;
    this.#pidOf = pidOf;
  }

  apply(frame: SystemFrame): void {
    if (frame.full === true && this.frames > 0) this.#keepOnly(frame);
    this.frames++;
    for (const [id, text] of frame.strings) this.strings.set(id, text);
    for (const row of frame.born) this.#born(row, frame);
    for (const [serial, name, childId, body] of frame.names) {
      const actor = this.actors.get(serial);
      if (actor === undefined) continue;
      actor.name = name ?? undefined;
      if (childId !== null) actor.childId = childId;
      actor.body = this.#string(body);
    }
    for (const [serial, status, mailbox, reductions, waits, deadline] of frame.rows) {
      const actor = this.actors.get(serial);
      if (actor === undefined) continue;
      const text = this.#string(waits);
      if (actor.rates.at === 0) actor.rates.count = reductions;
      if (reductions !== actor.reductions || actor.status !== status || !isSame(actor, text))
        actor.since = frame.clock;
      actor.status = status;
      actor.mailbox = mailbox;
      actor.reductions = reductions;
      actor.waitingFor = splitTags(text);
      actor.deadline = deadline ?? undefined;
      tellRate(actor.rates, reductions, frame.at);
    }
    for (const [serial, strategy, count, intensity, periodMs, children] of frame.places) {
      const actor = this.actors.get(serial);
      if (actor === undefined) continue;
      actor.supervising = {
        strategy: strategy as SupervisingRecord['strategy'],
        rate: { count, intensity, periodMs },
        children,
      };
    }
    for (const [serial, reason] of frame.ended) this.#end(serial, reason, frame.at);
    this.at = frame.at;
    this.clock = frame.clock;
    this.figures = frame.figures;
    this.totals = frame.totals;
    this.waits = frame.waits;
    this.failed = frame.failed;
    if (this.status !== 'lost') this.status = frame.status ?? 'up';
  }

  /** It was lost, and not in order: that is told besides, earlier or later. */
  die(why: string, lost: number, at: number): void {
    this.died = { why, lost };
    this.lose(why, at);
  }

  lose(reason: string, at: number): void {
    if (this.status === 'lost') return;
    this.status = 'lost';
    this.lostAt = at;
    this.waits = [];
    for (const serial of [...this.actors.keys()]) this.#end(serial, reason, at);
  }

  /** Lets go of what ended before then. Returns the supervisors that went with it. */
  forget(before: number): readonly PidText[] {
    const gone: PidText[] = [];
    for (const actor of this.#ended) {
      if ((actor.ended as { at: number }).at >= before) break;
      this.#ended.delete(actor);
      if (actor.kind === 'supervisor') gone.push(actor.key);
      if (this.actors.get(actor.serial) === actor) this.actors.delete(actor.serial);
    }
    return gone;
  }

  /** Oldest first. */
  inOrder(): Iterable<ActorRecord> {
    if (!this.#isSorted) {
      const sorted = [...this.actors.values()].sort((a, b) => a.serial - b.serial);
      this.actors.clear();
      for (const actor of sorted) this.actors.set(actor.serial, actor);
      this.#isSorted = true;
    }
    return this.actors.values();
  }

  view(): SystemView {
    const [actors, runnable, loopDelayMs, busy, heapBytes, received, recorded] = this.figures;
    const [spawned, , crashes, restarts, deadLetters, dropped] = this.totals;
    return {
      system: this.name,
      incarnation: this.incarnation,
      status: this.status,
      at: this.at,
      actors: this.status === 'lost' ? 0 : actors,
      runnable,
      loopDelayMs,
      busy,
      heapBytes,
      received,
      spawned,
      crashes,
      restarts,
      deadLetters,
      dropped,
      recorded,
      ...(this.failed === undefined ? {} : { failed: this.failed }),
    };
  }

  edges(): readonly (readonly [
    from: PidText,
    to: PidText,
    why: WaitEdge['why'],
    what: string,
    leftMs: number | null,
  ])[] {
    return this.waits;
  }

  #born(
    [serial, parent, body, kind, spawnedAt, limit]: SystemFrame['born'][number],
    frame: SystemFrame,
  ): void {
    const known = this.actors.get(serial);
    if (known !== undefined && known.ended === undefined) return;
    const key = `${this.name}.${serial}@${this.incarnation}`;
    const pid = this.#pidOf(this.name, this.incarnation, serial);
    const told = { parent, body: this.#string(body), kind, spawnedAt, limit };
    const actor = newActor(key, serial, pid, told, frame.clock, this.frames === 1 ? 0 : frame.at);
    if (serial < this.#youngest) this.#isSorted = false;
    else this.#youngest = serial;
    this.actors.set(serial, actor);
  }

  #end(serial: number, reason: string, at: number): void {
    const actor = this.actors.get(serial);
    if (actor === undefined || actor.ended !== undefined) return;
    actor.ended = { at, reason };
    actor.waitingFor = [];
    actor.deadline = undefined;
    actor.mailbox = 0;
    if (this.replacedUnseen.delete(actor.key)) actor.replaced = true;
    this.#ended.add(actor);
  }

  /** A full frame tells of everybody: who is not in it has ended, unseen. */
  #keepOnly(frame: SystemFrame): void {
    const there = new Set(frame.born.map(([serial]) => serial));
    for (const [serial, actor] of this.actors)
      if (!there.has(serial) && actor.ended === undefined) this.#end(serial, '(unseen)', frame.at);
  }

  #string(id: StringId): string {
    return this.strings.get(id) ?? '';
  }
}

function isSame({ waitingFor }: ActorRecord, text: string): boolean {
  if (waitingFor.length === 1) return waitingFor[0] === text;
  return waitingFor.join('\n') === text;
}
