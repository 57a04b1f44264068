/** Crashes and dead letters, alike ones together, and the latest happenings that a sequence shows. */

import type { Label, Pid, RestartEvent } from 'beamish';
import { isError, peek } from 'beamish/transport';
import { AlikeOnes, withoutNumbers } from '../model/alike.ts';
import type { Alike, Crash, DeadLetter, EventKind, Happening } from '../terms/happening.ts';

/** Restarts that wait for the news of the crash, which comes from another thread. */
const MOST_EARLY = 50;
/** Kinds that a sequence shows among its messages; and how many of them, as each crash has its stack. */
const SHOWN: ReadonlySet<EventKind> = new Set(['spawn', 'exit', 'restart', 'timeout', 'crash']);
const MOST_LATEST = 300;

export class ReportsKept {
  readonly #crashes: AlikeOnes<Crash>;
  readonly #letters: AlikeOnes<DeadLetter>;
  readonly #labelOf: (pid: Pid) => Label;
  #early: RestartEvent[] = [];
  #latest: Happening[] = [];

  constructor(most: number, labelOf: (pid: Pid) => Label) {
    this.#crashes = new AlikeOnes(most);
    this.#letters = new AlikeOnes(most);
    this.#labelOf = labelOf;
  }

  /** What is known of it besides, with what happened before. */
  take(happening: Happening): Happening {
    const known = this.#completed(happening);
    if (!SHOWN.has(known.kind)) return known;
    this.#latest.push(known);
    if (this.#latest.length > 1.5 * MOST_LATEST) this.#latest = this.#latest.slice(-MOST_LATEST);
    return known;
  }

  crashes(): readonly Alike<Crash>[] {
    return this.#crashes.all();
  }

  deadLetters(): readonly Alike<DeadLetter>[] {
    return this.#letters.all();
  }

  /** Those that a sequence shows. */
  latest(): readonly Happening[] {
    return this.#latest;
  }

  #completed(happening: Happening): Happening {
    switch (happening.kind) {
      case 'crash': {
        const restart = this.#early.find(({ old }) => old === happening.crash.pid);
        const crash = restart === undefined ? happening.crash : { ...happening.crash, restart };
        this.#crashes.add(`${crash.body}: ${withoutNumbers(whyOf(crash.reason))}`, crash);
        return { ...happening, crash };
      }
      case 'restart': {
        const { restart } = happening;
        const amended = this.#crashes.amend(
          ({ pid }) => pid === restart.old,
          (crash) => ({ ...crash, restart }),
        );
        if (amended === undefined) this.#early = [...this.#early.slice(1 - MOST_EARLY), restart];
        return happening;
      }
      case 'dead_letter': {
        const from = happening.letter.from && this.#labelOf(happening.letter.from.pid);
        const letter = { ...happening.letter, from };
        const { to, tag, why } = letter;
        this.#letters.add(`${to.startsWith('<') ? withoutNumbers(to) : to} ${tag} ${why}`, letter);
        return { ...happening, letter };
      }
      default:
        return happening;
    }
  }
}

/** In one line, without a stack. */
export function whyOf(reason: unknown): string {
  if (!isError(reason)) return String(reason);
  const [name, message] = [peek(reason, 'name'), peek(reason, 'message')];
  return `${String(name)}: ${String(message)}`;
}
