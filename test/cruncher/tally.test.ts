import fc from 'fast-check';
import { expect, test } from 'vitest';
import { eachOf, RecordWriter } from '../../examples/cruncher/src/records.ts';
import { Tally } from '../../examples/cruncher/src/tally.ts';
import { recordsOf, textsOf } from './records.ts';

test('a record has the domain in lower case, whatever its length', () => {
  expect(textsOf(recordsOf('A@B.C', 'Ab@B.Cc', 'Abc@B.Ccc', 'Abcd@B.Cccc'))).toEqual([
    'A@b.c',
    'Ab@b.cc',
    'Abc@b.ccc',
    'Abcd@b.cccc',
  ]);
});

test('of all bytes only capital letters are others in lower case, and only in the domain', () => {
  const every = String.fromCharCode(...Array.from({ length: 0x80 }, (_, byte) => byte));
  for (let length = 1; length <= 8; length++) {
    const local = 'Local'.padEnd(length, 'X').slice(0, length);
    expect(textsOf(recordsOf(`${local}@${every}`))).toEqual([`${local}@${every.toLowerCase()}`]);
  }
});

test('a text may stand at the very beginning of its bytes, however short', () => {
  const writer = new RecordWriter();
  for (const text of ['', 'A', 'Ab', 'Abc', 'Abcd', 'Abcde'])
    writer.text(Buffer.from(text), 0, text.length, 1);
  expect(textsOf(writer.take())).toEqual(['', 'A', 'Ab', 'Abc', 'Abcd', 'Abcde']);
});

test('records that were taken are those written since the last ones were', () => {
  const writer = new RecordWriter();
  const write = (text: string) => writer.text(Buffer.from(text), 0, text.length, 1);
  write('long as it is');
  expect(textsOf(writer.take())).toEqual(['long as it is']);
  write('one');
  write('two');
  expect(textsOf(writer.take())).toEqual(['one', 'two']);
  expect(writer.take()).toHaveLength(0);
});

test('records are all that is in their buffer, so that it can be moved', () => {
  const records = recordsOf('ann@x.org');
  expect(records.buffer.byteLength).toBe(records.byteLength);
});

test('a tally has each text once, in the order of first coming, with how often it came', () => {
  const few = fc.array(fc.string({ unit: fc.constantFrom(...'ab@'), maxLength: 9 }));
  fc.assert(
    fc.property(fc.array(few), (pieces) => {
      const tally = new Tally();
      const counts = new Map<string, number>();
      for (const piece of pieces) {
        const writer = new RecordWriter();
        for (const [i, text] of piece.entries()) {
          writer.text(Buffer.from(text), 0, text.length, 1 + i);
          counts.set(text, (counts.get(text) ?? 0) + 1 + i);
        }
        tally.add(writer.take());
      }
      expect(contentOf(tally)).toEqual([...counts]);
      expect(tally.size).toBe(counts.size);
      expect(tally.total).toBe([...counts.values()].reduce((sum, times) => sum + times, 0));
    }),
  );
});

test('a tally holds many, and one longer than all before', () => {
  const many = Array.from({ length: 20_000 }, (_, i) => `${i}@x.org`);
  const long = `${'a'.repeat(300_000)}@x.org`;
  const tally = new Tally();
  for (let round = 0; round < 2; round++) tally.add(recordsOf(...many, long));
  expect(tally).toMatchObject({ size: 20_001, total: 40_002 });
  expect(contentOf(tally)).toEqual([...many, long].map((text) => [text, 2]));
});

test('a tally that was taken from is empty, and counts again', () => {
  const tally = new Tally();
  const many = Array.from({ length: 20_000 }, (_, i) => `${i}@x.org`);
  for (let round = 0; round < 2; round++) {
    tally.add(recordsOf(...many, 'ann@x.org', 'ann@x.org'));
    expect(tally).toMatchObject({ size: 20_001, total: 20_002 });
    expect(textsOf(tally.take())).toEqual([...many, 'ann@x.org']);
    expect(tally).toMatchObject({ size: 0, total: 0 });
    expect(contentOf(tally)).toEqual([]);
  }
});

function contentOf(tally: Tally): [text: string, times: number][] {
  const content: [string, number][] = [];
  for (const records of tally.records) {
    eachOf(records, (bytes, start, end, times) =>
      content.push([bytes.toString('latin1', start, end), times]),
    );
  }
  return content;
}
