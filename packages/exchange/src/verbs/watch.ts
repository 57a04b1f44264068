/** What happens to a broker, told to an actor. */

import type { Call, Context, Ref } from 'beamish';
import { BROKER, type BrokerAddress } from '../terms/address.ts';
import type { BrokerEvent } from '../terms/events.ts';
import { askBroker } from './asking.ts';

/**
 * From now on this actor gets what happens to the broker, until it ends.
 *
 * ```ts
 * function* alarm(self: Self<BrokerEvent>): Actor {
 *   yield* watch(self);
 *   for (;;) {
 *     const event = yield* self.receive('broker');
 *     if (event.kind === 'quarantined') console.error(event.queue, event.reason);
 *   }
 * }
 * ```
 */
export function watch(self: Context<BrokerEvent>, broker: BrokerAddress = BROKER): Call<Ref> {
  return askBroker(self as unknown as Context, broker, { ask: 'watch' });
}
