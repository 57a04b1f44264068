/**
 * The actors that can run, in order of becoming runnable: a list through the actors themselves, so
 * that queueing one makes nothing. Its user keeps an actor from being in it twice.
 */

export interface Queueable<T> {
  nextReady: T | undefined;
}

export class RunQueue<T extends Queueable<T>> {
  length = 0;
  #first: T | undefined;
  #last: T | undefined;

  push(item: T): void {
    if (this.#last === undefined) this.#first = item;
    else this.#last.nextReady = item;
    this.#last = item;
    this.length++;
  }

  /** In order. */
  *[Symbol.iterator](): Generator<T> {
    for (let item = this.#first; item !== undefined; item = item.nextReady) yield item;
  }

  shift(): T | undefined {
    const first = this.#first;
    if (first === undefined) return undefined;
    this.#first = first.nextReady;
    if (first.nextReady === undefined) this.#last = undefined;
    else first.nextReady = undefined;
    this.length--;
    return first;
  }

  /** Takes the one at `index` out of turn, as a seeded schedule does. */
  take(index: number): T | undefined {
    let before: T | undefined;
    let item = this.#first;
    for (let i = 0; i < index && item !== undefined; i++) {
      before = item;
      item = item.nextReady;
    }
    if (before === undefined || item === undefined) return this.shift();
    before.nextReady = item.nextReady;
    if (item.nextReady === undefined) this.#last = before;
    item.nextReady = undefined;
    this.length--;
    return item;
  }
}
