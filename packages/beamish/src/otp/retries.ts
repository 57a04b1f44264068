/** Children whose restart is to be tried again, at once or after a wait: each of them once. */

import type { Address, Message } from '../terms/pid.ts';
import type { Ref } from '../terms/ref.ts';
import type { Self } from '../terms/self-types.ts';
import type { Child } from './children.ts';
import type { Supervisor } from './supervisor-requests.ts';

/** To the supervisor itself, by its own mailbox, so that whoever wants something of it is heard meanwhile. */
export interface TryAgain extends Supervisor {
  readonly query: 'try_again';
  readonly child: Child;
}

export class Retries {
  readonly #self: Self<Message>;
  /** What is on its way, and the timer of what waits. */
  readonly #trying = new Map<
    Child,
    { readonly again: TryAgain; readonly timer: Ref | undefined }
  >();

  constructor(self: Self<Message>) {
    this.#self = self;
  }

  /** How many are to be tried again. */
  get size(): number {
    return this.#trying.size;
  }

  /** In so many ms; instead of what was to be before. */
  add(child: Child, ms: number | undefined): void {
    this.forget(child);
    const again: TryAgain = { tag: '$supervisor', query: 'try_again', child };
    const own = this.#self.pid as Address<Message>;
    const timer = ms === undefined ? undefined : this.#self.sendAfter(ms, own, again);
    if (ms === undefined) this.#self.send(own, again);
    this.#trying.set(child, { again, timer });
  }

  /** The child was stopped, or started with others. */
  forget(child: Child): void {
    const timer = this.#trying.get(child)?.timer;
    if (timer !== undefined) this.#self.cancelTimer(timer);
    this.#trying.delete(child);
  }

  /** Whether this is still to be done; it is now. */
  take(request: TryAgain): boolean {
    if (this.#trying.get(request.child)?.again !== request) return false;
    return this.#trying.delete(request.child);
  }
}
