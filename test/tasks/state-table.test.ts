/** Random histories of random canvases, through the state table and the memory store. */

import { chain, defineTask, each, group, memory, onFailure, withOptions } from '@beamish/tasks';
import { generator } from 'beamish/testing';
import { expect, test } from 'vitest';
import { storedWork, type Work } from '../../packages/tasks/src/canvas/work.ts';
import { draftOf } from '../../packages/tasks/src/state/drafts.ts';
import type { TaskEvent } from '../../packages/tasks/src/state/events.ts';
import { memberId, type TaskRecord } from '../../packages/tasks/src/state/record.ts';
import { isSuccess } from '../../packages/tasks/src/terms/outcome.ts';
import { isFinal } from '../../packages/tasks/src/terms/task-state.ts';
import { Batch, type BatchOptions, type Steps } from '../../packages/tasks/src/tree/batch.ts';

/** `BEAMISH_RUNS=50000` for as many histories, as each night; the first ones always. */
const HISTORIES = Number(process.env['BEAMISH_RUNS'] ?? 2500);

const plain = defineTask('plain', (_self, n: unknown) => n as number);
const other = defineTask(
  'other',
  { queue: 'other', priority: 5 },
  (_self, n: unknown) => n as number,
);
const NAMES = new Set(['plain', 'other']);
const HELD = { has: () => false, keys: [], take: () => {}, freed: 0 };

type Random = () => number;
const pick = <T>(random: Random, list: readonly T[]): T =>
  list[Math.floor(random() * list.length)] as T;

/** A canvas that lacks nothing. */
function canvas(random: Random, depth: number): Work {
  const kind = depth === 0 ? 0 : Math.floor(random() * 6);
  const inner = (): never => canvas(random, depth - 1) as never;
  const some = (): never[] => Array.from({ length: Math.floor(random() * 4) }, inner);
  let made: unknown;
  if (kind <= 1) made = pick(random, [plain, other]).s(Math.floor(random() * 9));
  else if (kind === 2) made = chain(inner(), inner(), plain as never);
  else if (kind === 3) made = group(some(), { limit: 1 + Math.floor(random() * 3) });
  else if (kind === 4) made = group(some(), { limit: 2, onFailure: 'settle' });
  else
    made = chain(
      group([plain.s(1), plain.s(2), plain.s(3)]) as never,
      each(random() < 0.5 ? plain : (chain(plain, other) as never), {
        size: 1 + Math.floor(random() * 2),
        limit: 2,
        onFailure: pick(random, ['fail', 'settle'] as const) as 'fail',
      }) as never,
      plain as never,
    );
  if (random() < 0.1) made = onFailure(made as never, plain as never);
  if (random() < 0.1) made = withOptions(made as never, { delayMs: Math.floor(random() * 50) });
  if (random() < 0.1) made = withOptions(made as never, { expiresMs: Math.floor(random() * 50) });
  return made as Work;
}

/** As `expect`, which takes longer than all the rest. */
function must(claim: boolean, otherwise: string): void {
  if (!claim) throw new Error(otherwise);
}

class World {
  readonly store = memory();
  readonly random: Random;
  now = 0;
  readonly history: string[] = [];

  constructor(random: Random) {
    this.random = random;
  }

  do<T>(steps: (batch: Batch) => Steps<T>): T {
    const options: BatchOptions = {
      store: this.store,
      self: undefined as never,
      keyOf: () => undefined,
    };
    const batch = new Batch(options);
    const work = steps(batch).next();
    if (work.done !== true) throw new Error('The memory store answers at once');
    for (const answer of this.store.commit(batch.changes()) as readonly string[])
      must(answer === 'done', `A change is ${answer}`);
    return work.value;
  }

  apply(id: string, event: TaskEvent): unknown {
    this.history.push(`${id}: ${JSON.stringify(event)}`);
    return this.do((batch) => batch.apply(id, event));
  }

  all(): readonly TaskRecord[] {
    return this.store.list({ limit: 10_000 }, undefined) as readonly TaskRecord[];
  }

  claim(limit: number): readonly TaskRecord[] {
    return this.store.claim({
      worker: 'w',
      queues: ['default', 'other'],
      limit,
      leaseMs: 10,
      now: this.now,
      names: NAMES,
      held: HELD,
    }) as readonly TaskRecord[];
  }

  /** Something happens to somebody. */
  step(): void {
    const { random } = this;
    this.now += Math.floor(random() * 5);
    const { now } = this;
    const dice = random();
    if (dice < 0.35) return void this.claim(1 + Math.floor(random() * 3));
    const all = this.all();
    const states = (state: string): TaskRecord[] => all.filter((record) => record.state === state);
    const running = states('running');
    if (dice < 0.75 && running.length > 0) {
      const { id, run } = pick(random, running);
      const stale = random() < 0.1 ? run - 1 : run;
      const event = pick<TaskEvent>(random, [
        { kind: 'succeed', run: stale, value: '1', now },
        { kind: 'succeed', run: stale, value: '', now },
        { kind: 'fail', run: stale, failure: '{"f":1}', retryAt: undefined, now },
        { kind: 'fail', run: stale, failure: '{"f":1}', retryAt: now + 5, now },
        { kind: 'lost', run: stale, maxCrashes: 3, now },
        { kind: 'return', run: stale, now },
        { kind: 'checkpoint', run: stale, value: '7', now },
        {
          kind: 'become',
          run: stale,
          signature: JSON.stringify(storedWork(canvas(random, 1))),
          now,
        },
      ]);
      return void this.apply(id, event);
    }
    if (dice < 0.85) {
      for (const { id, state, run } of this.store.due(now, undefined, 3) as TaskRecord[])
        if (state === 'running') this.apply(id, { kind: 'lost', run, maxCrashes: 3, now });
        else this.apply(id, { kind: state === 'scheduled' ? 'due' : 'expire', now });
      return;
    }
    const { id } = pick(random, all);
    const event = pick<TaskEvent>(random, [
      { kind: 'revoke', reason: 'chance', running: pick(random, ['end', 'leave', 'spare']), now },
      { kind: 'retry', now },
      { kind: 'expire', now },
      { kind: 'due', now },
      ...(random() < 0.2 ? [{ kind: 'forget' } as const] : []),
    ]);
    this.apply(id, event);
  }

  check(before: ReadonlyMap<string, TaskRecord>): void {
    const last = this.history.at(-1) ?? '';
    const wasPutBack = this.history.some((it) => it.includes('"retry"'));
    for (const record of this.all()) {
      const { id, state, members, outcome } = record;
      const was = before.get(id);
      if (was !== undefined) {
        must(record.run >= was.run, `${id}: run falls`);
        const isLeft = isFinal(was.state) && was.state !== state;
        must(!isLeft || last.includes('"retry"'), `${id}: left ${was.state}`);
      }
      const isRunning = state === 'running';
      must((record.worker !== undefined) === isRunning, `${id}: worker ${record.worker}`);
      must((record.leaseUntil !== undefined) === isRunning, `${id}: lease ${record.leaseUntil}`);
      must(!isRunning || members === undefined, `${id}: a join runs`);
      must((outcome !== undefined) === isFinal(state), `${id}: outcome ${outcome} of ${state}`);
      if (outcome !== undefined)
        must(isSuccess(outcome) === (state === 'succeeded'), `${id}: ${outcome} of ${state}`);
      if (members === undefined || members.all < 0) continue;
      if (state !== 'joining' && state !== 'succeeded') continue;
      const made = Array.from({ length: members.next }, (_, i) =>
        this.store.find(memberId(id, i)),
      ).filter((it) => it !== undefined) as TaskRecord[];
      const open = made.filter((it) => !isFinal(it.state)).length;
      // Of one that has ended, a member that an operator has put back runs alone.
      const pending = state === 'joining' ? open + members.all - members.next : 0;
      must(members.pending === pending, `${id}: ${members.pending} pending, not ${pending}`);
      must(state !== 'joining' || pending > 0, `${id}: joins nobody`);
      // What is put back after a revocation comes all at once.
      if (members.kind === 'group' && !wasPutBack)
        must(open <= members.limit, `${id}: ${open} at a time, over ${members.limit}`);
      if (!members.settle && state === 'succeeded')
        must(
          made.every((it) => it.state === 'succeeded'),
          `${id}: succeeded without a member`,
        );
    }
  }

  /** Everything that is left succeeds. */
  drain(): void {
    for (let rounds = 0; rounds < 10_000; rounds++) {
      this.now += 100;
      const { now } = this;
      for (const { id, state } of this.store.due(now, undefined, 1000) as TaskRecord[])
        if (state !== 'running')
          this.apply(id, { kind: state === 'scheduled' ? 'due' : 'expire', now });
      this.claim(1000);
      const running = this.all().filter((it) => it.state === 'running');
      for (const { id, run } of running) this.apply(id, { kind: 'succeed', run, value: '1', now });
      if (this.all().every((it) => isFinal(it.state))) return;
    }
    throw new Error('It never ends');
  }
}

test(`TSK-89: whatever happens in whatever order, the invariants of the state table hold (${HISTORIES} histories)`, {
  timeout: 600_000,
}, () => {
  let held = 0;
  for (let seed = 1; seed <= HISTORIES; seed++) {
    const random = generator(seed);
    const world = new World(random);
    const work = storedWork(canvas(random, 3));
    const origin = { id: 'r', root: 'r', parent: undefined, join: undefined, headers: undefined };
    const task = draftOf(work, { ...origin, input: undefined, now: 0 });
    try {
      world.do((batch) => batch.apply('r', { kind: 'submit', task, now: 0 }));
      const steps = Math.floor(random() * 40);
      for (let i = 0; i < steps && world.all().length > 0; i++) {
        const before = new Map(world.all().map((record) => [record.id, record]));
        world.step();
        world.check(before);
      }
      world.drain();
      world.check(new Map());
      held++;
    } catch (error) {
      if (error instanceof Error)
        error.message = `Seed ${seed}: ${error.message}\n${world.history.slice(-12).join('\n')}`;
      throw error;
    }
  }
  expect(held).toBe(HISTORIES);
});
