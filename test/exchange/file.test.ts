/** `file:` when the disk, the folder or the process fails it. */

import { type ChildProcess, spawn } from 'node:child_process';
import { chmodSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import {
  type BrokerEvent,
  type BrokerOptions,
  broker,
  bytes,
  consume,
  consumer,
  type Deliveries,
  emit,
  inspect,
  PublishFailed,
  publish,
  publishAll,
  publishing,
  queue,
  watch,
} from '@beamish/exchange';
import type { Disk } from '@beamish/journal';
import { type MemoryDisk, memoryDisk } from '@beamish/journal/testing';
import { type Actor, ActorSystem, CallFailed, child, type Self, supervisor } from 'beamish';
import { type TestSystem, testSystem } from 'beamish/testing';
import { afterEach, expect, test } from 'vitest';
import { FROM_SOURCE } from '../support/from-source.ts';
import { seeds, underSchedules } from '../support/schedules.ts';
import { answer } from '../support/supervised.ts';

const jobs = queue<number>('jobs', { durable: true });
const folders: string[] = [];

function folder(): string {
  const made = mkdtempSync(join(tmpdir(), 'beamish-exchange-'));
  folders.push(made);
  return made;
}

afterEach(() => {
  for (const made of folders.splice(0)) rmSync(made, { recursive: true, force: true });
});

async function start(system: TestSystem, options: BrokerOptions): Promise<void> {
  const tree = supervisor({
    children: [child('broker', broker({ topology: [jobs], ...options }))],
  });
  await answer(system, system.start(tree));
}

function watched(system: TestSystem): BrokerEvent[] {
  const events: BrokerEvent[] = [];
  system.spawn(function* watcher(self: Self<BrokerEvent>): Actor {
    yield* watch(self);
    for (;;) events.push(yield* self.receive('broker'));
  });
  return events;
}

/** Takes all that is ready, as numbers. */
async function taken(system: TestSystem): Promise<readonly number[]> {
  const got: number[] = [];
  system.spawn(consumer(jobs, (_self, n) => void got.push(n), { prefetch: 1000 }));
  await system.advance(100);
  return got;
}

test('DUR-09: a message that is too large for the disk is refused at once where its size is seen, else by the answer', async () => {
  const system = testSystem();
  const most = 255 * 1024 * 1024;
  const files = queue<Uint8Array>('files', { durable: true, codec: bytes });
  // It has no size before it is encoded.
  const encode = (): Uint8Array => new Uint8Array(most + 1);
  const lists = queue<readonly number[]>('lists', {
    durable: true,
    codec: { contentType: 'application/x-list', encode, decode: () => [] },
  });
  await start(system, { url: 'file:/b', disk: memoryDisk(), topology: [files, lists] });
  const events = watched(system);
  const large = new Uint8Array(most + 1);
  expect(() => publish(system, files, large)).toThrow(RangeError);
  expect(() => emit(system, files, large)).toThrow('of 256 MiB');
  await expect(answer(system, publish(system, lists, [1]))).rejects.toThrow(RangeError);
  emit(system, lists, [2]);
  await answer(system, publish(system, files, large.subarray(0, 10)));
  expect(events.map(({ kind }) => kind)).toEqual(['invalid']);
  expect(system.told('crash')).toEqual([]);
});

test('DUR-09: on a full disk a publish is rejected and consuming goes on; with room again it recovers, and nothing is lost or doubled', async () => {
  await underSchedules(10, async (system) => {
    const disk = memoryDisk();
    await start(system, { url: 'file:/b', disk });
    const events = watched(system);
    for (const n of [0, 1, 2]) await answer(system, publish(system, jobs, n));
    disk.fail('ENOSPC');
    for (const n of [3, 4]) {
      await expect(answer(system, publish(system, jobs, n))).rejects.toMatchObject({
        name: 'PublishFailed',
        reason: 'rejected',
      });
    }
    expect(await taken(system)).toEqual([0, 1, 2]);
    expect(await answer(system, inspect(system, jobs))).toMatchObject({ ready: 0, unsettled: 0 });
    disk.fail('nothing');
    await system.advance(2000);
    await answer(system, publish(system, jobs, 5));
    await system.advance(100);
    const kinds = events.map(({ kind }) => kind);
    expect(kinds).toEqual(['journal_failed', 'journal_recovered']);
    disk.crash('process');
    const next = testSystem({ seed: system.seed });
    await start(next, { url: 'file:/b', disk });
    // The settlements of what was consumed on the full disk were written when there was room.
    expect(await taken(next)).toEqual([]);
  });
});

test('DUR-09: what a loss of power has not left on disk was not confirmed', async () => {
  for (const seed of seeds(10)) {
    const system = testSystem({ seed });
    const disk = memoryDisk();
    await start(system, { url: 'file:/b', disk });
    const confirmed: number[] = [];
    system.spawn(function* publisher(self: Self): Actor {
      for (let n = 0; n < 50; n++) {
        yield* publish(self, jobs, n);
        confirmed.push(n);
      }
    });
    await system.advance(1);
    disk.crash();
    const next = testSystem({ seed });
    await start(next, { url: 'file:/b', disk });
    const got = await taken(next);
    expect(got.slice(0, confirmed.length)).toEqual(confirmed);
  }
});

/** From its nth sync on, none is answered any more. */
function stuckFrom(nth: number, disk: MemoryDisk): Disk {
  let syncs = 0;
  return {
    list: (folder) => disk.list(folder),
    read: (file, from, length) => disk.read(file, from, length),
    write: (file, from, bytes) => disk.write(file, from, bytes),
    sync: (file) => (syncs++ < nth ? disk.sync(file) : new Promise(() => undefined)),
    cut: (file, length) => disk.cut(file, length),
    remove: (file) => disk.remove(file),
    salt: () => disk.salt(),
    lock: (folder) => disk.lock(folder),
  };
}

test('DUR-02: whatever sync is the last before a loss of power, what a consumer has had comes again redelivered', async () => {
  let again = 0;
  for (let nth = 1; nth < 60; nth++) {
    const system = testSystem({ seed: nth });
    const disk = memoryDisk();
    const delivered = new Set<number>();
    const waits = queue<number>('jobs', { durable: true, priorities: 2 });
    await answer(
      system,
      system.start(
        supervisor({
          children: [
            child(
              'broker',
              broker({ url: 'file:/b', disk: stuckFrom(nth, disk), topology: [waits] }),
            ),
          ],
        }),
      ),
    ).catch(() => undefined);
    system.spawn(function* publisher(self: Self): Actor {
      for (let n = 0; n < 40; n++) {
        publishing(self, waits, n, { priority: n % 2 });
        if (n % 10 === 0) yield* self.sleep(1);
      }
    });
    await system.advance(nth % 3);
    system.spawn(
      consumer(
        waits,
        function* handle(self, n): Actor {
          delivered.add(n);
          if (n % 7 === 0) yield* self.sleep(3);
        },
        { prefetch: 1 + (nth % 4) },
      ),
    );
    await system.advance(nth);
    disk.crash();
    const next = testSystem({ seed: nth });
    await start(next, { url: 'file:/b', disk, topology: [waits] });
    next.spawn(function* heir(self: Self<Deliveries<number>>): Actor {
      yield* consume(self, waits, { prefetch: 100 });
      for (;;) {
        const { message, redelivered } = yield* self.receive('delivery');
        if (!delivered.has(message)) continue;
        again++;
        expect([nth, message, redelivered]).toEqual([nth, message, true]);
      }
    });
    await next.advance(10);
    expect(next.told('crash')).toEqual([]);
  }
  expect(again).toBeGreaterThan(50);
});

test('publishAll waits as long as it is told for each, in an actor and outside', async () => {
  const system = testSystem();
  await start(system, { url: 'file:/b', disk: stuckFrom(2, memoryDisk()) });
  const outcomes: unknown[] = [];
  const publishing = (within: number | 'infinity'): void => {
    system.spawn(function* publisher(self: Self): Actor {
      try {
        yield* publishAll(self, jobs, [1, 2, 3], { within });
      } catch (error) {
        outcomes.push(['actor', within, (error as CallFailed).reason]);
      }
    });
    publishAll(system, jobs, [1, 2, 3], { within }).then(undefined, (error) => {
      outcomes.push(['outside', within, error.reason]);
    });
  };
  publishing(100);
  publishing(10_000);
  publishing('infinity');
  await system.advance(99);
  expect(outcomes).toEqual([]);
  await system.advance(1);
  const soon = [
    ['actor', 100, 'timeout'],
    ['outside', 100, 'timeout'],
  ];
  expect(outcomes.sort()).toEqual(soon);
  await system.advance(9899);
  expect(outcomes).toEqual(soon);
  await system.advance(1);
  expect(outcomes.length).toBe(4);
  await system.advance(100_000);
  expect(outcomes.length).toBe(4);
});

test('DUR-09: a torn end is cut with an event, and damage before it makes the start fail with file and offset', async () => {
  const system = testSystem();
  const disk = memoryDisk();
  await start(system, { url: 'file:/b', disk });
  for (const n of [0, 1, 2]) await answer(system, publish(system, jobs, n));
  const [file, bytes] = [...disk.files].find(([name]) => name.endsWith('.log')) as [
    string,
    Uint8Array,
  ];
  const { length } = bytes;
  disk.crash('process');
  disk.flip(file, length - 3);
  const torn = testSystem();
  await start(torn, { url: 'file:/b', disk });
  const got = await taken(torn);
  expect(got.length).toBeLessThan(3);
  expect(got).toEqual(got.map((_, n) => n));
  disk.crash('process');
  disk.flip(file, 100);
  const damaged = testSystem();
  const failed = start(damaged, { url: 'file:/b', disk });
  failed.catch(() => undefined);
  await damaged.advance(5000);
  await expect(failed).rejects.toThrow(/offset|damaged/i);
});

test('DUR-09: a second broker on the same folder does not start, and the first goes on', async () => {
  const system = testSystem();
  const disk = memoryDisk();
  await start(system, { url: 'file:/b', disk });
  const other = testSystem();
  const second = start(other, { url: 'file:/b', disk });
  second.catch(() => undefined);
  await other.advance(60_000);
  await expect(second).rejects.toThrow(/lock|has/i);
  await answer(system, publish(system, jobs, 1));
  expect(await taken(system)).toEqual([1]);
});

test.skipIf(process.getuid?.() === 0)(
  'DUR-09: in a folder that is read-only it does not start, and says so',
  async () => {
    const made = folder();
    chmodSync(made, 0o500);
    await using system = new ActorSystem({ log: 'off' });
    const tree = broker({ url: `file:${made}/inner`, topology: [jobs] });
    await expect(system.start(tree)).rejects.toThrow(/EACCES|EROFS/);
  },
);

test.each(['broker/log', 'broker/shelves'])(
  'when the actor "%s" is killed under load, nothing confirmed is lost',
  async (victim) => {
    await underSchedules(10, async (system) => {
      const disk = memoryDisk();
      const confirmed: number[] = [];
      const handled = new Set<number>();
      function* publisher(self: Self): Actor {
        for (let n = 0; n < 200; n++) {
          try {
            yield* publish(self, jobs, n);
            confirmed.push(n);
          } catch (error) {
            if (!(error instanceof CallFailed || error instanceof PublishFailed)) throw error;
          }
          yield* self.sleep(1);
        }
      }
      const work = consumer(
        jobs,
        function* (self, n) {
          yield* self.sleep(1);
          handled.add(n);
        },
        { prefetch: 5 },
      );
      const tree = supervisor({
        intensity: 100,
        children: [
          child('broker', broker({ url: 'file:/b', disk, topology: [jobs] })),
          child('worker', work),
          child({ id: 'publisher', restart: 'temporary' }, publisher),
        ],
      });
      await answer(system, system.start(tree));
      for (let n = 0; n < 4; n++) {
        await system.advance(25);
        const actor = system.actors().find(({ name }) => name === victim);
        if (actor !== undefined) system.exitSignal(actor.pid, 'kill');
      }
      await system.advance(60_000);
      expect(confirmed.length).toBeGreaterThan(100);
      expect(confirmed.filter((n) => !handled.has(n))).toEqual([]);
      expect(await answer(system, inspect(system, jobs))).toMatchObject({ ready: 0, unsettled: 0 });
    });
  },
);

test('shut down in order, it has written all, gives the folder free, and keeps nothing of the program', async () => {
  const made = folder();
  {
    await using system = new ActorSystem({ log: 'off' });
    await system.start(broker({ url: `file:${made}`, topology: [jobs] }));
    for (const n of [0, 1, 2]) await publish(system, jobs, n);
  }
  await using system = new ActorSystem({ log: 'off' });
  await system.start(broker({ url: `file:${made}?sync=os`, topology: [jobs] }));
  expect((await inspect(system, jobs)).ready).toBe(3);
});

test('a url that names no folder, or asks for what there is not, is a TypeError', () => {
  expect(() => broker({ url: 'file:' })).toThrow(TypeError);
  expect(() => broker({ url: 'file:x?sync=never' })).toThrow(TypeError);
  expect(() => broker({ url: 'redis://127.0.0.1' })).toThrow(/"redis:"/);
  expect(() => broker({ url: 'amqp://user:secret@host' })).toThrow(/@beamish\/amqp/);
  expect(() => broker({ url: 'amqp://user:secret@host' })).not.toThrow(/secret/);
  expect(() => broker({ topology: [jobs] })).toThrow(/durable queue "jobs"/);
});

const RUNS = Number(process.env['BEAMISH_KILLS'] ?? 6);

test('DUR-08: killed by the system with -9 at full speed, again and again, what was confirmed is there, without a gap or a double', async () => {
  const made = folder();
  const program = fileURLToPath(new URL('file/publisher.ts', import.meta.url));
  /** How many each life was told are confirmed, at least. */
  let confirmed = 0;
  for (let run = 0; run < RUNS; run++) {
    const args = [...FROM_SOURCE, program, made];
    const publisher = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'inherit'] });
    confirmed = await killedAfter(publisher, confirmed + 1 + run * 37);
  }
  await using system = new ActorSystem({ log: 'off' });
  await system.start(broker({ url: `file:${made}`, topology: [jobs] }));
  const got: number[] = [];
  await system.run(function* taker(self: Self): Actor {
    const { ready } = yield* inspect(self, jobs);
    self.spawn(consumer(jobs, (_self, n) => void got.push(n), { prefetch: 1000 }));
    while (got.length < ready) yield* self.sleep(5);
  });
  expect(got.length).toBeGreaterThanOrEqual(confirmed);
  expect(got).toEqual(got.map((_, n) => n));
}, 120_000);

/** Kills it once it has said that so many are confirmed; returns how many it has. */
async function killedAfter(publisher: ChildProcess, wanted: number): Promise<number> {
  const ended = new Promise<void>((resolve) => publisher.once('exit', () => resolve()));
  let last = 0;
  for await (const line of createInterface({ input: publisher.stdout as NodeJS.ReadableStream })) {
    last = Number(line);
    if (last >= wanted) publisher.kill('SIGKILL');
  }
  await ended;
  return last;
}
