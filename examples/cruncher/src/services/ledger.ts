// What status knows: every address that was ever seen, how much of each file has been counted, and who was told.
// It decides what a report means, and writes that down as an entry; the state is nothing but its entries, one
// after the other. So to find it again is to apply them again, in whatever order, and as often as they come.

import type { Found, Noticed, Result } from './topology.ts';

/** What one cruncher has done in all. */
export interface CruncherTotals {
  readonly found: number;
  readonly bytes: number;
  readonly files: number;
  readonly failed: number;
}

/** How far a cruncher is with a file. */
export interface Progress {
  readonly shown: string;
  /** The part that is counted next. */
  readonly next: number;
  readonly found: number;
  readonly bytes: number;
  readonly ofBytes: number;
  readonly isDone: boolean;
  readonly error?: string;
}

/**
 * What is known of somebody's notice: it is to be published, it is with the broker, it was delivered, or never
 * will be.
 */
export type NoticeState = 'wanted' | 'published' | 'delivered' | 'failed';

export interface NoticeProgress {
  readonly address: string;
  readonly state: NoticeState;
  readonly reason?: string;
}

/** Something that happened. Numbers are absolute, so that an entry which is applied twice changes nothing. */
export type LedgerEntry = { readonly n: number } & (
  | {
      readonly kind: 'part';
      readonly work: string;
      readonly cruncher: string;
      readonly progress: Progress;
      /** Addresses that nobody had seen before. */
      readonly fresh: readonly string[];
      readonly totals: CruncherTotals;
    }
  | { readonly kind: 'notice'; readonly name: string; readonly progress: NoticeProgress }
);

/** Works that are done and remembered, to know them when they come again. */
const REMEMBERED = 10_000;
const NEWEST = 50;
const NOTHING: CruncherTotals = { found: 0, bytes: 0, files: 0, failed: 0 };

export class Ledger {
  readonly #addresses = new Set<string>();
  readonly #domains = new Map<string, number>();
  readonly #totals = new Map<string, CruncherTotals>();
  /** By work and cruncher, the latest to begin last. */
  readonly #works = new Map<
    string,
    Progress & { readonly work: string; readonly cruncher: string }
  >();
  readonly #notices = new Map<string, NoticeProgress>();
  /** The latest last. */
  #newest: string[] = [];
  #n = 0;
  /** By what an entry is about, the number of the latest. */
  readonly #latest = new Map<string, number>();

  /** Changes with everything. */
  get version(): number {
    return this.#n;
  }

  get distinct(): number {
    return this.#addresses.size;
  }

  /** The latest first. */
  get newest(): readonly string[] {
    return this.#newest.slice(-NEWEST).reverse();
  }

  get totals(): ReadonlyMap<string, CruncherTotals> {
    return this.#totals;
  }

  get notices(): ReadonlyMap<string, NoticeProgress> {
    return this.#notices;
  }

  /** All files in progress, and so many of those that were begun last; the latest last. */
  latest(
    most: number,
  ): readonly (Progress & { readonly work: string; readonly cruncher: string })[] {
    const shown = [];
    let older = this.#works.size - most;
    for (const work of this.#works.values()) if (older-- <= 0 || !work.isDone) shown.push(work);
    return shown;
  }

  /** Domains with most addresses first, each address counted once. */
  domains(most: number): readonly (readonly [domain: string, count: number])[] {
    const all = [...this.#domains];
    return all.sort((a, b) => b[1] - a[1] || (a[0] < b[0] ? -1 : 1)).slice(0, most);
  }

  has(address: string): boolean {
    return this.#addresses.has(address);
  }

  /** What a report changes; nothing, if it was counted before. */
  part({
    work,
    cruncher,
    part,
    found,
    bytes,
    ofBytes,
    isLast,
    error,
  }: Found): LedgerEntry | undefined {
    const key = keyOf(work.id, cruncher);
    const before = this.#works.get(key);
    if (before !== undefined && (before.isDone || part < before.next)) return undefined;
    const count = found.times.reduce((sum, times) => sum + times, 0);
    const totals = this.#totals.get(cruncher) ?? NOTHING;
    return {
      n: this.#n + 1,
      kind: 'part',
      work: work.id,
      cruncher,
      progress: {
        shown: work.shown,
        next: part + 1,
        found: (before?.found ?? 0) + count,
        bytes,
        ofBytes,
        isDone: isLast,
        ...(error !== undefined && { error }),
      },
      fresh: found.addresses.filter((address) => !this.#addresses.has(address)),
      totals: {
        found: totals.found + count,
        bytes: totals.bytes + bytes - (before?.bytes ?? 0),
        files: totals.files + (isLast ? 1 : 0),
        failed: totals.failed + (error === undefined ? 0 : 1),
      },
    };
  }

  /** Somebody is to be told; nothing, if they were, or are about to be. */
  wanted(name: string, address: string): LedgerEntry | undefined {
    if (this.#notices.has(name)) return undefined;
    return this.#notice(name, { address, state: 'wanted' });
  }

  /** The broker has taken somebody's notice. */
  published(name: string): LedgerEntry | undefined {
    const before = this.#notices.get(name);
    if (before?.state !== 'wanted') return undefined;
    return this.#notice(name, { ...before, state: 'published' });
  }

  /** A notifier tells what became of it. What was delivered stays so, whatever comes later. */
  noticed({ name, outcome, reason }: Noticed): LedgerEntry | undefined {
    const before = this.#notices.get(name);
    if (before === undefined || before.state === 'delivered' || before.state === outcome)
      return undefined;
    return this.#notice(name, {
      address: before.address,
      state: outcome,
      ...(reason !== undefined && { reason }),
    });
  }

  /** The result of a file, once its last part has been counted. */
  resultOf({ work, cruncher }: Pick<Found, 'work' | 'cruncher'>): Result | undefined {
    const progress = this.#works.get(keyOf(work.id, cruncher));
    if (progress?.isDone !== true) return undefined;
    const { found, error } = progress;
    return {
      work: work.id,
      path: work.path,
      shown: work.shown,
      cruncher,
      found,
      total: this.#totals.get(cruncher)?.found ?? 0,
      ...(error !== undefined && { error }),
    };
  }

  apply(entry: LedgerEntry): void {
    this.#n = Math.max(this.#n, entry.n);
    if (entry.kind === 'notice') {
      if (this.#isLatest(`n ${entry.name}`, entry.n)) this.#notices.set(entry.name, entry.progress);
      return;
    }
    const { work, cruncher, progress, fresh, totals, n } = entry;
    for (const address of fresh) this.#add(address);
    if (this.#isLatest(`t ${cruncher}`, n)) this.#totals.set(cruncher, totals);
    const key = keyOf(work, cruncher);
    if (this.#isLatest(`w ${key}`, n)) this.#works.set(key, { ...progress, work, cruncher });
    if (progress.isDone) this.#forget();
  }

  /** Whether an entry is still needed to find all this again. */
  isLive(entry: LedgerEntry): boolean {
    const { n } = entry;
    if (entry.kind === 'notice') return this.#latest.get(`n ${entry.name}`) === n;
    const { work, cruncher, fresh } = entry;
    return (
      fresh.length > 0 ||
      this.#latest.get(`t ${cruncher}`) === n ||
      this.#latest.get(`w ${keyOf(work, cruncher)}`) === n
    );
  }

  #notice(name: string, progress: NoticeProgress): LedgerEntry {
    return { n: this.#n + 1, kind: 'notice', name, progress };
  }

  #add(address: string): void {
    if (this.#addresses.has(address)) return;
    this.#addresses.add(address);
    const domain = address.slice(address.lastIndexOf('@') + 1);
    this.#domains.set(domain, (this.#domains.get(domain) ?? 0) + 1);
    this.#newest.push(address);
    if (this.#newest.length > 20 * NEWEST) this.#newest = this.#newest.slice(-NEWEST);
  }

  #isLatest(about: string, n: number): boolean {
    if (n <= (this.#latest.get(about) ?? 0)) return false;
    this.#latest.set(about, n);
    return true;
  }

  /** Forgets the oldest of those that are done, where there are too many. */
  #forget(): void {
    if (this.#works.size <= REMEMBERED) return;
    for (const [key, { isDone }] of this.#works) {
      if (!isDone) continue;
      this.#works.delete(key);
      this.#latest.delete(`w ${key}`);
      return;
    }
  }
}

function keyOf(work: string, cruncher: string): string {
  return `${cruncher} ${work}`;
}
