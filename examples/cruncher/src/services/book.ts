// Where the ledger is kept: in a journal, whose entries are the ledger's; or in memory, and then it outlives the
// actor that keeps it, but not the program.

import { type Entry, openJournal } from '@beamish/journal';
import { Ledger, type LedgerEntry } from './ledger.ts';

export interface Book {
  readonly ledger: Ledger;
  /** Whether what it knows survives the program. */
  readonly isKept: boolean;
  /** Writes an entry down, and applies it. */
  write(entry: LedgerEntry | undefined): boolean;
  /** Resolves once all that was written is kept. Rejects if it cannot be. */
  keep(): Promise<void>;
  close(): Promise<void>;
}

/** How a book is opened: once for each life of the actor that keeps it. */
export type Bookcase = () => Promise<Book>;

/** Of one program. */
export function inMemory(): Bookcase {
  const ledger = new Ledger();
  const book: Book = {
    ledger,
    isKept: false,
    write(entry) {
      if (entry !== undefined) ledger.apply(entry);
      return entry !== undefined;
    },
    keep: async () => {},
    close: async () => {},
  };
  return async () => book;
}

const FORMAT = { name: 'cruncher-status', version: 1 };

/** In a folder, of which one program at a time is the owner. */
export function inFolder(folder: string): Bookcase {
  return async () => {
    const ledger = new Ledger();
    const journal = await openJournal(folder, {
      format: FORMAT,
      replay: (entry) => ledger.apply(read(entry)),
      isLive: (entry) => ledger.isLive(read(entry)),
      moved: () => {},
    });
    return {
      ledger,
      isKept: true,
      write(entry) {
        if (entry === undefined) return false;
        journal.append(encoder.encode(JSON.stringify(entry)));
        ledger.apply(entry);
        return true;
      },
      keep: () => Promise.resolve(journal.commit()),
      close: () => Promise.resolve(journal.close()),
    };
  };
}

const encoder = new TextEncoder();
const decoder = new TextDecoder();

function read({ bytes }: Entry): LedgerEntry {
  return JSON.parse(decoder.decode(bytes)) as LedgerEntry;
}
