/**
 * The wire: one JSON envelope each, over server-sent events, over a port between threads, one a line in a
 * file. A reader passes over kinds and trailing fields that it does not know, and refuses another version.
 * Strings that repeat are told once and named by number. Nothing else knows the positions of a row.
 */

import type { PanelView } from 'beamish/observation';
import type { WaitEdge } from './view.ts';

/** The version of what is said here. */
export const PROTOCOL = 1;

/** `system.serial`, and with its incarnation where that is not the one that `hello` told of: `system.serial@incarnation`. */
export type PidText = string;
/** Index of a string of its system, told of by `strings` before it is used. */
export type StringId = number;
/** 0 running, 1 runnable, 2 waiting, 3 awaiting, 4 suspended. */
export type StatusCode = 0 | 1 | 2 | 3 | 4;

/** What every envelope has. */
export interface Base {
  /** The version of the wire. */
  readonly v: typeof PROTOCOL;
  /** Milliseconds since 1970. */
  readonly at: number;
}

/** The program that is observed. */
export interface ProgramInfo {
  /** The name of the system that is observed. */
  readonly name: string;
  /** Of its process. */
  readonly pid: number;
  /** The version of the host. */
  readonly node: string;
  /** Its command line, without what follows the script. */
  readonly argv: readonly string[];
}

/** What a system shows at a look: what is not as it was in the frame before; all of it if the frame is `full`. */
export interface SystemFrame {
  /** Its name. */
  readonly system: string;
  /** Which life. */
  readonly incarnation: number;
  /** When it was looked at, in ms since 1970. */
  readonly at: number;
  /** The same on the system's own clock. */
  readonly clock: number;
  /** Everything is told; what is not told of is gone. */
  readonly full?: boolean;
  /** What it took to make, in ms; of another thread, which has to do it. */
  readonly tookMs?: number;
  /** How it is, if that is not `'up'`. */
  readonly status?: 'silent' | 'lost';
  /** Why it cannot be looked into: then nothing else is known of it. */
  readonly failed?: string;
  /** Figures of this moment. */
  readonly figures: readonly [
    actors: number,
    runnable: number,
    loopDelayMs: number,
    busy: number,
    heapBytes: number,
    received: number,
    recorded: number,
    timers: number,
  ];
  /** Since it began; never smaller than before. */
  readonly totals: readonly [
    spawned: number,
    ended: number,
    crashes: number,
    restarts: number,
    deadLetters: number,
    dropped: number,
  ];
  /** Strings that this frame, or a later one, names. */
  readonly strings: readonly (readonly [StringId, string])[];
  /** Who is there that was not. */
  readonly born: readonly (readonly [
    serial: number,
    parent: PidText | '',
    body: StringId,
    kind: 0 | 1 | 2,
    spawnedAt: number,
    mailboxLimit: number | null,
  ])[];
  /** Who was there and is not, and why. */
  readonly ended: readonly (readonly [serial: number, reason: string])[];
  /** `deadline` is on the system's clock. */
  readonly rows: readonly (readonly [
    serial: number,
    status: StatusCode,
    mailbox: number,
    reductions: number,
    waits: StringId,
    deadline: number | null,
  ])[];
  /** Also of one whose body has become known. */
  readonly names: readonly (readonly [
    serial: number,
    name: string | null,
    childId: string | null,
    body: StringId,
  ])[];
  /** Every wait before somebody; all of them in each frame. */
  readonly waits: readonly (readonly [
    from: PidText,
    to: PidText,
    why: WaitEdge['why'],
    what: string,
    leftMs: number | null,
  ])[];
  /** What supervisors show of themselves; `children` only of those that have an order. */
  readonly places: readonly (readonly [
    serial: number,
    strategy: string,
    count: number,
    intensity: number,
    periodMs: number,
    children: readonly PlaceRow[] | null,
  ])[];
}

/** Of a child that runs, or did: how often its place was filled anew, since the system is observed. */
export type PlaceRow = readonly [id: string | null, pid: PidText | null, restarts: number];

/** Times in microseconds after `at`; −1 for not. */
export type MessageRow = readonly [
  id: number,
  from: PidText,
  to: PidText,
  tag: StringId,
  kind: number,
  cause: number,
  sent: number,
  taken: number,
  done: number,
  fate: number,
  payload?: unknown,
];

/** From the observer to who looks. */
export type Downstream =
  | (Base & {
      readonly kind: 'hello';
      readonly client: string;
      readonly program: ProgramInfo;
      readonly systems: readonly (readonly [name: string, incarnation: number])[];
      readonly control: boolean;
      readonly payloads: boolean;
      readonly frameMs: number;
    })
  | (Base & {
      readonly kind: 'frame';
      readonly seq: number;
      readonly full: boolean;
      readonly systems: readonly SystemFrame[];
    })
  | (Base & { readonly kind: 'happened'; readonly events: readonly unknown[] })
  | (Base & {
      readonly kind: 'messages';
      readonly system: string;
      readonly tags: readonly (readonly [StringId, string])[];
      readonly rows: readonly MessageRow[];
      readonly missed: number;
    })
  | (Base & { readonly kind: 'panels'; readonly panels: readonly PanelView[] })
  | (Base & { readonly kind: 'detail'; readonly ask: number; readonly detail: unknown })
  | (Base & {
      readonly kind: 'answer';
      readonly ask: number;
      readonly ok: boolean;
      readonly reason?: string;
    })
  | (Base & { readonly kind: 'gap'; readonly missed: number })
  | (Base & { readonly kind: 'end'; readonly reason: 'closed' | 'shutdown' | 'lost' });

/** What can be watched, besides what is always told. */
export type WatchedView = 'actors' | 'messages' | 'waits' | 'panels';

/** From who looks to the observer. */
export type Upstream =
  | (Base & {
      readonly kind: 'watch';
      readonly views: readonly WatchedView[];
      readonly frameMs?: number;
    })
  | (Base & { readonly kind: 'ask'; readonly ask: number; readonly actor: PidText })
  | (Base & { readonly kind: 'act'; readonly ask: number; readonly action: unknown });

/** One a line in a file, one a message over a port, one an event over SSE. An unknown kind is passed over; another `v` is refused. */
export type Envelope = Downstream | Upstream;

/** A pid, taken apart. */
export interface PidParts {
  readonly system: string;
  readonly incarnation: number | undefined;
  readonly serial: number;
}

export function pidText(pid: {
  readonly system: string;
  readonly serial: number;
  readonly incarnation: number;
}): PidText {
  return `${pid.system}.${pid.serial}@${pid.incarnation}`;
}

/** Undefined for what is no pid. A system's name may have dots and signs of its own. */
export function parsePid(text: string): PidParts | undefined {
  const parts = /^(.+)\.(\d+)(?:@(\d+))?$/s.exec(text);
  if (parts === null) return undefined;
  const [, system = '', serial, incarnation] = parts;
  return {
    system,
    serial: Number(serial),
    incarnation: incarnation === undefined ? undefined : Number(incarnation),
  };
}

/** A name that another system is to look up, where a pid is expected. */
export function nameText(name: string, system: string): PidText {
  return `name ${JSON.stringify([name, system])}`;
}

export function isNameText(text: PidText): boolean {
  return text.startsWith('name [');
}

export function parseName(text: PidText): { readonly name: string; readonly system: string } {
  const [name, system] = JSON.parse(text.slice('name '.length)) as [string, string];
  return { name, system };
}

/** Tags of a receive as one string of the wire. */
export function joinTags(tags: readonly string[]): string {
  return tags.map((tag) => tag.replace(/\\/g, '\\\\').replace(/\n/g, '\\n')).join('\n');
}

export function splitTags(text: string): readonly string[] {
  if (text === '') return [];
  const tags = text.split('\n');
  if (!text.includes('\\')) return tags;
  return tags.map((tag) => tag.replace(/\\(.)/g, (_, sign) => (sign === 'n' ? '\n' : sign)));
}

/** Longest label, tag, reason and line of a stack. */
export const LONGEST = { label: 120, tag: 80, reason: 500, line: 200, lines: 20 } as const;
