/**
 * A task's message, read: protocol 2 (headers, and a body of arguments, keyword arguments and what follows) and
 * protocol 1 (all of it in the body). Nothing in a message makes reading it throw.
 */

import { celeryException, type PythonException } from '../terms/exception.ts';
import { momentOf, type Numbers, readJson } from '../terms/json.ts';
import { isDict, type SignatureDict, signatureOf, signaturesOf } from './signature.ts';
import type { WireMessage } from './wire-message.ts';

export interface Call {
  readonly id: string;
  readonly name: string;
  readonly args: readonly unknown[];
  readonly kwargs: Readonly<Record<string, unknown>>;
  /** How often it was tried before. */
  readonly retries: number;
  /** Milliseconds since 1970. */
  readonly eta: number | undefined;
  readonly expires: number | undefined;
  readonly softMs: number | undefined;
  readonly hardMs: number | undefined;
  readonly rootId: string;
  readonly parentId: string | undefined;
  readonly groupId: string | undefined;
  readonly groupIndex: number | undefined;
  /** Where results go by rpc. */
  readonly replyTo: string | undefined;
  readonly ignoreResult: boolean;
  readonly priority: number;
  readonly callbacks: readonly SignatureDict[];
  readonly errbacks: readonly SignatureDict[];
  /** The next step is the last of them. */
  readonly chain: readonly SignatureDict[];
  readonly chord: SignatureDict | undefined;
  readonly argsrepr: string | undefined;
  readonly kwargsrepr: string | undefined;
  readonly shadow: string | undefined;
  /** Headers that nobody but the program knows. */
  readonly headers: Readonly<Record<string, unknown>>;
}

export type Reading =
  | { readonly kind: 'call'; readonly call: Call }
  /** It names a task and somebody may wait for it, but it cannot be run. */
  | {
      readonly kind: 'invalid';
      readonly id: string;
      readonly name: string;
      readonly replyTo: string | undefined;
      readonly error: PythonException;
      /** What it was, as far as it was read. */
      readonly call: Call | undefined;
    }
  /** It is no task's message. */
  | { readonly kind: 'stray'; readonly why: string };

/** Headers that Celery itself sets, or brokers do. */
const KNOWN = new Set([
  ...['lang', 'task', 'id', 'shadow', 'eta', 'expires', 'group', 'group_index', 'retries'],
  ...['timelimit', 'root_id', 'parent_id', 'argsrepr', 'kwargsrepr', 'origin', 'ignore_result'],
  ...['replaced_task_nesting', 'stamped_headers', 'stamps', 'clock', 'redelivered', 'utc'],
  ...['meth', 'compression', 'delivery_info', 'hostname', 'x-beamish-crashes', 'x-beamish-held'],
]);

export function readCall(message: WireMessage, numbers: Numbers = {}): Reading {
  const { headers, properties } = message;
  const isSecond = typeof headers['task'] === 'string';
  const refusal = encodingRefusal(message);
  if (refusal !== undefined) return unreadable(message, refusal);
  let body: unknown;
  try {
    body = readJson(message.body, numbers);
  } catch (error) {
    return unreadable(message, (error as Error).message);
  }
  if (isDict(body) && (!isSecond || 'args' in body)) return readFirst(body, message);
  if (!isSecond)
    return { kind: 'stray', why: 'it has no header "task", and its body is no object with one' };
  const { id } = headers;
  if (typeof id !== 'string' || id === '')
    return { kind: 'stray', why: `it names the task ${String(headers['task'])}, and has no id` };
  if (!Array.isArray(body) || body.length < 3)
    return unreadable(
      message,
      'Its body is no list of arguments, keyword arguments and what follows',
    );
  const [args, kwargs, embed] = body as readonly unknown[];
  return completed({
    fields: headers,
    properties,
    args,
    kwargs,
    follows: isDict(embed) ? embed : {},
    own: Object.fromEntries(Object.entries(headers).filter(([key]) => !KNOWN.has(key))),
  });
}

/** What it says of itself cannot be read by anybody here. */
function encodingRefusal({ properties }: WireMessage): string | undefined {
  const { content_type: type = 'application/json', content_encoding: encoding = 'utf-8' } =
    properties;
  if (type !== 'application/json')
    return `Refusing to read content of type ${type}: only application/json is read`;
  if (!/^(utf-?8|us-ascii|ascii)$/i.test(encoding))
    return `Refusing to read content encoded as ${encoding}: only utf-8 is read`;
  return undefined;
}

function unreadable({ headers, properties }: WireMessage, why: string): Reading {
  const { id, task } = headers;
  if (typeof id !== 'string' || id === '') return { kind: 'stray', why };
  return invalid({
    id,
    name: typeof task === 'string' ? task : '',
    replyTo: properties.reply_to,
    why,
  });
}

function invalid(of: {
  readonly id: string;
  readonly name: string;
  readonly replyTo: string | undefined;
  readonly why: string;
  readonly error?: PythonException;
  readonly call?: Call;
}): Reading {
  const { id, name, replyTo, why, error = celeryException('InvalidTaskError', why), call } = of;
  return { kind: 'invalid', id, name, replyTo: replyTo || undefined, error, call };
}

/** Protocol 1. */
function readFirst(body: Readonly<Record<string, unknown>>, message: WireMessage): Reading {
  const { headers, properties } = message;
  const fields = {
    ...body,
    ...(body['task'] === undefined && { task: headers['task'], id: headers['id'] }),
  };
  if (typeof fields['task'] !== 'string' || typeof fields['id'] !== 'string' || fields['id'] === '')
    return { kind: 'stray', why: 'its body is an object without a task and an id' };
  const { callbacks, errbacks, chord, taskset, group } = body;
  return completed({
    fields: { ...fields, group: group ?? taskset, root_id: headers['root_id'] },
    properties,
    args: body['args'] ?? [],
    kwargs: body['kwargs'] ?? {},
    follows: { callbacks, errbacks, chord, chain: null },
    own: Object.fromEntries(Object.entries(headers).filter(([key]) => !KNOWN.has(key))),
  });
}

interface Parts {
  readonly fields: Readonly<Record<string, unknown>>;
  readonly properties: WireMessage['properties'];
  readonly args: unknown;
  readonly kwargs: unknown;
  readonly follows: Readonly<Record<string, unknown>>;
  readonly own: Readonly<Record<string, unknown>>;
}

function completed({ fields, properties, args, kwargs, follows, own }: Parts): Reading {
  const [id, name] = [fields['id'] as string, fields['task'] as string];
  const replyTo = properties.reply_to || undefined;
  const [hardMs, softMs] = limitsOf(fields['timelimit']);
  const callbacks = signaturesOf(follows['callbacks']);
  const errbacks = signaturesOf(follows['errbacks']);
  const chain = signaturesOf(follows['chain']);
  const eta = momentOf(fields['eta']);
  const expires = expiryOf(fields['expires']);
  const call: Call = {
    id,
    name,
    args: Array.isArray(args) ? args : [],
    kwargs: isDict(kwargs) ? kwargs : {},
    retries: countOf(fields['retries']),
    eta,
    expires,
    hardMs,
    softMs,
    rootId: textOf(fields['root_id']) ?? id,
    parentId: textOf(fields['parent_id']),
    groupId: textOf(fields['group']),
    groupIndex: typeof fields['group_index'] === 'number' ? fields['group_index'] : undefined,
    replyTo,
    ignoreResult: fields['ignore_result'] === true,
    priority: countOf(properties.priority),
    callbacks: callbacks ?? [],
    errbacks: errbacks ?? [],
    chain: chain ?? [],
    chord: signatureOf(follows['chord']),
    argsrepr: textOf(fields['argsrepr']),
    kwargsrepr: textOf(fields['kwargsrepr']),
    shadow: textOf(fields['shadow']),
    headers: own,
  };
  const refuse = (why: string, error?: PythonException): Reading =>
    invalid({ id, name, replyTo, why, call, ...(error !== undefined && { error }) });
  if (!isDict(kwargs)) return refuse('Task keyword arguments is not a mapping');
  if (!Array.isArray(args)) return refuse('', typeError('Task arguments are no list'));
  if (isGiven(fields['eta']) && eta === undefined)
    return refuse(`Invalid ETA value ${String(fields['eta'])}: it is no date`);
  if (isGiven(fields['expires']) && expires === undefined)
    return refuse(`Invalid expires value ${String(fields['expires'])}: it is no date`);
  if (callbacks === undefined || errbacks === undefined || chain === undefined)
    return refuse('What is to follow it holds what is no signature');
  return { kind: 'call', call };
}

function typeError(message: string): PythonException {
  return { exc_type: 'TypeError', exc_message: [message], exc_module: 'builtins' };
}

function isGiven(value: unknown): boolean {
  return value !== null && value !== undefined;
}

function textOf(value: unknown): string | undefined {
  return typeof value === 'string' && value !== '' ? value : undefined;
}

function countOf(value: unknown): number {
  return typeof value === 'number' && Number.isInteger(value) && value > 0 ? value : 0;
}

/** A date, or seconds since 1970. */
function expiryOf(value: unknown): number | undefined {
  return typeof value === 'number' && Number.isFinite(value) ? value * 1000 : momentOf(value);
}

/** Seconds, hard and soft, as milliseconds. */
function limitsOf(value: unknown): readonly [number | undefined, number | undefined] {
  const [hard, soft] = Array.isArray(value) ? (value as readonly unknown[]) : [];
  return [msOf(hard), msOf(soft)];
}

function msOf(seconds: unknown): number | undefined {
  return typeof seconds === 'number' && seconds > 0 ? Math.ceil(seconds * 1000) : undefined;
}
