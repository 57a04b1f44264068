/** Who may ask, and how much: what is checked of a request before anybody reads it. */

import type { IncomingMessage } from 'node:http';

/** What bodies may have, and how long they may take to come. */
export const MOST_BYTES = 16 * 1024;
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

export function isJson(headers: Headers): boolean {
  const type = headers.get('content-type')?.split(';')[0]?.trim().toLowerCase();
  return type === undefined || TAKEN_AS_JSON.includes(type);
}

/** The body as text; undefined if it is too long, and the rest is not read. */
export async function bodyOf(request: IncomingMessage): Promise<string | undefined> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    bytes += chunk.length;
    if (bytes > MOST_BYTES) return undefined;
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString('utf8');
}
