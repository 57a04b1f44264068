/** The contract of transports, kept by the channel in memory, under several schedules. */

import { placed } from 'beamish/transport';
import { seeds } from '../support/schedules.ts';
import { Twin } from '../support/twin.ts';
import * as bodies from './bodies.ts';
import { transportContract } from './transport.ts';

for (const seed of seeds(5)) {
  transportContract(`systems in one thread, seed ${seed}`, async () => {
    const twin = new Twin({ seed, bodies });
    return {
      here: twin.system(0),
      there: 'thread-1',
      at: (body) => placed(body, () => 'thread-1'),
      async over(asked) {
        const settled = Promise.resolve(asked);
        settled.catch(() => undefined);
        await twin.advance(2000);
        return await Promise.race([settled, Promise.reject(new Error('It has not happened'))]);
      },
      async cut() {
        twin.cut();
        await twin.settle();
      },
      close: async () => {},
    };
  });
}
