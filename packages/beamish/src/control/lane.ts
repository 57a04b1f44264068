/**
 * One direction of a connection in memory between two systems under control: what was sent lies there, batch
 * by batch, until it is let arrive. Nothing is lost, doubled or overtaken while the connection lives.
 */

import {
  type Connection,
  type ConnectOptions,
  connect,
  identityOf,
} from '../distribution/connection.ts';
import type { Batch } from '../distribution/wire.ts';
import { Distribution } from '../state/distribution.ts';
import { IdentityMap } from '../state/identity-map.ts';
import { type ActorSystem, stateOfSystem } from '../system/system.ts';
import type { ExitReason } from '../terms/exit-reason.ts';

/** One direction between two systems under control. */
export interface Lane {
  /** The system that sends. */
  readonly from: ActorSystem;
  /** The system that takes. */
  readonly to: ActorSystem;
  /** Batches that are under way. */
  readonly underWay: number;
  /** Lets the oldest batch take effect; false if none is under way. */
  arrive(): boolean;
  /** What is under way is lost, and `to` hears that `from` is. The other direction has an end of its own. */
  end(reason: ExitReason): void;
}

/** Connects two systems; returns the way from the first to the second, and the way back. */
export function lanesBetween(
  one: ActorSystem,
  other: ActorSystem,
  load: ConnectOptions['load'],
  spawns: boolean,
): readonly [Lane, Lane] {
  knowStrongly(one, load);
  knowStrongly(other, load);
  const forth = new MemoryLane(one, other);
  const back = new MemoryLane(other, one);
  back.connection = connect(one, identityOf(other), forth, {
    load,
    ...(spawns && { spawner: 'here' }),
  });
  forth.connection = connect(other, identityOf(one), back, {
    load,
    ...(spawns && { spawner: 'there' }),
  });
  return [forth, back];
}

/** Systems under control are dropped together, with all that they know of each other. */
function knowStrongly(system: ActorSystem, load: ConnectOptions['load']): void {
  stateOfSystem(system).distribution ??= new Distribution(new IdentityMap('strongly'), load);
}

class MemoryLane implements Lane {
  readonly from: ActorSystem;
  readonly to: ActorSystem;
  /** Of the system to which this leads. */
  connection: Connection | undefined;
  readonly #batches: Batch[] = [];
  #isOver = false;

  constructor(from: ActorSystem, to: ActorSystem) {
    this.from = from;
    this.to = to;
  }

  get underWay(): number {
    return this.#batches.length;
  }

  post(batch: Batch, transfer: readonly ArrayBuffer[]): void {
    if (!this.#isOver) this.#batches.push(structuredClone(batch, { transfer: [...transfer] }));
  }

  arrive(): boolean {
    const batch = this.#batches.shift();
    if (batch !== undefined) this.connection?.receive(batch);
    return batch !== undefined;
  }

  end(reason: ExitReason): void {
    this.#isOver = true;
    this.#batches.length = 0;
    this.connection?.lost(reason);
  }
}
