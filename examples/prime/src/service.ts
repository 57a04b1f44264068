/** The whole service as a tree: the tasks with their store, and before them the web server that needs them. */

import { webServer } from '@beamish/example-http';
import { file, TASKS, tasksAt, taskTree } from '@beamish/tasks';
import type { Threads } from '@beamish/threads';
import { type ActorSystem, child, type MessageOf, name, supervisor } from 'beamish';
import { routes } from './routes.ts';
import type { Settings } from './settings.ts';
import * as work from './work.ts';

export const WEB = name<MessageOf<typeof webServer>>('web');

export function service(system: ActorSystem, cores: Threads, settings: Settings) {
  const { host, port, store, concurrency } = settings;
  const tasks = taskTree({
    tasks: [work],
    store: file(store),
    threads: cores,
    workers: [
      // Small questions never wait for a thread.
      { queues: ['prime'], concurrency: 10 },
      { queues: ['trial'], concurrency },
    ],
  });
  return supervisor({
    strategy: 'rest_for_one',
    children: [
      child('tasks', tasks),
      child({ id: 'web', name: WEB }, webServer, { host, port }, (place, ended) =>
        routes(tasksAt(system, TASKS), place, ended),
      ),
    ],
  });
}
