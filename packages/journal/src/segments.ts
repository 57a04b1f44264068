/** The files that there are, in the order of their numbers. */

import { offsetOf, type Position, positionOf, segmentOf } from './position.ts';
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

  /** Behind all that there is. */
  get end(): Position {
    const last = [...this.#byNumber.values()].at(-1);
    return last === undefined ? 0 : positionOf(last.number, last.end);
  }

  /** Of those that are newer than the one in which `at` lies, the newest first. */
  behind(at: Position): readonly Segment[] {
    return [...this.#byNumber.values()].filter(({ number }) => number > segmentOf(at)).reverse();
  }

  /** The first group that lies at `at` or behind it. */
  groupFrom(at: Position): { readonly segment: Segment; readonly index: number } | undefined {
    for (const segment of this.#byNumber.values()) {
      if (segment.number < segmentOf(at)) continue;
      const before = segment.number > segmentOf(at) ? 0 : offsetOf(at);
      const index = segment.groups.lastUpTo(before - 1) + 1;
      if (index < segment.groups.length) return { segment, index };
    }
    return undefined;
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
