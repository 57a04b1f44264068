/** What a recorder has, as rows of the wire and as views. */

import type { Pid } from 'beamish';
import { cut, remembered } from '../terms/text.ts';
import type { Fate, MessageKind, MessageView } from '../terms/view.ts';
import { type MessageRow, type PidText, pidText } from '../terms/wire.ts';
import { FATES, KINDS } from './ring.ts';

/** A message as the ring has it, before it is merged with those of other systems. */
export interface Recorded {
  readonly n: number;
  readonly from: Pid | string;
  readonly to: Pid | string;
  readonly tag: string;
  readonly kind: number;
  readonly cause: number;
  /** In ms since 1970. */
  readonly sent: number;
  readonly taken: number | undefined;
  readonly done: number | undefined;
  readonly fate: number;
  readonly payload: unknown;
}

/** Which of the recorded messages, of each system; all that are left out mean no limit. */
export interface WantedMessages {
  /** The last so many. */
  readonly last?: number;
  /** Those that were sent since then, in ms since 1970. */
  readonly after?: number;
  /** Those to this actor but what still waits there; of one that lives elsewhere, all to it. */
  readonly takenBy?: PidText;
}

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
  const text = remembered(textOf);
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
export function chainOf(chain: readonly Recorded[]): readonly MessageView[] {
  return chain.map((message) => ({
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

function textOf(party: Pid | string): string {
  return typeof party === 'string' ? cut(party, 120) : pidText(party);
}
