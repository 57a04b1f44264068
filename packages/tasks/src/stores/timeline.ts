/** When something is to happen to whom: the earliest first. What does not hold any more is passed over. */

import { Heap } from './heap.ts';

interface Who {
  readonly id: string;
  /** Of two at one moment, the lower one comes first. */
  readonly order: number;
}

interface Moment<T> {
  readonly at: number;
  readonly who: T;
}

/** Fewer are never cleaned away. */
const FEW = 1000;

export class Timeline<T extends Who> {
  readonly #momentOf: (who: T) => number | undefined;
  /** Those that came in order, which is most of them, side by side; the first `#head` of them are done with. */
  #whos: T[] = [];
  #ats: number[] = [];
  #head = 0;
  /** The others. */
  readonly #others = new Heap<Moment<T>>(isBefore);
  /** Those that hold no more and are still here. */
  #stale = 0;

  /** `momentOf` says when something is to happen to one now; undefined if nothing is. */
  constructor(momentOf: (who: T) => number | undefined) {
    this.#momentOf = momentOf;
  }

  set(who: T, at: number): void {
    const last = this.#ats.length - 1;
    const isNext =
      last < this.#head ||
      at > (this.#ats[last] as number) ||
      (at === this.#ats[last] && who.order > (this.#whos[last] as T).order);
    if (isNext) {
      this.#whos.push(who);
      this.#ats.push(at);
    } else this.#others.push({ at, who });
  }

  /** One that was set has another moment now, or none. */
  left(): void {
    const size = this.#whos.length - this.#head + this.#others.size;
    if (++this.#stale * 2 > size + FEW) this.#clean();
  }

  /** The earliest. */
  next(): number | undefined {
    this.#passOver();
    const other = this.#others.peek()?.at;
    const first = this.#ats[this.#head];
    if (first === undefined || other === undefined) return first ?? other;
    return Math.min(first, other);
  }

  /** Those until `now`, in order, behind the one of the page before; and when the last one of them is. */
  page(now: number, after: Cursor | undefined, limit: number): T[] {
    this.#passOver();
    const taken: Moment<T>[] = [];
    const found: T[] = [];
    let i = this.#head;
    while (found.length < limit) {
      const other = this.#others.peek();
      const first = this.#whos[i];
      const at = this.#ats[i] as number;
      const isOther =
        other !== undefined && (first === undefined || isBefore(other, { at, who: first }));
      const moment = isOther ? other : first && { at, who: first };
      if (moment === undefined || moment.at > now) break;
      if (isOther) taken.push(this.#others.pop() as Moment<T>);
      else i++;
      if (!this.#holds(moment)) {
        if (isOther) {
          taken.pop();
          this.#stale--;
        }
      } else if (after === undefined || isBehind(moment, after)) found.push(moment.who);
    }
    for (const moment of taken) this.#others.push(moment);
    return found;
  }

  #passOver(): void {
    while (this.#head < this.#whos.length) {
      const [at, who] = [this.#ats[this.#head] as number, this.#whos[this.#head] as T];
      if (this.#holds({ at, who })) break;
      this.#head++;
      this.#stale--;
    }
    // Moving the rest costs as much as has been passed over.
    if (this.#head > FEW && this.#head * 2 > this.#whos.length) {
      this.#whos = this.#whos.slice(this.#head);
      this.#ats = this.#ats.slice(this.#head);
      this.#head = 0;
    }
    for (let other = this.#others.peek(); other !== undefined; other = this.#others.peek()) {
      if (this.#holds(other)) break;
      this.#others.pop();
      this.#stale--;
    }
  }

  #clean(): void {
    const held = this.#whos.map(
      (who, i) => i >= this.#head && this.#momentOf(who) === this.#ats[i],
    );
    this.#whos = this.#whos.filter((_, i) => held[i]);
    this.#ats = this.#ats.filter((_, i) => held[i]);
    this.#head = 0;
    this.#others.keep((it) => this.#holds(it));
    this.#stale = 0;
  }

  #holds({ at, who }: Moment<T>): boolean {
    return this.#momentOf(who) === at;
  }
}

/** Where a page ended. */
export interface Cursor {
  readonly at: number;
  readonly order: number;
}

function isBefore<T extends Who>(a: Moment<T>, b: Moment<T>): boolean {
  return a.at < b.at || (a.at === b.at && a.who.order < b.who.order);
}

function isBehind<T extends Who>({ at, who }: Moment<T>, after: Cursor): boolean {
  return at > after.at || (at === after.at && who.order > after.order);
}
