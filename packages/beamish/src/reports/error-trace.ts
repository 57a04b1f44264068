/** What an error says to people: its message, the frames of its stack that are theirs, and its causes. */

import { isError, type Printable, peek, printable, show } from '../terms/printable.ts';

export interface ErrorTrace {
  readonly name: string;
  readonly message: string;
  /** Of the user's code, the innermost first. */
  readonly frames: readonly string[];
  readonly cause?: ErrorTrace | Printable;
}

/** Causes of causes that are followed; errors may cause each other in a circle. */
const MOST_CAUSES = 8;

export function traceOf(error: Error, causes = MOST_CAUSES): ErrorTrace {
  const name = wordsIn(error, 'name');
  const trace = { name, message: wordsIn(error, 'message'), frames: framesOf(error) };
  const cause = peek(error, 'cause');
  if (cause === undefined || causes === 0) return trace;
  const inner = isError(cause) ? traceOf(cause, causes - 1) : printable(cause);
  return { ...trace, cause: inner };
}

/** Anyone may have put anything there. */
function wordsIn(error: Error, field: 'name' | 'message'): string {
  const words = peek(error, field);
  return typeof words === 'string' ? words : show(words);
}

/** V8's `    at f (file:1:2)`, and the `f@file:1:2` of other engines. */
const FRAME = /^\s+at |@.*:\d+:\d+$/;
/** Of the host, and of the language itself, as `Generator.next`. */
const FOREIGN = /[ (]node:|\(<anonymous>\)$|\(native\)$/;
/** This module's url, as source and as `bundle.mjs` names it. */
const OURS =
  /^(?:file:\/\/)?(.*\/beamish\/)(?:[^/]+\/reports\/error-trace\.ts|dist\/runtime-\w+\.js)/;
/**
 * Where this package lies: its dist, and its src, which a source map puts into frames. Undefined if its
 * user has bundled it, and its frames cannot be told from others.
 */
const HERE = hereOf((import.meta as { readonly url?: string }).url);

function framesOf(error: Error): string[] {
  const stack = peek(error, 'stack');
  if (typeof stack !== 'string') return [];
  return stack
    .split('\n')
    .filter((line) => FRAME.test(line) && !FOREIGN.test(line) && !isOurs(line))
    .map((line) => line.trim());
}

function isOurs(line: string): boolean {
  return HERE !== undefined && line.includes(HERE);
}

function hereOf(url: string | undefined): string | undefined {
  const [, path] = OURS.exec(url ?? '') ?? [];
  return path === undefined ? undefined : decodeURI(path);
}
