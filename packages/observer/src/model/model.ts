/**
 * What is known of all systems, from frames: the same in the program, in the page, in the terminal and over a
 * recording. It is never built from events, so what is lost on the way can make no ghosts.
 */

import type { Pid } from 'beamish';
import type { Happening } from '../terms/happening.ts';
import type { SystemView } from '../terms/view.ts';
import { type PidText, type PlaceRow, parsePid, pidText, type SystemFrame } from '../terms/wire.ts';
import type { ActorRecord, PidMaker } from './actor-record.ts';
import { SystemRecord } from './system-record.ts';

interface Settled {
  readonly supervisor: PidText;
  readonly id: string | null;
  readonly position: number;
}

export interface ModelOptions {
  readonly pidOf?: PidMaker;
  /** How long one that ended is kept. */
  readonly endedMs?: number;
}

export class Model {
  readonly systems = new Map<string, SystemRecord>();
  readonly #pidOf: PidMaker;
  readonly #endedMs: number;
  /** How often each place in a supervisor was filled anew. */
  readonly #restarts = new Map<string, number>();
  /** Where those stand whose supervisor has an order, and whom each of these has. */
  readonly #places = new Map<PidText, Settled>();
  readonly #children = new Map<PidText, readonly PidText[]>();
  /** Who filled each place last. */
  readonly #filled = new Map<string, PidText>();
  /** Pids of who is not known, by their text. */
  readonly #strangers = new Map<PidText, Pid>();

  constructor({ pidOf = copyOfPid, endedMs = 30_000 }: ModelOptions = {}) {
    this.#pidOf = pidOf;
    this.#endedMs = endedMs;
  }

  /** Takes in what a system shows. */
  apply(frame: SystemFrame): void {
    const key = keyOf(frame.system, frame.incarnation);
    let system = this.systems.get(key);
    if (system === undefined) {
      system = new SystemRecord(frame.system, frame.incarnation, this.#pidOf);
      this.systems.set(key, system);
    }
    system.apply(frame);
    for (const [serial] of frame.born)
      this.#settle(`${frame.system}.${serial}@${frame.incarnation}`);
    for (const [serial, , , , , children] of frame.places) {
      if (children !== null)
        this.#place(`${frame.system}.${serial}@${frame.incarnation}`, children);
    }
    this.#strangers.clear();
  }

  /** Lets go of what has ended too long ago. */
  forget(now: number): void {
    for (const [key, system] of this.systems) {
      for (const gone of system.forget(now - this.#endedMs)) this.#forgetPlaces(gone);
      if (system.status === 'lost' && system.lostAt < now - this.#endedMs) this.systems.delete(key);
    }
  }

  /** A system has ended, or is lost, with all its actors. */
  lose(system: string, incarnation: number, reason: string, at: number): void {
    this.systems.get(keyOf(system, incarnation))?.lose(reason, at);
  }

  /** Of what happens, some is seen before a frame tells of it, and some no frame tells. */
  heard(happening: Happening): void {
    switch (happening.kind) {
      case 'restart': {
        const { supervisor, id, old, decision } = happening.restart;
        if (decision === 'restarted') this.#restarted(pidText(supervisor), id, pidText(old));
        return;
      }
      case 'system_silent': {
        const its = this.systems.get(keyOf(happening.system, happening.incarnation));
        if (its?.status === 'up') its.status = 'silent';
        return;
      }
      case 'system_down': {
        const { system, incarnation, reason, lost = 0, at } = happening;
        this.systems
          .get(keyOf(system, incarnation))
          ?.die(reason instanceof Error ? reason.message : String(reason), lost, at);
        return;
      }
    }
  }

  restartsOf(actor: ActorRecord): number {
    if (actor.parent === undefined || actor.childId === undefined) return 0;
    return this.#restarts.get(placeOf(actor.parent, actor.childId)) ?? 0;
  }

  actor(pid: PidText): ActorRecord | undefined {
    const parts = parsePid(pid);
    return parts && this.systemOf(pid)?.actors.get(parts.serial);
  }

  systemOf(pid: PidText): SystemRecord | undefined {
    const parts = parsePid(pid);
    if (parts === undefined) return undefined;
    if (parts.incarnation !== undefined)
      return this.systems.get(keyOf(parts.system, parts.incarnation));
    return [...this.systems.values()].findLast((system) => system.name === parts.system);
  }

  /** The pid of whoever it is, known or not. */
  pid(text: PidText): Pid | undefined {
    const known = this.actor(text)?.pid ?? this.#strangers.get(text);
    if (known !== undefined) return known;
    const parts = parsePid(text);
    if (parts === undefined) return undefined;
    const incarnation = parts.incarnation ?? this.systemOf(text)?.incarnation ?? 0;
    const pid = this.#pidOf(parts.system, incarnation, parts.serial);
    this.#strangers.set(text, pid);
    return pid;
  }

  /** Of all systems, oldest first within each. */
  *actors(): Iterable<ActorRecord> {
    for (const system of this.systems.values()) yield* system.inOrder();
  }

  views(): readonly SystemView[] {
    return [...this.systems.values()].map((system) => system.view());
  }

  /** A supervisor has put another one into the place of one that ended. */
  #restarted(supervisor: PidText, id: string, old: PidText): void {
    const place = placeOf(supervisor, id);
    const children = this.actor(supervisor)?.supervising?.children;
    // Where there is an order, frames tell of it.
    if (children === undefined || children === null)
      this.#restarts.set(place, (this.#restarts.get(place) ?? 0) + 1);
    const ended = this.actor(old);
    if (ended !== undefined) ended.replaced = true;
    // Its row may come later than the news.
    else this.systemOf(old)?.replacedUnseen.add(old);
  }

  #forgetPlaces(supervisor: PidText): void {
    for (const pid of this.#children.get(supervisor) ?? []) this.#places.delete(pid);
    this.#children.delete(supervisor);
    for (const places of [this.#restarts, this.#filled])
      for (const place of places.keys())
        if (place.startsWith(`${supervisor} `)) places.delete(place);
  }

  #place(supervisor: PidText, children: readonly PlaceRow[]): void {
    for (const pid of this.#children.get(supervisor) ?? []) this.#places.delete(pid);
    this.#children.set(
      supervisor,
      children.flatMap(([, pid]) => pid ?? []),
    );
    children.forEach(([id, pid, restarts], position) => {
      if (pid !== null) this.#places.set(pid, { supervisor, id, position });
      if (id !== null) {
        const place = placeOf(supervisor, id);
        if (restarts > 0) this.#restarts.set(place, restarts);
        if (pid !== null) this.#fill(place, pid);
      }
      if (pid !== null) this.#settle(pid);
    });
  }

  /** Its supervisor may be in another thread, whose frame came before its own or comes after. */
  #settle(pid: PidText): void {
    const place = this.#places.get(pid);
    const actor = place && this.actor(pid);
    if (place === undefined || actor?.parent !== place.supervisor) return;
    actor.position = place.position;
    if (place.id !== null) actor.childId ??= place.id;
  }

  /** Whoever filled a place before has no row of its own any more. */
  #fill(place: string, pid: PidText): void {
    const before = this.#filled.get(place);
    this.#filled.set(place, pid);
    const actor = before === undefined || before === pid ? undefined : this.actor(before);
    if (actor !== undefined) actor.replaced = true;
  }
}

export function keyOf(system: string, incarnation: number): string {
  return `${system}@${incarnation}`;
}

export function placeOf(supervisor: PidText, id: string): string {
  return `${supervisor} ${id}`;
}

/** A pid that is printed as one, for who cannot reach its system. */
export function copyOfPid(system: string, incarnation: number, serial: number): Pid {
  const pid = { system, incarnation, serial };
  Object.defineProperty(pid, 'toString', { value: () => `<${system}.${serial}>` });
  return Object.freeze(pid) as unknown as Pid;
}
