/**
 * A worker of a store that others share: `shared.ts URL SCHEMA`. Prints `ready`, and `began ID RUN` and
 * `ended ID RUN` of each body. Ends on SIGTERM.
 */

import { defineTask, type TaskSelf, tasks } from '@beamish/tasks';
import { postgres } from '@beamish/tasks/postgres';
import { type Actor, ActorSystem } from 'beamish';

/** Short, so that a test need not wait for half a minute. */
export const LEASE_MS = 1500;

const [, program = '', url = '', schema = ''] = process.argv;
const isProgram = program.endsWith('shared.ts');
const print = (line: string): void => {
  if (isProgram) console.log(line);
};

function* slowly(self: TaskSelf, ms: number): Actor {
  print(`began ${self.task.id} ${self.task.run}`);
  yield* self.sleep(ms);
  print(`ended ${self.task.id} ${self.task.run}`);
}

export const list = defineTask('list', function* (self: TaskSelf, n: number): Actor<number[]> {
  yield* slowly(self, 5);
  return Array.from({ length: n }, (_, i) => i + 1);
});
export const double = defineTask('double', function* (self: TaskSelf, n: number): Actor<number> {
  yield* slowly(self, 30);
  return n * 2;
});
export const sum = defineTask(
  'sum',
  function* (self: TaskSelf, numbers: readonly number[]): Actor<number> {
    yield* slowly(self, 5);
    return numbers.reduce((a, b) => a + b, 0);
  },
);

if (isProgram) {
  const system = new ActorSystem({ log: 'off' });
  await tasks(system, {
    tasks: [list, double, sum],
    store: postgres(url, { schema, leaseMs: LEASE_MS }),
    workers: [{ concurrency: 4 }],
  });
  print('ready');
}
