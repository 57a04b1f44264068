/** Remote control: what is asked of nodes, and how they answer. */

import { readJson, writeJson } from '../terms/json.ts';
import { isDict } from './signature.ts';
import { transient, type WireMessage } from './wire-message.ts';

export interface ControlRequest {
  readonly method: string;
  readonly args: Readonly<Record<string, unknown>>;
  readonly destination: readonly string[] | undefined;
  readonly pattern: string | undefined;
  readonly matcher: string | undefined;
  readonly ticket: string | undefined;
  /** Undefined if nobody waits for an answer. */
  readonly replyTo: { readonly exchange: string; readonly key: string } | undefined;
  readonly clock: unknown;
}

/** Undefined for what is no request, and for one that nobody waits for any more. */
export function readRequest(message: WireMessage, nowSeconds: number): ControlRequest | undefined {
  let body: unknown;
  try {
    body = readJson(message.body, { notFinite: 'null' });
  } catch {
    // It is for nobody who could be told.
    return undefined;
  }
  const { expires, clock } = message.headers;
  if (typeof expires === 'number' && expires > 0 && expires < nowSeconds) return undefined;
  if (!isDict(body) || typeof body['method'] !== 'string') return undefined;
  const { method, arguments: args, destination, pattern, matcher, ticket, reply_to } = body;
  return {
    method: method as string,
    args: isDict(args) ? args : {},
    destination: Array.isArray(destination) ? destination.map(String) : undefined,
    pattern: typeof pattern === 'string' ? pattern : undefined,
    matcher: typeof matcher === 'string' ? matcher : undefined,
    ticket: typeof ticket === 'string' ? ticket : undefined,
    replyTo: isDict(reply_to)
      ? { exchange: String(reply_to['exchange'] ?? ''), key: String(reply_to['routing_key'] ?? '') }
      : undefined,
    clock,
  };
}

/** Whether it is meant for this node. */
export function isFor(node: string, { destination, pattern, matcher }: ControlRequest): boolean {
  if (destination !== undefined && destination.length > 0) return destination.includes(node);
  if (pattern === undefined || matcher === undefined) return true;
  const expression = matcher === 'pcre' ? pattern : globbed(pattern);
  try {
    return new RegExp(expression).test(node);
  } catch {
    // A pattern that is none is nobody's.
    return false;
  }
}

/** As `fnmatch`: the whole of it, with `*`, `?` and `[…]`. */
function globbed(pattern: string): string {
  const body = pattern.replace(/\[!?[^\]]+\]|[\\^$.*+?()[\]{}|]/g, (c) => {
    if (c === '*') return '.*';
    if (c === '?') return '.';
    return c.length > 1 ? c.replace(/^\[!/, '[^') : `\\${c}`;
  });
  return `^${body}$`;
}

export function replyMessage(
  node: string,
  reply: unknown,
  { ticket }: ControlRequest,
  clock: number,
): WireMessage {
  return {
    properties: transient(),
    headers: { ...(ticket !== undefined && { ticket }), clock },
    body: writeJson({ [node]: reply }),
  };
}

export interface Asking {
  readonly method: string;
  readonly args: Readonly<Record<string, unknown>>;
  readonly nodes: readonly string[] | undefined;
  readonly ticket: string | undefined;
  readonly replyTo: { readonly exchange: string; readonly key: string } | undefined;
  readonly expires: number;
}

export function requestMessage(asking: Asking, clock: number): WireMessage {
  const { method, args, nodes, ticket, replyTo, expires } = asking;
  return {
    properties: { ...transient(), delivery_mode: 2 },
    headers: { clock, expires },
    body: writeJson({
      method,
      arguments: args,
      destination: nodes ?? null,
      pattern: null,
      matcher: null,
      ...(ticket !== undefined && { ticket }),
      ...(replyTo !== undefined && {
        reply_to: { exchange: replyTo.exchange, routing_key: replyTo.key },
      }),
    }),
  };
}

/** Replies by node; undefined for what is none. */
export function readReply(
  message: WireMessage,
): { readonly ticket: string; readonly replies: Readonly<Record<string, unknown>> } | undefined {
  const { ticket } = message.headers;
  if (typeof ticket !== 'string') return undefined;
  try {
    const replies = readJson(message.body, { notFinite: 'null' });
    return isDict(replies) ? { ticket, replies } : undefined;
  } catch {
    return undefined;
  }
}
