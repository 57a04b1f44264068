// Who may come in. The page is on this machine, and any page of any site in any tab can send requests there: so the
// address that it was asked by, and where a request comes from, must be its own.

import type { Context, MiddlewareHandler } from 'hono';

/** What the page may do: load what is from here, and nothing that stands in its own text. */
const POLICY = [
  "default-src 'none'",
  "script-src 'self'",
  "worker-src 'self'",
  "style-src 'self'",
  "img-src 'self'",
  "connect-src 'self' blob:",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
  "require-trusted-types-for 'script'",
  'trusted-types cruncher-worker',
].join('; ');

export const HEADERS: Readonly<Record<string, string>> = {
  'Content-Security-Policy': POLICY,
  'Referrer-Policy': 'no-referrer',
  'X-Content-Type-Options': 'nosniff',
  'Cross-Origin-Opener-Policy': 'same-origin',
  'Cross-Origin-Resource-Policy': 'same-origin',
  'Cache-Control': 'no-store',
};

/** Lets in what is asked of one of these hosts, and changes things only for the page's own origin. */
export function gate(hosts: () => ReadonlySet<string>): MiddlewareHandler {
  return async (c, next) => {
    for (const [name, value] of Object.entries(HEADERS)) c.header(name, value);
    const host = c.req.header('host') ?? '';
    if (!hosts().has(host)) return refused(c, `This page is not at "${host}"`);
    const origin = c.req.header('origin');
    const isOwn = origin === `http://${host}`;
    // A link or an address that is typed has none, and changes nothing.
    const mayBeAbsent = c.req.method === 'GET' || c.req.method === 'HEAD';
    if (origin === undefined ? !mayBeAbsent : !isOwn)
      return refused(c, 'Only the page itself may ask for that');
    if (c.req.header('sec-fetch-site') === 'cross-site')
      return refused(c, 'Only the page itself may ask for that');
    return await next();
  };
}

function refused(c: Context, why: string): Response {
  return c.json({ error: why }, 403);
}
