/**
 * Actors in threads against the same work by hand over `postMessage`, in turns of one and the other; those
 * whose names have WORDS in them, or all:
 *
 *     node --conditions=beamish-source --import tsx test/bench/threads.ts [ROUNDS [WORDS]]
 *
 * Calls are compared with those of comlink and piscina, too, once these are there:
 *
 *     npm install --no-package-lock --prefix test/bench/others
 */

import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { cpus, loadavg } from 'node:os';
import { Worker } from 'node:worker_threads';
import { threads } from '@beamish/threads';
import { type Actor, ActorSystem, type Message, type Pid, type Self } from 'beamish';
import { answering, type Chunk, hashing, sink } from './threads-bodies.ts';

const ROUNDS = Number(process.argv[2] ?? 7);
const WORDS = process.argv[3] ?? '';
const ONE_WAY = 500_000;
const PER_TURN = 256;
const TRIPS = 5000;
/** Rounds of trips until V8 has compiled both sides; by hand, hardly anything is to be compiled. */
const COLD_TRIPS = 12;
const CHUNK = 2 ** 20;
const CHUNKS = 64;

/** Counts what comes in arrays, answers whatever else, each message with one. */
const BY_HAND = `
  const { parentPort } = require('node:worker_threads');
  let count = 0, want = 0;
  parentPort.on('message', (message) => {
    if (Array.isArray(message)) {
      for (const each of message) if (each.tag === 'n') count++;
      if (count >= want) parentPort.postMessage(count);
    } else if (message.want) { want = message.want; count = 0; }
    else parentPort.postMessage({ tag: 'reply', value: 1 });
  });`;

/** Hashes what comes in shared buffers, answers whatever else with the last digest. */
const HASHING_BY_HAND = `
  const { createHash } = require('node:crypto');
  const { parentPort } = require('node:worker_threads');
  let digest = '';
  parentPort.on('message', (message) => {
    if (message instanceof SharedArrayBuffer)
      digest = createHash('sha256').update(new Uint8Array(message)).digest('hex');
    else parentPort.postMessage(digest);
  });`;

const small = (n: number): Message => ({ tag: 'n', n }) as Message;
const large = (n: number): Message =>
  ({
    tag: 'n',
    n,
    id: n * 7,
    at: 1.5,
    name: 'somebody',
    kind: 'order',
    ok: true,
    note: 'as usual',
  }) as Message;

const system = new ActorSystem({ log: 'off' });
const cores = await threads(system, { size: 2 });
const worker = new Worker(BY_HAND, { eval: true });
const hashers = [1, 2].map(() => new Worker(HASHING_BY_HAND, { eval: true }));
await Promise.all([worker, ...hashers].map((each) => once(each, 'online')));
const hashingActors = [0, 1].map((thread) => system.spawn(cores.at(hashing, { thread })));

async function handOneWay(make: (n: number) => Message): Promise<number> {
  worker.postMessage({ want: ONE_WAY });
  const done = once(worker, 'message');
  const began = performance.now();
  await new Promise<void>((resolve) => {
    let n = 0;
    const turn = (): void => {
      const batch: Message[] = [];
      for (let i = 0; i < PER_TURN && n < ONE_WAY; i++) batch.push(make(n++));
      worker.postMessage(batch);
      if (n < ONE_WAY) setImmediate(turn);
      else resolve();
    };
    turn();
  });
  await done;
  return ONE_WAY / (performance.now() - began);
}

async function oneWay(make: (n: number) => Message): Promise<number> {
  const pid = cores.spawn(sink, ONE_WAY);
  let began = 0;
  await system.run(function* (self: Self): Actor {
    const asked = self.request(pid, { tag: 'ask' });
    began = performance.now();
    for (let n = 0; n < ONE_WAY; ) {
      for (let i = 1; i < PER_TURN && n < ONE_WAY; i++) self.send(pid, make(n++) as never);
      if (n < ONE_WAY) yield* self.offer(pid, make(n++) as never);
    }
    yield* asked.reply().within('infinity');
  });
  return ONE_WAY / (performance.now() - began);
}

async function handTrips(inFlight: number): Promise<number> {
  const began = performance.now();
  await new Promise<void>((resolve) => {
    let sent = 0;
    let got = 0;
    const next = (): void => {
      if (sent < TRIPS) worker.postMessage({ tag: 'ask', n: sent++ });
    };
    const hear = (): void => {
      if (++got === TRIPS) {
        worker.off('message', hear);
        resolve();
      } else next();
    };
    worker.on('message', hear);
    for (let i = 0; i < inFlight; i++) next();
  });
  return ((performance.now() - began) / TRIPS) * 1000;
}

async function trips(inFlight: number): Promise<number> {
  const pid = cores.spawn(answering);
  await system.call(pid, { tag: 'ask' });
  const began = performance.now();
  function* caller(self: Self): Actor {
    for (let i = 0; i < TRIPS / inFlight; i++) yield* self.call(pid, { tag: 'ask' });
  }
  await Promise.all(Array.from({ length: inFlight }, () => system.run(caller)));
  const us = ((performance.now() - began) / TRIPS) * 1000;
  system.exitSignal(pid as Pid, 'kill');
  return us;
}

/**
 * Shared: of chunks that are transferred, each thread's collector frees 64 MB per round, sooner when they
 * come in one batch (66 ms on one thread against 51 by hand), which hides how the work itself spreads.
 */
const chunks = Array.from({ length: CHUNKS }, (_, i) => {
  const bytes = new SharedArrayBuffer(CHUNK);
  // So that the kernel has made its pages.
  new Uint8Array(bytes).fill(i);
  return bytes;
});

/** A library that calls a function in one thread. */
interface Other {
  call(what: object): Promise<unknown>;
  close(): Promise<unknown>;
}

/** Undefined while it is not installed. */
async function load(library: string): Promise<Other | undefined> {
  const its = new URL(`others/${library}.js`, import.meta.url);
  if (!existsSync(new URL(`others/node_modules/${library}`, import.meta.url))) return undefined;
  const { caller } = (await import(its.href)) as { caller(): Promise<Other> };
  return await caller();
}

async function otherTrips({ call }: Other, inFlight: number): Promise<number> {
  const began = performance.now();
  const caller = async (): Promise<void> => {
    for (let i = 0; i < TRIPS / inFlight; i++) await call({ tag: 'ask' });
  };
  await Promise.all(Array.from({ length: inFlight }, caller));
  return ((performance.now() - began) / TRIPS) * 1000;
}

async function hash(threads: number): Promise<number> {
  const pids = hashingActors.slice(0, threads);
  for (const pid of pids) await system.call(pid, { tag: 'digest' });
  const began = performance.now();
  await system.run(function* (self: Self<Message>): Actor {
    for (const [i, bytes] of chunks.entries()) {
      yield* self.offer(pids[i % threads] as Pid<Chunk>, { tag: 'chunk', bytes });
    }
    // Each answers when it has hashed all that came before.
    const last = pids.map((pid) => self.request(pid, { tag: 'digest' }));
    for (const each of last) yield* each.reply().within('infinity');
  });
  return performance.now() - began;
}

async function handHash(threads: number): Promise<number> {
  const workers = hashers.slice(0, threads);
  const began = performance.now();
  for (const [i, bytes] of chunks.entries()) workers[i % threads]?.postMessage(bytes);
  await Promise.all(
    workers.map((each) => {
      each.postMessage('digest');
      return once(each, 'message');
    }),
  );
  return performance.now() - began;
}

async function local(with_: ActorSystem): Promise<number> {
  const began = performance.now();
  await with_.run(function* (self: Self<Message>): Actor {
    for (let i = 0; i < 1_000_000; i++) {
      self.send(self.pid, { tag: 'n' });
      yield* self.receive('n');
    }
  });
  return 1000 / (performance.now() - began);
}
const alone = new ActorSystem({ name: 'alone', log: 'off' });

interface Figure {
  readonly what: string;
  readonly unit: string;
  readonly ours: () => Promise<number>;
  readonly other: () => Promise<number>;
  /** Rounds that do not count; 1 if it does not say. */
  readonly warmUp?: number;
}

const figures: Figure[] = [
  {
    what: 'one way, small',
    unit: 'k/s',
    ours: () => oneWay(small),
    other: () => handOneWay(small),
  },
  {
    what: 'one way, 8 fields',
    unit: 'k/s',
    ours: () => oneWay(large),
    other: () => handOneWay(large),
  },
  {
    what: 'round trip, one',
    unit: 'µs',
    ours: () => trips(1),
    other: () => handTrips(1),
    warmUp: COLD_TRIPS,
  },
  {
    what: 'round trips, 100 in flight',
    unit: 'µs',
    ours: () => trips(100),
    other: () => handTrips(100),
    warmUp: COLD_TRIPS,
  },
  {
    what: `${CHUNKS} MB hashed, one thread / two`,
    unit: 'ms',
    ours: () => hash(1),
    other: () => hash(2),
  },
  {
    what: 'the same by hand',
    unit: 'ms',
    ours: () => handHash(1),
    other: () => handHash(2),
  },
  {
    what: 'local send and receive, with / without',
    unit: 'M/s',
    ours: () => local(system),
    other: () => local(alone),
  },
];

const others = new Map<string, Other>();
for (const library of ['comlink', 'piscina']) {
  const its = await load(library);
  if (its === undefined) continue;
  others.set(library, its);
  for (const inFlight of [1, 100])
    figures.push({
      what: `round trip, ${inFlight} in flight / ${library}`,
      unit: 'µs',
      ours: () => trips(inFlight),
      other: () => otherTrips(its, inFlight),
      warmUp: COLD_TRIPS,
    });
}

const median = (all: number[]): number =>
  all.sort((a, b) => a - b)[Math.floor(all.length / 2)] as number;
console.log(
  `${cpus()[0]?.model}, ${cpus().length} cores, Node ${process.version}, ${ROUNDS} rounds`,
);
for (const { what, unit, ours, other, warmUp = 1 } of figures) {
  if (!what.includes(WORDS)) continue;
  const mine: number[] = [];
  const theirs: number[] = [];
  for (let i = 0; i < warmUp; i++) {
    await ours();
    await other();
  }
  for (let i = 0; i < ROUNDS; i++) {
    mine.push(await ours());
    theirs.push(await other());
  }
  const [a, b] = [median(mine), median(theirs)];
  const spread = `${Math.min(...mine).toFixed(1)}–${Math.max(...mine).toFixed(1)}`;
  console.log(
    `${what.padEnd(40)} ${a.toFixed(1)} ${unit} (${spread}) against ${b.toFixed(1)}: ${(a / b).toFixed(2)}   load ${loadavg()[0]?.toFixed(1)}`,
  );
}
for (const its of others.values()) await its.close();
await Promise.all([worker, ...hashers].map((each) => each.terminate()));
await cores.close();
await alone.shutdown();
