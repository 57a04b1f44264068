/** What can be spawned, with its types forgotten: what the runtime itself handles. `self-types.ts` has the types. */

import type { Actor } from './operation.ts';
import type { Name } from './pid.ts';
import { peek, show } from './printable.ts';

/** A body, whatever it takes and returns. */
export type AnyBody = (self: never, ...args: never[]) => Actor<unknown> | Promise<unknown>;

let named: AnyBody | undefined;
let itsName = '';

/**
 * What a body is called in reports, and to a tap. A function takes as long to tell its name as three
 * messages take, and many actors of one body are often spawned in a row.
 */
export function bodyName(body: AnyBody): string {
  if (body !== named) {
    named = body;
    const name = peek(body, 'name');
    itsName = typeof name === 'string' && name !== '' ? name : '(anonymous)';
  }
  return itsName;
}

/** What `portable` makes, seen without its types. */
export interface AnyPortable {
  readonly module: string;
  readonly exportName: string;
  readonly body: AnyBody;
}

export interface AnyConfigured {
  readonly body: AnySpawnable;
  readonly options: AnyOptions;
}

export interface AnyOptions {
  readonly name?: string | Name;
  readonly mailbox?: {
    readonly limit: number;
    readonly overflow: 'wait' | 'drop_newest' | 'drop_oldest' | 'exit';
  };
  readonly startTimeoutMs?: number;
  readonly link?: boolean;
  readonly signal?: AbortSignal;
  /** Set by what places actors. */
  readonly place?: Placement;
}

/** Where an actor is to run. */
export interface Placement {
  /** The name of the system, decided at each spawn. */
  choose(): string;
}

export type AnySpawnable = AnyBody | AnyPortable | AnyConfigured;

/** What a spawnable comes down to. */
export interface Plan {
  readonly body: AnyBody;
  readonly options: AnyOptions | undefined;
  /** The address of the body's code, if it has one. */
  readonly code: AnyPortable | undefined;
}

/** Stands for a body whose code is on its way. */
export const LOADING: AnyBody = async function loading() {};

/** The body and the options of whatever can be spawned; the outermost option wins. */
export function planOf(spawnable: AnySpawnable, name?: string | Name): Plan {
  let options: AnyOptions | undefined = name === undefined ? undefined : { name };
  let code: AnyPortable | undefined;
  let inner: AnySpawnable = spawnable;
  while (typeof inner === 'object' && inner !== null) {
    if ('options' in inner) options = { ...inner.options, ...options };
    else if ('module' in inner) code = inner;
    inner = inner.body;
  }
  if (typeof inner !== 'function') throw noBody(spawnable);
  return { body: inner, options, code };
}

function noBody(given: unknown): TypeError {
  const kind = Object.prototype.toString.call(given);
  const isCalled = kind === '[object Generator]' || kind === '[object Promise]';
  const made = kind === '[object Generator]' ? 'a generator' : 'a promise';
  return new TypeError(
    isCalled
      ? `Cannot spawn ${made}: pass the body itself, not what it returns, and its arguments after it: spawn(body, …)`
      : `Cannot spawn ${show(given)}: a body is a generator function or an async function`,
  );
}

/** Bodies that have started only when they say so; the others have as soon as they are spawned. */
const initialising = new WeakSet<object>();

/** Marks a body whose start is over when it calls `initialised`, as a server's is. */
export function startsByInit<B extends object>(body: B): B {
  initialising.add(body);
  return body;
}

export function hasInit(body: AnyBody): boolean {
  return initialising.has(body);
}

/** Bodies that supervise others: their end may take as long as it needs. */
const supervising = new WeakSet<object>();

export function supervises<B extends object>(body: B): B {
  supervising.add(body);
  return body;
}

export function isSupervising(body: AnyBody): boolean {
  return supervising.has(body);
}
