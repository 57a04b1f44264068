/**
 * Errors on their way to another system. A structured clone keeps only some of their kinds and fields, so
 * their name, message, stack and cause are boxed, and what the runtime's own say besides.
 */

import { CallFailed, Exited, exited, Nocatch, StartFailed } from '../terms/exit-reason.ts';
import type { Target } from '../terms/pid.ts';

/** `keep` makes what was kept for the error stand for its box, before what is inside is packed by `inner`: its cause may lead back to it. */
export function boxError(
  error: Error,
  keep: (box: Record<string, unknown>) => Record<string, unknown>,
  inner: (item: unknown, field: string) => unknown,
): Record<string, unknown> {
  const box = keep({
    $: 'error',
    name: String(error.name),
    message: String(error.message),
    stack: error.stack === undefined ? undefined : String(error.stack),
  });
  if ('cause' in error) box['cause'] = inner(error.cause, 'cause');
  if (error instanceof AggregateError) box['errors'] = inner(error.errors, 'errors');
  // The runtime's own say more.
  if (error instanceof CallFailed) {
    box['to'] = inner(error.to, 'to');
    box['request'] = error.request;
  }
  if (error instanceof CallFailed || error instanceof Exited || error instanceof StartFailed)
    box['reason'] = inner(error.reason, 'reason');
  if (error instanceof Nocatch) box['value'] = inner(error.value, 'value');
  const fields = otherFields(error, box);
  if (fields !== undefined) box['fields'] = inner(fields, 'fields');
  return box;
}

/** What was set on it besides, as the `code` of Node's. */
function otherFields(error: Error, box: object): Record<string, unknown> | undefined {
  const keys = Object.keys(error).filter((key) => key === '$' || !Object.hasOwn(box, key));
  if (keys.length === 0) return undefined;
  return Object.fromEntries(keys.map((key) => [key, error[key as keyof Error]]));
}

/** By name: an error of the language is one of its kind again, so that `instanceof` holds. */
const KINDS: Readonly<Record<string, ErrorConstructor>> = {
  EvalError,
  RangeError,
  ReferenceError,
  SyntaxError,
  TypeError,
  URIError,
} as unknown as Readonly<Record<string, ErrorConstructor>>;

/** The other way round. */
export function openError(
  box: Record<string, unknown>,
  keep: (error: Error) => Error,
  inner: (field: string) => unknown,
): Error {
  const { message } = box as { message: string };
  const error = keep(bareError(box, inner));
  const hidden = { writable: true, enumerable: false, configurable: true };
  if (!('message' in error) || error.message !== message)
    Object.defineProperty(error, 'message', { ...hidden, value: message });
  if (error.name !== box['name'])
    Object.defineProperty(error, 'name', { ...hidden, value: box['name'] });
  Object.defineProperty(error, 'stack', { ...hidden, value: box['stack'] });
  for (const field of ['cause', 'errors'])
    if (field in box) Object.defineProperty(error, field, { ...hidden, value: inner(field) });
  for (const [key, value] of Object.entries((inner('fields') as object | undefined) ?? {}))
    Object.defineProperty(error, key, { ...hidden, enumerable: true, value });
  return error;
}

function bareError(box: Record<string, unknown>, inner: (field: string) => unknown): Error {
  switch (box['name']) {
    case 'CallFailed':
      if (!('request' in box)) break;
      return new CallFailed(inner('reason'), inner('to') as Target, box['request'] as string);
    case 'StartFailed':
      if ('reason' in box) return new StartFailed(inner('reason'), 'an actor');
      break;
    case 'Exited':
      if ('reason' in box) return exited(inner('reason'));
      break;
    case 'Nocatch':
      if ('value' in box) return new Nocatch(inner('value'));
  }
  if ('errors' in box) return new AggregateError([]);
  const kind = KINDS[box['name'] as string] ?? Error;
  return new kind(box['message'] as string);
}
