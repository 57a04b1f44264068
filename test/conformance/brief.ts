/** Actors that end at once. */

import type { Actor, Self } from 'beamish';

export function* brief(): Actor {}

export function* r1(self: Self): Actor {
  self.exit('r1');
}
