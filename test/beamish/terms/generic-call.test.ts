/** That `call` can be used where types are parameters: what compiles here needs no cast. */

import {
  type Actor,
  type Answer,
  type CallArgs,
  type Caller,
  type Context,
  type HandlerName,
  type Message,
  type Protocol,
  type ReplyTo,
  type Self,
  type ServerAddress,
  server,
  type Target,
} from 'beamish';
import { testSystem } from 'beamish/testing';
import { expect, test } from 'vitest';

interface Ask<T> extends Message {
  readonly tag: 'ask';
  readonly replyTo: ReplyTo<T>;
}

interface Getter<T> extends Protocol {
  readonly call: { get(key: string): T };
  readonly cast: object;
}

function* asking<T>(self: Context, to: Target<Ask<T>>): Actor<T> {
  return yield* self.call(to, { tag: 'ask' });
}

function* getting<T>(self: Context, to: ServerAddress<Getter<T>>): Actor<T> {
  return yield* self.call(to, 'get', 'key');
}

function* calling<N extends Message, const Q extends HandlerName<N>>(
  self: Context,
  to: Target<N>,
  name: Q,
  ...args: CallArgs<N, Q>
): Actor<Answer<N, Q>> {
  return yield* self.call(to, name, ...args);
}

function askedBy<T>(by: Caller, to: Target<Ask<T>>): PromiseLike<T> {
  return by.call(to, { tag: 'ask' });
}

function* one(self: Self<Ask<1>>): Actor {
  for (;;) self.send((yield* self.receive('ask')).replyTo, 1);
}

const keys = server(() => ({ call: { get: (key: string) => key.length } }));

test('a helper asks with a message, or a server by name, whatever the type of the answer', async () => {
  const system = testSystem();
  const answers = system.run(function* (self: Self): Actor<readonly number[]> {
    const asked = self.spawn(one);
    const served = self.spawn(keys);
    return [
      yield* asking(self, asked),
      yield* getting(self, served),
      yield* calling(self, served, 'get', 'longer'),
    ];
  });
  await system.settle();
  expect(await answers).toEqual([1, 3, 6]);
});

test('one helper serves an actor and the outside alike', async () => {
  const system = testSystem();
  const answer = askedBy(system, system.spawn(one));
  await system.settle();
  expect(await answer).toBe(1);
});
