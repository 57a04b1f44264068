/** An owner to whom nothing matters. */

import type { Owner } from '@beamish/journal';

export const owner: Owner = {
  format: { name: 'test', version: 1 },
  replay() {},
  isLive: () => true,
  moved() {},
};
