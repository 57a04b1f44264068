/** A site: who may ask is checked first, what nobody has is not found, and a page is some files of a folder. */

import { readFileSync } from 'node:fs';
import { Hono } from 'hono';
import { type Env, fault, HEADERS, Refused } from './answers.ts';
import { isForeign } from './guard.ts';

export interface Place {
  readonly host: string;
  /** Known once it listens. */
  readonly port: () => number;
}

export function siteAt({ host, port }: Place): Hono<Env> {
  const site = new Hono<Env>();
  site.use(async (c, next) => {
    if (isForeign(c.req.raw.headers, host, port())) {
      const who = 'Only for pages and programs that ask for this address itself';
      return fault(c, 403, 'forbidden', who);
    }
    return next();
  });
  site.notFound((c) => fault(c, 404, 'not_found', `There is nothing at ${c.req.path}`));
  site.onError((error, c) => {
    if (error instanceof Refused) return fault(c, error.status, error.code, error.message);
    return fault(c, 500, 'internal', String(error));
  });
  return site;
}

/** After all routes of a path: other methods are refused with those that there are. */
export function allowOnly(site: Hono<Env>, paths: Readonly<Record<string, string>>): void {
  for (const [path, methods] of Object.entries(paths)) {
    site.all(path, (c) => {
      c.header('Allow', methods);
      const message = `There is ${methods} here, and no ${c.req.method}`;
      return fault(c, 405, 'method_not_allowed', message);
    });
  }
}

const COMMON = new URL('../page/', import.meta.url);

/** `index.html` at `/`, `page.js`, `page.css` and the common style, read once. */
export function servePage(site: Hono<Env>, folder: URL): void {
  for (const [path, from, file, type] of [
    ['/', folder, 'index.html', 'text/html'],
    ['/page.js', folder, 'page.js', 'text/javascript'],
    ['/page.css', folder, 'page.css', 'text/css'],
    ['/common.css', COMMON, 'common.css', 'text/css'],
  ] as const) {
    const text = readFileSync(new URL(file, from), 'utf8');
    site.get(path, (c) =>
      c.body(text, 200, { ...HEADERS, 'Content-Type': `${type}; charset=utf-8` }),
    );
  }
}
