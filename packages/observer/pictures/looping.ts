/** What runs in the threads of the picture. */

import { type Actor, portable, type Self } from 'beamish';

export const looping = portable(import.meta, 'looping', function* looping(self: Self): Actor {
  for (;;) yield* self.sleep(100);
});
