/** Nothing is lost in silence: crashes, dead letters and restarts, as events and as lines of a log. */

import { EventEmitter } from 'eventemitter3';
import {
  type ActorCell,
  ancestorsOf,
  bodyName,
  type DeadLetterCause,
  type Reports,
} from './actor-cell.ts';
import { type ExitReason, showReason } from './exit-reason.ts';
import { type Address, type Pid, showAddress } from './pid.ts';

/** What `events` (an eventemitter3) emits; each with one plain object that says who, what and why. */
export interface SystemEvents {
  spawn: { readonly pid: Pid; readonly parent: Pid; readonly body: string };
  exit: { readonly pid: Pid; readonly reason: ExitReason };
  crash: {
    readonly pid: Pid;
    readonly name: string | undefined;
    readonly body: string;
    readonly reason: ExitReason;
    readonly ancestors: readonly Pid[];
  };
  restart: {
    readonly supervisor: Pid;
    readonly id: string;
    readonly old: Pid;
    readonly pid: Pid | undefined;
    readonly reason: ExitReason;
  };
  dead_letter: {
    readonly from: Pid | undefined;
    readonly to: Address;
    readonly message: unknown;
    readonly why: DeadLetterCause;
  };
}

type Listeners = { [E in keyof SystemEvents]: (what: SystemEvents[E]) => void };

export type LogMode = 'text' | 'json' | 'off';

/** Lines of one kind in one second; what is beyond is counted. */
const LINES_A_SECOND = 20;

export class EventReports implements Reports {
  readonly events = new EventEmitter<Listeners>();
  readonly #log: RateLimitedLog;

  constructor(mode: LogMode, now: () => number) {
    this.#log = new RateLimitedLog(mode, now);
  }

  spawned(cell: ActorCell): void {
    if (this.events.listenerCount('spawn') === 0) return;
    this.events.emit('spawn', {
      pid: cell.pid,
      parent: (cell.lineage as { pid: Pid }).pid,
      body: bodyName(cell.body),
    });
  }

  exited(cell: ActorCell, reason: ExitReason): void {
    if (this.events.listenerCount('exit') === 0) return;
    this.events.emit('exit', { pid: cell.pid, reason });
  }

  crashed(cell: ActorCell, reason: ExitReason): void {
    const { pid, rare } = cell;
    const name = rare?.name;
    const ancestors = ancestorsOf(cell);
    const crash = { pid, name, body: bodyName(cell.body), reason, ancestors };
    this.events.emit('crash', crash);
    // Who ran it hears of the crash from the promise.
    if (rare?.ran === true) return;
    this.#log.write('crash', { ...crash, handling: cell.handling }, () => {
      const who = name === undefined ? String(pid) : `${String(pid)} "${name}"`;
      const doing =
        cell.handling === undefined ? '' : `\n    while it handled ${showValue(cell.handling)}`;
      return `${who} (${crash.body}) crashed: ${showError(reason)}${doing}\n    ancestors: ${ancestors.map(String).join(' ')}`;
    });
  }

  restarted(
    supervisor: ActorCell,
    id: string,
    old: Pid,
    pid: Pid | undefined,
    reason: ExitReason,
  ): void {
    const restart = { supervisor: supervisor.pid, id, old, pid, reason };
    this.events.emit('restart', restart);
    this.#log.write('restart', restart, () => {
      const outcome = pid === undefined ? 'could not be restarted' : `restarted as ${String(pid)}`;
      return `child "${id}" of ${String(supervisor.pid)} ${outcome} (${String(old)} ended: ${showReason(reason)})`;
    });
  }

  deadLetter(from: Pid | undefined, to: Address, message: unknown, why: DeadLetterCause): void {
    const letter = { from, to, message, why };
    this.events.emit('dead_letter', letter);
    this.#log.write('dead_letter', letter, () => {
      const sender = from === undefined ? '' : ` from ${String(from)}`;
      return `dead letter${sender} to ${showAddress(to)} (${why}): ${showValue(message)}`;
    });
  }

  cleanUpFailed(cell: ActorCell, error: unknown): void {
    this.#log.write('clean_up', { pid: cell.pid, error }, () => {
      return `${String(cell.pid)} (${bodyName(cell.body)}) failed to clean up: ${showError(error)}`;
    });
  }

  /** Says how many lines were left out, if any were. */
  flush(): void {
    this.#log.flush();
  }
}

class RateLimitedLog {
  readonly #mode: LogMode;
  readonly #now: () => number;
  readonly #counts = new Map<string, { since: number; lines: number }>();

  constructor(mode: LogMode, now: () => number) {
    this.#mode = mode;
    this.#now = now;
  }

  write(kind: string, facts: object, text: () => string): void {
    if (this.#mode === 'off' || !this.#mayWrite(kind)) return;
    this.#print(this.#mode === 'json' ? toJson(kind, facts) : `beamish: ${text()}`);
  }

  flush(): void {
    for (const [kind, count] of this.#counts) this.#tellLeftOut(kind, count);
    this.#counts.clear();
  }

  #mayWrite(kind: string): boolean {
    const count = this.#counts.get(kind);
    // The clock is not asked for each line that is left out, as there may be millions.
    if (count !== undefined && count.lines > LINES_A_SECOND && (count.lines & 63) !== 0) {
      count.lines++;
      return false;
    }
    const now = this.#now();
    if (count === undefined || now - count.since >= 1000) {
      if (count !== undefined) this.#tellLeftOut(kind, count);
      this.#counts.set(kind, { since: now, lines: 1 });
      return true;
    }
    return ++count.lines <= LINES_A_SECOND;
  }

  #tellLeftOut(kind: string, { lines }: { lines: number }): void {
    const leftOut = lines - LINES_A_SECOND;
    if (leftOut <= 0) return;
    this.#print(
      this.#mode === 'json'
        ? toJson('left_out', { of: kind, count: leftOut })
        : `beamish: ${leftOut} more of kind ${kind}`,
    );
  }

  #print(line: string): void {
    console.error(line);
  }
}

/** Longest value in a log line. */
const LONGEST = 200;

function showValue(value: unknown): string {
  const text = typeof value === 'object' ? (json(value) ?? String(value)) : String(value);
  return text.length > LONGEST ? `${text.slice(0, LONGEST)}…` : text;
}

function showError(reason: unknown): string {
  return reason instanceof Error ? (reason.stack ?? String(reason)) : showReason(reason);
}

function toJson(kind: string, facts: object): string {
  return json({ kind, ...facts }) ?? JSON.stringify({ kind });
}

/** Addresses as they are printed, errors with what they say; undefined for what has cycles. */
function json(value: unknown): string | undefined {
  try {
    return JSON.stringify(value, (_, inner: unknown) => {
      if (typeof inner === 'bigint') return `${inner}n`;
      if (inner instanceof Error)
        return { name: inner.name, message: inner.message, stack: inner.stack };
      return isAddress(inner) ? showAddress(inner) : inner;
    });
  } catch {
    // A cycle, or a toJSON that throws: not to be had as JSON.
    return undefined;
  }
}

function isAddress(value: unknown): boolean {
  if (typeof value !== 'object' || value === null) return false;
  return 'system' in value && ('serial' in value || 'alias' in value);
}
