/** How calls end: what is told of it, the epilogue, and then the acknowledgement. */

import type { Definition } from '@beamish/tasks/engine';
import type { Self } from 'beamish';
import { type Seams, seamsOf } from 'beamish/transport';
import type { Call } from '../messages/call.ts';
import { epilogueOf, type Outcome, type Surroundings } from '../messages/epilogue.ts';
import { celeryException, reprOfException } from '../terms/exception.ts';
import { HIDDEN, reprOf } from '../terms/repr.ts';
import type { Deployment } from './deployment.ts';
import { EpilogueRunner } from './epilogue-runner.ts';
import type { EventSender } from './event-sender.ts';
import type { Job } from './job.ts';
import { Recent } from './recent.ts';
import { reportEpilogue } from './reports.ts';

/** To the worker: the epilogue of a call is over. */
export interface Settled {
  readonly tag: '$settled';
  readonly job: Job;
  /** It is not to be tried again. */
  readonly isOver: boolean;
}

export interface EndingsOptions {
  readonly deployment: Deployment;
  readonly events: EventSender;
  readonly definitions: ReadonlyMap<string, Definition>;
  /** Where calls of our own tasks go that say nothing else. */
  readonly ownQueue: string;
}

/** Where a Celery application sends what nobody has routed. */
const DEFAULT_QUEUE = 'celery';
const MOST_ENDED = 20_000;
/** A call that succeeded just now is not run again when it comes once more. */
const AGAIN_MS = 60_000;

export class Endings {
  readonly #self: Self;
  readonly #seams: Seams;
  readonly #options: EndingsOptions;
  readonly #epilogues: EpilogueRunner;
  /** Those whose epilogue is under way, or that became other work. */
  readonly #open = new Map<string, Job>();
  readonly #becoming = new Set<string>();
  readonly #ended = new Recent<{ readonly at: number; readonly isSuccess: boolean }>(MOST_ENDED);

  constructor(self: Self, options: EndingsOptions) {
    this.#self = self;
    this.#seams = seamsOf(self);
    this.#options = options;
    const { deployment, events } = options;
    this.#epilogues = new EpilogueRunner(
      deployment,
      () => this.#around(),
      (call, { exchange, key }) => {
        const { id: uuid, name, rootId, parentId, retries = 0 } = call;
        const its = { name, root_id: rootId ?? uuid, parent_id: parentId ?? null, retries };
        events.task('task-sent', uuid, { ...its, queue: key, exchange, routing_key: key });
      },
    );
  }

  /** How many have ended and are not acknowledged. */
  get size(): number {
    return this.#open.size;
  }

  /** How many became other work, which may take as long as it takes. */
  get becoming(): number {
    return this.#becoming.size;
  }

  find(identity: string): Job | undefined {
    return this.#open.get(identity);
  }

  /** Whether it has ended here before, so that it is not run once more. */
  hasEnded(identity: string, isRedelivered: boolean): boolean {
    const before = this.#ended.get(identity);
    if (before === undefined) return false;
    const isRecent = this.#seams.now() - before.at < AGAIN_MS;
    return isRedelivered || (isRecent && before.isSuccess);
  }

  /** It has no runner any more, and goes on elsewhere. */
  becomes(job: Job, work: string): void {
    this.#open.set(job.identity, job);
    this.#becoming.add(job.identity);
    this.#self.send(this.#self.pid as never, { tag: '$becomes', job, work } as never);
  }

  /** It was run, or would have been. */
  end(job: Job, outcome: Outcome): void {
    this.#tell(job, outcome);
    this.#finish(job, outcome, 'done');
  }

  /** It cannot be run at all: it goes to the dead letters of its queue, if that has some. */
  refuse(job: Job, error: ReturnType<typeof celeryException>): void {
    const exception = reprOfException(error);
    this.#options.events.task('task-failed', job.call.id, { exception, traceback: null });
    this.#finish(job, { kind: 'failed', error }, 'rejected');
  }

  revoke(job: Job, why: 'revoked' | 'expired' | 'terminated'): void {
    const terminated = why === 'terminated';
    const its = { terminated, signum: terminated ? 15 : null, expired: why === 'expired' };
    this.#options.events.task('task-revoked', job.call.id, its);
    const error = celeryException('TaskRevokedError', why);
    this.#finish(job, { kind: 'revoked', error }, 'done');
  }

  received({ call }: Job): void {
    const { id, name, rootId, parentId, retries, eta, expires } = call;
    const isShown = this.#options.deployment.settings.show === 'repr';
    this.#options.events.task('task-received', id, {
      name,
      args: isShown ? (call.argsrepr ?? reprOf(call.args)) : HIDDEN,
      kwargs: isShown ? (call.kwargsrepr ?? reprOf(call.kwargs)) : HIDDEN,
      root_id: rootId,
      parent_id: parentId ?? null,
      retries,
      eta: dateOrNull(eta),
      expires: dateOrNull(expires),
    });
  }

  #tell({ call: { id }, startedAt }: Job, outcome: Outcome): void {
    const { events, deployment } = this.#options;
    switch (outcome.kind) {
      case 'succeeded': {
        const now = this.#seams.wall();
        const isShown = deployment.settings.show === 'repr';
        const result = isShown && events.isEnabled ? reprOf(outcome.value) : HIDDEN;
        events.task('task-succeeded', id, { result, runtime: (now - (startedAt ?? now)) / 1000 });
        break;
      }
      case 'failed':
      case 'retried': {
        const type = outcome.kind === 'failed' ? 'task-failed' : 'task-retried';
        const { error, traceback = null } = outcome;
        events.task(type, id, { exception: reprOfException(error), traceback });
        break;
      }
      case 'revoked':
        break;
    }
  }

  #finish(job: Job, outcome: Outcome, settled: 'done' | 'rejected'): void {
    const { call } = job;
    const { wire } = this.#options.deployment;
    const steps = epilogueOf(call, outcome, this.#around(job));
    const isSuccess = outcome.kind === 'succeeded';
    this.#open.set(job.identity, job);
    const done = (): void => {
      // From now on whoever brings it again finds that it has ended.
      this.#open.delete(job.identity);
      this.#becoming.delete(job.identity);
      this.#ended.set(job.identity, { at: this.#seams.now(), isSuccess });
      for (const each of job.deliveries) {
        if (settled === 'done') wire.ack(each);
        else wire.reject(each);
      }
      const message: Settled = { tag: '$settled', job, isOver: outcome.kind !== 'retried' };
      this.#self.send(this.#self.pid as never, message as never);
    };
    if (steps.length === 0) return done();
    this.#epilogues.run(steps).then(done, (error: unknown) => {
      const why = String((error as Partial<Error>).message ?? error);
      reportEpilogue(this.#self, call.name, call.id, why);
      done();
    });
  }

  #around(job?: Job): Surroundings {
    const { definitions, ownQueue } = this.#options;
    return {
      now: this.#seams.wall(),
      home: { exchange: '', key: job?.deliveries[0]?.queue ?? ownQueue },
      serves: (name) => definitions.has(name),
      routeOf: (name) => ({ exchange: '', key: definitions.has(name) ? ownQueue : DEFAULT_QUEUE }),
    };
  }
}

function dateOrNull(ms: number | undefined): string | null {
  return ms === undefined ? null : new Date(ms).toISOString();
}

/** Of a message that could not be read but for its headers. */
export function unreadCall(id: string, name: string, replyTo: string | undefined): Call {
  return {
    id,
    name: name === '' ? 'unknown' : name,
    args: [],
    kwargs: {},
    retries: 0,
    eta: undefined,
    expires: undefined,
    softMs: undefined,
    hardMs: undefined,
    rootId: id,
    parentId: undefined,
    groupId: undefined,
    groupIndex: undefined,
    replyTo,
    ignoreResult: false,
    priority: 0,
    callbacks: [],
    errbacks: [],
    chain: [],
    chord: undefined,
    argsrepr: undefined,
    kwargsrepr: undefined,
    shadow: undefined,
    headers: {},
  };
}
