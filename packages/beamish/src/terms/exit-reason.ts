/** Why actors end. Strings are Erlang's atoms; `{ shutdown: detail }` is its `{shutdown, Detail}`. */

import { showAddress, type Target } from './pid.ts';
import { isError, show } from './printable.ts';

/** Strings are Erlang's atoms: `'normal'`, `'shutdown'`, `'kill'`, `'killed'`, `'noproc'`, `'noconnection'`. Any other value is allowed; an uncaught error is its own reason. */
export type ExitReason = unknown;

/** Erlang's `{shutdown, Detail}`: an orderly end that says more. */
export function shutdown(detail: unknown): { readonly shutdown: unknown } {
  return { shutdown: detail };
}

/** True of `'normal'`, `'shutdown'`, `{ shutdown: … }`, and of a `CallFailed` with such a reason. */
export function isOrderly(reason: ExitReason): boolean {
  if (typeof reason !== 'object' || reason === null)
    return reason === 'normal' || reason === 'shutdown';
  try {
    let inner: unknown = reason;
    // As deep as calls went; no recursion, which a long chain of them would be too much for.
    while (inner instanceof CallFailed) inner = inner.reason;
    if (inner !== reason) return isOrderly(inner);
    return !isError(reason) && 'shutdown' in reason;
  } catch {
    // A proxy that can tell nothing, as one that was revoked.
    return false;
  }
}

/** What `self.exit(reason)` throws: catchable; uncaught, `reason` is the exit reason. */
export class Exited extends Error {
  /** What `exit` was given. */
  readonly reason: ExitReason;

  constructor(reason: ExitReason) {
    super();
    this.reason = reason;
  }

  override get name(): string {
    return 'Exited';
  }

  override get message(): string {
    return `exit(${show(this.reason)})`;
  }
}

/**
 * An `Exited` as `self.exit` throws it: without a stack, as it is an outcome and no fault. Making an
 * error costs as much as all else at the end of an actor, so this one is made without its constructor.
 */
export function exited(reason: ExitReason): Exited {
  const exit: { reason: ExitReason } = Object.create(Exited.prototype);
  exit.reason = reason;
  return exit as Exited;
}

/** The exit reason of an actor that threw something that is not an `Error`. */
export class Nocatch extends Error {
  /** What was thrown. */
  readonly value: unknown;

  constructor(value: unknown) {
    super(`Uncaught ${show(value)}, which is not an Error`);
    this.value = value;
  }

  override get name(): string {
    return 'Nocatch';
  }
}

/** Thrown in the caller when a call gets no reply; uncaught, it is the caller's exit reason. */
export class CallFailed extends Error {
  /** `'timeout'`, `'noproc'`, `'calling_self'`, `'noconnection'`, or the reason for which the callee ended. */
  readonly reason: ExitReason;
  /** Whom it was to, as it was called: by pid or by name. */
  readonly to: Target;
  /** The name of the handler, or the tag of the message. */
  readonly request: string;

  constructor(reason: ExitReason, to: Target, request: string) {
    super(
      `Call "${request}" to ${showAddress(to)} failed: ${show(reason)}`,
      isError(reason) ? { cause: reason } : undefined,
    );
    this.reason = reason;
    this.to = to;
    this.request = request;
  }

  override get name(): string {
    return 'CallFailed';
  }
}

/** What `system.start` rejects with, and what a supervisor's failed start carries. */
export class StartFailed extends Error {
  /** What `init` failed with; `'ignore'` if it chose not to start, `'timeout'` if it took too long, `'already_started'` if the name is taken. */
  readonly reason: ExitReason;

  constructor(reason: ExitReason, what: string) {
    super(
      `Start of ${what} failed: ${show(reason)}`,
      isError(reason) ? { cause: reason } : undefined,
    );
    this.reason = reason;
  }

  override get name(): string {
    return 'StartFailed';
  }
}

/** The exit reason that a thrown value stands for. */
export function reasonOfThrown(thrown: unknown): ExitReason {
  if (!isError(thrown)) return new Nocatch(thrown);
  return thrown instanceof Exited ? thrown.reason : thrown;
}
