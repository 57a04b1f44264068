/** What a station is asked, and what it answers: the same in this thread and in others, so plain data alone. */

import type { ActionResult, PanelView } from 'beamish/observation';
import type { EventKind } from '../terms/happening.ts';
import type { MessageRow, PidText, SystemFrame } from '../terms/wire.ts';
import type { Histogram } from './message-times.ts';
import type { WantedMessages } from './recorded.ts';

/** Told only to who asks. */
export const ON_DEMAND = [
  'spawn',
  'exit',
  'link',
  'unlink',
  'monitor',
  'demonitor',
  'exit_signal',
  'timeout',
  'name',
] as const satisfies readonly EventKind[];
export type OnDemand = (typeof ON_DEMAND)[number];

/** How a station is set up. */
export interface StationSettings {
  readonly keepMessages: number;
  readonly budget: number;
  /** `redact` cannot cross to a thread; there the default one stands in for it, and what it would have changed is left out. */
  readonly payloads:
    | { readonly tags?: readonly string[]; readonly depth?: number; readonly bytes?: number }
    | undefined;
  readonly control: boolean;
}

export type Order =
  | { readonly kind: 'look'; readonly full: boolean }
  | { readonly kind: 'detail'; readonly serial: number; readonly state: boolean }
  | { readonly kind: 'unmatched'; readonly serials: readonly number[] }
  | { readonly kind: 'links' }
  | { readonly kind: 'record'; readonly on: boolean }
  /** Whose times are to be exact, in whichever system it lives. */
  | { readonly kind: 'single'; readonly actor: PidText | undefined }
  | ({ readonly kind: 'messages' } & WantedMessages)
  | { readonly kind: 'demand'; readonly kinds: readonly OnDemand[] }
  | { readonly kind: 'turns' }
  | { readonly kind: 'copies' }
  | { readonly kind: 'panels' }
  | { readonly kind: 'counts' }
  | { readonly kind: 'act'; readonly action: PlainAction };

/** An action with its pid as text. */
export type PlainAction = {
  readonly kind: string;
  readonly to?: PidText;
  readonly [field: string]: unknown;
};

export interface Answers {
  readonly look: SystemFrame;
  readonly detail: DetailAnswer | undefined;
  readonly unmatched: readonly (readonly [serial: number, tags: readonly TagCount[]])[];
  readonly links: readonly (readonly [serial: number, links: number])[];
  readonly record: undefined;
  readonly single: undefined;
  readonly messages: MessagesAnswer;
  readonly demand: undefined;
  readonly turns: readonly LongTurn[];
  readonly copies: readonly BigCopy[];
  readonly panels: readonly PanelView[];
  readonly counts: CountsAnswer;
  readonly act: ActionResult;
}
export type Answer = Answers[keyof Answers];

export interface LongTurn {
  readonly pid: PidText;
  readonly ms: number;
  readonly tag: string | undefined;
}

/** A message that was copied to another system. */
export interface BigCopy {
  readonly from: PidText;
  /** A pid, or a name in words. */
  readonly to: string;
  readonly tag: string;
  /** Nearly. */
  readonly bytes: number;
}

export interface TagCount {
  readonly tag: string;
  readonly count: number;
}

/** What a look does not show. Pids and errors are marked as in happenings. */
export interface DetailAnswer {
  readonly name: string | undefined;
  readonly body: string;
  readonly ancestors: readonly unknown[];
  readonly links: readonly unknown[];
  readonly monitors: readonly unknown[];
  readonly monitoredBy: readonly unknown[];
  readonly trapExit: boolean;
  readonly timers: readonly {
    readonly inMs: number;
    readonly tag: string;
    readonly everyMs: number;
  }[];
  readonly mailbox: readonly TagCount[];
  readonly counted: number;
  readonly state?: unknown;
}

export interface MessagesAnswer {
  /** What times count from, in ms since 1970. */
  readonly at: number;
  readonly tags: readonly (readonly [number, string])[];
  readonly rows: readonly MessageRow[];
  /** Number of the last one. */
  readonly last: number;
  readonly missed: number | undefined;
  /** Until when all that has happened is in it. */
  readonly until: number;
  readonly unpaired: number;
}

/** How far its counts have come; none ever falls. */
export interface CountsAnswer {
  readonly crashesBy: readonly (readonly [string, number])[];
  /** By the serial of the supervisor. */
  readonly restartsBy: readonly (readonly [string, number])[];
  readonly deadLettersBy: readonly (readonly [string, number])[];
  readonly droppedBy: readonly (readonly [string, number])[];
  /** How long recorded messages waited in a mailbox. */
  readonly queue: Histogram;
  readonly handling: Histogram;
}
