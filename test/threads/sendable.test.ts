/** What the compiler says of arguments that cannot cross to another thread. */

import { beforeAll, expect, test } from 'vitest';
import { type Diagnostic, diagnosticsOf } from '../support/compiler.ts';

const PREAMBLE = `
import { type Actor, portable, type Self } from 'beamish';
function taking<A extends unknown[]>(): (self: Self, ...args: A) => Actor {
  return function* body(): Actor {};
}
class Point {
  readonly x = 1;
  length(): number {
    return this.x;
  }
}
`;

const REFUSED: readonly (readonly [what: string, body: string])[] = [
  ['argument 1 is a function', 'taking<[() => void]>()'],
  [
    'argument 2.onDone is a function',
    'taking<[number, { readonly onDone: (n: number) => void }]>()',
  ],
  ['argument 1.onDone is a function', 'taking<[{ readonly onDone?: () => void }]>()'],
  [
    'argument 1.jobs[...].run is a function',
    'taking<[{ readonly jobs: readonly { run(): void }[] }]>()',
  ],
  ['argument 1.get(...) is a function', 'taking<[Map<string, () => void>]>()'],
  ['an item of argument 1 is a symbol', 'taking<[Set<symbol>]>()'],
  ['argument 1.length is a function', 'taking<[Point]>()'],
  ['argument 1 is a function', 'taking<[typeof Point]>()'],
  ['argument 2 is a function', 'taking<[number, (() => void)?]>()'],
  ['argument 2 is a function', 'taking<[number | string, string | (() => void)]>()'],
  ['an argument is a function', 'taking<(() => void)[]>()'],
  [
    'argument 2 is a function',
    'function* x(self: Self, n: number, done: () => void): Actor { done(); }',
  ],
];

let diagnostics: readonly Diagnostic[];
beforeAll(async () => {
  const lines = REFUSED.map(([, body]) => `portable(import.meta, 'x', ${body});`);
  diagnostics = await diagnosticsOf(PREAMBLE + lines.join('\n'));
});

test.each(REFUSED)('portable refuses, since %s: %s', (what, body) => {
  const line = PREAMBLE.split('\n').length + REFUSED.findIndex((each) => each[1] === body);
  const said = diagnostics.filter((each) => each.line === line);
  expect(said.map(({ message }) => message)).toEqual([expect.stringContaining(what)]);
});

test('portable refuses nothing else there', () => {
  expect(diagnostics).toHaveLength(REFUSED.length);
});
