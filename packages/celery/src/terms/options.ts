/** What is said to join a deployment, checked. */

import { hostname } from 'node:os';
import type { AnyTask, TasksOptions } from '@beamish/tasks';
import { Definition } from '@beamish/tasks/engine';
import type { Numbers } from './json.ts';
import type { Show } from './repr.ts';

/** Which deployment to join, and as whom. */
export interface CeleryOptions {
  /** `amqp://…`, `amqps://…`, `redis://…` or `rediss://…`. Default `$BROKER`. */
  readonly broker?: string;
  /** `rpc://`, `redis://…`, or `'none'`. Default `$BACKEND`. */
  readonly results?: string;
  /** Default `celery@<host>`. */
  readonly node?: string;
  /** What we run for others. Without it, only a client. */
  readonly serve?: ServeOptions;
  /** Integers beyond 2^53 as bigint (default) or refused. `NaN` and infinities are refused unless `'null'`. */
  readonly numbers?: Numbers;
  /** What is shown of arguments in headers and events. Default `'repr'`; `'none'` hides them. */
  readonly show?: Show;
}

/** What we run for others. */
export interface ServeOptions {
  /** With bodies; two of one name are refused. */
  readonly tasks: readonly AnyTask[];
  /** Of the deployment; made if they are not there. What follows a task of ours without a queue of its own goes to the first. */
  readonly queues: readonly string[];
  /** How many bodies run at a time. Default 10. */
  readonly concurrency?: number;
  /** Where tasks with `thread` run, one at a time in each. A pool of its own, since a task that is killed ends whatever else runs in its thread. */
  readonly threads?: Pool;
}

/** Of `threads(system)` of @beamish/threads. */
export type Pool = NonNullable<TasksOptions['threads']>;

/** The same with nothing left out. */
export interface Settings {
  readonly broker: string;
  readonly results: string;
  readonly node: string;
  readonly serve: Serving | undefined;
  readonly numbers: Numbers;
  readonly show: Show;
}

export interface Serving {
  readonly definitions: ReadonlyMap<string, Definition>;
  readonly queues: readonly string[];
  readonly concurrency: number;
  readonly threads: Pool | undefined;
}

const BROKERS = ['amqp:', 'amqps:', 'redis:', 'rediss:'];
const DEFAULT_CONCURRENCY = 10;

/** @throws TypeError or RangeError for options that are none. None shows a URL, since a password may be in it. */
export function settingsOf(options: CeleryOptions): Settings {
  const { BROKER, BACKEND } = process.env;
  const { broker = BROKER, results = BACKEND ?? 'rpc://', serve, numbers = {} } = options;
  const { node = `celery@${hostname()}`, show = 'repr' } = options;
  if (broker === undefined || broker === '')
    throw new TypeError(
      'Cannot join Celery without a broker: give it as broker, or as $BROKER: amqp://USER:PASSWORD@HOST:PORT/VHOST or redis://HOST:PORT/DATABASE',
    );
  const scheme = schemeOf(broker);
  if (scheme === undefined || !BROKERS.includes(scheme))
    throw new TypeError(
      `Cannot join Celery: its broker is an amqp:, amqps:, redis: or rediss: URL, not ${scheme ?? 'what was given'}`,
    );
  if (results !== 'none' && !['rpc:', 'redis:', 'rediss:'].includes(schemeOf(results) ?? ''))
    throw new TypeError(
      `Cannot join Celery: results are rpc://, a redis: or rediss: URL, or 'none', not ${schemeOf(results) ?? 'what was given'}`,
    );
  if (typeof node !== 'string' || node === '' || node.length > 200)
    throw new TypeError(
      'Cannot join Celery: node is a name of at most 200 characters, such as celery@host',
    );
  return { broker, results, node, numbers, show, serve: serve && servingOf(serve) };
}

function schemeOf(url: string): string | undefined {
  return /^([a-z]+:)\/\//.exec(url)?.[1];
}

function servingOf(options: ServeOptions): Serving {
  const { tasks, queues, concurrency = DEFAULT_CONCURRENCY, threads } = options;
  if (
    !Array.isArray(queues) ||
    queues.length === 0 ||
    queues.some((each) => typeof each !== 'string' || each === '')
  )
    throw new TypeError('Cannot serve Celery: queues is a list of names that is not empty');
  if (!Number.isInteger(concurrency) || concurrency < 1)
    throw new RangeError(
      `Cannot serve Celery: concurrency is a whole number above 0, not ${String(concurrency)}`,
    );
  const definitions = new Map<string, Definition>();
  for (const task of tasks as readonly unknown[]) {
    if (!(task instanceof Definition) || task.body === undefined)
      throw new TypeError(
        `Cannot serve ${task instanceof Definition ? `the task "${task.name}"` : String(task)}: what is served is made by defineTask, with a body`,
      );
    if (definitions.has(task.name))
      throw new TypeError(`Cannot serve two tasks named "${task.name}"`);
    if (task.options.thread !== undefined && threads === undefined)
      throw new TypeError(
        `Cannot serve the task "${task.name}": it runs in a thread, and no threads were given; pass threads: await threads(system)`,
      );
    definitions.set(task.name, task);
  }
  return { definitions, queues, concurrency, threads };
}
