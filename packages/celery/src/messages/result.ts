/** Results as Celery stores and sends them. */

import { failedErrorOf, type PythonException } from '../terms/exception.ts';
import { NotJson, type Numbers, pythonDate, readJson, writeJson } from '../terms/json.ts';
import { isDict } from './signature.ts';

export type Status = 'STARTED' | 'PROGRESS' | 'RETRY' | 'SUCCESS' | 'FAILURE' | 'REVOKED';

/** What a call has come to, or is at. */
export interface Result {
  readonly status: Status;
  /** The value; of what failed, its exception. */
  readonly result: unknown;
  readonly traceback?: string | undefined;
  /** Ids of what was called by it. */
  readonly children?: readonly string[];
}

export interface Whose {
  readonly id: string;
  readonly groupId: string | undefined;
  readonly parentId: string | undefined;
}

const READY: readonly string[] = ['SUCCESS', 'FAILURE', 'REVOKED'];

export function isReady(status: string): boolean {
  return READY.includes(status);
}

/** By rpc. @throws NotJson */
export function writeReply({ id }: Whose, result: Result): string {
  return writeJson({ task_id: id, ...common(result) });
}

/** In a store. The status is first, for whoever looks at the beginning only. @throws NotJson */
export function writeStored({ id, groupId, parentId }: Whose, result: Result, now: number): string {
  return writeJson({
    ...common(result),
    date_done: isReady(result.status) ? pythonDate(now) : null,
    ...(groupId !== undefined && { group_id: groupId }),
    ...(parentId !== undefined && { parent_id: parentId }),
    task_id: id,
  });
}

function common({ status, result, traceback, children = [] }: Result): Record<string, unknown> {
  return {
    status,
    result: result ?? null,
    traceback: traceback ?? null,
    children: children.map((id) => [[id, null], null]),
  };
}

/** What came of a call of ours. */
export type Answer =
  | { readonly kind: 'pending'; readonly status: string; readonly result: unknown }
  | { readonly kind: 'succeeded'; readonly value: unknown }
  | { readonly kind: 'failed'; readonly error: ReturnType<typeof failedErrorOf> }
  | { readonly kind: 'revoked'; readonly error: ReturnType<typeof failedErrorOf> };

export interface Answered {
  readonly id: string;
  readonly answer: Answer;
}

/** Undefined for what is no result. */
export function readResult(text: string, numbers: Numbers = {}): Answered | undefined {
  let meta: unknown;
  try {
    meta = readJson(text, numbers);
  } catch (error) {
    return refusedResult(text, error);
  }
  if (!isDict(meta) || typeof meta['task_id'] !== 'string' || typeof meta['status'] !== 'string')
    return undefined;
  const { task_id: id, status, result, traceback } = meta;
  return { id, answer: answerOf(status, result, traceback) };
}

function answerOf(status: string, result: unknown, traceback: unknown): Answer {
  switch (status) {
    case 'SUCCESS':
      return { kind: 'succeeded', value: result ?? null };
    case 'FAILURE':
      return { kind: 'failed', error: failedErrorOf(result, traceback) };
    case 'REVOKED':
      return { kind: 'revoked', error: failedErrorOf(result, traceback) };
    default:
      return { kind: 'pending', status, result };
  }
}

/** A result whose numbers are not wanted is a failure of its call, if it can be said whose it is. */
function refusedResult(text: string, error: unknown): Answered | undefined {
  try {
    const meta = readJson(text, { notFinite: 'null' });
    if (!isDict(meta) || typeof meta['task_id'] !== 'string') return undefined;
    const name = error instanceof NotJson ? 'NotJson' : 'Error';
    const message = `The result cannot be taken: ${(error as Error).message}`;
    return { id: meta['task_id'], answer: { kind: 'failed', error: { name, message } } };
  } catch {
    // It is no JSON, so nobody can say whose it was.
    return undefined;
  }
}

/** A part of a chord, as it is kept until all are there. */
export function writePart(id: string, status: Status, result: unknown): string {
  return writeJson([1, id, status, result ?? null]);
}

/** The value of a part. `error` says which part failed, and how. */
export function readPart(text: string): { readonly value: unknown } | { readonly error: string } {
  const part = readJson(text, { notFinite: 'null' });
  const [, id, status, result] = Array.isArray(part) ? (part as readonly unknown[]) : [];
  if (status === 'SUCCESS') return { value: result };
  return { error: `Dependency ${String(id)} raised ${shown(result)}` };
}

function shown(result: unknown): string {
  const { exc_type, exc_message } = (result ?? {}) as Partial<PythonException>;
  const parts = Array.isArray(exc_message) ? exc_message : [];
  const texts = parts.map((part) => (typeof part === 'string' ? `'${part}'` : String(part)));
  return `${exc_type ?? 'Exception'}(${texts.join(', ')})`;
}
