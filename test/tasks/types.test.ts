/** CAN-01: which canvases compile, and what they result in. Only the compiler runs these. */

import {
  type Complete,
  chain,
  defineTask,
  each,
  group,
  type Signature,
  spread,
  type TaskHandle,
  type TaskOutcome,
  type Tasks,
} from '@beamish/tasks';
import { expect, expectTypeOf, test } from 'vitest';

const crunch = defineTask('crunch', (_self, file: string): string[] => [file]);
const count = defineTask('count', (_self, xs: readonly string[]): number => xs.length);
const add = defineTask('add', (_self, a: number, b: number): number => a + b);
const spam = defineTask('spam', (_self, _to: string): void => {});
const sum = defineTask('sum', (_self, xs: readonly number[]): number => xs.length);
const nothing = defineTask('nothing', (): bigint => 1n);
const pairs = defineTask('pairs', (): [number, number][] => [[1, 2]]);
const files: readonly string[] = ['a', 'b'];

test('CAN-01: what compiles results in what it should', () => {
  expectTypeOf(chain(crunch.s('a'), count)).toEqualTypeOf<Complete<number>>();
  expectTypeOf(chain(crunch, count)).toEqualTypeOf<Signature<string, number>>();
  expectTypeOf(chain(crunch.s('a'), each(spam), nothing.s())).toEqualTypeOf<Complete<bigint>>();
  expectTypeOf(chain(crunch.s('a'), count, add.after(5))).toEqualTypeOf<Complete<number>>();
  expectTypeOf(group([crunch.s('a'), add.s(1, 2)])).toEqualTypeOf<Complete<[string[], number]>>();
  expectTypeOf(group(files.map((f) => crunch.s(f)))).toEqualTypeOf<Complete<string[][]>>();
  expectTypeOf(group([crunch, nothing.s()])).toEqualTypeOf<Signature<string, [string[], bigint]>>();
  expectTypeOf(group([crunch.s('a'), add.s(1, 2)], { onFailure: 'settle' })).toEqualTypeOf<
    Complete<[TaskOutcome<string[]>, TaskOutcome<number>]>
  >();
  expectTypeOf(chain(group([1, 2].map((n) => add.s(n, n))), sum)).toEqualTypeOf<Complete<number>>();
  expectTypeOf(chain(pairs.s(), each(spread(add)), sum)).toEqualTypeOf<Complete<number>>();
  expect(true).toBe(true);
});

test('CAN-01: what does not fit is refused at the step', () => {
  // The compiler has checked it; it is never called.
  expectTypeOf(refused).returns.toBeArray();
  expect(refused).toBeTypeOf('function');
});

declare const app: Tasks;
declare const handle: TaskHandle<number>;

/** Never called: what it says must not compile. */
function refused(): unknown[] {
  return [
    // @ts-expect-error a number is no list of strings
    chain(add.s(1, 2), count),
    // @ts-expect-error a list of strings is no string
    chain(crunch.s('a'), spam, nothing.s()),
    // @ts-expect-error an argument is missing
    add.s(1),
    // @ts-expect-error two arguments
    chain(add.s(1, 2), add),
    // @ts-expect-error it lacks its argument
    app.submit(crunch),
    // @ts-expect-error it lacks its first argument
    app.submit(chain(crunch, count)),
    // @ts-expect-error a number is no list
    chain(add.s(1, 2), each(spam)),
    // @ts-expect-error a function cannot be stored
    defineTask('x', (_self, f: () => void) => f.length),
    // @ts-expect-error a Map cannot be stored
    defineTask('x', () => new Map<string, number>()),
    // @ts-expect-error a handle is no promise
    handle.then(() => 1),
    // @ts-expect-error at most 9
    app.submit(add.s(1, 2), { priority: 10 }),
    // @ts-expect-error a delay or a moment
    app.submit(add.s(1, 2), { delayMs: 1, at: new Date() }),
    // @ts-expect-error no argument at all: it says to use s, after or spread
    chain(add.s(1, 2), nothing),
  ];
}
