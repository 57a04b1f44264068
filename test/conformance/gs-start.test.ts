/** Servers: how they start, and in which order their handlers run. */

import {
  type Actor,
  configure,
  name,
  type Pid,
  type Self,
  type ServerSelf,
  StartFailed,
  server,
} from 'beamish';
import { testSystem } from 'beamish/testing';
import { describe, expect, test } from 'vitest';
import { ran } from '../support/ran.ts';
import { everySchedule } from '../support/schedules.ts';
import { type Doer, doer, fails, fateOf, type Note } from './doer.ts';

test('GS-01 handlers run one at a time, to their end, in mailbox order: generators', async () => {
  await everySchedule(3, async (system) => {
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
  await everySchedule(30, async (system) => {
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
