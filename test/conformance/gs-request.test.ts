/** Servers: requests that are awaited later, and actors at work that become servers. */

import { type Actor, name, type Pid, type Self, type ServerMessage, serve } from 'beamish';
import { testSystem } from 'beamish/testing';
import { describe, expect, test } from 'vitest';
import { ran } from '../support/ran.ts';
import { everySchedule } from '../support/schedules.ts';
import { type Doer, doer, failureOf, fateOf, type Note, taking } from './doer.ts';

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
    await everySchedule(25, async (system) => {
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
  await everySchedule(14, async (system) => {
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
