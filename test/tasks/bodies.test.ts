/** Tasks of each kind of body: submitted, run, and what comes of them. */

import { defineTask, expo, type TaskSelf } from '@beamish/tasks';
import { eager } from '@beamish/tasks/testing';
import type { Actor } from 'beamish';
import { expect, test } from 'vitest';

const plain = defineTask('plain', (_self, n: number) => n + 1);
const generator = defineTask('generator', function* (self, n: number): Actor<string> {
  yield* self.sleep(1000);
  return `${n} slept`;
});
const asynchronous = defineTask('asynchronous', async (self, n: number) => {
  await self.sleep(1000);
  return [n, n];
});
const failing = defineTask(
  'failing',
  { retry: { max: 3, backoff: expo({ jitter: 'none' }) } },
  (self: TaskSelf): number => {
    attempts.push([self.task.attempt, self.task.run]);
    throw new TypeError(`attempt ${self.task.attempt}`);
  },
);
const attempts: unknown[] = [];

test('TSK-01: a plain, a generator and an async body run, and get gives their values', async () => {
  await using app = eager({ tasks: [plain, generator, asynchronous] });
  expect(await app.run(plain.s(1))).toBe(2);
  expect(await app.run(generator.s(1))).toBe('1 slept');
  expect(await app.run(asynchronous.s(1))).toEqual([1, 1]);
});

test('TSK-27: a failure is retried as often as the policy says, and the last one is the result', async () => {
  await using app = eager({ tasks: [failing] });
  const began = app.now().getTime();
  await expect(app.run(failing.s())).rejects.toMatchObject({
    name: 'TaskFailed',
    failure: { reason: 'error', attempt: 4, error: { name: 'TypeError', message: 'attempt 4' } },
  });
  expect(attempts).toEqual([
    [1, 1],
    [2, 2],
    [3, 3],
    [4, 4],
  ]);
  expect(app.now().getTime() - began).toBe(7000);
});
