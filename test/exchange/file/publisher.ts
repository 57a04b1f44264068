/** Publishes the numbers that come after those that are there, as fast as it can, and says how many are confirmed. */

import { writeSync } from 'node:fs';
import { broker, inspect, publishing, queue } from '@beamish/exchange';
import { type Actor, ActorSystem, type Pending, type Self } from 'beamish';

const jobs = queue<number>('jobs', { durable: true });
const system = new ActorSystem();
await system.start(broker({ url: `file:${process.argv[2]}`, topology: [jobs] }));
await system.run(function* publisher(self: Self): Actor {
  let n = (yield* inspect(self, jobs)).ready;
  for (;;) {
    const underWay: Pending<unknown>[] = [];
    for (let i = 0; i < 20; i++) underWay.push(publishing(self, jobs, n + i));
    for (const each of underWay) {
      yield* each.reply();
      n++;
      // At once, as the process may be killed at any moment.
      writeSync(1, `${n}\n`);
    }
  }
});
