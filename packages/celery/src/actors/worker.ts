/** The actor that is our worker in a deployment: it takes what Celery's clients send, and answers remote control. */

import { outcome, submit, type TasksAddress } from '@beamish/tasks';
import type { FullAddress } from '@beamish/tasks/engine';
import { full, givenWork, type WorkerMessage } from '@beamish/tasks/engine';
import {
  type Actor,
  type Exit,
  type Name,
  name,
  type ReplyTo,
  type Self,
  type ServerSelf,
  server,
} from 'beamish';
import { reserveTags } from 'beamish/transport';
import type { Outcome } from '../messages/epilogue.ts';
import { HEARTBEAT_S } from '../messages/event.ts';
import type { Delivery, WireMessage } from '../messages/wire-message.ts';
import { celeryException, exceptionOf } from '../terms/exception.ts';
import type { Serving as Settings } from '../terms/options.ts';
import type { LimitReached } from './body.ts';
import type { ConnectionNews, DeploymentServer } from './deployment.ts';
import type { Settled } from './endings.ts';
import { EventSender } from './event-sender.ts';
import type { Due, Stored } from './held.ts';
import type { Job } from './job.ts';
import { RemoteControl } from './remote-control.ts';
import { Serving } from './serving.ts';

reserveTags(
  ...['$delivered', '$broadcast', '$beat', '$flush_events', '$limits', '$shutdown', '$patience'],
  ...['$ready', '$becomes', '$became', '$due', '$stored', '$settled'],
);

/** How long what runs may take when the worker is ended, and then how long to end. */
const DRAIN_MS = 30_000;
const LAST_MS = 5000;

/** Asked once by whoever waits for it to take what comes. */
interface Ready {
  readonly tag: '$ready';
  readonly replyTo: ReplyTo<true>;
}

interface Becomes {
  readonly tag: '$becomes';
  readonly job: Job;
  readonly work: string;
}

interface Became {
  readonly tag: '$became';
  readonly job: Job;
  readonly outcome: Outcome;
}

type Message =
  | { readonly tag: '$delivered'; readonly delivery: Delivery }
  | { readonly tag: '$broadcast'; readonly message: WireMessage }
  | Ready
  | { readonly tag: '$beat' | '$flush_events' | '$limits' | '$shutdown' }
  | { readonly tag: '$patience'; readonly which: 'first' | 'last' }
  | ConnectionNews
  | Becomes
  | Became
  | Due
  | Stored
  | Settled
  | LimitReached
  | Extract<WorkerMessage, { readonly tag: FromBodies }>;

/** What bodies say, and their keepers in threads. */
type FromBodies = 'show' | 'begun_there' | 'shown_there' | 'ended_there' | 'leaks_there';

export interface WorkerOptions {
  readonly deployment: Name<DeploymentServer>;
  readonly app: TasksAddress;
  readonly serve: Settings;
  /** Ends the whole tree, when remote control asks for it. */
  readonly shutdown: (self: Self) => void;
}

export function* celeryWorker(self: Self<Message>, options: WorkerOptions): Actor {
  self.trapExit(true);
  const { deployment } = yield* self.call(options.deployment, 'deployment').within('infinity');
  const { wire, settings } = deployment;
  const events = new EventSender(self as never, deployment);
  const app = known(options.app, self.pid.system);
  const store = (yield* isDurable(self, app)) ? options.app : undefined;
  const serving = new Serving(self as never, deployment, options.serve, { app, store }, events);
  const beat = (): void => events.worker('worker-heartbeat', serving.counts);
  const control = new RemoteControl(self as never, {
    deployment,
    serving,
    events,
    shutdown: () => self.send(self.pid, { tag: '$shutdown' }),
    heartbeat: beat,
  });
  deployment.watchers.add(self.pid as never);
  self.defer(() => {
    deployment.watchers.delete(self.pid as never);
  });
  const { pid } = self;
  serving.setRoom();
  yield* self.wait(
    wire.listen(settings.node, {
      delivered: (delivery) => self.send(pid, { tag: '$delivered', delivery }),
      broadcast: (message) => self.send(pid, { tag: '$broadcast', message }),
    }),
  );
  for (const queue of options.serve.queues) yield* self.wait(wire.consume(queue));
  events.worker('worker-online', serving.counts);
  self.sendAfter(HEARTBEAT_S * 1000, pid, { tag: '$beat' });

  let ending: { readonly reason: unknown } | undefined;
  for (;;) {
    const message = (yield* self.receive()) as Message | Exit;
    switch (message.tag) {
      case '$delivered':
        serving.delivered(message.delivery);
        break;
      case 'EXIT': {
        const { from, reason } = message as Exit;
        if (from !== self.parent) serving.bodyEnded(from, reason);
        else {
          ending ??= { reason };
          yield* drain();
        }
        break;
      }
      case '$settled':
        serving.settled(message);
        break;
      case '$due':
        serving.due(message.identity);
        break;
      case '$stored':
        serving.stored(message);
        break;
      case '$limits':
        serving.limitsPassed();
        break;
      case 'limit':
        serving.runningWith(message.id)?.reached(message.which);
        break;
      case 'show': {
        const running = serving.runningWith(message.id);
        if (running !== undefined) serving.showProgress(running);
        break;
      }
      case 'begun_there':
        serving.runningWith(message.id)?.limit();
        break;
      case 'shown_there': {
        const running = serving.runningWith(message.id);
        running?.inThread?.shown(message.value);
        if (running !== undefined) serving.showProgress(running);
        break;
      }
      case 'ended_there':
        serving.runningWith(message.id)?.inThread?.told(message.event, message.notes ?? []);
        break;
      case 'leaks_there':
        serving.runningWith(message.id)?.inThread?.killThread();
        break;
      case '$broadcast':
        control.heard(message.message);
        break;
      case '$beat':
        beat();
        self.sendAfter(HEARTBEAT_S * 1000, pid, { tag: '$beat' });
        break;
      case '$flush_events':
        events.flush();
        break;
      case '$connection':
        if (message.isUp) events.worker('worker-online', serving.counts);
        else serving.disconnected();
        break;
      case '$becomes':
        self.spawn(becoming, options.app, pid, message);
        break;
      case '$became':
        serving.became(message.job, message.outcome);
        break;
      case '$ready':
        self.send(message.replyTo, true);
        break;
      case '$shutdown':
        options.shutdown(self as never);
        break;
      case '$patience':
        for (const running of serving.running) {
          running.abort('The worker is being closed, and its patience is over');
          if (message.which === 'last') running.end('returned');
        }
        if (message.which === 'first')
          self.sendAfter(LAST_MS, pid, { tag: '$patience', which: 'last' });
        break;
    }
    if (ending !== undefined && serving.isIdle) {
      events.flush();
      events.worker('worker-offline', serving.counts);
      self.exit(ending.reason as never);
    }
  }

  function* drain(): Actor {
    for (const queue of wire.consumed) yield* self.wait(wire.cancel(queue));
    serving.drain();
    self.sendAfter(DRAIN_MS, pid, { tag: '$patience', which: 'first' });
  }
}

/** Whether what the application stores outlives us; not, as long as it is not there. */
function* isDurable(self: Self<Message>, app: FullAddress): Actor<boolean> {
  try {
    const { store } = yield* self.call(app, 'stats').within('infinity');
    return store.isDurable;
  } catch {
    return false;
  }
}

/** As it is known from threads, too. */
function known(app: TasksAddress, system: string): FullAddress {
  return full('name' in app && app.system === undefined ? name(app.name, system) : app);
}

/** Has started when the worker takes what comes. */
export const workerIsReady = server(function* (self: ServerSelf, worker: Name<Ready>) {
  yield* self.call(worker, { tag: '$ready' }).within('infinity');
  return {};
});

/** Waits for the work that a task became: it is the application's, and may have steps of either side. */
function* becoming(
  self: Self,
  app: TasksAddress,
  worker: Self<Message>['pid'],
  { job, work }: Becomes,
): Actor {
  const tell = (its: Outcome): void =>
    self.send(worker as never, { tag: '$became', job, outcome: its } as never);
  try {
    const given = givenWork(JSON.parse(work) as never) as never;
    // The same for the same call: a second epilogue finds what the first one has submitted.
    const id = `${job.call.id}:became:${job.call.retries}`;
    const task = yield* submit(self, app, given, { id });
    const ended = yield* outcome(self, app, task);
    if (ended === undefined) return;
    if (ended.ok) tell({ kind: 'succeeded', value: ended.value });
    else if (ended.reason.state === 'revoked')
      tell({ kind: 'revoked', error: celeryException('TaskRevokedError', 'revoked') });
    else tell({ kind: 'failed', error: exceptionOf(ended.reason.error) });
  } catch (error) {
    // It was refused: no task has this name, or the application is gone.
    const { name = 'Error', message = String(error) } = error as Partial<Error>;
    tell({ kind: 'failed', error: exceptionOf({ name, message }) });
  }
}
