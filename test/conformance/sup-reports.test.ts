/** Supervisors: what they tell of. */

import {
  type Actor,
  child,
  dynamicSupervisor,
  type Pid,
  type Self,
  shutdown,
  startChild,
  supervisor,
} from 'beamish';
import { type TestSystem, testSystem } from 'beamish/testing';
import { describe, expect, test } from 'vitest';
import { everySchedule } from '../support/schedules.ts';
import {
  answer,
  childrenOf,
  type End,
  endChild,
  obedient,
  pidOf,
  started,
  stubborn,
} from '../support/supervised.ts';
import { doing, failing, workers } from './workers.ts';

describe('reports', () => {
  function reports(system: TestSystem): unknown[] {
    return system.told('supervisor').map(({ report, id, reason }) => [report, id, reason]);
  }

  test('SUP-64 starts, ends, failures and giving up are told, each with the child and the reason', async () => {
    const system = testSystem();
    const onStart = failing(2).onStart;
    const sup = await started(
      system,
      supervisor({ intensity: 2, children: [doing([], 'a', { onStart })] }),
    );
    const a = await pidOf(system, sup, 'a');
    await endChild(system, sup, 'a', 'x');
    const again = await pidOf(system, sup, 'a');
    await endChild(system, sup, 'a', 'y');
    expect(reports(system)).toEqual([
      ['progress', 'a', undefined],
      ['child_terminated', 'a', 'x'],
      ['start_error', 'a', new Error('start 2')],
      ['progress', 'a', undefined],
      ['child_terminated', 'a', 'y'],
      ['shutdown', 'a', 'reached_max_restart_intensity'],
    ]);
    const told = system.told('supervisor');
    expect(told.map(({ child }) => child)).toEqual([a, a, a, again, again, again]);
    expect(told.every(({ supervisor }) => supervisor === sup)).toBe(true);
  });

  test('SUP-64 a child that does not start with its supervisor, and one that has to be killed, are told', async () => {
    const system = testSystem();
    const failed = system.start(
      supervisor({
        children: [
          child({ id: 'a', shutdown: 10 }, stubborn, [], 'a'),
          doing([], 'b', { ...failing(1), startMs: 5 }),
        ],
      }),
    );
    failed.catch(() => undefined);
    await system.advance(15);
    expect(reports(system)).toEqual([
      ['progress', 'a', undefined],
      ['start_error', 'b', new Error('start 1')],
      ['shutdown_error', 'a', 'killed'],
    ]);
  });

  test.each([
    ['transient', 'normal', 0],
    ['temporary', shutdown('done'), 0],
    ['permanent', 'normal', 1],
    ['temporary', 'x', 1],
  ] as const)(
    'SUP-65 a %s child that ends with %s makes %i reports',
    async (restart, reason, count) => {
      const system = testSystem();
      const sup = await started(
        system,
        supervisor({ children: workers([], { id: 'a', restart }) }),
      );
      await endChild(system, sup, 'a', reason);
      const ended = system.told('supervisor').filter(({ report }) => report === 'child_terminated');
      expect(ended.map((told) => told.reason)).toEqual(count === 1 ? [reason] : []);
    },
  );

  test.each([
    ['permanent', 1],
    ['transient', 0],
    ['temporary', 0],
  ] as const)(
    'SUP-66 a %s child that ends with normal when it is stopped makes %i reports',
    async (restart, count) => {
      const system = testSystem();
      function* polite(self: Self): Actor {
        self.trapExit(true);
        yield* self.receive('EXIT');
      }
      const sup = await started(
        system,
        supervisor({ children: [child({ id: 'a', restart }, polite)] }),
      );
      system.exitSignal(sup, 'shutdown');
      await system.settle();
      const errors = system.told('supervisor').filter(({ report }) => report === 'shutdown_error');
      expect(errors.map(({ reason }) => reason)).toEqual(count === 1 ? ['normal'] : []);
    },
  );

  test.each([
    ['static', supervisor({ intensity: 0, children: [] }), 72],
    ['dynamic', dynamicSupervisor({ intensity: 0 }), 84],
  ] as const)(
    'SUP-66 children of a %s supervisor that had crashed when they were to be stopped are told with their true reasons',
    async (_, body, schedules) => {
      const seen = new Set<number>();
      await everySchedule(schedules, async (system) => {
        const sup = await started(system, body);
        for (const id of ['a', 'b', 'c'])
          await answer(system, startChild(system, sup, child(id, obedient)));
        for (const [i, { pid }] of (await childrenOf(system, sup)).entries())
          system.send(pid as unknown as Pid<End>, { tag: 'end', reason: `r${i}` });
        await system.settle();
        // The one that the supervisor hears of first makes it give up.
        const ends = system.told('supervisor').filter(({ report }) => report.includes('_'));
        const reasons = ends.map(({ reason }) => reason).sort();
        // A child that had no time for its own end was stopped, as it should be.
        expect(['r0', 'r1', 'r2']).toEqual(expect.arrayContaining(reasons));
        expect(reasons).toHaveLength(new Set(reasons).size);
        seen.add(reasons.length);
      });
      expect(seen).toContain(3);
    },
  );
});
