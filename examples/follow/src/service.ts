/** The whole service as a tree, each child after those that it needs. */

import { join } from 'node:path';
import { webServer } from '@beamish/example-http';
import { file, TASKS, type TasksOptions, tasksAt, taskTree } from '@beamish/tasks';
import { type ActorSystem, child, type MessageOf, name, supervisor } from 'beamish';
import { MAILER, mailer } from './mailer.ts';
import { PEOPLE, people } from './people.ts';
import { routes } from './routes.ts';
import type { Settings } from './settings.ts';
import * as work from './work.ts';

export const WEB = name<MessageOf<typeof webServer>>('web');

/** A full queue of low priority never delays the others: they have workers of their own. */
export const background = {
  tasks: [work],
  workers: [
    { queues: ['high'], concurrency: 2 },
    { queues: ['normal'], concurrency: 1 },
    { queues: ['low', 'normal'], concurrency: 1 },
  ],
} satisfies TasksOptions;

export async function service(system: ActorSystem, settings: Settings) {
  const { host, port, store, zone, broker } = settings;
  // Loaded only where there is a broker.
  const others = broker === undefined ? undefined : (await import('./elsewhere.ts')).theirs(broker);
  const tasks = taskTree({
    ...background,
    store: file(join(store, 'tasks')),
    schedules: {
      digest: { run: work.digest.s(), cron: '0 7 * * *', tz: zone },
      sweep: { run: work.sweep.s(), everyMs: 1000, overlap: 'skip', catchUp: 'none' },
    },
  });
  return supervisor({
    strategy: 'rest_for_one',
    children: [
      child({ id: 'people', name: PEOPLE }, people, join(store, 'people')),
      child({ id: 'mailer', name: MAILER }, mailer, join(store, 'mails')),
      child('tasks', tasks),
      ...(others === undefined ? [] : [child('celery', others.tree)]),
      child({ id: 'web', name: WEB }, webServer, { host, port }, (place, ended) =>
        routes(system, tasksAt(system, TASKS), place, ended, others?.fill),
      ),
    ],
  });
}
