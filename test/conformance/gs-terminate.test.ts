/** Servers: how they end, and what is told of it. */

import {
  type Actor,
  configure,
  type Pid,
  type Self,
  type ServerSelf,
  server,
  shutdown,
} from 'beamish';
import { testSystem } from 'beamish/testing';
import { describe, expect, test, vi } from 'vitest';
import { ran } from '../support/ran.ts';
import { everySchedule } from '../support/schedules.ts';
import { type Act, type Doer, doer, fails, type Note, traps } from './doer.ts';

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
  await everySchedule(4, async (system) => {
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
  await everySchedule(3, async (system) => {
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
