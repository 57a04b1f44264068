/** Why actors end. Strings are Erlang's atoms; `{ shutdown: detail }` is its `{shutdown, Detail}`. */

import { showAddress, type Target } from './pid.ts';

/** Strings are Erlang's atoms: `'normal'`, `'shutdown'`, `'kill'`, `'killed'`, `'noproc'`, `'noconnection'`. Any other value is allowed; an uncaught error is its own reason. */
export type ExitReason = unknown;

/** Erlang's `{shutdown, Detail}`: an orderly end that says more. */
export function shutdown(detail: unknown): { readonly shutdown: unknown } {
  return { shutdown: detail };
}

/** True of `'normal'`, `'shutdown'`, `{ shutdown: … }`, and of a `CallFailed` with such a reason. */
export function isOrderly(reason: ExitReason): boolean {
  if (reason === 'normal' || reason === 'shutdown') return true;
  if (reason instanceof CallFailed) return isOrderly(reason.reason);
  return (
    typeof reason === 'object' &&
    reason !== null &&
    !(reason instanceof Error) &&
    'shutdown' in reason
  );
}

/** A reason on one line, for messages and logs. */
export function showReason(reason: ExitReason): string {
  if (typeof reason === 'string') return `'${reason}'`;
  if (reason instanceof Error) return showError(reason) as string;
  try {
    return JSON.stringify(reason, (_, inner) => showError(inner)) ?? String(reason);
  } catch {
    // A cycle or a bigint: no JSON. The plain conversion always works for these.
    return String(reason);
  }
}

/** An error in words, and anything else as it is. */
function showError(value: unknown): unknown {
  return value instanceof Error ? `${value.name}: ${value.message}` : value;
}

/** What `self.exit(reason)` throws: catchable; uncaught, `reason` is the exit reason. */
export class Exited extends Error {
  readonly reason: ExitReason;

  constructor(reason: ExitReason) {
    super();
    this.reason = reason;
  }

  override get name(): string {
    return 'Exited';
  }

  override get message(): string {
    return `exit(${showReason(this.reason)})`;
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
  readonly value: unknown;

  constructor(value: unknown) {
    super(`Uncaught ${showReason(value)}, which is not an Error`);
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
  readonly to: Target;
  readonly request: string;

  constructor(reason: ExitReason, to: Target, request: string) {
    super(
      `Call "${request}" to ${showAddress(to)} failed: ${showReason(reason)}`,
      reason instanceof Error ? { cause: reason } : undefined,
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
  readonly reason: ExitReason;

  constructor(reason: ExitReason, what: string) {
    super(
      `Start of ${what} failed: ${showReason(reason)}`,
      reason instanceof Error ? { cause: reason } : undefined,
    );
    this.reason = reason;
  }

  override get name(): string {
    return 'StartFailed';
  }
}

/** The exit reason that a thrown value stands for. */
export function reasonOfThrown(thrown: unknown): ExitReason {
  if (thrown instanceof Exited) return thrown.reason;
  if (thrown instanceof Error) return thrown;
  return new Nocatch(thrown);
}
