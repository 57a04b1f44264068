/** An actor is ended at once, whatever it is doing, and does nothing after. */

import {
  type Actor,
  configure,
  type Message,
  type Pid,
  type Ref,
  type ReplyTo,
  type Self,
  type ServerAddress,
  server,
} from 'beamish';
import { type TestSystem, testSystem } from 'beamish/testing';
import { describe, expect, test } from 'vitest';
import { BODIES, type PuppetMessage, puppet } from '../support/puppet.ts';

interface Go extends Message {
  readonly tag: 'go';
}

describe('an actor in any state', () => {
  const never = (): Promise<never> => new Promise(() => {});
  type Request = { readonly tag: 'ask'; readonly replyTo: ReplyTo<string> };
  function* deaf(self: Self<Request | Go>): Actor {
    yield* self.sleep(1_000_000);
  }
  const full = configure(deaf, { mailbox: { limit: 1, overflow: 'wait' } });
  const slowStart = server(function* (self) {
    yield* self.sleep(1_000_000);
    return {};
  });

  const STATES: readonly {
    readonly state: string;
    steps(self: Self): Actor;
  }[] = [
    {
      state: 'in a receive',
      *steps(self) {
        yield* self.receive('EXIT');
      },
    },
    {
      state: 'in a receive with a guard',
      *steps(self) {
        yield* self.receive().where(() => false);
      },
    },
    {
      state: 'in a receive with a time-out',
      *steps(self) {
        yield* self.receive().after(1_000);
      },
    },
    {
      state: 'asleep',
      *steps(self) {
        yield* self.sleep(1_000);
      },
    },
    {
      state: 'waiting for a promise',
      *steps(self) {
        yield* self.wait(never);
      },
    },
    {
      state: 'in a call',
      *steps(self) {
        yield* self.call(self.spawn(deaf), { tag: 'ask' }).within('infinity');
      },
    },
    {
      state: 'waiting for room in a mailbox',
      *steps(self) {
        const to = self.spawn(full);
        for (;;) yield* self.offer(to, { tag: 'go' });
      },
    },
    {
      state: 'starting another',
      *steps(self) {
        yield* self.startLink(slowStart);
      },
    },
  ];

  test.each(STATES.flatMap((each) => BODIES.map((body) => [each.state, body, each] as const)))(
    'EXIT-30 a signal ends it at once and its links hear of it, while it is %s (%s body)',
    async (_, body, { steps }) => {
      const system = testSystem();
      const linked = await puppet(system, { trapExit: true });
      const pid = system.spawn(body === 'async' ? asyncBody : body_);
      system.register('busy', pid);
      await system.settle();
      await linked.does((self) => self.link(pid));
      expect(system.info(pid)).toBeDefined();

      system.exitSignal(pid, 'boom');

      expect(system.info(pid)).toBeUndefined();
      expect(system.whereis('busy')).toBeUndefined();
      system.send(pid, { tag: 'EXIT' } as never);
      expect(system.told('dead_letter').at(-1)).toMatchObject({ to: pid, why: 'noproc' });
      expect(await linked.mail()).toEqual([{ tag: 'EXIT', from: pid, reason: 'boom' }]);

      function* body_(self: Self): Actor {
        yield* steps(self);
      }
      async function asyncBody(self: Self): Promise<void> {
        await self.perform(steps(self));
      }
    },
  );

  test('EXIT-30 a signal ends an async body that awaits a foreign promise', async () => {
    const system = testSystem();
    const linked = await puppet(system, { trapExit: true });
    const pid = system.spawn(waiter);
    await system.settle();
    await linked.does((self) => self.link(pid));

    system.exitSignal(pid, 'boom');

    expect(system.info(pid)).toBeUndefined();
    expect(await linked.mail()).toEqual([{ tag: 'EXIT', from: pid, reason: 'boom' }]);

    async function waiter(_: Self): Promise<void> {
      await never();
    }
  });

  test.each(BODIES)(
    'EXIT-30 what it waits for is told that nobody does any more (%s body)',
    async (body) => {
      const system = testSystem();
      let signal: AbortSignal | undefined;
      const start = (given: AbortSignal): Promise<never> => {
        signal = given;
        return never();
      };
      const pid = system.spawn(body === 'async' ? asyncWaiter : waiter);
      await system.settle();
      expect(signal?.aborted).toBe(false);
      system.exitSignal(pid, 'kill');
      await system.settle();
      expect(signal?.aborted).toBe(true);
      expect(signal?.reason).toBe('killed');

      function* waiter(self: Self): Actor {
        yield* self.wait(start);
      }
      async function asyncWaiter(self: Self): Promise<void> {
        await self.wait(start);
      }
    },
  );

  test.each(BODIES)('EXIT-30 nothing that it waited for wakes the dead (%s body)', async (body) => {
    for (const { steps } of STATES) {
      const system = testSystem();
      const log: string[] = [];
      const run = function* (self: Self): Actor {
        yield* steps(self);
        log.push('went on');
      };
      const pid = system.spawn(body === 'async' ? (self: Self) => inAsync(self) : run);
      await system.settle();
      system.exitSignal(pid, 'boom');
      system.send(pid, { tag: 'EXIT', from: pid, reason: 'late' } as never);
      await system.advance(2_000_000);
      expect(log).toEqual([]);

      async function inAsync(self: Self): Promise<void> {
        await self.perform(run(self));
      }
    }
  });
});

describe('after death', () => {
  test('EXIT-31 what an async body does after its end has no effect, and its failure troubles nobody', async () => {
    const system = testSystem();
    const witness = await puppet(system, { trapExit: true });
    const rejections: unknown[] = [];
    const hear = (reason: unknown): void => {
      rejections.push(reason);
    };
    process.on('unhandledRejection', hear);
    const fetched = promiseOf<string>();
    const log: string[] = [];
    const pid = system.spawn(fetching, fetched.promise, witness.pid);
    await system.settle();
    system.exitSignal(pid, 'x');
    fetched.resolve('data');
    await system.advance(1_000);
    process.off('unhandledRejection', hear);

    expect(await witness.mail()).toEqual([]);
    expect(log).toEqual(['resumed', 'sent']);
    expect(rejections).toEqual([]);
    expect(system.told('crash')).toEqual([]);
    expect(system.reasonOf(pid)).toBe('x');
    expect(system.told('dead_letter')).toMatchObject([{ from: pid, to: witness.pid }]);

    async function fetching(
      self: Self,
      promise: Promise<string>,
      to: Pid<PuppetMessage>,
    ): Promise<void> {
      await promise;
      log.push('resumed');
      try {
        self.send(to, { tag: 'note', what: 'zombie' });
        log.push('sent');
        await self.sleep(1);
        log.push('slept');
      } finally {
        log.push('finally');
      }
    }
  });

  test('EXIT-31 the rejection of what an async body awaited is nobody’s after its end', async () => {
    const system = testSystem();
    const rejections: unknown[] = [];
    const hear = (reason: unknown): void => {
      rejections.push(reason);
    };
    process.on('unhandledRejection', hear);
    const fetched = promiseOf<string>();
    const pids = [system.spawn(foreign), system.spawn(own), system.spawn(generator)];
    await system.settle();
    for (const pid of pids) system.exitSignal(pid, 'x');
    fetched.reject(new Error('too late'));
    await system.advance(1);
    process.off('unhandledRejection', hear);

    expect(rejections).toEqual([]);
    expect(system.told('crash')).toEqual([]);
    expect(pids.map((pid) => system.reasonOf(pid))).toEqual(['x', 'x', 'x']);

    async function foreign(_: Self): Promise<void> {
      await fetched.promise;
    }
    async function own(self: Self): Promise<void> {
      await self.wait(fetched.promise);
    }
    function* generator(self: Self): Actor {
      yield* self.wait(fetched.promise);
    }
  });

  test.each(['return', 'exit', 'signal'])(
    'EXIT-31 what an async body has begun and not awaited never settles after its end (%s)',
    async (how) => {
      const system = testSystem();
      const log: string[] = [];
      const pid = system.spawn(hasty);
      await system.settle();
      if (how === 'signal') system.exitSignal(pid, 'x');
      await system.advance(100);
      expect(log).toEqual([]);
      expect(system.reasonOf(pid)).toBe(how === 'return' ? 'normal' : 'x');

      async function hasty(self: Self): Promise<void> {
        const settled = (): number => log.push('settled');
        self.sleep(10).then(settled, settled);
        if (how === 'exit') self.exit('x');
        if (how === 'signal') await new Promise(() => {});
      }
    },
  );

  type Ask = { readonly tag: 'ask'; readonly replyTo: ReplyTo<string> };
  type Casts = { call: object; cast: { zombie(): void } };
  type Verb = (self: Self, to: Pid<PuppetMessage>, system: TestSystem) => unknown;
  const VERBS: Readonly<Record<string, Verb>> = {
    send: (self, to) => self.send(to, { tag: 'note', what: 'zombie' }),
    cast: (self, to) => self.cast(to as unknown as ServerAddress<Casts>, 'zombie'),
    offer: (self, to) => self.offer(to, { tag: 'note', what: 'zombie' }),
    sendAfter: (self, to) => self.sendAfter(1, to, { tag: 'note', what: 'zombie' }),
    startTimer: (self, to) => self.startTimer(1, to as never, 'zombie' as never),
    sendInterval: (self, to) => self.sendInterval(1, to, { tag: 'note', what: 'zombie' }),
    alias: (self, _, system) => system.send(self.alias(), { tag: 'zombie' } as never),
    unalias: (self) => self.unalias(self.alias()),
    monitorAlias: (self, to) => self.monitorAlias(to, 'demonitor'),
    cancelTimer: (self) => self.cancelTimer(self.monitor(self.pid)),
    call: (self, to) => self.call(to as unknown as Pid<Ask>, { tag: 'ask' }),
    'call within': (self, to) => self.call(to as unknown as Pid<Ask>, { tag: 'ask' }).within(5),
    request: (self, to) => self.request(to as unknown as Pid<Ask>, { tag: 'ask' }),
    'request reply': (self, to) =>
      self
        .request(to as unknown as Pid<Ask>, { tag: 'ask' })
        .reply()
        .within(5),
    spawn: (self) => self.spawn(zombie),
    spawnLink: (self) => self.spawnLink(zombie),
    spawnMonitor: (self) => self.spawnMonitor(zombie),
    startLink: (self) => self.startLink(zombie),
    link: (self, to) => self.link(to),
    unlink: (self, to) => self.unlink(to),
    monitor: (self, to) => self.monitor(to),
    demonitor: (self, to) => self.demonitor(to as unknown as Ref),
    exitSignal: (self, to) => self.exitSignal(to, 'kill'),
    register: (self, to) => self.register('zombie', to),
    unregister: (self) => self.unregister('kept'),
    defer: (self) => self.defer(() => {}),
    trapExit: (self) => self.trapExit(true),
    receive: (self) => self.receive().after(0),
    sleep: (self) => self.sleep(1),
    yield: (self) => self.yield(),
    wait: (self) => self.wait(Promise.resolve()),
    perform: (self) => self.perform(zombie(self)),
  };
  function* zombie(_: Self): Actor {}

  test.each(Object.keys(VERBS).flatMap((verb) => BODIES.map((body) => [verb, body] as const)))(
    'EXIT-31 %s of a dead actor, called from a stray callback, does nothing and does not throw (%s body)',
    async (verb, body) => {
      const system = testSystem();
      const witness = await puppet(system, { trapExit: true });
      system.register('kept', witness.pid);
      const dead = await puppet(system, { body });
      const self = await dead.does((itself) => itself as unknown as Self);
      await dead.does((itself) => itself.exit('gone'));
      const before = system.info(witness.pid);

      const outcome = VERBS[verb]?.(self, witness.pid, system);
      let settled = false;
      if (typeof (outcome as PromiseLike<unknown> | undefined)?.then === 'function')
        (outcome as PromiseLike<unknown>).then(
          () => {
            settled = true;
          },
          () => {
            settled = true;
          },
        );
      await system.advance(10);

      expect(settled).toBe(false);
      expect(await witness.mail()).toEqual([]);
      expect(system.info(witness.pid)).toMatchObject({
        name: 'kept',
        links: before?.links,
        monitoredBy: before?.monitoredBy,
      });
      expect(system.whereis('zombie')).toBeUndefined();
      expect(system.actors().filter((actor) => actor.body === 'zombie')).toEqual([]);
      expect(system.told('exit')).toHaveLength(1);
    },
  );

  test.each(['send', 'cast', 'offer', 'sendAfter', 'call', 'request'])(
    'EXIT-31 %s of a dead actor is a dead letter',
    async (verb) => {
      const system = testSystem();
      const witness = await puppet(system);
      const dead = await puppet(system);
      const self = await dead.does((itself) => itself as unknown as Self);
      await dead.does((itself) => itself.exit('gone'));
      VERBS[verb]?.(self, witness.pid, system);
      await system.settle();
      expect(system.told('dead_letter')).toMatchObject([
        { from: dead.pid, to: witness.pid, why: 'noproc' },
      ]);
    },
  );
});

function promiseOf<T>(): {
  readonly promise: Promise<T>;
  resolve(value: T): void;
  reject(error: Error): void;
} {
  let resolve: (value: T) => void = () => {};
  let reject: (error: Error) => void = () => {};
  const promise = new Promise<T>((ok, fail) => {
    resolve = ok;
    reject = fail;
  });
  return { promise, resolve, reject };
}
