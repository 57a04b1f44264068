/** @beamish/journal: an append-only log in a folder, for one owner at a time. */

export type { Answer } from './answer.ts';
export type { Disk, Lock } from './disk.ts';
export {
  JournalClosed,
  JournalDamaged,
  JournalFailed,
  JournalLocked,
  JournalRefused,
} from './errors.ts';
export { type Journal, openJournal } from './journal.ts';
export type { JournalOptions } from './options.ts';
export type { Entry, JournalEvent, Owner } from './owner.ts';
export type { Position } from './position.ts';
