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
    let all = 0;
    let live = 0;
    for (const segment of this.#byNumber.values()) {
      all += segment.end;
      live += segment.live;
    }
    return { all, live };
  }
}
