/** What workers say to the store's actor: that they are there, how bodies have ended, that they go. */

import type { Pid, ServerSelf } from 'beamish';
import type { TaskRecord } from '../state/record.ts';
import type { Clockwork } from './clockwork.ts';
import type { Dispatch, Worker } from './dispatch.ts';
import { emit } from './hub.ts';
import type { Lookout } from './lookout.ts';
import type { Ended, Enlist, Guest, StoreMessage } from './messages.ts';
import type { Plan, WorkerPlan } from './plan.ts';
import type { Requests } from './requests.ts';
import type { Request } from './turns.ts';

export interface StaffOptions {
  readonly self: ServerSelf<StoreMessage>;
  readonly plan: Plan;
  readonly dispatch: Dispatch;
  readonly lookout: Lookout;
  readonly clockwork: Clockwork;
  readonly requests: Requests;
  readonly now: () => number;
  readonly add: (request: Request) => void;
  readonly wake: () => void;
  /** The body of this task has ended. */
  readonly ended: (id: string) => void;
  /** A run that had been replaced has ended. */
  readonly lostLease: (of: TaskRecord) => void;
}

export class Staff {
  readonly #options: StaffOptions;

  constructor(options: StaffOptions) {
    this.#options = options;
  }

  enlist({ worker: pid, as }: Enlist): void {
    const { self, plan, lookout, dispatch, add, requests, wake } = this.#options;
    const its = typeof as === 'number' ? (plan.workers[as] as WorkerPlan) : guestPlan(as);
    const id = `${lookout.owner}.${its.name}.${pid.serial}`;
    const worker = dispatch.enlist(id, pid as Worker['pid'], its);
    self.monitor(pid);
    this.tell(worker, 'online');
    // What waited for a guest before it came.
    if (its.prefixes !== undefined)
      add(
        requests.counts(({ queues }) => {
          for (const queue of Object.keys(queues)) dispatch.offered(queue);
        }),
      );
    wake();
  }

  ended({ worker: workerId, id, key, event }: Ended): void {
    const { dispatch, clockwork, now, ended, add, requests, lostLease } = this.#options;
    const worker = dispatch.worker(workerId);
    if (worker !== undefined) {
      dispatch.free(worker, id, key);
      const { min, idleMs } = worker.plan;
      if (worker.runners > Math.max(min, worker.busy)) clockwork.lookAt(now() + idleMs);
    }
    ended(id);
    add(requests.ended(id, event, lostLease));
  }

  retired(id: string): void {
    const worker = this.#options.dispatch.worker(id);
    if (worker !== undefined) worker.isRetired = true;
  }

  leaked(id: string, count: number): void {
    const worker = this.#options.dispatch.worker(id);
    if (worker !== undefined) worker.leaked = count;
  }

  /** Its bodies are gone with it. */
  down(pid: Pid): void {
    const { dispatch, lookout, add, wake } = this.#options;
    const worker = dispatch.withPid(pid);
    if (worker === undefined) return;
    dispatch.dismiss(worker);
    this.tell(worker, 'offline');
    for (const record of worker.has.values()) add(lookout.lost(record));
    wake();
  }

  tell({ plan, runners }: Worker, what: 'online' | 'offline' | 'scaled'): void {
    const { self, plan: its } = this.#options;
    emit(self, its.hub, 'worker', { name: plan.name, what, runners });
  }
}

function guestPlan({ name, limit, prefixes }: Guest): WorkerPlan {
  return { name, queues: [], min: limit, max: limit, idleMs: 0, pick: 'turns', prefixes };
}
