/** Opens a folder that it may not write to. */

import { openJournal } from '@beamish/journal';
import { owner } from './owner.ts';

const [folder] = process.argv.slice(2) as [string];
// Root may write everywhere.
if (process.getuid?.() === 0) process.setuid?.(65_534);
try {
  await openJournal(folder, owner);
  process.send?.('opened');
} catch (error) {
  process.send?.({ ...(error as object), message: (error as Error).message });
}
process.disconnect();
