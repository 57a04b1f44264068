/** Supervisors: children without which they end. */

import { restartChild, supervisor } from 'beamish';
import { testSystem } from 'beamish/testing';
import { describe, expect, test } from 'vitest';
import { answer, endChild, type Log, news, started } from '../support/supervised.ts';
import { workers } from './workers.ts';

describe('autoShutdown', () => {
  const significant = (id: string, restart: 'transient' | 'temporary' = 'transient') => ({
    id,
    restart,
    significant: true,
  });

  test.each([
    ['transient', 'normal'],
    ['temporary', 'normal'],
    ['temporary', new Error('crash')],
  ] as const)(
    'SUP-60 any_significant: a %s one that ends with %s ends the supervisor',
    async (restart, reason) => {
      const system = testSystem();
      const log: Log = [];
      const children = workers(log, 'a', significant('s', restart), 'b');
      const sup = await started(system, supervisor({ autoShutdown: 'any_significant', children }));
      news(log);
      await endChild(system, sup, 's', reason);
      expect(news(log)).toEqual(['term b', 'term a']);
      expect(system.reasonOf(sup)).toBe('shutdown');
    },
  );

  test('SUP-61 a significant transient child that crashes is restarted, and nothing is shut down', async () => {
    const system = testSystem();
    const log: Log = [];
    const children = workers(log, significant('s'));
    const sup = await started(system, supervisor({ autoShutdown: 'any_significant', children }));
    news(log);
    await endChild(system, sup, 's', 'x');
    expect(news(log)).toEqual(['start s']);
    expect(system.info(sup)).toBeDefined();
  });

  test('SUP-62 all_significant: only the end of the last of them ends the supervisor', async () => {
    const system = testSystem();
    const log: Log = [];
    const children = workers(log, significant('s1'), significant('s2', 'temporary'), 'a');
    const sup = await started(system, supervisor({ autoShutdown: 'all_significant', children }));
    news(log);
    await endChild(system, sup, 's1', 'normal');
    expect(system.info(sup)).toBeDefined();
    expect(news(log)).toEqual([]);
    // One that runs again counts again.
    await answer(system, restartChild(system, sup, 's1'));
    await endChild(system, sup, 's2', 'normal');
    expect(system.info(sup)).toBeDefined();
    news(log);
    await endChild(system, sup, 's1', 'normal');
    expect(news(log)).toEqual(['term a']);
    expect(system.reasonOf(sup)).toBe('shutdown');
  });
});
