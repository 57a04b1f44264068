/** What can be an argument of a portable body; that this file compiles is its test. */

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
import { expectTypeOf } from 'vitest';

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

/** They keep their types, and that of the messages. */
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
