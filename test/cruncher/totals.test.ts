import { describe, expect, test } from 'vitest';
import { Totals } from '../../examples/cruncher/src/totals.ts';
import { recordsOf } from './records.ts';

describe('Totals', () => {
  test('a file has what was found in all its pieces, and of that what is new', () => {
    const totals = new Totals();
    totals.add(recordsOf('a@x.org', 'b@x.org'));
    totals.add(recordsOf('a@x.org'));
    expect(totals.endFile('one', 30)).toEqual({
      path: 'one',
      found: 3,
      new: 2,
      total: 3,
      bytes: 30,
    });
    totals.add(recordsOf('b@x.org', 'c@y.org'));
    expect(totals.endFile('two', 12)).toMatchObject({ path: 'two', found: 2, new: 1, total: 5 });
    expect(totals).toMatchObject({ total: 5, distinct: 3, bytes: 42, files: 2, failed: 0 });
  });

  test('an empty file counts as a file', () => {
    const totals = new Totals();
    expect(totals.endFile('empty', 0)).toMatchObject({ found: 0, new: 0, total: 0, bytes: 0 });
    expect(totals.files).toBe(1);
  });

  test('a file that fails keeps what was counted before', () => {
    const totals = new Totals();
    totals.add(recordsOf('a@x.org'));
    expect(totals.endFile('bad', 7, 'permission denied')).toEqual({
      path: 'bad',
      found: 1,
      new: 1,
      total: 1,
      bytes: 7,
      error: 'permission denied',
    });
    expect(totals).toMatchObject({ files: 1, failed: 1, total: 1 });
  });

  test('domains() lists most addresses first, then by name, repetitions counted', () => {
    const totals = new Totals();
    totals.add(recordsOf('a@z.org', 'b@y.org', 'a@x.org', 'a@x.org', 'c@x.org'));
    const [x, y, z] = ['x.org', 'y.org', 'z.org'].map((domain, i) => ({
      domain,
      count: i === 0 ? 3 : 1,
    }));
    expect(totals.domains(3)).toEqual({ first: [x, y, z], others: 0 });
    expect(totals.domains(2)).toEqual({ first: [x, y], others: 1 });
    expect(totals.domains(0)).toEqual({ first: [], others: 3 });
  });

  test('domains() are the same first ones however many there are', () => {
    const totals = new Totals();
    const name = (i: number) => `a@${String((i * 7919) % 10_000).padStart(5, '0')}.org`;
    totals.add(recordsOf(...Array.from({ length: 10_000 }, (_, i) => name(i))));
    totals.add(recordsOf('b@09999.org', 'b@04321.org', 'c@04321.org'));
    const { first, others } = totals.domains(4);
    expect(first).toEqual([
      { domain: '04321.org', count: 3 },
      { domain: '09999.org', count: 2 },
      { domain: '00000.org', count: 1 },
      { domain: '00001.org', count: 1 },
    ]);
    expect(others).toBe(9996);
  });

  test('addresses() lists each address once, sorted', () => {
    const totals = new Totals();
    totals.add(recordsOf('b@x.org', 'a@x.org', 'B@x.org', 'a@x.org'));
    expect(totals.addresses()).toEqual(['B@x.org', 'a@x.org', 'b@x.org']);
  });
});
