/** Where a broker is, and who we are there: read from its URL. What is secret in it is shown nowhere. */

import { type ChannelModel, connect, type Options, type SocketOptions } from 'amqplib';

const DEFAULT_USER = 'guest';
/** Somebody listens there, and says nothing. */
/** How much is written at once. */
const WRITE_BYTES = 2 ** 18;
const HANDSHAKE_MS = 10_000;

/** A broker's URL, read. */
export class Place {
  /** For messages and errors: where it is and who we are, and no secret. */
  readonly shown: string;
  /** Silence for twice this is a lost connection. */
  readonly heartbeatMs: number;
  // Private, so that it is not in what is inspected: the password, and keys of TLS.
  readonly #options: Options.Connect;
  readonly #tls: object;

  /** @throws TypeError, which does not show the URL, since a password may be in it. */
  constructor(url: string, heartbeatMs: number, tls: object = {}) {
    const { protocol, hostname, port, pathname, username, password } = read(url);
    const host = hostname.replace(/^\[|\]$/g, '') || 'localhost';
    const isSecure = protocol === 'amqps:';
    const vhost = pathname.length > 1 ? decoded(pathname.slice(1)) : '/';
    const number = port === '' ? (isSecure ? 5671 : 5672) : Number(port);
    const user = decoded(username) || process.env['AMQP_USER'] || DEFAULT_USER;
    const heartbeat = Math.max(1, Math.round(heartbeatMs / 1000));
    this.heartbeatMs = heartbeat * 1000;
    this.#options = {
      protocol: isSecure ? 'amqps' : 'amqp',
      hostname: host,
      port: number,
      username: user,
      password: decoded(password) || process.env['AMQP_PASSWORD'] || DEFAULT_USER,
      vhost: encodeURIComponent(vhost),
      heartbeat,
    };
    this.#tls = tls;
    this.shown = `${protocol}//${hostname || host}:${number}/${encodeURIComponent(vhost)} as "${user}"`;
  }

  /** `name`: what RabbitMQ's tools call the connection. */
  connect(name: string): Promise<ChannelModel> {
    const options: SocketOptions & { writableHighWaterMark: number } = {
      ...this.#tls,
      noDelay: true,
      writableHighWaterMark: WRITE_BYTES,
      timeout: HANDSHAKE_MS,
      clientProperties: { connection_name: name },
    };
    return connect(this.#options, options);
  }
}

function read(url: string): URL {
  if (URL.canParse(url)) return new URL(url);
  throw new TypeError(
    'Cannot make a broker: its url cannot be read; it is amqp://USER:PASSWORD@HOST:PORT/VHOST',
  );
}

function decoded(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch (cause) {
    if (!(cause instanceof URIError)) throw cause;
    // Without the part, which may be a password.
    throw new TypeError('Cannot make a broker: its url has a % that begins no encoded character');
  }
}
