/** What an exploration says of a scenario: what is wrong, in how many schedules, and by which steps. */

import {
  check,
  explore,
  type ReplayKey,
  type Scenario,
  SimulationFailed,
  simulate,
} from '@beamish/sim';
import {
  type Actor,
  child,
  type Message,
  name,
  type Pid,
  type ReplyTo,
  type Self,
  server,
  supervisor,
} from 'beamish';
import { describe, expect, test, vi } from 'vitest';
import { type Any, bank, deposit, dine, fork, philosophers, sending } from './support/scenes.ts';

// Time decides nothing here, and a busy machine takes long.
vi.setConfig({ testTimeout: 200_000 });

const table: Scenario<Any> = function* table(self, { clients }) {
  const [a, b, c] = [self.spawn(fork), self.spawn(fork), self.spawn(fork)];
  yield* clients({ ada: [dine, a, b], bea: [dine, b, c], cem: [dine, c, a] });
};

const account: Scenario<Any> = function* account(self, { clients }) {
  const account = self.spawn(bank);
  yield* clients({ ann: [deposit, account], bob: [deposit, account] });
  self.send(account, { tag: 'get', from: self.pid });
  const { balance } = yield* self.receive('value');
  if (balance !== 2) throw new Error(`It has ${String(balance)}`);
};

interface Ask extends Message {
  readonly tag: 'ask';
  readonly replyTo: ReplyTo<number>;
}

const EVERY = { failures: 'all' } as const;

describe('steps', () => {
  test('SIM-01: one step, one receive, between any two of which others can step', async () => {
    const run = await simulate(
      function* scenario(self: Self<Any>): Actor {
        const pid = self.spawn(function* taker(its: Self<Any>): Actor {
          for (let i = 0; i < 3; i++) yield* its.receive();
        });
        for (let i = 0; i < 3; i++) self.send(pid, { tag: 'x' });
        self.spawn(function* other(): Actor {});
      },
      { schedule: [] },
    );
    expect(run.steps.filter(({ who }) => who === 'taker').map(({ kind }) => kind)).toEqual([
      'starts',
      'receives',
      'receives',
      'receives',
    ]);
    expect(run.steps[1]?.others).toEqual(['other']);
    expect(run.steps[2]?.others).toEqual(['other']);
  });

  test('SIM-02: who finds nothing that it takes makes no step', async () => {
    const { steps } = await simulate(
      function* scenario(self: Self<Any>): Actor {
        const pid = self.spawn(function* taker(its: Self<Any>): Actor {
          yield* its.receive('a');
        });
        self.send(pid, { tag: 'b' });
      },
      { schedule: [] },
    );
    expect(steps.map(({ who, kind }) => `${who} ${kind}`)).toEqual([
      'scenario starts',
      'taker starts',
    ]);
  });

  test('SIM-03: a guard decides, and one that throws crashes its actor on its step', async () => {
    const guarded = (guard: () => boolean): Scenario<Any> =>
      function* scenario(self) {
        const pid = self.spawn(function* taker(its: Self<Any>): Actor {
          yield* its.receive('a').where(guard);
        });
        self.send(pid, { tag: 'a' });
      };
    expect(
      (
        await simulate(
          guarded(() => false),
          { schedule: [] },
        )
      ).steps,
    ).toHaveLength(2);
    const broken = guarded(() => {
      throw new Error('no guard');
    });
    expect((await explore(broken)).verdict).toMatchObject({ kind: 'crash', who: 'taker' });
  });

  test('SIM-05: the same names in every schedule', async () => {
    const scenario: Scenario<Any> = function* scenario(self) {
      for (const tag of ['a', 'b'])
        self.spawn(function* parent(its: Self<Any>): Actor {
          its.spawn(sending, its.pid, { tag });
          yield* its.receive(tag);
        });
    };
    const seen = new Set<string>();
    for (let seed = 1; seed <= 50; seed++) {
      const { steps } = await simulate(scenario, { schedule: { seed } });
      for (const { deeds, who } of steps)
        for (const { kind, tag, to } of deeds)
          if (kind === 'sent') seen.add(`${who}: ${tag} to ${to}`);
    }
    expect([...seen].sort()).toEqual([
      'sending (1.1): a to parent 1',
      'sending (2.1): b to parent 2',
    ]);
  });

  test('SIM-06: the same schedule is the same run', async () => {
    for (let seed = 1; seed <= 200; seed++) {
      const run = await simulate(table, { schedule: { seed } });
      expect((await simulate(table, { schedule: { seed } })).toString()).toBe(run.toString());
      expect((await simulate(table, { schedule: run.schedule })).toString()).toBe(run.toString());
    }
  });

  test('SIM-85: any list of numbers is a schedule', async () => {
    for (const schedule of [[], [9, 9, 9], [0, 5, 1, 7, 3, 2], Array.from({ length: 40 }, () => 8)])
      expect((await simulate(table, { schedule })).steps.length).toBeGreaterThan(10);
  });
});

describe('verdicts', () => {
  test('SIM-60: a lost update fails in 4 of 6 schedules', async () => {
    const found = await explore(account, EVERY);
    expect(found).toMatchObject({ runs: 6, failed: 4, complete: true });
    expect(found.verdict).toMatchObject({ kind: 'failed', error: { message: 'It has 1' } });
  });

  test('SIM-62, SIM-92: philosophers: a deadlock in 1 of 7 schedules, told with its circle', async () => {
    const found = await explore(table, EVERY);
    expect(found).toMatchObject({ runs: 7, failed: 1, complete: true });
    expect(found.toString()).toBe('failed: deadlock in 1 of 7 schedules · complete');
    expect(found.verdict).toMatchObject({ kind: 'deadlock' });
    const { cycle } = found.verdict as { cycle: readonly string[] };
    expect(cycle).toEqual(['ada', 'fork 2', 'bea', 'fork 3', 'cem', 'fork 1', 'ada']);
  });

  test('SIM-16: with the forks of the last one exchanged, all 6 schedules pass', async () => {
    expect((await check(philosophers(3, true))).toString()).toBe('complete: 6 of 6 schedules');
  });

  test('check throws with who waits, the steps that lead there, and how to see them again', async () => {
    const failed = await (async () => {
      try {
        return await check(table);
      } catch (error) {
        return error as SimulationFailed;
      }
    })();
    expect(failed).toBeInstanceOf(SimulationFailed);
    const { message } = failed as SimulationFailed;
    expect(message).toContain('deadlock in 1 of 7 schedules, which are all');
    expect(message).toMatch(
      /ada +for 'taken', after 'take' to fork 2 +explore.test.ts:\d+|scenes.ts:\d+/,
    );
    expect(message).toContain('In a circle: ada → fork 2 → bea');
    expect(message).toContain(
      '   1   0  scenario  starts; spawns fork 1, fork 2, fork 3, ada, bea, cem\n',
    );
    const key = /key: '(.*)'/.exec(message)?.[1] as ReplayKey;
    const again = await simulate(table, { schedule: { key } });
    expect(again.toString()).toBe((failed as SimulationFailed).run?.toString());
  });

  test('SIM-90: a server that nobody stops is no deadlock', async () => {
    const serving: Scenario<Any> = function* scenario(self) {
      const pid = self.spawn(server(() => ({ call: { one: () => 1 } })));
      yield* self.call(pid, 'one');
    };
    expect((await check(serving)).verdict.kind).toBe('passed');
  });

  test('SIM-91: a call that is never answered is one, with caller and callee', async () => {
    const verdict = (
      await explore(function* scenario(self: Self<Any>): Actor {
        const deaf = self.spawn(function* deaf(its: Self<Ask>): Actor {
          yield* its.receive('EXIT');
        });
        yield* self.call(deaf, { tag: 'ask' }).within('infinity');
      })
    ).verdict;
    expect(verdict).toMatchObject({ kind: 'deadlock' });
    const { waiting } = verdict as { waiting: readonly { who: string; of: string | undefined }[] };
    expect(waiting.find(({ who }) => who === 'scenario')?.of).toBe('deaf');
  });

  test('SIM-93: a claim that never holds is vacuous', async () => {
    const scenario: Scenario<Any> = function* scenario(_, { sometimes }) {
      sometimes('pigs fly', () => false);
    };
    expect((await explore(scenario)).verdict).toEqual({ kind: 'vacuous', claim: 'pigs fly' });
    await expect(check(scenario)).rejects.toThrow('"pigs fly" never holds');
  });

  test('SIM-93: a leadsTo whose cause comes in no schedule is vacuous, and says who is there', async () => {
    const scenario: Scenario<Any> = function* scenario(self, { leadsTo, choose }) {
      leadsTo('jobs are done', { by: 'wroker', tag: 'job' }, { kind: 'ended' });
      if (choose(2) === 1) self.spawn(function* worker(): Actor {});
      leadsTo('all start', { by: 'worker', kind: 'starts' }, { by: 'worker', kind: 'ended' });
    };
    expect((await explore(scenario)).verdict).toEqual({
      kind: 'vacuous',
      claim: 'jobs are done',
      cause: { by: 'wroker', tag: 'job' },
      labels: ['scenario', 'worker'],
    });
    await expect(check(scenario)).rejects.toThrow(
      'The cause of "jobs are done" never comes, in 2 schedules, which are all\n' +
        "  It is asked after each step or deed that matches { by: 'wroker', tag: 'job' }. There are: scenario, worker",
    );
  });

  test('SIM-93: an always that is about somebody who steps in no schedule is vacuous', async () => {
    const about = (whom: string): Scenario<Any> =>
      function* scenario(self, { always, choose }) {
        always('all is well', () => true, 'scenario', whom);
        if (choose(2) === 1) self.spawn(function* worker(): Actor {});
      };
    expect((await explore(about('wroker'))).verdict).toEqual({
      kind: 'vacuous',
      claim: 'all is well',
      whom: 'wroker',
      labels: ['scenario', 'worker'],
    });
    await expect(check(about('wroker'))).rejects.toThrow(
      '"all is well" is about \'wroker\', who never steps, in 2 schedules, which are all\n' +
        '  The steps of whoever is called so are tried in every order. There are: scenario, worker',
    );
    for (const whom of ['worker', 'wor*'])
      expect((await explore(about(whom))).verdict).toEqual({ kind: 'passed' });
  });

  test('SIM-94: a claim is asked after each step', async () => {
    const scenario: Scenario<Any> = function* scenario(self, { always, clients }) {
      let isOdd = false;
      always('it is even', () => !isOdd);
      yield* clients({
        it: [
          function* it(its: Self<Any>): Actor {
            isOdd = true;
            yield* its.yield();
            isOdd = false;
          },
        ],
      });
      self.send(self.pid, { tag: 'over' });
    };
    expect((await explore(scenario)).verdict).toEqual({ kind: 'claim', claim: 'it is even' });
  });

  test('SIM-95: a crash of an actor that nobody supervises; a supervised one is what supervisors are for', async () => {
    function* broken(self: Self<Any>): Actor {
      yield* self.receive('break');
      throw new Error('broken');
    }
    const alone: Scenario<Any> = function* scenario(self) {
      self.send(self.spawn(broken), { tag: 'break' });
    };
    expect((await explore(alone)).verdict).toMatchObject({ kind: 'crash', who: 'broken' });
    const B = name<Any>('b');
    const supervised: Scenario<Any> = function* scenario(self) {
      yield* self.startLink(supervisor({ children: [child({ id: 'b', name: B }, broken)] }));
      self.send(B, { tag: 'break' });
    };
    expect((await explore(supervised)).verdict.kind).toBe('passed');
  });

  test('a run that has no end is a livelock', async () => {
    const polite: Scenario<Any> = function* scenario(self) {
      for (;;) yield* self.yield();
    };
    const found = await explore(polite, { maxSteps: 50 });
    expect(found.verdict).toEqual({ kind: 'livelock', steps: 50, repeating: ['scenario'] });
    expect(found.complete).toBe(false);
  });

  test('SIM-43: a supervisor restarts what is killed at any time, in every schedule', async () => {
    const counter = server(() => ({ call: { get: () => 1 } }));
    const C = name<never>('counter');
    const scenario: Scenario<Any> = function* scenario(self, { clients, eventually, system }) {
      const tree = supervisor({ children: [child({ id: 'c', name: C }, counter)] });
      const started = yield* self.startLink(tree);
      // It outlives the scenario.
      if (started.ok) self.unlink(started.pid as unknown as Pid);
      eventually('the name is taken', () => system.whereis(C) !== undefined);
      yield* clients({
        killer: [
          function* killer(its: Self<Any>): Actor {
            const pid = its.whereis(C);
            if (pid !== undefined) its.exitSignal(pid as Pid, 'kill');
          },
        ],
      });
    };
    expect((await check(scenario)).complete).toBe(true);
  });
});
