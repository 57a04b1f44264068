/** What one can ask of an observer, checked where it is asked. */

import type { ActorSystem } from 'beamish';

/** How to observe; all may be left out. */
export interface ObserveOptions {
  /** When messages are recorded. Default `'watched'`: while a view or an iteration asks for them. */
  readonly messages?: 'never' | 'watched' | 'always';
  /** The most of a thread's time that recording may take, from 0 up to 1; above it, it goes on in bursts. Default 0.05. */
  readonly budget?: number;
  /** What is kept of messages besides their tags. Default nothing. */
  readonly payloads?: PayloadOptions;
  /** Lets the page, the terminal and `actions` change the program. Default false: they only look. */
  readonly control?: boolean;
  /** How much is kept. */
  readonly keep?: KeepOptions;
}

/** What is kept of messages besides their tags. */
export interface PayloadOptions {
  /** Which tags; what servers are asked is `'$request'`, and a reply `'$reply'`. Default all but those that begin with `$`. */
  readonly tags?: readonly string[];
  /** Called with a copy of each field, outermost first; what it returns is kept. Default: leaves out what is named like a secret. */
  readonly redact?: (field: string, value: unknown) => unknown;
  /** Default 4. */
  readonly depth?: number;
  /** Of one message, about, as JSON. Default 2,048. */
  readonly bytes?: number;
}

/** How much is kept. */
export interface KeepOptions {
  /** Messages of each thread; a power of two. Default 65,536, which takes 2.5 MB. */
  readonly messages?: number;
  /** Groups of crashes that look alike, and of dead letters. Default 500 each. */
  readonly reports?: number;
  /** How long an actor that ended is still shown. Default 30,000. */
  readonly endedMs?: number;
  /** How far the histories of the vital figures go back, one point a second. Default 3,600,000. */
  readonly historyMs?: number;
}

/** With what is the case where nothing is said. */
export interface Settings {
  readonly messages: 'never' | 'watched' | 'always';
  readonly budget: number;
  readonly payloads: PayloadOptions | undefined;
  readonly control: boolean;
  readonly keep: Required<KeepOptions>;
}

/** @throws TypeError or RangeError for options that are none. */
export function settingsOf(system: ActorSystem, options: ObserveOptions): Settings {
  if (typeof system !== 'object' || system === null || !('root' in system))
    throw new TypeError(`Cannot observe ${String(system)}: it is no actor system`);
  known(options, 'observe', ['messages', 'budget', 'payloads', 'control', 'keep']);
  const { messages = 'watched', budget = 0.05, payloads, control = false, keep = {} } = options;
  if (!['never', 'watched', 'always'].includes(messages))
    throw new TypeError(
      `Cannot observe with messages ${quoted(messages)}: it is 'never', 'watched' or 'always'`,
    );
  if (typeof budget !== 'number' || !(budget > 0 && budget <= 1))
    throw new RangeError(
      `Cannot observe with a budget of ${quoted(budget)}: it is above 0, and 1 at most`,
    );
  if (typeof control !== 'boolean')
    throw new TypeError(`Cannot observe with control ${quoted(control)}: it is true or false`);
  if (payloads !== undefined) checkPayloads(payloads);
  known(keep, 'observe with keep', ['messages', 'reports', 'endedMs', 'historyMs']);
  const kept = {
    messages: keep.messages ?? 65_536,
    reports: keep.reports ?? 500,
    endedMs: keep.endedMs ?? 30_000,
    historyMs: keep.historyMs ?? 3_600_000,
  };
  for (const [name, value] of Object.entries(kept))
    if (typeof value !== 'number' || !(value >= 0))
      throw new RangeError(
        `Cannot observe with keep.${name} ${quoted(value)}: it is a number from 0`,
      );
  if (kept.messages < 64 || kept.messages > 2 ** 24 || (kept.messages & (kept.messages - 1)) !== 0)
    throw new RangeError(
      `Cannot observe with keep.messages ${kept.messages}: it is a power of two, from 64 to 16,777,216`,
    );
  return { messages, budget, payloads, control, keep: kept };
}

function checkPayloads(payloads: PayloadOptions): void {
  known(payloads, 'observe with payloads', ['tags', 'redact', 'depth', 'bytes']);
  const { tags, redact, depth = 4, bytes = 2048 } = payloads;
  if (tags !== undefined && !(Array.isArray(tags) && tags.every((tag) => typeof tag === 'string')))
    throw new TypeError('Cannot observe with payloads.tags: they are a list of strings');
  if (redact !== undefined && typeof redact !== 'function')
    throw new TypeError('Cannot observe with payloads.redact: it is a function');
  if (!(depth >= 0) || !(bytes >= 0))
    throw new RangeError(
      'Cannot observe with payloads of that depth or bytes: they are numbers from 0',
    );
}

function known(options: object, what: string, names: readonly string[]): void {
  if (typeof options !== 'object' || options === null)
    throw new TypeError(`Cannot ${what} ${quoted(options)}: options are an object`);
  for (const name of Object.keys(options))
    if (!names.includes(name))
      throw new TypeError(
        `Cannot ${what} "${name}": there is no such option; there are ${names.join(', ')}`,
      );
}

function quoted(value: unknown): string {
  return typeof value === 'string' ? `'${value}'` : String(value);
}
