/** Exit reasons and errors as text of bounded length, whatever they are. */

import { isError, peek, show } from 'beamish/transport';
import { cut } from '../terms/text.ts';
import { LONGEST } from '../terms/wire.ts';

/** An exit reason in one line. */
export function reasonText(reason: unknown): string {
  if (typeof reason === 'string') return cut(reason, LONGEST.reason);
  if (!isError(reason)) return cut(show(reason), LONGEST.reason);
  return cut(`${nameOf(reason)}: ${messageOf(reason)}`, LONGEST.reason);
}

/** An error as plain data that any thread can take; another reason as it is printed, a string as it is. */
export function plainReason(reason: unknown): unknown {
  if (typeof reason === 'string') return cut(reason, LONGEST.reason);
  if (!isError(reason)) return show(reason);
  const plain = new Error(cut(messageOf(reason), LONGEST.reason));
  plain.name = nameOf(reason);
  plain.stack = stackOf(reason);
  return plain;
}

/** At most 20 lines, each of bounded length. */
export function stackOf(error: Error): string {
  const stack = peek(error, 'stack');
  if (typeof stack !== 'string') return `${nameOf(error)}: ${messageOf(error)}`;
  return stack
    .split('\n')
    .slice(0, LONGEST.lines)
    .map((line) => cut(line, LONGEST.line))
    .join('\n');
}

function nameOf(error: Error): string {
  const name = peek(error, 'name');
  return typeof name === 'string' ? cut(name, LONGEST.label) : 'Error';
}

function messageOf(error: Error): string {
  const message = peek(error, 'message');
  return typeof message === 'string' ? message : '(unprintable)';
}
