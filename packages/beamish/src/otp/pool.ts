/** A pool: jobs wait until one of a bounded number of workers is free, and each has a worker of its own. */

import { Deque } from '../mailbox/deque.ts';
import { checkDeadline, DEFAULT_CALL_TIMEOUT } from '../operations/call.ts';
import { CallFailed, type ExitReason } from '../terms/exit-reason.ts';
import type { Actor, Operation, Outcome } from '../terms/operation.ts';
import { checkOptions, checkValue, FUNCTION, type KindsOf, wholeFrom } from '../terms/options.ts';
import type { Message, Pid, ReplyTo } from '../terms/pid.ts';
import type { ServerAddress, ServerMessage } from '../terms/protocol.ts';
import type { Ref } from '../terms/ref.ts';
import type { Body, Self } from '../terms/self-types.ts';
import type { Exit } from '../terms/signal.ts';
import { type Caller, requestAndRead } from './caller.ts';
import { server } from './server.ts';
import { later, type ServerSelf } from './server-definition.ts';
import type { Deadline } from './sys.ts';
import { answered } from './task.ts';

/** How many do what, and how many may wait. */
export interface PoolOptions<I, O> {
  /** How many jobs are done at a time. */
  readonly size: number;
  /** How many more may wait; what comes then fails with `'full'`. Default: any number. */
  readonly limit?: number | 'infinity';
  /** What is done with each, by an actor of its own. */
  readonly worker: (self: Self, input: I) => Actor<O> | Promise<O>;
}

const SIZE = wholeFrom(1, 'jobs');
const OPTIONS: KindsOf<PoolOptions<never, never>> = {
  size: SIZE,
  limit: {
    is: (value) => value === 'infinity' || wholeFrom(0, '').is(value),
    what: "a whole number of jobs from 0 up, or 'infinity'",
    isRange: true,
  },
  worker: FUNCTION,
};

/** What one can ask a pool for. */
export interface PoolProtocol<in out I, in out O> {
  /** What `pool.run` asks. */
  readonly call: { run(input: I, ms: number | 'infinity'): Outcome<O> };
  /** Nothing. */
  readonly cast: object;
}

/** How many numbers of dropped jobs may stay in the queue for nothing, so that few are dropped at little cost. */
const DROPPED = 32;

interface Job {
  readonly input: unknown;
  readonly replyTo: ReplyTo<Outcome<unknown>>;
  /** Rings when whoever asked gives it up, if ever. */
  timer: Ref | undefined;
  /** Who does it; unset while it waits. */
  pid: Pid | undefined;
  /** It has been answered, or nobody waits for an answer: set once, by its worker or by the pool. */
  isOver: boolean;
}

/** The time of a job is up: whoever asked has given it up. */
interface Expired extends Message {
  readonly tag: 'expired';
  readonly id: number;
}

/**
 * A pool of workers, to be supervised. Jobs are begun in the order in which they came. A worker that fails,
 * or is ended, fails its own job alone, with its reason, which is `'normal'` if it has ended in order without
 * returning; a job whose caller has run out of time is dropped, and its worker killed.
 *
 * ```ts
 * const squares = await system.start(
 *   pool({
 *     size: 2,
 *     worker: function* (self, n: number) {
 *       yield* self.sleep(1);
 *       return n * n;
 *     },
 *   }),
 * );
 * await Promise.all([1, 2, 3].map((n) => pool.run(system, squares, n))); // [1, 4, 9]
 * ```
 *
 * Not promised: that jobs end in the order in which they began; nor that a job which was begun is done, as
 * the pool does not try again.
 *
 * @throws TypeError or RangeError for options that are none, as a size of 0.
 */
export const pool = /* @__PURE__ */ Object.assign(
  function pool<I, O>(
    options: PoolOptions<I, O>,
  ): Body<ServerMessage<PoolProtocol<I, O>>, [], void> {
    checkOptions('Cannot make a pool', options, OPTIONS);
    const { size, limit = 'infinity', worker } = options;
    checkValue('Cannot make a pool', 'size', size, SIZE);
    checkValue('Cannot make a pool', 'worker', worker, FUNCTION);
    const doing = (self: Self, job: Job): Actor<unknown> | Promise<unknown> =>
      answered(worker(self, job.input as I), (value) => {
        if (job.isOver) return;
        job.isOver = true;
        self.send(job.replyTo, { ok: true, value });
      });
    Object.defineProperty(doing, 'name', { value: worker.name });

    const body = server((self: ServerSelf<Expired>) => {
      self.trapExit(true);
      /** All that wait or are being done, by number: no message holds a job, as it might be copied. */
      const jobs = new Map<number, Job>();
      const running = new Map<Pid, number>();
      /** Those that wait, in order, and some that did: they are in `jobs` no more. */
      let queue = new Deque<number>();
      let lastId = 0;

      const begin = (): void => {
        while (running.size < size && queue.length > 0) {
          const id = queue.shift() as number;
          const job = jobs.get(id);
          if (job === undefined) continue;
          job.pid = self.spawnLink(doing as Body<never, [Job], unknown>, job);
          running.set(job.pid, id);
        }
      };
      const drop = (id: number): void => {
        jobs.delete(id);
        // As many may give up while one job takes long, what is left of them must not grow without end.
        if (queue.length < 2 * jobs.size + DROPPED) return;
        queue = new Deque();
        for (const [each, { pid }] of jobs) if (pid === undefined) queue.push(each);
      };
      const fail = ({ replyTo }: Pick<Job, 'replyTo'>, reason: ExitReason): void =>
        self.send(replyTo, { ok: false, reason });

      return {
        call: {
          run: (input: unknown, ms: number | 'infinity') =>
            later<Outcome<unknown>>((replyTo) => {
              if (limit !== 'infinity' && jobs.size >= size + limit)
                return fail({ replyTo }, 'full');
              const id = ++lastId;
              const timer =
                ms === 'infinity'
                  ? undefined
                  : self.sendAfter(ms, self.pid, { tag: 'expired', id });
              jobs.set(id, { input, replyTo, timer, pid: undefined, isOver: false });
              queue.push(id);
              begin();
            }),
        },
        info: {
          expired({ id }) {
            const job = jobs.get(id);
            if (job === undefined) return;
            // An answer would reach nobody.
            job.isOver = true;
            if (job.pid === undefined) drop(id);
            else self.exitSignal(job.pid, 'kill');
          },
          EXIT({ from, reason }: Exit) {
            const id = running.get(from);
            const job = id === undefined ? undefined : jobs.get(id);
            if (id === undefined || job === undefined) return;
            running.delete(from);
            jobs.delete(id);
            if (job.timer !== undefined) self.cancelTimer(job.timer);
            // Also of one that ended in order, but has returned nothing.
            if (!job.isOver) fail(job, reason);
            begin();
          },
        },
        state: { get: () => ({ running: running.size, waiting: jobs.size - running.size }) },
      };
    });
    Object.defineProperty(body, 'name', { value: 'pool' });
    return body as unknown as Body<ServerMessage<PoolProtocol<I, O>>, [], void>;
  },
  {
    /**
     * Lets a pool do a job, and waits for what comes of it, 5,000 ms unless `within` says otherwise.
     *
     * @throws CallFailed with the reason of a worker that failed; with `'full'` if too many wait; with
     * `'timeout'` when the time is up; and as every call does.
     */
    run: <I, O>(
      by: Caller,
      to: ServerAddress<PoolProtocol<I, O>>,
      input: NoInfer<I>,
      options: Deadline = {},
    ): Operation<O> => {
      const within = checkDeadline(options.within ?? DEFAULT_CALL_TIMEOUT);
      const question = { tag: '$request', kind: 'call', name: 'run', args: [input, within] };
      return requestAndRead<O>(by, to as never, question, within, {
        answered(answer) {
          const outcome = answer as Outcome<O>;
          if (outcome.ok) return outcome.value;
          throw new CallFailed(outcome.reason, to as never, 'run');
        },
        failed(error) {
          throw new CallFailed(error.reason, error.to, 'run');
        },
      });
    },
  },
);
