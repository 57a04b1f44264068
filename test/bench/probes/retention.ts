/** Bytes of heap that are left of ten million messages. Prints them as JSON. */

import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { type Actor, ActorSystem, type Message, type Pid, type Self } from 'beamish';

const MESSAGES = 10_000_000;
const BURST = 1000;

setFlagsFromString('--expose-gc');
const collect = runInNewContext('gc') as () => void;

interface Job extends Message {
  readonly tag: 'job';
  readonly i: number;
  readonly from: Pid<Done>;
}

interface Done extends Message {
  readonly tag: 'done';
}

function* worker(self: Self<Job>): Actor {
  for (;;) {
    const { i, from } = yield* self.receive('job');
    if (i === 0) self.send(from, { tag: 'done' });
  }
}

function* left(self: Self<Done>): Actor<number> {
  const to = self.spawnLink(worker);
  yield* work(self, to, MESSAGES / 10);
  const before = heapInUse();
  yield* work(self, to, MESSAGES);
  return heapInUse() - before;
}

function* work(self: Self<Done>, to: Pid<Job>, messages: number): Actor {
  for (let sent = 0; sent < messages; sent += BURST) {
    for (let i = BURST - 1; i >= 0; i--) self.send(to, { tag: 'job', i, from: self.pid });
    yield* self.receive('done');
  }
}

function heapInUse(): number {
  collect();
  collect();
  return process.memoryUsage().heapUsed;
}

console.log(JSON.stringify(await new ActorSystem().run(left)));
process.exit();
