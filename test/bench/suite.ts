/** All workloads, in the order of the table. */

import type { Workload } from './workload.ts';
import { workload as call } from './workloads/call.ts';
import { workload as callBacklog } from './workloads/call-backlog.ts';
import { workload as callEmpty } from './workloads/call-empty.ts';
import { workload as countBurst } from './workloads/count-burst.ts';
import { workload as countOffer } from './workloads/count-offer.ts';
import { workload as crashChildren } from './workloads/crash-children.ts';
import { workload as fanIn } from './workloads/fan-in.ts';
import { workload as idleMemory } from './workloads/idle-memory.ts';
import { workload as manyToMany } from './workloads/many-to-many.ts';
import { workload as pingPong } from './workloads/ping-pong.ts';
import { workload as restart } from './workloads/restart.ts';
import { workload as spawn100k } from './workloads/spawn-100k.ts';
import { workload as spawn1000 } from './workloads/spawn-1000.ts';
import { workload as spawnAllFirst } from './workloads/spawn-all-first.ts';
import { workload as spawnIdle } from './workloads/spawn-idle.ts';
import { workload as spawnIdle200k } from './workloads/spawn-idle-200k.ts';
import { workload as startChildren } from './workloads/start-children.ts';
import { workload as startOnDemand } from './workloads/start-on-demand.ts';
import { workload as tagBacklog } from './workloads/tag-backlog.ts';
import { workload as threadRing } from './workloads/thread-ring.ts';
import { workload as timers } from './workloads/timers.ts';
import { workload as timersStanding } from './workloads/timers-standing.ts';
import { workload as timersStandingMixed } from './workloads/timers-standing-mixed.ts';

export const suite: readonly Workload[] = [
  pingPong,
  threadRing,
  countBurst,
  countOffer,
  fanIn,
  manyToMany,
  call,
  callEmpty,
  callBacklog,
  tagBacklog,
  spawn1000,
  spawn100k,
  spawnAllFirst,
  spawnIdle,
  spawnIdle200k,
  idleMemory,
  restart,
  startChildren,
  startOnDemand,
  crashChildren,
  timers,
  timersStanding,
  timersStandingMixed,
];
