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
import { workload as spawnIdle } from './workloads/spawn-idle.ts';
import { workload as startChildren } from './workloads/start-children.ts';
import { workload as tagBacklog } from './workloads/tag-backlog.ts';
import { workload as threadRing } from './workloads/thread-ring.ts';
import { workload as timers } from './workloads/timers.ts';

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
  spawnIdle,
  idleMemory,
  restart,
  startChildren,
  crashChildren,
  timers,
];
