/** Actors that another system spawns here, and the pids that it may give them. */

import { awaitStart, launchPlan } from '../operations/spawning.ts';
import { doom, makeReady } from '../signals/delivery.ts';
import { type ActorCell, type Home, PARKED, type StartOutcome } from '../state/actor-cell.ts';
import type { Abroad } from '../state/transport.ts';
import type { Unborn } from '../state/unborn.ts';
import { type AnyBody, LOADING, type Plan } from '../terms/body.ts';
import type { Border, Stranger } from './border.ts';
import { BOXED, GRANT, REPLY, type WireOrder } from './wire.ts';

/** Serials that are granted at a time. */
export const BLOCK = 2 ** 20;

export function spawn(border: Border, from: Stranger, serial: number, order: WireOrder): void {
  border.spawned++;
  bear(border, from, serial, order);
  border.unborn.born(serial);
}

function bear(border: Border, from: Stranger, serial: number, order: WireOrder): void {
  const { home, standIns } = border;
  const { args, name, mailbox, startTimeoutMs, started, trapping, ...code } = order;
  const options = {
    ...(name !== undefined && { name }),
    ...(mailbox !== undefined && { mailbox }),
  };
  const parent = standIns.withSerial(from.serial);
  const body =
    args === undefined
      ? Promise.reject(
          new TypeError(`Cannot spawn ${code.exportName}: its arguments cannot be cloned`),
        )
      : (home.abroad as Abroad<unknown, unknown>).load(code);
  const plan: Plan = {
    body: typeof body === 'function' ? body : LOADING,
    options,
    code: undefined,
  };
  const cell = launchPlan(parent, plan, args ?? [], serial);
  if (typeof body !== 'function') arrive(cell, body);
  // Once in each block, long before it is used up.
  if (serial % BLOCK === BLOCK / 2) grant(border);
  if (started === 0) return;
  cell.supervised = true;
  parent.trapExit = trapping;
  awaitStart(cell, parent, parent, startTimeoutMs, (outcome) =>
    tellStart(border, started, outcome),
  );
}

/** Its code is on the way; messages wait in its mailbox. */
function arrive(cell: ActorCell, code: Promise<AnyBody>): void {
  code.then(
    (body) => {
      if (cell.status !== PARKED) return;
      (cell as { body: AnyBody }).body = body;
      makeReady(cell);
    },
    (error) => {
      if (cell.status !== PARKED) return;
      cell.home.reports.crashed(cell, error);
      doom(cell, error);
    },
  );
}

function tellStart({ home, outbox, packer }: Border, alias: number, outcome: StartOutcome): void {
  outbox.putMessage(home.root.pid.serial, REPLY | BOXED, alias, packer.reason(outcome));
}

/**
 * Of a system that is new, for the system that spawns in it: the block that it may use without having
 * been told, so that it can spawn at once.
 */
export function setFirstBlockApart(home: Home, unborn: Unborn): void {
  if (home.serials !== 0)
    throw new Error(`Cannot set pids of ${home.name} apart: it has spawned actors already`);
  home.serials = BLOCK;
  unborn.expect(1, BLOCK + 1);
}

/** More serials, of which no actor of this system will have one unless the other side spawns it. */
function grant({ home, outbox, unborn }: Border): void {
  const first = home.serials + 1;
  home.serials += BLOCK;
  const end = home.serials + 1;
  unborn.expect(first, end);
  outbox.put(home.root.pid.serial, GRANT, first, end);
}
