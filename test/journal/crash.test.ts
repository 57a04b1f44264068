/** The machine or the process stops at any moment, on a disk in memory: every one is tried. */

import { type Journal, JournalFailed, openJournal } from '@beamish/journal';
import { memoryDisk } from '@beamish/journal/testing';
import { describe, expect, test } from 'vitest';
import { Ledger } from './support/ledger.ts';
import { REMAINDERS, Stopped, type StoppingDisk, stoppingDisk } from './support/stopping-disk.ts';

/** Small, so that segments are closed and begun. */
const OPTIONS = { segmentBytes: 150 };

type Script = (journal: Journal, ledger: Ledger, disk: StoppingDisk) => void;

const SCRIPTS: readonly (readonly [string, Script])[] = [
  [
    'commits to disk, of one entry and of several',
    (journal, ledger) => {
      for (let i = 0; i < 8; i++) {
        ledger.append(journal, `entry ${i}`);
        if (i % 3 === 0) ledger.append(journal, `another ${i} ${'-'.repeat(i * 5)}`);
        ledger.commit(journal);
      }
    },
  ],
  [
    'commits to disk and to the system',
    (journal, ledger) => {
      for (let i = 0; i < 9; i++) {
        ledger.append(journal, `entry ${i}`);
        ledger.commit(journal, i % 3 === 2 ? undefined : 'os');
      }
    },
  ],
  [
    'a full disk, and room again',
    (journal, ledger, { memory }) => {
      ledger.append(journal, 'before');
      ledger.commit(journal);
      ledger.append(journal, 'for the system');
      ledger.commit(journal, 'os');
      memory.fail('ENOSPC');
      for (let i = 0; i < 2; i++) {
        ledger.append(journal, `refused ${i} ${'-'.repeat(i * 30)}`);
        ledger.commit(journal);
      }
      memory.fail('nothing');
      for (let i = 0; i < 2; i++) {
        ledger.append(journal, `after ${i}`);
        ledger.commit(journal);
      }
    },
  ],
  [
    'syncs that fail, with entries that the system had been given',
    (journal, ledger, { memory }) => {
      ledger.append(journal, 'before');
      ledger.commit(journal);
      for (let i = 0; i < 3; i++) {
        ledger.append(journal, `for the system ${i}`);
        ledger.commit(journal, 'os');
      }
      memory.fail('EIO');
      ledger.append(journal, 'refused');
      ledger.commit(journal);
      memory.fail('nothing');
      for (let i = 0; i < 2; i++) {
        ledger.append(journal, `after ${i}`);
        ledger.commit(journal, i === 0 ? 'os' : undefined);
      }
    },
  ],
];

describe.each(SCRIPTS)('JRN-10: %s', (_, script) => {
  /** Runs until the disk stops; false if it never did. */
  function run(disk: StoppingDisk, ledger: Ledger): boolean {
    try {
      script(openJournal('data', ledger, { ...OPTIONS, disk }) as Journal, ledger, disk);
    } catch (error) {
      if (!(error instanceof JournalFailed && error.cause instanceof Stopped)) throw error;
    }
    return disk.hasStopped;
  }

  /** A machine that comes back works. */
  function restart(disk: StoppingDisk, keep: Parameters<typeof disk.memory.crash>[0]): void {
    disk.memory.fail('nothing');
    disk.memory.crash(keep);
  }

  function reopen(disk: StoppingDisk, ledger: Ledger): Journal {
    const options = { ...OPTIONS, disk: disk.memory };
    return openJournal('data', ledger, options) as Journal;
  }

  test.each([
    ...REMAINDERS.map(([name, keep]) => [`the machine stops, ${name} is left`, keep] as const),
    ['the process is killed', 'process'] as const,
  ])('%s: what was answered is there, and of the rest a prefix', (_case, keep) => {
    for (let after = 0; ; after++) {
      const disk = stoppingDisk(after);
      const ledger = new Ledger();
      const hasStopped = run(disk, ledger);
      restart(disk, keep);
      const journal = reopen(disk, ledger);
      ledger.check(keep === 'process' ? 'process' : 'machine');
      ledger.checkReading(journal);
      // And it goes on.
      ledger.append(journal, 'one more');
      ledger.commit(journal);
      disk.memory.crash();
      const again = reopen(disk, ledger);
      ledger.check('machine');
      expect(ledger.texts.at(-1)).toBe('one more');
      ledger.checkReading(again);
      if (!hasStopped) {
        expect(after).toBeGreaterThan(15);
        break;
      }
    }
  });

  test('the machine stops again at each operation of opening', () => {
    for (let after = 0; ; after++) {
      let hasStopped = false;
      for (const [, keep] of REMAINDERS) {
        for (let second = 0; ; second++) {
          const disk = stoppingDisk(after);
          const ledger = new Ledger();
          hasStopped = run(disk, ledger);
          restart(disk, keep);
          const stopping = stoppingDisk(second, disk.memory);
          try {
            const journal = openJournal('data', ledger, { ...OPTIONS, disk: stopping }) as Journal;
            ledger.check('machine');
            ledger.append(journal, 'one more');
            ledger.commit(journal);
          } catch (error) {
            if (!(error instanceof JournalFailed && error.cause instanceof Stopped)) throw error;
            // What was replayed, and not answered for, is nothing yet.
            ledger.forget();
          }
          disk.memory.crash(keep);
          reopen(disk, ledger);
          ledger.check('machine');
          if (!stopping.hasStopped) break;
        }
      }
      if (!hasStopped) break;
    }
    expect.assertions(expect.getState().assertionCalls);
  });
});

test('JRN-10: a header that was begun is no journal yet', () => {
  for (let length = 0; length <= 36; length++) {
    const disk = memoryDisk();
    const ledger = new Ledger();
    const journal = openJournal('data', ledger, { disk }) as Journal;
    ledger.append(journal, 'a');
    ledger.commit(journal);
    const [[file, bytes]] = [...disk.files] as [[string, Uint8Array]];
    const torn = memoryDisk();
    torn.write(file, 0, bytes.subarray(0, length));
    torn.sync(file);
    const owner = new Ledger();
    openJournal('data', owner, { disk: torn });
    expect(torn.files.size).toBe(length < 36 ? 0 : 1);
  }
});
