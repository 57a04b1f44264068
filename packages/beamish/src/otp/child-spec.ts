/** What a supervisor is told of a child: how to start it, when to start it again, how to end it. */

import { NAME } from '../terms/configure.ts';
import {
  ANYTHING,
  checkOptions,
  checkValue,
  DEADLINE,
  FLAG,
  type KindsOf,
  oneOf,
  WORD,
} from '../terms/options.ts';
import type { Message, Name } from '../terms/pid.ts';
import { show } from '../terms/printable.ts';
import type { Spawnable } from '../terms/self-types.ts';
import { type AnySpawnable, isSupervising, planOf } from '../terms/spawnable.ts';
import { type Backoff, checkBackoff } from './backoff.ts';

declare const MESSAGE: unique symbol;

/** What a supervisor has to know of a child, besides what to start. */
export interface ChildOptions<N = never> {
  /** Names the child within its supervisor. */
  readonly id: string;
  /** Registered for the child at each start. */
  readonly name?: string | Name<N>;
  /** Default `'permanent'`. */
  readonly restart?: 'permanent' | 'transient' | 'temporary';
  /** Default 5,000 ms; `'infinity'` for a supervisor. */
  readonly shutdown?: number | 'brutal_kill' | 'infinity';
  /** With `autoShutdown`, its orderly end may end the supervisor. */
  readonly significant?: boolean;
  /**
   * Waits before each restart, longer each time, for a child that depends on something outside. Such restarts
   * do not count towards the supervisor's intensity, and meanwhile it is `'restarting'`. The siblings that the
   * strategy restarts with it are stopped before the wait, and started with it when the wait is over. Who stops
   * the child meanwhile leaves them stopped. Default: started again at once.
   */
  readonly backoff?: Backoff;
}

/** A child as `child` makes it, for actors that take `M`. */
// biome-ignore lint/suspicious/noExplicitAny: a name for messages of whatever kind
export interface ChildSpec<in M = never> extends ChildOptions<any> {
  /** Follows from the body. */
  readonly type: 'worker' | 'supervisor';
  readonly [MESSAGE]: (message: M) => void;
}

/** A child spec from the inside: with every default filled in, and what to start. */
export interface FullSpec {
  readonly id: string;
  readonly name: string | Name | undefined;
  readonly restart: 'permanent' | 'transient' | 'temporary';
  readonly shutdown: number | 'brutal_kill' | 'infinity';
  readonly significant: boolean;
  readonly backoff: Backoff | undefined;
  readonly type: 'worker' | 'supervisor';
  readonly body: AnySpawnable;
  readonly args: readonly unknown[];
}

const DEFAULT_SHUTDOWN_MS = 5000;
/** Of all children without any, of which there may be many. */
const NO_ARGUMENTS: readonly never[] = [];

const OPTIONS: KindsOf<ChildOptions> = {
  id: WORD,
  name: NAME,
  restart: oneOf('permanent', 'transient', 'temporary'),
  shutdown: {
    is: (value) => value === 'brutal_kill' || DEADLINE.is(value),
    what: `a number of milliseconds, 'brutal_kill' or 'infinity'`,
    isRange: true,
  },
  significant: FLAG,
  backoff: ANYTHING,
};

/**
 * A child of a supervisor: an id, or options, and then what one would spawn.
 *
 * ```ts
 * child('counter', counter, 10)
 * child({ id: 'db', name: 'db', restart: 'transient' }, database, url)
 * child({ id: 'link', backoff: { firstMs: 100, maxMs: 30_000 } }, connection)
 * ```
 *
 * @throws TypeError or RangeError for what is no child spec.
 */
export function child<
  M extends Message = never,
  A extends unknown[] = [],
  R = void,
  N extends M = never,
>(id: string | ChildOptions<N>, body: Spawnable<M, A, R>, ...args: NoInfer<A>): ChildSpec<M> {
  const options: ChildOptions<N> = typeof id === 'string' ? { id } : id;
  // Most have nothing but an id, which is looked at next.
  if (options === id) checkOptions('Cannot make a child', options, OPTIONS);
  checkValue('Cannot make a child', 'its id', options.id, WORD);
  const spawnable = body as unknown as AnySpawnable;
  const type = isSupervising(planOf(spawnable).body) ? 'supervisor' : 'worker';
  const spec: FullSpec = {
    id: options.id,
    name: options.name,
    restart: options.restart ?? 'permanent',
    shutdown: options.shutdown ?? (type === 'supervisor' ? 'infinity' : DEFAULT_SHUTDOWN_MS),
    significant: options.significant ?? false,
    backoff: options.backoff,
    type,
    body: spawnable,
    args: args.length === 0 ? NO_ARGUMENTS : args,
  };
  if (spec.significant && spec.restart === 'permanent')
    throw new TypeError(`${attemptAt(spec)}: a permanent child cannot be significant`);
  if (spec.backoff !== undefined) checkBackoff(spec.backoff, attemptAt(spec));
  return spec as unknown as ChildSpec<M>;
}

function attemptAt({ id }: FullSpec): string {
  return `Cannot make the child "${id}"`;
}

/** What `child` made. @throws TypeError for anything else. */
export function fullSpec(spec: ChildSpec): FullSpec {
  const full = spec as unknown as FullSpec;
  if (
    typeof full !== 'object' ||
    full === null ||
    full.body === undefined ||
    full.args === undefined
  ) {
    throw new TypeError(`Cannot supervise ${show(spec)}: a child spec is made by child(…)`);
  }
  return full;
}
