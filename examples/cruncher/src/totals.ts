// What has been counted. The one rule: a file is applied in the order of input, piece by piece, and
// so what is new in it does not depend on who was quicker.

import { type Domains, domainsOf } from './domains.ts';
import { eachOf, type Records } from './records.ts';
import { Tally } from './tally.ts';

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

/**
 * Counts addresses. Memory grows with the distinct ones, by about 100 bytes each. Where there is no
 * more of it, `add` throws a RangeError.
 */
export class Totals {
  readonly #tally = new Tally();
  #bytes = 0;
  #files = 0;
  #failed = 0;
  // What the counters above were when the current file began, or the last one ended.
  #totalBefore = 0;
  #distinctBefore = 0;

  /** Addresses found, with repetitions. */
  get total(): number {
    return this.#tally.total;
  }

  /** Addresses found, without repetitions. */
  get distinct(): number {
    return this.#tally.size;
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
  add(found: Records): void {
    this.#tally.add(found);
  }

  /** Ends the current file: what is added from now on belongs to the next. */
  endFile(path: string, bytes: number, error?: string): FileResult {
    const found = this.total - this.#totalBefore;
    const fresh = this.distinct - this.#distinctBefore;
    this.#totalBefore = this.total;
    this.#distinctBefore = this.distinct;
    this.#bytes += bytes;
    this.#files += 1;
    if (error !== undefined) this.#failed += 1;
    const result = { path, found, new: fresh, total: this.total, bytes };
    return error === undefined ? result : { ...result, error };
  }

  /** So many of the domains, repetitions counted. */
  domains(most: number): Domains {
    return domainsOf(this.#tally, most);
  }

  /** Every address once, sorted. */
  addresses(): string[] {
    const addresses: string[] = [];
    for (const records of this.#tally.records) {
      eachOf(records, (bytes, start, end) => addresses.push(bytes.toString('utf8', start, end)));
    }
    return addresses.sort();
  }
}
