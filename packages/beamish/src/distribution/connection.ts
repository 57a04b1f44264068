/**
 * A connection to another system, for who writes a transport: threads, a wire, or a channel of a test.
 * A transport brings batches across, in order and each once, and says when the other side is lost.
 */

import { startAlarm } from '../signals/timers.ts';
import type { ActorCell, Home, Watch } from '../state/actor-cell.ts';
import { Known } from '../state/known.ts';
import { Abroad, type Code } from '../state/transport.ts';
import { type ActorSystem, homeOfSystem } from '../system/system.ts';
import type { AnyBody } from '../terms/body.ts';
import type { ActorOptions, Configured, Portable } from '../terms/context.ts';
import type { ExitReason } from '../terms/exit-reason.ts';
import { type Address, type Message, name } from '../terms/pid.ts';
import { Border, type Identity } from './border.ts';
import { unpack } from './codec.ts';
import { take } from './incoming.ts';
import { BLOCK, setFirstBlockApart } from './incoming-spawns.ts';
import { type Carrier, type Letter, lettersOf, Outbox } from './outbox.ts';
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
  const { name: own, incarnation } = homeOfSystem(system);
  return { system: own, incarnation };
}

/** From now on, pids and names of `there` are reached. A connection to an earlier life of it is lost. */
export function connect(
  system: ActorSystem,
  there: Identity,
  carrier: Carrier,
  options: ConnectOptions,
): Connection {
  return new Connected(homeOfSystem(system), there, carrier, options);
}

/** Calls `close` once the system has shut down, which waits for it. */
export function whenShutDown(system: ActorSystem, close: () => Promise<void>): void {
  abroadOf(homeOfSystem(system)).closing.push(close);
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
  return homeOfSystem(system).alive;
}

/** Nobody is about to have a turn. */
export function isIdle(system: ActorSystem): boolean {
  return !homeOfSystem(system).awake;
}

class Connected implements Connection {
  readonly #home: Home;
  readonly #border: Border;
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

  constructor(home: Home, there: Identity, carrier: Carrier, options: ConnectOptions) {
    const abroad = abroadOf(home, options.load);
    const outbox = new Outbox(
      carrier,
      () => {
        abroad.unsent.push(this.#peer);
        if (!home.awake) home.wake();
      },
      (batch) => this.#tellLost(batch),
    );
    this.#home = home;
    this.#spawner = options.spawner;
    this.#border = new Border(home, there, abroad, outbox, {
      spawnsHere: options.spawner === 'there',
      taken: options.taken ?? new Int32Array(1),
    });
    this.#peer = new Outgoing(this.#border);
    abroad.peers.set(there.system, this.#peer);
    if (options.spawner === 'there') setFirstBlockApart(home, abroad.unborn);
    if (options.spawner === 'here') this.#border.granted.push({ next: 1, end: BLOCK + 1 });
    home.reports.systemUp(there.system, there.incarnation);
  }

  get sent(): number {
    return this.#border.outbox.posted;
  }

  get spawned(): number {
    return this.#border.spawned;
  }

  receive(batch: Batch): void {
    if (this.#isLost) return;
    if (this.#held.length > 0 && batch[0] !== CREDIT) {
      this.#held.push(batch);
      return;
    }
    const home = this.#home;
    // Whoever gets something waits for the slice below then, and asks for no turn of the event loop.
    const atOnce = !home.awake && this.#mayActAtOnce();
    if (atOnce) home.awake = true;
    try {
      const rest = take(this.#border, batch);
      if (rest !== undefined) this.#hold(rest);
      else if (batch[0] !== CREDIT) this.#credit();
      // Whoever spawned may have linked to its actor, or written to it, in the same batch.
      if (this.#spawner === 'there') this.#border.unborn.tell();
    } finally {
      if (atOnce) home.slice();
      else this.#stir();
    }
  }

  #hold(batch: Batch): void {
    this.#held.push(batch);
    this.#border.unborn.whenBorn(() => {
      for (const held of this.#held.splice(0)) this.receive(held);
      if (this.#held.length === 0) this.#ended?.();
    });
  }

  #credit(): void {
    this.#uncredited++;
    if (this.#uncredited < CREDIT_AT || this.#looks > 0) return;
    if (this.#border.crowd.isBehind()) this.#lookAgain(LOOKS);
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
    if (this.#spawner === 'there') this.#border.unborn.none();
    const { outbox, there, standIns, crowd, crowdedThere } = this.#border;
    const { abroad } = this.#home;
    if (abroad?.peers.get(there.system) === this.#peer) abroad.peers.delete(there.system);
    const lost = taken === undefined ? 0 : outbox.posted - taken;
    outbox.close();
    crowd.close();
    crowdedThere.close();
    standIns.end(reason);
    this.#stir();
    if (reason !== 'shutdown' && !this.#home.closed)
      this.#home.reports.systemDown(there.system, there.incarnation, reason, lost);
  }

  /**
   * This is the host's turn and no actor's, so those that get something may run in it: a turn of the event
   * loop on each side is a tenth of the time of a call. Not without end, as the host brings up to a
   * thousand batches before it looks at its timers and sockets.
   */
  #mayActAtOnce(): boolean {
    const { clock, abroad } = this.#home;
    const now = clock.now();
    if (abroad === undefined || now - abroad.turnedAt <= AT_ONCE_MS) return true;
    abroad.turnedAt = now;
    return false;
  }

  /** If nobody was woken, a timer may have been ended, for which the host would still wait. */
  #stir(): void {
    if (!this.#home.awake) this.#home.slice();
  }

  /**
   * Credit waits until slow actors have caught up, so that a flood stays with who makes it. But not for
   * ever: one may be waiting for something that comes behind all that it leaves in its mailbox.
   */
  #lookAgain(looks: number): void {
    this.#looks = looks;
    const look = (): void => {
      if (this.#isLost) return;
      if (looks > 1 && this.#border.crowd.isBehind()) this.#lookAgain(looks - 1);
      else this.#giveCredit();
    };
    // At first after a slice, as most have caught up by then.
    if (looks > LOOKS - QUICK_LOOKS) this.#home.clock.soon(look);
    else startAlarm(this.#home, LOOK_MS, look);
  }

  #giveCredit(): void {
    this.#looks = 0;
    this.#border.outbox.giveCredit(this.#uncredited);
    this.#uncredited = 0;
  }

  /** Messages that never left. */
  #tellLost(batch: Batch): void {
    const home = this.#home;
    for (const letter of lettersOf(batch)) {
      // With the connection each request fails.
      if (letter.isRequest && this.#isLost) continue;
      const from = this.#border.pid(home.name, home.incarnation, letter.from);
      const message = letter.isBoxed ? unpack(letter.message, this.#border) : letter.message;
      home.reports.deadLetter(from, this.#addressOf(letter), message, 'noconnection');
    }
  }

  #addressOf({ to, isReply }: Letter): Address {
    const { system, incarnation } = this.#border.there;
    if (typeof to === 'string') return name(to, system);
    if (isReply) return this.#border.alias(system, incarnation, to);
    return this.#border.pid(system, incarnation, to);
  }
}

function abroadOf(home: Home, load: ConnectOptions['load'] = nowhere): Abroad<ActorCell, Watch> {
  home.abroad ??= new Abroad<ActorCell, Watch>(new Known(), load);
  return home.abroad;
}

function nowhere({ module, exportName }: Code): Promise<AnyBody> {
  return Promise.reject(new Error(`Cannot load ${exportName} of ${module}: nothing loads here`));
}
