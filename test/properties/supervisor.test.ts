/** Supervisors under random trees, crashes and schedules. */

import {
  type ChildSpec,
  child,
  dynamicSupervisor,
  type Pid,
  startChild,
  supervisor,
  terminateChild,
} from 'beamish';
import { testSystem } from 'beamish/testing';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import {
  answer,
  childrenOf,
  type End,
  end,
  endChild,
  type Log,
  obedient,
  started,
  worker,
} from '../support/supervised.ts';

/** Schedules for each property; `BEAMISH_RUNS=10000 npm test` takes longer and sees more. */
const RUNS = { numRuns: Number(process.env['BEAMISH_RUNS'] ?? 200) };
const MANY = 1_000_000;

const seed = fc.integer({ min: 1, max: 2 ** 31 - 1 });
const strategy = fc.constantFrom('one_for_one', 'one_for_all', 'rest_for_one');

test('children start in order and stop in reverse, each when those after it are dead, for any interleaving of crashes', async () => {
  const crashes = fc.array(fc.record({ of: fc.nat(4), settle: fc.boolean(), ms: fc.nat(3) }), {
    maxLength: 12,
  });
  await fc.assert(
    fc.asyncProperty(seed, strategy, crashes, async (seed, strategy, crashes) => {
      const system = testSystem({ seed });
      const log: Log = [];
      const children = [0, 1, 2, 3, 4].map((i) =>
        child({ id: `${i}`, name: `${i}` }, worker, log, `${i}`, {
          tellsDeath: true,
          // Some take time for their start, some for their end.
          ...(i % 2 === 0 ? { startMs: i } : { stopMs: i }),
        }),
      );
      const sup = supervisor({ strategy, intensity: MANY, children });
      const start = system.start(sup);
      await system.advance(10);
      const pid = await start;
      for (const { of, settle, ms } of crashes) {
        const victim = system.whereis(`${of}`);
        if (victim !== undefined)
          system.send(victim as unknown as Pid<End>, { tag: 'end', reason: 'crash' });
        if (settle) await system.advance(ms);
      }
      const before = log.length;
      system.exitSignal(pid, 'shutdown');
      await system.advance(1000);
      expect(system.reasonOf(pid)).toBe('shutdown');
      expect(system.actors()).toEqual([]);
      followsTheRules(log, strategy, before);
    }),
    RUNS,
  );
});

/** Replays a log: who is alive at each event, and whether it may happen then. */
function followsTheRules(log: Log, strategy: string, shutdownFrom: number): void {
  const alive = new Set<number>();
  for (const [at, event] of log.entries()) {
    const [what, id] = event.split(' ');
    const later = [...alive].filter((other) => other > Number(id));
    if (what === 'start') {
      expect(alive.has(Number(id)), `${event} while the old one lives, in ${log}`).toBe(false);
      if (strategy !== 'one_for_one') expect(later, `${event} in ${log}`).toEqual([]);
      if (at < 5) expect(Number(id)).toBe(at);
      alive.add(Number(id));
    } else if (what === 'term') {
      expect(later, `${event} in ${log}`).toEqual([]);
      if (strategy === 'one_for_one') expect(at).toBeGreaterThanOrEqual(shutdownFrom);
    } else {
      alive.delete(Number(id));
    }
  }
  expect(alive.size).toBe(0);
}

test('a tree of whatever shape starts from left to right, and stops from right to left', async () => {
  interface Tree {
    readonly branches: readonly (Tree | null)[];
  }
  const { tree } = fc.letrec<{ tree: Tree }>((tie) => ({
    tree: fc.record({
      branches: fc.array(fc.option(tie('tree'), { depthSize: 'small' }), { maxLength: 4 }),
    }),
  }));
  await fc.assert(
    fc.asyncProperty(seed, tree, async (seed, tree) => {
      const system = testSystem({ seed });
      const log: Log = [];
      let leaves = 0;
      const grow = ({ branches }: Tree) =>
        supervisor({
          children: branches.map(
            (branch, i): ChildSpec =>
              branch === null
                ? child(`${i}`, worker, log, `${leaves++}`)
                : child(`${i}`, grow(branch)),
          ),
        });
      const top = await started(system, grow(tree));
      const order = Array.from({ length: leaves }, (_, i) => i);
      expect(log).toEqual(order.map((i) => `start ${i}`));
      system.exitSignal(top, 'shutdown');
      await system.settle();
      expect(log.slice(leaves)).toEqual(order.reverse().map((i) => `term ${i}`));
      expect(system.actors()).toEqual([]);
    }),
    RUNS,
  );
});

test('a supervisor gives up exactly when a naive count of its restarts says so', async () => {
  await fc.assert(
    fc.asyncProperty(
      seed,
      fc.nat(4),
      fc.integer({ min: 1, max: 100 }),
      fc.array(fc.record({ ms: fc.nat(60), of: fc.nat(1) }), { maxLength: 30 }),
      async (seed, intensity, periodMs, crashes) => {
        const system = testSystem({ seed });
        const children = ['0', '1'].map((id) => child(id, obedient));
        const sup = await started(system, supervisor({ intensity, periodMs, children }));
        const restarts: number[] = [];
        for (const { ms, of } of crashes) {
          await system.advance(ms);
          await endChild(system, sup, `${of}`, 'crash');
          const now = system.clock.now();
          restarts.push(now);
          const tooMany = restarts.filter((at) => at >= now - periodMs).length > intensity;
          expect(system.reasonOf(sup)).toBe(tooMany ? 'shutdown' : undefined);
          if (tooMany) return;
        }
      },
    ),
    RUNS,
  );
});

test('a dynamic supervisor has the children that a list of them would have, and never more than it may', async () => {
  const action = fc.record({
    what: fc.constantFrom('start', 'end', 'crash', 'terminate'),
    which: fc.nat(5),
    restart: fc.constantFrom('permanent', 'transient', 'temporary'),
  });
  await fc.assert(
    fc.asyncProperty(seed, fc.nat(4), fc.array(action), async (seed, maxChildren, actions) => {
      const system = testSystem({ seed });
      const sup = await started(system, dynamicSupervisor({ maxChildren, intensity: MANY }));
      const model: ('permanent' | 'transient' | 'temporary')[] = [];
      for (const { what, which, restart } of actions) {
        const pids = (await childrenOf(system, sup)).map(({ pid }) => pid as Pid).reverse();
        expect(pids).toHaveLength(model.length);
        const pid = pids[which];
        if (what === 'start') {
          const spec = child({ id: 'same', restart }, obedient);
          const { ok } = await answer(system, startChild(system, sup, spec));
          expect(ok).toBe(model.length < maxChildren);
          if (ok) model.push(restart);
        } else if (pid !== undefined && what === 'terminate') {
          await answer(system, terminateChild(system, sup, pid));
          model.splice(which, 1);
        } else if (pid !== undefined) {
          await end(system, pid, what === 'crash' ? 'crash' : 'normal');
          const how = model[which];
          if (how === 'temporary' || (how === 'transient' && what === 'end'))
            model.splice(which, 1);
        }
      }
      system.exitSignal(sup, 'shutdown');
      await system.settle();
      expect(system.actors()).toEqual([]);
    }),
    RUNS,
  );
});
