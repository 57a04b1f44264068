/** Supervisors: who is restarted after which end. */

import {
  type ChildOptions,
  child,
  type Pid,
  restartChild,
  type Supervisor,
  supervisor,
} from 'beamish';
import { testSystem } from 'beamish/testing';
import { describe, expect, test } from 'vitest';
import { everySchedule } from '../support/schedules.ts';
import {
  answer,
  childrenOf,
  endChild,
  type Log,
  news,
  pidOf,
  started,
  worker,
} from '../support/supervised.ts';
import { doing, FIVE_REASONS, failing, idsOf, ORDERLY, workers } from './workers.ts';

describe('restart', () => {
  test.each(FIVE_REASONS)('SUP-11 a permanent child is restarted after %s', async (reason) => {
    const system = testSystem();
    const log: Log = [];
    const sup = await started(system, supervisor({ children: workers(log, 'a') }));
    const before = await pidOf(system, sup, 'a');
    await endChild(system, sup, 'a', reason);
    expect(await pidOf(system, sup, 'a')).not.toBe(before);
    expect(log).toEqual(['start a', 'start a']);
  });

  test.each(FIVE_REASONS)('SUP-12 a transient child after %s', async (reason) => {
    const system = testSystem();
    const log: Log = [];
    const spec: ChildOptions = { id: 'a', restart: 'transient' };
    const sup = await started(system, supervisor({ children: workers(log, spec) }));
    await endChild(system, sup, 'a', reason);
    if (ORDERLY.includes(reason)) {
      expect(await childrenOf(system, sup)).toMatchObject([{ id: 'a', pid: undefined }]);
      expect(await answer(system, restartChild(system, sup, 'a'))).toMatchObject({ ok: true });
    }
    expect(log).toEqual(['start a', 'start a']);
    await pidOf(system, sup, 'a');
  });

  test.each(FIVE_REASONS)('SUP-13 a temporary child is gone after %s', async (reason) => {
    const system = testSystem();
    const log: Log = [];
    const spec: ChildOptions = { id: 'a', restart: 'temporary' };
    const sup = await started(system, supervisor({ children: workers(log, spec) }));
    await endChild(system, sup, 'a', reason);
    expect(await childrenOf(system, sup)).toEqual([]);
    expect(log).toEqual(['start a']);
  });

  test('SUP-14 one_for_one restarts the dead child alone, in its old place', async () => {
    const system = testSystem();
    const log: Log = [];
    const sup = await started(system, supervisor({ children: workers(log, 'a', 'b', 'c') }));
    const before = await pidOf(system, sup, 'b');
    news(log);
    await endChild(system, sup, 'b', 'x');
    expect(news(log)).toEqual(['start b']);
    expect(await pidOf(system, sup, 'b')).not.toBe(before);
    expect(idsOf(await childrenOf(system, sup))).toEqual(['c', 'b', 'a']);
  });

  test('SUP-15 one_for_all stops the others in reverse, and then starts all in order', async () => {
    await everySchedule(16, async (system) => {
      const log: Log = [];
      const children = workers(log, 'a', 'b', 'c');
      const sup = await started(system, supervisor({ strategy: 'one_for_all', children }));
      news(log);
      await endChild(system, sup, 'b', 'x');
      expect(news(log)).toEqual(['term c', 'term a', 'start a', 'start b', 'start c']);
    });
  });

  test('SUP-16 rest_for_one stops and starts those that came later, with the dead one', async () => {
    await everySchedule(20, async (system) => {
      const log: Log = [];
      const children = workers(log, 'a', 'b', 'c', 'd');
      const sup = await started(system, supervisor({ strategy: 'rest_for_one', children }));
      const a = await pidOf(system, sup, 'a');
      news(log);
      await endChild(system, sup, 'b', 'x');
      expect(news(log)).toEqual(['term d', 'term c', 'start b', 'start c', 'start d']);
      expect(await pidOf(system, sup, 'a')).toBe(a);
    });
  });

  test('SUP-17 in a group restart temporary siblings are stopped and forgotten', async () => {
    const system = testSystem();
    const log: Log = [];
    const children = workers(log, 'a', { id: 't', restart: 'temporary' }, 'c');
    const sup = await started(system, supervisor({ strategy: 'one_for_all', children }));
    news(log);
    await endChild(system, sup, 'a', 'x');
    expect(news(log)).toEqual(['term c', 'term t', 'start a', 'start c']);
    expect(idsOf(await childrenOf(system, sup))).toEqual(['c', 'a']);
  });

  test.each([
    ['temporary', 'x'],
    ['transient', 'normal'],
  ] as const)('SUP-18 the end of a %s child with %s restarts no group', async (restart, reason) => {
    const system = testSystem();
    const log: Log = [];
    const children = workers(log, 'a', { id: 't', restart }, 'c');
    const sup = await started(system, supervisor({ strategy: 'one_for_all', children }));
    news(log);
    await endChild(system, sup, 't', reason);
    expect(news(log)).toEqual([]);
  });

  test('SUP-19 a group restart also starts transient siblings that had ended in order', async () => {
    const system = testSystem();
    const log: Log = [];
    const children = workers(log, 'a', { id: 't', restart: 'transient' });
    const sup = await started(system, supervisor({ strategy: 'one_for_all', children }));
    await endChild(system, sup, 't', 'normal');
    news(log);
    await endChild(system, sup, 'a', 'x');
    expect(news(log)).toEqual(['start a', 'start t']);
  });

  test('SUP-20 a group restart is one restart', async () => {
    const system = testSystem();
    const log: Log = [];
    const children = workers(log, 'a', 'b', 'c', 'd');
    const sup = await started(system, supervisor({ strategy: 'one_for_all', children }));
    await endChild(system, sup, 'b', 'x');
    expect(system.info(sup)).toBeDefined();
    await pidOf(system, sup, 'd');
  });

  test('SUP-28 a restart that succeeds after failures leaves a normal child', async () => {
    const system = testSystem();
    const log: Log = [];
    let starts = 0;
    const onStart = (): void => {
      if (++starts > 1 && starts < 4) throw new Error(`start ${starts}`);
    };
    const sup = await started(
      system,
      supervisor({ intensity: 3, children: [doing(log, 'a', { onStart })] }),
    );
    await endChild(system, sup, 'a', 'x');
    expect(starts).toBe(4);
    await endChild(system, sup, 'a', 'normal');
    expect(system.reasonOf(sup)).toBe('shutdown');
    expect(log).toEqual(['start a', 'start a']);
  });

  test('SUP-29 one_for_all: when one does not start again, those just started are stopped, and all are tried again', async () => {
    const system = testSystem();
    const log: Log = [];
    const children = [...workers(log, 'a'), doing(log, 'b', failing(2)), ...workers(log, 'c')];
    const strategy = 'one_for_all';
    const sup = await started(system, supervisor({ strategy, intensity: 2, children }));
    news(log);
    await endChild(system, sup, 'c', 'x');
    expect(news(log)).toEqual([
      'term b',
      'term a',
      'start a',
      'term a',
      'start a',
      'start b',
      'start c',
    ]);
  });

  test('SUP-30 rest_for_one: when a later one does not start again, it is tried from there', async () => {
    const system = testSystem();
    const log: Log = [];
    const children = [...workers(log, 'a', 'b'), doing(log, 'c', failing(2))];
    const strategy = 'rest_for_one';
    const sup = await started(system, supervisor({ strategy, intensity: 2, children }));
    news(log);
    await endChild(system, sup, 'b', 'x');
    expect(news(log)).toEqual(['term c', 'start b', 'start c']);
  });

  test('SUP-67 a supervisor that gives up ends with shutdown, and the one above restarts it, by its restart type', async () => {
    const system = testSystem();
    const log: Log = [];
    const sub = (id: string) => supervisor({ intensity: 0, children: workers(log, id) });
    const top = await started(
      system,
      supervisor({
        children: [child('s', sub('a')), child({ id: 't', restart: 'transient' }, sub('b'))],
      }),
    );
    const [t, s] = (await childrenOf(system, top)).map(({ pid }) => pid as Pid<Supervisor>);
    news(log);
    await endChild(system, s as Pid<Supervisor>, 'a', 'x');
    expect(system.reasonOf(s as Pid)).toBe('shutdown');
    expect(news(log)).toEqual(['start a']);
    await endChild(system, t as Pid<Supervisor>, 'b', 'x');
    expect(system.reasonOf(t as Pid)).toBe('shutdown');
    expect(news(log)).toEqual([]);
    expect(system.info(top)).toBeDefined();
  });

  test('SUP-68 a new incarnation starts only when the old one is quite dead, its name free', async () => {
    const system = testSystem();
    const log: Log = [];
    const slow = { stopMs: 40, tellsDeath: true };
    const children = [...workers(log, 'a'), child({ id: 'b', name: 'b' }, worker, log, 'b', slow)];
    const sup = await started(system, supervisor({ strategy: 'one_for_all', children }));
    news(log);
    await endChild(system, sup, 'a', 'x');
    await system.advance(39);
    expect(news(log)).toEqual(['term b']);
    await system.advance(1);
    expect(news(log)).toEqual(['dead b', 'start a', 'start b']);
    expect(await pidOf(system, sup, 'b')).toBe(system.whereis('b'));
  });
});
