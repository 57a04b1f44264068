/** Who spawned whom: what an actor knows of its ancestors. */

import type { Pid } from '../terms/pid.ts';

/** Who spawned an actor, and who spawned that one; children of one actor share the record. */
export interface Lineage {
  readonly pid: Pid;
  readonly up: Lineage | undefined;
  readonly depth: number;
}

/** Generations of ancestors that are kept: a chain of actors that spawn each other must not grow for ever. */
const KEPT_ANCESTORS = 32;

/** The record by which the children of an actor know their ancestors. */
export function lineageFrom(pid: Pid, up: Lineage | undefined): Lineage {
  if (up === undefined) return { pid, up, depth: 1 };
  if (up.depth < 2 * KEPT_ANCESTORS) return { pid, up, depth: up.depth + 1 };
  return lineageFrom(pid, nearest(up, KEPT_ANCESTORS));
}

function nearest(lineage: Lineage, count: number): Lineage {
  const pids: Pid[] = [];
  for (let at: Lineage | undefined = lineage; at !== undefined && pids.length < count; at = at.up)
    pids.push(at.pid);
  let kept: Lineage | undefined;
  for (const pid of pids.reverse()) kept = { pid, up: kept, depth: (kept?.depth ?? 0) + 1 };
  return kept as Lineage;
}
