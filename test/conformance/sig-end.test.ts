/** Signals: what has happened by the time that an end is heard of. */

import { type Actor, configure, type Message, type Pid, type Self } from 'beamish';
import { testSystem } from 'beamish/testing';
import { describe, expect, test } from 'vitest';
import { idler, plain } from '../support/recorder.ts';
import { everySchedule } from '../support/schedules.ts';

describe('the end of an actor', () => {
  const ENDS: readonly (readonly [string, (self: Self<{ tag: 'end' }>) => void])[] = [
    ['returns', () => {}],
    ['exits', (self) => self.exit('bye')],
    [
      'crashes',
      () => {
        throw new Error('crash');
      },
    ],
    ['exits by a signal to itself', (self) => self.exitSignal(self.pid, 'kill')],
  ];

  test.each(ENDS)('SIG-15 its name is free before anyone hears that it %s', async (_, end) => {
    await everySchedule(168, async (system) => {
      const free: unknown[] = [];
      const owner = system.spawn(
        configure(
          function* owner(self: Self<{ tag: 'end' }>): Actor {
            yield* self.receive('end');
            end(self);
          },
          { name: 'n' },
        ),
      );
      function* watcher(self: Self, tie: 'link' | 'monitor'): Actor {
        self.trapExit(true);
        self[tie](owner);
        self.send(owner, { tag: 'end' });
        yield* self.receive('EXIT', 'DOWN');
        free.push(self.whereis('n'), self.info(owner));
        self.register('n', self.pid);
        self.unregister('n');
      }
      system.spawn(watcher, 'link');
      system.spawn(watcher, 'monitor');
      await system.settle();
      expect(free).toEqual([undefined, undefined, undefined, undefined]);
      expect(system.told('crash').filter(({ pid }) => pid !== owner)).toEqual([]);
    });
  });

  test('SIG-15 its timers are gone before anyone hears of its end', async () => {
    const system = testSystem();
    const owner = system.spawn(idler);
    const timer = system.sendAfter(10, owner, plain('late'));
    const left: unknown[] = [];
    system.spawn(function* watcher(self: Self): Actor {
      self.monitor(owner);
      self.exitSignal(owner, 'boom');
      yield* self.receive('DOWN');
      left.push(self.cancelTimer(timer));
    });
    await system.settle();
    expect(left).toEqual([false]);
    await system.advance(20);
    expect(system.told('dead_letter')).toEqual([]);
  });

  test.each(['kill', 'boom'])(
    'SIG-16 after a signal "%s" the actor is dead at once',
    async (reason) => {
      await everySchedule(2448, async (system) => {
        const victims = [
          system.spawn(idler),
          system.spawn(function* sleeper(self: Self): Actor {
            yield* self.sleep(1000);
          }),
          system.spawn(async function waiter(self: Self): Promise<void> {
            await self.wait(new Promise(() => {}));
          }),
        ];
        let alive: unknown[] = [];
        system.spawn(function* killer(self: Self): Actor {
          yield* self.yield();
          for (const victim of victims) self.exitSignal(victim, reason);
          alive = victims.map((victim) => self.info(victim));
        });
        await system.settle();
        expect(alive).toEqual([undefined, undefined, undefined]);
      });
    },
  );

  test('SIG-17 a killed actor has lost its name at once, and another can take it', () => {
    const system = testSystem();
    const victim = system.spawn(configure(idler, { name: 'n' }));
    const heir = system.spawn(idler);
    expect(system.whereis('n')).toBe(victim);
    system.exitSignal(victim, 'kill');
    expect(system.whereis('n')).toBeUndefined();
    system.register('n', heir);
    expect(system.whereis('n')).toBe(heir);
  });

  test('SIG-18 info tells whether an actor is alive: oneself, yes; who has ended, no', async () => {
    const system = testSystem();
    const ended = system.spawn(function* brief(): Actor {});
    await system.settle();
    const seen: unknown[] = [];
    const pid = system.spawn(function* curious(self: Self): Actor {
      seen.push(self.info(self.pid)?.pid, self.info(ended));
    });
    await system.settle();
    expect(seen).toEqual([pid, undefined]);
  });

  test('SIG-18 nobody can know at once whether an actor of another system is alive', () => {
    const other = testSystem({ name: 'other' });
    const stranger = other.spawn(idler);
    expect(() => testSystem().info(stranger)).toThrow(
      new TypeError('Cannot look at <other.1>: it is of another system'),
    );
  });

  test('SIG-20 what is left in the mailbox at the end is dropped without a word', async () => {
    const system = testSystem();
    const pid = system.spawn(function* leaver(self: Self<Message>): Actor {
      yield* self.receive('go');
    });
    for (const tag of ['junk', 'junk', 'go', 'junk']) system.send(pid, plain(tag));
    await system.settle();
    expect(system.reasonOf(pid)).toBe('normal');
    expect(system.told('dead_letter')).toEqual([]);
    expect(system.told('crash')).toEqual([]);
  });

  test('SIG-21 an event tells who sent what to whom in vain', async () => {
    const system = testSystem();
    const dead = system.spawn(function* brief(): Actor {});
    await system.settle();
    const message = { tag: 'hello', to: 'you' };
    expect(system.send(dead as Pid<Message>, message)).toBeUndefined();
    expect(system.told('dead_letter')).toEqual([
      { from: system.root, to: dead, message, why: 'noproc' },
    ]);
  });
});
