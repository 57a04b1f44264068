/**
 * Opens the folder that it was given, and closes it, when its parent says so; tells how that went. Between
 * that it is idle.
 */

import { type Journal, JournalLocked, openJournal } from '@beamish/journal';
import { owner } from './owner.ts';

const [folder] = process.argv.slice(2) as [string];
let journal: Journal | undefined;
process.on('message', (what) => {
  void (what === 'open' ? open() : close()).then((told) => process.send?.(told));
});
process.send?.('ready');

async function open(): Promise<unknown> {
  try {
    journal = await openJournal(folder, owner);
    return { opened: true };
  } catch (error) {
    return { opened: false, isLocked: error instanceof JournalLocked, ...(error as object) };
  }
}

async function close(): Promise<unknown> {
  await journal?.close();
  return { opened: false };
}
