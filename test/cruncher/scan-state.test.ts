import fc from 'fast-check';
import { expect, test } from 'vitest';
import { readThrough, type ScanState } from '../../examples/cruncher/src/scan-state.ts';
import { addressesIn } from './records.ts';

test.each<[piece: string, state: ScanState, start: number]>([
  ['', 'nothing', 0],
  ['to ', 'nothing', 0],
  ['to bob', 'local', 3],
  ['to bob@', 'at', 3],
  ['to bob@ex', 'label', 3],
  ['to bob@ex.', 'dot', 3],
  ['to bob@ex.org', 'found', 3],
  ['to bob@ex.org.', 'found_dot', 3],
  ['to bob@ex.org_', 'local', 13],
  ['to bob@ex.org._', 'local', 13],
  ['to bob@ex.org.@', 'at', 13],
  ['to bob@ex_', 'local', 7],
  ['to bob@ex@', 'at', 7],
])('after %j the state is %s, of an address that begins at %i', (piece, state, start) => {
  const end = readThrough(Buffer.from(piece), 'nothing');
  expect(end.state).toBe(state);
  if (state !== 'nothing') expect(end.start).toBe(start);
});

test('a cut at any place of any short text changes no total', () => {
  let found: string | undefined;
  for (const text of textsUpTo(7, 'a._@ ')) found ??= inexactCut(text);
  expect(found).toBeUndefined();
});

test('two cuts at any places of a text full of addresses change no total', () => {
  const words = fc.constantFrom('a', 'B', '@', '.', '_', ' ', 'a@b', 'b.c', 'a@b.c', '..', '.@');
  const texts = fc.array(words, { maxLength: 12 }).map((each) => each.join(''));
  fc.assert(
    fc.property(texts, (text) => {
      expect(inexactCut(text)).toBeUndefined();
    }),
    { numRuns: 1_000 },
  );
});

/** Cuts the text at any one and any two places, and before the address that is open there: where the totals differ. */
function inexactCut(text: string): string | undefined {
  const bytes = Buffer.from(text);
  const whole = addressesIn(bytes);
  for (let i = 0; i <= bytes.length; i++) {
    const head = bytes.subarray(0, i);
    const { state, start } = readThrough(head, 'nothing');
    const before = addressesIn(head).length;
    for (let j = i; j <= bytes.length; j++) {
      const middle = bytes.subarray(i, j);
      const total =
        before +
        addressesIn(middle, state).length +
        addressesIn(bytes.subarray(j), readThrough(middle, state).state).length;
      if (total !== whole.length) return `${JSON.stringify(text)} cut at ${i}, ${j}: ${total}`;
    }
    if (state === 'nothing') continue;
    const apart = [bytes.subarray(0, start), bytes.subarray(start)].flatMap((each) =>
      addressesIn(each),
    );
    if (apart.join() !== whole.join()) return `${JSON.stringify(text)} cut at ${start}`;
  }
  return undefined;
}

function* textsUpTo(length: number, alphabet: string): Generator<string> {
  yield '';
  if (length === 0) return;
  for (const text of textsUpTo(length - 1, alphabet)) {
    for (const letter of alphabet) yield text + letter;
  }
}
