/** What the compiler sees of what cannot cross; that this file compiles is the test. */

import {
  type Actor,
  type Name,
  type Pid,
  type PidOf,
  portable,
  type Ref,
  type ReplyTo,
  type Self,
  type ServerSelf,
  server,
} from 'beamish';
import { expectTypeOf, test } from 'vitest';

interface Job {
  readonly tag: 'job';
  readonly n: number;
}

interface Tree {
  readonly left: Tree | undefined;
  readonly right?: Tree;
  readonly value: bigint;
}

/** As a body that takes these arguments; nothing runs it. */
function taking<A extends unknown[]>(): (self: Self<Job>, ...args: A) => Actor {
  return function* body(): Actor {};
}

class Point {
  readonly x = 1;
  length(): number {
    return this.x;
  }
}

test('portable accepts arguments that can cross, and keeps their types and that of the messages', () => {
  const body = portable(
    import.meta,
    'body',
    function* body(self: Self<Job>, count: number, name?: string): Actor<string> {
      yield* self.receive('job');
      return `${count} ${name}`;
    },
  );
  expectTypeOf<PidOf<typeof body>>().toEqualTypeOf<Pid<Job>>();
  expectTypeOf<Parameters<typeof body.body>[1]>().toEqualTypeOf<number>();
  expectTypeOf<Parameters<typeof body.body>[2]>().toEqualTypeOf<string | undefined>();
  const counter = portable(
    import.meta,
    'counter',
    server((_: ServerSelf, start: number) => ({ call: { get: () => start } })),
  );
  expectTypeOf<Parameters<typeof counter.body>[1]>().toEqualTypeOf<number>();

  portable(import.meta, 'x', taking<[]>());
  portable(import.meta, 'x', taking<[Pid<Job>, Name<Job>, ReplyTo<Job>, Ref]>());
  portable(import.meta, 'x', taking<[Map<string, Set<Date>>, Uint8Array, Error, unknown]>());
  portable(import.meta, 'x', taking<[Tree, readonly Job[], Record<string, unknown>, object]>());
  portable(import.meta, 'x', taking<[SharedArrayBuffer, [number, string][], 'a' | 1 | null]>());
  portable(import.meta, 'x', taking<[Job, ...number[]]>());
});

test('portable refuses functions, symbols and what has methods, and says where they are', () => {
  // @ts-expect-error argument 1 is a function
  portable(import.meta, 'x', taking<[() => void]>());
  // @ts-expect-error argument 2.onDone is a function
  portable(import.meta, 'x', taking<[number, { readonly onDone: (n: number) => void }]>());
  // @ts-expect-error argument 1.onDone is a function
  portable(import.meta, 'x', taking<[{ readonly onDone?: () => void }]>());
  // @ts-expect-error argument 1.jobs[…].run is a function
  portable(import.meta, 'x', taking<[{ readonly jobs: readonly { run(): void }[] }]>());
  // @ts-expect-error argument 1.get(…) is a function
  portable(import.meta, 'x', taking<[Map<string, () => void>]>());
  // @ts-expect-error an item of argument 1 is a symbol
  portable(import.meta, 'x', taking<[Set<symbol>]>());
  // @ts-expect-error argument 1.length is a function
  portable(import.meta, 'x', taking<[Point]>());
  // @ts-expect-error argument 1 is a function
  portable(import.meta, 'x', taking<[typeof Point]>());
  // @ts-expect-error argument 2 is a function
  portable(import.meta, 'x', taking<[number, (() => void)?]>());
  // @ts-expect-error argument 2 is a function
  portable(import.meta, 'x', taking<[number | string, string | (() => void)]>());
  // @ts-expect-error an argument is a function
  portable(import.meta, 'x', taking<(() => void)[]>());
  // @ts-expect-error argument 2 is a function, in a body written here
  portable(import.meta, 'x', function* x(self: Self<Job>, n: number, done: () => void): Actor {
    yield* self.sleep(n);
    done();
  });
});
