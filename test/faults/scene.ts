/** A program on a broker that is being broken, and the account that it ends with. */

import { setTimeout } from 'node:timers/promises';
import { inspect as show } from 'node:util';
import { type AmqpOptions, amqpWith } from '@beamish/amqp';
import {
  ack,
  type BrokerEvent,
  broker,
  consume,
  type Declarable,
  type Deliveries,
  type Delivery,
  publish,
  type Queue,
  watch,
} from '@beamish/exchange';
import {
  type Actor,
  ActorSystem,
  CallFailed,
  child,
  type Pid,
  type Self,
  supervisor,
} from 'beamish';
import { expect } from 'vitest';

const LONGEST_MS = 20_000;

export interface SceneOptions {
  readonly url: string;
  readonly topology?: readonly Declarable[];
  readonly engine?: AmqpOptions;
}

export class Scene implements AsyncDisposable {
  readonly system: ActorSystem;
  readonly events: BrokerEvent[] = [];
  readonly log: string[] = [];

  private constructor(system: ActorSystem) {
    this.system = system;
  }

  /** Not before the broker stands. */
  static async open({ url, topology = [], engine = {} }: SceneOptions): Promise<Scene> {
    const scene = Scene.#made();
    const quick = { heartbeatMs: 1000, backoff: { firstMs: 20, maxMs: 200 } };
    const engines = [amqpWith({ ...quick, ...engine })];
    try {
      await scene.system.start(
        supervisor({ children: [child('broker', broker({ url, engines, topology }))] }),
      );
    } catch (error) {
      await scene[Symbol.asyncDispose]();
      throw error;
    }
    scene.system.spawn(watcher, scene.events);
    await scene.until(() => expect(scene.system.whereis('broker')).toBeDefined());
    return scene;
  }

  /** Why it does not stand, and all that anybody can see of that. */
  static async fails(options: SceneOptions): Promise<string> {
    const scene = await Scene.open(options).catch((error: unknown) => error as Error);
    if (!(scene instanceof Scene)) return show(scene, { depth: 20, showHidden: true });
    await scene[Symbol.asyncDispose]();
    throw new Error('It stands');
  }

  static #made(): Scene {
    const system = new ActorSystem({ log: 'off' });
    const scene = new Scene(system);
    system.events.on('report', (report) => scene.log.push(show(report, { depth: 20 })));
    return scene;
  }

  kinds(): readonly string[] {
    return this.events.map(({ kind }) => kind);
  }

  count(kind: BrokerEvent['kind']): number {
    return this.kinds().filter((each) => each === kind).length;
  }

  async until(check: () => unknown, longestMs = LONGEST_MS): Promise<void> {
    const over = performance.now() + longestMs;
    for (;;) {
      try {
        await check();
        return;
      } catch (error) {
        if (performance.now() > over) {
          if (error instanceof Error) error.message += `\nEvents: ${show(this.events)}`;
          throw error;
        }
      }
      await setTimeout(10);
    }
  }

  /** An actor that takes what comes, and settles it unless it is to be held. */
  consumer<M>(from: Queue<M>, options: { prefetch?: number; holds?: boolean } = {}): Taker<M> {
    const taker: Taker<M> = { got: [], cancelled: [], pid: undefined as never };
    const { prefetch = 1, holds = false } = options;
    const pid = this.system.spawn(function* (self: Self<Deliveries<M>>): Actor {
      yield* consume(self, from, { prefetch });
      for (;;) {
        const message = yield* self.receive();
        if (message.tag === 'delivery') {
          taker.got.push(message as Delivery<M>);
          if (!holds) ack(self, message as Delivery<M>);
        } else {
          taker.cancelled.push(message.reason as string);
          if (message.reason === 'broker_down') yield* consumeAgain(self, from, prefetch);
        }
      }
    });
    return Object.assign(taker, { pid });
  }

  /** Publishes numbers one after the other until it is told to stop. */
  publisher(to: Queue<Numbered>, name = 'p', options: { limit?: number } = {}): Load {
    const { limit = Number.POSITIVE_INFINITY } = options;
    const load: Load = {
      name,
      sent: 0,
      confirmed: [],
      errors: [],
      failed: new Set(),
      stop: () => {},
      over: undefined as never,
    };
    let isOver = false;
    load.stop = () => {
      isOver = true;
      return load.over;
    };
    const work = async (): Promise<void> => {
      while (!isOver && load.sent < limit) {
        const n = load.sent++;
        try {
          await publish(
            this.system,
            to,
            { from: name, n },
            { properties: { messageId: `${name}-${n}` } },
          ).within(15_000);
          load.confirmed.push(n);
        } catch (error) {
          load.errors.push(error);
          load.failed.add(n);
        }
        if (n % 20 === 0) await setTimeout(1);
      }
    };
    load.over = work();
    return load;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.system.shutdown();
  }
}

export interface Numbered {
  readonly from: string;
  readonly n: number;
}

export interface Taker<M> {
  readonly pid: Pid;
  readonly got: Delivery<M>[];
  readonly cancelled: string[];
}

export interface Load {
  readonly name: string;
  sent: number;
  readonly confirmed: number[];
  readonly errors: unknown[];
  /** Whose fate is unknown: they may come later. */
  readonly failed: Set<number>;
  stop(): Promise<void> | void;
  over: Promise<void>;
}

export interface AccountOptions {
  /** Which failures of a publish are of the fault. Default none. */
  readonly mayFail?: ((error: unknown) => boolean) | undefined;
  /** Whether first copies come in the order of their publisher: to one consumer they do. */
  readonly isOrdered?: boolean;
}

/**
 * The account: what was confirmed has arrived; nothing has that was not published; what came twice has the
 * same id, and one of them at most does not say so; and of each publisher, the first copies came in order.
 */
export function account(
  loads: readonly Load[],
  got: readonly Delivery<Numbered>[],
  { mayFail = () => false, isOrdered = true }: AccountOptions = {},
): void {
  for (const { name, sent, confirmed, errors, failed } of loads) {
    expect(errors.filter((error) => !mayFail(error))).toEqual([]);
    const its = got.filter(({ message }) => message.from === name);
    const first = new Map<number, Delivery<Numbered>>();
    for (const delivery of its) {
      const { n } = delivery.message;
      const before = first.get(n);
      if (before === undefined) first.set(n, delivery);
      else expect(delivery.properties.messageId).toBe(before.properties.messageId);
    }
    const unmarked = its.filter(({ redelivered }) => !redelivered).map(({ message }) => message.n);
    expect(unmarked.length).toBe(new Set(unmarked).size);
    expect(confirmed.filter((n) => !first.has(n))).toEqual([]);
    expect([...first.keys()].filter((n) => n >= sent)).toEqual([]);
    // What fails without an answer is published again by nobody, and what is behind it goes on.
    const order = [...first.keys()].filter((n) => !failed.has(n));
    if (isOrdered) expect(order).toEqual([...order].sort((a, b) => a - b));
  }
}

/** The broker's server was started again, and knows nothing of who consumed. */
function* consumeAgain<M>(self: Self<Deliveries<M>>, from: Queue<M>, prefetch: number): Actor {
  for (;;) {
    try {
      yield* consume(self, from, { prefetch });
      return;
    } catch (error) {
      if (!(error instanceof CallFailed)) throw error;
      yield* self.sleep(20);
    }
  }
}

function* watcher(self: Self<BrokerEvent>, events: BrokerEvent[]): Actor {
  yield* watch(self);
  for (;;) events.push(yield* self.receive('broker'));
}
