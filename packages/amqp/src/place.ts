/** Where a broker is, and who we are there: read from its URL, of which no secret may be shown. */

import type { Options } from 'amqplib';

export interface Place {
  readonly connect: Options.Connect;
  /** For messages and errors: without user and password. */
  readonly shown: string;
}

const DEFAULT_USER = 'guest';

/** @throws TypeError, which does not show the URL, since a password may be in it. */
export function placeOf(url: string, heartbeatMs: number): Place {
  const parsed = URL.canParse(url) ? new URL(url) : undefined;
  if (parsed === undefined) {
    throw new TypeError(
      'Cannot make a broker: its url cannot be read; it is amqp://USER:PASSWORD@HOST:PORT/VHOST',
    );
  }
  const { protocol, hostname, port, pathname } = parsed;
  const host = hostname.replace(/^\[|\]$/g, '') || 'localhost';
  const isSecure = protocol === 'amqps:';
  const vhost = pathname.length > 1 ? decodeURIComponent(pathname.slice(1)) : '/';
  const number = port === '' ? (isSecure ? 5671 : 5672) : Number(port);
  return {
    connect: {
      protocol: isSecure ? 'amqps' : 'amqp',
      hostname: host,
      port: number,
      username: decodeURIComponent(parsed.username) || process.env['AMQP_USER'] || DEFAULT_USER,
      password: decodeURIComponent(parsed.password) || process.env['AMQP_PASSWORD'] || DEFAULT_USER,
      vhost,
      heartbeat: Math.max(1, Math.round(heartbeatMs / 1000)),
    },
    shown: `${protocol}//${hostname || host}:${number}/${encodeURIComponent(vhost)}`,
  };
}
