/** How a journal keeps, and for whom: what was asked for, checked. */

import type { Disk } from './disk.ts';
import type { Owner } from './owner.ts';
import { headerLength, LONGEST_HEADER } from './segment-header.ts';

/** How a journal keeps what it is given; all may be left out. */
export interface JournalOptions {
  /** When `commit` answers: when it is on disk (default), or when the operating system has it, which survives a kill of the process and not of the machine; then a sync is begun only when a segment is closed, and by compaction. */
  readonly sync?: 'disk' | 'os';
  /** A segment that is larger is closed, and another one begun. Default 64 MiB; at most 1 GiB. */
  readonly segmentBytes?: number;
  /** Damage in what had been kept: refuse to open (default), or pass over the rest of its segment, and tell of it. */
  readonly damage?: 'refuse' | 'skip';
  /** Default the host's. */
  readonly disk?: Disk;
}

export interface Plan {
  readonly sync: 'disk' | 'os';
  readonly segmentBytes: number;
  readonly damage: 'refuse' | 'skip';
}

const MIB = 1024 * 1024;
const LATEST_VERSION = 0xffff;

/** @throws RangeError or TypeError for options that are none, or an owner that is none. */
export function planOf(owner: Owner, options: JournalOptions): Plan {
  const { sync = 'disk', segmentBytes = 64 * MIB, damage = 'refuse', disk: _, ...others } = options;
  const [unknown] = Object.keys(others);
  if (unknown !== undefined) {
    throw new TypeError(`Cannot open a journal with "${unknown}": there is no such option`);
  }
  if (sync !== 'disk' && sync !== 'os') {
    throw new TypeError(`Cannot open a journal with sync "${sync}": it is 'disk' or 'os'`);
  }
  if (damage !== 'refuse' && damage !== 'skip') {
    throw new TypeError(`Cannot open a journal with damage "${damage}": it is 'refuse' or 'skip'`);
  }
  if (!(Number.isInteger(segmentBytes) && segmentBytes > 0 && segmentBytes <= 1024 * MIB)) {
    throw new RangeError(
      `Cannot open a journal with segments of ${segmentBytes} bytes: it is a whole number from 1 to 1 GiB`,
    );
  }
  checkFormat(owner.format);
  return { sync, segmentBytes, damage };
}

function checkFormat({ name, version }: Owner['format']): void {
  if (!(Number.isInteger(version) && version >= 0 && version <= LATEST_VERSION)) {
    throw new RangeError(
      `Cannot open a journal of version ${version}: it is a whole number from 0 to ${LATEST_VERSION}`,
    );
  }
  if (headerLength(name) > LONGEST_HEADER) {
    throw new RangeError(
      `Cannot open a journal of "${name.slice(0, 20)}…": the name is too long for a header`,
    );
  }
}
