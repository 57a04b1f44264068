// The crunchers that there are, as they run in Node.

import type { Deliveries } from '@beamish/exchange';
import { type Actor, portable, type Self } from 'beamish';
import { fastly, thoroughly } from './algorithms.ts';
import { crunch, type Pace } from './crunching.ts';
import type { TopologyOptions, Work } from './topology.ts';

export const fast = portable(
  import.meta,
  'fast',
  function* fast(self: Self<Deliveries<Work>>, options: TopologyOptions, pace: Pace = {}): Actor {
    yield* crunch(self, 'fast', fastly(), options, pace);
  },
);

export const thorough = portable(
  import.meta,
  'thorough',
  function* thorough(
    self: Self<Deliveries<Work>>,
    options: TopologyOptions,
    pace: Pace = {},
  ): Actor {
    yield* crunch(self, 'thorough', thoroughly(), options, pace);
  },
);
