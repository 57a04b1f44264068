/**
 * Remote cells: cells that stand for the actors of one other system while anyone here is bound to them. The
 * rooms that keep links and watches need not know that the other end is far away, and when the system
 * is lost, each remote cell ends as an actor does.
 */

import { isLinked, tellLinks } from '../signals/links.ts';
import { dropWatching, tellWatchers } from '../signals/watches.ts';
import { type ActorCell, makeCell } from '../state/actor-cell.ts';
import type { IdentityMap } from '../state/identity-map.ts';
import { REMOTE } from '../state/status.ts';
import type { SystemState } from '../state/system-state-types.ts';
import type { ExitReason } from '../terms/exit-reason.ts';
import { isName, type Pid, type Target } from '../terms/pid.ts';
import { LOADING } from '../terms/spawnable.ts';

/** The first time that remote cells to which nobody is bound any more are looked for. */
const FIRST_SWEEP = 256;

export class RemoteCells {
  readonly #system: SystemState;
  readonly #identities: IdentityMap;
  readonly #there: string;
  readonly #incarnation: number;
  readonly #bySerial = new Map<number, ActorCell>();
  /** For whoever has a name there, and for the whole system. */
  readonly #named: ActorCell;
  readonly #whole: ActorCell;
  #sweepAt = FIRST_SWEEP;

  constructor(system: SystemState, identities: IdentityMap, there: string, incarnation: number) {
    this.#system = system;
    this.#identities = identities;
    this.#there = there;
    this.#incarnation = incarnation;
    // What is told of its end is told from the root there.
    const root = identities.pid(there, incarnation, 0);
    this.#named = this.#make(root);
    this.#whole = this.#make(root);
  }

  of(target: Target | undefined): ActorCell {
    if (target === undefined) return this.#whole;
    return isName(target) ? this.#named : this.withSerial(target.serial);
  }

  withSerial(serial: number): ActorCell {
    const known = this.#bySerial.get(serial);
    if (known !== undefined) return known;
    if (this.#bySerial.size >= this.#sweepAt) this.#sweep();
    const made = this.#make(this.#identities.pid(this.#there, this.#incarnation, serial));
    this.#bySerial.set(serial, made);
    return made;
  }

  /** They all end; what `reason` there is concerns the system, of its actors nothing is known. */
  end(reason: ExitReason): void {
    for (const cell of [...this.#bySerial.values(), this.#named]) {
      tellLinks(cell, 'noconnection');
      tellWatchers(cell, 'noconnection');
      dropWatching(cell);
    }
    tellWatchers(this.#whole, reason);
  }

  #make(pid: Pid): ActorCell {
    const cell = makeCell(this.#system, LOADING, [], undefined, 0);
    cell.status = REMOTE;
    (cell as { pid: Pid }).pid = pid;
    return cell;
  }

  #sweep(): void {
    for (const [serial, cell] of this.#bySerial) if (isUnbound(cell)) this.#bySerial.delete(serial);
    this.#sweepAt = Math.max(FIRST_SWEEP, 2 * this.#bySerial.size);
  }
}

function isUnbound(cell: ActorCell): boolean {
  return !isLinked(cell) && !cell.relations?.watchers && !cell.relations?.watching;
}
