/** One actor, as frames have told of it. */

import type { Pid } from 'beamish';
import type { ActorStatus, ActorView } from '../terms/view.ts';
import type { PidText, PlaceRow, StatusCode } from '../terms/wire.ts';
import { newRates, perSecond, type Rates } from './rates.ts';

const STATUSES: readonly ActorStatus[] = [
  'running',
  'runnable',
  'waiting',
  'awaiting',
  'suspended',
];
const KINDS = ['actor', 'server', 'supervisor'] as const;

/** Makes the pid of an actor: the one that the program knows, or a copy. */
export type PidMaker = (system: string, incarnation: number, serial: number) => Pid;

export interface ActorRecord {
  readonly key: PidText;
  readonly serial: number;
  readonly pid: Pid;
  readonly parent: PidText | undefined;
  readonly kind: ActorView['kind'];
  readonly spawnedAt: number;
  readonly limit: number | undefined;
  body: string;
  name: string | undefined;
  childId: string | undefined;
  status: StatusCode;
  mailbox: number;
  reductions: number;
  waitingFor: readonly string[];
  /** On its system's clock, as the next two. */
  deadline: number | undefined;
  /** Since when it has been as it is. */
  since: number;
  /** Messages taken. */
  readonly rates: Rates;
  /** Where it stands among its siblings, if its supervisor has an order. */
  position: number;
  /** Of a supervisor. */
  supervising: SupervisingRecord | undefined;
  ended: { readonly at: number; readonly reason: string } | undefined;
  /** Another one has taken its place, and its row. */
  replaced: boolean;
}

export interface SupervisingRecord {
  readonly strategy: 'one_for_one' | 'one_for_all' | 'rest_for_one' | 'simple_one_for_one';
  readonly rate: { readonly count: number; readonly intensity: number; readonly periodMs: number };
  /** In their order; null where there is none. */
  readonly children: readonly PlaceRow[] | null;
}

export function newActor(
  key: PidText,
  serial: number,
  pid: Pid,
  told: {
    readonly parent: PidText;
    readonly body: string;
    readonly kind: number;
    readonly spawnedAt: number;
    readonly limit: number | null;
  },
  clock: number,
  at: number,
): ActorRecord {
  return {
    key,
    serial,
    pid,
    parent: told.parent === '' ? undefined : told.parent,
    kind: KINDS[told.kind] ?? 'actor',
    spawnedAt: told.spawnedAt,
    limit: told.limit ?? undefined,
    body: told.body,
    name: undefined,
    childId: undefined,
    status: 1,
    mailbox: 0,
    reductions: 0,
    waitingFor: [],
    deadline: undefined,
    since: clock,
    rates: newRates(0, at),
    position: Number.POSITIVE_INFINITY,
    supervising: undefined,
    ended: undefined,
    replaced: false,
  };
}

export function statusOf(actor: ActorRecord): ActorStatus {
  return actor.ended === undefined ? (STATUSES[actor.status] ?? 'running') : 'ended';
}

export function labelOf(actor: Pick<ActorRecord, 'name' | 'childId' | 'body'>): string {
  return actor.name ?? actor.childId ?? actor.body;
}

export function viewOf(
  actor: ActorRecord,
  parent: Pid | undefined,
  restarts: number,
  now: number,
): ActorView {
  return {
    pid: actor.pid,
    label: labelOf(actor),
    name: actor.name,
    childId: actor.childId,
    body: actor.body,
    kind: actor.kind,
    parent,
    status: statusOf(actor),
    waitingFor: actor.waitingFor,
    mailboxLength: actor.mailbox,
    mailboxLimit: actor.limit,
    reductions: actor.reductions,
    perSecond: perSecond(actor.rates, now),
    restarts,
    spawnedAt: actor.spawnedAt,
    ...(actor.ended === undefined ? {} : { ended: actor.ended }),
  };
}
