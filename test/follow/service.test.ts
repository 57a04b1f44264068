/** The service over HTTP: answers first, and the work behind it, whatever is killed. */

import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { Service } from '../support/service.ts';

interface Task {
  readonly task_id: string;
  readonly name: string;
  readonly state: string;
  readonly error?: { readonly message: string };
}

/** How many follows there are when it is killed; 1,000 in the long form. */
const FOLLOWS = Number(process.env['BEAMISH_FOLLOWS'] ?? 50);

let service: Service;
beforeAll(async () => {
  service = await new Service('follow').start();
}, 60_000);
afterAll(() => service[Symbol.asyncDispose]());

async function follow(by: string, whom: string, at = service): Promise<string> {
  const response = await at.post(`/users/${whom}/follow`, { by });
  expect(response.status).toBe(202);
  return ((await response.json()) as Task).task_id;
}

const ended = async (id: string, at = service): Promise<Task> => {
  let task: Task = await at.json(`/tasks/${id}`);
  await expect
    .poll(
      async () => {
        task = await at.json(`/tasks/${id}`);
        return ['succeeded', 'failed', 'quarantined', 'revoked'].includes(task.state);
      },
      { timeout: 60_000 },
    )
    .toBe(true);
  return task;
};

test('WEB-01: a follow is answered with its task, and three effects happen once', async () => {
  const id = await follow('bea', 'ada');
  expect(await follow('bea', 'ada')).toBe(id);
  expect((await ended(id)).state).toBe('succeeded');
  expect(await service.json('/people')).toEqual([
    { name: 'ada', followers: 1, posts: 0 },
    { name: 'bea', followers: 0, posts: 25 },
  ]);
  expect(readdirSync(join(service.store, 'mails'))).toEqual(['bea.ada.eml']);
  const { tasks } = await service.json<{ tasks: Task[] }>('/tasks?queue=low&limit=100');
  expect(tasks.filter(({ name }) => name === 'users.timeline')).toHaveLength(1);
});

test('its changes are events, and what has ended stays as it is', async () => {
  const id = await follow('cem', 'ada');
  const events = await (await fetch(`${service.url}/tasks/${id}/events`)).text();
  expect(events).toMatch(/^event: state\nid: 1\n/);
  expect(events.trimEnd().split('\n').at(-1)).toContain('"state":"succeeded"');
  const response = await fetch(`${service.url}/tasks/${id}`, { method: 'DELETE' });
  expect(((await response.json()) as Task).state).toBe('succeeded');
  expect((await service.post(`/tasks/${id}/retry`, {})).status).toBe(409);
});

test('a paused queue keeps its work until it is resumed', async () => {
  await service.post('/queues/high/pause', {});
  const id = await follow('dora', 'ada');
  const health = await service.json<{ queues: { high: { paused: boolean } } }>('/healthz');
  expect(health.queues.high.paused).toBe(true);
  expect((await service.json<Task>(`/tasks/${id}`)).state).toBe('joining');
  await service.post('/queues/high/resume', {});
  expect((await ended(id)).state).toBe('succeeded');
});

test('a digest is one task to a hundred, and schedules say when they are next', async () => {
  const users = Array.from({ length: 100 }, (_, i) => `user-${i}`);
  const { task_id } = (await (await service.post('/digest', { users })).json()) as Task;
  expect(await ended(task_id)).toMatchObject({ result: { sent: 100, failed: [] } });
  const schedules = await service.json<{ name: string; next: string }[]>('/schedules');
  expect(schedules.map(({ name }) => name).sort()).toEqual(['digest', 'sweep']);
  expect(schedules.find(({ name }) => name === 'digest')?.next).toMatch(/T07:00:00/);
});

test.each([
  ['/users/A/follow', { by: 'bea' }, 400, 'bad_name'],
  ['/users/ada/follow', { by: '<img>' }, 400, 'bad_name'],
  ['/users/ada/follow', {}, 400, 'bad_name'],
  ['/digest', { users: 'ada' }, 400, 'bad_users'],
  ['/digest', { users: Array.from({ length: 10_001 }, () => 'a') }, 413, 'too_large'],
  ['/mail-server', { away: 1 }, 400, 'bad_away'],
  ['/tasks/nope/retry', {}, 404, 'not_found'],
  ['/nowhere', {}, 404, 'not_found'],
])('%s of that kind is refused', async (path, body, status, error) => {
  const response = await service.post(path, body);
  expect([response.status, ((await response.json()) as { error: string }).error]).toEqual([
    status,
    error,
  ]);
});

test('lists are filtered, newest first, a page at a time', async () => {
  const first = await service.json<{ tasks: Task[]; next: string }>(
    '/tasks?state=succeeded&queue=normal&limit=2',
  );
  expect(first.tasks).toHaveLength(2);
  const second = await service.json<{ tasks: Task[] }>(
    `/tasks?state=succeeded&queue=normal&limit=2&after=${first.next}`,
  );
  const ids = [...first.tasks, ...second.tasks].map(({ task_id }) => task_id);
  expect(new Set(ids).size).toBe(4);
  expect((await fetch(`${service.url}/tasks?state=lost`)).status).toBe(400);
  expect((await fetch(`${service.url}/tasks?limit=0`)).status).toBe(400);
});

test(`WEB-02: killed in the middle of ${FOLLOWS} follows, every mail is there when it is back`, async () => {
  await using killed = await new Service('follow').start();
  const names = Array.from({ length: FOLLOWS }, (_, i) => `user-${i}`);
  const ids: string[] = [];
  for (const name of names) {
    // From the middle on, nothing of the mails is begun before it is killed, however fast it is.
    if (ids.length === FOLLOWS / 2) await killed.post('/queues/normal/pause', {});
    ids.push(await follow(name, 'ada', killed));
  }
  expect(await killed.end('SIGKILL')).toBe('SIGKILL');
  const before = readdirSync(join(killed.store, 'mails')).length;
  await killed.start();
  await killed.post('/queues/normal/resume', {});
  for (const id of ids) expect((await ended(id, killed)).state).toBe('succeeded');
  for (const name of names)
    expect(existsSync(join(killed.store, 'mails', `${name}.ada.eml`)), name).toBe(true);
  expect(before).toBeLessThan(FOLLOWS);
  const people = await killed.json<{ name: string; followers: number }[]>('/people');
  expect(people.find(({ name }) => name === 'ada')?.followers).toBe(FOLLOWS);
}, 180_000);
