/** A journal, and how it is opened. */

import { type Answer, run, type Steps, wait } from './answer.ts';
import { Commits } from './commits.ts';
import { type Compacted, Compaction } from './compaction.ts';
import { ask, type Disk, type Lock } from './disk.ts';
import { EntryReader } from './entry-reader.ts';
import { JournalClosed, JournalLocked } from './errors.ts';
import { LARGEST_ENTRY } from './group.ts';
import { Intake } from './intake.ts';
import { type JournalOptions, type Plan, planOf } from './options.ts';
import type { JournalEvent, Owner } from './owner.ts';
import type { Position } from './position.ts';
import { type Recovered, recover } from './recovery.ts';
import type { Segments } from './segments.ts';
import { Tail } from './tail.ts';

/** An open journal. Its methods but `close` answer at once on a disk that does; see `Answer`. */
export interface Journal extends AsyncDisposable {
  /** Where its files are. */
  readonly folder: string;
  /** All of it, and an estimate of what is live: of each segment, the part of its entries that was not released. */
  readonly bytes: { readonly all: number; readonly live: number };
  /**
   * Puts an entry behind all that were appended before. Does not wait, and does not keep `bytes`.
   *
   * @throws RangeError for more than 256 MiB; JournalClosed
   */
  append(bytes: Uint8Array): Position;
  /**
   * All that was appended before this call is kept when it answers: as `JournalOptions.sync` says, or, with
   * `'os'`, as far as a kill of the process goes, which needs no sync. Group commit: while a write is under
   * way, what is appended gathers, and is the next one; one write and one sync serve all who wait. They are
   * answered in the order in which they asked, but `'os'` does not wait for those who wait for the disk.
   *
   * Who need not know calls it and does not wait; a promise that nobody watches does no harm.
   *
   * @throws JournalFailed: nothing of what this commit waited for is kept, but what an earlier one had answered
   * for; nor is what was appended since. It is cut off before anything else is written; only a process that
   * ends before that may find it again. JournalClosed
   */
  commit(until?: 'os'): Answer<void>;
  /**
   * The bytes of an entry that is kept, or about to be, and has not been moved: a copy.
   *
   * @throws RangeError, JournalDamaged, JournalFailed, JournalClosed
   */
  read(at: Position): Answer<Uint8Array>;
  /** Nobody wants this entry any more. A hint for when to compact: if it is missing or wrong, room is lost or copied, never an entry. */
  release(at: Position): void;
  /**
   * Copies what is live in the oldest segments to the end, and drops them, until the whole is at most
   * twice what is live. It happens by itself, one step at the first append after a commit, before the whole is
   * four times that, when there are more than two segments; so there is no snapshot, and nothing ever stands
   * still for one.
   *
   * It commits first. Who takes back what a commit refuses does so itself before: if this throws, what was
   * appended and not committed may be kept. It ends early while something is appended that no commit is asked
   * for.
   *
   * @throws JournalFailed, JournalDamaged, JournalClosed, and what the owner's `isLive` or `moved` throws
   */
  compact(): Answer<Compacted>;
  /**
   * Commits, and gives the folder free. Again does nothing.
   *
   * @throws JournalFailed if what had been appended could not be kept; the folder is free nevertheless.
   */
  close(): Promise<void>;
}

/**
 * Opens a folder, or makes it; has each entry replayed, cuts a torn end, and takes the lock. Answers when
 * everything has been replayed and the journal can be appended to: at once on a disk that answers at once.
 *
 * ```ts
 * const state = new Map<string, { at: Position; value: string }>();
 * await using journal = await openJournal('.data/settings', {
 *   format: { name: 'settings', version: 1 },
 *   replay({ at, bytes }) { … },                              // each entry that is there, once, at open
 *   isLive: ({ at, bytes }) => state.get(keyOf(bytes))?.at === at,
 *   moved({ bytes }, to) { … },                               // compaction has copied a live one
 * });
 * const at = journal.append(encode(key, value));              // in order; not yet kept
 * await journal.commit();                                     // now it is, on disk
 * ```
 *
 * @throws JournalLocked, JournalDamaged, JournalRefused, JournalFailed; RangeError or TypeError for options
 * that are none; what the owner's `replay` throws.
 */
export function openJournal(
  folder: string,
  owner: Owner,
  options: JournalOptions = {},
): Answer<Journal> {
  const plan = planOf(owner, options);
  return run(open(folder, owner, plan, options.disk));
}

function* open(folder: string, owner: Owner, plan: Plan, given: Disk | undefined): Steps<Journal> {
  const disk = given ?? (yield* wait(hostDisk()));
  const lock = yield* ask('lock', folder, () => disk.lock(folder));
  if ('heldBy' in lock) throw new JournalLocked(folder, lock.heldBy);
  try {
    const recovered = yield* recover({ disk, folder, owner, damage: plan.damage });
    const journal = new OpenJournal({ folder, owner, plan, disk, lock, recovered });
    for (const event of recovered.events) owner.tell?.(event);
    return journal;
  } catch (error) {
    yield* wait(lock.free());
    throw error;
  }
}

/** Loaded when it is needed, so that all else runs where there is no Node. */
async function hostDisk(): Promise<Disk> {
  const here = currentFolder();
  const host = await import('./host-disk.ts');
  return host.hostDisk(here);
}

/** Undefined if it was deleted, where no relative path leads anywhere. */
function currentFolder(): string | undefined {
  try {
    return process.cwd();
  } catch {
    return undefined;
  }
}

interface Opened {
  readonly folder: string;
  readonly owner: Owner;
  readonly plan: Plan;
  readonly disk: Disk;
  readonly lock: Lock;
  readonly recovered: Recovered;
}

class OpenJournal implements Journal {
  readonly folder: string;
  readonly #sync: 'disk' | 'os';
  readonly #lock: Lock;
  readonly #segments: Segments;
  readonly #intake: Intake;
  readonly #commits: Commits;
  readonly #reader: EntryReader;
  readonly #compaction: Compaction;
  #isClosing = false;
  /** Its owner is being told something. */
  #isTelling = false;
  #closed: Promise<void> | undefined;

  constructor({ folder, owner, plan, disk, lock, recovered }: Opened) {
    const { segments, current, lastSegment, lastGroup } = recovered;
    const place = { disk, folder, format: owner.format, segmentBytes: plan.segmentBytes };
    const tell = (event: JournalEvent): void => this.#toOwner(() => owner.tell?.(event));
    const intake = new Intake(place, current, lastSegment, segments.end);
    const tail = new Tail(disk, segments, current, lastGroup);
    const commits = new Commits(intake, tail, {
      failed: ({ code, file }) => {
        this.#compaction.news();
        tell({ kind: 'failed', code, file });
      },
      recovered: () => tell({ kind: 'recovered' }),
      moved: (moved) => {
        this.#toOwner(() => {
          for (const { entry, to } of moved) if (owner.isLive(entry)) owner.moved(entry, to);
        });
      },
      kept: () => this.#compaction.news(),
    });
    this.folder = folder;
    this.#sync = plan.sync;
    this.#lock = lock;
    this.#segments = segments;
    this.#intake = intake;
    this.#commits = commits;
    this.#reader = new EntryReader(disk, segments, intake);
    this.#compaction = new Compaction({
      ...{ disk, owner, segments, intake, tail, tell },
      commits: commits.ofCopies(),
      commit: () => commits.commit('disk'),
    });
  }

  get bytes(): { readonly all: number; readonly live: number } {
    return this.#segments.bytes;
  }

  append(bytes: Uint8Array): Position {
    if (this.#isClosing) throw new JournalClosed('append to', this.folder);
    if (bytes.length > LARGEST_ENTRY) {
      throw new RangeError(
        `Cannot append ${bytes.length} bytes to the journal in "${this.folder}": an entry has at most ${LARGEST_ENTRY}`,
      );
    }
    this.#hasApplied();
    if (!this.#isTelling) this.#compaction.goOn();
    return this.#intake.append(bytes, false);
  }

  commit(until?: 'os'): Answer<void> {
    if (this.#isClosing) throw new JournalClosed('commit', this.folder);
    this.#hasApplied();
    return this.#commits.commit(until ?? this.#sync);
  }

  read(at: Position): Answer<Uint8Array> {
    if (this.#isClosing) throw new JournalClosed('read', this.folder);
    return run(this.#reader.read(at));
  }

  release(at: Position): void {
    (this.#segments.having(at) ?? this.#intake.having(at))?.release();
  }

  compact(): Answer<Compacted> {
    if (this.#isClosing) throw new JournalClosed('compact', this.folder);
    this.#hasApplied();
    return this.#compaction.compact();
  }

  close(): Promise<void> {
    if (this.#closed === undefined) {
      this.#isClosing = true;
      this.#closed = new Promise((resolve) => resolve(run(this.#close())));
    }
    return this.#closed;
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  /** An owner that asks for something has heard of what it was answered; but not one that is just being told. */
  #hasApplied(): void {
    if (this.#isTelling) return;
    this.#intake.applied = this.#commits.owners;
    this.#compaction.called();
  }

  /** What it throws, though it must not, is nobody's who waits here: as if nothing had stood in between. */
  #toOwner(work: () => void): void {
    const wasTelling = this.#isTelling;
    this.#isTelling = true;
    try {
      work();
    } catch (error) {
      void Promise.reject(error);
    } finally {
      this.#isTelling = wasTelling;
    }
  }

  *#close(): Steps<void> {
    try {
      yield* wait(this.#compaction.end());
      yield* wait(this.#commits.commit(this.#sync));
    } finally {
      yield* wait(this.#commits.idle());
      yield* wait(this.#lock.free());
    }
  }
}
