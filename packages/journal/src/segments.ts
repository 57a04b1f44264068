/** The files that there are, in the order of their numbers. */

import { type Position, segmentOf } from './position.ts';
import type { Segment } from './segment.ts';

export class Segments {
  readonly #byNumber = new Map<number, Segment>();

  /** Behind all that there are. */
  add(segment: Segment): void {
    this.#byNumber.set(segment.number, segment);
  }

  drop(segment: Segment): void {
    this.#byNumber.delete(segment.number);
  }

  has(segment: Segment): boolean {
    return this.#byNumber.get(segment.number) === segment;
  }

  /** Undefined where `at` lies in none. */
  having(at: Position): Segment | undefined {
    return this.#byNumber.get(segmentOf(at));
  }

  get count(): number {
    return this.#byNumber.size;
  }

  get oldest(): Segment | undefined {
    return this.#byNumber.values().next().value;
  }

  get bytes(): { readonly all: number; readonly live: number } {
    return { all: this.#sum((segment) => segment.end), live: this.#sum(({ live }) => live) };
  }

  /** How many times what is live there is. */
  get looseness(): number {
    const content = this.#sum((segment) => segment.content);
    return content === 0 ? 0 : content / this.#sum(({ live }) => live);
  }

  #sum(bytesOf: (segment: Segment) => number): number {
    let sum = 0;
    for (const segment of this.#byNumber.values()) sum += bytesOf(segment);
    return sum;
  }
}
