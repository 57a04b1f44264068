/** Where a Redis is, read from its URL, of which no secret may be shown; and a client for it. */

import { Redis } from 'ioredis';

export interface RedisPlace {
  readonly options: {
    readonly host: string;
    readonly port: number;
    readonly db: number;
    readonly username?: string;
    readonly password?: string;
    readonly tls?: { readonly rejectUnauthorized: boolean };
  };
  readonly database: number;
  /** For messages and errors: without user and password. */
  readonly shown: string;
  /** After so long, what somebody holds and does not refresh is given to others. */
  readonly visibilityMs: number;
}

const HOUR_S = 3600;
const FIRST_MS = 50;
const LONGEST_MS = 2000;

/** @throws TypeError, which does not show the URL, since a password may be in it. */
export function redisPlaceOf(url: string): RedisPlace {
  const parsed = URL.canParse(url) ? new URL(url) : undefined;
  if (parsed === undefined)
    throw new TypeError(
      'Cannot join Celery: a URL cannot be read; it is redis://USER:PASSWORD@HOST:PORT/DATABASE',
    );
  const { protocol, hostname, port, pathname, searchParams } = parsed;
  const database = Number(pathname.slice(1) || '0');
  if (!Number.isInteger(database) || database < 0)
    throw new TypeError(
      `Cannot join Celery: the database of a Redis is a number, not ${pathname.slice(1)}`,
    );
  const host = hostname.replace(/^\[|\]$/g, '') || 'localhost';
  const number = port === '' ? 6379 : Number(port);
  const isSecure = protocol === 'rediss:';
  const isChecked = !/none/i.test(searchParams.get('ssl_cert_reqs') ?? '');
  return {
    database,
    shown: `${protocol}//${hostname || host}:${number}/${database}`,
    visibilityMs: 1000 * Number(searchParams.get('visibility_timeout') ?? HOUR_S),
    options: {
      host,
      port: number,
      db: database,
      ...(parsed.username !== '' && { username: decodeURIComponent(parsed.username) }),
      ...(parsed.password !== '' && { password: decodeURIComponent(parsed.password) }),
      ...(isSecure && { tls: { rejectUnauthorized: isChecked } }),
    },
  };
}

/** It connects by itself, and again for ever; what was sent to a connection that is lost is sent once more. */
export function clientOf({ options }: RedisPlace, name: string): Redis {
  const its = {
    ...options,
    connectionName: name.replace(/\s/g, '-'),
    maxRetriesPerRequest: null,
    lazyConnect: true,
    retryStrategy: (times: number) => Math.min(LONGEST_MS, FIRST_MS * 2 ** Math.min(times, 10)),
  };
  const client = new Redis(its);
  // Its end is told by 'close'; an event without a listener would be an error of the process.
  client.on('error', () => undefined);
  return client;
}
