/** Our side of the tests: an application that has joined a deployment, with some tasks. */

import { setTimeout } from 'node:timers/promises';
import { type Celery, type CeleryOptions, celery } from '@beamish/celery';
import {
  type AnyTask,
  defineTask,
  memory,
  type Store,
  type TaskFailure,
  type TaskSelf,
  type Tasks,
  tasks,
} from '@beamish/tasks';
import { connect } from 'amqplib';
import { type Actor, ActorSystem } from 'beamish';
import { Redis } from 'ioredis';
import type { Fresh, Pair } from './live.ts';

export const add = defineTask('js.add', (_self, a: number, b: number) => a + b);
export const double = defineTask('js.double', (_self, n: number) => n * 2);
export const total = defineTask('js.total', (_self, all: readonly number[]) =>
  all.reduce((sum, n) => sum + n, 0),
);
export const boom = defineTask('js.boom', (_self, message: string): number => {
  throw new TypeError(message);
});
export const echo = defineTask('js.echo', (_self, ...args: (string | number)[]) => args);
export const nap = defineTask('js.nap', function* (self: TaskSelf, ms: number): Actor<number> {
  yield* self.sleep(ms);
  return ms;
});
/** Heeds its signal. */
export const patient = defineTask('js.patient', async (self: TaskSelf, ms: number) => {
  await setTimeout(ms, undefined, { signal: self.task.signal });
  return ms;
});
export const flaky = defineTask(
  'js.flaky',
  { retry: { max: 3, backoff: () => 50 } },
  (self: TaskSelf, failures: number) => {
    if (self.task.attempt <= failures) throw new RangeError(`attempt ${self.task.attempt}`);
    return self.task.attempt;
  },
);
export const headersOf = defineTask('js.headers', (self: TaskSelf) =>
  JSON.stringify(self.task.headers),
);
export const steps = defineTask('js.steps', function* (self: TaskSelf, n: number): Actor<number> {
  for (let i = 0; i < n; i++) {
    self.task.progress({ current: i, total: n });
    yield* self.sleep(120);
  }
  return n;
});
export const becomes = defineTask('js.becomes', (self: TaskSelf, n: number) =>
  self.task.become(add.s(n, 100)),
);

export const failed = defineTask(
  'js.failed',
  (_self, failure: TaskFailure) => `${failure.name}: ${failure.error.message} (${failure.task})`,
);

export const OURS: readonly AnyTask[] = [
  ...[add, double, total, boom, echo, nap, patient, flaky, headersOf, steps, becomes, failed],
];

interface Application {
  readonly tasks?: readonly AnyTask[];
  /** Default `memory()`. */
  readonly store?: Store;
}

export interface Ours extends AsyncDisposable {
  readonly system: ActorSystem;
  readonly app: Tasks;
  readonly py: Celery;
  /** Reports, as lines. */
  readonly reports: { readonly kind: string; readonly text: string }[];
  /** Leaves its queues as they are. */
  close(): Promise<void>;
}

/** What is left behind is taken away at the end. */
export async function join(
  { broker, results }: Pair,
  names: Fresh,
  options: Partial<CeleryOptions> & Application = {},
): Promise<Ours> {
  const { tasks: served = OURS, store = memory(), ...more } = options;
  const system = new ActorSystem({ log: 'off' });
  const reports: { kind: string; text: string }[] = [];
  system.events.on('report', ({ kind, text }) => void reports.push({ kind, text }));
  const app = await tasks(system, { tasks: served, store });
  const py = await celery(app, {
    broker,
    results,
    node: names.jsNode,
    serve: { tasks: served, queues: [names.js], concurrency: 8 },
    ...more,
  });
  return {
    system,
    app,
    py,
    reports,
    close,
    async [Symbol.asyncDispose]() {
      await close();
      await cleanUp({ broker, names });
    },
  };

  async function close(): Promise<void> {
    await py.close();
    await app.close();
    await system.shutdown();
  }
}

export async function cleanUp({
  broker,
  names,
}: {
  readonly broker: string;
  readonly names: Fresh;
}): Promise<void> {
  if (broker.startsWith('redis')) {
    const redis = new Redis(broker);
    for (const queue of [names.js, names.py])
      await redis.del(
        queue,
        ...[3, 6, 9].map((step) => `${queue}\x06\x16${step}`),
        `_kombu.binding.${queue}`,
      );
    redis.disconnect();
    return;
  }
  const connection = await connect(broker);
  const channel = await connection.createChannel();
  for (const queue of [names.js, names.py]) {
    await channel.deleteQueue(queue);
    await channel.deleteExchange(queue);
  }
  await connection.close();
}
