/** Actors of the faults that run on threads of their own. */

import { BROKER, consume, type Deliveries, queue } from '@beamish/exchange';
import { type Actor, type Message, name, type Pid, portable, type Self } from 'beamish';

/** What the holder has been given, or that it consumes. */
export interface Held extends Message {
  readonly tag: 'held';
  readonly what: number | 'nothing yet';
}

/** Consumes at the broker of the main thread, tells what it is given, and settles nothing. */
export const holder = portable(
  import.meta,
  'holder',
  function* holder(
    self: Self<Deliveries<number>>,
    from: string,
    prefetch: number,
    to: Pid<Held>,
  ): Actor {
    yield* consume(self, queue<number>(from, { broker: name(BROKER.name, 'main') }), { prefetch });
    self.send(to, { tag: 'held', what: 'nothing yet' });
    for (;;) self.send(to, { tag: 'held', what: (yield* self.receive('delivery')).message });
  },
);
