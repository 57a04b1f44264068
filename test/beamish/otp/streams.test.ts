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
