/** The program around the actors, as its host has it: what ends it, what keeps it, and how it went. */

/** The few globals of hosts that are needed, under the names that Node and browsers give them. */
const host = globalThis as unknown as {
  readonly process?: {
    on?(event: string, listener: () => void): void;
    off?(event: string, listener: () => void): void;
    exit?(code: number): never;
    exitCode?: number | undefined;
  };
  addEventListener?(event: string, listener: () => void): void;
  removeEventListener?(event: string, listener: () => void): void;
  setTimeout(ring: () => void, ms: number): { unref?(): void };
  clearTimeout(timer: unknown): void;
};

export type EndSignal = 'SIGINT' | 'SIGTERM' | 'pagehide';

/** Longer than any program lives; host timers keep no longer. */
const FOR_EVER_MS = 2 ** 31 - 1;

/** Calls `hear` for each signal to end. Returns how to stop listening. */
export function onEndSignal(hear: (signal: EndSignal) => void): () => void {
  const onInt = (): void => hear('SIGINT');
  const onTerm = (): void => hear('SIGTERM');
  const onHide = (): void => hear('pagehide');
  host.process?.on?.('SIGINT', onInt);
  host.process?.on?.('SIGTERM', onTerm);
  host.addEventListener?.('pagehide', onHide);
  return () => {
    host.process?.off?.('SIGINT', onInt);
    host.process?.off?.('SIGTERM', onTerm);
    host.removeEventListener?.('pagehide', onHide);
  };
}

/** Keeps the program alive until what it returns is called. */
export function keepAlive(): () => void {
  let timer = host.setTimeout(again, FOR_EVER_MS);
  function again(): void {
    timer = host.setTimeout(again, FOR_EVER_MS);
  }
  return () => host.clearTimeout(timer);
}

/** Calls `ring` after `ms` of real time, if the program is still there. */
export function afterRealTime(ms: number, ring: () => void): void {
  host.setTimeout(ring, Math.min(ms, FOR_EVER_MS)).unref?.();
}

/** What the program will have ended with, when it ends by itself. */
export function setExitCode(code: number): void {
  if (host.process !== undefined) host.process.exitCode = code;
}

/** Ends the program, or the worker that it runs in, at once. */
export function exitNow(code: number): void {
  host.process?.exit?.(code);
}
