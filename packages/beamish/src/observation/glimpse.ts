/** Looking at actors without copying anything, and without their noticing. */

import { UNBOUNDED } from '../mailbox/mailbox.ts';
import type { Want } from '../mailbox/tag-set.ts';
import { mailboxLength, statusOf, waitingFor } from '../reports/introspect.ts';
import { type ActorCell, isAlive, residentCell } from '../state/actor-cell.ts';
import type { Awaited, Supervising } from '../state/cold-state.ts';
import { PARKED, WAITING } from '../state/status.ts';
import { type ActorSystem, stateOfSystem } from '../system/system.ts';
import type { Pid } from '../terms/pid.ts';
import { bodyName, hasInit, isSupervising } from '../terms/spawnable.ts';

/** 0 running, 1 runnable, 2 waiting in a receive, 3 awaiting anything else, 4 suspended by a tool. */
export type StatusCode = 0 | 1 | 2 | 3 | 4;

/** What a look at an actor shows; the same object for each, good until `look` returns. What is not read costs nothing. */
export interface Glimpse {
  /** Who. */
  readonly pid: Pid;
  /** Who has spawned it. */
  readonly parent: Pid | undefined;
  /** The name of its body's function. */
  readonly body: string;
  /** What the runtime knows it to be. */
  readonly kind: 'actor' | 'server' | 'supervisor';
  /** The name that it has registered. */
  readonly name: string | undefined;
  /** In its supervisor, if that is of this system. */
  readonly childId: string | undefined;
  /** What it does; see `StatusCode`. */
  readonly status: StatusCode;
  /** Messages that it has not taken. */
  readonly mailboxLength: number;
  /** `Infinity` of one that drops nothing. */
  readonly mailboxLimit: number;
  /** Messages that its receives have returned. */
  readonly reductions: number;
  /** The same as long as it waits for the same: compare with `===` before asking what it says. */
  readonly want: unknown;
  /** Tags of its receive, `['*']` for any, or in words what else it waits for. */
  readonly waitingFor: readonly string[];
  /** What it waits for, if that is no message. */
  readonly parkedOn: Pick<Awaited, 'why' | 'what' | 'target'> | undefined;
  /** When its time is up, on the system's clock; undefined if it waits for ever, or not at all. */
  readonly deadline: number | undefined;
  /** Of a supervisor. */
  readonly supervising: Supervising | undefined;
}

/**
 * Calls `look` for every living actor, the youngest first. Nobody is told, and nothing of the system
 * changes. `look` must not either: it sends nothing and spawns nobody. What it throws is thrown.
 *
 * ```ts
 * let waiting = 0;
 * visit(system, (actor) => void (waiting += actor.mailboxLength));
 * ```
 */
export function visit(system: ActorSystem, look: (glimpse: Glimpse) => void): void {
  const glimpse = new Glance();
  for (let cell = stateOfSystem(system).youngest; cell !== undefined; cell = cell.older) {
    if (!isAlive(cell)) continue;
    glimpse.cell = cell;
    look(glimpse);
  }
}

const CODES = { running: 0, runnable: 1, waiting: 2, awaiting: 3 } as const;

class Glance implements Glimpse {
  /** Whom it shows. */
  cell: ActorCell = undefined as never;

  get pid(): Pid {
    return this.cell.pid;
  }

  get parent(): Pid | undefined {
    return this.cell.lineage?.pid;
  }

  get body(): string {
    return bodyName(this.cell.body);
  }

  get kind(): Glimpse['kind'] {
    const { body } = this.cell;
    if (isSupervising(body)) return 'supervisor';
    return hasInit(body) ? 'server' : 'actor';
  }

  get name(): string | undefined {
    return this.cell.relations?.name;
  }

  get childId(): string | undefined {
    const { lineage, pid } = this.cell;
    return lineage && residentCell(lineage.pid)?.cold?.supervising?.idOf(pid);
  }

  get status(): StatusCode {
    const { status, want } = this.cell;
    return status === WAITING && isForTools(want) ? 4 : CODES[statusOf(this.cell)];
  }

  get mailboxLength(): number {
    return mailboxLength(this.cell);
  }

  get mailboxLimit(): number {
    const limit = this.cell.mailbox?.limit ?? UNBOUNDED;
    return limit === UNBOUNDED ? Number.POSITIVE_INFINITY : limit;
  }

  get reductions(): number {
    return this.cell.reductions;
  }

  get want(): unknown {
    const { status, want, cold } = this.cell;
    if (status === WAITING) return want;
    return status === PARKED ? (cold?.waitingFor?.identity ?? cold?.waitingFor) : undefined;
  }

  get waitingFor(): readonly string[] {
    return waitingFor(this.cell);
  }

  get parkedOn(): Glimpse['parkedOn'] {
    return this.cell.status === PARKED ? this.cell.cold?.waitingFor : undefined;
  }

  get deadline(): number | undefined {
    const { cold, system } = this.cell;
    const deadline = cold?.deadline;
    if (deadline === undefined || !system.timers.isPending(deadline)) return undefined;
    const due = system.timers.dueOf(deadline);
    return system.timers.isFresh(deadline) ? Math.ceil(system.clock.now() + due) : due;
  }

  get supervising(): Supervising | undefined {
    return this.cell.cold?.supervising;
  }
}

/** A server that was suspended waits for the requests of tools, and for the end of its parent. */
function isForTools(want: Want): boolean {
  return typeof want === 'object' && want.tags.includes('$system');
}
