/** AbortSignals of the platform, which end actors and waits. */

import { type Actor, configure, type ReplyTo, type Self, server } from 'beamish';
import { testSystem } from 'beamish/testing';
import { expect, test } from 'vitest';

type Ask = { tag: 'ask'; replyTo: ReplyTo<string> };

function* forEver(self: Self): Actor<string> {
  yield* self.receive('EXIT');
  return 'never';
}

function* silent(self: Self<Ask>): Actor {
  for (;;) yield* self.receive('ask');
}

const slow = server(function* slow(self) {
  yield* self.sleep(1000);
  return {};
});

const echo = server(() => ({ call: { echo: (what: number) => what } }));

const tooLong = new Error('too long');

test('a run rejects with the reason of its signal, and its actor ends by that', async () => {
  await using tested = testSystem();
  const abort = new AbortController();
  const run = tested.run(configure(forEver, { signal: abort.signal }));
  await tested.settle();
  abort.abort(tooLong);
  await expect(tested.result(run)).rejects.toBe(tooLong);
  expect(tested.told('exit').map(({ reason }) => reason)).toEqual([tooLong]);
  expect(tested.crashes()).toEqual([]);
});

test('a signal that is aborted already lets nothing run and nothing start', async () => {
  await using tested = testSystem();
  let ran = 0;
  const body = configure(
    function* body(): Actor {
      ran++;
    },
    { signal: AbortSignal.abort(tooLong) },
  );
  await expect(tested.result(tested.run(body))).rejects.toBe(tooLong);
  await expect(tested.result(tested.start(body))).rejects.toMatchObject({ reason: tooLong });
  tested.spawn(body);
  await tested.settle();
  expect(ran).toBe(0);
});

test('a start that is under way fails with the reason of its signal, and leaves nobody', async () => {
  await using tested = testSystem();
  const abort = new AbortController();
  const start = tested.start(configure(slow, { signal: abort.signal }));
  const failed = expect(start).rejects.toMatchObject({ name: 'StartFailed', reason: tooLong });
  await tested.settle();
  abort.abort(tooLong);
  await tested.settle();
  await failed;
  expect(tested.actors()).toEqual([]);
});

test('what an actor starts is told to it as a start that failed', async () => {
  await using tested = testSystem();
  const abort = new AbortController();
  const run = tested.run(function* starter(self: Self): Actor<unknown> {
    self.trapExit(true);
    return yield* self.startLink(configure(slow, { signal: abort.signal }));
  });
  await tested.settle();
  abort.abort(tooLong);
  expect(await tested.result(run)).toEqual({ ok: false, reason: tooLong });
});

test('one who traps exits gets an EXIT from its parent', async () => {
  await using tested = testSystem();
  const abort = new AbortController();
  const run = tested.run(
    configure(
      function* trapping(self: Self): Actor<unknown> {
        self.trapExit(true);
        const { from, reason } = yield* self.receive('EXIT');
        return [from === self.parent, reason];
      },
      { signal: abort.signal },
    ),
  );
  await tested.settle();
  abort.abort(tooLong);
  expect(await tested.result(run)).toEqual([true, tooLong]);
});

test('a call in an actor throws the reason of its signal, and gives the question up', async () => {
  await using tested = testSystem();
  const pid = tested.spawn(silent);
  const abort = new AbortController();
  const run = tested.run(function* caller(self: Self): Actor<unknown> {
    try {
      return yield* self.call(pid, { tag: 'ask' }).within('infinity', abort.signal);
    } catch (error) {
      return [error, self.info(self.pid)?.monitors];
    }
  });
  await tested.settle();
  abort.abort(tooLong);
  expect(await tested.result(run)).toEqual([tooLong, []]);
});

test('one in an async body does too', async () => {
  await using tested = testSystem();
  const pid = tested.spawn(silent);
  const abort = new AbortController();
  const run = tested.run(async (self: Self) => {
    await self.call(pid, { tag: 'ask' }).within(1000, abort.signal);
  });
  await tested.settle();
  abort.abort(tooLong);
  await expect(tested.result(run)).rejects.toBe(tooLong);
  tested.crashes();
});

test('of a call whose signal is aborted already, only a reply that is there counts', async () => {
  await using tested = testSystem();
  const pid = tested.spawn(silent);
  const run = tested.run(function* caller(self: Self): Actor {
    yield* self.call(pid, { tag: 'ask' }).within(1000, AbortSignal.abort(tooLong));
  });
  await expect(tested.result(run)).rejects.toBe(tooLong);
  tested.crashes();
});

test('neither an answered call nor one whose actor was killed leaves a listener', async () => {
  await using tested = testSystem();
  const listeners = new Set<unknown>();
  const { signal } = new AbortController();
  const add = signal.addEventListener.bind(signal);
  const remove = signal.removeEventListener.bind(signal);
  signal.addEventListener = (type: string, listener: () => void, options?: object) => {
    listeners.add(listener);
    add(type, listener, options);
  };
  signal.removeEventListener = (type: string, listener: () => void) => {
    listeners.delete(listener);
    remove(type, listener);
  };
  const there = await tested.result(tested.start(configure(echo, { signal })));
  expect(listeners.size).toBe(1);
  await tested.result(
    tested.run(function* caller(self: Self): Actor {
      yield* self.call(there, 'echo', 1).within(1000, signal);
    }),
  );
  expect(listeners.size).toBe(1);
  const mute = tested.spawn(silent);
  const caller = tested.spawn(function* caller(self: Self): Actor {
    yield* self.call(mute, { tag: 'ask' }).within(1000, signal);
  });
  await tested.settle();
  expect(listeners.size).toBe(2);
  tested.exitSignal(caller, 'kill');
  tested.exitSignal(there, 'kill');
  await tested.settle();
  expect(listeners.size).toBe(0);
});

test('what is no signal is refused where it is written', async () => {
  await using tested = testSystem();
  const no = 'no signal' as unknown as AbortSignal;
  expect(() => configure(forEver, { signal: no })).toThrow(
    "Cannot configure forEver: signal is an AbortSignal, not 'no signal'",
  );
  const pid = tested.spawn(silent);
  const run = tested.run(function* caller(self: Self): Actor<string> {
    try {
      yield* self.call(pid, { tag: 'ask' }).within(1000, no);
    } catch (error) {
      yield* self.sleep(1);
      return String(error);
    }
    return '';
  });
  expect(await tested.result(run)).toBe(
    "TypeError: Cannot call until 'no signal' aborts: it is no AbortSignal",
  );
});
