/**
 * A connection to another system, for who writes a transport: threads, a wire, or a channel of a test.
 * A transport brings batches across, in order and each once, and says when the other side is lost.
 */

import { tellSystemDown, tellSystemUp } from '../reports/connection-reports.ts';
import { forgetMembersOf, introduceGroups } from '../signals/groups.ts';
import { Distribution } from '../state/distribution.ts';
import { IdentityMap } from '../state/identity-map.ts';
import type { Code } from '../state/peer.ts';
import type { SystemState } from '../state/system-state-types.ts';
import { type ActorSystem, stateOfSystem } from '../system/system.ts';
import type { ExitReason } from '../terms/exit-reason.ts';
import type { AnyBody } from '../terms/spawnable.ts';
import { Association, type Identity } from './association.ts';
import { introduced, lettersOf, ProtocolError } from './batch-reader.ts';
import { Credit } from './credit.ts';
import { take } from './incoming.ts';
import { BLOCK, setFirstBlockApart } from './incoming-spawns.ts';
import { type Carrier, Outbox } from './outbox.ts';
import { Outgoing } from './outgoing.ts';
import { refuseSignal, tellDeadLetter } from './undelivered.ts';
import { type Batch, CREDIT } from './wire.ts';

/** How long what comes is acted upon at once, before the event loop has a turn. */
const AT_ONCE_MS = 1;

/** How a system is connected, and what the transport can do for it. */
export interface ConnectOptions {
  /** Finds a body by its address, for actors that other systems spawn here. */
  readonly load: (code: Code) => AnyBody | Promise<AnyBody>;
  /**
   * Who spawns actors across: `'here'` in the other system, which is new and has set its first serials
   * apart for that, or `'there'` in this one. Default: nobody.
   */
  readonly spawner?: 'here' | 'there';
  /**
   * Where to count, in its first place and with 32 bits, the messages from there that have taken effect:
   * in shared memory, whoever outlives this system can tell which were lost with it. Requests are not counted.
   */
  readonly taken?: Int32Array;
  /**
   * This side has ended the connection by itself, which can be closed: another one to a system of that name
   * has taken its place (`'replaced'`), or what came is of another version of the protocol, with the error
   * that says so.
   */
  readonly ended?: (reason: ExitReason) => void;
}

/** One system's end of a connection: what the transport tells it. */
export interface Connection {
  /** Lets a batch from there take effect. */
  receive(batch: Batch): void;
  /**
   * The other side is gone, or cannot be reached any more: every link and monitor across ends with
   * `'noconnection'`, and calls fail. `taken` says how many messages had taken effect there; without it,
   * none is told as lost but those that never left.
   */
  lost(reason: ExitReason, taken?: number): void;
  /** The other side was ended in order: nothing is reported. */
  closed(): void;
  /** Messages that were put on the way there, requests not counted. */
  readonly sent: number;
  /** Actors that the other side has spawned here, those that have ended included. */
  readonly spawned: number;
}

/** Who a system is to others. */
export function identityOf(system: ActorSystem): Identity {
  const { name: own, incarnation } = stateOfSystem(system);
  return { system: own, incarnation };
}

/**
 * From now on, pids and names of `there` are reached. An earlier connection to a system of that name ends,
 * told as `system_down` with the reason `'replaced'`.
 */
export function connect(
  system: ActorSystem,
  there: Identity,
  carrier: Carrier,
  options: ConnectOptions,
): Connection {
  return new Connected(stateOfSystem(system), there, carrier, options);
}

/** Calls `close` once the system has shut down, which waits for it. @throws Error if it has. */
export function whenShutDown(system: ActorSystem, close: () => Promise<void>): void {
  const state = stateOfSystem(system);
  if (state.closing) {
    throw new Error(
      `Cannot start what is to end with the system ${state.name}: it has been shut down`,
    );
  }
  distributionOf(state).closing.push(close);
}

/**
 * Calls `begin` when the system begins to shut down, before any actor is asked to end: from then on, what
 * does not answer can keep it from its end. Not called where that has begun.
 */
export function whenShutdownBegins(system: ActorSystem, begin: () => void): void {
  distributionOf(stateOfSystem(system)).beginsToClose.push(begin);
}

/** How many actors are alive. */
export function population(system: ActorSystem): number {
  return stateOfSystem(system).alive;
}

/** Nobody is about to have a turn. */
export function isIdle(system: ActorSystem): boolean {
  return !stateOfSystem(system).awake;
}

class Connected implements Connection {
  readonly #system: SystemState;
  readonly #association: Association;
  readonly #peer: Outgoing;
  readonly #spawner: ConnectOptions['spawner'];
  #isLost = false;
  /** What has come, and waits for an actor that is to be spawned. */
  readonly #held: Batch[] = [];
  /** Set when the connection ends meanwhile: its end, which comes behind all that. */
  #ended: (() => void) | undefined;
  readonly #credit: Credit;
  readonly #tellEnded: ConnectOptions['ended'];
  /** The other side has said which protocol it speaks. */
  #isIntroduced = false;

  constructor(system: SystemState, there: Identity, carrier: Carrier, options: ConnectOptions) {
    const distribution = distributionOf(system, options.load);
    const outbox = new Outbox(
      carrier,
      () => {
        distribution.unsent.push(this.#peer);
        if (!system.awake) system.wake();
      },
      (batch) => this.#tellLost(batch),
      (signal, thrown) => refuseSignal(this.#association, signal, thrown),
    );
    this.#system = system;
    this.#spawner = options.spawner;
    this.#tellEnded = options.ended;
    const taken = options.taken ?? new Int32Array(1);
    this.#association = new Association(system, there, distribution, outbox, taken);
    this.#credit = new Credit(this.#association);
    this.#peer = new Outgoing(this.#association);
    distribution.endings.get(there.system)?.('replaced');
    distribution.peers.set(there.system, this.#peer);
    distribution.endings.set(there.system, (reason) => this.#endByItself(reason));
    if (options.spawner === 'there') setFirstBlockApart(this.#association);
    if (options.spawner === 'here') this.#association.granted.push({ next: 1, end: BLOCK + 1 });
    introduceGroups(system, this.#peer);
    tellSystemUp(system, there.system, there.incarnation);
  }

  get sent(): number {
    return this.#association.outbox.posted;
  }

  get spawned(): number {
    return this.#association.spawned;
  }

  receive(given: Batch): void {
    if (this.#isLost) return;
    try {
      const batch = this.#isIntroduced ? given : introduced(given);
      this.#isIntroduced = true;
      if (this.#held.length > 0 && batch[0] !== CREDIT) this.#held.push(batch);
      else this.#takeNow(batch);
    } catch (error) {
      if (!(error instanceof ProtocolError)) throw error;
      this.#endByItself(error);
    }
  }

  #takeNow(batch: Batch): void {
    const system = this.#system;
    // Whoever gets something waits for the slice below then, and asks for no turn of the event loop.
    const atOnce = !system.awake && this.#mayActAtOnce();
    if (atOnce) system.awake = true;
    try {
      const rest = take(this.#association, batch);
      if (rest !== undefined) this.#hold(rest);
      else if (batch[0] !== CREDIT) this.#credit.earn();
      // Whoever spawned may have linked to its actor, or written to it, in the same batch.
      if (this.#spawner === 'there') this.#association.reserved.tell();
    } finally {
      if (atOnce) system.slice();
      else this.#stir();
    }
  }

  #hold(batch: Batch): void {
    this.#held.push(batch);
    this.#association.reserved.whenSpawned(() => {
      for (const held of this.#held.splice(0)) this.receive(held);
      if (this.#held.length === 0) this.#ended?.();
    });
  }

  lost(reason: ExitReason, taken?: number): void {
    this.#end(reason, taken);
  }

  closed(): void {
    this.#end('shutdown', undefined);
  }

  /** What is held is not waited for. */
  #endByItself(reason: ExitReason): void {
    this.#held.length = 0;
    this.#end(reason, undefined);
    this.#tellEnded?.(reason);
  }

  #end(reason: ExitReason, taken: number | undefined): void {
    if (this.#isLost) return;
    if (this.#held.length > 0) {
      this.#ended = () => this.#end(reason, taken);
      return;
    }
    this.#isLost = true;
    if (this.#spawner === 'there') this.#association.reserved.release(this.#association);
    const { outbox, there, remoteCells, backPressure, fullThere } = this.#association;
    const { distribution } = this.#system;
    if (distribution?.peers.get(there.system) === this.#peer) {
      distribution.peers.delete(there.system);
      distribution.endings.delete(there.system);
    }
    const lost = taken === undefined ? 0 : outbox.posted - taken;
    outbox.close();
    backPressure.close();
    this.#credit.close();
    fullThere.close();
    // Before anyone hears of the ends.
    forgetMembersOf(this.#system, there);
    remoteCells.end(reason);
    this.#stir();
    if (reason !== 'shutdown' && !this.#system.closed)
      tellSystemDown(this.#system, there.system, there.incarnation, reason, lost);
  }

  /**
   * This is the host's turn and no actor's, so those that get something may run in it: a turn of the event
   * loop on each side is a tenth of the time of a call. Not without end, as the host brings up to a
   * thousand batches before it looks at its timers and sockets.
   */
  #mayActAtOnce(): boolean {
    const { clock, distribution } = this.#system;
    const now = clock.now();
    if (distribution === undefined || now - distribution.turnedAt <= AT_ONCE_MS) return true;
    distribution.turnedAt = now;
    return false;
  }

  /** If nobody was woken, a timer may have been ended, for which the host would still wait. */
  #stir(): void {
    if (!this.#system.awake) this.#system.slice();
  }

  /** Messages that never left. */
  #tellLost(batch: Batch): void {
    for (const letter of lettersOf(batch)) {
      // With the connection each request fails.
      if (!letter.isRequest || !this.#isLost)
        tellDeadLetter(this.#association, letter, 'noconnection');
    }
  }
}

function distributionOf(system: SystemState, load: ConnectOptions['load'] = nowhere): Distribution {
  system.distribution ??= new Distribution(new IdentityMap(), load);
  return system.distribution;
}

function nowhere({ module, exportName }: Code): Promise<AnyBody> {
  return Promise.reject(new Error(`Cannot load ${exportName} of ${module}: nothing loads here`));
}
