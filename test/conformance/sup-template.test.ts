/** Supervisors of many children by one template, and what many of them cost. */

import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import {
  type Actor,
  type ChildSpec,
  child,
  deleteChild,
  dynamicSupervisor,
  getChildSpec,
  type Pid,
  restartChild,
  type Self,
  startAnother,
  startChild,
  supervisor,
  terminateChild,
} from 'beamish';
import { testSystem } from 'beamish/testing';
import { describe, expect, test } from 'vitest';
import { takeSteps } from '../support/steps.ts';
import {
  answer,
  childrenOf,
  kill,
  type Log,
  news,
  obedient,
  pidOf,
  started,
  type Traits,
  worker,
} from '../support/supervised.ts';

describe('a template (simple_one_for_one)', () => {
  function pool(log: Log, traits: Traits = {}) {
    return dynamicSupervisor({
      template: (id: string) => child('worker', worker, log, id, traits),
    });
  }

  test('SUP-55 startAnother starts a child of the template with its arguments; the children have no ids', async () => {
    const system = testSystem();
    const log: Log = [];
    const sup = await started(system, pool(log));
    const k1 = await answer(system, startAnother(system, sup, 'k1'));
    const k2 = await answer(system, startAnother(system, sup, 'k2'));
    expect(log).toEqual(['start k1', 'start k2']);
    expect(await childrenOf(system, sup)).toEqual([
      { id: undefined, pid: k2.pid, type: 'worker' },
      { id: undefined, pid: k1.pid, type: 'worker' },
    ]);
    // A template's children are all of its make.
    expect(await answer(system, startChild(system, sup, child('x', obedient)))).toEqual({
      ok: false,
      reason: 'simple_one_for_one',
    });
  });

  test('SUP-56 they are terminated by pid alone', async () => {
    const system = testSystem();
    const sup = await started(system, pool([]));
    const stranger = system.spawn(obedient);
    const { pid } = (await answer(system, startAnother(system, sup, 'k'))) as { pid: Pid };
    const refused = { ok: false, reason: 'simple_one_for_one' };
    expect(await answer(system, terminateChild(system, sup, 'worker'))).toEqual(refused);
    expect(await answer(system, terminateChild(system, sup, pid))).toEqual({ ok: true });
    expect(system.reasonOf(pid)).toBe('shutdown');
    expect(await answer(system, terminateChild(system, sup, pid))).toEqual({ ok: true });
    expect(await answer(system, terminateChild(system, sup, stranger))).toEqual({
      ok: false,
      reason: 'not_found',
    });
    expect(await answer(system, restartChild(system, sup, 'worker'))).toEqual(refused);
    expect(await answer(system, deleteChild(system, sup, 'worker'))).toEqual(refused);
    expect(await childrenOf(system, sup)).toEqual([]);
  });

  test.each<[string, () => unknown, unknown]>([
    ['ignores', () => 'ignore', 'ignore'],
    [
      'fails',
      () => {
        throw new Error('e');
      },
      new Error('e'),
    ],
    [
      'returns rubbish',
      () => 7,
      new TypeError("Server init returned 7: it returns its handlers, or 'ignore'"),
    ],
  ])(
    'SUP-57 a child whose start %s is not kept, and the answer says so',
    async (_, onStart, reason) => {
      const system = testSystem();
      const sup = await started(system, pool([], { onStart }));
      expect(await answer(system, startAnother(system, sup, 'k'))).toEqual({ ok: false, reason });
      expect(await childrenOf(system, sup)).toEqual([]);
    },
  );

  test('SUP-57 a template that throws is a failed start', async () => {
    const system = testSystem();
    const bad = new Error('bad template');
    const template = (): ChildSpec => {
      throw bad;
    };
    const sup = await started(system, dynamicSupervisor({ template }));
    expect(await answer(system, startAnother(system, sup))).toEqual({ ok: false, reason: bad });
    expect(system.info(sup)).toBeDefined();
  });

  test('SUP-58 a child is restarted with the arguments that it was started with', async () => {
    const system = testSystem();
    const log: Log = [];
    const sup = await started(system, pool(log));
    const { pid } = (await answer(system, startAnother(system, sup, 'k1'))) as { pid: Pid };
    await answer(system, startAnother(system, sup, 'k2'));
    news(log);
    await kill(system, pid);
    expect(news(log)).toEqual(['start k1']);
  });

  test('SUP-59 they are stopped all at once, and share the time that it takes', async () => {
    const system = testSystem();
    const log: Log = [];
    const sup = await started(system, pool(log, { stopMs: 60 }));
    for (let i = 0; i < 4; i++) await answer(system, startAnother(system, sup, String(i)));
    system.exitSignal(sup, 'shutdown');
    await system.advance(59);
    expect(system.info(sup)).toBeDefined();
    await system.advance(1);
    expect(system.reasonOf(sup)).toBe('shutdown');
    expect(log).toHaveLength(8);
    expect(system.actors()).toEqual([]);
  });
});

describe('scale', () => {
  test('SUP-69 the arguments of a temporary child are not kept', async () => {
    setFlagsFromString('--expose-gc');
    const collect = runInNewContext('gc') as () => void;
    const system = testSystem();
    function* once(self: Self<{ tag: 'end' }>, _big: object): Actor {
      yield* self.receive('end');
    }
    const sup = await started(system, supervisor({ children: [] }));
    async function startWithBig(id: string, restart: 'temporary' | 'permanent') {
      let big: object | undefined = { big: true };
      await answer(system, startChild(system, sup, child({ id, restart }, once, big)));
      const ref = new WeakRef(big);
      big = undefined;
      // The actor has the arguments while it lives, so it has to go; its record stays.
      return ref;
    }
    const kept = await startWithBig('p', 'permanent');
    const dropped = await startWithBig('t', 'temporary');
    const spec = await answer(system, getChildSpec(system, sup, 't'));
    expect(spec).toMatchObject({ ok: true, spec: { id: 't', args: [] } });
    await kill(system, await pidOf(system, sup, 't'));
    await new Promise((resolve) => setImmediate(resolve));
    collect();
    expect(dropped.deref()).toBeUndefined();
    expect(kept.deref()).toBeDefined();
  });

  test('SUP-71 starting and stopping twice as many dynamic children takes twice the work', async () => {
    const work = async (count: number): Promise<number> => {
      // One after the other, as the seeded choice among many that can run takes long itself.
      const system = testSystem({ decisions: { random: () => 0, incarnation: () => 1 } });
      const sup = await started(system, dynamicSupervisor());
      const spec = child({ id: 'a', restart: 'temporary' }, obedient);
      takeSteps();
      for (let i = 0; i < count; i++) startChild(system, sup, spec);
      await system.settle();
      system.exitSignal(sup, 'shutdown');
      await system.settle();
      expect(system.reasonOf(sup)).toBe('shutdown');
      return takeSteps();
    };
    const once = await work(1000);
    expect((await work(2000)) / once).toBeCloseTo(2, 2);
  });
});
