/**
 * What tools ask of a server or a supervisor (OTP's system messages). They wait their turn in the
 * mailbox and are handled between two other messages.
 */

import { type ExitReason, reasonOfThrown } from '../terms/exit-reason.ts';
import type { Actor } from '../terms/operation.ts';
import type { Address, Message, ReplyTo } from '../terms/pid.ts';
import type { Self } from '../terms/self-types.ts';
import type { Exit } from '../terms/signal.ts';

export type SystemQuestion =
  | { readonly query: 'suspend' }
  | { readonly query: 'resume' }
  | { readonly query: 'get_state' }
  | { readonly query: 'replace_state'; readonly replace: (state: never) => unknown }
  | { readonly query: 'stop'; readonly reason: ExitReason };

/** A question as it lies in the mailbox; `stop` is answered by the end. */
export type SystemRequest = SystemQuestion & {
  readonly tag: '$system';
  readonly replyTo: ReplyTo<unknown>;
};

export type SystemAnswer =
  | { readonly ok: true; readonly state?: unknown }
  | { readonly ok: false; readonly reason: ExitReason };

/** What tools may look at and replace. */
export interface StateAccess {
  get(): unknown;
  set?(state: unknown): void;
}

/**
 * Answers one request and, if it suspends the actor, all others until one resumes it; meanwhile
 * nothing else leaves the mailbox, save the end of a parent. Returns why the actor is to stop, if so.
 */
export function* attend(
  self: Self<Message>,
  first: SystemRequest,
  state: StateAccess | undefined,
): Actor<{ readonly reason: ExitReason } | undefined> {
  let suspended = false;
  for (let request = first; ; ) {
    if (request.query === 'stop') return { reason: request.reason };
    if (request.query === 'suspend') suspended = true;
    else if (request.query === 'resume') suspended = false;
    self.send(request.replyTo as Address<SystemAnswer>, answerTo(request, state));
    if (!suspended) return undefined;
    const message = yield* self
      .receive('$system', 'EXIT')
      .where((it) => it.tag === '$system' || (it as Exit).from === self.parent);
    if (message.tag === 'EXIT') return { reason: (message as Exit).reason };
    request = message as SystemRequest;
  }
}

function answerTo(
  request: Exclude<SystemRequest, { readonly query: 'stop' }>,
  state: StateAccess | undefined,
): SystemAnswer {
  if (request.query === 'suspend' || request.query === 'resume') return { ok: true };
  try {
    return { ok: true, state: stateAfter(request, state) };
  } catch (thrown) {
    // Code of the tool, or of the server for the tool: it fails who asked, and nobody else.
    return { ok: false, reason: reasonOfThrown(thrown) };
  }
}

function stateAfter(
  request: SystemRequest & { readonly query: 'get_state' | 'replace_state' },
  state: StateAccess | undefined,
): unknown {
  if (state === undefined) throw new TypeError('Cannot get the state: the server shows none');
  if (request.query === 'get_state') return state.get();
  if (state.set === undefined) throw new TypeError('Cannot replace the state: it can only be read');
  const replaced = request.replace(state.get() as never);
  state.set(replaced);
  return replaced;
}
