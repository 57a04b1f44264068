/** Ids on the wire are UUIDs, as Celery's are: those that are none are turned into one, always the same. */

import { createHash } from 'node:crypto';

const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i;
/** That of this package, which the others are made in (RFC 9562, version 5). */
const SPACE = Buffer.from('6f2d1ad41b0e4b5f9a2c8c0d7a3e5b91', 'hex');

export function wireId(id: string): string {
  return UUID.test(id) ? id : named(id);
}

/** The same for the same name. */
export function named(name: string): string {
  const bytes = createHash('sha1').update(SPACE).update(name).digest().subarray(0, 16);
  bytes[6] = ((bytes[6] as number) & 0x0f) | 0x50;
  bytes[8] = ((bytes[8] as number) & 0x3f) | 0x80;
  const hex = bytes.toString('hex');
  return [
    hex.slice(0, 8),
    hex.slice(8, 12),
    hex.slice(12, 16),
    hex.slice(16, 20),
    hex.slice(20),
  ].join('-');
}
