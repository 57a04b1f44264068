/** Who waits in a queue, first come, first served; who comes back has the place that it had. */

import { Heap } from './heap.ts';

/** A place in a line. It is given up by whoever took it out, and passed over then. What it is compared by stays while it waits. */
export interface Place {
  readonly id: string;
  readonly name: string;
  readonly key: string | undefined;
  readonly expiresAt: number | undefined;
  readonly queuedAt: number;
  readonly order: number;
  /** Set when it is not waiting any more. */
  isLeft: boolean;
}

export function isBefore(a: Place, b: Place): boolean {
  return a.queuedAt < b.queuedAt || (a.queuedAt === b.queuedAt && a.order < b.order);
}

export class Line {
  /** Those that came in order, which is nearly everybody. */
  #inOrder: Place[] = [];
  #head = 0;
  /** Those that came back. */
  readonly #back = new Heap<Place>(isBefore);
  /** Of the last one in order, when it came. */
  #lastAt = 0;
  #lastOrder = 0;

  push(place: Place): void {
    const { queuedAt, order } = place;
    const isNext =
      this.#head === this.#inOrder.length ||
      queuedAt > this.#lastAt ||
      (queuedAt === this.#lastAt && order > this.#lastOrder);
    if (!isNext) {
      this.#back.push(place);
      return;
    }
    this.#inOrder.push(place);
    this.#lastAt = queuedAt;
    this.#lastOrder = order;
  }

  peek(): Place | undefined {
    while (this.#head < this.#inOrder.length && this.#inOrder[this.#head]?.isLeft) this.#forward();
    while (this.#back.peek()?.isLeft) this.#back.pop();
    const first = this.#inOrder[this.#head];
    const back = this.#back.peek();
    if (first === undefined || back === undefined) return first ?? back;
    return isBefore(back, first) ? back : first;
  }

  /** Takes out what `peek` has shown. */
  pop(): void {
    const place = this.peek();
    if (place !== undefined && place === this.#back.peek()) this.#back.pop();
    else this.#forward();
  }

  #forward(): void {
    this.#head++;
    // Moving the rest costs as much as has been taken.
    if (this.#head > 64 && this.#head * 2 > this.#inOrder.length) {
      this.#inOrder = this.#inOrder.slice(this.#head);
      this.#head = 0;
    }
  }
}
