/** What a recorder has, as rows of the wire and as views. */

import type { Pid } from 'beamish';
import { cut } from '../terms/text.ts';
import type { Fate, MessageKind, MessageView } from '../terms/view.ts';
import { type MessageRow, pidText } from '../terms/wire.ts';
import type { Recorded, Recorder } from './recorder.ts';
import { FATES, KINDS } from './ring.ts';

export interface Rows {
  /** What times count from, in ms since 1970. */
  readonly at: number;
  readonly tags: readonly (readonly [number, string])[];
  readonly rows: readonly MessageRow[];
}

export function rowsOf(all: readonly Recorded[], withPayloads: boolean): Rows {
  const at = Math.floor(all[0]?.sent ?? Date.now());
  const tags = new Map<string, number>();
  const idOf = (tag: string): number => {
    const known = tags.get(tag);
    if (known !== undefined) return known;
    tags.set(tag, tags.size);
    return tags.size - 1;
  };
  const after = (ms: number | undefined) => (ms === undefined ? -1 : Math.round((ms - at) * 1000));
  const rows = all.map((message): MessageRow => {
    const { n, from, to, tag, kind, cause, sent, taken, done, fate, payload } = message;
    const row = [
      n,
      text(from),
      text(to),
      idOf(tag),
      kind,
      cause,
      after(sent),
      after(taken),
      after(done),
      fate,
    ] as const;
    return withPayloads && payload !== undefined ? [...row, payload] : row;
  });
  return { at, tags: [...tags].map(([tag, id]) => [id, tag]), rows };
}

/** What an actor is handling when it crashes, and what led to that. */
export function chainOf(recorder: Recorder, pid: Pid): readonly MessageView[] {
  return recorder.chain(pid).map((message) => ({
    id: message.n,
    from: message.from as Pid,
    to: message.to,
    tag: message.tag,
    kind: KINDS[message.kind] as MessageKind,
    cause: message.cause === 0 ? undefined : message.cause,
    sentAt: message.sent,
    takenAt: message.taken,
    doneAt: message.done,
    fate: FATES[message.fate] as Fate,
  }));
}

function text(party: Pid | string): string {
  return typeof party === 'string' ? cut(party, 120) : pidText(party);
}
