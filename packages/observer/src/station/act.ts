/** What an observer with control does to a system: as from root, and nothing that the runtime keeps for itself. */

import { type ActorSystem, CallFailed, type Message, type Pid, resume, suspend } from 'beamish';
import { type ActionResult, panelsOf, visit } from 'beamish/observation';
import { parsePid } from '../terms/wire.ts';
import type { PlainAction } from './orders.ts';
import { lookAnew } from './panels.ts';

const LARGEST_MESSAGE = 64 * 1024;
/** How long a server is waited for that is to be suspended. */
const WITHIN_MS = 2000;
const REFUSED = { ok: false, reason: 'refused' } as const;
const DONE = { ok: true } as const;

interface Found {
  readonly pid: Pid;
  readonly kind: 'actor' | 'server' | 'supervisor';
  readonly childId: string | undefined;
}

export async function act(system: ActorSystem, action: PlainAction): Promise<ActionResult> {
  if (action.kind === 'panel') return await panel(system, action);
  const to = find(system, String(action.to));
  if (to === undefined) return { ok: false, reason: 'noproc' };
  switch (action.kind) {
    case 'send':
      return send(system, to.pid, action['message']);
    case 'exit':
      system.exitSignal(to.pid, action['reason'] ?? 'shutdown');
      return DONE;
    case 'kill':
      system.exitSignal(to.pid, 'kill');
      return DONE;
    case 'suspend':
    case 'resume':
      return await pause(system, to, action.kind);
    case 'restart':
      if (to.childId === undefined) return { ok: false, reason: 'no_child' };
      system.exitSignal(to.pid, 'kill');
      return DONE;
    default:
      return REFUSED;
  }
}

/** Whether a message may be sent from outside: JSON of bounded size, whose tag is not the runtime's own. */
export function isAllowed(message: unknown): message is Message {
  const tag = (message as Partial<Message> | null)?.tag;
  if (typeof tag !== 'string' || tag.startsWith('$') || tag === 'EXIT' || tag === 'DOWN')
    return false;
  const text = JSON.stringify(message);
  return text !== undefined && text.length <= LARGEST_MESSAGE;
}

function send(system: ActorSystem, to: Pid, message: unknown): ActionResult {
  if (!isAllowed(message)) return REFUSED;
  system.send(to as Pid<Message>, message);
  return DONE;
}

async function pause(
  system: ActorSystem,
  { pid, kind }: Found,
  what: 'suspend' | 'resume',
): Promise<ActionResult> {
  if (kind === 'actor') return { ok: false, reason: 'no_server' };
  try {
    await (what === 'suspend' ? suspend : resume)(system, pid, { within: WITHIN_MS });
    return DONE;
  } catch (error) {
    // It has ended, or is busy with one message for too long.
    if (!(error instanceof CallFailed)) throw error;
    return { ok: false, reason: error.reason === 'noproc' ? 'noproc' : 'refused' };
  }
}

async function panel(system: ActorSystem, action: PlainAction): Promise<ActionResult> {
  const shown = panelsOf(system).filter(({ title }) => title === action['title']);
  const row = String(action['row']);
  const verb = String(action['action']);
  for (const its of shown) {
    if (its.act === undefined) continue;
    const tables = await its.look();
    const allows = tables.some(
      ({ actions = [], rows }) => actions.includes(verb) && rows.some(({ id }) => id === row),
    );
    if (!allows) continue;
    lookAnew(its);
    return await its.act(verb, row);
  }
  return shown.length === 0 ? { ok: false, reason: 'no_panel' } : REFUSED;
}

function find(system: ActorSystem, text: string): Found | undefined {
  const parts = parsePid(text);
  if (parts === undefined || parts.system !== system.name) return undefined;
  const { incarnation } = system.root;
  if (parts.incarnation !== undefined && parts.incarnation !== incarnation) return undefined;
  let found: Found | undefined;
  visit(system, ({ pid, kind, childId }) => {
    if (pid.serial === parts.serial) found = { pid, kind, childId };
  });
  // A child of a supervisor in another thread is known as one there.
  return found;
}
