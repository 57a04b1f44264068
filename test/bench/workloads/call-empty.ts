/** As call-backlog, with an empty mailbox. */

import type { Workload } from '../workload.ts';
import { asker } from './call-backlog.ts';

export const workload: Workload = {
  name: 'call-empty',
  unit: 'calls/s',
  about: 'request and reply, empty mailbox',
  n: 3_000_000,
  warmUp: 1_000_000,
  run: (system, n) => system.run(asker, n, 0),
  rivals: [{ erlang: 'call_empty', n: 500_000 }],
};
