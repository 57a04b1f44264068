/** Opens a journal, and leaves it open: what is there then that keeps a program running? */

import { openJournal } from '@beamish/journal';
import { owner } from './owner.ts';

const [folder] = process.argv.slice(2) as [string];
const journal = await openJournal(folder, owner);
journal.append(new Uint8Array(100));
await journal.commit();
process.send?.(process.getActiveResourcesInfo());
process.disconnect();
