/** A broker that stands, actors that do what a test tells them, and what has been seen so far. */

import {
  ack,
  type BrokerEvent,
  type BrokerOptions,
  broker,
  type Cancelled,
  type ConsumeOptions,
  type Consumption,
  cancel,
  consume,
  type Declarable,
  type Deliveries,
  type Delivery,
  type Destination,
  declare,
  emit,
  inspect,
  type PublishBase,
  type Published,
  PublishFailed,
  publish,
  type Queue,
  type QueueInfo,
  type QueueOptions,
  queue,
  reject,
  reply,
  requeue,
  watch,
} from '@beamish/exchange';
import {
  type Actor,
  type ActorSystem,
  type Context,
  child,
  type Message,
  type Pid,
  type Self,
  type Supervisor,
  supervisor,
} from 'beamish';
import { expect } from 'vitest';
import type { Host } from './contract.ts';

// biome-ignore lint/suspicious/noExplicitAny: messages of whatever kind
type Any = any;

let stages = 0;
const REAL_TIME = 4;

export class Stage {
  host: Host;
  system: ActorSystem;
  /** The supervisor of the broker. */
  tree: Pid<Supervisor>;
  readonly events: BrokerEvent[] = [];
  readonly #mark =
    `${process.pid.toString(36)}-${(stages++).toString(36)}-${Math.floor(Math.random() * 1e9).toString(36)}`;

  private constructor(host: Host) {
    this.host = host;
    this.system = host.system;
    this.tree = undefined as never;
  }

  static async open(host: Host, options: BrokerOptions = {}): Promise<Stage> {
    const stage = new Stage(host);
    await stage.#begin(options);
    return stage;
  }

  /** The program is killed, and another one begins, so much later, with what is left. */
  async restart(laterMs = 0, options: BrokerOptions = {}): Promise<void> {
    if (this.host.killed === undefined)
      throw new Error('This engine has nothing to begin again with');
    this.host = await this.host.killed(laterMs);
    this.system = this.host.system;
    await this.#begin(options);
  }

  async #begin(options: BrokerOptions): Promise<void> {
    const { host, system } = this;
    this.tree = await this.do(
      system.start(
        supervisor({ children: [child('broker', broker({ ...host.options, ...options }))] }),
      ),
    );
    system.spawn(watcher, this.events);
    await host.settle();
  }

  async close(): Promise<void> {
    const over = this.system.shutdown();
    await this.host.settle();
    await over;
    await this.host.close();
  }

  /** A time of a row, which is longer where a busy machine tells the time. */
  ms(ms: number): number {
    return this.host.isBehind === true ? ms * REAL_TIME : ms;
  }

  /** A name that no other test has. */
  name(base: string): string {
    return `test.${this.#mark}.${base}`;
  }

  /** Declares a queue of a name of its own. */
  async queue<M = Any, A = never>(
    base = 'q',
    options: QueueOptions<M, A> = {},
  ): Promise<Queue<M, A>> {
    const made = queue<M, A>(this.name(base), options);
    await this.declare(made);
    return made;
  }

  /** As the host wants it: one with a disk has all that can be durable so. */
  async declare(...what: readonly [Declarable, ...Declarable[]]): Promise<void> {
    const { declares = (token) => token } = this.host;
    await this.do(declare(this.system, ...(what.map(declares) as [Declarable, ...Declarable[]])));
  }

  /** What an operation of the outside came to. */
  async do<T>(operation: PromiseLike<T>): Promise<T> {
    const settled = Promise.resolve(operation);
    settled.catch(() => undefined);
    await this.host.settle();
    return await settled;
  }

  /** The error that it failed with. */
  async fails(operation: PromiseLike<unknown>): Promise<Any> {
    try {
      await this.do(operation);
    } catch (error) {
      return error;
    }
    throw new Error('It did not fail');
  }

  publish(
    to: Destination,
    message: unknown,
    options?: PublishBase & { key?: string },
  ): Promise<Published> {
    return this.do(publish(this.system, to as Any, message, options as Any));
  }

  /** Publishes `count` numbers from 0, in order. */
  async publishNumbers(to: Destination, count: number, options?: PublishBase): Promise<void> {
    const one = (n: number) => publish(this.system, to as Any, n, options as Any);
    await this.do(Promise.all(Array.from({ length: count }, (_, n) => one(n))));
  }

  /** How each publish went: `'ack'`, or why not. */
  async outcomes(to: Destination, ...messages: readonly unknown[]): Promise<readonly string[]> {
    const outcomes: string[] = [];
    for (const message of messages) {
      try {
        await this.publish(to, message);
        outcomes.push('ack');
      } catch (error) {
        if (!(error instanceof PublishFailed)) throw error;
        outcomes.push(error.reason);
      }
    }
    return outcomes;
  }

  async emit(to: Destination, message: unknown, options?: PublishBase): Promise<void> {
    emit(this.system, to as Any, message, options as Any);
    await this.host.settle();
  }

  inspect(of: Queue<Any, Any>): Promise<QueueInfo> {
    return this.do(inspect(this.system, of));
  }

  /** How many are ready, once all has happened. */
  async holds(of: Queue<Any, Any>, ready: number): Promise<void> {
    await this.host.settle();
    await this.host.eventually(async () => expect((await this.inspect(of)).ready).toBe(ready));
  }

  /** Sees the value, once all has happened. */
  see(read: () => unknown, expected: unknown): Promise<void> {
    return this.host.eventually(() => expect(read()).toEqual(expected));
  }

  /** Takes everything out of a queue: the bodies, in order, of what is ready. */
  async drain(from: Queue<Any, Any>): Promise<readonly string[]> {
    const actor = await this.actor();
    await actor.consume(from, { prefetch: 1000 });
    await this.host.settle();
    // Suspects come one by one.
    for (let i = 0; i < actor.got.length; i++) await actor.ack(i);
    await actor.stop();
    return actor.bodies;
  }

  /** An actor that does what it is told. */
  async actor(): Promise<Puppet> {
    const puppet = new Puppet(this);
    await this.host.settle();
    return puppet;
  }

  /** One that consumes. */
  async consumer(from: Queue<Any, Any>, options: ConsumeOptions<string> = {}): Promise<Puppet> {
    const puppet = await this.actor();
    await puppet.consume(from, options);
    return puppet;
  }

  /** Kills the actor of a queue, which its supervisor starts again; where there is none, the connection is lost. */
  async crashQueue(of: Queue<Any, Any>): Promise<void> {
    await this.host.crashQueue(of.queue);
    await this.host.settle();
  }

  /** Events of what was dropped, from a broker that tells of it. */
  sawDropped(expected: readonly object[]): void {
    const told = this.host.isUntold === true ? [] : expected;
    expect(this.eventsOf('dropped')).toMatchObject(told);
  }

  eventsOf(kind: BrokerEvent['kind']): readonly BrokerEvent[] {
    return this.events.filter((event) => event.kind === kind);
  }
}

interface Do extends Message {
  readonly tag: 'do';
  readonly steps: (self: Self<PuppetMessage>) => Actor<void>;
}

type PuppetMessage = Deliveries<Any, string> | Do;

/** An actor of a test. */
export class Puppet {
  readonly pid: Pid<Do>;
  readonly got: Delivery<Any, string, Any>[] = [];
  readonly cancelled: Cancelled[] = [];
  readonly #stage: Stage;
  #consumption: Consumption | undefined;

  constructor(stage: Stage) {
    this.#stage = stage;
    const { got, cancelled } = this;
    this.pid = stage.system.spawn(body, got, cancelled) as Pid<Do>;
  }

  /** What has come: bodies, with a `*` if they are redelivered. */
  get bodies(): readonly string[] {
    return this.got.map(({ message, redelivered }) => `${show(message)}${redelivered ? '*' : ''}`);
  }

  /** Lets it do something, and returns what that came to. */
  async does<T>(steps: (self: Self<Any>) => T | Actor<T>): Promise<T> {
    let outcome: { readonly value: T } | { readonly thrown: unknown } | undefined;
    this.#stage.system.send(this.pid, {
      tag: 'do',
      *steps(self) {
        try {
          const made = steps(self as Self<Any>);
          outcome = { value: isSteps(made) ? yield* made : (made as T) };
        } catch (thrown) {
          outcome = { thrown };
        }
      },
    });
    await this.#stage.host.eventually(() =>
      expect(outcome, 'the actor has not done it').toBeDefined(),
    );
    const done = outcome as unknown as { readonly value: T } | { readonly thrown: unknown };
    if ('thrown' in done) throw done.thrown;
    return done.value;
  }

  async consume(from: Queue<Any, Any>, options: ConsumeOptions<string> = {}): Promise<void> {
    this.#consumption = await this.does(function* (self): Actor<Consumption> {
      return yield* consume(self, from, options);
    });
    await this.#stage.host.settle();
  }

  async cancel(): Promise<void> {
    const consumption = this.#consumption as Consumption;
    await this.does(function* (self): Actor {
      yield* cancel(self, consumption);
    });
  }

  ack(i: number): Promise<void> {
    return this.#settle(ack, i);
  }

  reject(i: number): Promise<void> {
    return this.#settle(reject, i);
  }

  requeue(i: number): Promise<void> {
    return this.#settle(requeue, i);
  }

  async reply(i: number, answer: unknown): Promise<void> {
    const delivery = this.#delivery(i);
    await this.does((self) => reply(self, delivery, answer as Any));
    await this.#stage.host.settle();
  }

  /** Ends with an error. */
  async crash(): Promise<void> {
    this.#stage.system.send(this.pid, {
      tag: 'do',
      *steps() {
        throw new Error('crash of a test');
      },
    });
    await this.#stage.host.settle();
  }

  async kill(): Promise<void> {
    this.#stage.system.exitSignal(this.pid, 'kill');
    await this.#stage.host.settle();
  }

  /** Ends in order. */
  async stop(): Promise<void> {
    this.#stage.system.exitSignal(this.pid, 'shutdown');
    await this.#stage.host.settle();
  }

  async #settle(how: (by: Context, delivery: Any) => void, i: number): Promise<void> {
    const delivery = this.#delivery(i);
    await this.does((self) => how(self, delivery));
    await this.#stage.host.settle();
  }

  #delivery(i: number): Delivery<Any, string, Any> {
    const delivery = this.got[i];
    if (delivery === undefined)
      throw new Error(`Delivery ${i} has not come; there are ${this.got.length}`);
    return delivery;
  }
}

function* body(
  self: Self<PuppetMessage>,
  got: Delivery<Any, string, Any>[],
  cancelled: Cancelled[],
): Actor {
  for (;;) {
    const message = yield* self.receive();
    if (message.tag === 'do') yield* (message as Do).steps(self);
    else if (message.tag === 'cancelled') cancelled.push(message as Cancelled);
    else if ('settlement' in message) got.push(message as Delivery<Any, string, Any>);
  }
}

function* watcher(self: Self<BrokerEvent>, events: BrokerEvent[]): Actor {
  yield* watch(self);
  for (;;) events.push(yield* self.receive('broker'));
}

function isSteps(value: unknown): value is Actor<Any> {
  return typeof value === 'object' && value !== null && 'next' in value;
}

export function show(message: unknown): string {
  return typeof message === 'object' ? JSON.stringify(message) : String(message);
}
