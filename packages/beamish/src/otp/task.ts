/**
 * A task (Elixir's Task): an actor that computes one value for the one that made it. What it returns
 * goes to its owner as a reply does, straight to the request and never through the mailbox, so a task
 * that nobody waits for any more leaves nothing behind.
 */

import { awaitingOutcome, CallOperation, settling } from '../operations/call.ts';
import { sendExit } from '../signals/exit-signals.ts';
import { unlink } from '../signals/links.ts';
import { cellOf } from '../signals/registry.ts';
import { expectReply, Request } from '../signals/requests.ts';
import type { ActorCell } from '../state/actor-cell.ts';
import { cellOfSelf, making } from '../system/self.ts';
import { CallFailed, StartFailed } from '../terms/exit-reason.ts';
import type { Actor, Call, Operation, Outcome, Step } from '../terms/operation.ts';
import { checkValue, DEADLINE, type Kind } from '../terms/options.ts';
import type { Address, Message, Pid, Target } from '../terms/pid.ts';
import { show } from '../terms/printable.ts';
import type { Context, Self, Spawnable } from '../terms/self-types.ts';
import {
  type AnyBody,
  type AnyOptions,
  type AnySpawnable,
  bodyName,
  type Plan,
  planOf,
} from '../terms/spawnable.ts';
import { child } from './child-spec.ts';
import { isGenerator, isThenable } from './server.ts';
import { type Supervisor, startChild } from './supervisor-requests.ts';

/** How long a task may take to end in order, before `shutdown` kills it, in ms. */
const GRACE_MS = 5000;

const GRACE: Kind = {
  is: (value) => value === 'brutal_kill' || DEADLINE.is(value),
  what: `${DEADLINE.what}, or 'brutal_kill'`,
  isRange: true,
};

/**
 * A task under way. Only its owner, the actor that made it, can wait for it, and it is over for the
 * owner when it has been awaited, has yielded an outcome, or was shut down or ignored.
 */
export interface Task<T, in M extends Message = never> {
  /** Who does it. */
  readonly pid: Pid<M>;
  /**
   * Waits for what the task returns, 5,000 ms unless `within` says otherwise. What comes after that is
   * a dead letter; the task itself goes on.
   *
   * @throws CallFailed with the task's exit reason, or with `'timeout'`, as of a task that was over.
   */
  await(): Call<T>;
  /** Waits for at most `ms` and throws nothing; undefined if the task is not done, and it goes on. */
  yield(ms: number | 'infinity'): Operation<Outcome<T> | undefined>;
  /**
   * Ends the task, and waits for its end: with `'shutdown'` and, if that has not ended it in
   * `graceMs` (default 5,000), with `'kill'`. Undefined if it was stopped, and its outcome if it came
   * first: a value, its own reason, `'killed'` if it held out too long, `'noproc'` if it was over.
   */
  shutdown(graceMs?: number | 'brutal_kill' | 'infinity'): Operation<Outcome<T> | undefined>;
  /** Lets it run on its own: unlinked, its outcome dropped. Returns the outcome if there is one already. */
  ignore(): Outcome<T> | undefined;
}

/**
 * Runs `body` as a task of this actor, linked to it: a task that fails takes along an owner that does
 * not trap exits, and an owner that ends takes along its tasks, unless it ends `'normal'`, as with every
 * link. An owner that traps exits gets an EXIT of each task, also of those that end `'normal'`, besides what `await` says.
 *
 * ```ts
 * function* square(self: Self, n: number): Actor<number> {
 *   yield* self.sleep(10);
 *   return n * n;
 * }
 * const three = task(self, square, 3);
 * const four = task(self, square, 4);
 * const sum = (yield* three.await()) + (yield* four.await());
 * ```
 *
 * @throws TypeError for what is no body.
 */
export function task<M extends Message = never, A extends unknown[] = [], R = void>(
  self: Context,
  body: Spawnable<M, A, R>,
  ...args: NoInfer<A>
): Task<R, M> {
  const owner = cellOfSelf(self);
  const plan = planOf(body as unknown as AnySpawnable);
  const request = new Request(owner, owner.pid, bodyName(plan.body));
  const pid = self.spawn(spawnable(answering(plan, request), { link: true }), ...args);
  const cell = cellOf(owner.system, pid);
  // An owner that has ended spawns nothing.
  if (cell !== undefined && cell !== owner) {
    request.watch(cell);
    cell.supervised = true;
  }
  return new OwnedTask(self, pid, request) as unknown as Task<R, M>;
}

/**
 * Runs `body` as a task that is a child of a supervisor, and not linked to this actor: neither ends
 * with the other. It is never restarted.
 *
 * ```ts
 * const report = yield* supervisedTask(self, tasks, download, url);
 * const outcome = yield* report.yield(1000); // { ok: false, reason } if it crashed
 * ```
 *
 * @throws StartFailed when the supervisor does not take it: `'max_children'`.
 */
export function supervisedTask<M extends Message = never, A extends unknown[] = [], R = void>(
  self: Context,
  supervisor: Target<Supervisor>,
  body: Spawnable<M, A, R>,
  ...args: NoInfer<A>
): Operation<Task<R, M>> {
  const plan = planOf(body as unknown as AnySpawnable);
  return self.perform(startUnder(self, supervisor, plan, args)) as unknown as Operation<Task<R, M>>;
}

function* startUnder(
  self: Context,
  supervisor: Target<Supervisor>,
  plan: Plan,
  args: readonly unknown[],
): Generator<Step, OwnedTask, unknown> {
  const owner = cellOfSelf(self);
  const name = bodyName(plan.body);
  const request = new Request(owner, supervisor, name);
  // A supervisor that is not dynamic wants ids that differ.
  const id = `${name} ${String(request.replyTo)}`;
  const body = spawnable(answering(plan, request), { link: false });
  const spec = child({ id, restart: 'temporary' }, body, ...args);
  const started = yield* startChild(self, supervisor, spec);
  if (!started.ok) throw new StartFailed(started.reason, name);
  // It watches over itself from its first step on, unless it was ended before that.
  const cell = cellOf(owner.system, started.pid);
  if (cell !== undefined) request.watch(cell);
  else request.fail('noproc');
  return new OwnedTask(self, started.pid, request);
}

/** The same body, but what it returns answers the request. */
function answering({ body, options }: Plan, request: Request): Plan {
  const run = (self: Self, ...args: never[]): Actor<unknown> | Promise<unknown> => {
    request.watch(cellOfSelf(self));
    const made: unknown = (body as (...all: unknown[]) => unknown)(self, ...args);
    return answered(made, (value) =>
      self.send(request.replyTo as unknown as Address<unknown>, value),
    );
  };
  Object.defineProperty(run, 'name', { value: bodyName(body) });
  return { body: run as AnyBody, options, code: undefined };
}

/** What a body made, a generator or a promise, and then `answer` with what it returns. What is neither stays what it is. */
export function answered(
  made: unknown,
  answer: (value: unknown) => void,
): Actor<unknown> | Promise<unknown> {
  if (typeof made === 'object' && made !== null) {
    if (isGenerator(made)) return answeredSteps(made, answer);
    if (isThenable(made)) return Promise.resolve(made).then(answer);
  }
  return made as Promise<unknown>;
}

function* answeredSteps(
  steps: Actor<unknown>,
  answer: (value: unknown) => void,
): Generator<Step, void, unknown> {
  answer(yield* steps);
}

function spawnable(
  { body, options }: Plan,
  others: AnyOptions,
): Spawnable<never, unknown[], unknown> {
  return { body, options: { ...options, ...others } } as unknown as Spawnable<
    never,
    unknown[],
    unknown
  >;
}

/** For what waits for several tasks: the request behind one. @throws TypeError for what is no task of `owner`. */
export function requestOf(task: Task<unknown>, owner: ActorCell): Request {
  return OwnedTask.requestOf(task, owner);
}

/** The same, and the task is over for its owner. */
export function takeRequest(task: Task<unknown>, owner: ActorCell): Request {
  return OwnedTask.takeRequest(task, owner);
}

/** Its outcome if there is one; then the task is over for its owner. */
export function takeOutcome(task: Task<unknown>): Outcome<unknown> | undefined {
  return OwnedTask.takeOutcome(task);
}

// Static methods and no static block, which a bundler would have to keep for its effects.
class OwnedTask implements Task<unknown> {
  readonly pid: Pid;
  readonly #self: Context;
  readonly #owner: ActorCell;
  readonly #request: Request;
  #isOver = false;

  constructor(self: Context, pid: Pid, request: Request) {
    this.pid = pid;
    this.#self = self;
    this.#owner = cellOfSelf(self);
    this.#request = request;
  }

  static requestOf(task: Task<unknown>, owner: ActorCell): Request {
    if (task instanceof OwnedTask && task.#owner === owner) return task.#request;
    throw new TypeError(`Cannot wait for ${show(task.pid)}: it is no task of ${owner.pid}`);
  }

  static takeRequest(task: Task<unknown>, owner: ActorCell): Request {
    const request = OwnedTask.requestOf(task, owner);
    (task as OwnedTask).#take();
    return request;
  }

  static takeOutcome(task: Task<unknown>): Outcome<unknown> | undefined {
    return (task as OwnedTask).#outcome();
  }

  await(): Call<unknown> {
    this.#take();
    return making(this.#self, 'await', new CallOperation(this.#owner, false).of(this.#request));
  }

  yield(ms: number | 'infinity'): Operation<Outcome<unknown> | undefined> {
    const waiting = settling(this.#owner, {
      requests: [this.#request],
      ms,
      suffices: () => true,
      result: () => this.#outcome(),
    });
    return making(this.#self, 'yield', waiting);
  }

  shutdown(
    graceMs: number | 'brutal_kill' | 'infinity' = GRACE_MS,
  ): Operation<Outcome<unknown> | undefined> {
    checkValue('Cannot shut down a task', 'graceMs', graceMs, GRACE);
    return this.#self.perform(this.#end(graceMs));
  }

  ignore(): Outcome<unknown> | undefined {
    unlink(this.#owner, this.pid);
    const outcome = this.#outcome();
    this.#isOver = true;
    this.#request.disregard();
    return outcome;
  }

  #take(): void {
    if (this.#isOver) throw new CallFailed('timeout', this.pid, this.#request.what);
    this.#isOver = true;
  }

  /** Once: the task is over with it. */
  #outcome(): Outcome<unknown> | undefined {
    if (this.#isOver) return undefined;
    const { outcome } = this.#request;
    this.#isOver = outcome !== undefined;
    return outcome;
  }

  *#end(
    graceMs: number | 'brutal_kill' | 'infinity',
  ): Generator<Step, Outcome<unknown> | undefined, unknown> {
    const brutal = graceMs === 'brutal_kill';
    const owner = this.#owner;
    // Unlink before ending it: the EXIT of a task that we chose to end must not reach us.
    unlink(owner, this.pid);
    const request = this.#isOver ? expectReply(owner, this.pid, this.#request.what) : this.#request;
    this.#isOver = true;
    if (request.state === 'pending') sendExit(owner, this.pid, brutal ? 'kill' : 'shutdown');
    let outcome = yield* this.#ended(request, brutal ? 'infinity' : graceMs);
    if (outcome === undefined) {
      sendExit(owner, this.pid, 'kill');
      outcome = yield* this.#ended(request, 'infinity');
    }
    const asked = brutal ? 'killed' : 'shutdown';
    return outcome?.ok === false && outcome.reason === asked ? undefined : outcome;
  }

  #ended(request: Request, ms: number | 'infinity'): Operation<Outcome<unknown> | undefined> {
    return making(this.#self, 'shutdown', awaitingOutcome(this.#owner, request, ms));
  }
}
