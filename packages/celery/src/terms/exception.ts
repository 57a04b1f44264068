/** Failures as Celery stores them: the name, arguments and module of a Python exception. */

import type { FailedError } from '@beamish/tasks/engine';
import { reprOf } from './repr.ts';

export interface PythonException {
  readonly exc_type: string;
  readonly exc_message: readonly unknown[];
  readonly exc_module: string | null;
}

/** Those of Python whose names JavaScript or we use; whoever reads the result gets one of these. */
const BUILTINS = new Set([
  'ArithmeticError',
  'AssertionError',
  'AttributeError',
  'BaseException',
  'BrokenPipeError',
  'BufferError',
  'ConnectionError',
  'ConnectionRefusedError',
  'ConnectionResetError',
  'EOFError',
  'Exception',
  'FileExistsError',
  'FileNotFoundError',
  'FloatingPointError',
  'ImportError',
  'IndexError',
  'InterruptedError',
  'IsADirectoryError',
  'KeyError',
  'LookupError',
  'MemoryError',
  'ModuleNotFoundError',
  'NameError',
  'NotADirectoryError',
  'NotImplementedError',
  'OSError',
  'OverflowError',
  'PermissionError',
  'ProcessLookupError',
  'RecursionError',
  'ReferenceError',
  'RuntimeError',
  'StopIteration',
  'SyntaxError',
  'SystemError',
  'TimeoutError',
  'TypeError',
  'UnicodeError',
  'ValueError',
  'ZeroDivisionError',
]);

/** Those that take more than a message, so that Python could not make them of one. */
export function celeryException(
  type: 'NotRegistered' | 'TaskRevokedError' | 'ChordError' | 'InvalidTaskError',
  ...message: readonly unknown[]
): PythonException {
  return { exc_type: type, exc_message: message, exc_module: 'celery.exceptions' };
}

export function billiardException(
  type: 'SoftTimeLimitExceeded' | 'TimeLimitExceeded' | 'WorkerLostError',
  ...message: readonly unknown[]
): PythonException {
  return { exc_type: type, exc_message: message, exc_module: 'billiard.exceptions' };
}

/** Never without a name and a message, whatever was thrown. */
export function exceptionOf({ name, message }: FailedError): PythonException {
  const type = typeof name === 'string' && name !== '' ? name : 'Error';
  return {
    exc_type: type,
    exc_message: [String(message)],
    exc_module: BUILTINS.has(type) ? 'builtins' : null,
  };
}

/** As `repr(exception)`, for events and errors of chords. */
export function reprOfException({ exc_type, exc_message }: PythonException): string {
  return `${exc_type}(${exc_message.map(reprOf).join(', ')})`;
}

/** What Python stored, as an error of ours; older and odd results are read, too. */
export function failedErrorOf(result: unknown, traceback: unknown): FailedError {
  const { exc_type, exc_message, exc_module } = (result ?? {}) as Partial<PythonException>;
  const name = typeof exc_type === 'string' && exc_type !== '' ? exc_type : 'Error';
  const parts = Array.isArray(exc_message) ? exc_message : [exc_message ?? result ?? ''];
  const message = parts.map((part) => (typeof part === 'string' ? part : reprOf(part))).join(', ');
  return {
    name,
    message: message === '' ? name : message,
    ...(typeof traceback === 'string' && { stack: traceback }),
    ...(typeof exc_module === 'string' && { data: { module: exc_module } }),
  };
}
