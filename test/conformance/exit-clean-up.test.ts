/** What still runs of an actor when it ends, and what no longer does. */

import { type Actor, configure, type Pid, type Self, server } from 'beamish';
import { testSystem } from 'beamish/testing';
import { afterEach, describe, expect, test, vi } from 'vitest';
import { Log } from '../support/log.ts';
import { type PuppetMessage, puppet } from '../support/puppet.ts';

describe('clean-up', () => {
  for (const reason of ['boom', 'kill'])
    test(`EXIT-21 when '${reason}' ends a generator its finally blocks run, then what it deferred, last first, and no catch`, async () => {
      const system = testSystem();
      const log: string[] = [];
      const pid = system.spawn(careful, log);
      await system.settle();
      system.exitSignal(pid, reason);
      expect(log).toEqual([]);
      await system.settle();
      expect(log).toEqual(['inner finally', 'using', 'outer finally', 'deferred 2', 'deferred 1']);
      expect(system.reasonOf(pid)).toBe(reason === 'kill' ? 'killed' : 'boom');
    });

  function* careful(self: Self, log: string[]): Actor {
    self.defer(() => log.push('deferred 1'));
    self.defer(() => log.push('deferred 2'));
    try {
      using _ = { [Symbol.dispose]: () => log.push('using') };
      try {
        yield* self.receive('EXIT');
      } catch {
        log.push('catch');
      } finally {
        log.push('inner finally');
      }
    } catch {
      log.push('outer catch');
    } finally {
      log.push('outer finally');
    }
    log.push('went on');
  }

  test('EXIT-21 an async body that is ended runs what it deferred, and none of its own code', async () => {
    const system = testSystem();
    const log: string[] = [];
    const pid = system.spawn(careful, log);
    await system.settle();
    system.exitSignal(pid, 'boom');
    await system.settle();
    expect(log).toEqual(['deferred 2', 'deferred 1']);
    expect(system.reasonOf(pid)).toBe('boom');

    async function careful(self: Self, into: string[]): Promise<void> {
      self.defer(() => into.push('deferred 1'));
      self.defer(() => into.push('deferred 2'));
      try {
        await self.receive('EXIT');
      } catch {
        into.push('catch');
      } finally {
        into.push('finally');
      }
    }
  });

  test('EXIT-21 a helper that an async body performs is unwound', async () => {
    const system = testSystem();
    const log: string[] = [];
    const pid = system.spawn(performer);
    await system.settle();
    system.exitSignal(pid, 'boom');
    await system.settle();
    expect(log).toEqual(['finally']);

    async function performer(self: Self): Promise<void> {
      await self.perform(helper(self));
    }
    function* helper(self: Self): Actor {
      try {
        yield* self.receive('EXIT');
      } finally {
        log.push('finally');
      }
    }
  });

  test('EXIT-21 clean-up comes before the news, and after the name is free', async () => {
    const system = testSystem();
    const log: unknown[] = [];
    const pid = system.spawn(configure(named, { name: 'n' }));
    system.spawn(watcher);
    await system.settle();
    system.exitSignal(pid, 'boom');
    expect(system.whereis('n')).toBeUndefined();
    await system.settle();
    expect(log).toEqual([['deferred', undefined], 'DOWN']);

    function* named(self: Self): Actor {
      self.defer(() => log.push(['deferred', system.whereis('n')]));
      yield* self.receive('EXIT');
    }
    function* watcher(self: Self): Actor {
      self.monitor(pid);
      yield* self.receive('DOWN');
      log.push('DOWN');
    }
  });

  test('EXIT-21 while an actor unwinds its verbs do nothing but make dead letters', async () => {
    const system = testSystem();
    const witness = await puppet(system, { trapExit: true });
    const log: string[] = [];
    const pid = system.spawn(unwinder);
    await system.settle();
    system.exitSignal(pid, 'boom');
    await system.settle();
    expect(log).toEqual(['finally to its end', 'deferred to its end']);
    expect(await witness.mail()).toEqual([]);
    expect(system.info(witness.pid)).toMatchObject({ links: [], monitoredBy: [], name: undefined });
    expect(system.told('dead_letter').map(({ from }) => from)).toEqual(Array(10).fill(pid));

    function* unwinder(self: Self): Actor {
      self.defer(() => {
        actInVain(self, witness.pid);
        log.push('deferred to its end');
      });
      try {
        yield* self.receive('EXIT');
      } finally {
        actInVain(self, witness.pid);
        log.push('finally to its end');
      }
    }
    function actInVain(self: Self, to: Pid<PuppetMessage>): void {
      self.send(to, { tag: 'note', what: 'zombie' });
      self.exitSignal(to, 'zombie');
      self.link(to);
      self.monitor(to);
      self.register('zombie', to);
    }
  });

  test('EXIT-21 clean-up that suspends is dropped where it stands', async () => {
    const system = testSystem();
    const log: string[] = [];
    const pid = system.spawn(lingering);
    await system.settle();
    system.exitSignal(pid, 'boom');
    await system.advance(1_000);
    expect(log).toEqual(['before']);
    expect(system.reasonOf(pid)).toBe('boom');

    function* lingering(self: Self): Actor {
      try {
        yield* self.receive('EXIT');
      } finally {
        log.push('before');
        yield* self.sleep(10);
        log.push('after');
      }
    }
  });

  afterEach(() => vi.restoreAllMocks());

  test('EXIT-21 an error in clean-up is reported and changes no reason, and the rest of the clean-up runs', async () => {
    const { lines } = Log.ofStderr();
    const system = testSystem({ log: 'text' });
    const log: string[] = [];
    const pid = system.spawn(clumsy);
    await system.settle();
    system.exitSignal(pid, 'boom');
    await system.settle();
    expect(log).toEqual(['deferred 2', 'deferred 1']);
    expect(system.reasonOf(pid)).toBe('boom');
    expect(lines.join('\n')).toMatch(/in a finally block.*in a deferred function/s);

    function* clumsy(self: Self): Actor {
      self.defer(() => log.push('deferred 1'));
      self.defer(() => {
        log.push('deferred 2');
        throw new Error('in a deferred function');
      });
      try {
        yield* self.receive('EXIT');
      } finally {
        // biome-ignore lint/correctness/noUnsafeFinally: this is what is tested
        throw new Error('in a finally block');
      }
    }
  });

  test('EXIT-21 the terminate of a server does not run when a signal ends it', async () => {
    const system = testSystem();
    const log: string[] = [];
    const pid = system.spawn(server(() => ({ terminate: () => log.push('terminate') })));
    await system.settle();
    system.exitSignal(pid, 'boom');
    await system.settle();
    expect(system.reasonOf(pid)).toBe('boom');
    expect(log).toEqual([]);
  });

  for (const [how, fail] of [
    ['exit', (self: Self) => self.exit('boom')],
    [
      'an error',
      () => {
        throw new Error('boom');
      },
    ],
    [
      'a thrown value',
      () => {
        throw 'boom';
      },
    ],
  ] as const) {
    test(`EXIT-22 when ${how} ends a generator its finally blocks run, and can still act and wait`, async () => {
      const system = testSystem();
      const witness = await puppet(system);
      system.spawn(failing);
      await system.advance(10);
      expect(await witness.mail()).toEqual([{ tag: 'note', what: 'ran' }]);

      function* failing(self: Self): Actor {
        try {
          fail(self);
        } finally {
          yield* self.sleep(5);
          self.send(witness.pid, { tag: 'note', what: 'ran' });
        }
      }
    });

    test(`EXIT-22 when ${how} ends an async body its finally blocks run, and can still act and wait`, async () => {
      const system = testSystem();
      const witness = await puppet(system);
      const pid = system.spawn(failing);
      await system.advance(10);
      expect(await witness.mail()).toEqual([{ tag: 'note', what: 'ran' }]);
      expect(system.info(pid)).toBeUndefined();

      async function failing(self: Self): Promise<void> {
        try {
          fail(self);
        } finally {
          await self.sleep(5);
          self.send(witness.pid, { tag: 'note', what: 'ran' });
        }
      }
    });
  }
});
