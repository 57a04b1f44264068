/** How signatures are combined. Celery's chord is a group followed by a step, its map, chunks and starmap are `each`. */

import type { TaskFailure, TaskOutcome } from '../terms/failure.ts';
import type { TaskDefinition } from './definition.ts';
import type {
  Complete,
  Following,
  Joined,
  OutputOf,
  Outputs,
  Settled,
  Signature,
} from './signature.ts';
import { checkSubmitOptions, type SubmitOptions } from './submit-options.ts';
import { type TaskWork, type Work, workOf } from './work.ts';

/**
 * One step after the other, each with the result of the one before it as its first argument. The first
 * that ends without success ends the chain with its failure, and the rest never run. A group followed
 * by a step is Celery's chord: the step gets the list of results, in order, once.
 *
 * ```ts
 * chain(crunch.s('letters.txt'), findNew, each(spam, { limit: 20 }));
 * ```
 */
export function chain<A extends Signature, B>(a: A, b: Signature<OutputOf<A>, B>): Following<A, B>;
export function chain<A extends Signature, B, C>(
  a: A,
  b: Signature<OutputOf<A>, B>,
  c: Signature<NoInfer<B>, C>,
): Following<A, C>;
export function chain<A extends Signature, B, C, D>(
  a: A,
  b: Signature<OutputOf<A>, B>,
  c: Signature<NoInfer<B>, C>,
  d: Signature<NoInfer<C>, D>,
): Following<A, D>;
export function chain<A extends Signature, B, C, D, E>(
  a: A,
  b: Signature<OutputOf<A>, B>,
  c: Signature<NoInfer<B>, C>,
  d: Signature<NoInfer<C>, D>,
  e: Signature<NoInfer<D>, E>,
): Following<A, E>;
export function chain<A extends Signature, B, C, D, E, F>(
  a: A,
  b: Signature<OutputOf<A>, B>,
  c: Signature<NoInfer<B>, C>,
  d: Signature<NoInfer<C>, D>,
  e: Signature<NoInfer<D>, E>,
  f: Signature<NoInfer<E>, F>,
): Following<A, F>;
export function chain<A extends Signature, B, C, D, E, F, G>(
  a: A,
  b: Signature<OutputOf<A>, B>,
  c: Signature<NoInfer<B>, C>,
  d: Signature<NoInfer<C>, D>,
  e: Signature<NoInfer<D>, E>,
  f: Signature<NoInfer<E>, F>,
  g: Signature<NoInfer<F>, G>,
): Following<A, G>;
export function chain<A extends Signature, B, C, D, E, F, G, H>(
  a: A,
  b: Signature<OutputOf<A>, B>,
  c: Signature<NoInfer<B>, C>,
  d: Signature<NoInfer<C>, D>,
  e: Signature<NoInfer<D>, E>,
  f: Signature<NoInfer<E>, F>,
  g: Signature<NoInfer<F>, G>,
  h: Signature<NoInfer<G>, H>,
): Following<A, H>;
export function chain(...steps: readonly unknown[]): never {
  if (steps.length === 0) throw new TypeError('Cannot make a chain of no steps');
  return made({ kind: 'chain', steps: steps.map(workOf) });
}

export interface JoinOptions {
  /** At most so many members queued or running at a time; the others are made when there is room. Default 1,000. */
  readonly limit?: number;
}

const DEFAULT_LIMIT = 1000;

/**
 * All members at once; each gets the result of the step before the group. Results in the order of the
 * members. A tuple keeps its types, an array is a list. Without members it succeeds at once with `[]`.
 *
 * The first member that ends without success fails the group, with that failure, at once: members
 * that have not begun are revoked, those that run are left to end. With `onFailure: 'settle'` the group
 * waits for all, never fails, and results in outcomes.
 *
 * ```ts
 * group([crunch.s('a.txt'), add.s(1, 2)]); // results in [string[], number]
 * ```
 */
export function group<const T extends readonly Signature[]>(
  members: T,
  options?: JoinOptions & { readonly onFailure?: 'fail' },
): Joined<T, Outputs<T>>;
export function group<const T extends readonly Signature[]>(
  members: T,
  options: JoinOptions & { readonly onFailure: 'settle' },
): Joined<T, Settled<T>>;
export function group(
  members: readonly unknown[],
  options: JoinOptions & { readonly onFailure?: 'fail' | 'settle' } = {},
): never {
  if (!Array.isArray(members))
    throw new TypeError(`Cannot make a group of ${String(members)}: its members are a list`);
  return made({ kind: 'group', members: members.map(workOf), ...join(options, 'a group') });
}

export interface EachOptions extends JoinOptions {
  /** So many elements per task, one after the other in it. Default 1; `'all'` is Celery's map. */
  readonly size?: number | 'all';
}

/**
 * For a step that results in a list: one task per element, as a group. `size` makes Celery's chunks and
 * map of it; the results are one flat list in the order of the elements all the same. A failure in a task
 * of several elements is that of the task, and ends it; with `'settle'` the others in it run all the same,
 * and each element has an outcome of its own, which is final, whatever the retry policy says.
 */
export function each<T, R>(
  step: Signature<T, R>,
  options?: EachOptions & { readonly onFailure?: 'fail' },
): Signature<readonly T[], R[]>;
export function each<T, R>(
  step: Signature<T, R>,
  options: EachOptions & { readonly onFailure: 'settle' },
): Signature<readonly T[], TaskOutcome<R>[]>;
export function each(
  step: unknown,
  options: EachOptions & { readonly onFailure?: 'fail' | 'settle' } = {},
): never {
  const { size = 1 } = options;
  if (size !== 'all' && !(Number.isInteger(size) && size > 0))
    throw new RangeError(
      `Cannot give each task ${String(size)} elements: a size is a whole number above 0, or 'all'`,
    );
  return made({ kind: 'each', step: workOf(step), size, ...join(options, 'a task for each') });
}

/**
 * A task of several arguments as a step that takes them as one list: `each(spread(add))` is Celery's
 * starmap. A list that is shorter than what the body declares is a failure, `'invalid'`; a parameter that
 * may be missing has a default value.
 */
export function spread<A extends unknown[], R>(
  task: TaskDefinition<A, R>,
): Signature<Readonly<A>, R> {
  const work = workOf(task) as TaskWork;
  if (work.kind !== 'task' || work.args.length > 0)
    throw new TypeError('Cannot spread what is no task: it is given as it is, without arguments');
  return made({ ...work, takes: 'list' });
}

/** The same work with other options. `id` and `unique` are only for what is submitted, not for a part of it. */
export function withOptions<S extends Signature>(signature: S, options: SubmitOptions): S {
  checkSubmitOptions(options);
  const work = workOf(signature);
  return made({ ...work, options: { ...work.options, ...options } });
}

/** Submits `handler` with the failure when `signature` has ended without success; its result stays what it is (Celery's link_error). */
export function onFailure<S extends Signature>(signature: S, handler: Signature<TaskFailure>): S {
  return made({ ...workOf(signature), onFailure: workOf(handler) });
}

function join(
  options: JoinOptions & { readonly onFailure?: 'fail' | 'settle' },
  what: string,
): { limit: number; settle: boolean } {
  const { limit = DEFAULT_LIMIT, onFailure: outcome = 'fail' } = options;
  if (!(Number.isInteger(limit) && limit > 0))
    throw new RangeError(
      `Cannot make ${what} with limit ${String(limit)}: it is a whole number above 0`,
    );
  if (outcome !== 'fail' && outcome !== 'settle')
    throw new TypeError(
      `Cannot make ${what} with onFailure ${String(outcome)}: it is 'fail' or 'settle'`,
    );
  return { limit, settle: outcome === 'settle' };
}

/** The types of signatures are not there at run time. */
function made<S>(work: Work): S {
  return work as unknown as S;
}

export type { Complete };
