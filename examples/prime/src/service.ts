/** The whole service as a tree: the tasks with their store, the way to others who do the work, and the web server. */

import { webServer } from '@beamish/example-http';
import { file, memory, TASKS, type TasksOptions, tasksAt, taskTree } from '@beamish/tasks';
import type { Threads } from '@beamish/threads';
import { type ActorSystem, child, type MessageOf, name, supervisor } from 'beamish';
import { theirs } from './elsewhere.ts';
import { routes } from './routes.ts';
import type { Settings } from './settings.ts';
import * as work from './work.ts';

export const WEB = name<MessageOf<typeof webServer>>('web');

export async function service(system: ActorSystem, cores: Threads | undefined, settings: Settings) {
  const { host, port, role, store, concurrency, elsewhere } = settings;
  const isWorker = role !== 'web';
  const isWeb = role !== 'worker';
  const options: TasksOptions = {
    // One that only asks others has no code of its own.
    tasks: isWorker ? [work] : [],
    ...(cores && { threads: cores }),
    // What only works for others has nothing to keep: their broker does.
    store: isWeb ? file(store) : memory(),
    workers: isWorker
      ? [
          // Small questions never wait for a thread.
          { queues: ['prime'], concurrency: 10 },
          { queues: ['trial'], concurrency },
        ]
      : [],
  };
  const others = elsewhere && (await theirs(elsewhere, cores, concurrency));
  const questions = others?.questions ?? work;
  return supervisor({
    strategy: 'rest_for_one',
    children: [
      child('tasks', taskTree(options)),
      ...(others === undefined ? [] : [child('celery', others.tree)]),
      ...(isWeb
        ? [
            child({ id: 'web', name: WEB }, webServer, { host, port }, (place, ended) =>
              routes(tasksAt(system, TASKS), questions, place, ended),
            ),
          ]
        : []),
    ],
  });
}
