/**
 * The pids, refs and reply addresses that have crossed to or from another system. A copy that comes back,
 * or comes again, is exchanged for the one that is known, so that `===` holds and a ref still does what
 * it did. Nothing is kept alive for that: pids and refs are held weakly, and a reply address until it is
 * over, which is looked at when there are twice as many as the last time.
 */

import {
  type Pid,
  ProcessId,
  type ReplyAlias,
  type ReplyTo,
  residentOfPid,
  residentOfReplyTo,
} from '../terms/pid.ts';
import { type Ref, Reference } from '../terms/ref.ts';

/** The first time that reply addresses are looked at. */
const FIRST_SWEEP = 1024;

interface Place {
  readonly system: string;
  readonly incarnation: number;
  readonly number: number;
}

/** By system, incarnation and number: each thing that is still in use somewhere. */
class Weakly<T extends object> {
  readonly #places = new Map<string, Map<number, Map<number, WeakRef<T>>>>();
  readonly #gone = new FinalizationRegistry<Place>(({ system, incarnation, number }) => {
    const lives = this.#places.get(system);
    const place = lives?.get(incarnation);
    if (place?.get(number)?.deref() === undefined) place?.delete(number);
    // Of a life that is over, nothing is left in the end.
    if (place?.size === 0) lives?.delete(incarnation);
  });

  get(system: string, incarnation: number, number: number): T | undefined {
    return this.#places.get(system)?.get(incarnation)?.get(number)?.deref();
  }

  set(system: string, incarnation: number, number: number, thing: T): void {
    inner(inner(this.#places, system), incarnation).set(number, new WeakRef(thing));
    this.#gone.register(thing, { system, incarnation, number });
  }
}

/** The same for systems that are dropped with all that they know: a finalization registry keeps them until all memory is looked through. */
class Strongly<T extends { readonly system: string; readonly incarnation: number }> {
  /** By number; of one number there are no more than there are systems. */
  readonly #things = new Map<number, T[]>();

  get(system: string, incarnation: number, number: number): T | undefined {
    for (const thing of this.#things.get(number) ?? [])
      if (thing.incarnation === incarnation && thing.system === system) return thing;
    return undefined;
  }

  set(_system: string, _incarnation: number, number: number, thing: T): void {
    const others = this.#things.get(number);
    if (others === undefined) this.#things.set(number, [thing]);
    else others.push(thing);
  }
}

/** The map under `key`, made when it is missing. */
function inner<K, L, V>(maps: Map<K, Map<L, V>>, key: K): Map<L, V> {
  const known = maps.get(key);
  if (known !== undefined) return known;
  const made = new Map<L, V>();
  maps.set(key, made);
  return made;
}

export class IdentityMap {
  readonly #pids: Weakly<Pid> | Strongly<Pid>;
  readonly #refs: Weakly<Ref> | Strongly<Ref>;
  readonly #aliases = new Map<number, ReplyAlias>();
  #sweepAt = FIRST_SWEEP;

  /** `'strongly'` is for systems that live as long as anything of them. */
  constructor(kept: 'weakly' | 'strongly' = 'weakly') {
    this.#pids = kept === 'weakly' ? new Weakly() : new Strongly();
    this.#refs = kept === 'weakly' ? new Weakly() : new Strongly();
  }

  /** The pid that stands for an actor of another system, or for one of this system that has ended. */
  pid(system: string, incarnation: number, serial: number): Pid {
    const known = this.#pids.get(system, incarnation, serial);
    if (known !== undefined) return known;
    const pid = new ProcessId(system, incarnation, serial, undefined);
    this.#pids.set(system, incarnation, serial, pid);
    return pid;
  }

  /** A pid is on its way to another system: it will be found again, after its actor's end too. */
  pidLeaves(pid: Pid): void {
    const { system, incarnation, serial } = pid;
    if (this.#pids.get(system, incarnation, serial) === undefined)
      this.#pids.set(system, incarnation, serial, pid);
  }

  ref(system: string, incarnation: number, number: number): Ref {
    const known = this.#refs.get(system, incarnation, number);
    if (known !== undefined) return known;
    const ref = new Reference(system, incarnation, number, undefined);
    this.#refs.set(system, incarnation, number, ref);
    return ref;
  }

  refLeaves(ref: Ref): void {
    if (this.#refs.get(ref.system, ref.incarnation, ref.ref) === undefined)
      this.#refs.set(ref.system, ref.incarnation, ref.ref, ref);
  }

  /** A reply address of this system is on its way to another system. */
  aliasLeaves(alias: ReplyAlias): void {
    if (residentOfReplyTo(alias) === undefined) return;
    this.#aliases.set(alias.alias, alias);
    if (this.#aliases.size < this.#sweepAt) return;
    for (const [number, each] of this.#aliases) if (isOver(each)) this.#aliases.delete(number);
    this.#sweepAt = Math.max(FIRST_SWEEP, 2 * this.#aliases.size);
  }

  /** What a reply address of this system stands for, while anyone waits for it. */
  alias(number: number): ReplyTo | undefined {
    const alias = this.#aliases.get(number);
    if (alias !== undefined && isOver(alias)) this.#aliases.delete(number);
    return alias;
  }
}

/** Given up, answered, or of an actor that has ended. */
function isOver(alias: ReplyAlias): boolean {
  const waiting = residentOfReplyTo(alias) as
    | { readonly owner?: { readonly pid: Pid } }
    | undefined;
  return waiting?.owner === undefined || residentOfPid(waiting.owner.pid) === undefined;
}
