/** An application on a store in memory, in every order that one of its actors could tell from the others. */

import { type ExploreOptions, explore, kill, type Scenario } from '@beamish/sim';
import {
  chain,
  defineTask,
  group,
  memory,
  outcome,
  revoke,
  submit,
  TASKS,
  type TasksOptions,
  taskTree,
} from '@beamish/tasks';
import type { Actor, Self } from 'beamish';
import { expect, test } from 'vitest';

const double = defineTask('double', { maxCrashes: 'infinity' }, (_self, n: number) => {
  ran.push(`double ${n}`);
  return n * 2;
});
const sum = defineTask('sum', { maxCrashes: 'infinity' }, (_self, of: readonly number[]) => {
  ran.push('sum');
  return of.reduce((a, b) => a + b, 0);
});
let ran: string[] = [];

/** The tree, with ids that are the same in each run. */
function tree(options: Partial<TasksOptions> = {}) {
  let ids = 0;
  ran = [];
  return taskTree(
    { tasks: [double, sum], store: memory(), workers: [{ concurrency: 1 }], ...options },
    { fresh: () => `id-${ids++}`, longestPauseMs: Number.POSITIVE_INFINITY },
  );
}

function fail(what: unknown): never {
  throw new Error(`It came out otherwise: ${JSON.stringify(what)}`);
}

/** In the long form those that take many seconds are complete, too; otherwise they are a sample. */
const IS_LONG = process.env['BEAMISH_EXPLORE'] === '1';
const SAMPLE = 150;

/** Passes in every schedule that differs. */
async function every(scenario: Scenario, options: ExploreOptions = {}): Promise<void> {
  const budget = { runs: 200_000, ms: 280_000 };
  const found = await explore(scenario, { budget, ...options });
  expect(String(found.failure ?? 'passed')).toBe('passed');
  expect(found.complete).toBe(true);
}

/** The same, in the long form. */
async function many(scenario: Scenario, options: ExploreOptions = {}): Promise<void> {
  if (IS_LONG) return await every(scenario, options);
  const found = await explore(scenario, { budget: { runs: SAMPLE }, ...options });
  expect(String(found.failure ?? 'passed')).toBe('passed');
  expect(found.runs).toBeGreaterThanOrEqual(SAMPLE);
}

test('one task has one run and one end, which whoever waits hears', async () => {
  await every(function* (self) {
    yield* self.startLink(tree());
    const id = yield* submit(self, TASKS, double.s(2));
    const ended = yield* outcome(self, TASKS, id);
    if (ended?.ok !== true || ended.value !== 4 || ran.length !== 1) fail([ended, ran]);
  });
});

test('TSK-12: two who submit one unique key at once are one task', async () => {
  function* one(self: Self): Actor<string> {
    return yield* submit(self, TASKS, double.s(1), { unique: 'one' });
  }
  await every(function* (self, { clients }) {
    yield* self.startLink(tree({ workers: [] }));
    const { ann, bob } = yield* clients({ ann: [one], bob: [one] });
    if (ann !== bob) fail([ann, bob]);
  });
});

test('TSK-54: a task that is revoked before it began never begins, whatever comes first', async () => {
  function* submits(self: Self): Actor<unknown> {
    return yield* outcome(self, TASKS, yield* submit(self, TASKS, double.s(1), { id: 't' }));
  }
  function* revokes(self: Self): Actor<string | undefined> {
    return yield* revoke(self, TASKS, 't');
  }
  const seen = new Set<string | undefined>();
  await many(function* (self, { clients }) {
    yield* self.startLink(tree());
    const { ended, found } = yield* clients({
      ended: [submits],
      found: [revokes],
    });
    const { ok } = ended as { readonly ok: boolean };
    seen.add(found);
    if (found === 'queued' && ran.length > 0) fail('It was revoked, and began');
    if ((found === undefined || found === 'succeeded') !== ok) fail([found, ended]);
  });
  expect(seen.size).toBeGreaterThan(2);
}, 300_000);

test('CAN-21: a group of two and its step: each member counts once, and the step runs once', async () => {
  await many(function* (self) {
    yield* self.startLink(tree({ workers: [{ concurrency: 2 }] }));
    const work = chain(group([double.s(1), double.s(2)]), sum);
    const ended = yield* outcome(self, TASKS, yield* submit(self, TASKS, work));
    const steps = ran.filter((it) => it === 'sum').length;
    if (ended?.ok !== true || ended.value !== 6 || steps !== 1 || ran.length !== 3)
      fail([ended, ran]);
  });
}, 300_000);

test('a worker that is killed at any moment loses nothing: its task runs again, and ends once', async () => {
  let again = false;
  await many(
    function* (self) {
      yield* self.startLink(tree());
      const ended = yield* outcome(self, TASKS, yield* submit(self, TASKS, double.s(2)));
      if (ended?.ok !== true || ended.value !== 4) fail([ended, ran]);
      again ||= ran.length === 2;
    },
    { faults: [kill('worker*')] },
  );
  expect(again).toBe(true);
}, 300_000);
