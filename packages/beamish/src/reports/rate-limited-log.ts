/** Lines on stderr, so few of each topic at a time that a flood neither hides the rest nor slows the program. */

import { environment } from '../seams/environment.ts';
import type { LogLine } from './log-lines.ts';
import { COLOURED, PLAIN } from './log-lines.ts';

export type LogMode = 'text' | 'json' | 'off';

/** Whatever takes lines: the console, pino, winston and their kin. Each gets one line of text, and the facts. */
export interface Logger {
  /** What may be worth knowing. */
  info(text: string, facts: unknown): unknown;
  /** What went wrong, and was dealt with, as a restart. */
  warn(text: string, facts: unknown): unknown;
  /** What went wrong, as a crash. */
  error(text: string, facts: unknown): unknown;
}
/** One of the runtime's, or a kind of report of a package. */
export type Topic = string;

/** Lines of one topic in one period; what is beyond is counted, and the count told at its end. */
const MOST_LINES = 20;
const PERIOD_MS = 1000;

/** What is left out of the runtime's own, in words. */
const TOPICS: { readonly [topic: Topic]: string } = {
  crash: 'crashes and restarts',
  dead_letter: 'dead letters',
  clean_up: 'failures to clean up',
  listener: 'failures of listeners',
  mailbox: 'long mailboxes',
};

interface Rate {
  readonly topic: Topic;
  /** When the period began. */
  since: number;
  lines: number;
  leftOut: number;
  /** Takes back the alarm of the period's end; set while something is left out. */
  stopAlarm: (() => void) | undefined;
}

/** Time, as the log needs it. */
export interface LogTime {
  now(): number;
  /** Calls `ring` after `ms`. Returns how to take it back. */
  after(ms: number, ring: () => void): () => void;
}

export class RateLimitedLog {
  readonly #mode: LogMode;
  readonly #time: LogTime;
  readonly #logger: Logger | undefined;
  readonly #crashes = newRate('crash');
  /** Of other topics; made by the first. */
  #rates: Map<Topic, Rate> | undefined = undefined;

  constructor(mode: LogMode, time: LogTime, logger: Logger | undefined) {
    this.#mode = mode;
    this.#time = time;
    this.#logger = logger;
  }

  /** Whether there is room for one more line, which is then to be written; one without is counted. */
  admits(topic: Topic): boolean {
    const rate = this.#rateOf(topic);
    if (rate.leftOut > 0) {
      // The way of a flood: nothing else is done, and the clock is not asked.
      rate.leftOut++;
      return false;
    }
    return this.#mode !== 'off' && this.#mayWrite(rate);
  }

  /** Whether lines of this topic are left out at the moment. */
  isFull(topic: Topic): boolean {
    return this.#rateOf(topic).leftOut > 0;
  }

  write(line: LogLine): void {
    try {
      const { kind, facts } = line;
      if (this.#logger !== undefined) {
        const written = this.#logger[levelOf(kind)](line.text(PLAIN), { ...facts, kind });
        if (written instanceof Promise) written.catch(() => {});
        return;
      }
      // First to be read, and no fact takes its place.
      if (this.#mode === 'json')
        console.error(JSON.stringify(Object.assign({ kind }, facts, { kind })));
      else console.error(`beamish: ${line.text(showsColours() ? COLOURED : PLAIN)}`);
    } catch {
      // A console or a logger that throws: there is nowhere else to say so, and whoever
      // made the report must not fail by it.
    }
  }

  /** Says at once how many lines have been left out. */
  flush(): void {
    this.#endPeriod(this.#crashes);
    for (const rate of this.#rates?.values() ?? []) this.#endPeriod(rate);
  }

  #rateOf(topic: Topic): Rate {
    // A storm of restarts asks three times for each.
    if (topic === 'crash') return this.#crashes;
    this.#rates ??= new Map();
    let rate = this.#rates.get(topic);
    if (rate === undefined) {
      rate = newRate(topic);
      this.#rates.set(topic, rate);
    }
    return rate;
  }

  #mayWrite(rate: Rate): boolean {
    const now = this.#time.now();
    if (rate.lines === 0 || now - rate.since >= PERIOD_MS) {
      rate.since = now;
      rate.lines = 0;
    }
    if (rate.lines < MOST_LINES) {
      rate.lines++;
      return true;
    }
    rate.leftOut = 1;
    const end = rate.since + PERIOD_MS;
    rate.stopAlarm = this.#time.after(end - now, () => this.#endPeriod(rate));
    return false;
  }

  #endPeriod(rate: Rate): void {
    const { leftOut, topic } = rate;
    rate.stopAlarm?.();
    rate.stopAlarm = undefined;
    rate.lines = rate.leftOut = 0;
    if (leftOut === 0) return;
    this.write({
      kind: 'left_out',
      facts: { of: topic, count: leftOut },
      text: () => `${leftOut} more ${TOPICS[topic] ?? `reports of ${topic}`} left out`,
    });
  }
}

function newRate(topic: Topic): Rate {
  return { topic, since: 0, lines: 0, leftOut: 0, stopAlarm: undefined };
}

const WARNINGS = new Set([
  'dead_letter',
  'clean_up',
  'mailbox_long',
  'listener_failed',
  'start_error',
  'shutdown_error',
  'system_down',
]);

/** What has crashed is an error, what else went wrong a warning, and the rest, as that of packages, is told. */
function levelOf(kind: string): keyof Logger {
  if (kind === 'crash') return 'error';
  return WARNINGS.has(kind) ? 'warn' : 'info';
}

/** Under the names that Node and its kin have. */
const host = globalThis as {
  readonly process?: { readonly stderr?: { readonly isTTY?: boolean } };
};

/** On a terminal, unless its user has said otherwise (no-color.org). */
function showsColours(): boolean {
  return host.process?.stderr?.isTTY === true && !environment('NO_COLOR');
}
