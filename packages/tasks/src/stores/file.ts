/** The store in a folder: a journal, and everything that it says in memory. */

import {
  type Disk,
  type Entry,
  type Journal,
  type JournalEvent,
  openJournal,
  type Position,
} from '@beamish/journal';
import type { TaskRecord } from '../state/record.ts';
import { JournalState } from './journal-state.ts';
import { isFresh } from './memory.ts';
import type {
  Answer,
  Change,
  ClaimRequest,
  Counts,
  Store,
  StoreNews,
  Swept,
  TaskFilter,
} from './store.ts';

/** How a folder keeps tasks. */
export interface FileOptions {
  /** When something is kept: when it is on disk (default), or when the operating system has it, which survives a kill of the process, not of the machine. */
  readonly sync?: 'disk' | 'os';
  /** When a file of the journal is closed and the next one begun. Default 64 MiB. */
  readonly segmentBytes?: number;
  /** For tests: `memoryDisk()`. */
  readonly disk?: Disk;
}

/**
 * A journal (`@beamish/journal`) in a folder, for one process at a time; another one is refused with the
 * pid of the first. Everything is in memory, too, and read again when it is opened.
 *
 * ```ts
 * await using app = await tasks(system, { tasks: [mail], store: file('.data/tasks') });
 * ```
 *
 * The application fails to start with `JournalLocked`, `JournalDamaged`, `JournalRefused` or `JournalFailed`.
 */
export function file(folder: string, options: FileOptions = {}): Store {
  return new FileStore(folder, options);
}

const FORMAT = { name: 'beamish.tasks', version: 2 };

class FileStore implements Store {
  readonly kind = 'file';
  readonly shared = false;
  readonly #folder: string;
  readonly #options: FileOptions;
  #state = new JournalState(() => {});
  #journal: Journal | undefined;
  #told: (news: StoreNews) => void = () => {};

  constructor(folder: string, options: FileOptions) {
    this.#folder = folder;
    this.#options = options;
  }

  tell(told: (news: StoreNews) => void): void {
    this.#told = told;
  }

  open(): Answer<void> {
    // One that was not closed was a tree's that was killed.
    const closed = this.close();
    return closed instanceof Promise ? closed.then(() => this.#openFolder()) : this.#openFolder();
  }

  #openFolder(): Answer<void> {
    const state = new JournalState((at) => this.#journal?.release(at));
    const { sync = 'disk', disk, segmentBytes } = this.#options;
    const opened = openJournal(
      this.#folder,
      {
        format: FORMAT,
        replay: (entry) => state.replay(entry),
        isLive: ({ at }) => state.isWanted(at),
        moved: (entry, to) => this.#moved(state, entry, to),
        tell: (event) => {
          const news = newsOf(event);
          if (news !== undefined) this.#told(news);
        },
      },
      {
        sync,
        ...(disk !== undefined && { disk }),
        ...(segmentBytes !== undefined && { segmentBytes }),
      },
    );
    const begin = (journal: Journal): void => {
      this.#journal = journal;
      this.#state = state;
      state.begin();
    };
    return opened instanceof Promise ? opened.then(begin) : begin(opened);
  }

  commit(changes: readonly Change[]): Answer<readonly ('done' | 'stale')[]> {
    return this.#keep(undefined, (state) =>
      changes.map((change): 'done' | 'stale' => {
        if (!isFresh(change, state.index, state.notes)) return 'stale';
        // What is gone, and there again, is told in two entries.
        const isAlone = change.remove.length > 0;
        if (isAlone) this.#write(state);
        state.change(change);
        if (isAlone || state.isFull) this.#write(state);
        return 'done';
      }),
    );
  }

  claim(request: ClaimRequest): Answer<readonly TaskRecord[]> {
    // A claim that is lost with the machine does no harm.
    return this.#keep('os', (state) => state.claim(request));
  }

  renew(worker: string, ids: readonly string[], until: number): readonly string[] {
    // Nobody else could take them, so nobody has to know.
    return this.#state.index.renew(worker, ids, until);
  }

  find(id: string): TaskRecord | undefined {
    return this.#state.index.find(id);
  }

  outcome(id: string): string | undefined {
    return this.#state.index.kept(id)?.outcome;
  }

  findUnique(key: string): TaskRecord | undefined {
    return this.#state.index.findUnique(key);
  }

  due(now: number, after: string | undefined, limit: number): readonly TaskRecord[] {
    return this.#state.index.due(now, after, limit);
  }

  list(filter: TaskFilter, after: string | undefined): readonly TaskRecord[] {
    return this.#state.index.list(filter, after);
  }

  outcomes(join: string, from: number, limit: number): readonly (string | undefined)[] {
    return this.#state.index.outcomes(join, from, limit);
  }

  counts(): Counts {
    return this.#state.index.counts();
  }

  note(key: string): { readonly value: string; readonly version: number } | undefined {
    return this.#state.notes.get(key);
  }

  notes(prefix: string): { key: string; value: string; version: number }[] {
    return this.#state.notes.startingWith(prefix);
  }

  lead(name: string, owner: string, forMs: number, now: number): number | undefined {
    return this.#state.leads.lead(name, owner, forMs, now);
  }

  changes(): () => void {
    return () => {};
  }

  sweep(now: number, limit: number): Answer<Swept> {
    return this.#keep(undefined, (state) => {
      const outlived = state.index.outlived(now, limit);
      for (const kept of outlived) state.removed(kept);
      return { dropped: outlived.length, nextAt: state.index.outlivedAt };
    });
  }

  close(): Answer<void> {
    const journal = this.#journal;
    this.#journal = undefined;
    return journal?.close();
  }

  /** Does it, and answers once all of it is kept; if it is not, everything is as it was. */
  #keep<T>(until: 'os' | undefined, work: (state: JournalState) => T): Answer<T> {
    const state = this.#state;
    const before = state.mark;
    const failed = (error: unknown): never => {
      state.undo();
      throw error;
    };
    try {
      const answer = work(state);
      const { mark } = state;
      if (mark === before) return answer;
      this.#write(state);
      const kept = (): T => {
        state.kept(mark);
        return answer;
      };
      const committed = this.#open().commit(until);
      return committed instanceof Promise ? committed.then(kept, failed) : kept();
    } catch (error) {
      return failed(error);
    }
  }

  #write(state: JournalState): void {
    const bytes = state.entry();
    if (bytes !== undefined) state.written(this.#open().append(bytes));
  }

  /** Its ghosts come back with a copy, unless it is said again that they are gone. */
  #moved(state: JournalState, entry: Entry, to: Position): void {
    const gone = state.moved(entry, to);
    if (gone !== undefined) this.#open().append(gone);
  }

  #open(): Journal {
    if (this.#journal === undefined)
      throw new Error(`Cannot use the store in ${this.#folder}: it is not open`);
    return this.#journal;
  }
}

/** What people should read of it: failures of commits are told by whoever asked for them. */
function newsOf(event: JournalEvent): StoreNews | undefined {
  switch (event.kind) {
    case 'repaired': {
      const { file: name, offset, bytesCut } = event;
      const text = `${bytesCut} bytes at the end of ${name} were cut off: the process had ended before it had written them, and nobody had been told that they were kept`;
      return { kind: 'repaired', facts: { file: name, offset, bytesCut }, text };
    }
    case 'damaged': {
      const { file: name, offset, bytesSkipped } = event;
      const text = `${bytesSkipped} bytes of ${name} are damaged and were passed over`;
      return { kind: 'damaged', facts: { file: name, offset, bytesSkipped }, text };
    }
    default:
      return undefined;
  }
}
