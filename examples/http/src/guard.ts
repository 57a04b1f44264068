/** Who may ask, and how much: what is checked of a request before anybody reads it. */

import type { Context } from 'hono';
import { type Env, Refused } from './answers.ts';

/** What bodies may have, and how long they may take to come. */
const MOST_BYTES = 16 * 1024;
export const LONGEST_MS = 10_000;

const LOOPBACK = ['127.0.0.1', 'localhost', '[::1]'];
/** What curl says of `-d`; a page of another site can send it, too, so its Origin is what counts. */
const TAKEN_AS_JSON = ['application/json', 'application/x-www-form-urlencoded'];

/** Whether a page of another site, or a name that somebody else has pointed here, is behind the request. */
export function isForeign(headers: Headers, host: string, port: number): boolean {
  const names = [...LOOPBACK, host].map((name) => `${name}:${port}`);
  const asked = headers.get('host') ?? '';
  if (!names.includes(asked)) return true;
  const origin = headers.get('origin');
  return origin !== null && origin !== `http://${asked}`;
}

function isJson(headers: Headers): boolean {
  const type = headers.get('content-type')?.split(';')[0]?.trim().toLowerCase();
  return type === undefined || TAKEN_AS_JSON.includes(type);
}

/** The body of a question as text. @throws Refused for what is no JSON, or too long; the rest is not read. */
export async function bodyOf(c: Context<Env>): Promise<string> {
  if (!isJson(c.req.raw.headers))
    throw new Refused(415, 'unsupported_media_type', 'Send JSON, as application/json');
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of c.env.incoming as AsyncIterable<Buffer>) {
    bytes += chunk.length;
    if (bytes > MOST_BYTES) {
      c.header('Connection', 'close');
      throw new Refused(413, 'too_large', `At most ${MOST_BYTES} bytes`);
    }
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString('utf8');
}
