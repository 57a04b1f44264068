/** Signals: their order. */

import type { Actor, Message, Pid, Self } from 'beamish';
import { describe, expect, test } from 'vitest';
import { idler, mortal, numbered, plain, recorder } from '../support/recorder.ts';
import { everySchedule, underSchedules } from '../support/schedules.ts';

describe('order', () => {
  test('SIG-01 two messages from A to B are queued at B in the order sent', async () => {
    await underSchedules(20, async (system) => {
      const idle = system.spawn(idler);
      const log: Message[] = [];
      const busy = system.spawn(recorder, log);
      system.spawn(function* sender(self: Self): Actor {
        for (let n = 1; n <= 1000; n++) {
          self.send(idle, numbered(n));
          self.send(busy, numbered(n));
          if (n % 7 === 0) yield* self.yield();
        }
      });
      await system.settle();
      const all = Array.from({ length: 1000 }, (_, i) => numbered(i + 1));
      expect(system.mailbox(idle)).toEqual(all);
      expect(log).toEqual(all);
    });
  });

  describe('SIG-02 the order of a pair holds for every kind of signal', () => {
    test('SIG-02 message, exit signal, message', async () => {
      await everySchedule(6, async (system) => {
        const log: Message[] = [];
        const b = system.spawn(recorder, log);
        const a = system.spawn(function* a(self: Self): Actor {
          // B has begun to trap exits.
          yield* self.sleep(1);
          self.send(b, plain('m1'));
          self.exitSignal(b, 'x');
          self.send(b, plain('m2'));
        });
        await system.advance(1);
        expect(log).toEqual([plain('m1'), { tag: 'EXIT', from: a, reason: 'x' }, plain('m2')]);
      });
    });

    test('SIG-02 message, link, message, end', async () => {
      await everySchedule(6, async (system) => {
        const log: Message[] = [];
        const b = system.spawn(recorder, log);
        const a = system.spawn(function* a(self: Self): Actor {
          yield* self.sleep(1);
          self.send(b, plain('m1'));
          self.link(b);
          self.send(b, plain('m2'));
          self.exit('bye');
        });
        await system.advance(1);
        expect(log).toEqual([plain('m1'), plain('m2'), { tag: 'EXIT', from: a, reason: 'bye' }]);
      });
    });

    test('SIG-02 link, unlink, message, end: no EXIT', async () => {
      await everySchedule(6, async (system) => {
        const log: Message[] = [];
        const b = system.spawn(recorder, log);
        system.spawn(function* a(self: Self): Actor {
          yield* self.sleep(1);
          self.link(b);
          self.unlink(b);
          self.send(b, plain('m1'));
          self.exit('bye');
        });
        await system.advance(1);
        expect(log).toEqual([plain('m1')]);
        expect(system.info(b)?.links).toEqual([]);
      });
    });

    test('SIG-02 monitor, demonitor, monitor, request to stop: one DOWN', async () => {
      await everySchedule(10, async (system) => {
        const b = system.spawn(function* b(self: Self<{ tag: 'stop' }>): Actor {
          yield* self.receive('stop');
          self.exit('asked');
        });
        const log: Message[] = [];
        system.spawn(function* a(self: Self): Actor {
          self.demonitor(self.monitor(b));
          const ref = self.monitor(b);
          self.send(b, { tag: 'stop' });
          log.push(yield* self.receive());
          expect(log).toEqual([{ tag: 'DOWN', ref, target: b, reason: 'asked' }]);
          log.push(yield* self.receive());
        });
        await system.settle();
        expect(log).toHaveLength(1);
        expect(system.told('crash')).toEqual([]);
      });
    });
  });

  test('SIG-03 a receiver killed by a signal handles nothing that the killer sent after it', async () => {
    await everySchedule(14, async (system) => {
      const log: Message[] = [];
      const b = system.spawn(mortal, log);
      system.spawn(function* killer(self: Self): Actor {
        yield* self.yield();
        for (let n = 0; n < 3; n++) self.send(b, plain('may'));
        self.exitSignal(b, 'sig');
        for (let n = 0; n < 3; n++) self.send(b, plain('maynot'));
      });
      await system.settle();
      expect(system.reasonOf(b)).toBe('sig');
      expect(log).not.toContainEqual(plain('maynot'));
    });
  });

  function* child(self: Self, watcher: Pid<Message>): Actor {
    for (const n of [1, 2, 3]) self.send(watcher, numbered(n));
    self.exit('bye');
  }

  test('SIG-04 what an actor sent to its watcher arrives before its DOWN', async () => {
    await everySchedule(7, async (system) => {
      const log: Message[] = [];
      system.spawn(function* watcher(self: Self<Message>): Actor {
        const { pid, ref } = self.spawnMonitor(child, self.pid);
        for (let i = 0; i < 4; i++) log.push(yield* self.receive());
        const down = { tag: 'DOWN', ref, target: pid, reason: 'bye' };
        expect(log).toEqual([numbered(1), numbered(2), numbered(3), down]);
      });
      await system.settle();
      expect(log).toHaveLength(4);
      expect(system.told('crash')).toEqual([]);
    });
  });

  test('SIG-05 what an actor sent to a linked one arrives before its EXIT', async () => {
    await everySchedule(7, async (system) => {
      const log: Message[] = [];
      system.spawn(function* watcher(self: Self<Message>): Actor {
        self.trapExit(true);
        const from = self.spawnLink(child, self.pid);
        for (let i = 0; i < 4; i++) log.push(yield* self.receive());
        const exit = { tag: 'EXIT', from, reason: 'bye' };
        expect(log).toEqual([numbered(1), numbered(2), numbered(3), exit]);
      });
      await system.settle();
      expect(log).toHaveLength(4);
      expect(system.told('crash')).toEqual([]);
    });
  });

  test('SIG-06 a monitor placed before a request to stop brings the true reason', async () => {
    await everySchedule(10, async (system) => {
      const reasons: unknown[] = [];
      const target = system.spawn(function* target(self: Self<{ tag: 'stop' }>): Actor {
        yield* self.receive('stop');
        self.exit('r');
      });
      system.spawn(function* watcher(self: Self): Actor {
        self.monitor(target);
        self.send(target, { tag: 'stop' });
        reasons.push((yield* self.receive('DOWN')).reason);
      });
      await system.settle();
      expect(reasons).toEqual(['r']);
    });
  });

  test('SIG-07 between different senders no order is promised, and schedules do differ', async () => {
    const orders = new Set<string>();
    await underSchedules(50, async (system) => {
      const log: Message[] = [];
      const to = system.spawn(recorder, log);
      for (const who of ['a', 'b']) {
        system.spawn(function* sender(self: Self): Actor {
          for (let n = 0; n < 3; n++) {
            self.send(to, plain(`${who}${n}`));
            yield* self.yield();
          }
        });
      }
      await system.settle();
      const tags = log.map((message) => message.tag);
      for (const who of ['a', 'b']) {
        const own = tags.filter((tag) => tag.startsWith(who));
        expect(own).toEqual([0, 1, 2].map((n) => `${who}${n}`));
      }
      orders.add(tags.join());
    });
    expect(orders.size).toBeGreaterThan(5);
  });
});
