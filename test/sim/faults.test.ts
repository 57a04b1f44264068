/** Faults: they come at every place where they make a difference, and nowhere else is there anything to be seen. */

import {
  check,
  crash,
  cut,
  explore,
  type Fault,
  kill,
  type Scenario,
  SimulationFailed,
  simulate,
} from '@beamish/sim';
import {
  type Actor,
  child,
  type MessageOf,
  name,
  type Pid,
  type Self,
  server,
  supervisor,
} from 'beamish';
import { describe, expect, test } from 'vitest';
import { type Any, sending } from './support/scenes.ts';

const counter = server(() => ({ call: { get: () => 1 } }));
const COUNTER = name<MessageOf<typeof counter>>('counter');

const EVERY = { strategy: 'every', failures: 'all', budget: { runs: 20_000 } } as const;
const NAIVE = { ...EVERY, strategy: { every: 'interleaving' } } as const;

function* waiting(self: Self<Any>): Actor {
  yield* self.receive('never');
}

describe('kill', () => {
  test('comes at each place at which the actor is, and may not come at all', async () => {
    const seen = new Set<string>();
    const scenario: Scenario<Any> = function* scenario(self, { eventually }) {
      const steps: string[] = [];
      self.spawn(function* worker(its: Self<Any>): Actor {
        its.defer(() => steps.push('over'));
        for (let i = 0; i < 3; i++) {
          steps.push(`${i}`);
          yield* its.yield();
        }
      });
      eventually('noted', () => seen.add(steps.join(' ')) !== undefined);
    };
    const found = await explore(scenario, { ...EVERY, faults: [kill('worker')] });
    expect([...seen].sort()).toEqual(['', '0 1 2 over', '0 1 over', '0 over']);
    expect(found.complete).toBe(true);
    const all = new Set(seen);
    seen.clear();
    await explore(scenario, { ...NAIVE, faults: [kill('worker')] });
    expect(seen).toEqual(all);
  });

  test('a child that is killed while it starts is a start that fails, and ends its supervisor', async () => {
    const scenario: Scenario<Any> = function* scenario(self, { eventually, system }) {
      self.spawn(supervisor({ children: [child({ id: 'counter', name: COUNTER }, counter)] }));
      eventually('the name is taken', () => system.whereis(COUNTER) !== undefined);
    };
    const failed = await check(scenario, { faults: [kill(COUNTER)] }).catch((error) => error);
    expect(failed).toBeInstanceOf(SimulationFailed);
    const { exploration, message } = failed as SimulationFailed;
    expect(exploration.verdict).toEqual({ kind: 'claim', claim: 'the name is taken' });
    expect(exploration.complete).toBe(true);
    expect(message).toMatch(/fault +kills counter, which has not started yet/);
    expect(message).toMatch(/ends: 'killed'/);
    const key = exploration.failure?.key;
    const again = await simulate(scenario, {
      schedule: { key: key as NonNullable<typeof key> },
      faults: [kill(COUNTER)],
    });
    expect(again.toString()).toBe(exploration.failure?.toString());
  });

  test('once it has started, it is there again', async () => {
    const scenario: Scenario<Any> = function* scenario(self, { eventually, system }) {
      const tree = supervisor({ children: [child({ id: 'counter', name: COUNTER }, counter)] });
      const started = yield* self.startLink(tree);
      if (started.ok) self.unlink(started.pid as unknown as Pid);
      eventually('the name is taken', () => system.whereis(COUNTER) !== undefined);
    };
    const twice = { times: 2 };
    const late: Scenario<Any> = function* late(self, sim) {
      yield* scenario(self, sim) as Actor;
    };
    const found = await explore(late, { ...EVERY, faults: [kill('counter', twice)] });
    expect(found.verdict).toMatchObject({ kind: 'claim' });
    const once = await check(scenario, { ...EVERY, faults: [], failures: 'first' });
    expect(once.complete).toBe(true);
  });

  test('`*` is whoever begins so, one of them at a time, each of them in some run', async () => {
    const killed = new Set<string>();
    const scenario: Scenario<Any> = function* scenario(self, { eventually, count }) {
      for (const each of ['a', 'b']) {
        const pid = self.spawn(waiting);
        self.register(`worker-${each}`, pid as Pid<never>);
      }
      eventually('one at most', () => {
        const dead = ['worker-a', 'worker-b'].filter((by) => count({ kind: 'ended', by }) > 0);
        killed.add(dead.join(' '));
        return dead.length <= 1;
      });
    };
    const found = await explore(scenario, { ...EVERY, faults: [kill('worker*')] });
    expect(found.verdict.kind).toBe('passed');
    expect([...killed].sort()).toEqual(['', 'worker-a', 'worker-b']);
    killed.clear();
    const twice = await explore(scenario, { ...EVERY, faults: [kill('worker*', { times: 2 })] });
    expect(twice.verdict.kind).toBe('claim');
    expect([...killed].sort()).toEqual(['', 'worker-a', 'worker-a worker-b', 'worker-b']);
  });

  test('with another reason, whoever traps it goes on', async () => {
    const scenario: Scenario<Any> = function* scenario(self, { sometimes, eventually, count }) {
      self.spawn(function* trapper(its: Self<Any>): Actor {
        its.trapExit(true);
        yield* its.receive('EXIT');
        its.spawn(function* heard(): Actor {});
      });
      sometimes('it is heard', () => count({ kind: 'starts', by: 'heard' }) > 0);
      sometimes('it came before', () => count({ kind: 'ended', by: 'trapper' }) > 0);
      eventually('nothing else', () => true);
    };
    const found = await check(scenario, { faults: [kill('trapper', { reason: 'bad' })] });
    expect(found.complete).toBe(true);
  });

  test('after heal there is none any more', async () => {
    const seen = new Set<number>();
    const scenario: Scenario<Any> = function* scenario(self, { heal, eventually }) {
      let steps = 0;
      const pid = self.spawn(function* worker(its: Self<Any>): Actor {
        yield* its.receive('go');
        steps = 1;
        yield* its.receive('go');
        steps = 2;
      });
      self.send(pid, { tag: 'go' });
      yield* self.yield();
      heal();
      self.send(pid, { tag: 'go' });
      eventually('noted', () => seen.add(steps) !== undefined);
    };
    await check(scenario, { faults: [kill('worker')], strategy: 'every' });
    expect([...seen].sort()).toEqual([0, 1, 2]);
  });
});

describe('SIM-93: a fault that could come in no schedule is vacuous', () => {
  const one: Scenario<Any> = function* one(self) {
    for (let i = 0; i < 2; i++) self.spawn(function* worker(): Actor {});
  };
  const faultOf = async (fault: Fault, scenario = one, systems: readonly string[] = []) =>
    (await explore(scenario, { faults: [fault], systems })).verdict;

  test('a label that nobody has: it says what there is', async () => {
    expect(await faultOf(kill('worker'))).toMatchObject({
      kind: 'vacuous',
      claim: "kill('worker')",
      labels: ['scenario', 'worker 1', 'worker 2'],
    });
    const failed = check(one, { faults: [kill('worker 2'), kill('worker')] });
    await expect(failed).rejects.toThrow(
      "kill('worker') never comes, in 2 schedules, which are all\n" +
        '  It comes to whoever is called so, before heal(). There are: scenario, worker 1, worker 2',
    );
    expect((await faultOf(kill('worker*'))).kind).toBe('passed');
  });

  test('a name that nobody has', async () => {
    expect(await faultOf(kill(COUNTER))).toMatchObject({ claim: "kill(name('counter'))" });
  });

  test('a crash of who receives nothing', async () => {
    expect(await faultOf(crash('worker*'))).toMatchObject({ claim: "crash('worker*')" });
    await expect(check(one, { faults: [crash('worker*')] })).rejects.toThrow(
      'It comes to whoever is called so and receives something, before heal().',
    );
  });

  test('one that is healed before it can come, of an actor or of systems', async () => {
    const healed: Scenario<Any> = function* healed(self, sim) {
      sim.heal();
      yield* one(self, sim) as Actor;
    };
    expect(await faultOf(kill('worker*'), healed)).toMatchObject({ kind: 'vacuous' });
    expect(await faultOf(cut(['main', 'far']), one, ['far'])).toEqual({ kind: 'passed' });
    await expect(check(one, { faults: [cut(['main', 'main'])], systems: ['far'] })).rejects.toThrow(
      "cut(['main', 'main']) never comes",
    );
  });

  test('whoever fails says so, whatever never came', async () => {
    const failing: Scenario<Any> = function* failing(self) {
      self.exit('bad');
    };
    expect(await faultOf(kill('worker'), failing)).toMatchObject({ kind: 'failed' });
  });
});

describe('crash', () => {
  test('lets an actor throw where it has received something, at each of its receives', async () => {
    const taken = new Set<number>();
    const scenario: Scenario<Any> = function* scenario(self, { eventually }) {
      let count = 0;
      const pid = self.spawn(function* worker(its: Self<Any>): Actor {
        for (let i = 0; i < 3; i++) {
          yield* its.receive('job');
          count++;
        }
      });
      for (let i = 0; i < 3; i++) self.send(pid, { tag: 'job' });
      eventually('noted', () => taken.add(count) !== undefined);
    };
    const found = await check(scenario, { faults: [crash('worker')], strategy: 'every' });
    expect([...taken].sort()).toEqual([0, 1, 2, 3]);
    expect(found.runs).toBeLessThanOrEqual(4);
  });

  test('a supervisor restarts who crashes, in every schedule', async () => {
    const scenario: Scenario<Any> = function* scenario(self, { clients, eventually, system }) {
      const tree = supervisor({ children: [child({ id: 'c', name: COUNTER }, counter)] });
      const started = yield* self.startLink(tree);
      if (started.ok) self.unlink(started.pid as unknown as Pid);
      eventually('it is there', () => system.whereis(COUNTER) !== undefined);
      yield* clients({
        asking: [
          function* asking(its: Self<Any>): Actor {
            try {
              yield* its.call(COUNTER, 'get');
            } catch {}
          },
        ],
      });
    };
    const found = await check(scenario, { faults: [crash(COUNTER)], strategy: 'every' });
    expect(found.complete).toBe(true);
    expect(found.runs).toBeGreaterThan(1);
  });

  test('the order of a crash and what comes is tried: naive comes to the same', async () => {
    const seen = new Set<string>();
    const scenario: Scenario<Any> = function* scenario(self, { eventually }) {
      const got: string[] = [];
      const pid = self.spawn(function* worker(its: Self<Any>): Actor {
        for (;;)
          try {
            got.push(String((yield* its.receive('a', 'b'))['n']));
          } catch {
            got.push('!');
          }
      });
      self.spawn(sending, pid, { tag: 'a', n: 1 });
      self.spawn(sending, pid, { tag: 'b', n: 2 });
      eventually('noted', () => seen.add(got.join(' ')) !== undefined);
    };
    const options = { faults: [crash('worker')] };
    const reduced = await explore(scenario, { ...EVERY, ...options });
    const found = [...seen].sort();
    seen.clear();
    const naive = await explore(scenario, { ...NAIVE, ...options });
    expect(found).toEqual([...seen].sort());
    expect(found).toEqual(['! 1', '! 2', '1 !', '1 2', '2 !', '2 1']);
    expect(reduced.runs).toBeLessThan(naive.runs);
  });
});
