/** Actors that are spawned in other systems. */

import { endOnAbort } from '../operations/abort.ts';
import { tieToNew } from '../operations/spawning.ts';
import { willWaitFor } from '../operations/starting.ts';
import { link, untie } from '../signals/links.ts';
import { Request } from '../signals/requests.ts';
import { Via } from '../signals/via.ts';
import { startWatch } from '../signals/watches.ts';
import { type ActorCell, makeCell } from '../state/actor-cell.ts';
import type { StartOutcome } from '../state/cold-state.ts';
import { REMOTE } from '../state/status.ts';
import type { SystemState } from '../state/system-state-types.ts';
import type { Outcome } from '../terms/operation.ts';
import { type Message, name, type Pid, ProcessId, type ReplyTo } from '../terms/pid.ts';
import type { ActorOptions, Configured, Portable } from '../terms/self-types.ts';
import { bodyName, hasInit, LOADING, type Plan } from '../terms/spawnable.ts';

/** The same body, but each time that it is spawned, `place` names the system that is to run it. */
export function placed<M extends Message, A extends unknown[], R>(
  body: Portable<M, A, R>,
  place: () => string,
): Configured<M, A, R> {
  return { body, options: { place: { choose: place, launch, start } } as ActorOptions };
}

/** The answer comes as the reply to a request, or there is none because the system is lost. */
function start(
  parent: ActorCell,
  by: ActorCell | undefined,
  place: string,
  plan: Plan,
  args: readonly unknown[],
  answer: (outcome: StartOutcome) => void,
): StartOutcome | undefined {
  const peer = parent.system.distribution?.peers.get(place);
  if (peer === undefined) {
    if (by?.trapExit === false) link(by, lostCell(parent.system, place).pid);
    return { ok: false, reason: 'noconnection' };
  }
  const request = hasInit(plan.body)
    ? new Request(parent, parent.pid, bodyName(plan.body))
    : undefined;
  const cell = launch(parent, place, plan, args, request?.replyTo);
  tieToNew(parent, cell);
  if (request === undefined) return { ok: true, pid: cell.pid };
  if (by !== undefined) willWaitFor(by, cell.pid);
  request.settled = () => {
    const outcome = request.outcome as Outcome<StartOutcome>;
    const started = outcome.ok ? outcome.value : outcome;
    // Who traps exits has the answer, and needs no EXIT besides.
    if (!started.ok && by?.trapExit === true) untie(by, cell);
    answer(started.ok ? { ok: true, pid: cell.pid } : started);
  };
  // The answer comes whatever becomes of the actor, unless its whole system is lost.
  startWatch(request, parent, peer.remoteCell(name('*', place)));
  return undefined;
}

/** Nobody knows yet whether it will run there; whoever links to it or monitors it will hear. */
function launch(
  parent: ActorCell,
  place: string,
  plan: Plan,
  args: readonly unknown[],
  started?: ReplyTo,
): ActorCell {
  const { code, options, body } = plan;
  if (code === undefined) {
    throw new TypeError(
      `Cannot spawn ${bodyName(body)} in ${place}: only a body made by portable(…) can run elsewhere`,
    );
  }
  if (options?.name instanceof Via) {
    throw new TypeError(
      `Cannot spawn ${body.name} in ${place} with the name ${options.name}: a registry is of one system`,
    );
  }
  const { system } = parent;
  const peer = system.distribution?.peers.get(place);
  if (peer === undefined) return lostCell(system, place);
  const cell = peer.spawn(parent.pid, { code, args, options, started, trapping: parent.trapExit });
  if (options?.link === true) link(parent, cell.pid);
  if (options?.signal !== undefined) endOnAbort(parent, cell, options.signal);
  return cell;
}

/** An actor of a system that is not reached: an address, and nobody behind it. */
function lostCell(system: SystemState, place: string): ActorCell {
  const cell = makeCell(system, LOADING, [], undefined, 0);
  cell.status = REMOTE;
  (cell as { pid: Pid }).pid = new ProcessId(place, 0, ++system.serials, undefined);
  return cell;
}
