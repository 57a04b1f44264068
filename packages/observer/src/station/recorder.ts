/**
 * Records the messages of one system: who sent what to whom, what it was caused by, when it was taken and done
 * with. It works within a budget: as long as what it costs is more than that, it records bursts of everything,
 * with pauses between them. Sampling single messages would tear every chain; sampling time keeps them.
 */

import type { ActorSystem, Pid, SystemEvents, Target } from 'beamish';
import { type Listener, listen, lookedAt, type SendKind } from 'beamish/observation';
import { type Capturing, capture } from './redact.ts';
import {
  CALL,
  CAST,
  CAUSE,
  DEAD,
  DONE,
  FATE_SHIFT,
  FLUSHED,
  FROM,
  KIND_SHIFT,
  LATE,
  NEXT,
  OPEN,
  type Party,
  Ring,
  SENT,
  SIZE,
  TAG,
  TAG_MASK,
  TAKEN,
  TO,
  UNKNOWN,
} from './ring.ts';

const LONGEST_CHAIN = 20;
/**
 * What recording a message costs, in ms: 70 ns between two actors that do nothing else, and 180 to 300 among two
 * thousand that have work of their own between messages, as what is recorded is cold then.
 */
const COST_MS = 250e-6;
const BURST_MS = 2;
/** The shortest pause: bursts that come more often are done cold more often. */
const PAUSE_MS = 98;
/** How often the budget is looked at, in messages. */
const CHECK_EVERY = 64;
/**
 * What is earned at one look while the budget is overdrawn. A thread that the machine lets wait seems to have done
 * nothing for long, and would go on with a burst that is to end.
 */
const EARNING_MS = 0.2;
/** At most so much of unused budget is saved, so that a busy moment of a quiet program is whole. */
const SAVED_MS = 100;

/** A message as the ring has it, before it is merged with those of other systems. */
export interface Recorded {
  readonly n: number;
  readonly from: Pid | string;
  readonly to: Pid | string;
  readonly tag: string;
  readonly kind: number;
  readonly cause: number;
  /** In ms since 1970. */
  readonly sent: number;
  readonly taken: number | undefined;
  readonly done: number | undefined;
  readonly fate: number;
  readonly payload: unknown;
}

/** What it hears it hears as a listener itself: a function around each of its verbs would cost as much as they do. */
export class Recorder implements Listener {
  /** Received messages whose sending was not seen. */
  unpaired = 0;
  budget: number;
  capturing: Capturing | undefined;
  /** The only one who is looked at: the clock is read at each of its turns. */
  single: Pid | undefined;
  readonly #system: ActorSystem;
  #ring: Ring;
  /** What is added to the system's clock to have ms since 1970. */
  readonly #offset: number;
  /** What times in the ring count from, on the system's clock. */
  readonly #zero: number;
  readonly #heard: (letter: SystemEvents['dead_letter']) => void;
  #stop: (() => void) | undefined;
  #pause: NodeJS.Timeout | undefined;
  /** In ms; what may still be spent. */
  #saved = 0;
  #checkedAt = 0;
  #burstBegan = 0;
  /** The number of its first message. */
  #burstFirst = 1;
  #unchecked = 0;
  /** Of bursts that are over. */
  #recordedMs = 0;
  #hasPaused = false;
  /** The last one that was sent or dropped, for the dead letter that may come next; and the message, if the ring does not hold it. */
  #last = 0;
  #loose: unknown;
  /** Who has taken a message in this turn, and the time of the turn: the scheduler does not look in the middle of one. */
  #running: Party | undefined;
  #turnAt = 0;
  /** When the clock was read last, on that of the system. */
  #readAt = Number.NEGATIVE_INFINITY;

  constructor(system: ActorSystem, size: number, budget: number, capturing?: Capturing) {
    this.#system = system;
    this.#ring = new Ring(system.name, size);
    this.budget = budget;
    this.capturing = capturing;
    this.#zero = system.now();
    // The clock of a host is the same for all threads; another one says what its calendar says.
    const isHosts = Math.abs(system.now() - performance.now()) < 1000;
    this.#offset = isHosts ? performance.timeOrigin : system.wall() - system.now();
    this.#heard = ({ message, why }) => this.#deadLetter(message, why);
  }

  start(): void {
    this.#saved = this.budget * SAVED_MS;
    this.#checkedAt = performance.now();
    this.#begin();
  }

  stop(): void {
    clearTimeout(this.#pause);
    this.#end();
    this.#ring.unmark();
  }

  /** Lets go of what it has: the runtime still knows it for a while, as one that may come back. */
  forget(): void {
    this.#ring = new Ring(this.#system.name, 1);
  }

  /** How many have been recorded. */
  get count(): number {
    return this.#ring.count;
  }

  /** How many there are who are in a record, or were lately. */
  get parties(): number {
    return this.#ring.parties.length;
  }

  /** For how long it has recorded, in ms. */
  get recordedMs(): number {
    const isOn = this.#stop !== undefined;
    return this.#recordedMs + (isOn ? performance.now() - this.#burstBegan : 0);
  }

  /** How many were overwritten; undefined if there were pauses. */
  get missed(): number | undefined {
    return this.#hasPaused ? undefined : Math.max(0, this.count - this.#ring.mask - 1);
  }

  /** Until when all that has happened is known, in ms since 1970. */
  get knownUntil(): number {
    return this.#system.now() + this.#offset;
  }

  /** Those that the ring has, oldest first; from number `since` on. */
  read(since = 1): Recorded[] {
    const all: Recorded[] = [];
    const first = Math.max(since, this.count - this.#ring.mask, 1);
    for (let n = first; n <= this.count; n++) all.push(this.#view(n));
    return all;
  }

  /** What an actor is handling, what caused that, and so on, back to where it began; 20 at most. */
  chain(pid: Pid): Recorded[] {
    const chain: Recorded[] = [];
    let n = this.#ring.known(pid)?.handling ?? 0;
    while (this.#ring.has(n) && chain.length < LONGEST_CHAIN) {
      const message = this.#view(n);
      chain.push(message);
      n = message.cause;
    }
    return chain;
  }

  #view(n: number): Recorded {
    const ring = this.#ring;
    const packed = ring.get(n, TAG);
    const party = (place: number) => {
      const { pid, words } = ring.parties[ring.get(n, place)] as Party;
      return pid ?? words;
    };
    const time = (place: number) => {
      const low = ring.get(n, place);
      return low === 0 ? undefined : this.#time(low);
    };
    return {
      n,
      from: party(FROM),
      to: party(TO),
      tag: ring.names[packed & TAG_MASK] ?? '',
      kind: (packed >>> KIND_SHIFT) & 7,
      cause: ring.whole(ring.get(n, CAUSE)),
      sent: this.#time(ring.get(n, SENT)),
      taken: time(TAKEN),
      done: time(DONE),
      fate: ring.fate(n),
      payload: ring.payloads[n & ring.mask],
    };
  }

  /** Microseconds since the recorder began, of which 32 bits are kept: what is in the ring is not older than 71 minutes. */
  #now(): number {
    // What comes after an exact time was not before it.
    const ms = Math.max(lookedAt(this.#system), this.#readAt);
    return ((ms - this.#zero) * 1000 + 1) | 0 || 1;
  }

  #exact(): number {
    this.#readAt = this.#system.now();
    return ((this.#readAt - this.#zero) * 1000 + 1) | 0 || 1;
  }

  #time(low: number): number {
    const now = (this.#system.now() - this.#zero) * 1000 + 1;
    const us = now - ((Math.floor(now) - low) >>> 0);
    return Math.floor(us) / 1000 + this.#zero + this.#offset - 0.001;
  }

  #begin(): void {
    this.#ring.burst++;
    this.#burstBegan = performance.now();
    this.#burstFirst = this.#ring.count + 1;
    this.#unchecked = 0;
    this.#last = 0;
    this.#running = undefined;
    this.#stop = listen(this.#system, this);
    this.#system.events.on('dead_letter', this.#heard);
  }

  #end(): void {
    if (this.#stop === undefined) return;
    this.#recordedMs += performance.now() - this.#burstBegan;
    this.#stop();
    this.#stop = undefined;
    this.#system.events.off('dead_letter', this.#heard);
    this.#loose = this.#running = undefined;
    // What waits still will be taken unseen.
    this.#ring.abandonAll(this.#burstFirst);
  }

  #check(): void {
    if (this.#ring.isCrowded) {
      this.#ring.forgetParties();
      this.#running = undefined;
    }
    const now = performance.now();
    const most = this.#saved < 0 ? EARNING_MS : Number.POSITIVE_INFINITY;
    const ms = Math.min(now - this.#checkedAt, most);
    const earned = this.budget * ms - this.#unchecked * COST_MS;
    this.#saved = Math.min(this.budget * SAVED_MS, this.#saved + earned);
    this.#checkedAt = now;
    this.#unchecked = 0;
    if (this.#saved >= 0 || this.budget >= 1 || now - this.#burstBegan < BURST_MS) return;
    const pause = Math.max(PAUSE_MS, -this.#saved / Math.max(this.budget, 1e-3));
    this.#hasPaused = true;
    this.#end();
    this.#pause = setTimeout(() => {
      this.#saved = 0;
      this.#checkedAt = performance.now();
      this.#begin();
    }, pause).unref();
  }

  sent(from: Pid, to: Target, message: unknown, kind: SendKind): void {
    if (++this.#unchecked >= CHECK_EVERY) this.#check();
    if (this.#stop === undefined) return;
    const ring = this.#ring;
    const n = ++ring.count;
    ring.makeRoom(n);
    const running = this.#running;
    const sender = running?.pid === from ? running : ring.partyOf(from);
    const receiver = 'serial' in to ? ring.partyOf(to as Pid) : ring.stranger(to);
    const isReply = kind === 1;
    let shown: number = kind;
    let tag = (message as { readonly tag?: unknown } | null)?.tag;
    if (isReply) {
      tag = this.#answered(sender, receiver);
    } else if (tag === '$request') {
      shown = (message as { readonly kind: string }).kind === 'call' ? CALL : CAST;
      tag = (message as { readonly name: string }).name;
    } else if (tag === '$system') {
      shown = CALL;
      tag = (message as { readonly query: string }).query;
    }
    if (sender.tag !== tag) {
      sender.tag = tag;
      sender.tagId = ring.tag(String(tag));
    }
    // What comes from outside of the actors comes between slices, when the scheduler has not looked for long.
    const now = sender === running ? this.#turnAt : sender.isOutside ? this.#exact() : this.#now();
    const isHeld = !isReply && receiver.isHere;
    const fate = isReply || isHeld ? OPEN : UNKNOWN;
    const at = (n & ring.mask) * SIZE;
    const { numbers } = ring;
    numbers[at + FROM] = sender.id;
    numbers[at + TO] = receiver.id;
    numbers[at + TAG] = sender.tagId | (shown << KIND_SHIFT) | (fate << FATE_SHIFT);
    numbers[at + CAUSE] = sender.burst === ring.burst ? sender.handling : 0;
    numbers[at + SENT] = now;
    numbers[at + TAKEN] = isReply ? now : 0;
    numbers[at + DONE] = 0;
    numbers[at + NEXT] = 0;
    this.#last = n;
    if (this.capturing !== undefined)
      ring.payloads[n & ring.mask] = capture(
        message,
        isReply ? '$reply' : tagOf(message),
        this.capturing,
      );
    if (isHeld) ring.wait(receiver, message as object);
    else this.#loose = message;
  }

  received(pid: Pid, message: unknown): void {
    const ring = this.#ring;
    let party = this.#running;
    if (party?.pid !== pid) {
      party = this.#running = ring.partyOf(pid);
      this.#turnAt = this.#now();
      ring.enter(party);
    }
    if (pid === this.single) this.#turnAt = this.#exact();
    const now = this.#turnAt;
    if (party.handling !== 0) this.#done(party, now);
    const n = ring.take(party, message);
    party.handling = n;
    if (n === 0) this.unpaired++;
    else ring.set(n, TAKEN, now);
  }

  timedOut(pid: Pid): void {
    this.#over(pid);
  }

  turned(pid: Pid, isReceiving: boolean): void {
    if (isReceiving) this.#over(pid);
    this.#running = undefined;
  }

  exited(pid: Pid): void {
    this.#over(pid);
    const party = this.#ring.known(pid);
    if (party !== undefined) this.#ring.abandon(party);
  }

  dropped(pid: Pid, message: unknown): void {
    const party = this.#ring.known(pid);
    const n = party === undefined ? 0 : this.#ring.take(party, message);
    if (n === 0) return;
    this.#last = n;
    this.#loose = message;
    this.#ring.setFate(n, FLUSHED);
  }

  /** Its handling is over. */
  #over(pid: Pid): void {
    const running = this.#running;
    const party = running?.pid === pid ? running : this.#ring.known(pid);
    if (party === undefined || party.handling === 0) return;
    if (pid === this.single) this.#turnAt = this.#exact();
    this.#done(party, party === running ? this.#turnAt : this.#now());
    party.handling = 0;
  }

  #done(party: Party, now: number): void {
    if (this.#ring.has(party.handling)) this.#ring.set(party.handling, DONE, now);
  }

  /** It comes right after what it is about was sent, or was dropped. */
  #deadLetter(message: unknown, why: SystemEvents['dead_letter']['why']): void {
    const n = this.#last;
    const ring = this.#ring;
    if (n === 0 || (ring.held[n & ring.mask] ?? this.#loose) !== message) return;
    this.#last = 0;
    ring.setFate(n, why === 'late_reply' ? LATE : DEAD);
    ring.set(n, TAKEN, 0);
    ring.takeBack(n);
  }

  /** A reply is called as what it answers: what its sender is handling, if that came from whom it goes to. */
  #answered(sender: Party, receiver: Party): string {
    const ring = this.#ring;
    const n = sender.burst === ring.burst ? sender.handling : 0;
    if (!ring.has(n) || ring.get(n, FROM) !== receiver.id) return 'reply';
    const packed = ring.get(n, TAG);
    // Whoever is answered has asked.
    if (((packed >>> KIND_SHIFT) & 7) === 0) ring.set(n, TAG, packed | (CALL << KIND_SHIFT));
    return ring.names[packed & TAG_MASK] ?? 'reply';
  }
}

function tagOf(message: unknown): string {
  return String((message as { readonly tag: unknown }).tag);
}
