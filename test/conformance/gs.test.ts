/** Section K: gen_server. */

import {
  type Actor,
  CallFailed,
  type Context,
  configure,
  later,
  type Message,
  type MessageOf,
  name,
  type Pid,
  type ReplyTo,
  type Self,
  type ServerMessage,
  type ServerSelf,
  StartFailed,
  serve,
  server,
  shutdown,
  stop,
  type Target,
} from 'beamish';
import { describe, expect, test, vi } from 'vitest';
import { ran } from '../support/ran.ts';
import { idler } from '../support/recorder.ts';
import { underSchedules } from '../support/schedules.ts';
import { type TestSystem, testSystem } from '../support/test-system.ts';

interface Note extends Message {
  readonly tag: 'note';
  readonly what: unknown;
}

/** A server that does what it is asked to, and tells the log of everything else. */
type Act = (self: ServerSelf<Note>) => unknown;
const doer = server((self: ServerSelf<Note>, log: unknown[], init?: Act) => {
  init?.(self);
  return {
    call: { do: (act: Act) => act(self) },
    cast: { do: (act: Act) => act(self) },
    info: {
      note: ({ what }) => log.push(what),
      EXIT: ({ reason }) => log.push({ EXIT: reason }),
      DOWN: ({ reason }) => log.push({ DOWN: reason }),
      timeout: () => log.push('timeout'),
    },
    terminate: (reason) => {
      log.push({ terminate: reason });
    },
  };
});
type Doer = MessageOf<typeof doer>;

const traps: Act = (self) => self.trapExit(true);

/** Settles, and says what became of a promise. */
async function fateOf(system: TestSystem, promise: PromiseLike<unknown>): Promise<unknown> {
  let fate: unknown = 'pending';
  promise.then(
    (value) => {
      fate = value;
    },
    (error: unknown) => {
      fate = error;
    },
  );
  await system.settle();
  return fate;
}

/** A call that fails, as an operation: what it failed with. */
function* failureOf(self: Context, to: Target<Doer>, act: Act, ms = 5000): Actor<unknown> {
  try {
    return { returned: yield* self.call(to, 'do', act).within(ms) };
  } catch (error) {
    return error;
  }
}

/** A handler that does not answer before `ms`. */
function taking(ms: number, value: unknown = 'done'): Act {
  return function* (self) {
    yield* self.sleep(ms);
    return value;
  };
}

function fails(error: unknown): () => never {
  return () => {
    throw error;
  };
}

test('GS-01 handlers run one at a time, to their end, in mailbox order: generators', async () => {
  await underSchedules(100, async (system) => {
    const log: unknown[] = [];
    const pid = system.spawn(doer, log);
    system.cast(pid, 'do', function* (self) {
      log.push('slow begins');
      yield* self.sleep(40);
      log.push('slow ends');
    });
    system.cast(pid, 'do', () => log.push('fast'));
    await system.advance(100);
    expect(log).toEqual(['slow begins', 'slow ends', 'fast']);
  });
});

test('GS-01 handlers run one at a time: the mailbox stays closed until a promise is settled', async () => {
  const system = testSystem();
  const log: unknown[] = [];
  let open = (): void => {};
  const pid = system.spawn(doer, log);
  system.cast(pid, 'do', async () => {
    log.push('slow begins');
    await new Promise<void>((resolve) => {
      open = resolve;
    });
    log.push('slow ends');
  });
  system.cast(pid, 'do', () => log.push('fast'));
  await system.settle();
  expect(log).toEqual(['slow begins']);
  open();
  await system.settle();
  expect(log).toEqual(['slow begins', 'slow ends', 'fast']);
});

test('GS-02 calls, casts and other messages of one sender are handled in the order sent', async () => {
  await underSchedules(100, async (system) => {
    const log: unknown[] = [];
    const pid = system.spawn(doer, log);
    await ran(system, function* (self: Self): Actor {
      for (let n = 0; n < 9; n += 3) {
        self.cast(pid, 'do', () => log.push(n));
        self.send(pid, { tag: 'note', what: n + 1 });
        yield* self.call(pid, 'do', () => log.push(n + 2));
      }
    });
    expect(log).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8]);
  });
});

describe('GS-03 a start ends as init does:', () => {
  const starts: readonly (readonly [string, () => unknown, unknown])[] = [
    ['handlers', () => ({}), undefined],
    ["'ignore'", () => 'ignore', 'ignore'],
    ['an error', fails(new Error('oops')), new Error('oops')],
    ['rubbish', () => 42, expect.any(TypeError)],
    ['a promise of handlers', async () => ({}), undefined],
    ['a promise that is rejected', () => Promise.reject(new Error('oops')), new Error('oops')],
  ];
  test.each(starts)('%s', async (_, init, reason) => {
    const system = testSystem();
    const fate = await fateOf(system, system.start(server(init as () => 'ignore')));
    if (reason === undefined) return expect(system.info(fate as Pid)).toBeDefined();
    expect(fate).toBeInstanceOf(StartFailed);
    expect((fate as StartFailed).reason).toEqual(reason);
  });

  test.each(['stop', 'exit'] as const)('self.%s(reason)', async (verb) => {
    const system = testSystem();
    const fate = await fateOf(
      system,
      system.start(doer, [], (self) => self[verb]('why')),
    );
    expect((fate as StartFailed).reason).toBe('why');
    expect(system.told('exit')).toMatchObject([{ reason: 'why' }]);
  });
});

test.each([
  ['stops', (self: ServerSelf<Note>) => self.stop('why')],
  ['exits', (self: ServerSelf<Note>) => self.exit('why')],
  ['throws', fails(new Error('oops'))],
])('GS-05 terminate is not called when init %s', async (_, init) => {
  const system = testSystem();
  const log: unknown[] = [];
  expect(await fateOf(system, system.start(doer, log, init))).toBeInstanceOf(StartFailed);
  expect(log).toEqual([]);
});

test('GS-05 terminate is not called when init ignores', async () => {
  const system = testSystem();
  const fate = await fateOf(system, system.start(server(() => 'ignore' as const)));
  expect((fate as StartFailed).reason).toBe('ignore');
  expect(system.told('exit')).toMatchObject([{ reason: 'normal' }]);
});

test('GS-06 a taken name fails the start with already_started and the pid; init does not run', async () => {
  const system = testSystem();
  const log: unknown[] = [];
  const named = configure(doer, { name: 'n' });
  const outcomes = await ran(system, function* (self: Self): Actor<unknown[]> {
    const first = yield* self.startLink(named, log);
    const second = yield* self.startLink(named, log, () => log.push('init'));
    return [first, second, yield* self.call(name<Doer>('n'), 'do', () => 'there')];
  });
  expect(outcomes).toMatchObject([
    { ok: true },
    { ok: false, reason: 'already_started', pid: (outcomes[0] as { pid: Pid }).pid },
    'there',
  ]);
  expect(log).toEqual([]);
});

test('GS-07 the name is registered before init runs', async () => {
  const system = testSystem();
  let found: unknown;
  const pid = await fateOf(
    system,
    system.start(configure(doer, { name: 'n' }), [], (self) => {
      found = self.whereis('n');
    }),
  );
  expect(found).toBe(pid);
});

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
  await underSchedules(200, async (system) => {
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
  await underSchedules(100, async (system) => {
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
  await underSchedules(100, async (system) => {
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
  await underSchedules(100, async (system) => {
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
  await underSchedules(100, async (system) => {
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
  await underSchedules(100, async (system) => {
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
  await underSchedules(100, async (system) => {
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

test('GS-29 a cast to nobody returns at once and is a dead letter', async () => {
  const system = testSystem();
  const dead = system.spawn(doer, []);
  system.exitSignal(dead, 'kill');
  await ran(system, function* (self: Self): Actor {
    self.cast(dead, 'do', () => 1);
    self.cast(name<Doer>('nobody'), 'do', () => 2);
    self.cast(name<Doer>('nobody', 'elsewhere'), 'do', () => 3);
    yield* self.sleep(1);
  });
  expect(system.told('dead_letter').map(({ why }) => why)).toEqual([
    'noproc',
    'noname',
    'noconnection',
  ]);
});

test('GS-30 a cast to oneself goes to the end of the queue', async () => {
  const system = testSystem();
  const log: unknown[] = [];
  const pid = system.spawn(doer, log);
  system.cast(pid, 'do', (self) => {
    log.push('first');
    self.cast(self.pid as Pid<Doer>, 'do', () => log.push('own'));
  });
  system.cast(pid, 'do', () => log.push('second'));
  await system.settle();
  expect(log).toEqual(['first', 'second', 'own']);
});

test('GS-31 all other messages go to info, in order: EXIT of a stranger, DOWN, timers', async () => {
  await underSchedules(100, async (system) => {
    const log: unknown[] = [];
    const pid = system.spawn(doer, log, traps);
    const stranger = system.spawn(idler);
    await system.settle();
    system.cast(pid, 'do', (self) => {
      self.monitor(stranger);
      self.sendAfter(30, self.pid, { tag: 'note', what: 'timer' });
    });
    await ran(system, function* (self: Self): Actor {
      self.exitSignal(pid, 'sig');
      yield* self.sleep(10);
      self.exitSignal(stranger, 'q');
    });
    expect(log).toEqual([{ EXIT: 'sig' }, { DOWN: 'q' }, 'timer']);
  });
});

test('GS-32 a message without a handler is a dead letter, unhandled, and the server goes on', async () => {
  const system = testSystem();
  const bare = server((self: ServerSelf<Note>) => {
    self.trapExit(true);
    return { call: { ok: () => true } };
  });
  const pid = system.spawn(bare);
  system.send(pid, { tag: 'note', what: 1 });
  system.send(pid, { tag: 'toString' } as never);
  expect(await fateOf(system, system.call(pid, 'ok'))).toBe(true);
  expect(system.told('dead_letter')).toMatchObject([
    { to: pid, message: { tag: 'note', what: 1 }, why: 'unhandled' },
    { to: pid, message: { tag: 'toString' }, why: 'unhandled' },
  ]);
});

describe('GS-33 a handler that is not there crashes the server, and its callers hear of it:', () => {
  test.each(['gone', 'toString', 'hasOwnProperty'])('%s', async (handler) => {
    const system = testSystem();
    const pid = system.spawn(doer, []);
    const failure = await fateOf(
      system,
      system.call(pid, handler as 'do', () => 1),
    );
    expect((failure as CallFailed).reason).toBeInstanceOf(TypeError);
    expect((failure as CallFailed).reason).toMatchObject({
      message: expect.stringContaining(`no call handler "${handler}"`),
    });
    expect(system.reasonOf(pid)).toBe((failure as CallFailed).reason);
    expect(system.told('crash')).toMatchObject([{ pid }]);
  });

  test('a cast', async () => {
    const system = testSystem();
    const pid = system.spawn(doer, []);
    system.cast(pid, 'gone' as 'do', () => 1);
    await system.settle();
    expect(system.reasonOf(pid)).toBeInstanceOf(TypeError);
  });
});

test('GS-34 what init continues with runs after the start has returned and before any message', async () => {
  await underSchedules(100, async (system) => {
    const log: unknown[] = [];
    await ran(system, function* (self: Self): Actor {
      const began = system.clock.now();
      const outcome = yield* self.startLink(doer, log, (server) => {
        server.send(server.pid, { tag: 'note', what: 'queued in init' });
        server.continueWith(function* () {
          log.push('continuation begins');
          yield* server.sleep(60);
          log.push('continuation ends');
        });
      });
      expect(system.clock.now() - began).toBe(0);
      if (outcome.ok) self.send(outcome.pid, { tag: 'note', what: 'sent after the start' });
      yield* self.sleep(100);
    });
    expect(log).toEqual([
      'continuation begins',
      'continuation ends',
      'queued in init',
      'sent after the start',
    ]);
  });
});

test('GS-35 what a call continues with runs after its reply and before the next message', async () => {
  await underSchedules(100, async (system) => {
    const log: unknown[] = [];
    const pid = system.spawn(doer, log);
    await ran(system, function* (self: Self): Actor {
      const pending = self.request(pid, 'do', (server) => {
        server.send(server.pid, { tag: 'note', what: 'queued' });
        server.continueWith(function* () {
          yield* server.sleep(5);
          log.push('continued');
          server.continueWith(() => log.push('and again'));
        });
        return 'reply';
      });
      log.push(yield* pending.reply());
    });
    expect(log).toEqual(['reply', 'continued', 'and again', 'queued']);
  });
});

test('GS-36 idleAfter calls info.timeout once, unless a message comes before', async () => {
  const system = testSystem();
  const log: unknown[] = [];
  const pid = system.spawn(doer, log, (self) => self.idleAfter(20));
  await system.advance(19);
  expect(log).toEqual([]);
  await system.advance(1);
  expect(log).toEqual(['timeout']);
  await system.advance(100);
  expect(log).toEqual(['timeout']);
  system.cast(pid, 'do', (self) => self.idleAfter(40));
  await system.advance(39);
  system.send(pid, { tag: 'note', what: 'noise' });
  await system.advance(100);
  expect(log).toEqual(['timeout', 'noise']);
});

test.each([-1, Number.NaN])('GS-36 idleAfter(%d) is a RangeError', async (ms) => {
  const system = testSystem();
  const pid = system.spawn(doer, []);
  const failure = await fateOf(
    system,
    system.call(pid, 'do', (self) => self.idleAfter(ms)),
  );
  expect((failure as CallFailed).reason).toBeInstanceOf(RangeError);
});

test('GS-37 idleAfter(0) takes a message that is queued, and else times out at once', async () => {
  await underSchedules(100, async (system) => {
    const log: unknown[] = [];
    const pid = system.spawn(doer, log);
    system.cast(pid, 'do', (self) => {
      self.send(self.pid, { tag: 'note', what: 'queued' });
      self.idleAfter(0);
    });
    await system.settle();
    expect(log).toEqual(['queued']);
    system.cast(pid, 'do', (self) => self.idleAfter(0));
    await system.settle();
    expect(log).toEqual(['queued', 'timeout']);
  });
});

describe('GS-39 terminate is called with the reason', () => {
  const oops = new Error('oops');
  const ends: readonly (readonly [string, Act, unknown])[] = [
    ['of stop', (self) => self.stop('bye'), 'bye'],
    ['of stop without one', (self) => self.stop(), 'normal'],
    ['of an error', fails(oops), oops],
    [
      'of an error in a generator',
      function* (self) {
        yield* self.sleep(1);
        throw oops;
      },
      oops,
    ],
    ['of an async handler that fails', () => Promise.reject(oops), oops],
    ['of an exit', (self) => self.exit('oops'), 'oops'],
    ['of a thrown value', fails('value'), expect.objectContaining({ value: 'value' })],
    ['of an error in a continuation', (self) => self.continueWith(fails(oops)), oops],
  ];
  test.each(ends)('%s', async (_, act, reason) => {
    const system = testSystem();
    const log: unknown[] = [];
    const pid = system.spawn(doer, log);
    system.cast(pid, 'do', act);
    await system.advance(10);
    expect(log).toEqual([{ terminate: reason }]);
    expect(system.reasonOf(pid)).toEqual(reason);
  });
});

test.each([
  ['an exit signal, not trapping', undefined, 'bye', 'bye'],
  ['kill, not trapping', undefined, 'kill', 'killed'],
  ['kill, trapping', traps, 'kill', 'killed'],
])('GS-40 terminate is not called on %s', async (_, init, signal, reason) => {
  const system = testSystem();
  const log: unknown[] = [];
  const pid = system.spawn(doer, log, init);
  await system.settle();
  system.exitSignal(pid, signal);
  await system.settle();
  expect(system.reasonOf(pid)).toBe(reason);
  expect(log).toEqual([]);
});

test('GS-40 terminate is not called on an exit signal to itself', async () => {
  const system = testSystem();
  const log: unknown[] = [];
  const pid = system.spawn(doer, log);
  system.cast(pid, 'do', (self) => self.exitSignal(self.pid, 'bye'));
  await system.settle();
  expect(system.reasonOf(pid)).toBe('bye');
  expect(log).toEqual([]);
});

/** Starts a doer, and ends as it is told to. */
function* parentOf(
  self: Self<Note>,
  log: unknown[],
  init: Act | undefined,
  then: () => unknown,
): Actor {
  yield* self.startLink(configure(doer, { name: 'child' }), log, init);
  const { what } = yield* self.receive('note');
  then();
  self.exit(what as string);
}

test.each(['shutdown', 'normal', 'crashed'])(
  'GS-41 a trapping server ends with its parent: %s',
  async (reason) => {
    const system = testSystem();
    const log: unknown[] = [];
    const parent = system.spawn(parentOf, log, traps, () => {});
    await system.settle();
    const pid = system.whereis('child') as Pid;
    system.send(parent, { tag: 'note', what: reason });
    await system.settle();
    expect(log).toEqual([{ terminate: reason }]);
    expect(system.reasonOf(pid)).toBe(reason);
  },
);

test('GS-42 the EXIT of anyone but the parent is just a message', async () => {
  const system = testSystem();
  const log: unknown[] = [];
  const pid = system.spawn(doer, log, traps);
  await system.settle();
  await ran(system, function* (self: Self): Actor {
    self.spawn(function* (stranger: Self): Actor {
      stranger.link(pid);
      stranger.exit('q');
    });
    yield* self.sleep(1);
  });
  expect(log).toEqual([{ EXIT: 'q' }]);
  expect(system.info(pid)).toBeDefined();
});

test('GS-43 the normal end of its parent leaves a server that does not trap exits running', async () => {
  const system = testSystem();
  const parent = system.spawn(parentOf, [], undefined, () => {});
  await system.settle();
  system.send(parent, { tag: 'note', what: 'normal' });
  await system.settle();
  expect(system.reasonOf(parent)).toBe('normal');
  expect(system.info(system.whereis('child') as Pid)).toBeDefined();
});

test('GS-44 the EXIT of the parent has no priority: what was queued before is handled first', async () => {
  await underSchedules(100, async (system) => {
    const log: unknown[] = [];
    const parent = system.spawn(parentOf, log, traps, () => {});
    await system.settle();
    const pid = system.whereis<Doer>('child') as Pid<Doer>;
    system.cast(pid, 'do', function* (self) {
      yield* self.sleep(40);
      log.push('first');
    });
    system.cast(pid, 'do', () => log.push('second'));
    await system.settle();
    system.send(parent, { tag: 'note', what: 'die' });
    await system.advance(100);
    expect(log).toEqual(['first', 'second', { terminate: 'die' }]);
    expect(system.reasonOf(pid)).toBe('die');
  });
});

test('GS-45 a fatal signal ends a server in the middle of a handler; nothing more is handled', async () => {
  await underSchedules(100, async (system) => {
    const log: unknown[] = [];
    const pid = system.spawn(doer, log);
    system.cast(pid, 'do', function* (self) {
      yield* self.sleep(40);
      log.push('done');
    });
    system.cast(pid, 'do', () => log.push('second'));
    await system.advance(10);
    system.exitSignal(pid, 'die');
    await system.advance(100);
    expect(system.reasonOf(pid)).toBe('die');
    expect(log).toEqual([]);
  });
});

describe('GS-46 a failure of terminate:', () => {
  const inTerminate = new Error('in terminate');
  const failures: readonly (readonly [string, () => unknown, unknown])[] = [
    ['an error replaces the reason', fails(inTerminate), inTerminate],
    ['a rejection replaces the reason', () => Promise.reject(inTerminate), inTerminate],
    ['a thrown value is ignored', fails('value'), 'orig'],
    ['a returned value is ignored', () => 'value', 'orig'],
  ];
  for (const how of ['stops', 'fails'] as const) {
    test.each(failures)(`%s (of a server that ${how})`, async (_, terminate, reason) => {
      const system = testSystem();
      const pid = system.spawn(
        server((self: ServerSelf) => ({
          cast: { end: () => (how === 'stops' ? self.stop('orig') : self.exit('orig')) },
          terminate,
        })),
      );
      system.cast(pid, 'end');
      await system.settle();
      expect(system.reasonOf(pid)).toBe(reason);
    });
  }
});

describe('GS-47 the exit reason is that of stop, and a crash report tells of those not orderly:', () => {
  const detail = shutdown('detail');
  const error = new Error('oops');
  test.each([
    ['normal', 'normal', 0],
    ['shutdown', 'shutdown', 0],
    ['shutdown with detail', detail, 0],
    ['any other', 'other', 1],
    ['an error', error, 1],
  ])('%s', async (_, reason, reports) => {
    const system = testSystem();
    const start = system.start(doer, []);
    await system.settle();
    const pid = await start;
    system.cast(pid, 'do', (self) => self.stop(reason));
    await system.settle();
    expect(system.reasonOf(pid)).toBe(reason);
    expect(system.told('crash')).toHaveLength(reports);
  });
});

describe('GS-48 a crash report shows the state', () => {
  async function reportOf(
    log: 'text' | 'json',
    format?: (state: object) => unknown,
  ): Promise<string> {
    const lines: string[] = [];
    const print = vi.spyOn(console, 'error').mockImplementation((line) => lines.push(line));
    const system = testSystem({ log });
    const pid = system.spawn(
      server(() => ({
        cast: { crash: fails(new Error('oops')) },
        state: { get: () => ({ password: 'secret' }), ...(format && { format }) },
      })),
    );
    system.cast(pid, 'crash');
    await system.settle();
    await system.shutdown();
    print.mockRestore();
    return lines.join('\n');
  }

  test.each(['text', 'json'] as const)('as it is (%s)', async (log) => {
    expect(await reportOf(log)).toContain('secret');
  });

  test.each(['text', 'json'] as const)('as format shows it (%s)', async (log) => {
    const report = await reportOf(log, () => 'redacted');
    expect(report).toContain('redacted');
    expect(report).not.toContain('secret');
  });

  test.each(['text', 'json'] as const)(
    'or not, when format throws, but the report comes (%s)',
    async (log) => {
      const report = await reportOf(log, fails(new Error('no format')));
      expect(report).toContain('oops');
      expect(report).toContain('no format');
      expect(report).not.toContain('secret');
    },
  );
});

test('GS-49 the crash report of a call names the client', async () => {
  const system = testSystem();
  const pid = system.spawn(doer, []);
  const client = system.spawn(
    configure(
      function* client(self: Self): Actor {
        yield* self.call(pid, 'do', fails(new Error('oops')));
      },
      { name: 'asker' },
    ),
  );
  await system.settle();
  expect(system.told('crash')[0]).toMatchObject({
    pid,
    client: { pid: client, name: 'asker', body: 'client' },
  });
});

describe('GS-50 a request is awaited later:', () => {
  test('reply returns what was answered', async () => {
    const system = testSystem();
    const pid = system.spawn(doer, []);
    const replies = await ran(system, function* (self: Self): Actor<unknown[]> {
      const first = self.request(pid, 'do', () => 1);
      const second = self.request(pid, 'do', () => 2);
      return [yield* second.reply(), yield* first.reply()];
    });
    expect(replies).toEqual([2, 1]);
  });

  test('a wait that times out keeps the request', async () => {
    await underSchedules(100, async (system) => {
      const pid = system.spawn(doer, []);
      const outcomes = await ran(system, function* (self: Self): Actor<unknown[]> {
        const pending = self.request(pid, 'do', taking(30, 'x'));
        return [
          yield* pending.wait(0),
          yield* pending.wait(10),
          system.clock.now(),
          yield* pending.wait(1000),
          system.clock.now(),
          yield* pending.wait(0),
        ];
      });
      const answer = { ok: true, value: 'x' };
      expect(outcomes).toEqual([undefined, undefined, 10, answer, 30, answer]);
      expect(system.told('dead_letter')).toEqual([]);
    });
  });

  test('a reply that times out gives the request up: what comes later is dropped', async () => {
    const system = testSystem();
    const pid = system.spawn(doer, []);
    const [failure, later, left] = await ran(system, function* (self: Self): Actor<unknown[]> {
      const pending = self.request(pid, 'do', taking(30, 'x'));
      let failure: unknown;
      try {
        yield* pending.reply().within(10);
      } catch (error) {
        failure = error;
      }
      yield* self.sleep(100);
      return [failure, yield* pending.wait(10), self.mailbox(self.pid)];
    });
    expect(failure).toMatchObject({ reason: 'timeout' });
    expect(later).toBe(undefined);
    expect(left).toEqual([]);
    expect(system.told('dead_letter')).toMatchObject([{ message: 'x', why: 'late_reply' }]);
  });

  test('an async body waits the same way', async () => {
    const system = testSystem();
    const pid = system.spawn(doer, []);
    const outcomes = await ran(system, async (self: Self): Promise<unknown[]> => {
      const pending = self.request(pid, 'do', taking(30, 'x'));
      return [await pending.wait(10), await pending.wait('infinity'), await pending.reply()];
    });
    expect(outcomes).toEqual([undefined, { ok: true, value: 'x' }, 'x']);
  });

  test.each([-1, Number.NaN])('wait(%d) is a RangeError', async (ms) => {
    const system = testSystem();
    const pid = system.spawn(doer, []);
    const body = function* (self: Self): Actor<unknown> {
      const pending = self.request(pid, 'do', () => 1);
      expect(() => pending.wait(ms)).toThrow(RangeError);
      return yield* pending.reply();
    };
    expect(await ran(system, body)).toBe(1);
  });
});

test('GS-51 a request that fails throws nothing when it is sent: its outcome is the reason', async () => {
  await underSchedules(100, async (system) => {
    const pid = system.spawn(doer, []);
    const body = function* (self: Self): Actor<unknown[]> {
      const dies = self.request(pid, 'do', (server) => server.exit('bye'));
      const unknown = self.request(name<Doer>('nobody'), 'do', () => 1);
      const own = self.request(self.pid as Pid<Doer>, 'do', () => 1);
      return [yield* dies.wait(1000), yield* unknown.wait(1000), yield* own.wait(1000)];
    };
    expect(await ran(system, body)).toEqual([
      { ok: false, reason: 'bye' },
      { ok: false, reason: 'noproc' },
      { ok: false, reason: 'calling_self' },
    ]);
  });
});

describe('GS-54 serve makes a server of an actor at work:', () => {
  type Served = Note | ServerMessage<{ call: { get(): number }; cast: { end(): void } }>;

  function* worker(self: Self<Served>, log: unknown[]): Actor {
    yield* self.receive('note');
    yield* serve(self, (server) => ({
      call: { get: () => 42 },
      cast: { end: () => server.stop('normal') },
      info: { note: ({ what }) => log.push(what) },
      terminate: (reason) => log.push({ terminate: reason }),
    }));
    log.push('never');
  }

  test('it answers calls, and handles what came before', async () => {
    const system = testSystem();
    const log: unknown[] = [];
    const pid = system.spawn(worker, log);
    const call = system.call(pid, 'get');
    system.send(pid, { tag: 'note', what: 'begin' });
    system.send(pid, { tag: 'note', what: 'info' });
    expect(await fateOf(system, call)).toBe(42);
    expect(log).toEqual(['info']);
  });

  test('it ends when the server stops, and serve never returns', async () => {
    const system = testSystem();
    const log: unknown[] = [];
    const pid = system.spawn(worker, log);
    system.send(pid, { tag: 'note', what: 'begin' });
    system.cast(pid, 'end');
    await system.settle();
    expect(system.reasonOf(pid)).toBe('normal');
    expect(log).toEqual([{ terminate: 'normal' }]);
  });
});

test.each(['a string', 42, null, undefined, {}])(
  'GS-56 a call to %s, which is no address, is a TypeError',
  async (to) => {
    const system = testSystem();
    const failure = await ran(system, (self: Self) => failureOf(self, to as never, () => 1));
    expect(failure).toBeInstanceOf(TypeError);
    expect(() => system.call(to as unknown as Pid<Doer>, 'do', () => 1)).toThrow(TypeError);
  },
);
