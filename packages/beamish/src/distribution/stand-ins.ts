/**
 * Stand-ins: cells that stand for the actors of one other system while anyone here is bound to them. The
 * rooms that keep links and watches need not know that the other end is far away, and when the system
 * is lost, each stand-in ends as an actor does.
 */

import { isLinked } from '../signals/links.ts';
import { dropWatching, tellLinks, tellWatchers } from '../signals/relations.ts';
import { type ActorCell, ELSEWHERE, type Home, makeCell } from '../state/actor-cell.ts';
import type { Known } from '../state/known.ts';
import { LOADING } from '../terms/body.ts';
import type { ExitReason } from '../terms/exit-reason.ts';
import { isName, type Pid, ProcessId, type Target } from '../terms/pid.ts';

/** The first time that stand-ins to which nobody is bound any more are looked for. */
const FIRST_SWEEP = 256;

export class StandIns {
  readonly #home: Home;
  readonly #known: Known;
  readonly #system: string;
  readonly #incarnation: number;
  readonly #bySerial = new Map<number, ActorCell>();
  /** For whoever has a name there, and for the whole system. */
  readonly #named: ActorCell;
  readonly #whole: ActorCell;
  #sweepAt = FIRST_SWEEP;

  constructor(home: Home, known: Known, system: string, incarnation: number) {
    this.#home = home;
    this.#known = known;
    this.#system = system;
    this.#incarnation = incarnation;
    this.#named = this.#make(new ProcessId(system, incarnation, -1, undefined));
    this.#whole = this.#make(new ProcessId(system, incarnation, -2, undefined));
  }

  of(target: Target | undefined): ActorCell {
    if (target === undefined) return this.#whole;
    return isName(target) ? this.#named : this.withSerial(target.serial);
  }

  withSerial(serial: number): ActorCell {
    const known = this.#bySerial.get(serial);
    if (known !== undefined) return known;
    if (this.#bySerial.size >= this.#sweepAt) this.#sweep();
    const made = this.#make(this.#known.pid(this.#system, this.#incarnation, serial));
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
    const cell = makeCell(this.#home, LOADING, [], undefined, 0);
    cell.status = ELSEWHERE;
    (cell as { pid: Pid }).pid = pid;
    return cell;
  }

  #sweep(): void {
    for (const [serial, cell] of this.#bySerial) if (isUnbound(cell)) this.#bySerial.delete(serial);
    this.#sweepAt = Math.max(FIRST_SWEEP, 2 * this.#bySerial.size);
  }
}

function isUnbound(cell: ActorCell): boolean {
  return !isLinked(cell) && !cell.bonds?.watchers && !cell.bonds?.watching;
}
