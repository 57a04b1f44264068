/** Many of everything, on the real clock: no recursion, no leak, no copying that grows with the number. */

import {
  type Actor,
  ActorSystem,
  configure,
  type Message,
  type Pid,
  type ReplyTo,
  type Self,
} from 'beamish';
import { expect, test } from 'vitest';
import { heapInUse } from '../support/heap.ts';

interface Numbered extends Message {
  readonly tag: 'even' | 'odd';
  readonly n: number;
}

interface Echo extends Message {
  readonly tag: 'say';
  readonly replyTo: ReplyTo<number>;
}

const MILLION = 1_000_000;
const MEGABYTE = 2 ** 20;

test.each([
  ['first', 0],
  ['middle', 50_000],
  ['last', 99_999],
])(
  'a chain of 100,000 linked actors dies without a stack overflow when its %s one does',
  async (_, from) => {
    const system = quiet();
    const pids = await system.run(makeChain, 100_000);
    const ends = Promise.all([pids[0], pids.at(-1)].map((pid) => system.exited(pid as Pid)));
    system.exitSignal(pids[from] as Pid, 'boom');
    expect(await ends).toEqual(['boom', 'boom']);
    await allEnd(system);
    await system.shutdown();
  },
);

test('a chain of 100,000 linked async actors dies without a stack overflow', async () => {
  const system = quiet();
  const first = system.spawn(next, 99_999);
  expect(await system.exited(first)).toBe('boom');
  await allEnd(system);
  await system.shutdown();

  async function next(self: Self, more: number): Promise<void> {
    if (more === 0) self.exit('boom');
    self.spawnLink(next, more - 1);
    await self.receive('EXIT');
  }
});

test('a chain of 100,000 actors, each of which waits for the start of the next, fails without a stack overflow', async () => {
  const system = quiet();
  const first = system.spawn(starts, 99_999);
  expect(await system.exited(first)).toBe('boom');
  await allEnd(system);
  await system.shutdown();

  function* starts(self: Self, more: number): Actor {
    if (more === 0) self.exit('boom');
    yield* self.startLink(starts, more - 1);
    yield* self.receive('EXIT');
  }
});

test('1,000,000 actors that are spawned and end leave the heap where it was', async () => {
  const system = quiet();
  await system.run(spawnMany, 50_000);
  const before = await heapInUse();
  await system.run(spawnMany, MILLION);
  expect((await heapInUse()) - before).toBeLessThan(MEGABYTE);
  await system.shutdown();

  function* spawnMany(self: Self, count: number): Actor {
    for (let i = 0; i < count; i++) {
      self.spawn(brief);
      if (i % 1_000 === 999) yield* self.yield();
    }
  }
  function* brief(_: Self): Actor {}
});

test('actors that had links, monitors, timers, names and clean-up leave the heap where it was', async () => {
  const system = quiet();
  await system.run(spawnMany, 5_000);
  const before = await heapInUse();
  await system.run(spawnMany, 50_000);
  expect((await heapInUse()) - before).toBeLessThan(MEGABYTE);
  expect(system.actors()).toEqual([]);
  await system.shutdown();

  function* spawnMany(self: Self, count: number): Actor {
    self.trapExit(true);
    for (let i = 0; i < count; i++) {
      const busy = self.spawnLink(configure(full, { name: `n${i % 7}` }));
      const { ref } = self.spawnMonitor(full);
      self.spawnMonitor(asynchronous);
      self.sendAfter(1_000_000, busy, { tag: 'EXIT' } as never);
      yield* self.receive('EXIT');
      yield* self.receive('DOWN').where((down) => down.ref === ref);
      yield* self.receive('DOWN');
    }
  }
  function* full(self: Self): Actor {
    self.defer(() => {});
    self.monitor(self.parent);
    self.sendAfter(1_000_000, self.pid, { tag: 'EXIT' } as never);
    yield* self.receive('EXIT').after(0);
    self.exit('x');
  }
  async function asynchronous(self: Self): Promise<void> {
    self.link(self.parent);
    self.unlink(self.parent);
    await self.yield();
  }
});

test('a watcher that monitors and demonitors 1,000,000 times leaves the heap where it was', async () => {
  const system = quiet();
  const target = system.spawn(idle);
  await system.run(watch, 1_000);
  const before = await heapInUse();
  await system.run(watch, MILLION);
  expect((await heapInUse()) - before).toBeLessThan(MEGABYTE);
  await system.shutdown();

  function* watch(self: Self, count: number): Actor {
    for (let i = 0; i < count; i++) {
      self.demonitor(self.monitor(target), { flush: true });
      self.link(target);
      self.unlink(target);
    }
  }
});

test('a mailbox of 1,000,000 messages gives them back in order, by tag too', async () => {
  const system = quiet();
  const pid = system.spawn(reader);
  for (let n = 0; n < MILLION; n++) system.send(pid, { tag: n % 2 === 0 ? 'even' : 'odd', n });
  expect(system.info(pid)?.mailboxLength).toBe(MILLION);
  const reason = await system.exited(pid);
  expect(reason).toEqual({ shutdown: MILLION });
  await system.shutdown();

  function* reader(self: Self<Numbered>): Actor {
    let read = 0;
    for (let n = 1; n < MILLION; n += 2, read++) check(yield* self.receive('odd'), n);
    for (let n = 0; n < MILLION; n += 2, read++) check(yield* self.receive(), n);
    self.exit({ shutdown: read });
  }
  function check(message: Message, n: number): void {
    if ((message as Partial<Numbered>).n !== n)
      throw new Error(`Expected message ${n}, got ${JSON.stringify(message)}`);
  }
});

function* makeChain(self: Self, count: number): Actor<readonly Pid[]> {
  const pids: Pid[] = [];
  for (let i = 0; i < count; i++) {
    pids.push(self.spawn(linked, pids.at(-1)));
    if (i % 1_000 === 999) yield* self.yield();
  }
  yield* self.yield();
  return pids;
}

function* linked(self: Self, previous: Pid | undefined): Actor {
  if (previous !== undefined) self.link(previous);
  yield* self.receive('EXIT');
}

function* idle(self: Self): Actor {
  yield* self.receive('EXIT');
}

function quiet(): ActorSystem {
  return new ActorSystem({ log: 'off' });
}

async function allEnd(system: ActorSystem): Promise<void> {
  await system.run(function* (_: Self): Actor {});
  expect(system.actors()).toEqual([]);
}

test('a request that is kept when it is over keeps none of those that came after it', async () => {
  const system = quiet();
  await system.run(function* (self: Self): Actor {
    // Answers each when the next one has come.
    const slow = self.spawn(function* (its: Self<Echo>): Actor {
      for (let before: ReplyTo<number> | undefined; ; ) {
        const { replyTo } = yield* its.receive('say');
        if (before !== undefined) its.send(before, 1);
        before = replyTo;
      }
    });
    const first = self.request(slow, { tag: 'say' });
    let last = first;
    const later: WeakRef<object>[] = [];
    for (let i = 0; i < 100; i++) {
      const next = self.request(slow, { tag: 'say' });
      later.push(new WeakRef(next.ref));
      yield* last.reply();
      last = next;
    }
    yield* self.wait(heapInUse());
    expect(first.ref).toBeDefined();
    // The last one is under way.
    expect(later.filter((ref) => ref.deref() !== undefined).length).toBeLessThan(10);
  });
  await system.shutdown();
});
