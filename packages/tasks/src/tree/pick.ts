/** Which queue is next. */

export type Pick = 'turns' | 'strict' | Readonly<Record<string, number>>;

/** So many of each queue, in this order; what one has not is then taken of the others. */
export interface Portion {
  readonly queue: string;
  readonly count: number;
}

export class Picker {
  readonly #queues: readonly string[];
  readonly #weights: readonly number[] | undefined;
  /** How much each queue is behind. */
  readonly #credit: number[];

  constructor(queues: readonly string[], pick: Pick) {
    this.#queues = queues;
    this.#weights =
      pick === 'strict'
        ? undefined
        : queues.map((queue) => (pick === 'turns' ? 1 : (pick[queue] ?? 1)));
    this.#credit = queues.map(() => 0);
  }

  /** For so many runners, of queues that may be taken from. */
  portions(count: number, isOpen: (queue: string) => boolean): Portion[] {
    const open = [...this.#queues.keys()].filter((i) => isOpen(this.#queues[i] as string));
    if (open.length === 0) return [];
    const queue = (i: number): string => this.#queues[i] as string;
    if (this.#weights === undefined || open.length === 1)
      return open.map((i) => ({ queue: queue(i), count }));
    const counts = new Map<number, number>();
    for (let n = 0; n < count; n++) {
      const i = this.#next(open);
      counts.set(i, (counts.get(i) ?? 0) + 1);
    }
    return [...counts].map(([i, its]) => ({ queue: queue(i), count: its }));
  }

  /** The queues again, for what is left. */
  get queues(): readonly string[] {
    return this.#queues;
  }

  /** Smooth weighted turns: each gains its weight, the richest pays for all. */
  #next(open: readonly number[]): number {
    const weights = this.#weights as readonly number[];
    let total = 0;
    let richest = open[0] as number;
    for (const i of open) {
      total += weights[i] as number;
      this.#credit[i] = (this.#credit[i] as number) + (weights[i] as number);
      if ((this.#credit[i] as number) > (this.#credit[richest] as number)) richest = i;
    }
    this.#credit[richest] = (this.#credit[richest] as number) - total;
    return richest;
  }
}
