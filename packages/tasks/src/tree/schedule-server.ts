/** Who looks at the schedules: the leader among all processes of a store, with one timer, which is never longer than a minute. */

import { type Ref, type ServerSelf, server } from 'beamish';
import { seamsOf } from 'beamish/transport';
import type { Steps } from './batch.ts';
import type { LookAtSchedules } from './messages.ts';
import type { Plan } from './plan.ts';
import { LEAD_MS } from './schedules.ts';
import { Time } from './time.ts';

/** Less is a clock that is kept right. */
const JUMP_MS = 500;

export const scheduleServer = server(function* (self: ServerSelf<LookAtSchedules>, plan: Plan) {
  const looking = new Looking(self, plan);
  yield* looking.begin();
  return {
    info: { look: () => looking.look(), tick: () => looking.tick() },
    state: { get: () => looking.state },
  };
});

class Looking {
  readonly #self: ServerSelf<LookAtSchedules>;
  readonly #plan: Plan;
  readonly #time: Time;
  #timer: Ref | undefined;
  /** Since when it looks without a pause, by the calendar; undefined while another one leads. */
  #since: number | undefined;
  /** The next slot, by the calendar. */
  #next: number | undefined;
  /** By how much the calendar's clock was ahead at the last look. */
  #drifted = 0;

  constructor(self: ServerSelf<LookAtSchedules>, plan: Plan) {
    this.#self = self;
    this.#plan = plan;
    this.#time = new Time(seamsOf(self));
  }

  get state(): { readonly leadsSince: number | undefined } {
    return { leadsSince: this.#since };
  }

  *begin(): Steps<void> {
    const { address, schedules } = this.#plan;
    yield* this.#self.call(address, 'syncSchedules', schedules).within('infinity');
    yield* this.look();
  }

  /** A timer that is there only to see whether the clock has jumped asks nobody if it has not. */
  tick(): Steps<void> | undefined {
    const isEarly = this.#next !== undefined && this.#time.wall() < this.#next;
    if (!isEarly || Math.abs(this.#drift() - this.#drifted) > JUMP_MS) return this.look();
    this.#lookAt(this.#next);
    return undefined;
  }

  *look(): Steps<void> {
    const { address, store } = this.#plan;
    this.#drifted = this.#drift();
    this.#next = undefined;
    const until = yield* this.#self.call(address, 'lead').within('infinity');
    if (until === undefined) {
      this.#since = undefined;
      this.#lookIn(LEAD_MS / 2);
      return;
    }
    this.#since ??= this.#time.wall();
    const next = yield* this.#self.call(address, 'fire', this.#since, until).within('infinity');
    if (store.shared) {
      const pause = next === undefined ? LEAD_MS : Math.max(1, next - this.#time.wall());
      return this.#lookIn(Math.min(pause, LEAD_MS / 3));
    }
    // Without any schedule, and nobody else who leads, there is nothing to look at.
    this.#next = next;
    this.#lookAt(next);
  }

  #lookAt(next: number | undefined): void {
    if (next === undefined) this.#stop();
    else this.#lookIn(Math.min(Math.max(1, next - this.#time.wall()), this.#plan.longestPauseMs));
  }

  #lookIn(ms: number): void {
    this.#stop();
    this.#timer = this.#self.sendAfter(Math.ceil(ms), this.#self.pid, { tag: 'tick' });
  }

  /** By how much the calendar's clock is ahead of the system's. */
  #drift(): number {
    return this.#time.wall() - this.#time.now();
  }

  #stop(): void {
    if (this.#timer !== undefined) this.#self.cancelTimer(this.#timer);
    this.#timer = undefined;
  }
}
