/** Changing what one sees: only where the observer was made with `control`, and each told of as a happening. */

import type { ExitReason, Message, Pid } from 'beamish';
import type { ActionResult } from 'beamish/observation';
import { isAllowed } from '../station/act.ts';
import type { PlainAction } from '../station/orders.ts';
import type { Action } from '../terms/happening.ts';
import { pidText } from '../terms/wire.ts';
import type { Hub } from './hub.ts';

/** All are told of by an `action`. A pid that is not alive is `'noproc'`; a thread that does not answer, `'noconnection'`. */
export interface Actions {
  /** As from root. JSON of at most 64 KiB; a tag that begins with `$` is refused, and so are `EXIT` and `DOWN`. */
  send(to: Pid, message: Message): Promise<ActionResult>;
  /** Erlang's exit/2, as from root. */
  exit(to: Pid, reason: ExitReason): Promise<ActionResult>;
  /** An exit signal that nobody can trap. */
  kill(to: Pid): Promise<ActionResult>;
  /** Of a server, between two messages; others cannot be, and say so. */
  suspend(to: Pid): Promise<ActionResult>;
  /** Lets a suspended server go on. */
  resume(to: Pid): Promise<ActionResult>;
  /** Ends a supervised child with `'kill'` if it lives, so that its supervisor restarts it as its spec says; it counts as a restart. */
  restart(to: Pid): Promise<ActionResult>;
  /** One of the actions of a panel's table. */
  panel(system: string, title: string, action: string, row: string): Promise<ActionResult>;
}

export function actionsOf(hub: Hub, by: string): Actions {
  const go = (action: Action) => perform(hub, action, by);
  return {
    send: (to, message) => go({ kind: 'send', to, message }),
    exit: (to, reason) => go({ kind: 'exit', to, reason }),
    kill: (to) => go({ kind: 'kill', to }),
    suspend: (to) => go({ kind: 'suspend', to }),
    resume: (to) => go({ kind: 'resume', to }),
    restart: (to) => go({ kind: 'restart', to }),
    panel: (system, title, action, row) => go({ kind: 'panel', system, title, action, row }),
  };
}

export async function perform(hub: Hub, action: Action, by: string): Promise<ActionResult> {
  const result = await attempt(hub, action);
  hub.tell({ kind: 'action', at: Date.now(), action: toldOf(action), by, ok: result.ok });
  return result;
}

async function attempt(hub: Hub, action: Action): Promise<ActionResult> {
  const { stations, settings } = hub;
  if (!settings.control) return { ok: false, reason: 'refused' };
  if (action.kind === 'send' && !isAllowed(action.message)) return { ok: false, reason: 'refused' };
  const system = action.kind === 'panel' ? action.system : action.to.system;
  let plain: PlainAction = action.kind === 'panel' ? action : { ...action, to: pidText(action.to) };
  if (action.kind === 'restart') {
    await stations.look();
    const child = stations.model.actor(pidText(action.to));
    if (child === undefined || child.ended !== undefined) return { ok: false, reason: 'noproc' };
    if (child.childId === undefined) return { ok: false, reason: 'no_child' };
    // Its supervisor may be in another thread than it is.
    plain = { ...plain, kind: 'kill' };
  }
  try {
    return await stations.ask(system, { kind: 'act', action: plain });
  } catch {
    // Its thread does not answer, or is not there.
    return { ok: false, reason: 'noconnection' };
  }
}

/** Of a message, nobody is told more than its tag. */
function toldOf(action: Action): Action {
  return action.kind === 'send' ? { ...action, message: { tag: action.message.tag } } : action;
}
