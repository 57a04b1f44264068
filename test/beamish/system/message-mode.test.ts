/** Messages that are frozen or copied on their way: whatever carries them, and whatever is in them. */

import {
  type Actor,
  ActorSystem,
  agent,
  CallFailed,
  child,
  dynamicSupervisor,
  getChildSpec,
  getState,
  type Message,
  name,
  type Pid,
  type Registry,
  type ReplyTo,
  type Self,
  server,
  startChild,
  supervisor,
  via,
} from 'beamish';
import { type TestSystem, testSystem } from 'beamish/testing';
import { reserveTags } from 'beamish/transport';
import { describe, expect, test } from 'vitest';
import { idler } from '../../support/recorder.ts';
import { answer } from '../../support/supervised.ts';

interface Data {
  n: number;
  inner: { list: number[] };
}

const data = (): Data => ({ n: 1, inner: { list: [1] } });

/** Keeps what it gets; `give` answers with what it keeps. */
const keeper = server(() => {
  const kept: Data[] = [];
  return {
    call: { keep: (it: Data) => void kept.push(it), give: () => kept[0] as Data },
    cast: { put: (it: Data) => void kept.push(it) },
    state: { get: () => kept },
  };
});

interface Asked extends Message {
  readonly tag: '$price' | 'price';
  readonly what: Data;
  readonly replyTo: ReplyTo<Data>;
}

function* echo(self: Self<Asked>): Actor {
  for (;;) {
    const { what, replyTo } = yield* self.receive('$price', 'price');
    self.send(replyTo, what);
  }
}

/** Is started with a function. */
function* taker(self: Self, _run: () => void): Actor {
  yield* self.receive('DOWN');
}

async function keptBy(system: TestSystem, pid: Pid<never>): Promise<Data> {
  return ((await answer(system, getState(system, pid))) as Data[])[0] as Data;
}

/** Every way in which data goes from one to another; each returns what was sent, and what came. */
const WAYS: Readonly<Record<string, (system: TestSystem) => Promise<[Data, Data]>>> = {
  async 'the arguments of a call'(system) {
    const [pid, sent] = [system.spawn(keeper), data()];
    await answer(system, system.call(pid, 'keep', sent));
    return [sent, await keptBy(system, pid)];
  },
  async 'the arguments of a cast'(system) {
    const [pid, sent] = [system.spawn(keeper), data()];
    system.cast(pid, 'put', sent);
    await system.settle();
    return [sent, await keptBy(system, pid)];
  },
  async "the reply of a server's handler"(system) {
    const pid = system.spawn(keeper);
    await answer(system, system.call(pid, 'keep', data()));
    const got = await answer(system, system.call(pid, 'give'));
    return [await keptBy(system, pid), got];
  },
  async 'a question with a tag, and its reply'(system) {
    const sent = data();
    const asked = system.call(system.spawn(echo), {
      tag: 'price',
      what: sent,
    }) as PromiseLike<Data>;
    return [sent, await answer(system, asked)];
  },
  async 'a question whose tag begins with $, and its reply'(system) {
    const sent = data();
    const asked = system.call(system.spawn(echo), {
      tag: '$price',
      what: sent,
    }) as PromiseLike<Data>;
    return [sent, await answer(system, asked)];
  },
  async 'a message whose tag begins with $'(system) {
    const [sent, got]: [Data, Data[]] = [data(), []];
    const pid = system.spawn(function* (self: Self<{ tag: '$note'; it: Data }>): Actor {
      got.push((yield* self.receive('$note')).it);
    });
    system.send(pid, { tag: '$note', it: sent });
    await system.settle();
    return [sent, got[0] as Data];
  },
};

describe.each(Object.keys(WAYS))('%s:', (way) => {
  const goes = WAYS[way] as (typeof WAYS)[string];

  test('with messages: clone the receiver has its own', async () => {
    const [sent, got] = await goes(testSystem({ messages: 'clone' }));
    expect(got).toEqual(data());
    expect(got).not.toBe(sent);
    expect(got.inner.list).not.toBe(sent.inner.list);
  });

  test('with messages: freeze nobody can change it', async () => {
    const [sent, got] = await goes(testSystem({ messages: 'freeze' }));
    expect(got).toBe(sent);
    expect(Object.isFrozen(got.inner.list)).toBe(true);
  });

  test('with messages: share it is the very same', async () => {
    const [sent, got] = await goes(testSystem({ messages: 'share' }));
    expect(got).toBe(sent);
    expect(Object.isFrozen(got)).toBe(false);
  });
});

/** What an actor gets when this is sent to it. */
async function received(messages: 'freeze' | 'clone', it: unknown): Promise<unknown> {
  const system = testSystem({ messages });
  const got: unknown[] = [];
  const pid = system.spawn(function* (self: Self<{ tag: 'm'; it: unknown }>): Actor {
    got.push((yield* self.receive('m')).it);
  });
  system.send(pid, { tag: 'm', it });
  await system.settle();
  return got[0];
}

describe('a copy', () => {
  test('keeps a field called __proto__ a field', async () => {
    const it = JSON.parse('{"user":"eve","__proto__":{"isAdmin":true}}');
    const got = (await received('clone', it)) as { isAdmin?: boolean };
    expect(got.isAdmin).toBeUndefined();
    expect(Object.entries(got)).toEqual(Object.entries(it));
  });

  test('keeps circles, and what occurs twice one', async () => {
    const shared = { n: 1 };
    const it: Record<string, unknown> = { a: shared, b: [shared], m: new Map([[shared, 1]]) };
    it['self'] = it;
    const got = (await received('clone', it)) as typeof it;
    expect(got['self']).toBe(got);
    expect((got['b'] as unknown[])[0]).toBe(got['a']);
    expect((got['m'] as Map<unknown, unknown>).get(got['a'])).toBe(1);
    expect(got['a']).not.toBe(shared);
  });

  test('of an error is an error of its class, with its fields and its cause', async () => {
    class Refused extends Error {
      code = 'E_REFUSED';
    }
    const it = new Refused('no', { cause: { list: [1] } });
    const got = (await received('clone', it)) as Refused;
    expect(got).toBeInstanceOf(Refused);
    expect(got).not.toBe(it);
    expect(got).toMatchObject({ message: 'no', code: 'E_REFUSED', cause: { list: [1] } });
    expect(got.cause).not.toBe(it.cause);
    expect(got.stack).toBe(it.stack);
    expect(Object.keys(got)).toEqual(['code']);
  });

  test('of dates, patterns and bytes is one of its kind', async () => {
    const it = { at: new Date(0), like: /a/g, bytes: new Uint8Array([1, 2]), set: new Set([1]) };
    const got = (await received('clone', it)) as typeof it;
    expect(got).toEqual(it);
    expect(got.bytes.buffer).not.toBe(it.bytes.buffer);
  });

  test('of an instance of a class is refused in the sender, with its place', async () => {
    class Point {
      x = 1;
    }
    const refused = (it: unknown): Promise<unknown> => received('clone', it);
    await expect(refused({ list: [0, new Point()] })).rejects.toThrow(
      new TypeError('Cannot copy a message: message.it.list[1] is an instance of Point'),
    );
    await expect(refused(new Map([[1, new Set([() => {}])]]))).rejects.toThrow(
      'Cannot copy a message: message.it.get(…) item is a function',
    );
    await expect(refused(new Error('x', { cause: Symbol('s') }))).rejects.toThrow(
      'Cannot copy a message: message.it.cause is a symbol',
    );
  });

  test('that a server cannot make of its reply is the end of the server, and its caller hears why', async () => {
    const system = testSystem({ messages: 'clone' });
    const pid = system.spawn(server(() => ({ call: { get: () => ({ run: () => {} }) } })));
    const failure = await answer(
      system,
      Promise.resolve(system.call(pid, 'get')).catch((error: unknown) => error),
    );
    expect(failure).toBeInstanceOf(CallFailed);
    expect((failure as CallFailed).reason).toMatchObject({
      message: 'Cannot copy a message: message.run is a function',
    });
  });
});

describe.each(['freeze', 'clone'] as const)('messages: %s', (messages) => {
  test.each([
    ['objects', (inner: unknown) => ({ inner })],
    ['lists', (inner: unknown) => [inner]],
    ['maps', (inner: unknown) => new Map([[1, inner]])],
    // Without a stack, which takes long to read.
    ['errors', (cause: unknown) => Object.assign(Object.create(Error.prototype), { cause })],
  ])('holds at any depth: %s', async (_, around) => {
    let it: unknown = 'end';
    for (let i = 0; i < 20_000; i++) it = around(it);
    expect(await received(messages, it)).toBeDefined();
  });

  test('supervisors, agents and tools go on with what they pass among themselves', async () => {
    const system = testSystem({ messages });
    const children = [child('a', keeper)];
    const top = await answer(system, system.start(supervisor({ children })));
    expect(await answer(system, getChildSpec(system, top, 'a'))).toMatchObject({ ok: true });
    const pool = await answer(system, system.start(dynamicSupervisor()));
    const started = await answer(
      system,
      startChild(
        system,
        pool,
        child('b', taker, () => {}),
      ),
    );
    expect(started).toMatchObject({ ok: true });
    const hits = system.spawn(agent(() => ({ n: 0, run: () => {} })));
    agent.cast(system, hits, ({ n, run }) => ({ n: n + 1, run }));
    expect(
      await answer(
        system,
        agent.get(system, hits, ({ n }) => n),
      ),
    ).toBe(1);
    expect(system.told('crash')).toEqual([]);
  });

  test('a tag that a package has reserved passes as it is', async () => {
    reserveTags('$test_reserved');
    const system = testSystem({ messages });
    const got: unknown[] = [];
    const pid = system.spawn(function* (self: Self): Actor {
      got.push(yield* self.receive());
    });
    const message = { tag: '$test_reserved', run: () => {} };
    system.send(pid as Pid<never> as Pid<Message>, message);
    await system.settle();
    expect(got[0]).toBe(message);
    expect(Object.isFrozen(message)).toBe(false);
  });
});

test('nothing of the runtime is frozen with a message, nor what guards its own state', async () => {
  class Socket {
    readonly buffers = { list: [1] };
  }
  const system = testSystem({ messages: 'freeze' });
  const outer = new ActorSystem({ log: 'off' });
  const socket = new Socket();
  const seen: unknown[] = [];
  const pid = system.spawn(function* (self: Self<{ tag: 'm'; it: unknown }>): Actor {
    const it = { self, outer, events: outer.events, spec: child('x', keeper), socket, bytes };
    self.send(self.pid, { tag: 'm', it });
    seen.push(it, (yield* self.receive('m')).it);
  });
  const bytes = new Uint8Array(1);
  await system.settle();
  expect(seen[0]).toBe(seen[1]);
  expect(Object.isFrozen(seen[0])).toBe(true);
  for (const each of [outer, outer.events, socket, socket.buffers])
    expect(Object.isFrozen(each)).toBe(false);
  outer.events.on('crash', () => {});
  await outer.shutdown();
  expect(system.reasonOf(pid)).toBe('normal');
});

test.each(['freeze', 'clone'] as const)(
  'messages: %s leaves addresses what they are',
  async (messages) => {
    const system = testSystem({ messages });
    const R = name<Registry<string>>('r');
    const it = [
      system.root,
      name('a'),
      name('a', 'b'),
      via(R, 'k'),
      system.sendAfter(1e9, system.spawn(idler) as never, { tag: 'x' } as never),
    ];
    const got = (await received(messages, it)) as unknown[];
    expect(got).toHaveLength(it.length);
    for (const [i, each] of got.entries()) expect(each).toBe(it[i]);
  },
);

test('a message of a class is frozen itself', () => {
  class Add {
    readonly tag = 'add';
    n = 1;
  }
  const system = testSystem({ messages: 'freeze' });
  const message = new Add();
  system.send(system.spawn(idler) as Pid<never> as Pid<Message>, message);
  expect(Object.isFrozen(message)).toBe(true);
});
