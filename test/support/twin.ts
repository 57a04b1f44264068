/**
 * Several actor systems in one thread, connected by channels in memory: the twin of threads. One clock and
 * one seeded schedule for all of them decides what is next, a slice of one system or the arrival of one
 * batch, so that everything that can happen between threads can happen here, and replays.
 */

import { ActorSystem, type Clock } from 'beamish';
import { generator, SEED, seededDecisions, type Told, toldBy } from 'beamish/testing';
import { type Batch, type Code, type Connection, connect, identityOf } from 'beamish/transport';

type Bodies = Readonly<Record<string, unknown>>;

export class Twin {
  /** Those that live now. */
  readonly systems: ActorSystem[];
  readonly time: SharedTime;
  readonly told: Told[];
  readonly #bodies: Bodies;
  readonly #seed: number;
  #made = 0;
  readonly #channels = new Map<string, { cut(reason: unknown): void }>();

  constructor(options: { seed?: number; names?: readonly string[]; bodies?: Bodies } = {}) {
    const { seed = SEED, names = ['main', 'thread-1'], bodies = {} } = options;
    this.#bodies = bodies;
    this.#seed = seed;
    this.time = new SharedTime(seed);
    this.systems = names.map((name) => this.#make(name));
    this.told = this.systems.map(toldBy);
    for (let i = 0; i < names.length; i++)
      for (let j = i + 1; j < names.length; j++) this.join(i, j, i === 0);
  }

  #make(name: string): ActorSystem {
    return new ActorSystem({
      name,
      log: 'off',
      clock: this.time.clock(),
      decisions: seededDecisions(this.#seed * 31 + this.#made++),
    });
  }

  system(i: number): ActorSystem {
    return this.systems[i] as ActorSystem;
  }

  /** Connects two of them; the first one spawns in the second, if that is new. */
  join(i: number, j: number, spawns = false): void {
    const forth = new Lane(this.time);
    const back = new Lane(this.time);
    const load = (code: Code): never => bodyOf(this.#bodies, code) as never;
    const [a, b] = [this.system(i), this.system(j)];
    const there = connect(a, identityOf(b), carrier(forth), {
      load,
      ...(spawns && { spawner: 'here' }),
    });
    const here = connect(b, identityOf(a), carrier(back), {
      load,
      ...(spawns && { spawner: 'there' }),
    });
    forth.to = here;
    back.to = there;
    this.#channels.set(between(i, j), {
      cut(reason) {
        forth.end(reason);
        back.end(reason);
      },
    });
  }

  /** What is under way still arrives, or a part of it, as chance has it; then each side hears of the loss. */
  cut(i = 0, j = 1, reason: unknown = 'noconnection'): void {
    this.#channels.get(between(i, j))?.cut(reason);
    this.#channels.delete(between(i, j));
  }

  /** One is lost, and another one of its name is there at once. What is left of the old one reaches nobody. */
  restart(j: number): void {
    const others = [...this.systems.keys()].filter((i) => i !== j);
    for (const i of others) this.cut(i, j);
    this.systems[j] = this.#make(this.system(j).name);
    for (const i of others) this.join(i, j, i === 0);
  }

  settle(): Promise<void> {
    return this.time.settle();
  }

  advance(ms: number): Promise<void> {
    return this.time.advance(ms);
  }
}

function between(i: number, j: number): string {
  return `${Math.min(i, j)} ${Math.max(i, j)}`;
}

function bodyOf(bodies: Bodies, { exportName }: Code): unknown {
  const found = bodies[exportName] as { readonly body: unknown } | undefined;
  return found?.body ?? Promise.reject(new TypeError(`There is no body "${exportName}"`));
}

function carrier(lane: Lane): { post(batch: Batch, transfer: readonly ArrayBuffer[]): void } {
  return {
    post: (batch, transfer) => lane.post(structuredClone(batch, { transfer: [...transfer] })),
  };
}

/** One direction: what is under way arrives in order, whenever chance has it. */
class Lane {
  to: Connection | undefined;
  readonly #time: SharedTime;
  readonly #underWay: Batch[] = [];
  #isOver = false;

  constructor(time: SharedTime) {
    this.#time = time;
  }

  post(batch: Batch): void {
    if (this.#isOver) return;
    this.#underWay.push(batch);
    this.#time.lane(this, () => {
      const next = this.#underWay.shift();
      if (next !== undefined) this.to?.receive(next);
    });
  }

  end(reason: unknown): void {
    this.#isOver = true;
    // A prefix of what is under way arrives.
    this.#underWay.length = Math.floor(this.#time.random() * (this.#underWay.length + 1));
    this.#time.lane(this, () => {
      for (let b = this.#underWay.shift(); b !== undefined; b = this.#underWay.shift())
        this.to?.receive(b);
      this.to?.lost(reason);
    });
  }
}

/** Time and turns of all the systems. */
class SharedTime {
  readonly random: () => number;
  #now = 0;
  /** Each queue runs in order; which one is next is chance. */
  readonly #queues = new Map<object, (() => void)[]>();
  readonly #alarms = new Map<object, { readonly at: number; readonly ring: () => void }>();

  constructor(seed: number) {
    this.random = generator(seed);
  }

  clock(): Clock {
    const mine = {};
    return {
      now: () => this.#now,
      wall: () => Date.UTC(2000) + this.#now,
      soon: (turn) => this.lane(mine, turn),
      alarm: (ms, ring) => this.#alarms.set(mine, { at: this.#now + ms, ring }),
      silence: () => this.#alarms.delete(mine),
      whenOver: () => () => {},
    };
  }

  lane(lane: object, turn: () => void): void {
    const queue = this.#queues.get(lane);
    if (queue === undefined) this.#queues.set(lane, [turn]);
    else queue.push(turn);
  }

  async settle(): Promise<void> {
    for (;;) {
      while (this.#queues.size > 0) {
        const lanes = [...this.#queues];
        const [lane, queue] = lanes[Math.floor(this.random() * lanes.length)] as (typeof lanes)[0];
        const turn = queue.shift();
        if (queue.length === 0) this.#queues.delete(lane);
        turn?.();
      }
      await new Promise<void>((resolve) => setImmediate(resolve));
      if (this.#queues.size === 0 && !this.#ringIfDue()) return;
    }
  }

  async advance(ms: number): Promise<void> {
    const until = this.#now + ms;
    await this.settle();
    for (let next = this.#next(); next <= until; next = this.#next()) {
      this.#now = Math.max(this.#now, next);
      await this.settle();
    }
    this.#now = until;
    await this.settle();
  }

  #next(): number {
    return Math.min(...[...this.#alarms.values()].map(({ at }) => at));
  }

  #ringIfDue(): boolean {
    for (const [who, { at, ring }] of this.#alarms) {
      if (at > this.#now) continue;
      this.#alarms.delete(who);
      ring();
      return true;
    }
    return false;
  }
}
