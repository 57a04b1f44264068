/** What the compiler makes of servers: the types of `info` follow from `self`, whatever stands beside them. */

import { type Exit, type Pid, type PidOf, type ServerSelf, server } from 'beamish';
import { expect, expectTypeOf, test } from 'vitest';

interface Note {
  readonly tag: 'note';
  readonly what: number;
}
interface Expire {
  readonly tag: 'expire';
  readonly key: string;
}

test('messages are typed by their tags, beside calls and casts of all kinds', () => {
  const alone = server((_: ServerSelf<Note>) => ({
    info: { note: (m) => expectTypeOf(m).toEqualTypeOf<Note>() },
  }));
  const called = server((_: ServerSelf<Note>) => ({
    call: { get: (k: string) => k },
    info: { note: (m) => expectTypeOf(m).toEqualTypeOf<Note>() },
  }));
  const both = server((_: ServerSelf<Note | Expire>, ttl: number) => ({
    call: { get: (k: string) => k + ttl },
    cast: { put: (_k: string) => {} },
    info: {
      expire: ({ key }) => expectTypeOf(key).toEqualTypeOf<string>(),
      EXIT: (m) => expectTypeOf(m).toEqualTypeOf<Exit>(),
    },
  }));
  const steps = server(function* (self: ServerSelf<Note>) {
    yield* self.sleep(1);
    return {
      call: { get: () => 1 },
      info: { note: ({ what }) => expectTypeOf(what).toEqualTypeOf<number>() },
    };
  });
  const later = server(async (_: ServerSelf<Note>) => ({
    call: { get: () => 1 },
    info: { note: async ({ what }) => expectTypeOf(what).toEqualTypeOf<number>() },
  }));
  expect([alone, called, both, steps, later]).toHaveLength(5);
  expectTypeOf<PidOf<typeof called>>().toExtend<Pid<Note>>();
});

test('a tag that none of its messages has does not compile', () => {
  // @ts-expect-error a misspelt tag
  const a = server((_: ServerSelf<Note>) => ({ call: { get: () => 1 }, info: { nota: () => {} } }));
  const b = server((_: ServerSelf<Note>) => ({
    call: { get: () => 1 },
    // @ts-expect-error a message has no such field
    info: { note: (m) => m.nothing },
  }));
  const c = server(
    // @ts-expect-error a misspelt tag beside one that is right
    (_: ServerSelf<Note>) => ({ call: { get: () => 1 }, info: { note: () => {}, nota: () => {} } }),
  );
  expect([a, b, c]).toHaveLength(3);
});
