/** What can be stored comes back equal; what cannot is refused with its place. */

import { defineTask } from '@beamish/tasks';
import { eager } from '@beamish/tasks/testing';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import {
  decode,
  elementsOf,
  encode,
  encodeArguments,
} from '../../packages/tasks/src/terms/codec.ts';

const echo = defineTask('echo', (_self, value: unknown) => value as null);

class Point {
  readonly x = 1;
}

const circle: { inner: { list: unknown[] } } = { inner: { list: [] } };
circle.inner.list.push(circle);

test.each([
  ['a function', { user: { avatar: () => 1 } }, /argument 1 at \.user\.avatar: it is a function/],
  [
    'an instance of a class',
    { p: [new Point()] },
    /argument 1 at \.p\[0\]: it is an instance of Point/,
  ],
  ['what is a part of itself', circle, /argument 1 at \.inner\.list\[0\]: it is a part of itself/],
  ['NaN', { n: Number.NaN }, /argument 1 at \.n: it is NaN/],
  ['an infinity', [1, -Infinity], /argument 1 at \[1\]: it is -Infinity/],
  ['a symbol', { s: Symbol('s') }, /argument 1 at \.s: it is a symbol/],
  ['a Map', { m: new Map() }, /argument 1 at \.m: it is an instance of Map/],
  ['an invalid date', new Date('never'), /argument 1: it is an invalid Date/],
])(
  'TSK-04: an argument that is or has %s is refused with its place, and nothing is stored',
  async (_, value, message) => {
    await using app = eager({ tasks: [echo] });
    await expect(app.submit(echo.s(value))).rejects.toThrow(message);
    const all = [];
    for await (const task of app.list()) all.push(task);
    expect(all).toEqual([]);
  },
);

test('TSK-04: what is nested too deep is refused, and does not overflow the stack', () => {
  let deep: unknown = 1;
  for (let i = 0; i < 100_000; i++) deep = [deep];
  expect(() => encode(deep, 'it')).toThrow(/nested over 500 levels deep/);
});

test('TSK-05: a result that cannot be stored is a failure with its place, without a retry', async () => {
  const bad = defineTask('bad', { retry: { max: 3 } }, () => ({ at: [new Point() as never] }));
  await using app = eager({ tasks: [bad] });
  await expect(app.run(bad.s())).rejects.toMatchObject({
    failure: {
      reason: 'codec',
      attempt: 1,
      error: { message: 'Cannot store the result at .at[0]: it is an instance of Point' },
    },
  });
});

const VALUES: readonly [string, unknown][] = [
  ['a small bigint', 5n],
  ['0n', 0n],
  ['2⁶³ + 1', 2n ** 63n + 1n],
  ['−2⁸⁰', -(2n ** 80n)],
  ['2⁶³ as a number', 2 ** 63],
  ['1e21, 1e-7, −0', [1e21, 1e-7, -0]],
  ['all digits of a double', [0.1234567890123456, 123456789.12345678]],
  ['a date', new Date('2026-11-28T05:06:07.089Z')],
  ['bytes', new Uint8Array([0, 127, 128, 255])],
  ['nested', { a: [{ b: [1n, new Date(0), { c: new Uint8Array(3) }] }], '': null }],
  ['__proto__ as a key', JSON.parse('{"__proto__":{"admin":true},"x":9007199254740993}')],
  ['what looks like a tag', { __type__: 'datetime', __value__: '2026-01-01' }],
  ['what looks like an escaped tag', { __type__: 'object', __value__: { __type__: 'bigint' } }],
  ['digits in a string', 'x1234567890123456789x "\\" 99999999999999999999'],
  ['undefined in a list', [1, undefined, 2]],
  ['surrogates', '\u2028 \ud83d\ude00 "'],
];

test.each(VALUES)('TSK-06: %s comes back equal, as argument and as result', async (_, value) => {
  expect(decode(encode(value, 'it'))).toStrictEqual(value);
  await using app = eager({ tasks: [echo] });
  expect(await app.run(echo.s(value))).toStrictEqual(value);
});

test('TSK-06: __proto__ as a key with something that is no JSON beside it sets no prototype', () => {
  const value = JSON.parse('{"__proto__":{"admin":true}}') as Record<string, unknown>;
  value['n'] = 1n;
  const back = decode(encode(value, 'it')) as Record<string, unknown>;
  expect(Object.keys(back)).toEqual(['__proto__', 'n']);
  expect(back['admin']).toBeUndefined();
});

test('numbers are written and read as JSON does, alone and as the only one of a list', () => {
  const number = fc.oneof(
    fc.integer({ min: -20, max: 20 }),
    fc.maxSafeInteger(),
    fc.integer({ min: 9_999_999_990, max: 10_000_000_010 }),
    fc.double({ noNaN: true, noDefaultInfinity: true }).filter((n) => Math.abs(n) < 2 ** 53),
  );
  fc.assert(
    fc.property(number, (n) => {
      fc.pre(!Object.is(n, -0));
      expect(encode(n, 'it')).toBe(JSON.stringify(n));
      expect(encodeArguments([n])).toBe(JSON.stringify([n]));
      expect(decode(JSON.stringify(n))).toBe(n);
      expect(decode(JSON.stringify([n]))).toStrictEqual([n]);
    }),
  );
});

test.each(['[', '[]', '[1', '1]', '[1,2]', '01', '[01]', '[ 1]', '-', '1e2', '""', ']'])(
  'the text %s is what JSON says of it',
  (text) => {
    let said: unknown;
    try {
      said = JSON.parse(text);
    } catch {
      expect(() => decode(text)).toThrow(SyntaxError);
      return;
    }
    expect(decode(text)).toStrictEqual(said);
  },
);

test('a field that is undefined is left out, and nothing at all is nothing', () => {
  expect(decode(encode({ a: 1, b: undefined }, 'it'))).toStrictEqual({ a: 1 });
  expect(decode(encode(undefined, 'it'))).toBeUndefined();
});

const storable = fc.letrec<{ value: unknown }>((tie) => ({
  value: fc.oneof(
    { depthSize: 'small' },
    fc.string(),
    fc.double({ noNaN: true, noDefaultInfinity: true }),
    fc.integer(),
    fc.bigInt(),
    fc.boolean(),
    fc.constant(null),
    fc.date({ noInvalidDate: true }),
    fc.uint8Array(),
    fc.array(tie('value')),
    fc.dictionary(fc.oneof(fc.string(), fc.constant('__type__')), tie('value')),
  ),
})).value;

test('whatever the codec takes comes back equal, and an encoded list can be taken apart', () => {
  fc.assert(
    fc.property(fc.array(storable), (list) => {
      const text = encodeArguments(list);
      expect(decode(text)).toStrictEqual(normal(list));
      expect((elementsOf(text) ?? []).map(decode)).toStrictEqual(normal(list));
    }),
    { numRuns: 300 },
  );
});

/** Dictionaries of fast-check have no prototype; what comes back is plain. */
function normal(value: unknown): never {
  if (Array.isArray(value)) return value.map(normal) as never;
  if (typeof value !== 'object' || value === null) return value as never;
  if (value instanceof Date || value instanceof Uint8Array) return value as never;
  const plain = {};
  for (const [key, field] of Object.entries(value))
    Object.defineProperty(plain, key, {
      value: normal(field),
      enumerable: true,
      writable: true,
      configurable: true,
    });
  return plain as never;
}
