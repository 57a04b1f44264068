/** What the cruncher over queues promises, row by row, where the other tests of the services do not say so: group D. */

import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import { beamish, kombu, makeDocuments } from '../../bench/pipeline.ts';
import { isThere } from '../../contract/exchange/broker.ts';
import { stage } from '../services/stage.ts';

describe('addresses at the end of something', () => {
  test('D10 have no dots that belong to the sentence, and their domain is compared without case', async () => {
    const its = await stage({ notifyDomain: 'example.com', names: ['bob', 'ann'] });
    const path = its.file('a.txt', 'Write to bob@example.com. Or to x@y.c.. or Ann@EXAMPLE.com!');
    const results = await its.crunch(path);
    expect(results.map(({ found }) => found)).toEqual([3, 3]);
    expect((await its.look()).newest.toSorted()).toEqual([
      'Ann@example.com',
      'bob@example.com',
      'x@y.c',
    ]);
    await its.until(({ notices }) => notices.every(({ state }) => state === 'delivered'));
    expect(its.mails.map(({ name }) => name).sort()).toEqual(['ann', 'bob']);
  });

  test('D10 of other scripts are found by the rules, in the form that mail servers use', async () => {
    const its = await stage();
    await its.crunch(its.file('a.txt', 'Schreib an jürgen@münchen.example oder a@b.co'));
    expect((await its.look()).newest).toContain('jürgen@xn--mnchen-3ya.example');
  });

  test('D10 with two @ break nothing, and the one that is an address is found', async () => {
    const its = await stage({ notifyDomain: 'x.org', names: ['"a@b"'] });
    await its.crunch(its.file('a.txt', '"a@b"@x.org and a@b@x.org'));
    const { notices } = await its.until(({ notices: all }) => all.length > 0);
    expect(notices.map(({ address }) => address)).toContain('"a@b"@x.org');
  });
});

const hasKombu = spawnSync('/usr/bin/python3', ['-c', 'import kombu']).status === 0;
const isMissing = !(await isThere()) && process.env['BEAMISH_REQUIRE_SERVICES'] !== '1';

describe.skipIf(isMissing)('the pipeline over RabbitMQ', { timeout: 60_000 }, () => {
  const documents = (count: number): string => {
    const folder = mkdtempSync(join(tmpdir(), 'documents-'));
    onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
    makeDocuments(folder, count);
    return folder;
  };

  test('D12 counts all that is in 300 documents, and how many of them a second', async () => {
    const figures = await beamish(documents(300), 300);
    expect(figures.distinct).toBe(302);
    expect(figures.documentsPerSecond).toBeGreaterThan(10);
  });

  test.skipIf(!hasKombu)('D12 Kombu beside it counts the same', async () => {
    expect(kombu(documents(100), 100)?.distinct).toBe(102);
  });
});
