// In place of the journal, which is on a disk: a page has none, and asks for no broker in a folder.

export function openJournal(): never {
  throw new Error('A page keeps nothing on a disk');
}

/** Never thrown here. */
export class JournalLocked extends Error {}
