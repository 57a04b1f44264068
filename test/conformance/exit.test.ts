/** Exit signals and errors, beyond the table of `exit-matrix.test.ts`. */

import { type Actor, Exited, Nocatch, type Pid, type Self } from 'beamish';
import { testSystem } from 'beamish/testing';
import { describe, expect, test } from 'vitest';
import { BODIES, type PuppetMessage, puppet } from '../support/puppet.ts';

describe('exit signals', () => {
  test('EXIT-06 a reason reaches the watchers as it was given, whatever it is', async () => {
    for (const reason of ['shutdown', { shutdown: 'x' }, { a: 1 }, ['a', 'b'], 42, null]) {
      const system = testSystem();
      const target = await puppet(system);
      const watcher = await puppet(system);
      const ref = await watcher.does((self) => self.monitor(target.pid));
      system.exitSignal(target.pid, reason);
      expect(await watcher.mail()).toEqual([{ tag: 'DOWN', ref, target: target.pid, reason }]);
    }
  });

  test('EXIT-07 a trapped exit signal leaves the links as they are', async () => {
    const system = testSystem();
    const target = await puppet(system, { trapExit: true });
    const linked = await puppet(system);
    await target.does((self) => self.link(linked.pid));
    await linked.does((self) => self.exitSignal(target.pid, 'other'));
    expect(system.info(target.pid)?.links).toEqual([linked.pid]);
    expect(system.info(linked.pid)?.links).toEqual([target.pid]);
  });

  test.each([
    ["exit('kill')", 'kill'],
    ["exitSignal(self, 'kill')", 'killed'],
  ])(
    'EXIT-14 %s at the end of a chain of links reaches its other end as %s',
    async (how, expected) => {
      const system = testSystem();
      const top = await puppet(system, { trapExit: true });
      const chain = [top];
      for (let i = 0; i < 5; i++) {
        const next = await puppet(system);
        await chain.at(-1)?.does((self) => self.link(next.pid));
        chain.push(next);
      }
      await chain
        .at(-1)
        ?.does((self) => (how.startsWith('exit(') ? self.exit('kill') : selfKill(self)));
      expect(await top.mail()).toEqual([{ tag: 'EXIT', from: chain[1]?.pid, reason: expected }]);
      for (const { pid } of chain.slice(1)) expect(system.reasonOf(pid)).toBe(expected);
    },
  );

  test.each(BODIES)(
    'EXIT-15 after exitSignal(self, normal) nothing more runs (%s body)',
    async (body) => {
      const system = testSystem();
      const target = await puppet(system, { body });
      let ranOn = false;
      await target.does((self) => {
        self.exitSignal(self.pid, 'normal');
        ranOn = true;
      });
      expect(ranOn).toBe(false);
      expect(system.reasonOf(target.pid)).toBe('normal');
    },
  );

  test.each(BODIES)(
    'EXIT-16 exitSignal to oneself while trapping returns, and the EXIT waits in the mailbox (%s body)',
    async (body) => {
      const system = testSystem();
      const target = await puppet(system, { body, trapExit: true });
      const ranOn = await target.does((self) => {
        self.exitSignal(self.pid, 'other');
        return true;
      });
      expect(ranOn).toBe(true);
      expect(await target.mail()).toEqual([{ tag: 'EXIT', from: target.pid, reason: 'other' }]);
    },
  );

  test('EXIT-18 a generator that swallows the end it gave itself has no effect and goes no further', async () => {
    const system = testSystem();
    const witness = await puppet(system);
    const log: string[] = [];
    const pid = system.spawn(stubborn, witness.pid, log);
    await system.settle();
    expect(system.reasonOf(pid)).toBe('die');
    expect(log).toEqual(['swallowed']);
    expect(await witness.mail()).toEqual([]);

    function* stubborn(self: Self, to: Pid<PuppetMessage>, into: string[]): Actor {
      try {
        self.exitSignal(self.pid, 'die');
        into.push('ran on');
      } catch {
        into.push('swallowed');
      }
      self.send(to, { tag: 'note', what: 'zombie' });
      yield* self.sleep(0);
      into.push('went on');
      self.exit('survived');
    }
  });

  test('EXIT-18 an async body that swallows the end it gave itself has no effect and goes no further', async () => {
    const system = testSystem();
    const witness = await puppet(system);
    const log: string[] = [];
    const pid = system.spawn(stubborn, witness.pid, log);
    await system.advance(10);
    expect(system.reasonOf(pid)).toBe('die');
    expect(log).toEqual(['swallowed']);
    expect(await witness.mail()).toEqual([]);

    async function stubborn(self: Self, to: Pid<PuppetMessage>, into: string[]): Promise<void> {
      await self.sleep(1);
      try {
        self.exitSignal(self.pid, 'die');
        into.push('ran on');
      } catch {
        into.push('swallowed');
      }
      self.send(to, { tag: 'note', what: 'zombie' });
      await self.sleep(0);
      into.push('went on');
      self.exit('survived');
    }
  });

  test.each(
    BODIES.flatMap((body) => ['returns', 'exits', 'throws'].map((then) => [body, then] as const)),
  )(
    'EXIT-18 the end that a %s body gave itself stands, though it swallows it and %s',
    async (body, then) => {
      const system = testSystem();
      const pid = system.spawn(body === 'async' ? asyncStubborn : stubborn);
      await system.settle();
      expect(system.reasonOf(pid)).toBe('die');
      expect(system.told('crash')).toEqual([]);

      function* stubborn(self: Self): Actor {
        goOn(self);
      }
      async function asyncStubborn(self: Self): Promise<void> {
        goOn(self);
      }
      function goOn(self: Self): void {
        try {
          self.exitSignal(self.pid, 'die');
        } catch {
          // Swallows its end.
        }
        if (then === 'exits') self.exit('survived');
        if (then === 'throws') throw new Error('survived');
      }
    },
  );

  test('EXIT-19 exit is an exception that can be caught', async () => {
    const system = testSystem();
    const caught: unknown[] = [];
    const pid = system.spawn(catcher);
    await system.settle();
    expect(caught).toMatchObject([{ name: 'Exited', reason: 'x' }]);
    expect(caught[0]).toBeInstanceOf(Exited);
    expect(system.reasonOf(pid)).toBe('normal');

    function* catcher(self: Self): Actor {
      try {
        self.exit('x');
      } catch (error) {
        caught.push(error);
      }
    }
  });

  test.each(BODIES)(
    'EXIT-19 an exit that nobody catches is the exit reason as it is (%s body)',
    async (body) => {
      for (const reason of ['x', 'shutdown', 'normal', { a: 1 }, ['b']]) {
        const system = testSystem();
        const target = await puppet(system, { body });
        await target.does((self) => self.exit(reason as never));
        expect(system.reasonOf(target.pid)).toBe(reason);
      }
    },
  );

  test.each(BODIES)(
    "EXIT-20 exit('kill') that nobody catches is the reason 'kill' (%s body)",
    async (body) => {
      const system = testSystem();
      const target = await puppet(system, { body, trapExit: true });
      await target.does((self) => self.exit('kill'));
      expect(system.reasonOf(target.pid)).toBe('kill');
    },
  );

  test.each(BODIES)(
    'EXIT-23 the first signal that ends an actor says why (%s body)',
    async (body) => {
      const system = testSystem();
      const target = await puppet(system, { body });
      const sender = await puppet(system);
      await sender.does((self) => {
        self.exitSignal(target.pid, 'first');
        self.exitSignal(target.pid, 'second');
        self.exitSignal(target.pid, 'kill');
      });
      expect(system.reasonOf(target.pid)).toBe('first');
      expect(system.told('exit').filter(({ pid }) => pid === target.pid)).toHaveLength(1);
    },
  );

  test('EXIT-24 exit signals to the dead are ignored', async () => {
    const system = testSystem();
    const target = await puppet(system);
    const sender = await puppet(system, { trapExit: true });
    await target.does((self) => self.exit('gone'));
    await sender.does((self) => {
      self.exitSignal(target.pid, 'boom');
      self.exitSignal(target.pid, 'kill');
    });
    expect(await sender.mail()).toEqual([]);
    expect(system.told('exit')).toHaveLength(1);
    expect(system.reasonOf(target.pid)).toBe('gone');
  });

  test('EXIT-25 exitSignal to what is no pid is a TypeError in the caller', async () => {
    const system = testSystem();
    const actor = await puppet(system);
    const thrown = await actor.does((self) => {
      const ref = self.monitor(system.root);
      return ['foo', ref, undefined, { name: 'foo' }].map((what) => {
        try {
          self.exitSignal(what as never, 'boom');
          return undefined;
        } catch (error) {
          return error;
        }
      });
    });
    for (const error of thrown) expect(error).toBeInstanceOf(TypeError);
    expect(() => system.exitSignal('foo' as never, 'boom')).toThrow(TypeError);
    expect(system.info(actor.pid)).toBeDefined();
  });

  test('EXIT-26 an EXIT made by exitSignal is from its sender, the root if it came from outside', async () => {
    const system = testSystem();
    const target = await puppet(system, { trapExit: true });
    const sender = await puppet(system);
    await sender.does((self) => self.exitSignal(target.pid, 'x'));
    system.exitSignal(target.pid, 'y');
    expect(await target.mail()).toEqual([
      { tag: 'EXIT', from: sender.pid, reason: 'x' },
      { tag: 'EXIT', from: system.root, reason: 'y' },
    ]);
  });

  test('EXIT-27 an EXIT goes to the tail of the mailbox like any message', async () => {
    const system = testSystem();
    const target = await puppet(system, { trapExit: true });
    const stranger = await puppet(system);
    system.send(target.pid, { tag: 'note', what: 'a' });
    await stranger.does((self) => self.exitSignal(target.pid, 'r'));
    system.send(target.pid, { tag: 'note', what: 'b' });
    expect(await target.mail()).toEqual([
      { tag: 'note', what: 'a' },
      { tag: 'EXIT', from: stranger.pid, reason: 'r' },
      { tag: 'note', what: 'b' },
    ]);
  });

  test('EXIT-28 an EXIT that is in the mailbox stays a message when trapping ends', async () => {
    const system = testSystem();
    const target = await puppet(system, { trapExit: true });
    system.exitSignal(target.pid, 'sig');
    expect(await target.does((self) => self.trapExit(false))).toBe(true);
    expect(await target.mail()).toEqual([{ tag: 'EXIT', from: system.root, reason: 'sig' }]);
  });

  test.each(BODIES)(
    'EXIT-29 what counts is whether the actor traps exits when the signal reaches it (%s body)',
    async (body) => {
      const system = testSystem();
      let began = false;
      const pid = system.spawn(body === 'async' ? asyncTrapper : trapper);
      system.exitSignal(pid, 'early');
      await system.settle();
      expect(system.reasonOf(pid)).toBe('early');
      expect(began).toBe(false);

      function* trapper(self: Self): Actor {
        began = true;
        self.trapExit(true);
        yield* self.receive('EXIT');
      }
      async function asyncTrapper(self: Self): Promise<void> {
        began = true;
        self.trapExit(true);
        await self.receive('EXIT');
      }
    },
  );

  test.each(BODIES)(
    'EXIT-37 a large reason reaches every link and every monitor whole (%s body)',
    async (body) => {
      const system = testSystem();
      const target = await puppet(system, { body });
      const watchers = [];
      for (let i = 0; i < 10; i++) watchers.push(await puppet(system, { trapExit: true }));
      for (const watcher of watchers) {
        await watcher.does((self) => {
          self.link(target.pid);
          self.monitor(target.pid);
        });
      }
      const reason = large(6);
      await target.does((self) => self.exit(reason));
      for (const watcher of watchers) {
        expect(await watcher.mail()).toMatchObject([
          { tag: 'EXIT', reason: large(6) },
          { tag: 'DOWN', reason: large(6) },
        ]);
      }
    },
  );

  test('EXIT-38 the dead are in no links and monitors of those who survive', async () => {
    const system = testSystem();
    const target = await puppet(system);
    const survivor = await puppet(system, { trapExit: true });
    await survivor.does((self) => {
      self.link(target.pid);
      self.monitor(target.pid);
    });
    await target.does((self) => self.monitor(survivor.pid));
    await target.does((self) => self.exit('bye'));
    expect(system.info(survivor.pid)).toMatchObject({ links: [], monitors: [], monitoredBy: [] });
  });
});

describe('errors', () => {
  test.each(BODIES)(
    'EXIT-32 an error that nobody catches is the exit reason, with its stack (%s body)',
    async (body) => {
      const system = testSystem();
      const watcher = await puppet(system);
      const crash = new Error('oops', { cause: 'why' });
      const target = await puppet(system, { body });
      await watcher.does((self) => self.monitor(target.pid));
      await expect(
        target.does(() => {
          throw crash;
        }),
      ).rejects.toBe(crash);
      const [down] = await watcher.mail();
      expect(down).toMatchObject({ tag: 'DOWN' });
      expect((down as { reason?: unknown }).reason).toBe(crash);
      expect(crash.stack).toContain('exit.test.ts');
    },
  );

  test.each(BODIES)(
    'EXIT-33 an uncaught value that is no Error ends as Nocatch, which tells it from an Error (%s body)',
    async (body) => {
      for (const value of ['oops', 'normal', 'shutdown', { a: 1 }, undefined]) {
        const system = testSystem();
        const target = await puppet(system, { body });
        await target
          .does(() => {
            throw value;
          })
          .catch(() => {});
        const reason = system.reasonOf(target.pid) as Nocatch;
        expect(reason).toBeInstanceOf(Nocatch);
        expect(reason.value).toBe(value);
        expect(reason.stack).toContain('Nocatch');
        expect(system.told('crash')).toHaveLength(1);
      }
    },
  );

  test.each(BODIES)(
    'EXIT-34 the reason keeps the class, the name and the code of an error (%s body)',
    async (body) => {
      class Refused extends Error {
        readonly code = 'E_REFUSED';
        override readonly name = 'Refused';
      }
      const errors: readonly Error[] = [
        new TypeError('no function'),
        new RangeError('out of range'),
        new Refused('no'),
      ];
      for (const error of errors) {
        const system = testSystem();
        const target = await puppet(system, { body });
        await target
          .does(() => {
            throw error;
          })
          .catch(() => {});
        const reason = system.reasonOf(target.pid);
        expect(reason).toBeInstanceOf(error.constructor);
        expect(reason).toMatchObject({ name: error.name, message: error.message });
        if (error instanceof Refused) expect(reason).toMatchObject({ code: 'E_REFUSED' });
        expect(structuredClone(reason)).toMatchObject({ message: error.message });
      }
    },
  );

  test('EXIT-36 exit in a helper three calls deep ends the whole actor (generator body)', async () => {
    const system = testSystem();
    const log: string[] = [];
    const pid = system.spawn(outer);
    await system.advance(10);
    expect(system.reasonOf(pid)).toBe('x');
    expect(log).toEqual([]);

    function* outer(self: Self): Actor {
      yield* middle(self);
      log.push('outer');
    }
    function* middle(self: Self): Actor {
      yield* inner(self);
      log.push('middle');
    }
    function* inner(self: Self): Actor {
      yield* self.sleep(1);
      self.exit('x');
    }
  });

  test('EXIT-36 exit in a helper three calls deep ends the whole actor (async body)', async () => {
    const system = testSystem();
    const log: string[] = [];
    const pid = system.spawn(outer);
    await system.advance(10);
    expect(system.reasonOf(pid)).toBe('x');
    expect(log).toEqual([]);

    async function outer(self: Self): Promise<void> {
      await middle(self);
      log.push('outer');
    }
    async function middle(self: Self): Promise<void> {
      await inner(self);
      log.push('middle');
    }
    async function inner(self: Self): Promise<void> {
      await self.sleep(1);
      self.exit('x');
    }
  });
});

function selfKill(self: Self<PuppetMessage>): void {
  self.exitSignal(self.pid, 'kill');
}

/** A deep and wide value. */
function large(depth: number): object {
  return depth === 0 ? { leaf: 'x'.repeat(100) } : { a: large(depth - 1), b: [large(depth - 1)] };
}
