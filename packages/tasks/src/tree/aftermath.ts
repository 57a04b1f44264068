/** What follows from a change that is kept: who is told of it, and what is to be looked at when. */

import type { ServerSelf } from 'beamish';
import type { Batch } from './batch.ts';
import type { Clockwork } from './clockwork.ts';
import type { Dispatch } from './dispatch.ts';
import { emit } from './hub.ts';
import type { News, StoreMessage, WaitersMessage } from './messages.ts';
import type { Plan } from './plan.ts';
import type { SlotNews } from './schedules.ts';
import type { Tally } from './tally.ts';

const EVENTS = ['submitted', 'started', 'succeeded', 'retrying', 'failed', 'lost'] as const;

/** To those who wait, and to those who listen. */
export class NewsTold {
  readonly #self: ServerSelf<StoreMessage>;
  readonly #plan: Plan;

  constructor(self: ServerSelf<StoreMessage>, plan: Plan) {
    this.#self = self;
    this.#plan = plan;
  }

  of(changed: News['changed'], told: News['told']): void {
    if (changed.length > 0 || told.length > 0) this.send({ tag: 'news', changed, told });
  }

  /** Those that somebody listens to. To failures, the log does. */
  heard(): ReadonlySet<News['told'][number]['event']> {
    const { events } = this.#plan.hub;
    return new Set(EVENTS.filter((it) => it === 'failed' || events.listenerCount(it) > 0));
  }

  slot(news: SlotNews): void {
    const { schedule } = news;
    const slot = new Date(news.slot);
    const { hub } = this.#plan;
    if (news.kind === 'fired') emit(this.#self, hub, 'fired', { schedule, slot, id: news.id });
    else emit(this.#self, hub, 'skipped', { schedule, slot, why: news.why });
  }

  send(message: WaitersMessage): void {
    this.#self.send(this.#plan.waiters as never, message as never);
  }
}

export interface AftermathOptions {
  readonly self: ServerSelf<StoreMessage>;
  /** Queues that workers here take from. */
  readonly served: ReadonlySet<string>;
  readonly dispatch: Dispatch;
  readonly clockwork: Clockwork;
  readonly tally: Tally;
  readonly news: NewsTold;
}

export class Aftermath {
  readonly #options: AftermathOptions;

  constructor(options: AftermathOptions) {
    this.#options = options;
  }

  kept(batch: Batch): void {
    const { self, served, dispatch, clockwork, tally, news } = this.#options;
    const told: News['told'][number][] = [];
    const heard = news.heard();
    for (const effect of batch.effects) {
      switch (effect.kind) {
        case 'tell': {
          if (heard.has(effect.event)) told.push(effect);
          tally.count(effect);
          const { endedAt, keepMs } = effect.of;
          if (endedAt !== undefined) clockwork.sweepBy(endedAt + keepMs);
          break;
        }
        case 'wake_at':
          clockwork.dueAt(effect.at);
          break;
        case 'end_body': {
          const { id, run, how, graceMs = 0 } = effect;
          const worker = dispatch.worker(effect.worker);
          if (worker !== undefined && !dispatch.withdraw(worker, id))
            self.send(worker.pid, { tag: 'end_body', id, run, how, graceMs });
          break;
        }
        case 'offer':
          // If nobody takes it, that is told in a minute.
          if (served.has(effect.queue)) break;
          dispatch.offered(effect.queue);
          if (!dispatch.isForGuest(effect.queue)) clockwork.checkSoon();
          break;
        case 'answer':
          break;
      }
    }
    news.of(batch.changed(), told);
  }
}
