/**
 * What a soak of exchanges consists of: publishers and consumers that do, at random, whatever they can, and
 * die of it; and somebody who kills them, and the broker's own actors. It knows no engine.
 */

import {
  ack,
  type BrokerOptions,
  binding,
  broker,
  consume,
  type Deliveries,
  type Exchange,
  inspect,
  PublishFailed,
  publish,
  type Queue,
  quarantineOf,
  queue,
  redeliver,
  reject,
  requeue,
  topic,
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
import { generator } from 'beamish/testing';
import { type Happening, QUEUES } from './account.ts';

interface Work {
  readonly n: number;
  readonly filler: string;
}

export interface SceneOptions {
  readonly broker: Pick<BrokerOptions, 'url' | 'engines'>;
  readonly isDurable: boolean;
  /** Before the names of its exchange and queues. */
  readonly prefix?: string;
  readonly seed: number;
  /** The number of the first message. */
  readonly first: number;
  /** How many are there from another life. */
  readonly waiting: number;
  readonly note: (happening: Happening) => void;
  /** Whether the broker's own actors are killed, too. */
  readonly killsBroker: boolean;
}

const PUBLISHERS = 8;
const CONSUMERS_EACH = 2;
/** With more that wait, publishers do. */
const MOST_WAITING = 2_000;
const DEADLINE_MS = 30_000;
/** Crashes are what it is for. */
const ANY_CRASH = { intensity: 1_000_000, periodMs: 1000 } as const;
/** To which queues a message goes, by its key. */
const ROUTES: readonly (readonly [key: string, queues: readonly number[]])[] = [
  ['a.1', [0]],
  ['b.1', [1]],
  ['both.1', [0, 1]],
  ['c.1', [2]],
];

type Routes = { [key: string]: Work };

export class Scene {
  readonly system = new ActorSystem({ log: 'off' });
  readonly #options: SceneOptions;
  readonly #random: () => number;
  readonly #exchange: Exchange<'topic', Routes>;
  readonly #queues: readonly Queue<Work>[];
  readonly #workers = new Set<Pid>();
  #next: number;
  #waiting: number;
  #isCalm = false;
  kills = 0;

  constructor(options: SceneOptions) {
    this.#options = options;
    this.#random = generator(options.seed);
    this.#next = options.first;
    this.#waiting = options.waiting;
    const { prefix = '', isDurable: durable } = options;
    const exchange = topic<Routes>(`${prefix}soak`, { durable });
    this.#exchange = exchange;
    this.#queues = [
      queue(`${prefix}a`, {
        durable,
        bindings: [binding(exchange, 'a.#'), binding(exchange, 'both.*')],
      }),
      queue(`${prefix}b`, {
        durable,
        bindings: [binding(exchange, 'b.*'), binding(exchange, 'both.*')],
        // What it rejects comes back to it.
        deadLetter: { exchange, key: 'b.again' },
      }),
      queue(`${prefix}c`, { durable, bindings: [binding(exchange, 'c.*')], priorities: 5 }),
    ];
  }

  async start(): Promise<void> {
    const topology = [this.#exchange, ...this.#queues];
    const workers = this.#queues.flatMap((from, i) =>
      Array.from({ length: CONSUMERS_EACH }, (_, k) =>
        child(`${QUEUES[i]}-${k}`, worker, this, from, i),
      ),
    );
    await this.system.start(
      supervisor({
        ...ANY_CRASH,
        strategy: 'rest_for_one',
        children: [
          child('broker', broker({ ...this.#options.broker, topology })),
          child('workers', supervisor({ ...ANY_CRASH, children: workers })),
        ],
      }),
    );
    for (let i = 0; i < PUBLISHERS; i++) this.system.spawn(publisher, this);
    this.system.spawn(killer, this);
  }

  /** Nobody publishes, kills or dies any more: answers when nothing is there. */
  async drain(): Promise<void> {
    this.#isCalm = true;
    // Those that are under way.
    while (this.publishing > 0) await this.system.run(sleeper, 50);
    for (let empty = 0; empty < 2; ) {
      let left = 0;
      for (const each of this.#queues) {
        const { ready, unsettled = 0 } = await inspect(this.system, each);
        const aside = await inspect(this.system, quarantineOf(each));
        if (aside.ready > 0) await redeliver(this.system, each);
        left += ready + unsettled + aside.ready;
      }
      empty = left === 0 ? empty + 1 : 0;
      await this.system.run(sleeper, 100);
    }
  }

  // ── of its actors ─────────────────────────────────────────────────────────────────────────

  publishing = 0;

  get isCalm(): boolean {
    return this.#isCalm;
  }

  get isFull(): boolean {
    return this.#waiting > MOST_WAITING;
  }

  get exchange(): Exchange<'topic', Routes> {
    return this.#exchange;
  }

  random(below: number): number {
    return Math.floor(this.#random() * below);
  }

  next(): number {
    return this.#next++;
  }

  note(happening: Happening): void {
    if (happening[0] === 'published') this.#waiting++;
    if (happening[0] === 'settled') this.#waiting--;
    this.#options.note(happening);
  }

  come(worker: Pid): () => void {
    this.#workers.add(worker);
    return () => this.#workers.delete(worker);
  }

  /** Some consumer, or an actor of the broker. */
  kill(): void {
    const brokers = this.#options.killsBroker
      ? this.system
          .actors()
          .filter(({ name }) => /^broker(\/(queue|exchange)\/.*)?$/.test(name ?? ''))
          .map(({ pid }) => pid)
      : [];
    const victims = brokers.length > 0 && this.random(2) === 0 ? brokers : [...this.#workers];
    const victim = victims[this.random(victims.length)];
    if (victim === undefined) return;
    this.kills++;
    this.system.exitSignal(victim, 'kill');
  }
}

function* publisher(self: Self, scene: Scene): Actor {
  while (!scene.isCalm) {
    yield* self.sleep(scene.isFull ? 20 : scene.random(3));
    const [key, queues] = ROUTES[scene.random(ROUTES.length)] as (typeof ROUTES)[number];
    const n = scene.next();
    const message = { n, filler: 'x'.repeat(scene.random(300)) };
    for (const each of queues) scene.note(['published', each, n]);
    scene.publishing++;
    try {
      const options = { key, priority: scene.random(5) };
      yield* publish(self, scene.exchange, message, options).within(DEADLINE_MS);
      for (const each of queues) scene.note(['confirmed', each, n]);
    } catch (error) {
      // It may have arrived or not.
      if (!(error instanceof CallFailed || error instanceof PublishFailed)) throw error;
      for (const each of queues) scene.note(['refused', each, n]);
    } finally {
      scene.publishing--;
    }
  }
}

function* worker(
  self: Self<Deliveries<Work>>,
  scene: Scene,
  from: Queue<Work>,
  queue: number,
): Actor {
  self.defer(scene.come(self.pid));
  yield* consume(self, from, { prefetch: 1 + scene.random(8) });
  for (;;) {
    const delivery = yield* self.receive('delivery', 'cancelled');
    // Its supervisor starts another one.
    if (delivery.tag === 'cancelled') return;
    const { message, redelivered, history } = delivery;
    const hasCome = redelivered || history.length > 0;
    scene.note([hasCome ? 'redelivered' : 'delivered', queue, message.n]);
    if (scene.random(50) === 0) yield* self.sleep(scene.random(30));
    const chance = scene.isCalm ? 100 : scene.random(100);
    if (chance < 2) throw new Error('A crash of the soak');
    if (chance < 3) return;
    if (chance < 8) requeue(self, delivery);
    else if (chance < 12 && from.options.deadLetter !== undefined) reject(self, delivery);
    else {
      ack(self, delivery);
      scene.note(['settled', queue, message.n]);
    }
  }
}

function* killer(self: Self, scene: Scene): Actor {
  while (!scene.isCalm) {
    yield* self.sleep(400 + scene.random(1600));
    if (!scene.isCalm) scene.kill();
  }
}

function* sleeper(self: Self, ms: number): Actor {
  yield* self.sleep(ms);
}
