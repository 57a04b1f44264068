/** Tasks: a name that is the same in every process and language, and the code behind it. */

import type { Actor, Message } from 'beamish';
import type { Storable } from '../terms/storable.ts';
import {
  checkTaskOptions,
  DEFAULT_KEEP_MS,
  DEFAULT_QUEUE,
  type TaskOptions,
} from '../terms/task-options.ts';
import type { Complete, Signature } from './signature.ts';
import type { Becoming, TaskSelf } from './task-self.ts';
import type { AsWork, TaskWork } from './work.ts';

export type Head<A extends unknown[]> = A extends [_?: infer First, ..._: unknown[]]
  ? First
  : never;
export type Tail<A extends unknown[]> = A extends [_?: unknown, ..._: infer Rest] ? Rest : never;
/** What nobody has: it says in the compiler's words what to write instead. */
interface NotOneArgument {
  readonly 'The task has not exactly one argument: use .s(…), .after(…) or spread(…)': never;
}
/** Used as it is, a task takes the result before it as its argument; so it must have one, and need no other. */
type Alone<A extends unknown[]> = A extends []
  ? NotOneArgument
  : [] extends Tail<A>
    ? Head<A>
    : NotOneArgument;

/** A task: a name that is the same in every process and language, and the code behind it. */
export interface TaskDefinition<A extends unknown[] = never, out R = unknown>
  extends Signature<Alone<A>, R> {
  /** The same in every process and language. */
  readonly name: string;
  /** As they were given. */
  readonly options: TaskOptions<A>;
  /** With all its arguments (Celery's `.si`). */
  s(...args: A): Complete<R>;
  /** With all but the first, which is the result before it (Celery's `.s` in a chain). */
  after(...rest: Tail<A>): Signature<Head<A>, R>;
}

/** A task of whatever arguments and result. */
/** A task of whatever arguments and result. */
// biome-ignore lint/suspicious/noExplicitAny: a task of whatever arguments
export type AnyTask = TaskDefinition<any, unknown>;

/** Bodies are those of actors, and plain functions too. A body that takes messages says which: `self: TaskSelf<Msg>`. */
export type TaskBody<A extends unknown[], R, M extends Message = never> = (
  self: TaskSelf<M>,
  ...args: A
) => Actor<R | Becoming<R>> | Promise<R | Becoming<R>> | R | Becoming<R>;

/** A body with its types forgotten: what runs it knows none. */
export type AnyTaskBody = (self: never, ...args: never[]) => unknown;

/** A definition, seen from the inside. */
export class Definition implements AsWork {
  /** Of the task. */
  readonly name: string;
  /** As they were given. */
  readonly options: TaskOptions<never>;
  /** Undefined of a task that runs elsewhere. */
  readonly body: AnyTaskBody | undefined;
  /** What it is as a signature. */
  readonly work: TaskWork;

  /** `elsewhere` is how the queues of those begin that are run by a worker that joins: its name, and a colon. */
  constructor(
    name: string,
    options: TaskOptions<never>,
    body: AnyTaskBody | undefined,
    elsewhere?: string,
  ) {
    checkName(name);
    checkTaskOptions(name, options);
    this.name = name;
    this.options = options;
    this.body = body;
    this.work = {
      kind: 'task',
      name,
      args: [],
      takes: 'first',
      queue: `${elsewhere ?? ''}${options.queue ?? DEFAULT_QUEUE}`,
      priority: options.priority ?? 0,
      keepMs: options.result?.keepMs ?? DEFAULT_KEEP_MS,
      ...(elsewhere !== undefined && { elsewhere }),
    };
  }

  /** With all arguments. */
  s(...args: readonly unknown[]): TaskWork {
    return { ...this.work, args, takes: 'nothing' };
  }

  /** With all but the first. */
  after(...rest: readonly unknown[]): TaskWork {
    return { ...this.work, args: rest };
  }
}

const LONGEST_NAME = 255;

function checkName(name: string): void {
  if (typeof name !== 'string' || name === '')
    throw new TypeError(
      `Cannot define a task named ${String(name)}: a name is a string that is not empty`,
    );
  const bytes = new TextEncoder().encode(name).length;
  if (bytes > LONGEST_NAME)
    throw new TypeError(
      `Cannot define the task "${name.slice(0, 40)}…": its name has ${bytes} bytes, and ${LONGEST_NAME} are the most`,
    );
}

/**
 * Defines a task. The definition is a plain value: importing it starts nothing, registers nothing. It is
 * bound to an application by being among its `tasks`.
 *
 * ```ts
 * export const crunch = defineTask('cruncher.crunch', function* (self, file: string): Actor<string[]> {
 *   const text = yield* self.wait((signal) => readFile(file, { encoding: 'utf8', signal }));
 *   return addresses(text);
 * });
 * ```
 *
 * @throws TypeError or RangeError for a name that is empty or longer than 255 bytes, and for options that are none.
 */
export function defineTask<A extends unknown[], R, M extends Message = never>(
  name: string & Storable<A, R>,
  body: TaskBody<A, R, M>,
): TaskDefinition<A, R>;
export function defineTask<A extends unknown[], R, M extends Message = never>(
  name: string & Storable<A, R>,
  options: TaskOptions<A>,
  body: TaskBody<A, R, M>,
): TaskDefinition<A, R>;
export function defineTask(name: string, ...rest: readonly unknown[]): never {
  const [options, body] = rest.length < 2 ? [{}, rest[0]] : rest;
  if (typeof body !== 'function')
    throw new TypeError(
      `Cannot define the task "${name}" by ${String(body)}: its body is a function`,
    );
  return new Definition(name, options as TaskOptions<never>, body as AnyTaskBody) as never;
}

/** A task whose body is in another process, or in another language: it can be submitted and put into canvases, not run. */
export function declareTask<A extends unknown[], R>(
  name: string,
  options: Pick<TaskOptions<A>, 'queue' | 'priority' | 'result'> = {},
): TaskDefinition<A, R> {
  return new Definition(name, options as TaskOptions<never>, undefined) as never;
}
