/** Promises of the outside: when they settle, what they hold, and what becomes of a caller's mistake. */

import { getEventListeners } from 'node:events';
import {
  type Actor,
  ActorSystem,
  child,
  configure,
  type Message,
  type MessageOf,
  name,
  type Pid,
  type ReplyTo,
  type Self,
  server,
  supervisor,
  whereisAt,
} from 'beamish';
import { testSystem } from 'beamish/testing';
import { describe, expect, test } from 'vitest';
import { idler } from '../../support/recorder.ts';
import { everySchedule } from '../../support/schedules.ts';
import { answer } from '../../support/supervised.ts';

interface Ask {
  readonly tag: 'ask';
  readonly replyTo: ReplyTo<string>;
}
/** An actor that answers nobody. */
function silent(system: ActorSystem): Pid<Ask> {
  const pid = system.spawn(idler);
  return pid as unknown as Pid<Ask>;
}

const NOBODY = name<Ask>('nobody');

const worker = server(() => ({
  call: {
    ping: () => 'pong',
    die: (): string => {
      throw new Error('die');
    },
  },
}));
const WORKER = name<MessageOf<typeof worker>>('worker');

/** How often a loop that tries again runs until the event loop has turned; it gives up before it hangs the tests. */
async function triesInOneTurn(attempt: () => PromiseLike<unknown>): Promise<number> {
  let hasTurned = false;
  setImmediate(() => setImmediate(() => setImmediate(() => (hasTurned = true))));
  let tries = 0;
  for (; !hasTurned && tries < 10_000; tries++) await Promise.resolve(attempt()).catch(() => {});
  return tries;
}

describe('what failed settles after the supervisor has had its turn', () => {
  const children = [
    child({ id: 'worker', name: 'worker' }, worker),
    child('other', worker),
    child('last', worker),
  ];

  test.each([
    ['one_for_one', 8],
    ['one_for_all', 256],
    ['rest_for_one', 256],
  ] as const)(
    'the next call is answered by the new server, whatever the schedule: %s',
    async (strategy, schedules) => {
      await everySchedule(schedules, async (system) => {
        await answer(system, system.start(supervisor({ strategy, intensity: 100, children })));
        const answers: unknown[] = [];
        const ask = async (): Promise<void> => {
          for (let i = 0; i < 5; i++) {
            await system.call(WORKER, 'die').catch(() => {});
            answers.push(await system.call(WORKER, 'ping').catch((error) => error.reason));
          }
        };
        await answer(system, ask());
        expect(answers).toEqual(['pong', 'pong', 'pong', 'pong', 'pong']);
      });
    },
  );

  test('and so does the end that exited or a run tells of', async () => {
    await everySchedule(32, async (system) => {
      await answer(system, system.start(supervisor({ intensity: 100, children })));
      const answers: unknown[] = [];
      const ask = async (): Promise<void> => {
        const exited = system.exited(system.whereis(WORKER) as Pid);
        system.exitSignal(system.whereis(WORKER) as Pid, 'kill');
        await exited;
        answers.push(await system.call(WORKER, 'ping').catch((error) => error.reason));
        const run = system.run(function* (self: Self): Actor {
          self.link(self.whereis(WORKER) as Pid);
          yield* self.call(WORKER, 'die');
        });
        await run.catch(() => {});
        answers.push(await system.call(WORKER, 'ping').catch((error) => error.reason));
      };
      await answer(system, ask());
      expect(answers).toEqual(['pong', 'pong']);
    });
  });

  test('when others are so busy that the run queue is never empty, too', async () => {
    const system = new ActorSystem({ log: 'off' });
    let isOver = false;
    for (let i = 0; i < 5; i++) {
      system.spawn(function* busy(self: Self): Actor {
        while (!isOver) {
          const until = performance.now() + 0.5;
          while (performance.now() < until);
          yield* self.yield();
        }
      });
    }
    await system.start(supervisor({ intensity: 100, children }));
    const answers: unknown[] = [];
    for (let i = 0; i < 3; i++) {
      await system.call(WORKER, 'die').catch(() => {});
      answers.push(await system.call(WORKER, 'ping').catch((error) => error.reason));
    }
    isOver = true;
    expect(answers).toEqual(['pong', 'pong', 'pong']);
    await system.shutdown();
  });
});

describe('a loop that tries again lets the event loop turn', () => {
  test.each<[string, (system: ActorSystem, dead: Pid) => PromiseLike<unknown>]>([
    ['a call to nobody', (system) => system.call(NOBODY, { tag: 'ask' })],
    ['a call to the dead', (system, dead) => system.call(dead as Pid<Ask>, { tag: 'ask' })],
    ['the end of the dead', (system, dead) => system.exited(dead)],
    ['a start of nothing', (system) => system.start(server(() => 'ignore'))],
    [
      'a run that fails',
      (system) =>
        system.run(function* (self: Self): Actor {
          self.exit('no');
        }),
    ],
    ['a look-up of nobody', (system) => whereisAt(system, name('nobody', system.name))],
    [
      'a call that was aborted',
      (system) => system.call(NOBODY, { tag: 'ask' }).within(10, AbortSignal.abort()),
    ],
  ])('%s', async (_, attempt) => {
    const system = new ActorSystem({ log: 'off' });
    const dead = system.spawn(function* (): Actor {});
    await system.exited(dead);
    expect(await triesInOneTurn(() => attempt(system, dead))).toBeLessThan(100);
    await system.shutdown();
  });
});

describe('a deadline that is none', () => {
  test.each([-1, Number.NaN, 0.5, '5', undefined, 2 ** 32])(
    'fails its caller at once, and nobody was asked: %o',
    async (ms) => {
      const unhandled: unknown[] = [];
      const listen = (error: unknown) => unhandled.push(error);
      process.on('unhandledRejection', listen);
      const system = testSystem();
      let asked = 0;
      function* counts(self: Self<Ask>): Actor {
        for (;;) {
          yield* self.receive('ask');
          asked++;
        }
      }
      const waiting = system.spawn(counts);
      await system.settle();
      const busy = system.spawn(counts);
      for (const to of [waiting, busy]) {
        const call = system.call(to, { tag: 'ask' });
        expect(() => call.within(ms as number)).toThrow(RangeError);
        await system.settle();
        await expect(call).rejects.toThrow(RangeError);
      }
      await system.advance(10_000);
      expect(asked).toBe(0);
      expect(unhandled).toEqual([]);
      process.off('unhandledRejection', listen);
    },
  );

  test('of a call from an actor, too; a request goes on', async () => {
    const system = testSystem();
    let asked = 0;
    const counts = system.spawn(function* (self: Self<Ask>): Actor {
      for (;;) {
        self.send((yield* self.receive('ask')).replyTo, `${++asked}`);
      }
    });
    const run = system.run(function* (self: Self): Actor<string> {
      expect(() => self.call(counts, { tag: 'ask' }).within(-1)).toThrow(RangeError);
      const pending = self.request(counts, { tag: 'ask' });
      expect(() => pending.reply().within(-1)).toThrow(RangeError);
      expect(() => pending.wait(-1)).toThrow(RangeError);
      return yield* pending.reply().within(10);
    });
    await system.settle();
    expect(await run).toBe('1');
    expect(asked).toBe(1);
  });

  test('nor is what is no AbortSignal taken for one', () => {
    const system = testSystem();
    const call = system.call(silent(system), { tag: 'ask' });
    expect(() => call.within(10, {} as never)).toThrow('it is no AbortSignal');
  });
});

describe('nothing is left behind', () => {
  test('on the signal of a call that is over, however it ended', async () => {
    const system = testSystem();
    const pid = await answer(system, system.start(worker));
    const { signal } = new AbortController();
    for (let i = 0; i < 20; i++) {
      await answer(system, system.call(pid, 'ping').within(1000, signal).within(100, signal));
      const failed = system.call(NOBODY, { tag: 'ask' }).within(1000, signal);
      failed.catch(() => {});
      await system.settle();
    }
    const late = system.call(silent(system), { tag: 'ask' }).within(10, signal);
    late.catch(() => {});
    expect(getEventListeners(signal, 'abort')).toHaveLength(1);
    await system.advance(10);
    expect(getEventListeners(signal, 'abort')).toEqual([]);
  });

  test('on the process, of any number of systems', async () => {
    const before = process.listenerCount('beforeExit');
    const systems = Array.from({ length: 30 }, () => new ActorSystem({ log: 'off' }));
    const runs = systems.map((system) =>
      system.run(function* (self: Self): Actor {
        yield* self.sleep(1);
      }),
    );
    expect(process.listenerCount('beforeExit')).toBeLessThanOrEqual(before + 1);
    await Promise.all(runs);
    expect(process.listenerCount('beforeExit')).toBe(before);
    await Promise.all(systems.map((system) => system.shutdown()));
  });

  test('of a question that cannot be copied', async () => {
    const system = testSystem({ messages: 'clone' });
    const pid = system.spawn(idler);
    const bad = { tag: 'ask' as const, f: () => {} };
    expect(() => system.call(pid as unknown as Pid<Ask>, bad as { tag: 'ask' })).toThrow(
      'Cannot copy a message',
    );
    await system.settle();
    expect(system.info(pid)?.monitoredBy).toEqual([]);
  });
});

describe('who waits for ever is told, when nothing else can happen', () => {
  test.each<[string, (system: ActorSystem, idle: Pid) => PromiseLike<unknown>]>([
    ['Run of', (system) => system.run(idler)],
    [
      'Start of',
      (system) =>
        system.start(
          server(function* (self) {
            yield* self.receive();
            return {};
          }),
        ),
    ],
    [
      'Call "ask"',
      (system, idle) => system.call(idle as Pid<Ask>, { tag: 'ask' }).within('infinity'),
    ],
  ])('%s', async (what, wait) => {
    const system = testSystem();
    const idle = system.spawn(idler);
    const waiting = Promise.resolve(wait(system, idle));
    waiting.catch(() => {});
    await system.settle();
    system.clock.end();
    await system.settle();
    await expect(waiting).rejects.toThrow(what);
    await expect(waiting).rejects.toThrow(`${String(idle)} (idler) waits for $never`);
  });
});

test('a question that is passed on has the address of who passes it on', async () => {
  const system = testSystem();
  interface Numbered extends Message {
    readonly tag: 'ask';
    readonly n: number;
    readonly replyTo: ReplyTo<string>;
  }
  type Question = Omit<Numbered, 'replyTo'>;
  const backend = system.spawn(function* (self: Self<Numbered>): Actor {
    for (;;) {
      const { n, replyTo } = yield* self.receive('ask');
      self.send(replyTo, `backend ${n}`);
    }
  });
  const proxy = system.spawn(function* (self: Self<Numbered>): Actor {
    for (;;) {
      const message = yield* self.receive('ask');
      self.send(message.replyTo, `proxied ${yield* self.call(backend, message as Question)}`);
    }
  });
  expect(await answer(system, system.call(proxy, { tag: 'ask', n: 1 }))).toBe('proxied backend 1');
  const forwarded = { tag: 'ask' as const, n: 2, replyTo: system.root };
  expect(await answer(system, system.call(proxy, forwarded as Question))).toBe('proxied backend 2');
});

test('a run whose name is taken rejects with an error that says so', async () => {
  const system = testSystem();
  const named = configure(idler, { name: 'one' });
  system.spawn(named);
  const failure = await answer(
    system,
    system.run(named).catch((error: unknown) => error),
  );
  expect(failure).toMatchObject({ name: 'StartFailed', reason: 'already_started' });
});
