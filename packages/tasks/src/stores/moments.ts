/** When something is to happen to whom: the earliest first, at most one moment each. */

import { Heap } from './heap.ts';

interface Moment {
  readonly at: number;
  readonly order: number;
  readonly id: string;
}

/** Fewer are never cleaned away. */
const FEW = 1000;

export class Moments {
  readonly #heap = new Heap<Moment>((a, b) => a.at < b.at || (a.at === b.at && a.order < b.order));
  /** Those that hold. What the heap has besides is passed over. */
  readonly #byId = new Map<string, Moment>();
  #orders = 0;

  set(id: string, at: number): void {
    if (this.#byId.get(id)?.at === at) return;
    const moment = { at, order: this.#orders++, id };
    this.#byId.set(id, moment);
    this.#heap.push(moment);
    if (this.#heap.size > 2 * this.#byId.size + FEW) this.#heap.keep((it) => this.#holds(it));
  }

  delete(id: string): void {
    this.#byId.delete(id);
  }

  /** The earliest. */
  next(): number | undefined {
    for (let moment = this.#heap.peek(); moment !== undefined; moment = this.#heap.peek()) {
      if (this.#holds(moment)) return moment.at;
      this.#heap.pop();
    }
    return undefined;
  }

  /** The ids of those until `now`, in order, behind the one of the page before; and this page's last. */
  page(
    now: number,
    after: Cursor | undefined,
    limit: number,
  ): { readonly ids: readonly string[]; readonly last: Cursor | undefined } {
    const taken: Moment[] = [];
    const ids: string[] = [];
    let last: Cursor | undefined;
    while (ids.length < limit) {
      const moment = this.#heap.peek();
      if (moment === undefined || moment.at > now) break;
      this.#heap.pop();
      if (!this.#holds(moment)) continue;
      taken.push(moment);
      if (after !== undefined && !isBehind(moment, after)) continue;
      ids.push(moment.id);
      last = moment;
    }
    for (const moment of taken) this.#heap.push(moment);
    return { ids, last };
  }

  #holds(moment: Moment): boolean {
    return this.#byId.get(moment.id) === moment;
  }
}

export interface Cursor {
  readonly at: number;
  readonly order: number;
  readonly id: string;
}

function isBehind(a: Moment, b: Cursor): boolean {
  return a.at > b.at || (a.at === b.at && a.order > b.order);
}
