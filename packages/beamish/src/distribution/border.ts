/** What both directions of a connection share: who stands for whom, who watches whom, which links are being taken back. */

import { cellOfSerial } from '../signals/registry.ts';
import type { ActorCell, Home, Watch } from '../state/actor-cell.ts';
import type { Known } from '../state/known.ts';
import type { Abroad } from '../state/transport.ts';
import type { Unborn } from '../state/unborn.ts';
import type { ExitReason } from '../terms/exit-reason.ts';
import { type Pid, ReplyAlias, type ReplyTo, type Sender } from '../terms/pid.ts';
import { type Here, Packer } from './codec.ts';
import { Crowd, CrowdedThere } from './crowd.ts';
import type { Outbox } from './outbox.ts';
import { StandIns } from './stand-ins.ts';
import { BOXED, DOWN } from './wire.ts';

export interface Identity {
  readonly system: string;
  readonly incarnation: number;
}

export class Border implements Here {
  readonly home: Home;
  readonly there: Identity;
  readonly known: Known;
  readonly outbox: Outbox;
  readonly packer: Packer;
  readonly standIns: StandIns;
  readonly crowd: Crowd;
  readonly unborn: Unborn;
  readonly crowdedThere = new CrowdedThere();
  /** Watches of this system over actors there, by their keys. */
  readonly watching = new Map<number, Watch>();
  /** Watches of that system over actors here, by its keys. */
  readonly watched = new Map<number, FarWatch>();
  /** By both serials, the number of the last request to take a link back that is not acknowledged. */
  readonly unlinking = new Map<string, number>();
  /** Serials there that have been granted: the next one, and the one after the last, of each block. */
  readonly granted: { next: number; readonly end: number }[] = [];
  /** Actors are spawned here from there. */
  readonly #spawnsHere: boolean;
  /** Messages from there that have taken effect, where those who outlive this system can read it. */
  readonly #taken: Int32Array;
  #took = 0;
  /** Actors that were spawned from there. */
  spawned = 0;

  constructor(
    home: Home,
    there: Identity,
    abroad: Abroad<ActorCell, Watch>,
    outbox: Outbox,
    { spawnsHere, taken }: { readonly spawnsHere: boolean; readonly taken: Int32Array },
  ) {
    const { known, unborn } = abroad;
    this.#spawnsHere = spawnsHere;
    this.#taken = taken;
    this.home = home;
    this.there = there;
    this.known = known;
    this.unborn = unborn;
    this.outbox = outbox;
    this.packer = new Packer(known);
    this.crowd = new Crowd(outbox, abroad);
    this.standIns = new StandIns(home, known, there.system, there.incarnation);
  }

  /** A message takes effect. */
  took(): void {
    this.#taken[0] = ++this.#took;
  }

  /** What comes from there for this actor is to wait until it has been spawned, from elsewhere. */
  isEarlyFor(serial: number): boolean {
    return !this.#spawnsHere && this.unborn.has(serial);
  }

  pid(system: string, incarnation: number, serial: number): Pid {
    const { home } = this;
    if (system === home.name && incarnation === home.incarnation) {
      const cell = cellOfSerial(home, serial);
      if (cell !== undefined) return cell.pid;
    }
    return this.known.pid(system, incarnation, serial);
  }

  alias(system: string, incarnation: number, alias: number): ReplyTo {
    const { home } = this;
    const mine = system === home.name && incarnation === home.incarnation;
    const known = mine ? this.known.alias(alias) : undefined;
    return known ?? new ReplyAlias(system, incarnation, alias, undefined);
  }
}

/** An actor of the other system, whose pid is looked for when somebody asks. */
export class Stranger implements Sender {
  readonly serial: number;
  readonly #border: Border;

  constructor(border: Border, serial: number) {
    this.serial = serial;
    this.#border = border;
  }

  get pid(): Pid {
    const { known, there } = this.#border;
    return known.pid(there.system, there.incarnation, this.serial);
  }
}

/** A watch of the other system over an actor of this one; its owner is a stand-in. */
export class FarWatch implements Watch {
  owner: ActorCell | undefined;
  cell: ActorCell | undefined;
  readonly target: Pid;
  readonly key: number;
  readonly #border: Border;
  nextWatcher: Watch = this;
  previousWatcher: Watch = this;
  nextWatching: Watch = this;
  previousWatching: Watch = this;

  constructor(border: Border, owner: ActorCell, cell: ActorCell, key: number) {
    this.owner = owner;
    this.cell = cell;
    this.target = cell.pid;
    this.key = key;
    this.#border = border;
  }

  ended(_owner: ActorCell, reason: ExitReason): void {
    const { outbox, packer, watched } = this.#border;
    watched.delete(this.key);
    outbox.put(this.target.serial, DOWN | BOXED, this.key, packer.reason(reason));
  }
}
