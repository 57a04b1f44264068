/** Actors and the streams of the platform. */

import { EventEmitter, once } from 'node:events';
import { Readable, Writable } from 'node:stream';
import {
  type Actor,
  ActorSystem,
  configure,
  fromEmitter,
  fromReadable,
  type Pid,
  type Self,
  toWritable,
} from 'beamish';
import { describe, expect, test } from 'vitest';
import { heapInUse } from '../../support/heap.ts';

type Item = { tag: 'item'; n: number };

describe.each(['node', 'web', 'iterable'])('fromReadable of a %s stream', (kind) => {
  const LIMIT = 8;
  const COUNT = 2000;

  function source(count: number): {
    items: AsyncIterable<number> | Iterable<number>;
    read: () => number;
  } {
    let read = 0;
    const next = (): number | undefined => (read < count ? ++read : undefined);
    if (kind === 'node') {
      const items = new Readable({
        objectMode: true,
        highWaterMark: 1,
        read() {
          this.push(next() ?? null);
        },
      });
      return { items, read: () => read };
    }
    if (kind === 'web') {
      const items = new ReadableStream<number>(
        {
          pull(controller) {
            const n = next();
            if (n === undefined) controller.close();
            else controller.enqueue(n);
          },
        },
        { highWaterMark: 1 },
      );
      return { items: items as unknown as AsyncIterable<number>, read: () => read };
    }
    const items = {
      *[Symbol.iterator]() {
        for (let n = next(); n !== undefined; n = next()) yield n;
      },
    };
    return { items, read: () => read };
  }

  test('2,000 items arrive in order, and never more are in flight than there is room for', async () => {
    await using system = new ActorSystem({ log: 'off' });
    const { items, read } = source(COUNT);
    const taken: number[] = [];
    let most = 0;
    const slow = configure(
      function* (self: Self<Item>): Actor {
        while (taken.length < COUNT) {
          const { n } = yield* self.receive('item');
          taken.push(n);
          most = Math.max(most, read() - taken.length);
          if (n % 10 === 0) yield* self.yield();
        }
      },
      { mailbox: { limit: LIMIT, overflow: 'wait' } },
    );
    const to = system.spawn(slow);
    const count = await system.run(function* (self: Self): Actor<number> {
      return yield* fromReadable(self, items, to, (n) => ({ tag: 'item', n }));
    });
    expect(count).toBe(COUNT);
    await system.exited(to);
    expect(taken).toEqual(Array.from({ length: COUNT }, (_, i) => i + 1));
    // The mailbox, the item that is offered, and what the stream itself has read ahead.
    expect(most).toBeLessThanOrEqual(LIMIT + 4);
  });

  test('the stream is closed when the actor ends', async () => {
    await using system = new ActorSystem({ log: 'off' });
    const { items } = source(1e9);
    let isClosed = false;
    const watched = {
      [Symbol.asyncIterator]() {
        const inner =
          Symbol.asyncIterator in items ? items[Symbol.asyncIterator]() : items[Symbol.iterator]();
        return {
          next: async () => await inner.next(),
          async return() {
            isClosed = true;
            return (await inner.return?.()) ?? { done: true as const, value: undefined };
          },
        };
      },
    };
    const full = system.spawn(
      configure(
        function* (self: Self<Item>): Actor {
          yield* self.receive('DOWN');
        },
        { mailbox: { limit: 1, overflow: 'wait' } },
      ),
    );
    const pid = system.spawn(function* (self: Self): Actor {
      yield* fromReadable(self, watched, full, (n) => ({ tag: 'item', n }));
    });
    system.exitSignal(pid, 'kill');
    const { promise } = { promise: system.exited(pid) };
    await promise;
    // Killed before its first turn it has opened nothing.
    expect(isClosed).toBe(false);
    const again = system.spawn(function* (self: Self): Actor {
      yield* fromReadable(self, watched, full, (n) => ({ tag: 'item', n }));
    });
    while (!system.info(again)?.waitingFor.join().includes('room')) await new Promise(setImmediate);
    system.exitSignal(again, 'kill');
    await system.exited(again);
    expect(isClosed).toBe(true);
  });
});

test('an error of a readable stream is thrown in the actor', async () => {
  await using system = new ActorSystem({ log: 'off' });
  const broken = Readable.from(
    (async function* () {
      yield 1;
      throw new Error('broken');
    })(),
  );
  const to = system.spawn(function* (self: Self<Item>): Actor {
    yield* self.receive('DOWN');
  });
  const run = system.run(function* (self: Self): Actor {
    yield* fromReadable(self, broken, to, (n: number) => ({ tag: 'item', n }));
  });
  await expect(run).rejects.toThrow('broken');
});

test('toWritable waits for a Node stream that has enough, and for its end', async () => {
  await using system = new ActorSystem({ log: 'off' });
  const written: number[] = [];
  let [inFlight, most] = [0, 0];
  const slow = new Writable({
    objectMode: true,
    highWaterMark: 2,
    write(n, _, done) {
      setImmediate(() => {
        written.push(n);
        inFlight--;
        done();
      });
    },
  });
  await system.run(function* (self: Self): Actor {
    const out = toWritable<number>(self, slow);
    for (let n = 1; n <= 20; n++) {
      most = Math.max(most, ++inFlight);
      yield* out.write(n);
    }
    yield* out.end();
  });
  expect(written).toEqual(Array.from({ length: 20 }, (_, i) => i + 1));
  expect(most).toBeLessThanOrEqual(3);
});

test('toWritable throws what the stream fails with, and destroys it when the actor ends', async () => {
  await using system = new ActorSystem({ log: 'off' });
  const broken = new Writable({
    highWaterMark: 1,
    write: (_, __, done) => done(new Error('disk full')),
  });
  await expect(
    system.run(function* (self: Self): Actor {
      const out = toWritable<string>(self, broken);
      for (;;) yield* out.write('x');
    }),
  ).rejects.toThrow('disk full');
  const left = new Writable({ write: (_, __, done) => done() });
  await system.run(function* (self: Self): Actor {
    yield* toWritable<string>(self, left).write('x');
  });
  expect(left.destroyed).toBe(true);
});

test('fromEmitter unsubscribes when its actor ends, or earlier', async () => {
  await using system = new ActorSystem({ log: 'off' });
  const emitter = new EventEmitter();
  const got: unknown[] = [];
  let stop = (): void => {};
  const pid: Pid<Item> = system.spawn(function* (self: Self<Item>): Actor {
    fromEmitter(self, emitter, 'n', (n: number) => ({ tag: 'item', n }));
    stop = fromEmitter(self, emitter, 'm', (n: number) => ({ tag: 'item', n: -n }));
    emitter.emit('ready');
    for (;;) got.push((yield* self.receive('item')).n);
  });
  await once(emitter, 'ready');
  emitter.emit('n', 1);
  emitter.emit('m', 2);
  stop();
  emitter.emit('m', 3);
  await new Promise(setImmediate);
  expect(got).toEqual([1, -2]);
  system.exitSignal(pid, 'kill');
  await system.exited(pid);
  expect(emitter.eventNames()).toEqual([]);
});

test.each(['node', 'web'])(
  'an idle %s stream is closed when the actor that reads it is killed',
  async (kind) => {
    await using system = new ActorSystem({ log: 'off' });
    let isCancelled = false;
    const idle = new Readable({ objectMode: true, read() {} });
    const idleWeb = new ReadableStream<number>({
      cancel() {
        isCancelled = true;
      },
    });
    const to = system.spawn(function* (self: Self<Item>): Actor {
      yield* self.receive('DOWN');
    });
    const pid = system.spawn(function* (self: Self): Actor {
      const items: AsyncIterable<number> = kind === 'node' ? idle : (idleWeb as never);
      yield* fromReadable(self, items, to, (n: number) => ({ tag: 'item', n }));
    });
    while (!system.info(pid)?.waitingFor.join().includes('promise'))
      await new Promise(setImmediate);
    system.exitSignal(pid, 'kill');
    await system.exited(pid);
    expect(kind === 'node' ? idle.destroyed : isCancelled).toBe(true);
  },
);

test('a stream is closed as soon as reading it has failed, though the actor lives on', async () => {
  await using system = new ActorSystem({ log: 'off' });
  const endless = new Readable({
    objectMode: true,
    read() {
      this.push(1);
    },
  });
  await system.run(function* (self: Self<Item>): Actor {
    try {
      yield* fromReadable(self, endless, self.pid, (): Item => {
        throw new Error('no item');
      });
    } catch {
      expect(endless.destroyed).toBe(true);
    }
  });
  expect.assertions(1);
});

test('who reads a web stream to its end can hand it on, as nobody holds it any more', async () => {
  await using system = new ActorSystem({ log: 'off' });
  const web = new ReadableStream<number>({ start: (controller) => controller.close() });
  await system.run(function* (self: Self<Item>): Actor {
    const items = web as unknown as AsyncIterable<number>;
    yield* fromReadable(self, items, self.pid, (n) => ({ tag: 'item', n }));
  });
  expect(web.locked).toBe(false);
});

describe('a Node stream that has ended before', () => {
  /** What the actor's `use` of a sink comes to. */
  async function outcome(writable: Writable, use: 'write' | 'end'): Promise<unknown> {
    await using system = new ActorSystem({ log: 'off' });
    const work = system.run(function* (self: Self): Actor<string> {
      const out = toWritable<string>(self, writable);
      yield* use === 'write' ? out.write('x') : out.end();
      return 'done';
    });
    return await work.catch((error: Error) => error.message);
  }
  const open = (): Writable => new Writable({ highWaterMark: 1, write: (_, __, done) => done() });

  test.each(['write', 'end'] as const)('refuses a %s with why it was destroyed', async (use) => {
    const broken = open();
    broken.on('error', () => {});
    broken.destroy(new Error('disk full'));
    expect(await outcome(broken, use)).toBe('disk full');
  });

  test.each(['write', 'end'] as const)('refuses a %s when it was closed', async (use) => {
    const closed = open();
    closed.destroy();
    await once(closed, 'close');
    expect(await outcome(closed, use)).toBe('Cannot write: the stream has been closed');
  });

  test('has ended for end, and takes no more', async () => {
    const ended = open();
    ended.end();
    await once(ended, 'close');
    expect(await outcome(ended, 'end')).toBe('done');
    expect(await outcome(ended, 'write')).toBe('Cannot write: the stream has been closed');
  });
});

test('toWritable leaves no listener on a stream that it has ended or destroyed', async () => {
  await using system = new ActorSystem({ log: 'off' });
  const [ended, left] = [1, 2].map(
    () => new Writable({ autoDestroy: false, write: (_, __, done) => done() }),
  ) as [Writable, Writable];
  const before = ended.eventNames();
  await system.run(function* (self: Self): Actor {
    const out = toWritable<string>(self, ended);
    yield* out.write('x');
    yield* out.end();
    yield* toWritable<string>(self, left).write('x');
  });
  await new Promise(setImmediate);
  expect(ended.destroyed).toBe(false);
  expect([ended.eventNames(), left.eventNames()]).toEqual([before, before]);
});

test('an actor keeps nothing of what it has let go of while it lives', async () => {
  await using system = new ActorSystem({ log: 'off' });
  const emitter = new EventEmitter();
  const kept: WeakRef<object>[] = [];
  const pid = system.spawn(function* (self: Self<Item>): Actor {
    const listen = (): void => {
      const messageOf = (n: number): Item => ({ tag: 'item', n });
      kept.push(new WeakRef(messageOf));
      fromEmitter(self, emitter, 'n', messageOf)();
    };
    for (let i = 0; i < 100; i++) listen();
    for (let i = 0; i < 100; i++) {
      const out = new Writable({ write: (_, __, done) => done() });
      kept.push(new WeakRef(out));
      yield* toWritable<string>(self, out).end();
    }
    yield* self.receive('item');
  });
  while (!system.info(pid)?.waitingFor.join().includes('item')) await new Promise(setImmediate);
  await new Promise(setImmediate);
  await heapInUse();
  const left = kept.filter((each) => each.deref() !== undefined);
  // The last of each may be in a variable still.
  expect(left.length).toBeLessThanOrEqual(2);
  system.send(pid, { tag: 'item', n: 1 });
  await system.exited(pid);
});
