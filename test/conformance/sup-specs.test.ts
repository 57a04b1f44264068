import { checkChildSpecs, child, getChildSpec, startChild, supervisor } from 'beamish';
import { testSystem } from 'beamish/testing';
import { describe, expect, test } from 'vitest';
import {
  answer,
  childrenOf,
  endChild,
  type Log,
  news,
  obedient,
  started,
} from '../support/supervised.ts';
import { workers } from './workers.ts';

describe('specs and flags', () => {
  test('SUP-01 a child spec has the defaults of OTP, and a child’s type follows from its body', async () => {
    const system = testSystem();
    const sup = await started(
      system,
      supervisor({
        children: [child('a', obedient), child('b', supervisor({ children: [] }))],
      }),
    );
    expect(await answer(system, getChildSpec(system, sup, 'a'))).toMatchObject({
      ok: true,
      spec: {
        id: 'a',
        restart: 'permanent',
        shutdown: 5000,
        type: 'worker',
        significant: false,
      },
    });
    expect(await answer(system, getChildSpec(system, sup, 'b'))).toMatchObject({
      spec: { shutdown: 'infinity', type: 'supervisor' },
    });
    expect(await answer(system, getChildSpec(system, sup, 'c'))).toEqual({
      ok: false,
      reason: 'not_found',
    });
  });

  test('SUP-02 the defaults are one_for_one and one restart within 5 seconds', async () => {
    const system = testSystem();
    const log: Log = [];
    const sup = await started(system, supervisor({ children: workers(log, 'a', 'b') }));
    news(log);
    await endChild(system, sup, 'a', new Error('first'));
    expect(news(log)).toEqual(['start a']);
    await system.advance(5000);
    await endChild(system, sup, 'a', new Error('second, while the first still counts'));
    expect(system.reasonOf(sup)).toBe('shutdown');

    const other = await started(system, supervisor({ children: workers(log, 'a') }));
    await endChild(system, other, 'a', new Error('first'));
    await system.advance(5001);
    await endChild(system, other, 'a', new Error('second, when the first is forgotten'));
    expect(system.reasonOf(other)).toBeUndefined();
  });

  test.each<[string, () => unknown]>([
    ['a strategy', () => supervisor({ strategy: 'all' as never, children: [] })],
    ['an intensity', () => supervisor({ intensity: -1, children: [] })],
    ['an intensity', () => supervisor({ intensity: 1.5, children: [] })],
    ['a period', () => supervisor({ periodMs: 0, children: [] })],
    ['options', () => supervisor(undefined as never)],
    ['children', () => supervisor({} as never)],
    ['a child spec', () => supervisor({ children: [{ id: 'a' } as never] })],
    ['two of an id', () => supervisor({ children: [child('a', obedient), child('a', obedient)] })],
    ['an id', () => child('', obedient)],
    ['an id', () => child({} as never, obedient)],
    ['a body', () => child('a', undefined as never)],
    ['a restart', () => child({ id: 'a', restart: 'forever' as never }, obedient)],
    ['a shutdown', () => child({ id: 'a', shutdown: -1 }, obedient)],
    ['a shutdown', () => child({ id: 'a', shutdown: 'kill' as never }, obedient)],
    ['a significance', () => child({ id: 'a', significant: 1 as never }, obedient)],
  ])('SUP-03 what is not %s is rejected at once, before anything starts', (_, make) => {
    expect(make).toThrow(/^Cannot (supervise|make|spawn)/);
  });

  test('SUP-70 checkChildSpecs says what a supervisor would say, and starts nothing', () => {
    const system = testSystem();
    const significant = child({ id: 's', restart: 'transient', significant: true }, obedient);
    checkChildSpecs([child('a', obedient), child('b', obedient)]);
    checkChildSpecs([significant], 'any_significant');
    expect(() => checkChildSpecs([child('a', obedient), child('a', obedient)])).toThrow(
      'two children of the id "a"',
    );
    expect(() => checkChildSpecs([significant])).toThrow('significant');
    expect(() => checkChildSpecs([{ id: 'a' } as never])).toThrow('made by child');
    expect(system.actors()).toHaveLength(0);
  });

  test('SUP-63 a significant child is rejected of a permanent one, and with autoShutdown never', async () => {
    const system = testSystem();
    const s = child({ id: 's', restart: 'transient', significant: true }, obedient);
    expect(() => child({ id: 's', significant: true }, obedient)).toThrow('permanent');
    expect(() => supervisor({ children: [s] })).toThrow("autoShutdown 'never'");
    expect(() => supervisor({ autoShutdown: 'some' as never, children: [] })).toThrow('some');
    const sup = await started(system, supervisor({ children: [] }));
    expect(await answer(system, startChild(system, sup, s))).toEqual({
      ok: false,
      reason: 'bad_combination',
    });
    expect(await childrenOf(system, sup)).toEqual([]);
  });
});
