/** The connection to a deployment as a supervision tree. */

import { type LinkServer, linkChildren, Place } from '@beamish/amqp/connections';
import { TASKS, type TasksAddress } from '@beamish/tasks';
import { full } from '@beamish/tasks/engine';
import {
  type Body,
  child,
  type Name,
  name,
  type Self,
  type Supervisor,
  stop,
  supervisor,
} from 'beamish';
import { celeryCaller } from '../actors/caller.ts';
import { amqpDeployment, type DeploymentServer, redisDeployment } from '../actors/deployment.ts';
import { celeryWorker, workerIsReady } from '../actors/worker.ts';
import { type CeleryOptions, type Settings, settingsOf } from '../terms/options.ts';

/** What joins a deployment as a child of yours. */
export interface CeleryTreeOptions extends CeleryOptions {
  /** Default `TASKS`. */
  readonly app?: TasksAddress;
}

/** A connection that is silent is given up after three. */
const HEARTBEAT_MS = 8000;
const PENDING = 100_000;
const FOR_EVER = Number.MAX_SAFE_INTEGER;
const BACKOFF = { firstMs: 100, maxMs: 2000 };
const INTENSITY = 5;
const PERIOD_MS = 5000;

/**
 * The connection to a Celery deployment, as a child of yours, after the application:
 * `child('celery', celeryTree({ serve: { tasks: [pdf], queues: ['js'] } }))`. It has started when it is connected.
 *
 * @throws TypeError or RangeError for options that are none.
 */
export function celeryTree(options: CeleryTreeOptions = {}): Body<Supervisor, [], void> {
  const settings = settingsOf(options);
  const { app = TASKS } = options;
  return supervisor((self) => {
    const names = namesOf(self);
    const tree = self.pid;
    // By another actor, since the worker is one of those that are to end.
    const shutdown = (worker: Self): void => {
      worker.spawn(function* ending(by: Self) {
        yield* stop(by, tree, { reason: 'shutdown' });
      });
    };
    const { serve } = settings;
    return {
      strategy: 'rest_for_one',
      intensity: INTENSITY,
      periodMs: PERIOD_MS,
      children: [
        ...connectionOf(settings, names),
        child({ id: 'caller' }, celeryCaller, { deployment: names.deployment, app: full(app) }),
        ...(serve === undefined
          ? []
          : [
              child({ id: 'worker', name: names.worker, shutdown: 'infinity' }, celeryWorker, {
                deployment: names.deployment,
                app,
                serve,
                shutdown,
              }),
              child({ id: 'ready' }, workerIsReady, names.worker),
            ]),
      ],
    };
  });
}

export interface Names {
  readonly link: Name<LinkServer>;
  readonly deployment: Name<DeploymentServer>;
  // biome-ignore lint/suspicious/noExplicitAny: what it takes is its own
  readonly worker: Name<any>;
}

/** Of one tree, of which there may be several. */
export function namesOf(tree: { readonly pid: { readonly serial: number } }): Names {
  const prefix = `celery.${tree.pid.serial}`;
  return {
    link: name(`${prefix}/link`),
    deployment: name(prefix),
    worker: name(`${prefix}/worker`),
  };
}

function connectionOf(settings: Settings, { link, deployment }: Names) {
  if (settings.broker.startsWith('redis'))
    return [child({ id: 'deployment', name: deployment as never }, redisDeployment, settings)];
  const place = new Place(settings.broker, HEARTBEAT_MS);
  const { node: connectionName } = settings;
  const linked = { place, connectionName, pendingLimit: PENDING, startTimeoutMs: FOR_EVER };
  return [
    ...linkChildren({ ...linked, backoff: BACKOFF, front: deployment }),
    child({ id: 'deployment', name: deployment }, amqpDeployment, settings, link),
  ];
}
