/** What status knows, and how it finds it again. */

import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { generator } from 'beamish/testing';
import { describe, expect, onTestFinished, test } from 'vitest';
import { inFolder } from '../../../examples/cruncher/src/services/kept-book.ts';
import { Ledger, type LedgerEntry } from '../../../examples/cruncher/src/services/ledger.ts';
import { snapshotOf } from '../../../examples/cruncher/src/services/status.ts';
import type { Found } from '../../../examples/cruncher/src/services/topology.ts';

type Times = readonly (readonly [address: string, times: number])[];

function report(work: string, part: number, found: Times, more: Partial<Found> = {}) {
  return {
    kind: 'found',
    work: { id: work, from: 'me', path: `/${work}`, shown: work },
    cruncher: 'fast',
    part,
    found: { addresses: found.map(([each]) => each), times: found.map(([, n]) => n) },
    bytes: (part + 1) * 10,
    ofBytes: 100,
    isLast: false,
    ...more,
  } satisfies Found;
}

/** Writes down what there is to be, as status does. */
function write(ledger: Ledger, entry: LedgerEntry | undefined): LedgerEntry[] {
  if (entry === undefined) return [];
  ledger.apply(entry);
  return [entry];
}

describe('a ledger', () => {
  test('counts each part once, in whatever order a cruncher that died had them sent again', () => {
    const ledger = new Ledger();
    const parts = [
      report('a', 0, [['ann@x.org', 2]]),
      report('a', 1, [['ben@x.org', 1]]),
      report('a', 0, [['ann@x.org', 2]]),
      report('a', 1, [['ben@x.org', 1]]),
      report('a', 2, [['ann@x.org', 1]], { isLast: true }),
      report('a', 0, [['ann@x.org', 2]]),
      report('a', 2, [['ann@x.org', 1]], { isLast: true }),
    ];
    for (const each of parts) write(ledger, ledger.part(each));
    expect(ledger.totals.get('fast')).toEqual({ found: 4, bytes: 30, files: 1, failed: 0 });
    expect(ledger.distinct).toBe(2);
    expect(ledger.resultOf(parts[4]!)).toMatchObject({ found: 4, total: 4 });
  });

  test('is the same whatever order its entries come in, and however often', () => {
    const random = generator(7);
    for (let round = 0; round < 50; round++) {
      const ledger = new Ledger();
      const entries: LedgerEntry[] = [];
      for (let i = 0; i < 40; i++) {
        const work = `w${Math.floor(random() * 4)}`;
        const cruncher = random() < 0.5 ? 'fast' : 'thorough';
        const found = [[`u${Math.floor(random() * 9)}@x.org`, 1]] as const;
        const isLast = random() < 0.1;
        entries.push(...write(ledger, ledger.part(report(work, i, found, { cruncher, isLast }))));
        const local = `u${Math.floor(random() * 9)}`;
        entries.push(...write(ledger, ledger.wanted(local, `${local}@x.org`)));
        if (random() < 0.5) entries.push(...write(ledger, ledger.published(local)));
        if (random() < 0.3) {
          const news = { kind: 'noticed', name: local, outcome: 'delivered' } as const;
          entries.push(...write(ledger, ledger.noticed(news)));
        }
      }
      const shuffled = [...entries, ...entries.filter(() => random() < 0.3)]
        .map((entry) => [random(), entry] as const)
        .sort(([a], [b]) => a - b)
        .map(([, entry]) => entry);
      // And of those that are not live any more, some may be gone.
      const again = new Ledger();
      for (const entry of shuffled) if (ledger.isLive(entry) || random() < 0.5) again.apply(entry);
      expect(sorted(again)).toEqual(sorted(ledger));
    }
  });

  test('does not take back that a notice was delivered', () => {
    const ledger = new Ledger();
    write(ledger, ledger.wanted('ann', 'ann@x.org'));
    write(ledger, ledger.noticed({ kind: 'noticed', name: 'ann', outcome: 'delivered' }));
    expect(ledger.noticed({ kind: 'noticed', name: 'ann', outcome: 'failed' })).toBeUndefined();
    expect(ledger.published('ann')).toBeUndefined();
    expect(ledger.wanted('ann', 'ann@x.org')).toBeUndefined();
  });
});

describe('a book in a folder', () => {
  test('D3 is the same after it was opened again, also compacted', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'book-'));
    onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
    const open = inFolder(join(folder, 'status'));
    const first = await open();
    for (let i = 0; i < 300; i++) {
      first.write(first.ledger.part(report('a', i, [[`u${i % 20}@x.org`, 1]])));
      if (i % 10 === 0) await first.keep();
    }
    first.write(first.ledger.wanted('u1', 'u1@x.org'));
    first.write(first.ledger.noticed({ kind: 'noticed', name: 'u1', outcome: 'delivered' }));
    await first.keep();
    await first.close();
    const second = await open();
    expect(sorted(second.ledger)).toEqual(sorted(first.ledger));
    await second.close();
  });
});

/** All that it knows, in an order of its own. */
function sorted(ledger: Ledger) {
  const { newest, works, notices, ...rest } = snapshotOf(ledger);
  const name = (each: { work?: string; cruncher?: string; name?: string }): string =>
    `${each.work} ${each.cruncher} ${each.name}`;
  return {
    ...rest,
    newest: newest.toSorted(),
    works: works.toSorted((a, b) => (name(a) < name(b) ? -1 : 1)),
    notices: notices.toSorted((a, b) => (name(a) < name(b) ? -1 : 1)),
  };
}
