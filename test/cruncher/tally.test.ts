import fc from 'fast-check';
import { expect, test } from 'vitest';
import { RecordWriter } from '../../examples/cruncher/src/records.ts';
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

function contentOf(tally: Tally): [text: string, times: number][] {
  const { bytes } = tally;
  return Array.from(tally, ([start, end, times]) => [bytes.toString('latin1', start, end), times]);
}
