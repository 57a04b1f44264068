/** What is measured of exchanges in this process: each returns how many a second, or bytes. */

import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  ack,
  binding,
  broker,
  consume,
  type Deliveries,
  type Exchange,
  emit,
  fanout,
  publish,
  type Queue,
  queue,
  subscribe,
  topic,
} from '@beamish/exchange';
import { openJournal } from '@beamish/journal';
import {
  type Actor,
  ActorSystem,
  type Context,
  child,
  type Message,
  type Pid,
  type Self,
  supervisor,
} from 'beamish';

interface Tick extends Message {
  readonly tag: 'tick';
  readonly n: number;
}

/** So many are sent before the others have their turn. */
const BURST = 100;
/** As raw actors wait where a mailbox is full, publishers wait here for their consumers. */
const MOST_UNDER_WAY = 300;

type Begin = () => void;

/** How many a second, from when `run` has set up and its beginning is called until it calls `done`. */
async function timed(
  count: number,
  run: (system: ActorSystem, done: () => void) => Begin | Promise<Begin>,
): Promise<number> {
  const system = new ActorSystem({ log: 'off' });
  let done = (): void => {};
  const end = new Promise<void>((resolve) => {
    done = resolve;
  });
  const begin = await run(system, done);
  const began = process.cpuUsage();
  begin();
  await end;
  const { user, system: kernel } = process.cpuUsage(began);
  const ms = (user + kernel) / 1000;
  await system.shutdown();
  return (count / ms) * 1000;
}

/** Sends through one actor to another. */
export function relay(count: number): Promise<number> {
  return timed(count, (system, done) => {
    function* sink(self: Self<Tick>): Actor {
      for (let n = 0; n < count; n++) yield* self.receive('tick');
      done();
    }
    function* between(self: Self<Tick>, to: Pid<Tick>): Actor {
      for (;;) yield* self.offer(to, yield* self.receive('tick'));
    }
    function* source(self: Self, to: Pid<Tick>): Actor {
      for (let n = 0; n < count; n++) yield* self.offer(to, { tag: 'tick', n });
    }
    const to = system.spawn(between, system.spawn(sink));
    return () => system.spawn(source, to);
  });
}

/** Round trips. */
export function pingPong(count: number): Promise<number> {
  return timed(count, (system, done) => {
    interface Ping extends Message {
      readonly tag: 'ping';
      readonly from: Pid<Tick>;
    }
    function* pong(self: Self<Ping>): Actor {
      for (;;) self.send((yield* self.receive('ping')).from, { tag: 'tick', n: 0 });
    }
    function* ping(self: Self<Tick>, to: Pid<Ping>): Actor {
      for (let n = 0; n < count; n++) {
        self.send(to, { tag: 'ping', from: self.pid });
        yield* self.receive('tick');
      }
      done();
    }
    const to = system.spawn(pong);
    return () => system.spawn(ping, to);
  });
}

type AnyDestination = Exchange<'fanout', { [key: string]: number }> | Queue<number>;

interface More extends Message {
  readonly tag: 'more';
}

/** How many deliveries have come, so that a publisher does not run away from its consumers. */
class Progress {
  taken = 0;
  /** Who is to be told when so many have come. */
  #waiting: Pid<More> | undefined;
  #until = Number.POSITIVE_INFINITY;

  tell(waiting: Pid<More>, until: number): void {
    this.#waiting = waiting;
    this.#until = until;
  }

  took(self: Context): number {
    if (++this.taken === this.#until && this.#waiting !== undefined)
      self.send(this.#waiting, { tag: 'more' });
    return this.taken;
  }
}

/** Each message makes so many deliveries. `options` may differ from one to the next. */
function* emitter(
  self: Self<More>,
  to: AnyDestination,
  count: number,
  progress?: Progress,
  each = 1,
  options?: (n: number) => object,
): Actor {
  for (let n = 1; n <= count; n++) {
    emit(self, to as Queue<number>, n, options?.(n));
    if (n % BURST !== 0) continue;
    const until = n * each - MOST_UNDER_WAY;
    if (progress === undefined || progress.taken >= until) yield* self.yield();
    else {
      progress.tell(self.pid, until);
      yield* self.receive('more');
    }
  }
}

async function tree(system: ActorSystem, topology: Parameters<typeof broker>[0]): Promise<void> {
  await system.start(supervisor({ children: [child('broker', broker(topology))] }));
}

/** Deliveries of a fanout to two that subscribe. */
export function fanoutAuto(count: number): Promise<number> {
  return timed(count * 2, async (system, done) => {
    const x = fanout<number>('x');
    await tree(system, { topology: [x] });
    const progress = new Progress();
    let ready = 0;
    const both = new Promise<void>((resolve) => {
      function* listener(self: Self<Deliveries<number>>): Actor {
        yield* subscribe(self, x);
        if (++ready === 2) resolve();
        for (;;) {
          yield* self.receive('delivery');
          if (progress.took(self) === count * 2) done();
        }
      }
      system.spawn(listener);
      system.spawn(listener);
    });
    await both;
    return () => system.spawn(emitter, x, count, progress, 2);
  });
}

/** Deliveries of a fanout to two queues, each acknowledged. */
export function fanoutAcked(count: number, prefetch: number): Promise<number> {
  return timed(count * 2, async (system, done) => {
    const x = fanout<number>('x');
    const queues = ['a', 'b'].map((name) => queue(name, { bindings: [binding(x)] }));
    await tree(system, { topology: [x, ...queues] });
    const progress = await consumed(system, queues, prefetch, count * 2, done);
    return () => system.spawn(emitter, x, count, progress, 2);
  });
}

/** Deliveries of one queue with three consumers at prefetch 1. */
export function workQueue(count: number, priorities: number): Promise<number> {
  return timed(count, async (system, done) => {
    const q = queue<number>('q', { priorities });
    await tree(system, { topology: [q] });
    const progress = await consumed(system, [q, q, q], 1, count, done);
    // The same is published to both; the queue alone differs.
    const options = (n: number) => ({ priority: n % 10 });
    return () => system.spawn(emitter, q, count, progress, 1, options);
  });
}

/** Each consumed by an actor of its own, until so many have come to all together. */
function consumed(
  system: ActorSystem,
  queues: readonly Queue<number>[],
  prefetch: number,
  count: number,
  done: () => void,
): Promise<Progress> {
  const progress = new Progress();
  let ready = 0;
  return new Promise((resolve) => {
    function* worker(self: Self<Deliveries<number>>, from: Queue<number>): Actor {
      yield* consume(self, from, { prefetch });
      if (++ready === queues.length) resolve(progress);
      for (;;) {
        ack(self, yield* self.receive('delivery'));
        if (progress.took(self) === count) done();
      }
    }
    for (const from of queues) system.spawn(worker, from);
  });
}

/** Confirmed publishes a second, one at a time. */
export function confirmed(count: number): Promise<number> {
  return timed(count, async (system, done) => {
    const q = queue<number>('q');
    await tree(system, { topology: [q] });
    await consumed(system, [q], 100, Number.POSITIVE_INFINITY, () => {});
    return () => {
      system.spawn(function* (self: Self): Actor {
        for (let n = 0; n < count; n++) yield* publish(self, q, n);
        done();
      });
    };
  });
}

/** Messages routed a second among so many bindings, of which two match, by 1,000 keys. */
export function topics(count: number, bindings: number): Promise<number> {
  return timed(count * 2, async (system, done) => {
    const x = topic<{ [key: string]: number }>('x');
    const a = queue('a', { bindings: [binding(x, 'hot.*.end')] });
    const b = queue('b', { bindings: [binding(x, 'hot.#')] });
    const others = Array.from({ length: bindings - 2 }, (_, i) =>
      binding(x, `cold.${i % 1000}.${i}.*`),
    );
    const c = queue<number>('c', { bindings: others });
    await tree(system, { topology: [x, a, b, c] });
    const progress = await consumed(system, [a, b], 100, count * 2, done);
    const keys = Array.from({ length: 1000 }, (_, i) => `hot.${i}.end`);
    const options = (n: number) => ({ key: keys[n % 1000] as string });
    return () => system.spawn(emitter, x as never, count, progress, 2, options);
  });
}

/** How fast a queue drains that had so many waiting. */
export function drain(count: number): Promise<number> {
  return timed(count, async (system, done) => {
    const q = queue<number>('q');
    await tree(system, { topology: [q] });
    await system.run(function* (self: Self): Actor {
      yield* emitter(self as never, q, count);
      yield* publish(self, q, count);
    });
    let left = count;
    return () => {
      system.spawn(function* (self: Self<Deliveries<number>>): Actor {
        yield* consume(self, q, { prefetch: 100 });
        for (;;) {
          ack(self, yield* self.receive('delivery'));
          if (--left === 0) done();
        }
      });
    };
  });
}

/** Confirmed publishes a second to a durable queue, by so many that wait each for their own; by the clock on the wall. */
export async function durable(count: number, publishers: number): Promise<number> {
  const folder = mkdtempSync(join(tmpdir(), 'beamish-bench-'));
  const system = new ActorSystem({ log: 'off' });
  const q = queue<string>('q', { durable: true });
  await tree(system, { url: `file:${folder}`, topology: [q] });
  const began = performance.now();
  await Promise.all(
    Array.from({ length: publishers }, () =>
      system.run(function* (self: Self): Actor {
        for (let n = 0; n < count / publishers; n++) yield* publish(self, q, BODY);
      }),
    ),
  );
  const rate = (count / (performance.now() - began)) * 1000;
  await system.shutdown();
  rmSync(folder, { recursive: true });
  return rate;
}

/** The same bytes, without a broker. */
export async function bareJournal(count: number, writers: number): Promise<number> {
  const folder = mkdtempSync(join(tmpdir(), 'beamish-bench-'));
  const journal = await openJournal(folder, {
    format: { name: 'bench', version: 1 },
    replay() {},
    isLive: () => true,
    moved() {},
  });
  // As long as an entry of the ledger with this body.
  const entry = new Uint8Array(BODY.length + 250);
  const began = performance.now();
  await Promise.all(
    Array.from({ length: writers }, async () => {
      for (let n = 0; n < count / writers; n++) {
        journal.append(entry);
        await journal.commit();
      }
    }),
  );
  const rate = (count / (performance.now() - began)) * 1000;
  await journal.close();
  rmSync(folder, { recursive: true });
  return rate;
}

const BODY = 'x'.repeat(100);
