/** Section J: synchronous starts. */

import { type Actor, configure, type ExitReason, type Pid, type Self, type Started } from 'beamish';
import { type TestSystem, testSystem } from 'beamish/testing';
import { expect, test } from 'vitest';
import { puppet } from '../support/puppet.ts';
import { everySchedule } from '../support/schedules.ts';
import { initFails, slow } from './plib-bodies.ts';

/** Starts it linked, and logs when the answer came, what it was, and what is left in the mailbox. */
function* starter(
  self: Self,
  system: TestSystem,
  traps: boolean,
  log: unknown[],
  options: { readonly ms?: number; readonly init?: () => unknown; readonly timeout?: number },
): Actor {
  const { ms = 0, init, timeout } = options;
  self.trapExit(traps);
  const body = timeout === undefined ? slow : configure(slow, { startTimeoutMs: timeout });
  const started: Started<Pid> = yield* self.startLink(body, ms, init);
  log.push(system.clock.now(), started.ok ? 'ok' : started.reason);
  log.push(system.actors().length);
  log.push(yield* self.receive().after(0));
}

test('PLIB-01 startLink returns when init has been done, and not before', async () => {
  const system = testSystem();
  const log: unknown[] = [];
  system.spawn(starter, system, false, log, { ms: 50 });
  await system.advance(49);
  expect(log).toEqual([]);
  await system.advance(1);
  expect(log.slice(0, 2)).toEqual([50, 'ok']);
});

test('PLIB-02 a failed init of a start without a link is told by its reason, and hurts nobody', async () => {
  const system = testSystem();
  const started = system.start(slow, 0, initFails).catch((error: unknown) => error);
  await system.settle();
  expect(await started).toMatchObject({ name: 'StartFailed', reason: { message: 'init' } });
  expect(system.actors()).toEqual([]);
});

test('PLIB-03 a caller that does not trap exits dies with a start that fails', async () => {
  const system = testSystem();
  const log: unknown[] = [];
  const caller = system.spawn(starter, system, false, log, { init: initFails });
  await system.settle();
  expect(system.reasonOf(caller)).toMatchObject({ message: 'init' });
  expect(log).toEqual([]);
});

test.each([
  ['an init that throws', initFails, { message: 'init' }],
  ['an init that ignores', () => 'ignore', 'ignore'],
])(
  'PLIB-04 to a caller that traps exits, %s is an answer, and no EXIT is left',
  async (_, init, reason) => {
    const system = testSystem();
    const log: unknown[] = [];
    system.spawn(starter, system, true, log, { init });
    await system.settle();
    if (typeof reason === 'string') expect(log[1]).toBe(reason);
    else expect(log[1]).toMatchObject(reason);
    expect(log[3]).toBeUndefined();
  },
);

test('PLIB-05 when a start has failed, the actor is dead and its name free', async () => {
  await everySchedule(3, async (system) => {
    const reasons: ExitReason[] = [];
    system.spawn(function* (self: Self): Actor {
      self.trapExit(true);
      for (const init of [initFails, () => 'ignore', initFails, () => undefined]) {
        const started = yield* self.startLink(configure(slow, { name: 'n' }), 0, init);
        reasons.push(started.ok ? 'ok' : started.reason);
        if (!started.ok) expect(self.whereis('n')).toBeUndefined();
      }
    });
    await system.settle();
    expect(reasons).toMatchObject([{ message: 'init' }, 'ignore', { message: 'init' }, 'ok']);
  });
});

test('PLIB-06 a start that takes too long fails with timeout, kills the actor and leaves no message', async () => {
  const system = testSystem();
  const log: unknown[] = [];
  system.spawn(starter, system, true, log, { ms: 1e6, timeout: 50 });
  await system.advance(2e6);
  expect(log).toEqual([50, 'timeout', 1, undefined]);
});

test('PLIB-08 the parent and all ancestors are known', async () => {
  const system = testSystem();
  const seen: unknown[] = [];
  system.events.on('crash', ({ ancestors, under }) => seen.push(ancestors, under));
  function* failing(self: Self): Actor {
    seen.push(self.parent);
    throw new Error('over');
  }
  const parent = await puppet(system);
  system.register('top', parent.pid);
  const pid = await parent.does((self) => self.spawn(failing));
  await system.settle();
  expect(system.told('spawn').find((each) => each.pid === pid)?.body).toBe('failing');
  expect(seen).toEqual([
    parent.pid,
    [parent.pid, system.root],
    [
      { pid: parent.pid, name: 'top', body: 'generatorPuppet' },
      { pid: system.root, name: undefined, body: 'outside' },
    ],
  ]);
});
