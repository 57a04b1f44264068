/** What is known of an actor at the moment when its own code has failed. */

import { linksOf } from '../signals/links.ts';
import { Request } from '../signals/requests.ts';
import { type ActorCell, handedMessage, residentCell } from '../state/actor-cell.ts';
import type { ColdState } from '../state/cold-state.ts';
import type { ExitReason } from '../terms/exit-reason.ts';
import { isReplyTo, type Message, type Pid, residentOfReplyTo } from '../terms/pid.ts';
import { bodyName } from '../terms/spawnable.ts';
import { inWords, mailboxLength } from './introspect.ts';

/** An actor as people know it; of one that has ended, only the pid is left. */
export interface Label {
  /** Who. */
  readonly pid: Pid;
  /** The name that it has, or had. */
  readonly name: string | undefined;
  /** The name of its body's function. */
  readonly body: string | undefined;
}

/** What is known of an actor at the moment when its own code has failed. */
export interface CrashReport {
  /** Who has crashed. */
  readonly pid: Pid;
  /** The name that it had. */
  readonly name: string | undefined;
  /** The name of its body's function. */
  readonly body: string;
  /** Its exit reason: the error that was thrown, a `Nocatch` of another value, or what it gave to `exit`. */
  readonly reason: ExitReason;
  /** Parent first. */
  readonly ancestors: readonly Pid[];
  /** Its place in the tree: the same ancestors, with their names and bodies. */
  readonly under: readonly Label[];
  /** It had not finished its `init`. */
  readonly starting: boolean;
  /** The message that its last receive returned. */
  readonly handling: Message | undefined;
  /** Who had asked for that, if it was a request. */
  readonly client: Label | undefined;
  /**
   * A server's, as its `state` shows it, or the error that showing it came to. That is the server's own code,
   * which runs when this is first read; the log reads it at once.
   */
  readonly state: unknown;
  /** What else it waited for since, last, in words. */
  readonly waitedFor: string | undefined;
  /** Messages that it had not taken, and that are dropped. */
  readonly mailboxLength: number;
  /** Whom it was linked to. */
  readonly links: readonly Pid[];
  /** Whether it trapped exits. */
  readonly trapExit: boolean;
}

export function crashReportOf(cell: ActorCell, reason: ExitReason): CrashReport {
  const { cold } = cell;
  // Of async code, another part may have failed before a message that was handed is looked at.
  const handling = handedMessage(cell) === undefined ? cell.receive?.value : undefined;
  const ancestors = ancestorsOf(cell);
  let shown: { readonly state: unknown } | undefined;
  return {
    pid: cell.pid,
    name: cell.relations?.name,
    body: bodyName(cell.body),
    reason,
    ancestors,
    under: ancestors.map(labelOf),
    starting: cold?.starting !== undefined,
    handling,
    client: clientOf(handling),
    get state() {
      shown ??= { state: stateOf(cold) };
      return shown.state;
    },
    waitedFor: cold?.waitedAt === cell.reductions ? inWords(cold.waitingFor) : undefined,
    mailboxLength: mailboxLength(cell),
    links: linksOf(cell),
    trapExit: cell.trapExit,
  };
}

function clientOf(message: Message | undefined): Label | undefined {
  const replyTo = (message as { readonly replyTo?: unknown } | undefined)?.replyTo;
  const request = isReplyTo(replyTo) ? residentOfReplyTo(replyTo) : undefined;
  const client = request instanceof Request ? request.owner : undefined;
  return client && labelOf(client.pid);
}

/** What a server shows of its state: runs its user's code. */
export function stateOf(cold: ColdState | undefined): unknown {
  try {
    return cold?.showState?.();
  } catch (error) {
    // The user's `get` or `format` fails, too. The crash is told all the same.
    return error;
  }
}

export function labelOf(pid: Pid): Label {
  const cell = residentCell(pid);
  return {
    pid,
    name: cell?.relations?.name,
    body: cell === undefined ? undefined : bodyName(cell.body),
  };
}

/** Parent first. */
function ancestorsOf(cell: ActorCell): Pid[] {
  const pids: Pid[] = [];
  for (let at = cell.lineage; at !== undefined; at = at.up) pids.push(at.pid);
  return pids;
}
