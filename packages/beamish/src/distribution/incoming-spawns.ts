/** Actors that another system spawns here, and the pids that it may give them. */

import { launchPlan } from '../operations/spawning.ts';
import { awaitStart } from '../operations/starting.ts';
import { beginExit, makeReady } from '../signals/wake.ts';
import type { ActorCell } from '../state/actor-cell.ts';
import type { StartOutcome } from '../state/cold-state.ts';
import type { Distribution } from '../state/distribution.ts';
import { PARKED } from '../state/status.ts';
import type { Pid } from '../terms/pid.ts';
import { type AnyBody, bodyName, LOADING, type Plan } from '../terms/spawnable.ts';
import type { Association, RemoteSender } from './association.ts';
import { BOXED, GRANT, REPLY, type WireOrder } from './wire.ts';

/** Serials that are granted at a time. */
export const BLOCK = 2 ** 20;

export function spawn(
  association: Association,
  from: RemoteSender,
  serial: number,
  order: WireOrder,
): void {
  association.spawned++;
  launchReserved(association, from, serial, order);
  association.reserved.spawned(serial);
}

function launchReserved(
  association: Association,
  from: RemoteSender,
  serial: number,
  order: WireOrder,
): void {
  const { system, remoteCells } = association;
  const { args, name, mailbox, startTimeoutMs, started, trapping, ...code } = order;
  const options = {
    ...(name !== undefined && { name }),
    ...(mailbox !== undefined && { mailbox }),
  };
  const parent = remoteCells.withSerial(from.serial);
  const body =
    args === undefined
      ? Promise.reject(
          new TypeError(`Cannot spawn ${code.exportName}: its arguments cannot be cloned`),
        )
      : (system.distribution as Distribution).load(code);
  const plan: Plan = {
    body: typeof body === 'function' ? body : LOADING,
    options,
    code: undefined,
  };
  const cell = launchPlan(parent, plan, args ?? [], serial);
  if (typeof body !== 'function') arrive(cell, parent.pid, body);
  // Once in each block, long before it is used up.
  if (serial % BLOCK === BLOCK / 2) grant(association);
  if (started === 0) return;
  cell.supervised = true;
  parent.trapExit = trapping;
  awaitStart(cell, parent, parent, startTimeoutMs, (outcome) =>
    tellStart(association, started, outcome),
  );
}

/** Its code is on the way; messages wait in its mailbox. */
function arrive(cell: ActorCell, parent: Pid, code: Promise<AnyBody>): void {
  code.then(
    (body) => {
      if (cell.status !== PARKED) return;
      (cell as { body: AnyBody }).body = body;
      cell.system.tapSpawned?.(cell.pid, parent, bodyName(body));
      makeReady(cell);
    },
    (error) => {
      if (cell.status !== PARKED) return;
      cell.system.reports.crashed(cell, error);
      beginExit(cell, error);
    },
  );
}

function tellStart(
  { system, outbox, packer }: Association,
  alias: number,
  outcome: StartOutcome,
): void {
  outbox.putMessage(system.root.pid.serial, REPLY | BOXED, alias, packer.reason(outcome));
}

/**
 * Of a system that is new, for the system that spawns in it: the block that it may use without having
 * been told, so that it can spawn at once.
 */
export function setFirstBlockApart(association: Association): void {
  const { system, reserved } = association;
  if (system.serials !== 0)
    throw new Error(`Cannot set pids of ${system.name} apart: it has spawned actors already`);
  system.serials = BLOCK;
  reserved.reserve(association, 1, BLOCK + 1);
}

/** More serials, of which no actor of this system will have one unless the other side spawns it. */
function grant(association: Association): void {
  const { system, outbox, reserved } = association;
  const first = system.serials + 1;
  system.serials += BLOCK;
  const end = system.serials + 1;
  reserved.reserve(association, first, end);
  outbox.put(system.root.pid.serial, GRANT, first, end);
}
