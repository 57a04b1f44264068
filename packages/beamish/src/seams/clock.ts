/**
 * Time and turns of the event loop, as a port: the first of the seams through which all chance comes.
 * A virtual clock in its place makes a run replay exactly.
 */

/** What the runtime needs of its host. */
export interface Clock {
  /** Milliseconds that only go forward. */
  now(): number;
  /** Milliseconds since 1970, for who goes by the calendar; the runtime never asks. Absent: the host's. */
  wall?(): number;
  /** Runs `turn` soon, after timers, sockets and signals had their chance; keeps the program alive. */
  soon(turn: () => void): void;
  /** The same for a turn that goes on where one has stopped in which much was thrown. Absent: `soon`. */
  goOn?(turn: () => void): void;
  /**
   * Runs `ring` once after `ms`; replaces the alarm that was set before. Keeps the program alive. May
   * ring early: the runtime looks at `now` and sets it again.
   */
  alarm(ms: number, ring: () => void): void;
  /** Takes the alarm back. */
  silence(): void;
  /** Calls `over` when nothing is left to happen and the program would end. Returns how to take it back. */
  whenOver(over: () => void): () => void;
}

/** What the calendar of a clock says. */
export function wallOf(clock: Clock): number {
  return clock.wall === undefined ? Date.now() : clock.wall();
}

/** Longest delay that host timers keep; they fire at once for more. */
const LONGEST_HOST_DELAY = 2 ** 31 - 1;

/** The few globals that JavaScript hosts have, under Node's names. */
const host = globalThis as unknown as {
  readonly performance: { now(): number };
  readonly setImmediate?: (turn: () => void) => unknown;
  readonly MessageChannel: new () => {
    port1: { onmessage: (() => void) | null };
    port2: { postMessage(message: null): void };
  };
  setTimeout(ring: () => void, ms: number): unknown;
  clearTimeout(timer: unknown): void;
  readonly process?: {
    on?(event: 'beforeExit', listener: () => void): void;
    off?(event: 'beforeExit', listener: () => void): void;
  };
};

/** Who is told that the program would end: of all systems of this thread, by one listener of the process, which warns of more than ten. */
const overs = new Set<() => void>();

function tellOver(): void {
  for (const over of [...overs]) over();
}

/** By which a microtask is made: `queueMicrotask` makes twice as much garbage. */
const SETTLED = Promise.resolve();

/** The real clock of this thread. */
export function hostClock(): Clock {
  let timer: unknown;
  const soon = host.setImmediate ?? channelTurns();
  // Node makes it on demand: by its getter, each look would cost 10 ns more.
  const { performance } = host;
  return {
    now: () => performance.now(),
    soon,
    // Of each error that is thrown, V8 writes down where, in case that nobody catches it; but not in a
    // microtask, where throwing takes a third less. Making one costs more than a short turn.
    goOn: (turn) => soon(() => void SETTLED.then(turn)),
    alarm(ms, ring) {
      host.clearTimeout(timer);
      timer = host.setTimeout(ring, Math.min(Math.max(ms, 0), LONGEST_HOST_DELAY));
    },
    silence() {
      host.clearTimeout(timer);
      timer = undefined;
    },
    whenOver(over) {
      if (overs.size === 0) host.process?.on?.('beforeExit', tellOver);
      overs.add(over);
      return () => {
        if (overs.delete(over) && overs.size === 0) host.process?.off?.('beforeExit', tellOver);
      };
    },
  };
}

/** Browsers have no `setImmediate`; a message to oneself is the turn that they do not delay. */
function channelTurns(): (turn: () => void) => void {
  const channel = new host.MessageChannel();
  const turns: (() => void)[] = [];
  channel.port1.onmessage = () => turns.shift()?.();
  return (turn) => {
    turns.push(turn);
    channel.port2.postMessage(null);
  };
}
