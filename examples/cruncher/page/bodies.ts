// The crunchers as they run in the workers of a page: an entry of its own, where they are found by name.

import type { Deliveries } from '@beamish/exchange';
import type { Actor, Self } from 'beamish';
import { crunch } from '../src/services/crunching.ts';
import { byBytes, byRules } from '../src/services/finding.ts';
import type { TopologyOptions, Work } from '../src/services/topology.ts';
import { openBlob } from './blob-files.ts';

export { lookHere } from '../src/services/page/sight-there.ts';

export function* fast(self: Self<Deliveries<Work>>, options: TopologyOptions): Actor {
  yield* crunch(self, 'fast', byBytes(openBlob), options);
}

export function* thorough(self: Self<Deliveries<Work>>, options: TopologyOptions): Actor {
  yield* crunch(self, 'thorough', byRules(openBlob), options);
}
