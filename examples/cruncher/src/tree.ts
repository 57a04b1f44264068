// The supervision tree:
//
//   top (one_for_all, never restarts)
//   ├── status
//   ├── uploader
//   ├── crunchers (one_for_one)
//   │   ├── cruncher 1
//   │   ├── cruncher 2 …
//   │   └── recruits (one_for_one, temporary): in other threads, once the recruiter has started them
//   │       ├── recruit 1
//   │       └── recruit 2 …
//   └── recruiter (temporary): where there may be other threads
//
// A cruncher keeps nothing, so it can be replaced at any time, and a recruit is started again in a
// thread that lives. The status displayer has the totals and the uploader its place in the input:
// without either, going on would count wrong, so their end is the end of all. Without the recruiter, or
// recruits, the crunchers of this thread do it all.

import { child, supervisor } from 'beamish';
import { cruncher, type Fault } from './cruncher.ts';
import { type Algorithm, CRUNCHERS, RECRUITER, STATUS, UPLOADER } from './messages.ts';
import { type Hire, recruiter } from './recruiter.ts';
import { type StatusOptions, status } from './status.ts';
import { type UploaderOptions, uploader } from './uploader.ts';

export interface TreeOptions {
  readonly status: StatusOptions;
  readonly uploader: UploaderOptions;
  /** Default: the fast one. */
  readonly algorithm?: Algorithm;
  readonly crunchers?: number;
  readonly fault?: Fault;
  /** Starts other threads. Default: none. */
  readonly hire?: Hire;
}

/** On one thread, more would only wait for each other: one crunches while the other's chunk is read. */
const DEFAULT_CRUNCHERS = 2;
/** The uploader gives a chunk up after three deaths, so this many restarts are no reason to worry. */
const RESTARTS = 1_000_000;

export function crunching(options: TreeOptions) {
  const { algorithm = 'fast', crunchers = DEFAULT_CRUNCHERS, hire } = options;
  const team = Array.from({ length: crunchers }, (_, i) =>
    child(`cruncher ${i + 1}`, cruncher, algorithm, options.fault),
  );
  return supervisor({
    strategy: 'one_for_all',
    intensity: 0,
    children: [
      child({ id: 'status', name: STATUS }, status, options.status),
      child({ id: 'uploader', name: UPLOADER }, uploader, { ...options.uploader, algorithm }),
      child(
        { id: 'crunchers', name: CRUNCHERS },
        supervisor({ intensity: RESTARTS, children: team }),
      ),
      ...(hire === undefined
        ? []
        : [
            child(
              { id: 'recruiter', name: RECRUITER, restart: 'temporary' },
              recruiter,
              hire,
              algorithm,
            ),
          ]),
    ],
  });
}
