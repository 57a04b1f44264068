/** Alike ones, told as one: crashes of one body for one reason, dead letters to one name. */

import type { Alike } from '../terms/happening.ts';

interface Group<T> {
  latest: T;
  count: number;
  firstAt: number;
  lastAt: number;
  readonly fingerprint: string;
}

/** Groups, of which the least recent one goes when there are too many. */
export class AlikeOnes<T extends { readonly at: number }> {
  readonly #groups = new Map<string, Group<T>>();
  readonly #most: number;

  constructor(most: number) {
    this.#most = most;
  }

  add(fingerprint: string, latest: T): void {
    const known = this.#groups.get(fingerprint);
    this.#groups.delete(fingerprint);
    const group = known ?? { latest, count: 0, firstAt: latest.at, lastAt: latest.at, fingerprint };
    group.latest = latest;
    group.lastAt = latest.at;
    group.count++;
    this.#groups.set(fingerprint, group);
    const [oldest] = this.#groups.keys();
    if (this.#groups.size > this.#most && oldest !== undefined) this.#groups.delete(oldest);
  }

  /** Something more has become known of the latest one of a group. */
  amend(is: (latest: T) => boolean, amended: (latest: T) => T): T | undefined {
    for (const group of [...this.#groups.values()].reverse()) {
      if (!is(group.latest)) continue;
      group.latest = amended(group.latest);
      return group.latest;
    }
    return undefined;
  }

  /** The latest first. */
  all(): readonly Alike<T>[] {
    return [...this.#groups.values()].reverse().map((group) => ({ ...group }));
  }
}

/** A text without what differs between alike ones: numbers, ids, quoted values. */
export function withoutNumbers(text: string): string {
  return text.replace(/0x[\da-f]+|\d+(?:\.\d+)?/gi, '#').slice(0, 200);
}
