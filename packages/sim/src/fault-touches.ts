/** What faults touch, and which steps they could have kept from being made. */

import { type Clocks, isClock } from './clocks.ts';
import { wayThing } from './crossings.ts';
import { type FaultMovers, isFault } from './fault-movers.ts';
import type { Labels } from './labels.ts';
import type { Recorder } from './recorder.ts';
import type { Sites } from './sites.ts';
import * as ways from './touches.ts';

/** What a run is made of. */
export interface Parts {
  readonly faults: FaultMovers;
  readonly clocks: Clocks;
  readonly sites: Sites;
  readonly labels: Labels;
  readonly recorder: Recorder;
}

/** The step of a fault. */
export function touchFault({ faults, sites, recorder }: Parts, mover: string): void {
  recorder.touch('faults', ways.USE);
  const name = faults.nameIn(mover);
  if (name !== undefined) recorder.touch(name, ways.USE);
  const systems = faults.systemsOf(mover);
  // What is under way may be lost.
  if (systems.length > 0)
    for (const { from, to } of sites.ways)
      recorder.touch(wayThing(from.name, to.name), ways.CHANGE);
  if (!faults.isStop(mover)) return;
  for (const system of systems) recorder.touch(`system ${system}`, ways.CHANGE);
}

/** A step in a system that a fault may stop: it comes before the fault, or after. */
export function touchStoppable(parts: Parts, mover: string): void {
  const { stoppable } = parts.faults;
  if (stoppable.size === 0) return;
  const name = systemOf(parts, mover);
  if (name !== undefined && stoppable.has(name)) parts.recorder.touch(`system ${name}`, ways.USE);
}

function systemOf({ faults, clocks, sites, labels }: Parts, mover: string): string | undefined {
  if (isFault(mover)) return faults.systemOfTarget(mover);
  if (isClock(mover)) return clocks.systemOf(mover);
  if (mover.startsWith('~')) return sites.wayOf(mover)?.to.name;
  return labels.at(mover)?.pid.system;
}
