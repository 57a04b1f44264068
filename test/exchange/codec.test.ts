/** How messages become bytes and come back, and what is refused on the way. */

import { bytes, json, queue, text } from '@beamish/exchange';
import { checkHeaders, decodeBy, equalHeaders } from '@beamish/exchange/engine';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { property } from '../support/property.ts';

property(
  'what json takes comes back equal',
  fc.asyncProperty(fc.jsonValue({ noUnicodeString: false }), async (value) => {
    let encoded: Uint8Array;
    try {
      encoded = json.encode(value);
    } catch (error) {
      // Only for what JSON itself would change.
      expect(error).toBeInstanceOf(TypeError);
      expect(JSON.stringify(value)).toMatch(/-0|\\ud[89a-f]|__proto__|:0|^0|\[0|,0/);
      return;
    }
    expect(json.decode(encoded)).toEqual(value);
  }),
);

test.each([
  [{ a: 1n }, 'message.a'],
  [{ a: [new Date(0)] }, 'message.a[0]'],
  [new Map(), 'message'],
  [{ set: new Set() }, 'message.set'],
  [Number.NaN, 'message'],
  [{ n: -0 }, 'message.n'],
  [{ f: () => 1 }, 'message.f'],
  [new (class Point {})(), 'message'],
  [JSON.parse('{"__proto__": 1}'), 'message.__proto__'],
  [undefined, 'message'],
  [{ s: '\ud800' }, 'message.s'],
  [new Uint8Array(1), 'message'],
])('json refuses %s with its place', (value, place) => {
  expect(() => json.encode(value)).toThrow(TypeError);
  expect(() => json.encode(value)).toThrow(`Cannot encode ${place} as JSON`);
});

test('json refuses what contains itself, and takes the same object twice', () => {
  const loop: Record<string, unknown> = {};
  loop['self'] = loop;
  expect(() => json.encode(loop)).toThrow('an object that contains itself');
  const shared = { n: 1 };
  expect(json.decode(json.encode([shared, shared]))).toEqual([shared, shared]);
});

test('json drops undefined properties, and refuses __proto__ when it decodes', () => {
  expect(json.decode(json.encode({ a: undefined, b: 1 }))).toEqual({ b: 1 });
  const evil = new TextEncoder().encode('{"a": {"__proto__": {"x": 1}}}');
  const escaped = new TextEncoder().encode('{"a": {"\\u005f_proto_\\u005F": {"x": 1}}}');
  expect(() => json.decode(escaped)).toThrow(TypeError);
  expect(() => json.decode(evil)).toThrow(TypeError);
});

test('bytes and text take what they are of, and nothing else', () => {
  expect(bytes.decode(bytes.encode(new Uint8Array([0, 255])))).toEqual(new Uint8Array([0, 255]));
  expect(text.decode(text.encode('é\u{1f600}'))).toBe('é\u{1f600}');
  expect(() => bytes.encode('x' as never)).toThrow(TypeError);
  expect(() => text.encode(1 as never)).toThrow(TypeError);
  expect(() => text.encode('\udc00')).toThrow(TypeError);
  expect(() => text.decode(new Uint8Array([255]))).toThrow(TypeError);
});

test('a message is read by its content type: with the queue’s own codec, or one that everybody knows', () => {
  const own = {
    contentType: 'application/json',
    encode: () => new Uint8Array(),
    decode: () => 'own',
  };
  expect(decodeBy('application/json', json.encode(1), own)).toBe('own');
  expect(decodeBy('application/json; charset=utf-8', json.encode(1), undefined)).toBe(1);
  expect(decodeBy('text/plain', text.encode('x'), own)).toBe('x');
  expect(() => decodeBy('image/png', new Uint8Array(), own)).toThrow('image/png');
});

test('headers hold what AMQP’s tables hold, at most 64 KiB of it', () => {
  expect(() => checkHeaders({ n: Number.NaN }, 'publish')).toThrow('headers.n');
  expect(() => checkHeaders({ a: [{ f: (() => 1) as never }] }, 'publish')).toThrow(
    'headers.a[0].f',
  );
  expect(() => checkHeaders({ n: 2n ** 63n }, 'publish')).toThrow(RangeError);
  expect(() => checkHeaders({ s: 'x'.repeat(70_000) }, 'publish')).toThrow(RangeError);
  checkHeaders(
    { n: 2n ** 63n - 1n, d: new Date(0), b: new Uint8Array(3), t: { l: [null] } },
    'publish',
  );
});

test('headers are equal by type and content', () => {
  expect(equalHeaders(new Date(1), new Date(1))).toBe(true);
  expect(equalHeaders(new Uint8Array([1]), new Uint8Array([1]))).toBe(true);
  expect(equalHeaders({ a: [1] }, { a: [1] })).toBe(true);
  for (const [a, b] of [
    [1, '1'],
    [1, true],
    [1n, 1],
    [null, 0],
    [[1], { 0: 1 }],
    [new Date(1), 1],
    [{ a: 1 }, { a: 1, b: 2 }],
  ] as const)
    expect(equalHeaders(a as never, b as never)).toBe(false);
});

test('a codec that lacks something is a TypeError where the token is made', () => {
  expect(() => queue('q', { codec: { contentType: 'x' } as never })).toThrow(TypeError);
});
