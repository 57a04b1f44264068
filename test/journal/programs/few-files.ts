/** Has all the files open that it may, when its journal begins a segment. */

import fs from 'node:fs';
import { type JournalFailed, openJournal } from '@beamish/journal';
import { owner } from './owner.ts';

const [folder] = process.argv.slice(2) as [string];
const journal = await openJournal(folder, owner, { segmentBytes: 1 });
journal.append(new Uint8Array(100));
await journal.commit();
const open: number[] = [];
try {
  for (;;) open.push(fs.openSync('/dev/null', 'r'));
} catch {
  // That was the last one.
}
journal.append(new Uint8Array(100));
const refused = await Promise.resolve(journal.commit()).then(
  () => 'kept',
  ({ code }: JournalFailed) => code,
);
for (const file of open) fs.closeSync(file);
journal.append(new Uint8Array(100));
await journal.commit();
await journal.close();
process.send?.({ refused, files: fs.readdirSync(folder) });
process.disconnect();
