/** What can go wrong besides: faults that a scenario has to survive, wherever they come. */

import type { ExitReason } from 'beamish';
import type { Whom } from './pattern.ts';

/** A fault is one more actor whose step may come anywhere: `'every'` tries it wherever it makes a difference. */
export interface Fault {
  /** What happens. */
  readonly kind: 'kill' | 'crash' | 'cut' | 'restart' | 'stall';
  /** To whom: an actor, or a system. */
  readonly whom: Whom;
  /** At most so often in a run. */
  readonly times: number;
  /** Of a kill: the reason of the signal. */
  readonly reason?: ExitReason;
  /** Of a crash: what is thrown. */
  readonly error?: unknown;
  /** Of a cut: the other system. */
  readonly from?: string;
  /** Of a stall: for how long. */
  readonly ms?: number;
}

/** Of every fault. */
export interface FaultOptions {
  /** At most so often in a run. Default 1. */
  readonly times?: number;
}

/**
 * Sends an exit signal. Default reason `'kill'`.
 *
 * ```ts
 * await check(scenario, { faults: [kill('cruncher*', { times: 2 })] });
 * ```
 */
export function kill(
  whom: Whom,
  { times, reason = 'kill' }: FaultOptions & { readonly reason?: ExitReason } = {},
): Fault {
  return { kind: 'kill', whom, times: checked(times, 'kill'), reason };
}

/** Lets its code throw where it has just received something. Default: an `Error` that says so. */
export function crash(
  whom: Whom,
  { times, error }: FaultOptions & { readonly error?: unknown } = {},
): Fault {
  return { kind: 'crash', whom, times: checked(times, 'crash'), error };
}

/**
 * Ends a connection: a prefix of what is under way arrives, then both sides hear `'noconnection'`. Nothing is
 * ever lost, doubled or reordered within a connection that lives, as in Erlang.
 */
export function cut([one, other]: readonly [string, string], options: FaultOptions = {}): Fault {
  return { kind: 'cut', whom: other, times: checked(options.times, 'cut'), from: one };
}

/**
 * A system is gone, with all its actors and all that is under way from and to it, and a new one of its name is
 * there, in which nobody runs yet. Not of `'main'`, in which the scenario is.
 */
export function restart(system: string, { times }: FaultOptions = {}): Fault {
  return { kind: 'restart', whom: system, times: checked(times, 'restart') };
}

/** A system does nothing for `ms` of virtual time: no actor of it steps, no timer of it rings, nothing arrives in it. */
export function stall(system: string, options: FaultOptions & { readonly ms: number }): Fault {
  const { ms, times } = options;
  if (!Number.isFinite(ms) || ms <= 0)
    throw new RangeError(`Cannot stall ${system} for ${ms} ms: that is a time above 0`);
  return { kind: 'stall', whom: system, times: checked(times, 'stall'), ms };
}

/** The systems that a fault names; none if it is for actors. */
export function systemsIn({ kind, whom, from }: Fault): readonly string[] {
  if (kind === 'kill' || kind === 'crash') return [];
  const name = typeof whom === 'string' ? whom : whom.name;
  return from === undefined ? [name] : [from, name];
}

function checked(times: number | undefined, verb: string): number {
  if (times === undefined) return 1;
  if (Number.isInteger(times) && times > 0) return times;
  throw new RangeError(`Cannot ${verb} ${times} times: that is a whole number above 0`);
}
