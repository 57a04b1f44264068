/**
 * Who may come in. A page in another tab, another user of the machine and a neighbour in the network can all
 * send requests here; they have neither the token nor, in a browser, the right `Host` and `Origin`.
 */

import { createHash, randomBytes, timingSafeEqual } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import { isIP } from 'node:net';

/** A fresh token has as many random bits. */
const TOKEN_BYTES = 24;
const SHORTEST_TOKEN = 22;
/** Wrong tokens in a minute, before who has none is not looked at for a minute. */
const MOST_WRONG = 20;
const MINUTE_MS = 60_000;

export type Refusal = { readonly status: 401 | 403 | 429; readonly why: string };
export type Entry =
  | { readonly ok: true; readonly viaAddress: boolean }
  | ({ readonly ok: false } & Refusal);

export class Gate {
  readonly token: string;
  readonly cookie: string;
  readonly #digest: Buffer;
  readonly #hosts: ReadonlySet<string>;
  readonly #port: number;
  /** Whether any address of the machine will do, as others are let in. */
  readonly #isRemote: boolean;
  #wrong: number[] = [];
  #closedUntil = 0;

  constructor(
    port: number,
    options: {
      readonly token: string | undefined;
      readonly hosts: readonly string[];
      readonly isRemote: boolean;
    },
  ) {
    this.#port = port;
    this.#isRemote = options.isRemote;
    this.token = options.token ?? randomBytes(TOKEN_BYTES).toString('base64url');
    this.cookie = `beamish-${port}`;
    this.#digest = digest(this.token);
    const own = ['localhost', '127.0.0.1', '[::1]'].map((host) => `${host}:${port}`);
    this.#hosts = new Set(
      [...own, ...options.hosts.flatMap((host) => [host, `${host}:${port}`])].map((host) =>
        host.toLowerCase(),
      ),
    );
  }

  /** `Host` and `Origin` first: to a stranger's page, the token's being right means nothing. */
  admit(request: IncomingMessage, url: URL, now: number): Entry {
    const host = this.#hostOf(request);
    if (host === undefined)
      return no(403, 'This address is not known here. Open the link that the program printed.');
    const origins = valuesOf(request, 'origin');
    if (
      origins.some(
        (origin) =>
          origin.toLowerCase() !== `http://${host}` && origin.toLowerCase() !== `https://${host}`,
      )
    )
      return no(403, 'Pages of other sites have no access.');
    const tokens = tokensOf(request, url, this.cookie);
    const right = tokens.find(({ token }) => this.#isRight(token));
    if (right !== undefined) return { ok: true, viaAddress: right.viaAddress };
    if (now < this.#closedUntil) return no(429, 'Too many wrong tokens. Wait a minute.');
    if (tokens.length > 0) {
      this.#wrong = [...this.#wrong.filter((at) => at > now - MINUTE_MS), now];
      if (this.#wrong.length > MOST_WRONG) {
        this.#closedUntil = now + MINUTE_MS;
        this.#wrong = [];
      }
    }
    return no(
      401,
      'This page needs its token. It is in the link that the program printed when it began to serve.',
    );
  }

  #hostOf(request: IncomingMessage): string | undefined {
    const hosts = valuesOf(request, 'host');
    const host = hosts[0]?.toLowerCase();
    if (hosts.length !== 1 || host === undefined) return undefined;
    if (this.#hosts.has(host)) return host;
    // A name can be made to mean this machine, an address cannot.
    const [, address = '', port] = /^\[?([\d.a-f:]+?)\]?:(\d+)$/.exec(host) ?? [];
    return this.#isRemote && isIP(address) !== 0 && Number(port) === this.#port ? host : undefined;
  }

  /** In constant time, whatever its length. */
  #isRight(token: string): boolean {
    return timingSafeEqual(digest(token), this.#digest);
  }
}

/** @throws RangeError for a token that could be guessed, and a host that others can reach without `allowRemote`. */
export function checkGate(host: string, allowRemote: boolean, token: string | undefined): void {
  if (
    token !== undefined &&
    (typeof token !== 'string' || token.length < SHORTEST_TOKEN || !/^[\w.~-]+$/.test(token))
  )
    throw new RangeError(
      `Cannot serve the page with that token: it has at least ${SHORTEST_TOKEN} characters, of A-Z, a-z, 0-9, "-", "_", "." and "~"`,
    );
  if (!isLoopback(host) && !allowRemote)
    throw new RangeError(
      `Cannot serve the page on '${host}': others can reach that, and see everything; allowRemote: true lets them`,
    );
}

export function isLoopback(host: string): boolean {
  return host === 'localhost' || host === '::1' || /^127\.\d+\.\d+\.\d+$/.test(host);
}

/** All that were sent: Node shows one of several. */
function valuesOf(request: IncomingMessage, name: string): string[] {
  const { rawHeaders } = request;
  const values: string[] = [];
  for (let i = 0; i + 1 < rawHeaders.length; i += 2)
    if (rawHeaders[i]?.toLowerCase() === name) values.push(rawHeaders[i + 1] as string);
  return values;
}

/** In the address only of the page itself; else as a cookie, or as a bearer's. */
function tokensOf(
  request: IncomingMessage,
  url: URL,
  cookie: string,
): { readonly token: string; readonly viaAddress: boolean }[] {
  const tokens: { readonly token: string; readonly viaAddress: boolean }[] = [];
  const { authorization, cookie: cookies = '' } = request.headers;
  for (const each of cookies.split(';')) {
    const [name, value] = each.trim().split('=');
    if (name === cookie && value !== undefined) tokens.push({ token: value, viaAddress: false });
  }
  if (authorization?.startsWith('Bearer ') === true)
    tokens.push({ token: authorization.slice('Bearer '.length), viaAddress: false });
  const inAddress = url.pathname === '/' ? url.searchParams.get('token') : null;
  if (inAddress !== null) tokens.unshift({ token: inAddress, viaAddress: true });
  return tokens;
}

function digest(text: string): Buffer {
  return createHash('sha256').update(text).digest();
}

function no(status: Refusal['status'], why: string): Entry {
  return { ok: false, status, why };
}
