// A book that survives the program: a journal, whose entries are the ledger's.

import { type Entry, openJournal } from '@beamish/journal';
import type { Bookcase } from './book.ts';
import { Ledger, type LedgerEntry } from './ledger.ts';

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
