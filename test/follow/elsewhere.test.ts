/** The service with a broker: a worker in Python fills the timelines. */

import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { MISSING, RABBITMQ, ready } from '../celery/support/live.ts';
import { Service } from '../support/service.ts';

const FOLDER = fileURLToPath(new URL('../../examples/follow/', import.meta.url));
const WORKER = ['-m', 'celery', '-A', 'timeline', 'worker', '-Q', 'follow.timeline'];

interface Person {
  readonly name: string;
  readonly posts: number;
}

test.skipIf(MISSING !== undefined)(
  `WEB-07: a timeline is filled by a worker in Python over RabbitMQ${MISSING ? `, for which there is no ${MISSING} here` : ''}`,
  async () => {
    const name = `follow-${process.pid}`;
    const worker = spawn(
      '/usr/bin/python3',
      [...WORKER, '--pool', 'solo', '-l', 'info', '-n', name],
      { cwd: FOLDER, env: { ...process.env, BROKER: RABBITMQ } },
    );
    try {
      // Its queue is there from then on.
      await ready(worker);
      await using service = await new Service('follow').start({}, '--broker', RABBITMQ);
      const { task_id } = (await (
        await service.post('/users/ada/follow', { by: 'bea' })
      ).json()) as { task_id: string };
      await expect
        .poll(() => service.json(`/tasks/${task_id}`), { timeout: 100_000, interval: 200 })
        .toMatchObject({ state: 'succeeded' });
      const people = await service.json<Person[]>('/people');
      expect(people.find(({ name }) => name === 'bea')).toMatchObject({ posts: 25 });
      const { tasks } = await service.json<{ tasks: { name: string; state: string }[] }>('/tasks');
      expect(tasks.map((it) => it.name)).toContain('users.filled');
    } finally {
      worker.kill('SIGKILL');
    }
  },
  120_000,
);
