/** Owners of journals, for tests. */

import type { Entry, JournalEvent, Owner, Position } from '@beamish/journal';

const encoder = new TextEncoder();
const decoder = new TextDecoder();

export function bytesOf(text: string): Uint8Array {
  return encoder.encode(text);
}

export function textOf(bytes: Uint8Array): string {
  return decoder.decode(bytes);
}

export interface Recorder extends Owner {
  /** What was replayed, as text and as it came. */
  readonly texts: string[];
  readonly entries: Entry[];
  readonly versions: number[];
  readonly events: JournalEvent[];
  readonly moves: { readonly from: Position; readonly to: Position }[];
}

/** Keeps what it is told. Everything is live to it, unless `isLive` says otherwise. */
export function recorder(
  isLive: (entry: Entry) => boolean = () => true,
  format = { name: 'test', version: 1 },
): Recorder {
  const its: Recorder = {
    format,
    texts: [],
    entries: [],
    versions: [],
    events: [],
    moves: [],
    replay(entry, version) {
      its.texts.push(textOf(entry.bytes));
      its.entries.push(entry);
      its.versions.push(version);
    },
    isLive,
    moved(entry, to) {
      its.moves.push({ from: entry.at, to });
    },
    tell(event) {
      its.events.push(event);
    },
  };
  return its;
}
