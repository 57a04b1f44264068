/** Servers: casts, other messages, and what comes between messages. */

import {
  type Actor,
  type CallFailed,
  name,
  type Pid,
  type Self,
  type ServerSelf,
  server,
} from 'beamish';
import { testSystem } from 'beamish/testing';
import { describe, expect, test } from 'vitest';
import { ran } from '../support/ran.ts';
import { idler } from '../support/recorder.ts';
import { everySchedule } from '../support/schedules.ts';
import { type Doer, doer, fateOf, type Note, traps } from './doer.ts';

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
  await everySchedule(12, async (system) => {
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
  await everySchedule(4, async (system) => {
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
  await everySchedule(10, async (system) => {
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
  await everySchedule(4, async (system) => {
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
