/** Supervisors: what may be asked of them. */

import {
  type CallFailed,
  child,
  configure,
  countChildren,
  deleteChild,
  restartChild,
  server,
  startChild,
  supervisor,
  terminateChild,
  whichChildren,
} from 'beamish';
import { testSystem } from 'beamish/testing';
import { describe, expect, test } from 'vitest';
import {
  answer,
  childrenOf,
  type Log,
  news,
  obedient,
  pidOf,
  started,
  worker,
} from '../support/supervised.ts';
import { doing, idsOf, workers } from './workers.ts';

describe('requests', () => {
  test('SUP-43 startChild starts; one that runs has already started, one that has ended is already present', async () => {
    const system = testSystem();
    const sup = await started(system, supervisor({ children: [] }));
    const spec = child('a', obedient);
    const first = await answer(system, startChild(system, sup, spec));
    expect(first).toEqual({ ok: true, pid: await pidOf(system, sup, 'a') });
    expect(await answer(system, startChild(system, sup, spec))).toEqual({
      ok: false,
      reason: 'already_started',
      pid: await pidOf(system, sup, 'a'),
    });
    expect(await answer(system, terminateChild(system, sup, 'a'))).toEqual({ ok: true });
    expect(await answer(system, startChild(system, sup, spec))).toEqual({
      ok: false,
      reason: 'already_present',
    });
  });

  test('SUP-44 a child that does not start is not kept, and what is no spec is refused at once', async () => {
    const system = testSystem();
    const sup = await started(system, supervisor({ children: [] }));
    const bad = new Error('nope');
    const onStart = (): never => {
      throw bad;
    };
    expect(await answer(system, startChild(system, sup, doing([], 'a', { onStart })))).toEqual({
      ok: false,
      reason: bad,
    });
    expect(() => startChild(system, sup, { id: 'a' } as never)).toThrow('made by child');
    expect(await childrenOf(system, sup)).toEqual([]);
  });

  test('SUP-45 a child whose name is taken fails with already_started and says by whom', async () => {
    const system = testSystem();
    const holder = system.spawn(configure(obedient, { name: 'n' }));
    const sup = await started(system, supervisor({ children: [] }));
    const spec = child({ id: 'a', name: 'n' }, worker, [], 'a');
    expect(await answer(system, startChild(system, sup, spec))).toEqual({
      ok: false,
      reason: 'already_started',
      pid: holder,
    });
    expect(await childrenOf(system, sup)).toEqual([]);
  });

  test('SUP-46 what a child tells at its start is passed on by startChild and restartChild', async () => {
    const system = testSystem();
    const teller = server(() => ({ extra: 'info' }));
    const sup = await started(system, supervisor({ children: [] }));
    const start = await answer(system, startChild(system, sup, child('a', teller)));
    expect(start).toEqual({ ok: true, pid: expect.anything(), extra: 'info' });
    await answer(system, terminateChild(system, sup, 'a'));
    const again = await answer(system, restartChild(system, sup, 'a'));
    expect(again).toEqual({ ok: true, pid: expect.anything(), extra: 'info' });
  });

  test('SUP-47 terminateChild stops and keeps the spec; it is no restart, and shuts nothing else down', async () => {
    const system = testSystem();
    const log: Log = [];
    const sup = await started(
      system,
      supervisor({
        intensity: 0,
        autoShutdown: 'any_significant',
        children: workers(
          log,
          'a',
          { id: 't', restart: 'temporary' },
          { id: 's', restart: 'transient', significant: true },
        ),
      }),
    );
    news(log);
    const a = await pidOf(system, sup, 'a');
    const ids = ['a', 'a', 'nobody', 't', 's'];
    const done = ids.map((id) => Promise.resolve(terminateChild(system, sup, id)));
    await system.settle();
    expect(await Promise.all(done)).toEqual([
      { ok: true },
      { ok: true },
      { ok: false, reason: 'not_found' },
      { ok: true },
      { ok: true },
    ]);
    expect(news(log)).toEqual(['term a', 'term t', 'term s']);
    expect(await childrenOf(system, sup)).toMatchObject([
      { id: 's', pid: undefined },
      { id: 'a', pid: undefined },
    ]);
    expect(system.reasonOf(a)).toBe('shutdown');
    // By pid as well.
    await answer(system, restartChild(system, sup, 'a'));
    await answer(system, terminateChild(system, sup, await pidOf(system, sup, 'a')));
    expect(news(log)).toEqual(['start a', 'term a']);
  });

  test('SUP-48 restartChild starts one that has ended, and no other', async () => {
    const system = testSystem();
    const sup = await started(system, supervisor({ children: workers([], 'a') }));
    expect(await answer(system, restartChild(system, sup, 'a'))).toEqual({
      ok: false,
      reason: 'running',
    });
    await answer(system, terminateChild(system, sup, 'a'));
    expect(await answer(system, restartChild(system, sup, 'a'))).toEqual({
      ok: true,
      pid: await pidOf(system, sup, 'a'),
    });
    expect(await answer(system, restartChild(system, sup, 'b'))).toEqual({
      ok: false,
      reason: 'not_found',
    });
  });

  test('SUP-49 deleteChild forgets one that has ended, and no other', async () => {
    const system = testSystem();
    const sup = await started(system, supervisor({ children: workers([], 'a') }));
    expect(await answer(system, deleteChild(system, sup, 'a'))).toEqual({
      ok: false,
      reason: 'running',
    });
    await answer(system, terminateChild(system, sup, 'a'));
    expect(await answer(system, deleteChild(system, sup, 'a'))).toEqual({ ok: true });
    expect(await childrenOf(system, sup)).toEqual([]);
    expect(await answer(system, deleteChild(system, sup, 'a'))).toEqual({
      ok: false,
      reason: 'not_found',
    });
  });

  test('SUP-50 whichChildren lists id, pid and type, the newest first', async () => {
    const system = testSystem();
    const sup = await started(system, supervisor({ children: workers([], 'a', 'b') }));
    await answer(system, startChild(system, sup, child('c', supervisor({ children: [] }))));
    await answer(system, terminateChild(system, sup, 'a'));
    expect(await childrenOf(system, sup)).toEqual([
      { id: 'c', pid: await pidOf(system, sup, 'c'), type: 'supervisor' },
      { id: 'b', pid: await pidOf(system, sup, 'b'), type: 'worker' },
      { id: 'a', pid: undefined, type: 'worker' },
    ]);
  });

  test('SUP-51 countChildren counts specs, those alive, supervisors and workers', async () => {
    const system = testSystem();
    const sup = await started(
      system,
      supervisor({
        children: [child('s', supervisor({ children: [] })), ...workers([], 'w', 'stopped')],
      }),
    );
    await answer(system, terminateChild(system, sup, 'stopped'));
    expect(await answer(system, countChildren(system, sup))).toEqual({
      specs: 3,
      active: 2,
      supervisors: 1,
      workers: 2,
    });
  });

  test('SUP-52 requests wait behind a slow start, however long it takes', async () => {
    const system = testSystem();
    const sup = await started(system, supervisor({ children: [] }));
    startChild(system, sup, doing([], 'slow', { startMs: 80_000 }));
    await system.advance(10);
    let listed: unknown;
    whichChildren(system, sup).then((children) => {
      listed = idsOf(children);
    });
    await system.advance(79_989);
    expect(listed).toBeUndefined();
    await system.advance(1);
    expect(listed).toEqual(['slow']);
  });

  test('SUP-53 a request to a supervisor that is stopping fails with shutdown, and a later one with noproc', async () => {
    const system = testSystem();
    const sup = await started(system, supervisor({ children: [doing([], 'a', { stopMs: 50 })] }));
    system.exitSignal(sup, 'shutdown');
    await system.advance(10);
    const failure = Promise.resolve(whichChildren(system, sup)).catch((error) => error);
    await system.advance(40);
    expect((await failure) as CallFailed).toMatchObject({ name: 'CallFailed', reason: 'shutdown' });
    await expect(childrenOf(system, sup)).rejects.toMatchObject({ reason: 'noproc' });
  });
});
