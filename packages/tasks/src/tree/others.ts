/** What a store that others use needs besides: leases are renewed, and what the others change is noticed. */

import type { ServerSelf } from 'beamish';
import type { TaskRecord } from '../state/record.ts';
import { type Store, StoreFailed } from '../stores/store.ts';
import type { Steps } from './batch.ts';
import type { Clockwork } from './clockwork.ts';
import type { Dispatch } from './dispatch.ts';
import type { StoreMessage, WaitersMessage } from './messages.ts';
import type { Requests } from './requests.ts';
import type { Request } from './turns.ts';

export interface OthersOptions {
  readonly self: ServerSelf<StoreMessage>;
  readonly store: Store;
  readonly dispatch: Dispatch;
  readonly clockwork: Clockwork;
  readonly requests: Requests;
  readonly leaseMs: number;
  readonly now: () => number;
  readonly add: (request: Request) => void;
  /** Lets what may be begun begin. */
  readonly wake: () => void;
  readonly tellWaiters: (message: WaitersMessage) => void;
}

/** As of a revocation that says nothing else. */
const GRACE_MS = 5000;

export class Others {
  readonly #options: OthersOptions;
  /** What they have changed since the last look. */
  readonly #ids = new Set<string>();
  #stopListening: () => void = () => {};

  constructor(options: OthersOptions) {
    this.#options = options;
  }

  begin(): void {
    const { self, store, leaseMs } = this.#options;
    self.sendInterval(leaseMs / 3, self.pid as never, { tag: 'tick' } as never);
    this.#stopListening = store.changes((id) => {
      if (this.#ids.size === 0) self.send(self.pid as never, { tag: 'others' } as never);
      this.#ids.add(id);
    });
  }

  end(): void {
    this.#stopListening();
  }

  /** They have said that they changed something. */
  changed(): void {
    const { tellWaiters, wake, dispatch, add } = this.#options;
    const ids = [...this.#ids];
    this.#ids.clear();
    const ours = ids.filter((id) => dispatch.has(id) !== undefined);
    if (ours.length > 0) add(this.#look(ours));
    tellWaiters({ tag: 'others', ids });
    wake();
  }

  /** Somebody here waits for these. */
  tell(ids: readonly string[]): void {
    const { add, tellWaiters } = this.#options;
    add({
      isRead: true,
      *work(batch) {
        const found: TaskRecord[] = [];
        for (const id of ids) {
          const record = yield* batch.find(id);
          if (record !== undefined) found.push(record);
        }
        return () => tellWaiters({ tag: 'news', changed: found, told: [] });
      },
    });
  }

  /** Now and then: leases are renewed first, and then whatever may have been missed is looked for. */
  *tick(): Steps<void> {
    const { self, store, dispatch, clockwork, leaseMs, now, requests, add, wake, tellWaiters } =
      this.#options;
    for (const worker of dispatch.workers) {
      const ids = [...worker.has.keys()];
      if (ids.length === 0) continue;
      let renewed: ReadonlySet<string>;
      try {
        const answer = store.renew(worker.id, ids, now() + leaseMs);
        renewed = new Set(answer instanceof Promise ? yield* self.wait(answer) : answer);
      } catch (error) {
        // It is away. The next tick comes before the leases are over.
        if (!(error instanceof StoreFailed)) throw error;
        break;
      }
      const lost = ids.filter((id) => !renewed.has(id));
      if (lost.length > 0) add(this.#look(lost));
    }
    add(requests.loadPaused());
    clockwork.lookAt(now());
    tellWaiters({ tag: 'others', ids: undefined });
    wake();
  }

  /** Ends the bodies of those that are not ours any more. */
  #look(ids: readonly string[]): Request {
    const { self, dispatch } = this.#options;
    return {
      isRead: true,
      *work(batch) {
        const now: (readonly [string, TaskRecord | undefined])[] = [];
        for (const id of ids) now.push([id, yield* batch.find(id)]);
        return () => {
          for (const [id, record] of now) {
            const ours = dispatch.has(id);
            const worker = ours?.worker === undefined ? undefined : dispatch.worker(ours.worker);
            if (ours === undefined || worker === undefined) continue;
            if (record?.state === 'running' && record.run === ours.run) continue;
            const how = record?.state === 'revoked' ? 'end' : 'stale';
            const { run } = ours;
            self.send(worker.pid, { tag: 'end_body', id, run, how, graceMs: GRACE_MS });
          }
        };
      },
    };
  }
}
