/**
 * A connection to another system, for who writes a transport: threads, a wire, or a channel of a test.
 * A transport brings batches across, in order and each once, and says when the other side is lost.
 */

import { startAlarm } from '../signals/timers.ts';
import { Distribution } from '../state/distribution.ts';
import { IdentityMap } from '../state/identity-map.ts';
import type { Code } from '../state/peer.ts';
import type { SystemState } from '../state/system-state-types.ts';
import { type ActorSystem, stateOfSystem } from '../system/system.ts';
import type { ExitReason } from '../terms/exit-reason.ts';
import { type Address, type Message, name } from '../terms/pid.ts';
import type { ActorOptions, Configured, Portable } from '../terms/self-types.ts';
import type { AnyBody } from '../terms/spawnable.ts';
import { Association, type Identity } from './association.ts';
import { type Letter, lettersOf } from './batch-reader.ts';
import { unpack } from './codec.ts';
import { take } from './incoming.ts';
import { BLOCK, setFirstBlockApart } from './incoming-spawns.ts';
import { type Carrier, Outbox } from './outbox.ts';
import { Outgoing } from './outgoing.ts';
import { type Batch, CREDIT } from './wire.ts';

/** Credit is given for so many batches at a time. */
const CREDIT_AT = 16;
/** How often one looks whether the actors have caught up, and how long credit waits for that. */
const LOOK_MS = 5;
const LOOKS = 50;
const QUICK_LOOKS = 8;
/** How long what comes is acted upon at once, before the event loop has a turn. */
const AT_ONCE_MS = 1;

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
}

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

/** From now on, pids and names of `there` are reached. A connection to an earlier life of it is lost. */
export function connect(
  system: ActorSystem,
  there: Identity,
  carrier: Carrier,
  options: ConnectOptions,
): Connection {
  return new Connected(stateOfSystem(system), there, carrier, options);
}

/** Calls `close` once the system has shut down, which waits for it. */
export function whenShutDown(system: ActorSystem, close: () => Promise<void>): void {
  distributionOf(stateOfSystem(system)).closing.push(close);
}

/** The same body, but each time that it is spawned, `place` names the system that is to run it. */
export function placed<M extends Message, A extends unknown[], R>(
  body: Portable<M, A, R>,
  place: () => string,
): Configured<M, A, R> {
  return { body, options: { place } as ActorOptions };
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
  /** Batches that have taken effect and for which no credit was given. */
  #uncredited = 0;
  /** Looks left before credit is given all the same; 0 when nobody is waited for. */
  #looks = 0;

  constructor(system: SystemState, there: Identity, carrier: Carrier, options: ConnectOptions) {
    const distribution = distributionOf(system, options.load);
    const outbox = new Outbox(
      carrier,
      () => {
        distribution.unsent.push(this.#peer);
        if (!system.awake) system.wake();
      },
      (batch) => this.#tellLost(batch),
    );
    this.#system = system;
    this.#spawner = options.spawner;
    this.#association = new Association(system, there, distribution, outbox, {
      spawnsHere: options.spawner === 'there',
      taken: options.taken ?? new Int32Array(1),
    });
    this.#peer = new Outgoing(this.#association);
    distribution.peers.set(there.system, this.#peer);
    if (options.spawner === 'there') setFirstBlockApart(system, distribution.reserved);
    if (options.spawner === 'here') this.#association.granted.push({ next: 1, end: BLOCK + 1 });
    system.reports.systemUp(there.system, there.incarnation);
  }

  get sent(): number {
    return this.#association.outbox.posted;
  }

  get spawned(): number {
    return this.#association.spawned;
  }

  receive(batch: Batch): void {
    if (this.#isLost) return;
    if (this.#held.length > 0 && batch[0] !== CREDIT) {
      this.#held.push(batch);
      return;
    }
    const system = this.#system;
    // Whoever gets something waits for the slice below then, and asks for no turn of the event loop.
    const atOnce = !system.awake && this.#mayActAtOnce();
    if (atOnce) system.awake = true;
    try {
      const rest = take(this.#association, batch);
      if (rest !== undefined) this.#hold(rest);
      else if (batch[0] !== CREDIT) this.#credit();
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

  #credit(): void {
    this.#uncredited++;
    if (this.#uncredited < CREDIT_AT || this.#looks > 0) return;
    if (this.#association.backPressure.isBehind()) this.#lookAgain(LOOKS);
    else this.#giveCredit();
  }

  lost(reason: ExitReason, taken?: number): void {
    this.#end(reason, taken);
  }

  closed(): void {
    this.#end('shutdown', undefined);
  }

  #end(reason: ExitReason, taken: number | undefined): void {
    if (this.#isLost) return;
    if (this.#held.length > 0) {
      this.#ended = () => this.#end(reason, taken);
      return;
    }
    this.#isLost = true;
    if (this.#spawner === 'there') this.#association.reserved.release();
    const { outbox, there, remoteCells, backPressure, fullThere } = this.#association;
    const { distribution } = this.#system;
    if (distribution?.peers.get(there.system) === this.#peer)
      distribution.peers.delete(there.system);
    const lost = taken === undefined ? 0 : outbox.posted - taken;
    outbox.close();
    backPressure.close();
    fullThere.close();
    remoteCells.end(reason);
    this.#stir();
    if (reason !== 'shutdown' && !this.#system.closed)
      this.#system.reports.systemDown(there.system, there.incarnation, reason, lost);
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

  /**
   * Credit waits until slow actors have caught up, so that a flood stays with who makes it. But not for
   * ever: one may be waiting for something that comes behind all that it leaves in its mailbox.
   */
  #lookAgain(looks: number): void {
    this.#looks = looks;
    const look = (): void => {
      if (this.#isLost) return;
      if (looks > 1 && this.#association.backPressure.isBehind()) this.#lookAgain(looks - 1);
      else this.#giveCredit();
    };
    // At first after a slice, as most have caught up by then.
    if (looks > LOOKS - QUICK_LOOKS) this.#system.clock.soon(look);
    else startAlarm(this.#system, LOOK_MS, look);
  }

  #giveCredit(): void {
    this.#looks = 0;
    this.#association.outbox.giveCredit(this.#uncredited);
    this.#uncredited = 0;
  }

  /** Messages that never left. */
  #tellLost(batch: Batch): void {
    const system = this.#system;
    for (const letter of lettersOf(batch)) {
      // With the connection each request fails.
      if (letter.isRequest && this.#isLost) continue;
      const from = this.#association.pid(system.name, system.incarnation, letter.from);
      const message = letter.isBoxed ? unpack(letter.message, this.#association) : letter.message;
      system.reports.deadLetter(from, this.#addressOf(letter), message, 'noconnection');
    }
  }

  #addressOf({ to, isReply }: Letter): Address {
    const { system, incarnation } = this.#association.there;
    if (typeof to === 'string') return name(to, system);
    if (isReply) return this.#association.alias(system, incarnation, to);
    return this.#association.pid(system, incarnation, to);
  }
}

function distributionOf(system: SystemState, load: ConnectOptions['load'] = nowhere): Distribution {
  system.distribution ??= new Distribution(new IdentityMap(), load);
  return system.distribution;
}

function nowhere({ module, exportName }: Code): Promise<AnyBody> {
  return Promise.reject(new Error(`Cannot load ${exportName} of ${module}: nothing loads here`));
}
