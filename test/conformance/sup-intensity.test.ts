/** Supervisors: how many restarts are too many, and what may be asked meanwhile. */

import {
  type Actor,
  child,
  deleteChild,
  type Pid,
  restartChild,
  type Self,
  type ServerSelf,
  type Supervisor,
  server,
  startChild,
  supervisor,
  terminateChild,
  whichChildren,
} from 'beamish';
import { type TestSystem, testSystem } from 'beamish/testing';
import { describe, expect, test } from 'vitest';
import {
  childrenOf,
  type End,
  endChild,
  type Log,
  news,
  obedient,
  started,
} from '../support/supervised.ts';
import { doing, MANY, workers } from './workers.ts';

describe('restart intensity', () => {
  test('SUP-21 with intensity N, N restarts are fine and the next ends the supervisor', async () => {
    const system = testSystem();
    const sup = await started(system, supervisor({ intensity: 3, children: workers([], 'a') }));
    const alive: boolean[] = [];
    for (let i = 0; i < 4; i++) {
      await endChild(system, sup, 'a', 'x');
      alive.push(system.info(sup) !== undefined);
    }
    expect(alive).toEqual([true, true, true, false]);
  });

  test('SUP-22 with intensity 0 the first end that needs a restart ends the supervisor', async () => {
    const system = testSystem();
    const log: Log = [];
    const sup = await started(
      system,
      supervisor({ intensity: 0, children: workers(log, 'a', 'b') }),
    );
    news(log);
    await endChild(system, sup, 'a', 'x');
    expect(news(log)).toEqual(['term b']);
    expect(system.reasonOf(sup)).toBe('shutdown');
  });

  test('SUP-23 when it gives up, the others are stopped in reverse and it ends with shutdown', async () => {
    const system = testSystem();
    const log: Log = [];
    const children = workers(log, 'a', 'b', 'c');
    const sup = await started(system, supervisor({ intensity: 0, children }));
    news(log);
    await endChild(system, sup, 'b', 'x');
    expect(news(log)).toEqual(['term c', 'term a']);
    expect(system.reasonOf(sup)).toBe('shutdown');
    expect(system.actors()).toEqual([]);
  });

  test.each([
    [999, true],
    [1000, true],
    [1001, false],
  ])(
    'SUP-24 the window slides in milliseconds and includes its end: %i ms after the first restart, too many is %s',
    async (ms, tooMany) => {
      const system = testSystem();
      const sup = await started(
        system,
        supervisor({ intensity: 1, periodMs: 1000, children: workers([], 'a') }),
      );
      await system.advance(30);
      await endChild(system, sup, 'a', 'x');
      await system.advance(ms);
      await endChild(system, sup, 'a', 'x');
      expect(system.info(sup) === undefined).toBe(tooMany);
    },
  );

  test('SUP-24 a restart that has left the window makes room for one, not for all', async () => {
    const system = testSystem();
    const sup = await started(
      system,
      supervisor({ intensity: 2, periodMs: 1000, children: workers([], 'a') }),
    );
    for (const ms of [0, 600, 600, 600]) {
      await system.advance(ms);
      await endChild(system, sup, 'a', 'x');
      expect(system.info(sup)).toBeDefined();
    }
    await endChild(system, sup, 'a', 'x');
    expect(system.info(sup)).toBeUndefined();
  });

  test('SUP-25 restarts that fail count too, and are tried again without delay until they are too many', async () => {
    const system = testSystem();
    let starts = 0;
    const onStart = (): void => {
      if (++starts > 1) throw new Error('no more');
    };
    const sup = await started(
      system,
      supervisor({ intensity: 4, children: [doing([], 'a', { onStart })] }),
    );
    await endChild(system, sup, 'a', 'x');
    expect(starts).toBe(5);
    expect(system.reasonOf(sup)).toBe('shutdown');
  });

  test('SUP-31 restarts are counted for the supervisor, not for each child', async () => {
    const system = testSystem();
    const log: Log = [];
    const sup = await started(system, supervisor({ children: workers(log, 'a', 'b') }));
    news(log);
    await endChild(system, sup, 'a', 'x');
    await endChild(system, sup, 'b', 'x');
    expect(news(log)).toEqual(['start a', 'term a']);
    expect(system.reasonOf(sup)).toBe('shutdown');
  });

  test('SUP-32 neither a start that succeeds nor a healthy run is a reset', async () => {
    const system = testSystem();
    let starts = 0;
    function* short(self: Self): Actor {
      starts++;
      yield* self.sleep(900);
      throw new Error('again');
    }
    const sup = await started(system, supervisor({ intensity: 5, children: [child('a', short)] }));
    await system.advance(10_000);
    expect(starts).toBe(6);
    expect(system.reasonOf(sup)).toBe('shutdown');
  });
});

describe('while a restart fails again and again', () => {
  /** Starts once, then fails after 10 ms each time. */
  async function restarting(system: TestSystem, log: Log): Promise<Pid<Supervisor>> {
    const flaky = server(function* (self: ServerSelf<End>) {
      log.push('try');
      if (log.length > 1) {
        yield* self.sleep(10);
        throw new Error('no');
      }
      return { info: { end: () => self.exit('x') } };
    });
    const sup = await started(
      system,
      supervisor({ intensity: MANY, children: [child('a', flaky)] }),
    );
    await endChild(system, sup, 'a', 'x');
    return sup;
  }

  test('SUP-26 the supervisor answers meanwhile, and can be stopped', async () => {
    const system = testSystem();
    const log: Log = [];
    const sup = await restarting(system, log);
    const which = Promise.resolve(whichChildren(system, sup));
    await system.advance(10);
    expect(await which).toMatchObject([{ id: 'a', pid: 'restarting' }]);
    system.exitSignal(sup, 'shutdown');
    await system.advance(20);
    expect(system.reasonOf(sup)).toBe('shutdown');
    expect(log.length).toBeLessThan(6);
  });

  test('SUP-27 the child is restarting: it can be neither restarted, deleted nor added, and terminating it ends the tries', async () => {
    const system = testSystem();
    const log: Log = [];
    const sup = await restarting(system, log);
    const asked = [
      whichChildren(system, sup),
      restartChild(system, sup, 'a'),
      deleteChild(system, sup, 'a'),
      startChild(system, sup, child('a', obedient)),
      terminateChild(system, sup, 'a'),
    ].map((operation) => Promise.resolve<unknown>(operation));
    await system.advance(100);
    expect(await Promise.all(asked)).toEqual([
      [{ id: 'a', pid: 'restarting', type: 'worker' }],
      { ok: false, reason: 'restarting' },
      { ok: false, reason: 'restarting' },
      { ok: false, reason: 'already_present' },
      { ok: true },
    ]);
    const tries = log.length;
    await system.advance(1000);
    expect(log).toHaveLength(tries);
    expect(await childrenOf(system, sup)).toMatchObject([{ id: 'a', pid: undefined }]);
  });
});
