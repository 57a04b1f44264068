/**
 * The client: it joins the application as the worker of all that runs in the deployment. What it is given is
 * published as a plain task and is running until its result comes, so the canvas that it is a part of goes on here.
 */

import {
  type Begin,
  type EndBody,
  encode,
  type FullAddress,
  type Guest,
  type TaskEvent,
  type TaskRecord,
} from '@beamish/tasks/engine';
import type { Actor, Message as AnyMessage, Exit, Name, ReplyTo, Self } from 'beamish';
import { reserveTags, type Seams, seamsOf } from 'beamish/transport';
import { callMessage, type Outgoing } from '../messages/call-message.ts';
import { requestMessage } from '../messages/control.ts';
import { type Answer, readResult } from '../messages/result.ts';
import { NotPublished, PIDBOX } from '../wire/wire.ts';
import type { ConnectionNews, Deployment, DeploymentServer } from './deployment.ts';
import { type Brought, broughtBack, HELD } from './held.ts';
import { callsOf, ELSEWHERE, endOf, failure, WITH_KEYWORDS } from './outgoing-call.ts';

reserveTags('$result', '$failed', '$published', '$join');

interface Drained {
  readonly finished: number;
  readonly returned: number;
}

type Message =
  | Begin
  | EndBody
  | ConnectionNews
  | { readonly tag: 'drain'; readonly withinMs: number; readonly replyTo: ReplyTo<Drained> }
  | { readonly tag: '$result'; readonly text: string }
  | { readonly tag: '$failed'; readonly id: string; readonly error: unknown }
  | { readonly tag: '$published'; readonly id: string }
  | { readonly tag: '$join' | '$patience' };

/** As many as the application may have under way in the deployment. */
const LIMIT = 10_000;
const JOIN_MS = 100;

export interface CallerOptions {
  readonly deployment: Name<DeploymentServer>;
  readonly app: FullAddress;
}

export function* celeryCaller(self: Self<Message>, options: CallerOptions): Actor {
  self.trapExit(true);
  const { deployment } = yield* self.call(options.deployment, 'deployment').within('infinity');
  const { results } = deployment;
  const caller = new Caller(self, deployment, options.app);
  const { pid } = self;
  results.take = (text) => self.send(pid, { tag: '$result', text });
  deployment.watchers.add(pid as never);
  self.defer(() => {
    deployment.watchers.delete(pid as never);
    results.take = () => {};
  });
  caller.join();
  for (;;) {
    const message = (yield* self.receive()) as Message | Exit | AnyMessage;
    switch (message.tag) {
      case 'begin':
        caller.begin(message as Begin);
        break;
      case '$result':
        caller.answered((message as { readonly text: string }).text);
        break;
      case '$published':
        caller.published((message as { readonly id: string }).id);
        break;
      case '$failed': {
        const { id, error } = message as { readonly id: string; readonly error: unknown };
        caller.failed(id, error);
        break;
      }
      case 'end_body':
        caller.endBody(message as EndBody);
        break;
      case 'drain': {
        const { withinMs, replyTo } = message as Extract<Message, { readonly tag: 'drain' }>;
        caller.drain(withinMs, replyTo);
        break;
      }
      case '$patience':
        caller.giveBackAll();
        break;
      case '$connection':
        if ((message as ConnectionNews).isUp) caller.reconnected();
        break;
      case '$join':
        caller.join();
        break;
      case 'DOWN':
        // The application is gone, and what it had under way with it; it joins again when it is back.
        caller.left();
        break;
      case 'EXIT':
        if ((message as Exit).from === self.parent) {
          caller.giveBackAll();
          self.exit((message as Exit).reason);
        }
        break;
    }
  }
}

/** A task under way: its calls, and the answers to them. */
interface UnderWay {
  readonly record: TaskRecord;
  readonly calls: readonly Pick<Outgoing, 'id'>[];
  readonly answers: (Answer | undefined)[];
  /** The application has ended it without its result. */
  isGivenUp: boolean;
}

class Caller {
  readonly #self: Self<Message>;
  readonly #seams: Seams;
  readonly #deployment: Deployment;
  readonly #app: FullAddress;
  /** By the ids of the application. */
  readonly #tasks = new Map<string, UnderWay>();
  /** By the ids of calls. */
  readonly #byCall = new Map<string, { readonly task: UnderWay; readonly index: number }>();
  #worker = '';
  #draining:
    | { finished: number; returned: number; readonly waiting: ReplyTo<Drained>[] }
    | undefined;

  constructor(self: Self<Message>, deployment: Deployment, app: FullAddress) {
    this.#self = self;
    this.#seams = seamsOf(self);
    this.#deployment = deployment;
    this.#app = app;
  }

  /** As soon as the application is there. */
  join(): void {
    const address = this.#app as never;
    if (this.#self.whereis(address) === undefined) {
      this.#self.sendAfter(JOIN_MS, this.#self.pid, { tag: '$join' });
      return;
    }
    this.#self.monitor(address);
    const as: Guest = { name: 'celery', limit: LIMIT, prefixes: [ELSEWHERE, WITH_KEYWORDS, HELD] };
    this.#tell({ tag: 'enlist', worker: this.#self.pid as never, as });
  }

  left(): void {
    for (const { calls } of this.#tasks.values()) this.#forget(calls);
    this.#tasks.clear();
    this.join();
  }

  begin({ worker, records }: Begin): void {
    this.#worker = worker;
    for (const record of records) {
      if (this.#draining === undefined) this.#call(record);
      else this.#giveBack(record);
    }
  }

  answered(text: string): void {
    const result = readResult(text, this.#deployment.settings.numbers);
    const found = result && this.#byCall.get(result.id);
    if (result === undefined || found === undefined) return;
    const { answer } = result;
    const { record, isGivenUp } = found.task;
    if (answer.kind !== 'pending') this.#answer(found.task, found.index, answer);
    else if (answer.status !== 'STARTED' && answer.status !== 'RETRY' && !isGivenUp)
      this.#showProgress(record, answer.result);
  }

  /** The broker has it, and nothing more is to come. */
  published(id: string): void {
    const found = this.#byCall.get(id);
    if (found === undefined) return;
    this.#answer(found.task, found.index, { kind: 'succeeded', value: null });
  }

  failed(id: string, error: unknown): void {
    const found = this.#byCall.get(id);
    if (found === undefined) return;
    const { record, calls } = found.task;
    const { name = 'Error', message = String(error) } = error as Partial<Error>;
    this.#forget(calls);
    const reason = error instanceof NotPublished ? 'error' : 'codec';
    this.#end(found.task, failure(record, reason, { name, message }, this.#now()));
  }

  /** Revoked: whoever has it there is told, too. */
  endBody({ id, run, how }: EndBody): void {
    const task = this.#tasks.get(id);
    if (task === undefined || task.record.run !== run) return;
    task.isGivenUp = true;
    const isTheirs = broughtBack(task.record) === undefined;
    if (isTheirs && how !== 'leave' && how !== 'stale')
      for (const call of task.calls) this.#revoke(call.id, how === 'kill' || how === 'end');
    this.#forget(task.calls);
    this.#end(task, { kind: 'return', run, now: this.#now() });
  }

  drain(withinMs: number, replyTo: ReplyTo<Drained>): void {
    const isFirst = this.#draining === undefined;
    this.#draining ??= { finished: 0, returned: 0, waiting: [] };
    this.#draining.waiting.push(replyTo);
    if (isFirst) this.#tell({ tag: 'retired', worker: this.#worker });
    if (!isFirst || withinMs <= 0) this.giveBackAll();
    else if (Number.isFinite(withinMs))
      this.#self.sendAfter(withinMs, this.#self.pid, { tag: '$patience' });
    this.#finishDraining();
  }

  /** What has no result yet is called again by the next start, under the same id. */
  giveBackAll(): void {
    for (const task of [...this.#tasks.values()]) {
      this.#forget(task.calls);
      if (this.#draining !== undefined) this.#draining.returned++;
      this.#remove(task, { kind: 'return', run: task.record.run, now: this.#now() });
    }
    this.#finishDraining();
  }

  /** Answers may have come while nobody listened. */
  reconnected(): void {
    for (const id of this.#byCall.keys()) void this.#look(id);
  }

  // ── calls ─────────────────────────────────────────────────────────────────────────────────

  #call(record: TaskRecord): void {
    const { results, wire } = this.#deployment;
    const back = broughtBack(record);
    if (back !== undefined) return this.#bringBack(record, back);
    const { calls, route } = callsOf(record, results.replyTo, wire.transport);
    const task: UnderWay = { record, calls, answers: calls.map(() => undefined), isGivenUp: false };
    this.#tasks.set(record.id, task);
    if (calls.length === 0) return this.#end(task, endOf(record, [], this.#now()));
    calls.forEach((call, index) => {
      this.#byCall.set(call.id, { task, index });
      this.#publish(call, route, record).then(
        () => this.#publishedAs(call.id),
        (error: unknown) => this.#self.send(this.#self.pid, { tag: '$failed', id: call.id, error }),
      );
    });
  }

  /** It has waited in the store, and goes on in its own queue; there is no result. */
  #bringBack(record: TaskRecord, { to, message }: Brought): void {
    const { id } = record;
    const task: UnderWay = { record, calls: [{ id }], answers: [undefined], isGivenUp: false };
    this.#tasks.set(id, task);
    this.#byCall.set(id, { task, index: 0 });
    this.#deployment.wire.publish(to, message).then(
      () => this.#self.send(this.#self.pid, { tag: '$published', id }),
      (error: unknown) => this.#self.send(this.#self.pid, { tag: '$failed', id, error }),
    );
  }

  /** Told of where there are no results; otherwise nobody has to wake up for it. */
  #publishedAs(id: string): void {
    if (this.#deployment.results.kind === 'none')
      this.#self.send(this.#self.pid, { tag: '$published', id });
  }

  async #publish(
    call: Outgoing,
    route: { readonly exchange: string; readonly key: string },
    { run }: TaskRecord,
  ): Promise<void> {
    const { results, wire, author } = this.#deployment;
    const message = callMessage(call, author);
    const heard = results.kept?.expect(call.id);
    if (run === 1) {
      // Both at once: what is told before anybody hears it is found by looking.
      await Promise.all([wire.publish(route, message), heard?.then(() => this.#catchUp(call.id))]);
      return;
    }
    await heard;
    // An earlier run of it may have been answered while nobody was here.
    if (!(await this.#look(call.id))) await wire.publish(route, message);
  }

  async #catchUp(id: string): Promise<void> {
    if (!this.#byCall.has(id)) return;
    const text = await this.#deployment.results.kept?.look(id);
    if (text !== undefined) this.#self.send(this.#self.pid, { tag: '$result', text });
  }

  /** Whether it has succeeded already. */
  async #look(id: string): Promise<boolean> {
    const text = await this.#deployment.results.kept?.look(id);
    const answer = text === undefined ? undefined : readResult(text)?.answer;
    const isSuccess = answer?.kind === 'succeeded';
    if (isSuccess) this.#self.send(this.#self.pid, { tag: '$result', text: text as string });
    return isSuccess;
  }

  #revoke(id: string, terminate: boolean): void {
    const { wire, clock } = this.#deployment;
    const args = { task_id: id, terminate, signal: 'SIGTERM' };
    const nobody = { nodes: undefined, ticket: undefined, replyTo: undefined, expires: 0 };
    const message = requestMessage({ method: 'revoke', args, ...nobody }, clock.tick());
    wire.emit({ exchange: PIDBOX, key: '' }, message);
  }

  #answer(task: UnderWay, index: number, answer: Answer): void {
    task.answers[index] = answer;
    const { id } = task.calls[index] as { readonly id: string };
    this.#deployment.results.kept?.forget(id);
    this.#byCall.delete(id);
    const isOver = answer.kind !== 'succeeded' || task.answers.every((each) => each !== undefined);
    if (!isOver) return;
    this.#forget(task.calls);
    const answers = task.answers.flatMap((each) => each ?? []);
    this.#end(task, endOf(task.record, answers, this.#now()));
  }

  #forget(calls: UnderWay['calls']): void {
    for (const { id } of calls) {
      if (this.#byCall.delete(id)) this.#deployment.results.kept?.forget(id);
    }
  }

  #showProgress({ id, run }: TaskRecord, value: unknown): void {
    try {
      this.#self.cast(this.#app, 'progress', id, run, encode(value, 'progress'));
    } catch {
      // What the codec does not take is not shown; it is nobody's result.
    }
  }

  // ── to the application ────────────────────────────────────────────────────────────────────

  #end(task: UnderWay, event: TaskEvent): void {
    if (this.#draining !== undefined) this.#draining.finished++;
    this.#remove(task, event);
    this.#finishDraining();
  }

  #remove({ record }: UnderWay, event: TaskEvent): void {
    this.#tasks.delete(record.id);
    this.#tellEnded(record, event);
  }

  #giveBack(record: TaskRecord): void {
    this.#tellEnded(record, { kind: 'return', run: record.run, now: this.#now() });
  }

  #tellEnded({ id, key }: TaskRecord, event: TaskEvent): void {
    this.#tell({ tag: 'ended', worker: this.#worker, id, key, event });
  }

  #tell(message: object): void {
    this.#self.send(this.#app as never, message as never);
  }

  #finishDraining(): void {
    if (this.#draining === undefined || this.#tasks.size > 0) return;
    const { finished, returned, waiting } = this.#draining;
    for (const replyTo of waiting.splice(0)) this.#self.send(replyTo, { finished, returned });
  }

  #now(): number {
    return Math.round(this.#seams.wall());
  }
}
