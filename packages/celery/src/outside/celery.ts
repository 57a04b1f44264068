/** Joining a deployment, for a program without a tree of its own: a handle. */

import type { TaskDefinition, Tasks } from '@beamish/tasks';
import { systemOf } from '@beamish/tasks/engine';
import type { ActorSystem, Deadline, Pid } from 'beamish';
import type { Deployment } from '../actors/deployment.ts';
import { Inquiries } from '../actors/inquiries.ts';
import { type CeleryOptions, settingsOf } from '../terms/options.ts';
import { type CeleryTaskOptions, celeryTask } from './celery-task.ts';
import { celeryTree, namesOf } from './celery-tree.ts';

export interface Celery extends AsyncDisposable {
  /** Under which the deployment knows this worker. */
  readonly node: string;
  /** Goes offline; the application goes on. */
  close(): Promise<void>;
  /** Positional arguments, and keyword arguments if there are any. The types are what the other side says, unchecked. */
  task<A extends unknown[], R>(name: string, options?: CeleryTaskOptions): TaskDefinition<A, R>;
  /** Whether it is connected and its consumers answer a probe. */
  health(): Promise<{ readonly ok: boolean; readonly detail: string }>;
  /** To all nodes or some; resolves with what came `within` so many ms (1,000), by node. */
  inspect<T = unknown>(
    method: string,
    args?: Readonly<Record<string, unknown>>,
    options?: Deadline & { readonly nodes?: readonly string[] },
  ): Promise<Readonly<Record<string, T>>>;
}

/**
 * Joins this application to a Celery deployment: Python clients call our tasks, canvases of `submit` run
 * steps in Python, `celery inspect`, `celery events` and Flower see this worker. It becomes part of the
 * application's system and ends with it. Resolves when it is connected; until then it tries, for ever.
 *
 * ```ts
 * await using py = await celery(app, { broker: 'amqp://localhost', results: 'rpc://' });
 * const train = py.task<[rows: number], Model>('models.train', { queue: 'py' });
 * ```
 *
 * Rejects with TypeError or RangeError for options that are none, and if the broker refuses who we are.
 */
export async function celery(app: Tasks, options: CeleryOptions = {}): Promise<Celery> {
  const system = systemOf(app);
  const { node } = settingsOf(options);
  const tree = await system.start(celeryTree({ ...options, app: app.address }));
  const asked = system.call(namesOf({ pid: tree as Pid }).deployment, 'deployment');
  const { deployment } = await asked.within('infinity');
  return new Handle(system, tree as Pid, node, deployment);
}

class Handle implements Celery {
  readonly node: string;
  readonly #system: ActorSystem;
  readonly #tree: Pid;
  readonly #deployment: Deployment;
  readonly #inquiries: Inquiries;
  #closing: Promise<void> | undefined;

  constructor(system: ActorSystem, tree: Pid, node: string, deployment: Deployment) {
    this.#system = system;
    this.#tree = tree;
    this.node = node;
    this.#deployment = deployment;
    this.#inquiries = new Inquiries(system, deployment);
  }

  task<A extends unknown[], R>(name: string, options?: CeleryTaskOptions): TaskDefinition<A, R> {
    return celeryTask(name, options);
  }

  async health(): Promise<{ readonly ok: boolean; readonly detail: string }> {
    const { wire } = this.#deployment;
    try {
      await wire.probe();
      return { ok: true, detail: `connected to ${wire.shown}` };
    } catch (error) {
      return { ok: false, detail: (error as Error).message };
    }
  }

  async inspect<T = unknown>(
    method: string,
    args: Readonly<Record<string, unknown>> = {},
    options: Deadline & { readonly nodes?: readonly string[] } = {},
  ): Promise<Readonly<Record<string, T>>> {
    const replies = await this.#inquiries.ask(method, args, options);
    return replies as Readonly<Record<string, T>>;
  }

  close(): Promise<void> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }

  async #close(): Promise<void> {
    const ended = this.#system.exited(this.#tree);
    this.#system.exitSignal(this.#tree, 'shutdown');
    await ended;
  }
}
