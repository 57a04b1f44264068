/**
 * The account of a soak, in memory that all threads share: what an actor wrote down before its thread was
 * killed is still there. Each message bears the numbers of the two systems that it goes between, and
 * every entry is made under these, so that what is missing can be told by who sent it and who was to get
 * it. A life of a thread has a number of its own.
 */

/** About to be sent. */
export const SENT = 0;
/** Returned by `receive`. */
export const HANDLED = 1;
/** Told of as a dead letter. */
export const TOLD = 2;
/** In the mailbox of an actor that ended. */
export const UNREAD = 3;
/** In mailboxes at the moment. */
export const MAIL = 4;
/** Signals of whatever kind that a `system_down` gave as lost. */
export const LOST = 5;
const ENTRIES = 6;

/** Lives of systems; when they are used up, no more threads are killed. */
export const LIVES = 512;
/** Added to a life under which a message is entered that was sent to a name there. */
export const NAMED = LIVES;
export const COLUMNS = 2 * LIVES;

export interface Shared {
  readonly entries: Int32Array<SharedArrayBuffer>;
  /** By number, the incarnation of each life. */
  readonly lives: Int32Array<SharedArrayBuffer>;
  readonly faults: Int32Array<SharedArrayBuffer>;
}

/** What a numbered message says about itself. */
export interface Label {
  readonly from: number;
  readonly to: number;
}

export function makeShared(): Shared {
  return {
    entries: integers(LIVES * COLUMNS * ENTRIES),
    lives: integers(LIVES),
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

  enter(entry: number, { from, to }: Label, count = 1): void {
    Atomics.add(this.#shared.entries, (from * COLUMNS + to) * ENTRIES + entry, count);
  }

  read(entry: number, { from, to }: Label): number {
    return Atomics.load(this.#shared.entries, (from * COLUMNS + to) * ENTRIES + entry);
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
  readonly handled: number;
  readonly told: number;
  readonly unread: number;
  readonly mail: number;
  readonly lost: number;
  /** Sent, and nobody knows what has become of it, but for what is in mailboxes. */
  readonly missing: number;
}

export function balanceOf(ledger: Ledger, label: Label): Balance {
  const read = (entry: number): number => ledger.read(entry, label);
  const [sent, handled, told] = [read(SENT), read(HANDLED), read(TOLD)];
  const [unread, mail, lost] = [read(UNREAD), read(MAIL), read(LOST)];
  const missing = sent - handled - told - unread - mail;
  return { label, sent, handled, told, unread, mail, lost, missing };
}

/** A thread may be killed between two entries that belong together. */
const TORN = 1;

/**
 * What is wrong with a balance when nothing is under way; undefined if nothing is. Between systems that
 * live, nothing may be missing. Towards one that was killed no more may be than was told as lost, but for
 * what was sent to a name: the next life may have got it, and told of it before its books were opened.
 * What a killed one had not sent when it died, died with it.
 */
export function wrongWith(
  balance: Balance,
  isKilled: (life: number) => boolean,
): string | undefined {
  const { label, missing, mail, lost } = balance;
  const wrong = (what: string): string => `${what}: ${JSON.stringify(balance)}`;
  const [fromKilled, toKilled] = [isKilled(label.from), isKilled(label.to % LIVES)];
  if (missing < (fromKilled || toKilled ? -TORN : 0)) return wrong('More came than was sent');
  if (fromKilled) return undefined;
  if (toKilled) {
    return missing > lost + TORN && label.to < NAMED
      ? wrong('More is missing than was told as lost')
      : undefined;
  }
  if (missing > 0) return wrong('Something is missing between the living');
  return mail === 0 ? undefined : wrong('Something was left in a mailbox');
}
