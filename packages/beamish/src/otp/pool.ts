/** A pool: jobs wait until one of a bounded number of workers is free, and each has a worker of its own. */

import { checkDeadline, DEFAULT_CALL_TIMEOUT } from '../operations/call.ts';
import { CallFailed, type ExitReason } from '../terms/exit-reason.ts';
import type { Actor, Operation, Outcome } from '../terms/operation.ts';
import { checkOptions, checkValue, FUNCTION, type KindsOf, wholeFrom } from '../terms/options.ts';
import type { Message, Pid, ReplyTo } from '../terms/pid.ts';
import type { ServerAddress, ServerMessage } from '../terms/protocol.ts';
import type { Body, Self } from '../terms/self-types.ts';
import type { Exit } from '../terms/signal.ts';
import { type Caller, requestAndRead } from './caller.ts';
import { isGenerator, isThenable, server } from './server.ts';
import { later, type ServerSelf } from './server-definition.ts';
import type { Deadline } from './sys.ts';

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

interface Job {
  readonly input: unknown;
  readonly replyTo: ReplyTo<Outcome<unknown>>;
  readonly expiry: { readonly ms: number | 'infinity' };
  /** Unset while it waits. */
  pid: Pid | undefined;
}

/** The time of a job is up: whoever asked has given it up. */
interface Expired extends Message {
  readonly tag: 'expired';
  readonly job: Job;
}

/**
 * A pool of workers, to be supervised. Jobs are begun in the order in which they came. A worker that fails,
 * or is ended, fails its own job alone, with its reason; a job whose caller has run out of time is dropped,
 * and its worker killed.
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
export function pool<I, O>(
  options: PoolOptions<I, O>,
): Body<ServerMessage<PoolProtocol<I, O>>, [], void> {
  checkOptions('Cannot make a pool', options, OPTIONS);
  const { size, limit = 'infinity', worker } = options;
  checkValue('Cannot make a pool', 'size', size, SIZE);
  checkValue('Cannot make a pool', 'worker', worker, FUNCTION);
  const body = server((self: ServerSelf<Expired>) => {
    self.trapExit(true);
    const waiting: Job[] = [];
    const running = new Map<Pid, Job>();

    const begin = (): void => {
      while (running.size < size) {
        const job = waiting.shift();
        if (job === undefined) return;
        job.pid = self.spawnLink(doing, worker as never, job.input, job.replyTo);
        running.set(job.pid, job);
      }
    };
    const fail = ({ replyTo }: Job, reason: ExitReason): void =>
      self.send(replyTo, { ok: false, reason });

    return {
      call: {
        run: (input: unknown, ms: number | 'infinity') =>
          later<Outcome<unknown>>((replyTo) => {
            const job: Job = { input, replyTo, expiry: { ms }, pid: undefined };
            if (limit !== 'infinity' && running.size >= size && waiting.length >= limit)
              return fail(job, 'full');
            if (ms !== 'infinity') self.sendAfter(ms, self.pid, { tag: 'expired', job });
            waiting.push(job);
            begin();
          }),
      },
      info: {
        expired({ job }) {
          if (job.pid === undefined) {
            const at = waiting.indexOf(job);
            if (at !== -1) waiting.splice(at, 1);
          } else if (running.has(job.pid)) self.exitSignal(job.pid, 'kill');
        },
        EXIT({ from, reason }: Exit) {
          const job = running.get(from);
          if (job === undefined) return;
          running.delete(from);
          // It has answered by itself.
          if (reason !== 'normal') fail(job, reason);
          begin();
        },
      },
      state: { get: () => ({ running: running.size, waiting: waiting.length }) },
    };
  });
  Object.defineProperty(body, 'name', { value: 'pool' });
  return body as unknown as Body<ServerMessage<PoolProtocol<I, O>>, [], void>;
}

/**
 * Lets a pool do a job, and waits for what comes of it, 5,000 ms unless `within` says otherwise.
 *
 * @throws CallFailed with the reason of a worker that failed; with `'full'` if too many wait; with
 * `'timeout'` when the time is up; and as every call does.
 */
pool.run = <I, O>(
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
};

/** One job. */
function* doing(
  self: Self,
  worker: (self: Self, input: unknown) => unknown,
  input: unknown,
  replyTo: ReplyTo<Outcome<unknown>>,
): Actor {
  const made = worker(self, input);
  let value = made;
  if (typeof made === 'object' && made !== null) {
    if (isGenerator(made)) value = yield* made;
    else if (isThenable(made)) value = yield* self.wait(made);
  }
  self.send(replyTo, { ok: true, value });
}
