/** Real processes that are killed while they write. */

import fs from 'node:fs';
import { join } from 'node:path';
import { openJournal } from '@beamish/journal';
import { generator } from 'beamish/testing';
import { expect, test, vi } from 'vitest';
import { decode, type Numbered, WRITERS } from './programs/numbered.ts';
import { temporaryFolder } from './support/places.ts';
import { exitOf, messageOf, started } from './support/program.ts';

/** `npm run journal:kill` has a thousand. */
const KILLS = Number(process.env['BEAMISH_KILLS'] ?? 30);
/** A failure prints its seed: `BEAMISH_KILL_SEED=7` draws the same moments. */
const SEED = Number(process.env['BEAMISH_KILL_SEED'] ?? Date.now() % 1_000_000);
/** So many kills one folder lives through. */
const ROUNDS = 6;
/** At most so long a process lives. */
const LONGEST_MS = 120;
const MS_FOR_KILL = 5_000;
/** Notes of a process that has come to write, however slow the machine is: the last one of a folder. */
const MUCH = WRITERS * 20;
const PATIENT = { timeout: 30_000, interval: 5 };

const random = generator(SEED);

test.each(['keep', 'last'] as const)(
  `JRN-11: what a process that is killed had been answered for is there, when it keeps what it writes: %s (seed ${SEED})`,
  async (mode) => {
    let written = 0;
    for (let kill = 0; kill < KILLS / 2; ) {
      const folder = temporaryFolder();
      const [data, notes] = [join(folder, 'journal'), join(folder, 'notes')];
      for (let round = 0; round < ROUNDS && kill < KILLS / 2; round++, kill++) {
        const isLast = round === ROUNDS - 1 || kill + 1 >= KILLS / 2;
        await writeAndKill(data, notes, mode, isLast ? MUCH : 0);
        const { texts, events } = await replayed(data);
        check(texts, answered(notes), mode);
        expect(events.filter((kind) => kind !== 'repaired')).toEqual([]);
        written = Math.max(written, texts.length);
      }
      fs.rmSync(folder, { recursive: true });
    }
    expect(written).toBeGreaterThan(WRITERS * 10);
  },
  30_000 + KILLS * MS_FOR_KILL,
);

/** Kills it at a moment of chance, and not before `least` has been noted in all. */
async function writeAndKill(
  data: string,
  notes: string,
  mode: string,
  least: number,
): Promise<void> {
  const child = started('writers', data, notes, mode);
  const exit = exitOf(child);
  await messageOf(child);
  // While it opens, or while it writes.
  await new Promise((resolve) => setTimeout(resolve, random() * LONGEST_MS));
  if (least > 0) await vi.waitFor(() => expect(noted(notes)).toBeGreaterThan(least), PATIENT);
  child.kill('SIGKILL');
  expect(await exit).toBe('SIGKILL');
}

async function replayed(data: string): Promise<{ texts: Numbered[]; events: string[] }> {
  const texts: Numbered[] = [];
  const events: string[] = [];
  const journal = await openJournal(data, {
    format: { name: 'writers', version: 1 },
    replay({ bytes }) {
      const entry = decode(bytes);
      expect(entry).toBeDefined();
      texts.push(entry as Numbered);
    },
    isLive: () => true,
    moved() {},
    tell: ({ kind }) => events.push(kind),
  });
  await journal.close();
  return { texts, events };
}

function noted(notes: string): number {
  return (fs.statSync(notes, { throwIfNoEntry: false })?.size ?? 0) / 8;
}

/** Of each writer the last number that it was answered for. */
function answered(notes: string): number[] {
  const last = new Array<number>(WRITERS).fill(0);
  if (!fs.existsSync(notes)) return last;
  const bytes = fs.readFileSync(notes);
  for (let i = 0; i + 8 <= bytes.length; i += 8) {
    last[bytes.readUInt32LE(i)] = bytes.readUInt32LE(i + 4);
  }
  return last;
}

function check(entries: readonly Numbered[], last: readonly number[], mode: string): void {
  for (let writer = 0; writer < WRITERS; writer++) {
    const numbers = entries.filter((its) => its.writer === writer).map(({ number }) => number);
    const highest = Math.max(0, ...numbers);
    expect(highest).toBeGreaterThanOrEqual(last[writer] as number);
    if (mode === 'keep') {
      // In order, without a gap, none twice.
      expect(numbers).toEqual(Array.from({ length: highest }, (_, i) => i + 1));
    } else {
      // The last ones, copies of them perhaps besides; those that are dead may be there.
      const there = new Set(numbers);
      for (let i = Math.max(1, highest - 19); i <= highest; i++) expect(there.has(i)).toBe(true);
    }
  }
}
