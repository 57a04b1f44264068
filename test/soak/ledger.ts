/**
 * The account of a soak, in memory that all threads share: what an actor wrote down before its thread was
 * killed is still there. Each message bears the numbers of the two systems that it goes between, and
 * every entry is made under these, so that what is missing can be told by who sent it and who was to get
 * it. A life of a thread has a number of its own.
 */

/** Sent. */
export const SENT = 0;
/** Come to its system, for an actor that was there or a request that waited. */
export const ARRIVED = 1;
/** Told of as a dead letter before it arrived. */
export const TOLD = 2;
/** Told by a `system_down` as lost. */
export const LOST = 3;
/** Of those that arrived: returned by `receive`, or the reply to a request. */
export const HANDLED = 4;
/** Of those that arrived: left in the mailbox of an actor that ended. */
export const UNREAD = 5;
/** Of those that arrived: told of as a dead letter. */
export const REFUSED = 6;
const ENTRIES = 7;

/** Lives of systems; when they are used up, no more threads are killed. */
export const LIVES = 512;

export interface Shared {
  readonly entries: Int32Array<SharedArrayBuffer>;
  /** By number, the incarnation of each life. */
  readonly lives: Int32Array<SharedArrayBuffer>;
  /** By number, 1 once the books of this life are kept. */
  readonly opened: Int32Array<SharedArrayBuffer>;
  readonly faults: Int32Array<SharedArrayBuffer>;
}

/** What a message says about itself. */
export interface Label {
  readonly from: number;
  readonly to: number;
}

export function makeShared(): Shared {
  return {
    entries: integers(LIVES * LIVES * ENTRIES),
    lives: integers(LIVES),
    opened: integers(LIVES),
    faults: integers(1),
  };
}

function integers(count: number): Int32Array<SharedArrayBuffer> {
  return new Int32Array(new SharedArrayBuffer(4 * count));
}

export class Ledger {
  readonly #shared: Shared;
  readonly #numbers = new Map<number, number>();

  constructor(shared: Shared) {
    this.#shared = shared;
  }

  /** The number of a system's life; -1 of one that has none. */
  lifeOf(incarnation: number): number {
    const known = this.#numbers.get(incarnation);
    if (known !== undefined) return known;
    const number = this.#shared.lives.indexOf(incarnation);
    if (number >= 0) this.#numbers.set(incarnation, number);
    return number;
  }

  /** From now on, what comes there is entered. */
  open(life: number): void {
    Atomics.store(this.#shared.opened, life, 1);
  }

  isOpen(life: number): boolean {
    return Atomics.load(this.#shared.opened, life) === 1;
  }

  enter(entry: number, { from, to }: Label, count = 1): void {
    Atomics.add(this.#shared.entries, (from * LIVES + to) * ENTRIES + entry, count);
  }

  read(entry: number, { from, to }: Label): number {
    return Atomics.load(this.#shared.entries, (from * LIVES + to) * ENTRIES + entry);
  }

  /** Something that must never be. */
  fault(what: string): void {
    Atomics.add(this.#shared.faults, 0, 1);
    console.error(`FAULT: ${what}`);
  }

  get faults(): number {
    return Atomics.load(this.#shared.faults, 0);
  }
}

/** All that has been entered under one label, and what it comes to. */
export interface Balance {
  readonly label: Label;
  readonly sent: number;
  readonly arrived: number;
  readonly told: number;
  readonly lost: number;
  readonly handled: number;
  readonly unread: number;
  readonly refused: number;
  /** Sent, but neither arrived nor told of by itself. */
  readonly missing: number;
  /** Arrived, and still in a mailbox. */
  readonly mail: number;
}

export function balanceOf(ledger: Ledger, label: Label): Balance {
  const read = (entry: number): number => ledger.read(entry, label);
  const [sent, arrived, told, lost] = [read(SENT), read(ARRIVED), read(TOLD), read(LOST)];
  const [handled, unread, refused] = [read(HANDLED), read(UNREAD), read(REFUSED)];
  const missing = sent - arrived - told;
  const mail = arrived - handled - unread - refused;
  return { label, sent, arrived, told, lost, handled, unread, refused, missing, mail };
}

/** A thread may be killed between the entry in its books and what it says. */
const TORN = 1;

/**
 * What is wrong with a balance when nothing is under way; undefined if nothing is. What is missing is
 * what was told as lost: nothing between systems that live. What a killed one had not sent when it died,
 * died with it.
 */
export function wrongWith(
  balance: Balance,
  isKilled: (life: number) => boolean,
): string | undefined {
  const { label, missing, mail, lost } = balance;
  const [fromKilled, toKilled] = [isKilled(label.from), isKilled(label.to)];
  const least = lost - (fromKilled || toKilled ? TORN : 0);
  const most = fromKilled ? Number.POSITIVE_INFINITY : lost + (toKilled ? TORN : 0);
  let wrong: string | undefined;
  if (missing < least) wrong = 'More came, or was told as lost, than was sent';
  else if (missing > most) wrong = 'More is missing than was told as lost';
  else if (!toKilled && mail !== 0) wrong = 'Something was left in a mailbox';
  return wrong && `${wrong}: ${JSON.stringify(balance)}`;
}
