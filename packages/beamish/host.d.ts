/**
 * The globals that every host has (Node, browsers, Deno, Bun), and the only ones that the package may
 * use by name. Its build has neither Node's types nor the DOM's, so whatever else it touches does not
 * compile. Not published: whoever uses the package has these from the types of their own host.
 */

interface AbortSignal {
  readonly aborted: boolean;
  readonly reason: unknown;
  addEventListener(type: 'abort', listener: () => void, options?: { once?: boolean }): void;
  removeEventListener(type: 'abort', listener: () => void): void;
  throwIfAborted(): void;
}

interface AbortController {
  readonly signal: AbortSignal;
  abort(reason?: unknown): void;
}

declare const AbortController: new () => AbortController;

declare const console: {
  debug(...data: unknown[]): void;
  error(...data: unknown[]): void;
  info(...data: unknown[]): void;
  log(...data: unknown[]): void;
  warn(...data: unknown[]): void;
};

declare function queueMicrotask(turn: () => void): void;

declare function structuredClone<T>(value: T, options?: { readonly transfer?: ArrayBuffer[] }): T;

interface ErrorConstructor {
  /** Frames of a stack that V8 keeps; other engines ignore it. */
  stackTraceLimit: number;
}
