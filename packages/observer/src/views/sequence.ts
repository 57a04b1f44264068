/** What was sent, merged from what each system has recorded, and what of it somebody asks for. */

import type { Label, Pid } from 'beamish';
import type { Happening } from '../terms/happening.ts';
import { remembered } from '../terms/text.ts';
import type { Fate, MessageKind, MessageView, Sequence, SequenceOptions } from '../terms/view.ts';
import { type MessageRow, type PidText, parsePid, pidText } from '../terms/wire.ts';

const KINDS: readonly MessageKind[] = ['message', 'reply', 'signal', 'timer', 'call', 'cast'];
const FATES: readonly Fate[] = [
  'waiting',
  'taken',
  'dead_letter',
  'late_reply',
  'flushed',
  'unknown',
];
/** Numbers of one system's messages are apart from another's by so many. */
const APART = 2 ** 40;

export interface SystemMessages {
  /** Which of the systems it is, for the numbers of its messages to stay the same; by default, by its place. */
  readonly nth?: number;
  readonly system: string;
  readonly incarnation: number;
  readonly at: number;
  readonly tags: readonly (readonly [number, string])[];
  readonly rows: readonly MessageRow[];
  readonly missed: number | undefined;
  readonly until: number;
}

interface Half {
  view: MessageView;
  readonly from: PidText;
  readonly to: PidText;
  /** Which system has recorded it. */
  readonly by: string;
  isJoined: boolean;
}

/** By when they were sent. Of two records of one message, the sender's and the receiver's, one is made. */
export function merge(
  all: readonly SystemMessages[],
  pidOf: (text: PidText) => Pid | undefined,
): MessageView[] {
  const halves = all.flatMap((its, i) => halvesOf(its, (its.nth ?? i) * APART, pidOf));
  if (all.length < 2) return halves.map(({ view }) => view);
  const until = Math.min(...all.map((its) => its.until));
  return join(halves)
    .filter(({ sentAt }) => sentAt <= until)
    .map((view) =>
      view.takenAt !== undefined && view.takenAt < view.sentAt
        ? { ...view, takenAt: view.sentAt }
        : view,
    )
    .sort((a, b) => a.sentAt - b.sentAt || a.id - b.id);
}

export function sequenceOf(
  messages: readonly MessageView[],
  options: SequenceOptions,
  told: {
    readonly labelOf: (pid: Pid) => Label;
    readonly events: readonly Happening[];
    readonly missed: number | undefined;
  },
): Sequence {
  const wanted = pick(messages, options);
  const first = wanted[0]?.sentAt;
  const from = first === undefined ? 0 : Math.floor(first);
  return {
    lifelines: lifelinesOf(wanted, told.labelOf),
    messages: wanted,
    events: told.events.filter(({ at }) => at >= from),
    missed: told.missed,
  };
}

function pick(
  messages: readonly MessageView[],
  { last = 200, actors, tags, causesOf, causedBy }: SequenceOptions,
): readonly MessageView[] {
  let picked = messages;
  if (causesOf !== undefined) picked = causes(messages, causesOf);
  if (causedBy !== undefined) picked = consequences(picked, causedBy);
  if (actors !== undefined) {
    const keys = new Set(actors.map(pidText));
    const isOne = (who: Pid | string) => typeof who !== 'string' && keys.has(pidText(who));
    picked = picked.filter(({ from, to }) => isOne(from) || isOne(to));
  }
  if (tags !== undefined) picked = picked.filter(({ tag }) => tags.includes(tag));
  return picked.slice(-last);
}

function causes(messages: readonly MessageView[], of: number): readonly MessageView[] {
  const known = new Map(messages.map((message) => [message.id, message]));
  const chain: MessageView[] = [];
  for (
    let at = known.get(of);
    at !== undefined;
    at = at.cause === undefined ? undefined : known.get(at.cause)
  )
    chain.unshift(at);
  return chain;
}

export function consequences(messages: readonly MessageView[], of: number): readonly MessageView[] {
  const found = new Set([of]);
  return messages.filter(({ id, cause }) => {
    const is = id === of || (cause !== undefined && found.has(cause));
    if (is) found.add(id);
    return is;
  });
}

/** In the order of their first appearance. */
export function lifelinesOf(
  messages: readonly MessageView[],
  labelOf: (pid: Pid) => Label,
): Label[] {
  const seen = new Map<PidText, Label>();
  for (const { from, to } of messages)
    for (const who of [from, to]) {
      if (typeof who === 'string') continue;
      const key = pidText(who);
      if (!seen.has(key)) seen.set(key, labelOf(who));
    }
  return [...seen.values()];
}

function halvesOf(
  { system, incarnation, at, tags, rows }: SystemMessages,
  apart: number,
  pidOf: (text: PidText) => Pid | undefined,
): Half[] {
  const names = new Map(tags);
  const sender = remembered(pidOf);
  const receiver = remembered((to: string) =>
    parsePid(to) === undefined ? to : (sender(to) ?? to),
  );
  const time = (us: number): number | undefined => (us < 0 ? undefined : at + us / 1000);
  return rows.map((row) => {
    const [id, from, to, tag, kind, cause, sent, taken, done, fate, payload] = row;
    return {
      from,
      to,
      by: `${system}@${incarnation}`,
      isJoined: false,
      view: {
        id: id + apart,
        from: sender(from) as Pid,
        to: receiver(to),
        tag: names.get(tag) ?? '',
        kind: KINDS[kind] ?? 'message',
        cause: cause === 0 ? undefined : cause + apart,
        sentAt: at + sent / 1000,
        takenAt: time(taken),
        doneAt: time(done),
        fate: FATES[fate] ?? 'unknown',
        ...(payload === undefined ? {} : { payload }),
      },
    };
  });
}

/**
 * Batches keep order, so the next one that comes from an actor to another is the next that was sent. What has
 * another tag is not it: then the sender's was not recorded there, or was lost.
 */
function join(halves: readonly Half[]): MessageView[] {
  const coming = new Map<string, Half[]>();
  for (const half of halves) {
    if (isOf(half.from, half.by)) continue;
    const key = keyOf(half);
    const known = coming.get(key);
    if (known === undefined) coming.set(key, [half]);
    else known.push(half);
  }
  /** Numbers on the receiver's side that have become the sender's. */
  const renamed = new Map<number, number>();
  const views: MessageView[] = [];
  for (const half of halves) {
    if (!isOf(half.from, half.by)) continue;
    const waiting = isOf(half.to, half.by) ? undefined : coming.get(keyOf(half));
    const at = waiting?.findIndex(({ view }) => isSame(half.view, view)) ?? -1;
    const other = at < 0 ? undefined : waiting?.[at];
    if (other === undefined) {
      views.push(half.view);
      continue;
    }
    // Those before it came from one who was not recorded then.
    waiting?.splice(at, 1);
    other.isJoined = true;
    renamed.set(other.view.id, half.view.id);
    const { takenAt, doneAt, fate, payload, kind } = other.view;
    views.push({
      ...half.view,
      kind: half.view.kind === 'message' ? kind : half.view.kind,
      to: other.view.to,
      takenAt,
      doneAt,
      fate,
      ...(payload === undefined ? {} : { payload }),
    });
  }
  for (const half of halves) if (!isOf(half.from, half.by) && !half.isJoined) views.push(half.view);
  return views.map((view) => {
    const cause = view.cause === undefined ? undefined : renamed.get(view.cause);
    return cause === undefined ? view : { ...view, cause };
  });
}

/** Within so much, clocks of two threads are one. */
const CLOCKS_MS = 2;

function isSame(sent: MessageView, come: MessageView): boolean {
  const isReply = sent.kind === 'reply' && come.kind === 'reply';
  return (isReply || sent.tag === come.tag) && come.sentAt >= sent.sentAt - CLOCKS_MS;
}

/** Who has sent it, and to which system: the other side may know the receiver by another word. */
function keyOf({ from, to, by, view }: Half): string {
  const there = isOf(from, by) ? systemOf(to) : by.slice(0, by.lastIndexOf('@'));
  return `${from} ${there} ${view.kind === 'reply' ? 'reply' : ''}`;
}

function systemOf(to: string): string {
  const pid = parsePid(to);
  if (pid !== undefined) return pid.system;
  return /^<alias (.+)\.\d+>$/s.exec(to)?.[1] ?? /@([^@]+)$/s.exec(to)?.[1] ?? '';
}

function isOf(pid: PidText, by: string): boolean {
  const parts = parsePid(pid);
  return parts !== undefined && `${parts.system}@${parts.incarnation}` === by;
}

/** Views as rows of the wire, whichever systems they are of. */
export function rowsOfViews(messages: readonly MessageView[]): {
  readonly at: number;
  readonly tags: readonly (readonly [number, string])[];
  readonly rows: readonly MessageRow[];
} {
  const at = Math.floor(messages[0]?.sentAt ?? Date.now());
  const tags = new Map<string, number>();
  const idOf = (tag: string) => {
    const id = tags.get(tag) ?? tags.size;
    tags.set(tag, id);
    return id;
  };
  const after = (ms: number | undefined) => (ms === undefined ? -1 : Math.round((ms - at) * 1000));
  const text = (who: Pid | string) => (typeof who === 'string' ? who : pidText(who));
  const rows = messages.map((message): MessageRow => {
    const { id, from, to, tag, kind, cause, sentAt, takenAt, doneAt, fate, payload } = message;
    const row = [
      id,
      text(from),
      text(to),
      idOf(tag),
      KINDS.indexOf(kind),
      cause ?? 0,
      after(sentAt),
      after(takenAt),
      after(doneAt),
      FATES.indexOf(fate),
    ] as const;
    return payload === undefined ? row : [...row, payload];
  });
  return { at, tags: [...tags].map(([tag, id]) => [id, tag]), rows };
}
