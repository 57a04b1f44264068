/** Tokens and places by key: whose turn has to wait. Of this process; gone when idle. */

import type { Definition } from '../canvas/definition.ts';
import { listsIn } from '../state/arguments.ts';
import type { TaskRecord } from '../state/record.ts';
import type { Held } from '../stores/store.ts';
import { IN_THREAD } from './seats.ts';

interface Use {
  readonly definition: Definition;
  /** Bodies that run. */
  running: number;
  /** When the latest began, as many as the rate counts; the oldest first. */
  readonly starts: number[];
}

export class Limits implements Held {
  readonly #definitions: ReadonlyMap<string, Definition>;
  readonly #now: () => number;
  readonly #failed: (name: string, error: unknown) => void;
  readonly #uses = new Map<string, Use>();
  readonly #held = new Set<string>();
  freed = 0;

  /** `failed` is told what a key has thrown, which is the program's. */
  constructor(
    definitions: ReadonlyMap<string, Definition>,
    now: () => number,
    failed: (name: string, error: unknown) => void,
  ) {
    this.#definitions = definitions;
    this.#now = now;
    this.#failed = failed;
  }

  /** Whether tasks of this key have to wait. */
  has(key: string): boolean {
    return this.#held.has(key);
  }

  /** Those that have to wait. */
  get keys(): Iterable<string> {
    return this.#held;
  }

  /** How many keys are counted at the moment. */
  get size(): number {
    return this.#uses.size;
  }

  /** What the limits of a task are counted by: its name, or its name and a key of its arguments. What runs in a thread has one in any case. */
  keyOf({ name, args }: TaskRecord): string | undefined {
    const { limits, thread } = this.#definitions.get(name)?.options ?? {};
    const ofName = thread === undefined ? name : `${IN_THREAD}${name}`;
    if (limits?.concurrency === undefined && limits?.rate === undefined)
      return thread === undefined ? undefined : ofName;
    if (limits.key === undefined) return ofName;
    try {
      return `${ofName}:${String(limits.key(...(listsIn(args)[0] as never)))}`;
    } catch (error) {
      // Without a key of its own, the task counts for all of its name.
      this.#failed(name, error);
      return ofName;
    }
  }

  /** One of this key has begun. */
  take({ key, name }: TaskRecord): void {
    const definition = this.#definitions.get(name);
    if (key === undefined || definition === undefined) return;
    const now = this.#now();
    let use = this.#uses.get(key);
    if (use === undefined) {
      use = { definition, running: 0, starts: [] };
      this.#uses.set(key, use);
    }
    use.running++;
    const { rate } = definition.options.limits ?? {};
    if (rate !== undefined) {
      use.starts.push(now);
      if (use.starts.length > rate.count) use.starts.shift();
    }
    this.#look(key, use, now);
  }

  /** The body of one of this key has ended. */
  release(key: string | undefined): void {
    const use = key === undefined ? undefined : this.#uses.get(key);
    if (use === undefined) return;
    use.running--;
    this.#look(key as string, use, this.#now());
  }

  /** Lets go of those whose time has come. Answers with when the next one's will. */
  refresh(): number | undefined {
    const now = this.#now();
    let next: number | undefined;
    for (const [key, use] of this.#uses) {
      const at = this.#look(key, use, now);
      if (at !== undefined && (next === undefined || at < next)) next = at;
    }
    return next;
  }

  /** Answers with when the rate lets it go on, if that is what holds it. */
  #look(key: string, { definition, running, starts }: Use, now: number): number | undefined {
    const { concurrency = Number.POSITIVE_INFINITY, rate } = definition.options.limits ?? {};
    const freeAt =
      rate === undefined || starts.length < rate.count
        ? undefined
        : (starts[0] as number) + rate.periodMs;
    const isLate = freeAt !== undefined && freeAt > now;
    if (isLate || running >= concurrency) {
      this.#held.add(key);
    } else if (this.#held.delete(key)) {
      this.freed++;
    }
    const isIdle = running === 0 && (starts.length === 0 || latestIsOver(starts, rate, now));
    if (isIdle) this.#uses.delete(key);
    return isLate ? freeAt : undefined;
  }
}

function latestIsOver(
  starts: readonly number[],
  rate: { readonly periodMs: number } | undefined,
  now: number,
): boolean {
  return rate === undefined || (starts.at(-1) as number) + rate.periodMs <= now;
}
