// Who has files crunched: publishes them, and hears what each cruncher found in each. It knows nobody who
// crunches; it is told which crunchers to wait for.

import { randomUUID } from 'node:crypto';
import { binding, type Deliveries, publish, subscribe } from '@beamish/exchange';
import type { Actor, Context } from 'beamish';
import type { Result, Topology, Work } from './topology.ts';

export class Requests {
  readonly #self: Context<Deliveries<Result>>;
  readonly #its: Topology;
  /** The crunchers that are waited for. */
  readonly #crunchers: readonly string[];
  readonly #me = randomUUID();
  /** By work, who has not told yet. */
  readonly #open = new Map<string, Set<string>>();

  constructor(self: Context<Deliveries<Result>>, its: Topology, crunchers: readonly string[]) {
    this.#self = self;
    this.#its = its;
    this.#crunchers = crunchers;
  }

  /** How many results are still to come. */
  get open(): number {
    let open = 0;
    for (const crunchers of this.#open.values()) open += crunchers.size;
    return open;
  }

  *begin(): Actor {
    yield* subscribe(this.#self, binding(this.#its.results, this.#me));
  }

  /** Has a file crunched: from now on it is the broker's. @throws PublishFailed if nobody is there to crunch it, nor was before. */
  *publish(path: string, shown: string): Actor<Work> {
    const work: Work = { id: randomUUID(), from: this.#me, path, shown };
    this.#open.set(work.id, new Set(this.#crunchers));
    yield* publish(this.#self as Context, this.#its.files, work).within('infinity');
    return work;
  }

  /** The next result that is waited for; `undefined` when there is none within this time. */
  *next(withinMs: number | 'infinity'): Actor<Result | undefined> {
    while (this.open > 0) {
      const receive = this.#self.receive('delivery');
      const delivery = withinMs === 'infinity' ? yield* receive : yield* receive.after(withinMs);
      if (delivery === undefined) return undefined;
      const { message: result } = delivery;
      const waited = this.#open.get(result.work);
      if (waited?.delete(result.cruncher) !== true) continue;
      if (waited.size === 0) this.#open.delete(result.work);
      return result;
    }
    return undefined;
  }
}
