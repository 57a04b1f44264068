/** How a server answers: JSON that ends in a newline, kept by nobody, and errors with a code and a sentence. */

import type { HttpBindings } from '@hono/node-server';
import type { Context } from 'hono';

export type Env = { Bindings: HttpBindings };

export const HEADERS = {
  'Cache-Control': 'no-store',
  'Content-Security-Policy':
    "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
  'Referrer-Policy': 'no-referrer',
  'X-Content-Type-Options': 'nosniff',
};

/** A caller's mistake: whoever finds it throws it, and it is the answer. */
export class Refused extends Error {
  readonly status: number;
  readonly code: string;

  constructor(status: number, code: string, message: string) {
    super(message);
    this.status = status;
    this.code = code;
  }
}

export function json(c: Context<Env>, status: number, text: string): Response {
  return c.body(`${text}\n`, status as 200, {
    ...HEADERS,
    'Content-Type': 'application/json; charset=utf-8',
  });
}

export function fault(c: Context<Env>, status: number, error: string, message: string): Response {
  return json(c, status, JSON.stringify({ status: 'error', error, message }));
}
