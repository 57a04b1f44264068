/** Servers: calls, their time-outs and their failures. */

import {
  type Actor,
  CallFailed,
  later,
  name,
  type Pid,
  type ReplyTo,
  type Self,
  type ServerSelf,
  server,
  shutdown,
  stop,
  type Target,
} from 'beamish';
import { type TestSystem, testSystem } from 'beamish/testing';
import { describe, expect, test } from 'vitest';
import { ran } from '../support/ran.ts';
import { everySchedule } from '../support/schedules.ts';
import { answer } from '../support/supervised.ts';
import { type Act, type Doer, doer, fails, failureOf, fateOf, type Note, taking } from './doer.ts';

test('GS-08 call returns the reply, of a plain, a generator and an async handler', async () => {
  const system = testSystem();
  const pid = system.spawn(doer, []);
  const replies = await ran(system, function* (self: Self): Actor<unknown[]> {
    return [
      yield* self.call(pid, 'do', () => 7),
      yield* self.call(pid, 'do', taking(5, 8)),
      yield* self.call(pid, 'do', async () => 9),
    ];
  });
  expect(replies).toEqual([7, 8, 9]);
});

test('GS-08 a call from outside has the type of its handler: plain, generator, async, and later', async () => {
  const system = testSystem();
  const counter = server((self, start: number) => ({
    call: {
      get: () => start,
      *slow() {
        yield* self.sleep(10);
        return 'slow' as const;
      },
      soon: async () => true,
      later: () => later<Date>((to) => self.send(to, new Date(0))),
    },
  }));
  const pid = await answer(system, system.start(counter, 10));
  const replies = [
    system.call(pid, 'get'),
    system.call(pid, 'slow'),
    system.call(pid, 'soon'),
    system.call(pid, 'later'),
  ] as const;
  await system.advance(10);
  const all: [number, 'slow', boolean, Date] = await Promise.all(replies);
  expect(all).toEqual([10, 'slow', true, new Date(0)]);
});

test('GS-09 a call that times out exits the caller, and the server goes on', async () => {
  const system = testSystem();
  const log: unknown[] = [];
  const pid = system.spawn(doer, log);
  const failure = await ran(system, (self: Self) =>
    failureOf(
      self,
      pid,
      function* (server) {
        yield* server.sleep(60);
        log.push('done');
      },
      20,
    ),
  );
  expect(failure).toBeInstanceOf(CallFailed);
  expect(failure).toMatchObject({ reason: 'timeout', to: pid, request: 'do' });
  expect(log).toEqual(['done']);
  expect(system.info(pid)).toBeDefined();
});

test('GS-10 a call waits for 5,000 ms by default', async () => {
  const system = testSystem();
  const pid = system.spawn(doer, []);
  const caller = system.spawn(function* (self: Self): Actor {
    yield* self.call(pid, 'do', taking(60_000));
  });
  await system.advance(4999);
  expect(system.info(caller)).toBeDefined();
  await system.advance(1);
  expect(system.reasonOf(caller)).toMatchObject({ name: 'CallFailed', reason: 'timeout' });
});

test("GS-10 a call within 'infinity' has no deadline", async () => {
  const system = testSystem();
  const pid = system.spawn(doer, []);
  const reply = await ran(system, function* (self: Self): Actor<unknown> {
    return yield* self.call(pid, 'do', taking(50_000, 'at last')).within('infinity');
  });
  expect(reply).toBe('at last');
});

test('GS-10 a call within 0 times out at once, unless it is answered already', async () => {
  const system = testSystem();
  const pid = system.spawn(doer, []);
  const [failure, reply, tookMs] = await ran(system, function* (self: Self): Actor<unknown[]> {
    const began = system.clock.now();
    const failure = yield* failureOf(self, pid, () => 1, 0);
    const pending = self.request(pid, 'do', () => 2);
    yield* self.sleep(0);
    const reply = yield* pending.reply().within(0);
    return [failure, reply, system.clock.now() - began];
  });
  expect(failure).toMatchObject({ reason: 'timeout' });
  expect(reply).toBe(2);
  expect(tookMs).toBe(0);
});

test.each([-1, Number.NaN, 1.5, 2 ** 32])(
  'GS-10 a call within %d is a RangeError, and leaves nothing behind',
  async (ms) => {
    const system = testSystem();
    const pid = system.spawn(doer, []);
    const caught = await ran(system, function* (self: Self): Actor<unknown[]> {
      const failure = yield* failureOf(self, pid, () => 1, ms);
      return [failure, yield* self.call(pid, 'do', () => 'next'), system.info(self.pid)?.monitors];
    });
    expect(caught).toEqual([expect.any(RangeError), 'next', []]);
    await expect(async () => system.call(pid, 'do', () => 1).within(ms)).rejects.toThrow(
      RangeError,
    );
  },
);

test('GS-11 an uncaught failure of a call is the exit reason of the caller, with the call', async () => {
  const system = testSystem();
  const pid = system.spawn(doer, []);
  const caller = system.spawn(function* (self: Self): Actor {
    yield* self.call(pid, 'do', taking(100)).within(20);
  });
  const down = await ran(system, function* (self: Self): Actor<unknown> {
    self.monitor(caller);
    return (yield* self.receive('DOWN')).reason;
  });
  expect(down).toBeInstanceOf(CallFailed);
  expect(down).toMatchObject({ reason: 'timeout', to: pid, request: 'do' });
});

test('GS-12 a reply that comes at the moment of the time-out wins', async () => {
  await everySchedule(8, async (system) => {
    const pid = system.spawn(doer, []);
    const reply = await ran(system, function* (self: Self): Actor<unknown> {
      // Both timers are due at 20; the deadline is the older.
      return yield* self
        .call(pid, 'do', (server) => later((to) => server.sendAfter(20, to as never, 'just')))
        .within(20);
    });
    expect(reply).toBe('just');
  });
});

test('GS-13 a reply after the time-out never reaches the mailbox', async () => {
  await everySchedule(8, async (system) => {
    const pid = system.spawn(doer, []);
    const left = await ran(system, function* (self: Self): Actor<unknown> {
      yield* failureOf(self, pid, taking(60), 20);
      yield* self.sleep(120);
      return self.mailbox(self.pid);
    });
    expect(left).toEqual([]);
    expect(system.told('dead_letter')).toMatchObject([{ message: 'done', why: 'late_reply' }]);
  });
});

describe('GS-14 a call fails at once to', () => {
  const targets: readonly (readonly [string, (system: TestSystem) => Target<Doer>, string])[] = [
    ['the dead', (system) => deadDoer(system), 'noproc'],
    ['an unknown name', () => name<Doer>('nobody'), 'noproc'],
    ['an unknown name of this system', () => name<Doer>('nobody', 'test'), 'noproc'],
    ['a name of an unknown system', () => name<Doer>('nobody', 'elsewhere'), 'noconnection'],
  ];
  test.each(targets)('%s', async (_, targetIn, reason) => {
    const system = testSystem();
    const target = targetIn(system);
    await system.settle();
    const caller = system.run(function* (self: Self): Actor<unknown> {
      return yield* failureOf(self, target, () => 1);
    });
    expect(await fateOf(system, caller)).toMatchObject({ reason, to: target });
  });

  function deadDoer(system: TestSystem): Pid<Doer> {
    const pid = system.spawn(doer, []);
    system.exitSignal(pid, 'kill');
    return pid;
  }
});

test('GS-15 a call to oneself fails at once with calling_self, and the server goes on', async () => {
  const system = testSystem();
  const pid = system.spawn(doer, []);
  const failure = await fateOf(
    system,
    system.call(pid, 'do', (self) => failureOf(self, self.pid as Pid<Doer>, () => 1)),
  );
  expect(failure).toMatchObject({ name: 'CallFailed', reason: 'calling_self' });
  expect(
    await fateOf(
      system,
      system.call(pid, 'do', () => 'alive'),
    ),
  ).toBe('alive');
});

describe('GS-16 a server that ends during the call fails it with its reason:', () => {
  const oops = new Error('oops');
  const ends: readonly (readonly [string, Act, unknown])[] = [
    ['bye', (self) => self.exit('bye'), 'bye'],
    ['an error', fails(oops), oops],
    ['normal', (self) => self.exit('normal'), 'normal'],
    ['shutdown', (self) => self.exit('shutdown'), 'shutdown'],
    ['killed', (self) => self.exitSignal(self.pid, 'kill'), 'killed'],
    ['shutdown with detail', (self) => self.exit(shutdown('detail')), shutdown('detail')],
  ];
  test.each(ends)('%s', async (_, act, reason) => {
    const system = testSystem();
    const pid = system.spawn(doer, []);
    const failure = await ran(system, (self: Self) => failureOf(self, pid, act));
    expect(failure).toBeInstanceOf(CallFailed);
    expect((failure as CallFailed).reason).toEqual(reason);
    expect(system.reasonOf(pid)).toBe((failure as CallFailed).reason);
  });
});

test('GS-17 a handler that stops the server still replies', async () => {
  await everySchedule(10, async (system) => {
    const pid = system.spawn(doer, []);
    const reply = await ran(system, function* (self: Self): Actor<unknown> {
      return yield* self.call(pid, 'do', (server) => {
        server.stop('bye');
        return 'farewell';
      });
    });
    expect(reply).toBe('farewell');
    expect(system.reasonOf(pid)).toBe('bye');
  });
});

test('GS-18 terminate runs before the reply of the handler that stops is sent', async () => {
  const system = testSystem();
  const log: unknown[] = [];
  const slow = server((self: ServerSelf) => ({
    call: {
      leave() {
        self.stop('bye');
        return 'farewell';
      },
    },
    *terminate() {
      log.push('terminating');
      yield* self.sleep(50);
      log.push('terminated');
    },
  }));
  const pid = system.spawn(slow);
  system.call(pid, 'leave').then((reply) => log.push(reply));
  await system.advance(49);
  expect(log).toEqual(['terminating']);
  await system.advance(1);
  expect(log).toEqual(['terminating', 'terminated', 'farewell']);
});

test('GS-19 a thrown value is a crash, never a return value', async () => {
  const system = testSystem();
  const pid = system.spawn(doer, []);
  const failure = await ran(system, (self: Self) => failureOf(self, pid, fails('value')));
  expect(failure).toMatchObject({ reason: { name: 'Nocatch', value: 'value' } });
  expect(system.told('crash')).toMatchObject([{ pid }]);
});

test('GS-15 a stop of oneself fails with calling_self, too', async () => {
  const system = testSystem();
  const pid = system.spawn(doer, []);
  const failure = await fateOf(
    system,
    system.call(pid, 'do', function* (self) {
      try {
        yield* stop(self, self.pid);
        return 'stopped';
      } catch (error) {
        return error;
      }
    }),
  );
  expect(failure).toMatchObject({ name: 'CallFailed', reason: 'calling_self' });
  expect(
    await fateOf(
      system,
      system.call(pid, 'do', () => 'alive'),
    ),
  ).toBe('alive');
});

test('GS-20 a handler may leave the reply to another actor', async () => {
  await everySchedule(10, async (system) => {
    const pid = system.spawn(doer, []);
    function* helper(self: Self, to: ReplyTo<string>): Actor {
      yield* self.sleep(20);
      self.send(to, 'from another');
    }
    const reply = await ran(system, function* (self: Self): Actor<unknown> {
      return yield* self.call(pid, 'do', (server) =>
        later<string>((to) => server.spawn(helper, to)),
      );
    });
    expect(reply).toBe('from another');
  });
});

test('GS-21 a reply to a client that is gone does nothing', async () => {
  const system = testSystem();
  const log: unknown[] = [];
  const pid = system.spawn(doer, log);
  const client = system.spawn(function* (self: Self): Actor {
    yield* self.call(pid, 'do', taking(20));
  });
  await system.settle();
  system.exitSignal(client, 'kill');
  await system.advance(20);
  expect(
    await fateOf(
      system,
      system.call(pid, 'do', () => 'alive'),
    ),
  ).toBe('alive');
  expect(log).toEqual([]);
});

test('GS-22 of two replies the first counts, and the second disturbs no later call', async () => {
  await everySchedule(14, async (system) => {
    const pid = system.spawn(doer, []);
    const replies = await ran(system, function* (self: Self): Actor<unknown[]> {
      const twice = yield* self.call(pid, 'do', (server) =>
        later<number>((to) => {
          server.send(to, 1);
          server.send(to, 2);
        }),
      );
      return [twice, yield* self.call(pid, 'do', () => 3), self.mailbox(self.pid)];
    });
    expect(replies).toEqual([1, 3, []]);
    expect(system.told('dead_letter')).toMatchObject([{ message: 2, why: 'late_reply' }]);
  });
});

test('GS-24 a call that timed out leaves no monitor and no timer behind', async () => {
  const system = testSystem();
  const pid = system.spawn(doer, []);
  const [info, slept] = await ran(system, function* (self: Self): Actor<unknown[]> {
    yield* failureOf(self, pid, taking(10), 20);
    yield* failureOf(self, pid, taking(40_000), 20);
    const info = system.info(self.pid);
    const began = system.clock.now();
    yield* self.sleep(8000);
    return [info, system.clock.now() - began];
  });
  expect(info).toMatchObject({ monitors: [] });
  expect(system.info(pid)).toMatchObject({ monitoredBy: [] });
  expect(slept).toBe(8000);
});

test('GS-25 a call works behind a long mailbox, and leaves it as it is', async () => {
  const system = testSystem();
  const pid = system.spawn(doer, []);
  const body = function* (self: Self<Note>): Actor<unknown[]> {
    for (let what = 0; what < 1000; what++) self.send(self.pid, { tag: 'note', what });
    const reply = yield* self.call(pid, 'do', () => 1);
    return [reply, self.mailbox(self.pid)?.map((message) => (message as Note).what)];
  };
  expect(await ran(system, body)).toEqual([1, Array.from({ length: 1000 }, (_, n) => n)]);
});

test('GS-26 a linked caller that traps exits hears of a crash twice: by its call and by EXIT', async () => {
  await everySchedule(6, async (system) => {
    const [failure, exit] = await ran(system, function* (self: Self): Actor<unknown[]> {
      self.trapExit(true);
      const pid = self.spawnLink(doer, []);
      const failure = yield* failureOf(self, pid, (server) => server.exit('bye'));
      return [failure, yield* self.receive('EXIT').after(0)];
    });
    expect(failure).toMatchObject({ name: 'CallFailed', reason: 'bye' });
    expect(exit).toMatchObject({ reason: 'bye' });
  });
});

test('GS-27 a linked caller that does not trap exits dies with the reason of the link', async () => {
  await everySchedule(5, async (system) => {
    const caller = system.spawn(function* (self: Self): Actor {
      const pid = self.spawnLink(doer, []);
      yield* self.call(pid, 'do', (server) => server.exit('bye'));
    });
    await system.settle();
    expect(system.reasonOf(caller)).toBe('bye');
  });
});

test('GS-28 two servers that call each other wait until the inner call times out', async () => {
  const system = testSystem();
  const a = system.spawn(doer, []);
  const b = system.spawn(doer, []);
  const reply = await ran(system, function* (self: Self): Actor<unknown> {
    return yield* self.call(a, 'do', (inA) =>
      inA.perform(
        (function* (): Actor<unknown> {
          return yield* inA
            .call(b, 'do', (inB) => failureOf(inB, a, () => 'never', 50))
            .within(1000);
        })(),
      ),
    );
  });
  expect(reply).toMatchObject({ reason: 'timeout', to: a });
  expect(
    await fateOf(
      system,
      system.call(a, 'do', () => 'alive'),
    ),
  ).toBe('alive');
  expect(
    await fateOf(
      system,
      system.call(b, 'do', () => 'alive'),
    ),
  ).toBe('alive');
});
