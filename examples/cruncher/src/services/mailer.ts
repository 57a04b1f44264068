// Notices as mail: by SMTP, or, so that nobody gets mail by trying this out, as files.

import { createHash } from 'node:crypto';
import { mkdir, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { createTransport } from 'nodemailer';
import { judge } from '../thorough/judge.ts';
import type { Notice } from './topology.ts';

/** What became of a mail. */
export type Outcome =
  | { readonly kind: 'sent' }
  /** It may be taken later. `isUnsure`: the connection was lost, and perhaps it was taken. */
  | { readonly kind: 'later'; readonly reason: string; readonly isUnsure: boolean }
  /** It will never be taken. */
  | { readonly kind: 'never'; readonly reason: string };

/** Never rejects. */
export type Mailer = (notice: Notice) => Promise<Outcome>;

/** A server, as nodemailer wants it. */
export interface Server {
  readonly host: string;
  readonly port: number;
  readonly secure: boolean;
  /** Nothing is sent before the connection is encrypted. */
  readonly requireTLS: boolean;
  readonly auth?: { readonly user: string; readonly pass: string };
  readonly tls?: { readonly ca?: string; readonly rejectUnauthorized?: boolean };
}

const NO_ANSWER_MS = 20_000;

/** Reads `smtp://user:password@host:port`, or `smtps:`; a user's password goes over no line in the clear. */
export function serverOf(url: string, env: NodeJS.ProcessEnv = {}): Server {
  const { protocol, hostname, port, username, password } = new URL(url);
  if (protocol !== 'smtp:' && protocol !== 'smtps:')
    throw new TypeError(`Cannot send mail by ${protocol}: it is smtp: or smtps:`);
  const secure = protocol === 'smtps:';
  const user = decodeURIComponent(username) || env['SMTP_USER'];
  const pass = decodeURIComponent(password) || env['SMTP_PASSWORD'] || '';
  return {
    host: hostname,
    port: Number(port || (secure ? 465 : 587)),
    secure,
    requireTLS: !secure && user !== undefined,
    ...(user !== undefined && { auth: { user, pass } }),
  };
}

export function smtpMailer(server: Server, from: string): Mailer {
  const transport = createTransport({
    ...server,
    connectionTimeout: NO_ANSWER_MS,
    greetingTimeout: NO_ANSWER_MS,
    socketTimeout: NO_ANSWER_MS,
  });
  return async (notice) => {
    const refusal = refusalOf(notice.address);
    if (refusal !== undefined) return { kind: 'never', reason: refusal };
    try {
      await transport.sendMail(mailOf(notice, from));
      return { kind: 'sent' };
    } catch (error) {
      return outcomeOf(error as Failure);
    }
  };
}

/** A dry run: writes what would be sent, a file each. */
export function outboxMailer(folder: string, from: string): Mailer {
  const transport = createTransport({ streamTransport: true, buffer: true, newline: 'unix' });
  return async (notice) => {
    const refusal = refusalOf(notice.address);
    if (refusal !== undefined) return { kind: 'never', reason: refusal };
    try {
      const { message } = await transport.sendMail(mailOf(notice, from));
      await mkdir(folder, { recursive: true });
      const file = join(folder, `${idOf(notice)}.eml`);
      // Whoever looks sees all of it or nothing.
      await writeFile(`${file}.part`, message as Buffer);
      await rename(`${file}.part`, file);
      return { kind: 'sent' };
    } catch (error) {
      return { kind: 'later', reason: (error as Error).message, isUnsure: false };
    }
  };
}

/**
 * The library parses what it is given, and finds recipients in what has a line break in it. So only what is
 * exactly one address, by this program's own grammar, gets that far.
 */
function refusalOf(address: string): string | undefined {
  const verdict = judge(address);
  if ('address' in verdict && verdict.address === address && !/\p{Cc}/u.test(address))
    return undefined;
  return `${JSON.stringify(address)} is no address that mail can be sent to`;
}

function mailOf(notice: Notice, from: string) {
  const { address, mayBeTwice } = notice;
  return {
    from,
    // Beside the header, for it is the envelope that decides; as an object, so that nothing is parsed.
    envelope: { from, to: [address] },
    to: { name: '', address },
    subject: 'Your address was found',
    messageId: `<${idOf(notice)}@cruncher.invalid>`,
    headers: {
      'Auto-Submitted': 'auto-generated',
      ...(mayBeTwice && { 'X-May-Be-Twice': 'yes; the Message-ID is that of the first' }),
    },
    text: [
      `Your address, ${address}, was found in a text that somebody has crunched.`,
      'You get this once. To get none, ask whoever runs the cruncher to stop the notifier of your name.',
      '',
    ].join('\n'),
  };
}

/** The same for all mails of one notice, so that those who get a second one can tell. */
function idOf({ name, address }: Notice): string {
  const readable = name.replace(/[^\w.-]/g, '_').slice(0, 40);
  return `${readable}-${createHash('sha256').update(address).digest('hex').slice(0, 16)}`;
}

interface Failure extends Error {
  readonly code?: string;
  readonly responseCode?: number;
  readonly syscall?: string;
}

/** 5xx is for ever. 4xx, and a server that cannot be reached, are not. */
function outcomeOf({ message, code, responseCode, syscall }: Failure): Outcome {
  const reason = message.replace(/\s+/g, ' ');
  if (responseCode === undefined) {
    const wasReached = syscall !== 'connect' && syscall !== 'getaddrinfo' && code !== 'EDNS';
    return { kind: 'later', reason, isUnsure: wasReached };
  }
  // A server that does not know this program is to be set right, and no reason to give the notice up.
  if (code === 'EAUTH' || responseCode < 500) return { kind: 'later', reason, isUnsure: false };
  return { kind: 'never', reason };
}
