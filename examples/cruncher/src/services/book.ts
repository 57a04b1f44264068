// Where the ledger is kept: in memory, and then it outlives the actor that keeps it, but not the program; or in a
// folder (kept-book.ts).

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
