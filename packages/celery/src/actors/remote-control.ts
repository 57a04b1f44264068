/** What a worker of a deployment answers when it is asked, with Celery's words. */

import { hostname } from 'node:os';
import { Definition } from '@beamish/tasks/engine';
import type { Self } from 'beamish';
import { seamsOf } from 'beamish/transport';
import { type ControlRequest, isFor, readRequest, replyMessage } from '../messages/control.ts';
import type { WireMessage } from '../messages/wire-message.ts';
import { reprOf } from '../terms/repr.ts';
import type { Deployment } from './deployment.ts';
import type { EventSender } from './event-sender.ts';
import type { Job } from './job.ts';
import type { Serving } from './serving.ts';

export interface Controlled {
  readonly deployment: Deployment;
  readonly serving: Serving;
  readonly events: EventSender;
  /** The whole of it is to end, as by `close`. */
  readonly shutdown: () => void;
  readonly heartbeat: () => void;
}

/** What the method of a request results in; an error of Python's as text is an answer, too. */
type Answer = unknown;
type Handlers = Readonly<Record<string, (args: Readonly<Record<string, unknown>>) => Answer>>;

class Refused extends Error {}

export class RemoteControl {
  readonly #self: Self;
  readonly #of: Controlled;
  readonly #startedAt: number;
  readonly #handlers: Handlers;

  constructor(self: Self, controlled: Controlled) {
    this.#self = self;
    this.#of = controlled;
    this.#startedAt = seamsOf(self).now();
    this.#handlers = { ...this.#looking(), ...this.#changing() };
  }

  /** A method that is not there or that fails is answered with an error, and nothing else happens. */
  heard(message: WireMessage): void {
    const { deployment } = this.#of;
    const { node } = deployment.settings;
    const request = readRequest(message, seamsOf(this.#self).wall() / 1000);
    if (request === undefined) return;
    deployment.clock.adjust(request.clock);
    if (!isFor(node, request)) return;
    const reply = this.#answer(request);
    if (request.replyTo === undefined) return;
    const answer = replyMessage(node, reply, request, deployment.clock.tick());
    deployment.wire.emit(request.replyTo, answer);
  }

  #answer({ method, args }: ControlRequest): Answer {
    const handler = Object.hasOwn(this.#handlers, method) ? this.#handlers[method] : undefined;
    if (handler === undefined) return { error: `KeyError(${reprOf(method)})` };
    try {
      return handler(args) ?? null;
    } catch (error) {
      if (error instanceof Refused) return { error: error.message };
      return { error: `RuntimeError(${reprOf(String((error as Error).message))})` };
    }
  }

  // ── looking ───────────────────────────────────────────────────────────────────────────────

  #looking(): Handlers {
    const { deployment, serving } = this.#of;
    const { clock, settings } = deployment;
    return {
      ping: () => ({ ok: 'pong' }),
      hello: ({ from_node }) => {
        if (from_node === settings.node) return null;
        return { revoked: this.#revoked(), clock: clock.tick() };
      },
      active: () => serving.running.map(({ job }) => this.#shown(job)),
      reserved: () => serving.waiting.map((job) => this.#shown(job)),
      scheduled: () =>
        serving.held.map((job) => ({
          eta: new Date(job.call.eta as number).toISOString(),
          priority: 6,
          request: this.#shown(job),
        })),
      revoked: () => serving.revoked.keys(),
      registered: () => [...serving.definitions.keys()].sort(),
      registered_tasks: () => [...serving.definitions.keys()].sort(),
      stats: () => this.#stats(),
      active_queues: () => deployment.wire.consumed.map(shownQueue),
      conf: () => ({
        broker_url: deployment.wire.shown,
        result_backend: deployment.results.kind,
        worker_concurrency: serving.concurrency,
      }),
      report: () => ({
        ok: `\nsoftware -> beamish-celery node:${process.versions.node}\nplatform -> system:${process.platform}\nsettings -> transport:${deployment.wire.transport} results:${deployment.results.kind}\n`,
      }),
      clock: () => ({ clock: clock.value }),
      memsample: () => null,
      memdump: () => `${Math.round(process.memoryUsage().rss / 1024)}kB`,
      query_task: ({ ids }) => this.#query(ids),
      heartbeat: () => this.#of.heartbeat(),
    };
  }

  #shown(job: Job): object {
    const { call, startedAt, deliveries } = job;
    const { id, name, args, kwargs, priority } = call;
    const [delivery] = deliveries;
    const isShown = this.#of.deployment.settings.show === 'repr';
    return {
      id,
      name,
      args: isShown ? args : '...',
      kwargs: isShown ? kwargs : '...',
      type: name,
      hostname: this.#of.deployment.settings.node,
      time_start: startedAt === undefined ? null : startedAt / 1000,
      acknowledged: this.#of.serving.isStored(job),
      delivery_info: {
        exchange: delivery?.exchange ?? '',
        routing_key: delivery?.routingKey ?? '',
        priority,
        redelivered: delivery?.redelivered ?? false,
      },
      worker_pid: startedAt === undefined ? null : process.pid,
    };
  }

  #revoked(): Readonly<Record<string, number>> {
    const now = seamsOf(this.#self).wall() / 1000;
    return Object.fromEntries(this.#of.serving.revoked.keys().map((id) => [id, now]));
  }

  #query(ids: unknown): object {
    const { serving, deployment } = this.#of;
    const wanted = new Set(Array.isArray(ids) ? ids.map(String) : [String(ids)]);
    const found: Record<string, readonly [string, object]> = {};
    const look = (state: string, jobs: readonly Job[]): void => {
      for (const job of jobs)
        if (wanted.has(job.call.id)) found[job.call.id] = [state, this.#shown(job)];
    };
    look('reserved', [...serving.held, ...serving.waiting]);
    look(
      'active',
      serving.running.map(({ job }) => job),
    );
    deployment.clock.tick();
    return found;
  }

  #stats(): object {
    const { serving, deployment } = this.#of;
    const { wire, clock } = deployment;
    const usage = process.resourceUsage();
    return {
      total: Object.fromEntries(serving.total),
      pid: process.pid,
      clock: String(clock.value),
      uptime: Math.round((seamsOf(this.#self).now() - this.#startedAt) / 1000),
      pool: {
        implementation: 'beamish',
        'max-concurrency': serving.concurrency,
        processes: [process.pid],
        'max-tasks-per-child': 'N/A',
        'put-guarded-by-semaphore': false,
        timeouts: [0, 0],
        writes: 'N/A',
      },
      broker: { ...brokerOf(wire.shown), transport: wire.transport },
      prefetch_count: serving.room,
      rusage: {
        utime: usage.userCPUTime / 1e6,
        stime: usage.systemCPUTime / 1e6,
        maxrss: usage.maxRSS,
        minflt: usage.minorPageFault,
        majflt: usage.majorPageFault,
        inblock: usage.fsRead,
        oublock: usage.fsWrite,
        nvcsw: usage.voluntaryContextSwitches,
        nivcsw: usage.involuntaryContextSwitches,
      },
      hostname: hostname(),
    };
  }

  // ── changing ──────────────────────────────────────────────────────────────────────────────

  #changing(): Handlers {
    const { deployment, serving, events, shutdown } = this.#of;
    const { wire } = deployment;
    const setConcurrency = (count: number): void => {
      serving.concurrency = Math.max(1, count);
      serving.setRoom();
      serving.pump();
    };
    return {
      revoke: ({ task_id, terminate, signal }) => this.#revoke(task_id, terminate, signal),
      terminate: ({ task_id, signal }) => this.#revoke(task_id, true, signal),
      rate_limit: ({ task_name, rate_limit }) => this.#rateLimit(task_name, rate_limit),
      time_limit: ({ task_name, hard, soft }) => {
        const limits = { hardMs: msOf(hard), softMs: msOf(soft) };
        this.#limit(String(task_name), limits);
        return { ok: 'time limits set successfully' };
      },
      pool_grow: ({ n }) => {
        setConcurrency(serving.concurrency + countOf(n));
        return { ok: 'pool will grow' };
      },
      pool_shrink: ({ n }) => {
        setConcurrency(serving.concurrency - countOf(n));
        return { ok: 'pool will shrink' };
      },
      pool_restart: () => {
        throw new Refused("ValueError('Pool restarts not enabled')");
      },
      autoscale: () => {
        throw new Refused("ValueError('Autoscale not enabled')");
      },
      add_consumer: ({ queue }) => {
        void wire.consume(String(queue));
        return { ok: `add consumer ${String(queue)}` };
      },
      cancel_consumer: ({ queue }) => {
        void wire.cancel(String(queue));
        return { ok: `no longer consuming from ${String(queue)}` };
      },
      enable_events: () => {
        const isEnabled = events.isEnabled;
        events.isEnabled = true;
        return { ok: isEnabled ? 'task events already enabled' : 'task events enabled' };
      },
      disable_events: () => {
        const { isEnabled } = events;
        events.flush();
        events.isEnabled = false;
        return { ok: isEnabled ? 'task events disabled' : 'task events already disabled' };
      },
      shutdown: () => {
        shutdown();
        return null;
      },
    };
  }

  #revoke(taskId: unknown, terminate: unknown, signal: unknown): Answer {
    const ids = Array.isArray(taskId) ? taskId.map(String) : [String(taskId)];
    const name = String(signal ?? 'SIGTERM')
      .toUpperCase()
      .replace(/^(SIG)?/, 'SIG');
    if (terminate === true && !SIGNALS.has(name))
      throw new Refused(`AttributeError("module 'signal' has no attribute '${name}'")`);
    const running = ids.filter((id) => this.#of.serving.runningWith(id) !== undefined);
    for (const id of ids) this.#of.serving.revoke(id, terminate === true);
    if (terminate !== true) return { ok: `tasks ${ids.join(', ')} flagged as revoked` };
    const text =
      running.length === 0 ? 'terminate: tasks unknown' : `terminate: ${running.join(', ')}`;
    return { ok: text };
  }

  #rateLimit(taskName: unknown, rateLimit: unknown): Answer {
    const { definitions } = this.#of.serving;
    const rate = rateOf(rateLimit);
    if (typeof rate === 'string')
      throw new Refused(`Invalid rate limit string: ValueError(${reprOf(rate)})`);
    if (!definitions.has(String(taskName))) throw new Refused('unknown task');
    this.#limit(String(taskName), { rate });
    return {
      ok:
        rate === undefined ? 'rate limit disabled successfully' : 'new rate limit set successfully',
    };
  }

  /** Other limits for a task, from now on. */
  #limit(name: string, limits: object): void {
    const { definitions } = this.#of.serving;
    const present = definitions.get(name);
    if (present === undefined) throw new Refused('unknown task');
    const all = Object.entries({ ...present.options.limits, ...limits });
    const kept = Object.fromEntries(all.filter(([, value]) => value !== undefined));
    definitions.set(name, new Definition(name, { ...present.options, limits: kept }, present.body));
    this.#of.serving.pump();
  }
}

const SIGNALS = new Set(
  ['SIGTERM', 'SIGKILL', 'SIGINT', 'SIGQUIT', 'SIGHUP', 'SIGUSR1', 'SIGUSR2', 'SIGABRT'].concat([
    'SIGALRM',
    'SIGSTOP',
    'SIGCONT',
  ]),
);

/** `10/m` and the like; the text of Python's error for what is none. */
function rateOf(
  value: unknown,
): { readonly count: number; readonly periodMs: number } | undefined | string {
  if (value === null || value === undefined || value === '' || value === 0 || value === '0')
    return undefined;
  const [count = '', unit = 's'] = String(value).split('/');
  const periods: Readonly<Record<string, number>> = { s: 1000, m: 60_000, h: 3_600_000 };
  const number = Number(count);
  if (!Number.isFinite(number) || count.trim() === '')
    return `could not convert string to float: '${count}'`;
  const periodMs = periods[unit.trim()[0] ?? 's'];
  if (periodMs === undefined) return `could not convert string to float: '${String(value)}'`;
  return number >= 1
    ? { count: Math.floor(number), periodMs }
    : { count: 1, periodMs: Math.round(periodMs / number) };
}

function msOf(seconds: unknown): number | undefined {
  return typeof seconds === 'number' && seconds > 0 ? Math.ceil(seconds * 1000) : undefined;
}

function countOf(value: unknown): number {
  return typeof value === 'number' && Number.isInteger(value) ? value : 1;
}

function brokerOf(shown: string): object {
  const [url = ''] = shown.split(' ');
  const { hostname: host, port, pathname } = new URL(url);
  return {
    hostname: host,
    port: Number(port),
    virtual_host: decodeURIComponent(pathname.slice(1)),
  };
}

function shownQueue(name: string): object {
  const exchange = {
    name,
    type: 'direct',
    arguments: null,
    durable: true,
    passive: false,
    auto_delete: false,
    delivery_mode: null,
    no_declare: false,
  };
  return {
    name,
    exchange,
    routing_key: name,
    queue_arguments: null,
    binding_arguments: null,
    consumer_arguments: null,
    durable: true,
    exclusive: false,
    auto_delete: false,
    no_ack: false,
    alias: null,
    bindings: [],
    no_declare: null,
    expires: null,
    message_ttl: null,
    max_length: null,
    max_length_bytes: null,
    max_priority: null,
  };
}
