/**
 * Records the messages of one system: who sent what to whom, what it was caused by, when it was taken and done
 * with. It works within a budget: as long as what it costs is more than that, it records bursts of everything,
 * with pauses between them. Sampling single messages would tear every chain; sampling time keeps them.
 */

import type { ActorSystem, Message, Pid, SystemEvents, Target } from 'beamish';
import { type Listener, listen, lookedAt, markOf, type SendKind } from 'beamish/observation';
import { parsePid, pidText } from '../terms/wire.ts';
import { NOBODY, type Party } from './party.ts';
import type { Recorded, WantedMessages } from './recorded.ts';
import { type Capturing, capture } from './redact.ts';
import { CALL, CAST, DEAD, FLUSHED, LATE, Ring, UNKNOWN } from './ring.ts';

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
const CHECK_MASK = CHECK_EVERY - 1;
/**
 * What is earned at one look while the budget is overdrawn. A thread that the machine lets wait seems to have done
 * nothing for long, and would go on with a burst that is to end.
 */
const EARNING_MS = 0.2;
/** At most so much of unused budget is saved, so that a busy moment of a quiet program is whole. */
const SAVED_MS = 100;

/** What it hears it hears as a listener itself: a function around each of its verbs would cost as much as they do. */
export class Recorder implements Listener {
  /** Received messages whose sending was not seen. */
  unpaired = 0;
  budget: number;
  capturing: Capturing | undefined;
  /** The only one who is looked at: the clock is read as it takes a message, and as its turn ends. */
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
  /** Of bursts that are over. */
  #recordedMs = 0;
  #hasPaused = false;
  /** One that was dropped, and after how many that were sent, for the dead letter that may come next. */
  #dropped = 0;
  #droppedAt = -1;
  /** The message that it may be about, if the ring does not hold it. */
  #loose: unknown;
  /** Who has taken a message in this turn, and the time of the turn: the scheduler does not look in the middle of one. */
  #running: Party = NOBODY;
  #turnAt = 0;
  /** What the scheduler had seen when that was found: as long as it sees nothing else, what comes was not before it. */
  #looked = Number.NaN;

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

  /** The last of those that are wanted, oldest first. */
  latest({ last = Number.POSITIVE_INFINITY, after = 0, takenBy }: WantedMessages): Recorded[] {
    const ring = this.#ring;
    const serial = takenBy === undefined ? 0 : parsePid(takenBy)?.serial;
    const all: Recorded[] = [];
    for (let n = this.count; ring.has(n) && all.length < last; n--) {
      if (takenBy !== undefined) {
        const to = ring.takerOf(n);
        if (to?.serial !== serial || pidText(to as Pid) !== takenBy) continue;
      }
      const message = this.#view(n);
      if (message.sent < after) break;
      all.push(message);
    }
    return all.reverse();
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
    const { from, to, sent, taken, done, ...same } = this.#ring.at(n);
    const time = (low: number) => (low === 0 ? undefined : this.#time(low));
    return {
      n,
      from: from.pid ?? from.words,
      to: to.pid ?? to.words,
      ...same,
      sent: this.#time(sent),
      taken: time(taken),
      done: time(done),
      payload: this.#ring.payloads[n & this.#ring.mask],
    };
  }

  /** What the scheduler saw last, if the clock was not read since. */
  #now(): number {
    const looked = lookedAt(this.#system);
    if (looked !== this.#looked) {
      this.#looked = looked;
      this.#turnAt = microseconds(looked - this.#zero);
    }
    return this.#turnAt;
  }

  #exact(): number {
    this.#looked = lookedAt(this.#system);
    return this.#read();
  }

  #read(): number {
    this.#turnAt = microseconds(this.#system.now() - this.#zero);
    return this.#turnAt;
  }

  #time(low: number): number {
    const now = (this.#system.now() - this.#zero) * 1000 + 1;
    const us = now - ((Math.floor(now) - low) >>> 0);
    return Math.floor(us) / 1000 + this.#zero + this.#offset - 0.001;
  }

  #begin(): void {
    this.#ring.beginBurst();
    this.#burstBegan = performance.now();
    this.#burstFirst = this.#ring.count + 1;
    this.#droppedAt = -1;
    this.#running = NOBODY;
    this.#looked = Number.NaN;
    this.#stop = listen(this.#system, this);
    this.#system.events.on('dead_letter', this.#heard);
  }

  #end(): void {
    if (this.#stop === undefined) return;
    this.#recordedMs += performance.now() - this.#burstBegan;
    this.#stop();
    this.#stop = undefined;
    this.#system.events.off('dead_letter', this.#heard);
    this.#loose = undefined;
    this.#running = NOBODY;
    // What waits still will be taken unseen.
    this.#ring.abandonAll(this.#burstFirst);
  }

  #check(): void {
    if (this.#ring.isCrowded) {
      this.#ring.forgetParties();
      this.#running = NOBODY;
    }
    if (this.budget >= 1) return;
    const now = performance.now();
    const most = this.#saved < 0 ? EARNING_MS : Number.POSITIVE_INFINITY;
    const ms = Math.min(now - this.#checkedAt, most);
    const earned = this.budget * ms - CHECK_EVERY * COST_MS;
    this.#saved = Math.min(this.budget * SAVED_MS, this.#saved + earned);
    this.#checkedAt = now;
    if (this.#saved >= 0 || now - this.#burstBegan < BURST_MS) return;
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
    const ring = this.#ring;
    const sender = this.#running;
    const receiver = markOf(to as Pid) as Party | undefined;
    if (
      sender.pid !== from ||
      kind !== 0 ||
      receiver === undefined ||
      receiver.burst !== ring.burst
    ) {
      this.#sentOtherwise(from, to, message, kind);
      return;
    }
    const { tag } = message as Message;
    const what = tag === sender.tag ? sender.tagId : this.#what(sender, message, tag, 0);
    ring.add(sender, receiver, what, this.#turnAt);
    ring.wait(receiver, message as object);
    if (this.capturing !== undefined || (ring.count & CHECK_MASK) === 0) this.#added(tag, message);
  }

  /** By who has taken nothing in this turn, or to who has taken and been sent nothing in this burst, or not as a message. */
  #sentOtherwise(from: Pid, to: Target, message: unknown, kind: SendKind): void {
    if (this.#stop === undefined) return;
    const ring = this.#ring;
    const running = this.#running;
    const sender = running.pid === from ? running : ring.partyOf(from);
    // What that was is of an earlier burst.
    if (sender.burst !== ring.burst) sender.handling = 0;
    const receiver = 'serial' in to ? ring.partyOf(to as Pid) : ring.stranger(to);
    const isReply = kind === 1;
    // What comes from another system to an alias may be no message.
    const tag = isReply ? '$reply' : String((message as Message | null)?.tag);
    const what = isReply ? ring.question(sender, receiver) : this.#what(sender, message, tag, kind);
    // What comes from outside of the actors comes between slices, when the scheduler has not looked for long.
    const now = sender === running ? this.#turnAt : sender.isOutside ? this.#exact() : this.#now();
    ring.add(sender, receiver, what, now);
    this.#loose = message;
    if (isReply) ring.answered(now);
    else if (receiver.isHere) {
      ring.enter(receiver);
      ring.wait(receiver, message as object);
      this.#loose = undefined;
    } else ring.setFate(ring.count, UNKNOWN);
    this.#added(tag, message);
  }

  /** Its tag with its kind, as it is shown: a request by its handler. */
  #what(sender: Party, message: unknown, tag: string, kind: SendKind): number {
    const ring = this.#ring;
    if (tag === '$request') {
      const { kind: how, name } = message as { readonly kind: string; readonly name: string };
      return ring.what(name, how === 'call' ? CALL : CAST);
    }
    if (tag === '$system') return ring.what((message as { readonly query: string }).query, CALL);
    const what = ring.what(tag, kind);
    if (kind !== 0) return what;
    sender.tag = tag;
    sender.tagId = what;
    return what;
  }

  #added(tag: string, message: unknown): void {
    const { count, mask, payloads } = this.#ring;
    if (this.capturing !== undefined)
      payloads[count & mask] = capture(message, tag, this.capturing);
    if ((count & CHECK_MASK) === 0) this.#check();
  }

  received(pid: Pid, message: unknown): void {
    const running = this.#running;
    const party = running.pid === pid && pid !== this.single ? running : this.#enter(pid);
    const n = this.#ring.take(party, message, this.#turnAt);
    party.handling = n;
    if (n === 0) this.unpaired++;
  }

  /** It takes its first message in this turn; of the single one that is looked at, each is as a first. */
  #enter(pid: Pid): Party {
    const ring = this.#ring;
    const marked = markOf(pid) as Party | undefined;
    const isKnown = marked !== undefined && marked.burst === ring.burst;
    const party = isKnown ? marked : ring.partyOf(pid);
    if (!isKnown) ring.enter(party);
    const now = pid === this.single ? this.#exact() : this.#now();
    // It went on with that in other turns.
    if (party.handling !== 0) ring.setDone(party.handling, now);
    this.#running = party;
    return party;
  }

  timedOut(pid: Pid): void {
    this.#over(pid);
  }

  turned(pid: Pid, isReceiving: boolean): void {
    const running = this.#running;
    this.#running = NOBODY;
    if (!isReceiving) return;
    if (running.pid === pid && pid !== this.single) running.handling = 0;
    else this.#suspended(pid, running);
  }

  /** It has taken nothing in the turn that is over, or its times are exact. */
  #suspended(pid: Pid, running: Party): void {
    if (running.pid !== pid) return this.#over(pid);
    // The next turn of the slice begins now, and its time need not be found; nothing was seen within this one.
    this.#ring.setDone(running.handling, this.#read());
    running.handling = 0;
  }

  exited(pid: Pid): void {
    this.#over(pid);
    const party = this.#ring.known(pid);
    if (party !== undefined) this.#ring.abandon(party);
  }

  dropped(pid: Pid, message: unknown): void {
    const party = this.#ring.known(pid);
    const n = party === undefined ? 0 : this.#ring.take(party, message, 0);
    if (n === 0) return;
    this.#dropped = n;
    this.#droppedAt = this.#ring.count;
    this.#loose = message;
    this.#ring.setFate(n, FLUSHED);
  }

  /** Its handling is over. */
  #over(pid: Pid): void {
    const running = this.#running;
    const party = running.pid === pid ? running : this.#ring.known(pid);
    if (party === undefined || party.handling === 0) return;
    this.#ring.setDone(party.handling, pid === this.single ? this.#exact() : this.#now());
    party.handling = 0;
  }

  /** It comes right after what it is about was sent, or was dropped. */
  #deadLetter(message: unknown, why: SystemEvents['dead_letter']['why']): void {
    const ring = this.#ring;
    const n = this.#droppedAt === ring.count ? this.#dropped : ring.count;
    this.#droppedAt = -1;
    if (!ring.has(n) || (ring.messageOf(n) ?? this.#loose) !== message) return;
    this.#loose = undefined;
    ring.lose(n, why === 'late_reply' ? LATE : DEAD);
  }
}

/** Of which 32 bits are kept, and none is 0: what is in the ring is not older than 71 minutes. */
function microseconds(ms: number): number {
  return (ms * 1000 + 1) | 0 || 1;
}
