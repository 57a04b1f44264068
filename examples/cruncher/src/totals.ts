// What has been counted. The one rule: a file is applied in the order of input, piece by piece, and
// so what is new in it does not depend on who was quicker.

/** What a file gave, once it is finished. */
export interface FileResult {
  readonly path: string;
  /** Addresses in it, with repetitions. */
  readonly found: number;
  /** Those of them that no file before it has, without repetitions. */
  readonly new: number;
  /** Addresses found so far, with this file. */
  readonly total: number;
  readonly bytes: number;
  /** Why it was not read to its end; then the numbers are those of the part before. */
  readonly error?: string;
}

export interface DomainCount {
  readonly domain: string;
  readonly count: number;
}

/**
 * Counts addresses. Memory grows with the distinct ones, by about 100 bytes each, and at
 * 16 million of them a Map is full: then `add` throws a RangeError.
 */
export class Totals {
  /** How often each address was found. */
  readonly #occurrences = new Map<string, number>();
  #total = 0;
  #bytes = 0;
  #files = 0;
  #failed = 0;
  // What the counters above were when the current file began, or the last one ended.
  #totalBefore = 0;
  #distinctBefore = 0;

  /** Addresses found, with repetitions. */
  get total(): number {
    return this.#total;
  }

  /** Addresses found, without repetitions. */
  get distinct(): number {
    return this.#occurrences.size;
  }

  /** Bytes of the files that were finished. */
  get bytes(): number {
    return this.#bytes;
  }

  /** Files that were finished, the failed ones among them. */
  get files(): number {
    return this.#files;
  }

  /** Files that were finished with an error. */
  get failed(): number {
    return this.#failed;
  }

  /** Counts what a piece of the current file holds. */
  add(addresses: readonly string[]): void {
    this.#total += addresses.length;
    for (const address of addresses) {
      this.#occurrences.set(address, (this.#occurrences.get(address) ?? 0) + 1);
    }
  }

  /** Ends the current file: what is added from now on belongs to the next. */
  endFile(path: string, bytes: number, error?: string): FileResult {
    const found = this.#total - this.#totalBefore;
    const fresh = this.distinct - this.#distinctBefore;
    this.#totalBefore = this.#total;
    this.#distinctBefore = this.distinct;
    this.#bytes += bytes;
    this.#files += 1;
    if (error !== undefined) this.#failed += 1;
    const result = { path, found, new: fresh, total: this.#total, bytes };
    return error === undefined ? result : { ...result, error };
  }

  /** Every domain with its addresses, repetitions counted; most first, then by name. */
  domains(): DomainCount[] {
    const counts = new Map<string, number>();
    for (const [address, count] of this.#occurrences) {
      const domain = address.slice(address.indexOf('@') + 1);
      counts.set(domain, (counts.get(domain) ?? 0) + count);
    }
    return Array.from(counts, ([domain, count]) => ({ domain, count })).sort(
      (a, b) => b.count - a.count || (a.domain < b.domain ? -1 : 1),
    );
  }

  /** Every address once, sorted. */
  addresses(): string[] {
    return [...this.#occurrences.keys()].sort();
  }
}
