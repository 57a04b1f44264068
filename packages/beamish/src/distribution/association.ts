/** What both directions of a connection share: who stands for whom, who watches whom, which links are being taken back. */

import type { ActorCell } from '../state/actor-cell.ts';
import { cellOfSerial } from '../state/actor-table.ts';
import type { Distribution } from '../state/distribution.ts';
import type { IdentityMap } from '../state/identity-map.ts';
import type { ReservedPids } from '../state/reserved-pids.ts';
import type { SystemState } from '../state/system-state-types.ts';
import type { Watch } from '../state/watch.ts';
import type { ExitReason } from '../terms/exit-reason.ts';
import { type Pid, ReplyAlias, type ReplyTo, type Sender } from '../terms/pid.ts';
import { BackPressure, FullMailboxes } from './back-pressure.ts';
import type { Outbox } from './outbox.ts';
import { Packer } from './packer.ts';
import { RemoteCells } from './remote-cells.ts';
import type { Here } from './unpacker.ts';
import { BOXED, DOWN } from './wire.ts';

export interface Identity {
  /** The name of an actor system. */
  readonly system: string;
  /** Which life of a system of that name. */
  readonly incarnation: number;
}

export class Association implements Here {
  readonly system: SystemState;
  readonly there: Identity;
  readonly identities: IdentityMap;
  readonly outbox: Outbox;
  readonly packer: Packer;
  readonly remoteCells: RemoteCells;
  readonly backPressure: BackPressure;
  readonly reserved: ReservedPids;
  readonly fullThere = new FullMailboxes();
  /** Watches of this system over actors there, by their keys. */
  readonly watching = new Map<number, Watch>();
  /** Watches of that system over actors here, by its keys. */
  readonly watched = new Map<number, RemoteWatch>();
  /** By both serials, the number of the last request to take a link back that is not acknowledged. */
  readonly unlinking = new Map<string, number>();
  /** Serials there that have been granted: the next one, and the one after the last, of each block. */
  readonly granted: { next: number; readonly end: number }[] = [];
  /** Messages from there that have taken effect, where those who outlive this system can read it. */
  readonly #taken: Int32Array;
  #took = 0;
  /** Actors that were spawned from there. */
  spawned = 0;

  constructor(
    system: SystemState,
    there: Identity,
    distribution: Distribution,
    outbox: Outbox,
    taken: Int32Array,
  ) {
    const { identities, reserved } = distribution;
    this.#taken = taken;
    this.system = system;
    this.there = there;
    this.identities = identities;
    this.reserved = reserved;
    this.outbox = outbox;
    this.packer = new Packer(identities);
    this.backPressure = new BackPressure(outbox, distribution);
    this.remoteCells = new RemoteCells(system, identities, there.system, there.incarnation);
  }

  /** A message takes effect. */
  took(): void {
    this.#taken[0] = ++this.#took;
  }

  /** What comes from there for this actor is to wait until it has been spawned, from elsewhere. */
  isEarlyFor(serial: number): boolean {
    return this.reserved.isEarly(serial, this);
  }

  /** An actor of this system, of which a signal from there asks whether it lives. */
  look(serial: number): ActorCell | undefined {
    const { system } = this;
    const cell = cellOfSerial(system, serial);
    if (system.tapTouched !== undefined)
      system.tapTouched(this.pid(system.name, system.incarnation, serial), 'look');
    return cell;
  }

  pid(name: string, incarnation: number, serial: number): Pid {
    const { system } = this;
    if (name === system.name && incarnation === system.incarnation) {
      const cell = cellOfSerial(system, serial);
      if (cell !== undefined) return cell.pid;
    }
    return this.identities.pid(name, incarnation, serial);
  }

  alias(name: string, incarnation: number, alias: number): ReplyTo {
    const { system } = this;
    const mine = name === system.name && incarnation === system.incarnation;
    const known = mine ? this.identities.alias(alias) : undefined;
    return known ?? new ReplyAlias(name, incarnation, alias, undefined, undefined);
  }
}

/** An actor of the other system, whose pid is looked for when somebody asks. */
export class RemoteSender implements Sender {
  readonly serial: number;
  readonly #association: Association;

  constructor(association: Association, serial: number) {
    this.serial = serial;
    this.#association = association;
  }

  get pid(): Pid {
    const { identities, there } = this.#association;
    return identities.pid(there.system, there.incarnation, this.serial);
  }
}

/** A watch of the other system over an actor of this one; its owner is a remote cell. */
export class RemoteWatch implements Watch {
  owner: ActorCell | undefined;
  cell: ActorCell | undefined;
  readonly target: Pid;
  readonly key: number;
  readonly #association: Association;
  nextWatcher: Watch = this;
  previousWatcher: Watch = this;
  nextWatching: Watch = this;
  previousWatching: Watch = this;

  constructor(association: Association, owner: ActorCell, cell: ActorCell, key: number) {
    this.owner = owner;
    this.cell = cell;
    this.target = cell.pid;
    this.key = key;
    this.#association = association;
  }

  ended(_owner: ActorCell, reason: ExitReason, _who: Pid): void {
    const { outbox, packer, watched } = this.#association;
    watched.delete(this.key);
    outbox.put(this.target.serial, DOWN | BOXED, this.key, packer.reason(reason));
  }
}
