/**
 * The account of a soak of exchanges: of each message, by its number, and each queue that it is for, whether it
 * was confirmed, how often it was delivered, and whether it was settled. In bytes outside of the heap, so that
 * the account itself does not make it grow.
 */

export const QUEUES = ['a', 'b', 'c'] as const;
export type QueueName = (typeof QUEUES)[number];

/** What happens to a message in a queue; a program that may be killed tells it to another one. */
export type Happening = readonly [
  what: 'published' | 'confirmed' | 'refused' | 'delivered' | 'redelivered' | 'settled',
  queue: number,
  n: number,
];

const PUBLISHED = 1;
const CONFIRMED = 2;
const DELIVERED = 4;
const SETTLED = 8;
/** Delivered, and not said to be redelivered. */
const UNMARKED = 16;

export class Account {
  readonly faults: string[] = [];
  readonly counts = {
    published: 0,
    confirmed: 0,
    refused: 0,
    deliveries: 0,
    again: 0,
    /** Said to be redelivered, and they had not come. */
    forNothing: 0,
    settled: 0,
  };
  readonly #states = QUEUES.map(() => new Uint8Array(1024));

  note([what, queue, n]: Happening): void {
    const { counts } = this;
    switch (what) {
      case 'published':
        counts.published++;
        return this.#set(queue, n, PUBLISHED);
      case 'confirmed':
        counts.confirmed++;
        return this.#set(queue, n, CONFIRMED);
      case 'refused':
        counts.refused++;
        return;
      case 'delivered':
      case 'redelivered':
        counts.deliveries++;
        if (!this.#is(queue, n, PUBLISHED)) this.#fault(`${n} came and was never published`, queue);
        if (this.#is(queue, n, DELIVERED)) counts.again++;
        else if (what === 'redelivered') counts.forNothing++;
        // One that was delivered again may be taken from a mailbox before the first.
        if (what === 'delivered' && this.#is(queue, n, UNMARKED))
          this.#fault(`${n} came twice, and is not said to be redelivered`, queue);
        return this.#set(queue, n, what === 'delivered' ? DELIVERED | UNMARKED : DELIVERED);
      case 'settled':
        if (!this.#is(queue, n, SETTLED)) counts.settled++;
        return this.#set(queue, n, SETTLED);
    }
  }

  /** When nothing is there any more: what was confirmed and never settled is lost. */
  close(): void {
    for (const [queue, states] of this.#states.entries())
      for (const [n, state] of states.entries())
        if ((state & CONFIRMED) !== 0 && (state & SETTLED) === 0)
          this.#fault(`${n} was confirmed, and is lost`, queue);
  }

  /** Confirmed and not settled: what has to be there. */
  get waiting(): number {
    let count = 0;
    for (const states of this.#states)
      for (const state of states) if ((state & (CONFIRMED | SETTLED)) === CONFIRMED) count++;
    return count;
  }

  #fault(what: string, queue: number): void {
    this.faults.push(`${QUEUES[queue]}: ${what}`);
  }

  #is(queue: number, n: number, bit: number): boolean {
    return (((this.#states[queue] as Uint8Array)[n] ?? 0) & bit) !== 0;
  }

  #set(queue: number, n: number, bit: number): void {
    let states = this.#states[queue] as Uint8Array;
    if (n >= states.length) {
      const larger = new Uint8Array(Math.max(n + 1, states.length * 2));
      larger.set(states);
      this.#states[queue] = states = larger;
    }
    states[n] = (states[n] as number) | bit;
  }
}
