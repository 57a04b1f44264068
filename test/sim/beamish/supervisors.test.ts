/** Supervisors, with kills and crashes anywhere: the tree is whole again in every schedule. */

import { crash, kill, type Scenario } from '@beamish/sim';
import {
  type Actor,
  child,
  deleteChild,
  dynamicSupervisor,
  type MessageOf,
  type Name,
  name,
  type Pid,
  restartChild,
  type Self,
  server,
  startChild,
  stop,
  supervisor,
  terminateChild,
  whichChildren,
} from 'beamish';
import { describe, expect, test } from 'vitest';
import { explored } from '../support/explored.ts';
import type { Any } from '../support/scenes.ts';

const S = server(() => ({ call: { who: () => 1 } }));
type Named = Name<MessageOf<typeof S>>;
const NAMES: readonly [Named, Named, Named] = [name('one'), name('two'), name('three')];
const STRATEGIES = ['one_for_one', 'one_for_all', 'rest_for_one'] as const;
type Strategy = (typeof STRATEGIES)[number];

function tree(strategy: Strategy, count: number) {
  const children = NAMES.slice(0, count).map((each) => child({ id: each.name, name: each }, S));
  return supervisor({ strategy, intensity: 5, children });
}

/** Starts it, and lets it go on alone. */
function* started(self: Self<Any>, body: ReturnType<typeof tree>): Actor<Pid<never>> {
  const its = yield* self.startLink(body);
  if (!its.ok) throw its.reason;
  self.unlink(its.pid as unknown as Pid);
  return its.pid as unknown as Pid<never>;
}

/** Kills whoever has the name now. */
function* killing(self: Self<Any>, whom: Named): Actor {
  const pid = self.whereis(whom);
  if (pid !== undefined) self.exitSignal(pid as Pid, 'kill');
}

describe.each(STRATEGIES)('%s', (strategy) => {
  const kills = (whom: readonly Named[], count: number): Scenario<Any> =>
    function* scenario(self, { clients, eventually, system }) {
      yield* started(self, tree(strategy, count));
      eventually('all are there', () =>
        NAMES.slice(0, count).every((each) => system.whereis(each) !== undefined),
      );
      yield* clients(
        Object.fromEntries(whom.map((each, i) => [`killer ${i}`, [killing, each] as const])),
      );
    };

  test('whoever is killed, at any moment, the whole tree is there again', async () => {
    const counts = [];
    for (const each of NAMES) counts.push(await explored(kills([each], 3)));
    expect(counts).toMatchSnapshot();
  });

  test('two are killed', async () => {
    expect(await explored(kills([NAMES[0], NAMES[1]], 3))).toMatchSnapshot();
  });

  test('the same one is killed twice', async () => {
    expect(await explored(kills([NAMES[0], NAMES[0]], 2))).toMatchSnapshot();
  });

  test('a server that crashes at any of its messages is there again, and each caller gets an answer or hears of it', async () => {
    const scenario: Scenario<Any> = function* scenario(self, { clients, eventually, system }) {
      yield* started(self, tree(strategy, 2));
      eventually('both are there', () =>
        NAMES.slice(0, 2).every((each) => system.whereis(each) !== undefined),
      );
      const asking = function* asking(its: Self<Any>): Actor {
        for (let i = 0; i < 2; i++) {
          try {
            yield* its.call(NAMES[0], 'who').within('infinity');
          } catch {}
        }
      };
      yield* clients({ ann: [asking], bob: [asking] });
    };
    expect(await explored(scenario, { faults: [crash(NAMES[0])] })).toMatchSnapshot();
  });

  test('terminate, restart, terminate and delete of a child that is killed: it is gone in the end', async () => {
    const scenario: Scenario<Any> = function* scenario(self, { clients, eventually, system }) {
      const pid = yield* started(self, tree(strategy, 2));
      eventually('it is gone, the other one is not', () => {
        const [one, two] = NAMES.map((each) => system.whereis(each));
        return one === undefined && two !== undefined;
      });
      yield* clients({
        keeper: [
          function* keeper(its: Self<Any>): Actor {
            const sup = pid as unknown as Pid<never>;
            yield* terminateChild(its, sup as never, 'one');
            yield* restartChild(its, sup as never, 'one');
            yield* terminateChild(its, sup as never, 'one');
            const deleted = yield* deleteChild(its, sup as never, 'one');
            if (!deleted.ok) throw new Error(`not deleted: ${String(deleted.reason)}`);
          },
        ],
        killer: [killing, NAMES[0]],
      });
    };
    expect(await explored(scenario)).toMatchSnapshot();
  });

  test('a tree that is stopped while a child is killed leaves nobody', async () => {
    const scenario: Scenario<Any> = function* scenario(self, { clients, eventually, system }) {
      const pid = yield* started(self, tree(strategy, 2));
      eventually(
        'nobody is left',
        () =>
          NAMES.every((each) => system.whereis(each) === undefined) &&
          system.info(pid as unknown as Pid) === undefined,
      );
      yield* clients({
        stopper: [
          function* stopper(its: Self<Any>): Actor {
            yield* stop(its, pid as never);
          },
        ],
        killer: [killing, NAMES[0]],
      });
    };
    expect(await explored(scenario)).toMatchSnapshot();
  });

  test('a tree that is killed itself takes its children along', async () => {
    const scenario: Scenario<Any> = function* scenario(self, { eventually, system, heal }) {
      const pid = yield* started(self, tree(strategy, 2));
      self.register('tree', pid);
      eventually('all or nobody is there', () => {
        const there = NAMES.slice(0, 2).filter((each) => system.whereis(each) !== undefined);
        return there.length === (system.whereis('tree') === undefined ? 0 : 2);
      });
      yield* self.yield();
      heal();
    };
    expect(await explored(scenario, { faults: [kill(name('tree'))] })).toMatchSnapshot();
  });
});

describe('dynamic supervisors', () => {
  test('there are never more children than it may have, whoever is killed', async () => {
    const scenario: Scenario<Any> = function* scenario(self, { clients, always, count }) {
      const body = dynamicSupervisor({ maxChildren: 1 });
      const its = yield* self.startLink(body);
      if (!its.ok) throw its.reason;
      self.unlink(its.pid as unknown as Pid);
      const alive = (): number =>
        count({ kind: 'starts', by: 'worker*' }) - count({ kind: 'ended', to: 'worker*' });
      always('one at most', () => alive() <= 1);
      const starting = function* starting(me: Self<Any>): Actor<boolean> {
        const spec = child(
          { id: 'w', restart: 'temporary' },
          function* worker(w: Self<Any>): Actor {
            yield* w.receive('never');
          },
        );
        return (yield* startChild(me, its.pid, spec)).ok;
      };
      const { ann, bob } = yield* clients({ ann: [starting], bob: [starting] });
      if (!ann && !bob) throw new Error('Nobody could start one');
      const children = yield* whichChildren(self, its.pid);
      if (children.length > 1) throw new Error(`There are ${children.length}`);
    };
    expect(await explored(scenario)).toMatchSnapshot();
    expect(await explored(scenario, { faults: [kill('worker*')] })).toMatchSnapshot();
  });

  test('a permanent child that is killed at any moment runs again, at the limit, too', async () => {
    const W = name<never>('w');
    const scenario: Scenario<Any> = function* scenario(self, { clients, eventually, system }) {
      const its = yield* self.startLink(dynamicSupervisor({ maxChildren: 1 }));
      if (!its.ok) throw its.reason;
      self.unlink(its.pid as unknown as Pid);
      const first = yield* startChild(self, its.pid, child({ id: 'w', name: W }, S));
      if (!first.ok) throw first.reason;
      eventually('it is there', () => system.whereis(W) !== undefined);
      yield* clients({
        killer: [killing, W as never],
        other: [
          function* other(me: Self<Any>): Actor {
            const second = yield* startChild(me, its.pid, child({ id: 'x' }, S));
            if (second.ok) throw new Error('It has started a second one');
          },
        ],
      });
    };
    expect(await explored(scenario)).toMatchSnapshot();
  });

  test('a child is stopped by its pid while it is killed: it is gone, once', async () => {
    const scenario: Scenario<Any> = function* scenario(self, { clients, eventually, system }) {
      const its = yield* self.startLink(dynamicSupervisor({}));
      if (!its.ok) throw its.reason;
      self.unlink(its.pid as unknown as Pid);
      const spec = child({ id: 'w', restart: 'temporary', name: NAMES[0] }, S);
      const first = yield* startChild(self, its.pid, spec);
      if (!first.ok) throw first.reason;
      eventually('it is gone', () => system.whereis(NAMES[0]) === undefined);
      yield* clients({
        killer: [killing, NAMES[0]],
        keeper: [
          function* keeper(me: Self<Any>): Actor {
            const done = yield* terminateChild(me, its.pid, first.pid as unknown as Pid);
            if (!done.ok && done.reason !== 'not_found') throw new Error(String(done.reason));
          },
        ],
      });
    };
    expect(await explored(scenario)).toMatchSnapshot();
  });
});
