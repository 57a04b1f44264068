/**
 * Four writers that append, and wait for their commits, until somebody kills them. What they were answered
 * for they note in a file, at once: `WRITER NUMBER`, four bytes each.
 *
 * With `keep` everything stays; with `last` each writer wants its last ones only, and it compacts.
 */

import fs from 'node:fs';
import { openJournal, type Position } from '@beamish/journal';
import { decode, encode, WRITERS } from './numbered.ts';

/** Of each writer that are wanted. */
const WANTED = 20;

const [folder, notes, mode] = process.argv.slice(2) as [string, string, 'keep' | 'last'];
const last: number[] = new Array(WRITERS).fill(0);
const places = new Map<string, Position>();
const file = fs.openSync(notes, 'a');
process.send?.('ready');

const journal = await openJournal(
  folder,
  {
    format: { name: 'writers', version: 1 },
    replay({ bytes, at }) {
      const { writer, number } = decode(bytes) ?? { writer: 0, number: 0 };
      last[writer] = Math.max(last[writer] as number, number);
      places.set(`${writer} ${number}`, at);
    },
    isLive({ bytes, at }) {
      const { writer, number } = decode(bytes) ?? { writer: 0, number: 0 };
      return isWanted(writer, number) && places.get(`${writer} ${number}`) === at;
    },
    moved({ bytes }, to) {
      const { writer, number } = decode(bytes) ?? { writer: 0, number: 0 };
      places.set(`${writer} ${number}`, to);
    },
  },
  { segmentBytes: 100_000 },
);
for (let writer = 0; writer < WRITERS; writer++) void write(writer);

async function write(writer: number): Promise<never> {
  for (;;) {
    // One to three for each commit, every fourth of which is to the system: a kill is no crash of it.
    const before = last[writer] as number;
    for (let i = 0; i <= before % 3; i++) append(writer);
    const number = last[writer] as number;
    await journal.commit(number % 4 === 0 ? 'os' : undefined);
    fs.writeSync(file, Uint32Array.of(writer, number));
  }
}

function append(writer: number): void {
  const number = (last[writer] as number) + 1;
  last[writer] = number;
  places.set(`${writer} ${number}`, journal.append(encode(writer, number)));
  const old = `${writer} ${number - WANTED}`;
  const at = places.get(old);
  if (mode === 'keep' || at === undefined) return;
  places.delete(old);
  journal.release(at);
}

function isWanted(writer: number, number: number): boolean {
  return mode === 'keep' || number > (last[writer] as number) - WANTED;
}
