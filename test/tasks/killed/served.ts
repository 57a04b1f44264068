/** Runs one long task, and is told to end: `served.ts FOLDER`. Prints `ready` once it runs. */

import { defineTask, file, tasks } from '@beamish/tasks';
import { type Actor, ActorSystem } from 'beamish';

const long = defineTask('long', function* (self, ms: number): Actor<string> {
  console.log('ready');
  yield* self.sleep(ms);
  return 'done';
});

const [folder = '', ms = '600'] = process.argv.slice(2);
const system = new ActorSystem({ log: 'off' });
const app = await tasks(system, { tasks: [long], store: file(folder) });
app.events.on('succeeded', () => console.log('succeeded'));
await app.submit(long.s(Number(ms)), { id: 'long' });
