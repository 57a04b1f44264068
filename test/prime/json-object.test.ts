/** JSON whose numbers keep their digits, and what is no question. */

import fc from 'fast-check';
import { expect, test } from 'vitest';
import { Refused } from '../../examples/http/src/index.ts';
import { BadJson, fieldsOf, jsonOf } from '../../examples/prime/src/json-object.ts';
import { taskFor } from '../../examples/prime/src/question.ts';
import * as work from '../../examples/prime/src/work.ts';

test('fields are given as they are written, the last of those of one name', () => {
  const fields = fieldsOf(
    ' {"number": 2305843009213693951, "a": [1, {"b": "\\u0061"}], "number": "7"} ',
  );
  expect([...fields]).toEqual([
    ['number', '"7"'],
    ['a', '[1, {"b": "\\u0061"}]'],
  ]);
});

test('whatever JSON.stringify writes of an object is read as it was', () => {
  fc.assert(
    fc.property(fc.dictionary(fc.string(), fc.jsonValue()), (made) => {
      const object = JSON.parse(JSON.stringify(made)) as object; // without −0
      const read = [...fieldsOf(JSON.stringify(object))];
      expect(read.map(([name, source]) => [name, JSON.parse(source)])).toEqual(
        Object.entries(object),
      );
    }),
    { seed: 1 },
  );
});

test('whatever JSON.parse refuses is refused, and nothing else', () => {
  const pieces = fc.constantFrom(
    '{',
    '}',
    '[',
    ']',
    ':',
    ',',
    '"a"',
    '"',
    '1',
    '-',
    '0',
    '.5',
    'e',
    'true',
    ' ',
    '\\',
  );
  fc.assert(
    fc.property(fc.array(pieces, { maxLength: 12 }), (parts) => {
      const text = parts.join('');
      let isObject: boolean;
      try {
        const value: unknown = JSON.parse(text);
        isObject = typeof value === 'object' && value !== null && !Array.isArray(value);
      } catch {
        isObject = false;
      }
      const read = (): boolean => {
        try {
          fieldsOf(text);
          return true;
        } catch (error) {
          expect(error).toBeInstanceOf(BadJson);
          return false;
        }
      };
      expect(read()).toBe(isObject);
    }),
    { seed: 1, numRuns: 2000 },
  );
});

test('bigints are written digit by digit, and what is undefined is not', () => {
  const value = { number: 2n ** 89n - 1n, is_prime: true, none: undefined, list: [1n, 'a"'] };
  expect(jsonOf(value)).toBe(
    '{"number":618970019642690137449562111,"is_prime":true,"list":[1,"a\\""]}',
  );
});

const fault = (body: string): unknown => {
  try {
    taskFor(body, work);
    return undefined;
  } catch (error) {
    if (!(error instanceof Refused)) throw error;
    return [error.status, error.code, error.message];
  }
};

test.each([
  ['', 'it ends at byte 0'],
  ['{"number": 1', 'it ends at byte 12'],
  ['{"é": x}', 'unexpected "x" at byte 7'],
  ['[11]', 'it is another value'],
  ['null', 'it is another value'],
  ['{"number": 1} 2', 'unexpected "2" at byte 14'],
  [`{"a":${'['.repeat(10_000)}`, 'it is nested more than 100 deep'],
])('PRM-01: %j is no JSON object', (body, why) => {
  expect(fault(body)).toEqual([400, 'bad_json', `The body is not a JSON object: ${why}`]);
});

test.each(['11.5', '11.0', '1e3', '"0x11"', '"abc"', '""', 'true', '[11]', '"1 1"', '"--1"'])(
  'PRM-01: %s is no whole number',
  (source) => {
    expect(fault(`{"number": ${source}}`)).toEqual([
      400,
      'not_an_integer',
      `Not a whole number: ${source}`,
    ]);
  },
);

test('PRM-01: NaN is no JSON, no number is missing, and what is long is quoted in part', () => {
  expect(fault('{"number": NaN}')).toEqual([
    400,
    'bad_json',
    'The body is not a JSON object: unexpected "N" at byte 11',
  ]);
  expect(fault('{"numbers": 11}')).toEqual([
    400,
    'missing_number',
    'Give a number: {"number": 11}',
  ]);
  const [, , message] = fault(`{"number": "${'x'.repeat(100)}"}`) as [number, string, string];
  expect(message).toBe(`Not a whole number: "${'x'.repeat(38)}…`);
});

test.each([
  ['" 11 "', '11'],
  ['"+11"', '11'],
  ['"-7"', '-7'],
  ['-7', '-7'],
  ['0', '0'],
  ['"-0"', '0'],
  ['"007"', '7'],
  ['2305843009213693951', '2305843009213693951'],
])('PRM-01: %s is taken, and is %s', (source, digits) => {
  expect(taskFor(`{"number": ${source}}`, work)).toMatchObject({ args: [digits] });
});

test('PRM-01: a thousand digits are taken, and one more is not', () => {
  expect(fault(`{"number": ${'9'.repeat(1000)}}`)).toBeUndefined();
  expect(fault(`{"number": ${'9'.repeat(1001)}}`)).toEqual([
    413,
    'too_large',
    'At most 1,000 digits',
  ]);
});

test('PRM-01: trial division goes up to 2^64, and there is no third method', () => {
  expect(fault('{"number": 18446744073709551616, "method": "trial"}')).toBeUndefined();
  expect(fault('{"number": 18446744073709551617, "method": "trial"}')).toEqual([
    400,
    'too_large',
    'Trial division only up to 2^64',
  ]);
  expect(fault('{"number": 7, "method": "guess"}')).toEqual([
    400,
    'bad_method',
    'No such method: "guess"; there is "auto" and "trial"',
  ]);
});
