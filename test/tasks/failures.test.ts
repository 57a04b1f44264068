/** How tasks fail, and how they are tried again. */

import { defineTask, expo, type RetryPolicy, type TaskFailed, type TaskSelf } from '@beamish/tasks';
import { eager } from '@beamish/tasks/testing';
import type { Actor, Self } from 'beamish';
import { expect, test } from 'vitest';
import { judge } from '../../packages/tasks/src/terms/retry.ts';

const plain = defineTask('plain', (_self, n: number) => n + 1);
const generator = defineTask('generator', function* (self, n: number): Actor<string> {
  yield* self.sleep(1000);
  return `${n} slept`;
});
const asynchronous = defineTask('asynchronous', async (self, n: number) => {
  await self.sleep(1000);
  return [n, n];
});

test('TSK-01: a plain, a generator and an async body run, and get gives their values', async () => {
  await using app = eager({ tasks: [plain, generator, asynchronous] });
  const sum: number = await app.run(plain.s(1));
  const text: string = await app.run(generator.s(1));
  const list: number[] = await app.run(asynchronous.s(1));
  expect([sum, text, list]).toEqual([2, '1 slept', [1, 1]]);
});

test('a body that returns nothing results in nothing', async () => {
  const nothing = defineTask('nothing', () => {});
  await using app = eager({ tasks: [nothing] });
  expect(await app.run(nothing.s())).toBeUndefined();
});

/** Fails with what it is given. */
const thrown: unknown[] = [];
const throwing = defineTask('throwing', () => {
  throw thrown[0];
});

async function failureOf(what: unknown): Promise<TaskFailed> {
  thrown[0] = what;
  await using app = eager({ tasks: [throwing] });
  return (await app.run(throwing.s()).catch((error: unknown) => error)) as TaskFailed;
}

test('TSK-17: what was thrown is told with name, message, stack, data and the chain of causes', async () => {
  const cause = new RangeError('inner', { cause: 'a string' });
  const error = Object.assign(new TypeError('outer', { cause }), {
    code: 7n,
    where: { line: 1 },
    dropped: () => 1,
  });
  const failed = await failureOf(error);
  expect(failed.name).toBe('TaskFailed');
  expect(failed.message).toMatch(/^Task throwing \(.*\) has failed: outer$/);
  expect(failed.failure).toMatchObject({ name: 'throwing', state: 'failed', reason: 'error' });
  expect(failed.failure.error).toEqual({
    name: 'TypeError',
    message: 'outer',
    stack: error.stack,
    data: { code: 7n, where: { line: 1 } },
    cause: { name: 'RangeError', message: 'inner', stack: cause.stack, cause: 'a string' },
  });
  const told = failed.cause as Error;
  expect(told).toMatchObject({ name: 'TypeError', message: 'outer', stack: error.stack });
  expect(told).not.toBeInstanceOf(TypeError);
  expect(told.cause).toMatchObject({ name: 'RangeError', message: 'inner' });
});

const hostile = new Proxy(new Error('x'), {
  get() {
    throw new Error('do not look');
  },
});

test.each([
  ['a string', 'plain words', 'plain words'],
  ['null', null, 'null was thrown'],
  ['undefined', undefined, 'undefined was thrown'],
  ['a frozen object', Object.freeze({ code: 3 }), '{"code":3} was thrown'],
  ['a function', () => 1, 'was thrown'],
  ['what cannot be looked at', hostile, 'cannot be read'],
])('TSK-17: throwing %s is a failure with a readable message', async (_, what, message) => {
  const failed = await failureOf(what);
  expect(failed.failure.error.message).toContain(message);
});

const attempts: unknown[] = [];
function flaky(retry: RetryPolicy) {
  attempts.length = 0;
  return defineTask('flaky', { retry }, (self): number => {
    attempts.push([self.task.attempt, self.task.run]);
    throw new TypeError(`attempt ${self.task.attempt}`);
  });
}

test('TSK-27: a failure is retried as often as the policy says, and the last one is the result', async () => {
  const failing = flaky({ max: 3, backoff: expo({ jitter: 'none' }) });
  await using app = eager({ tasks: [failing] });
  const began = app.now().getTime();
  await expect(app.run(failing.s())).rejects.toMatchObject({
    failure: { reason: 'error', attempt: 4, error: { message: 'attempt 4' } },
  });
  expect(attempts).toEqual([
    [1, 1],
    [2, 2],
    [3, 3],
    [4, 4],
  ]);
  expect(app.now().getTime() - began).toBe(7000);
});

test('TSK-28: when decides, and what it throws makes the failure final, and is told', async () => {
  const picky = flaky({
    max: 9,
    when: (error, attempt) => error instanceof TypeError && attempt < 2,
  });
  await using app = eager({ tasks: [picky] });
  await expect(app.run(picky.s())).rejects.toMatchObject({ failure: { attempt: 2 } });
  const broken = flaky({
    max: 9,
    when() {
      throw new Error('the policy is broken');
    },
  });
  const told: unknown[] = [];
  await using other = eager({
    tasks: [broken],
    prepare: (system) =>
      system.events.on('tasks_callback_failed', ({ what, error }) =>
        told.push([what, String(error)]),
      ),
  });
  await expect(other.run(broken.s())).rejects.toMatchObject({
    failure: { attempt: 1, error: { message: 'attempt 1' } },
  });
  expect(told).toEqual([['the retry policy of the task flaky', 'Error: the policy is broken']]);
});

test('TSK-29: expo doubles up to its most, and jitter takes a random part of it', () => {
  const delays = (options: Parameters<typeof expo>[0], random: () => number): number[] =>
    [1, 2, 3, 4].map((attempt) => expo(options)(attempt, random));
  expect(delays({ jitter: 'none' }, Math.random)).toEqual([1000, 2000, 4000, 8000]);
  expect(delays({ jitter: 'none', firstMs: 10, factor: 3, maxMs: 50 }, Math.random)).toEqual([
    10, 30, 50, 50,
  ]);
  expect(delays({}, () => 0)).toEqual([0, 0, 0, 0]);
  expect(delays({}, () => 0.5)).toEqual([500, 1000, 2000, 4000]);
  expect(delays({ jitter: 'equal' }, () => 0)).toEqual([500, 1000, 2000, 4000]);
  expect(delays({ jitter: 'equal' }, () => 0.5)).toEqual([750, 1500, 3000, 6000]);
  expect(() => expo({ factor: 0 })).toThrow(RangeError);
});

test('TSK-29: the same seed gives the same delays', async () => {
  const times = async (seed: number): Promise<number[]> => {
    const failing = flaky({ max: 4 });
    await using app = eager({ tasks: [failing], seed });
    const due: number[] = [];
    app.events.on('retrying', ({ dueAt }) => due.push(dueAt.getTime()));
    await app.run(failing.s()).catch(() => {});
    return due;
  };
  expect(await times(7)).toEqual(await times(7));
  expect(await times(7)).not.toEqual(await times(8));
});

test('TSK-29: a back-off that is no number makes the failure final', () => {
  const verdict = judge({ max: 1, backoff: () => Number.NaN }, new Error('x'), 1, Math.random);
  expect(verdict.afterMs).toBeUndefined();
  expect(verdict.policyError).toBeInstanceOf(RangeError);
});

test('TSK-30: tasks that wait for another attempt hold no runner', async () => {
  const failing = defineTask('f', { retry: { max: 1, backoff: () => 60_000 } }, () => {
    throw new Error('x');
  });
  await using app = eager({ tasks: [failing, plain], workers: [{ concurrency: 1 }] });
  await app.submitMany(Array.from({ length: 1000 }, () => failing.s()));
  await app.advance(0);
  expect((await app.stats()).scheduled).toBe(1000);
  const handle = await app.submit(plain.s(1));
  await app.advance(0);
  expect((await handle.state())?.state).toBe('succeeded');
});

test('TSK-31: retry() asks for another attempt at its time; with none left it is the cause that failed', async () => {
  const asking = defineTask('asking', { retry: { max: 1 } }, (self: TaskSelf): number =>
    self.task.retry({ afterMs: 5000, cause: new RangeError(`no ${self.task.attempt}`) }),
  );
  await using app = eager({ tasks: [asking] });
  const starts: number[] = [];
  app.events.on('started', () => starts.push(app.now().getTime()));
  await expect(app.run(asking.s())).rejects.toMatchObject({
    failure: { attempt: 2, error: { name: 'RangeError', message: 'no 2' } },
  });
  expect((starts[1] as number) - (starts[0] as number)).toBe(5000);
});

test('TSK-32: a helper that dies takes its task along, as a failure that counts as an attempt', async () => {
  const helped = defineTask(
    'helped',
    { retry: { max: 1, backoff: () => 10 } },
    function* (self): Actor<string> {
      if (self.task.attempt === 2) return 'alone';
      self.spawnLink(function* helper(own: Self): Actor {
        yield* own.sleep(5);
        own.exit('helper_died');
      });
      yield* self.sleep(60_000);
      return 'never';
    },
  );
  await using app = eager({ tasks: [helped] });
  const failures: unknown[] = [];
  app.events.on('retrying', ({ failure }) => failures.push(failure.error.message));
  expect(await app.run(helped.s())).toBe('alone');
  expect(failures).toEqual(['helper_died']);
});

test('TSK-57: a result that is larger than allowed is a failure with both sizes', async () => {
  const large = defineTask('large', { result: { maxBytes: 10 } }, () => 'x'.repeat(20));
  await using app = eager({ tasks: [large] });
  await expect(app.run(large.s())).rejects.toMatchObject({
    failure: {
      reason: 'too_large',
      error: { message: 'The result has 22 bytes, and 10 are the most' },
    },
  });
});

test('TSK-58: of a result that is ignored the state is kept', async () => {
  const ignored = defineTask('ignored', { result: { ignore: true } }, () => 'x');
  await using app = eager({ tasks: [ignored] });
  const handle = await app.submit(ignored.s());
  await app.advance(0);
  expect(await handle.state()).toMatchObject({ state: 'succeeded', result: undefined });
});

test('TSK-82: what a schema refuses, or throws at, is invalid: the body is not called, nor is it tried again', async () => {
  let calls = 0;
  const schema = (validate: (value: unknown) => unknown) =>
    ({ '~standard': { version: 1, vendor: 'test', validate } }) as never;
  const checked = (name: string, validate: (value: unknown) => unknown) =>
    defineTask(name, { retry: { max: 3 }, schema: schema(validate) }, (_self, n: number) => {
      calls++;
      return n;
    });
  const refusing = checked('refusing', () => ({ issues: [{ message: 'no number' }] }));
  const broken = checked('broken', () => {
    throw new Error('oops');
  });
  const later = checked('later', () => Promise.resolve({ value: [1] }));
  const changing = checked('changing', (args) => ({
    value: [((args as number[])[0] as number) + 1],
  }));
  await using app = eager({ tasks: [refusing, broken, later, changing] });
  for (const [task, message] of [
    [refusing, 'no number'],
    [broken, 'oops'],
    [later, 'must at once'],
  ] as const)
    await expect(app.run(task.s(1))).rejects.toMatchObject({
      failure: {
        reason: 'invalid',
        attempt: 1,
        error: { message: expect.stringContaining(message) },
      },
    });
  expect(calls).toBe(0);
  expect(await app.run(changing.s(1))).toBe(2);
});

test('the exit of a body with normal is its end; with another reason, its failure', async () => {
  const leaving = defineTask('leaving', function* (self, why: string): Actor<void> {
    yield* self.yield();
    self.exit(why);
  });
  await using app = eager({ tasks: [leaving] });
  expect(await app.run(leaving.s('normal'))).toBeUndefined();
  await expect(app.run(leaving.s('tired'))).rejects.toThrow('tired');
});
