// Who has files crunched: publishes them, and hears what each cruncher found in each. It knows nobody who
// crunches; it is told which crunchers to wait for.

import { binding, type Deliveries, publish, subscribe } from '@beamish/exchange';
import type { Actor, Context } from 'beamish';
import type { Result, Topology, Work } from './topology.ts';

export class Requests {
  readonly #self: Context<Deliveries<Result>>;
  readonly #its: Topology;
  /** The crunchers that are waited for. */
  readonly #crunchers: readonly string[];
  readonly #me = freshId();
  /** By work, who has not told yet. */
  readonly #open = new Map<string, Set<string>>();
  #waiting = 0;

  constructor(self: Context<Deliveries<Result>>, its: Topology, crunchers: readonly string[]) {
    this.#self = self;
    this.#its = its;
    this.#crunchers = crunchers;
  }

  /** How many results are still to come. */
  get open(): number {
    return this.#waiting;
  }

  *begin(): Actor {
    yield* subscribe(this.#self, binding(this.#its.results, this.#me));
  }

  /** Has a file crunched: from now on it is the broker's. @throws PublishFailed if nobody is there to crunch it, nor was before. */
  *publish(path: string, shown: string): Actor<Work> {
    const work: Work = { id: freshId(), from: this.#me, path, shown };
    this.#open.set(work.id, new Set(this.#crunchers));
    this.#waiting += this.#crunchers.length;
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
      if (this.#isAwaited(result)) {
        this.heard(result);
        return result;
      }
    }
    return undefined;
  }

  /** For who receives results with other messages: whether it was the last one of its file. A second time is none. */
  heard({ work, cruncher }: Result): boolean {
    const waited = this.#open.get(work);
    if (waited?.delete(cruncher) !== true) return false;
    this.#waiting--;
    if (waited.size > 0) return false;
    this.#open.delete(work);
    return true;
  }

  #isAwaited({ work, cruncher }: Result): boolean {
    return this.#open.get(work)?.has(cruncher) === true;
  }
}

/** Also where there is no `randomUUID`: a page has it only if it is safe from others. */
function freshId(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(12));
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('');
}
