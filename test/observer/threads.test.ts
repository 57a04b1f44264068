/** Threads: each is seen as if it were here, and what is wrong with one harms nobody. */

import { type Observer, observe } from '@beamish/observer';
import { type Threads, threads } from '@beamish/threads';
import { ActorSystem, child, type Pid, supervisor } from 'beamish';
import { onThread } from 'beamish/observation';
import { expect, test, vi } from 'vitest';
import { fullFrames } from '../../packages/observer/src/model/full-frame.ts';
import { hubOf } from '../../packages/observer/src/observing/observer.ts';
import type { MessageRow, SystemFrame } from '../../packages/observer/src/terms/wire.ts';
import { merge } from '../../packages/observer/src/views/sequence.ts';
import { type Crowd, crasher, mover, type Sum, summer } from './threads-bodies.ts';

/** Cores: two threads with two summers each, supervised from here. */
async function cores(
  observed?: (system: ActorSystem) => Observer,
): Promise<{ system: ActorSystem; pool: Threads; observer: Observer }> {
  const system = new ActorSystem({ log: 'off' });
  let observer = observed?.(system);
  const pool = await threads(system, { size: 2 });
  await system.start(
    supervisor({
      intensity: 9,
      children: [0, 1].flatMap((thread) =>
        ['a', 'b'].map((id) => child(`${id}${thread}`, pool.at(summer, { thread }))),
      ),
    }),
  );
  observer ??= observe(system);
  return { system, pool, observer };
}

/** Those of the first thread, then those of the second, whichever was heard of first. */
async function summers(observer: Observer): Promise<readonly Pid<Sum>[]> {
  const all = (await observer.actors({ body: 'summer' })).map(({ pid }) => pid);
  return all.sort((a, b) => (a.system < b.system ? -1 : 1)) as unknown as Pid<Sum>[];
}

test('OBS-84 an observer sees threads that were there, and those that come', async () => {
  for (const early of [true, false]) {
    const { system, observer } = await cores(early ? (its) => observe(its) : undefined);
    await vi.waitFor(async () => expect(await summers(observer)).toHaveLength(4), {
      timeout: 20_000,
    });
    await vi.waitFor(
      async () => {
        const { systems } = await observer.snapshot();
        // Which thread is heard of first is chance.
        expect(systems.map((its) => [its.system, its.status]).sort()).toEqual([
          ['main', 'up'],
          ['thread-1', 'up'],
          ['thread-2', 'up'],
        ]);
      },
      { timeout: 20_000 },
    );
    const { actors } = await observer.snapshot();
    expect(
      actors
        .map(({ pid, body }) => [pid.system, body])
        .filter(([, body]) => body === 'summer')
        .sort(),
    ).toEqual([
      ['thread-1', 'summer'],
      ['thread-1', 'summer'],
      ['thread-2', 'summer'],
      ['thread-2', 'summer'],
    ]);
    const [one] = await summers(observer);
    expect(await system.call(one as Pid<Sum>, { tag: 'sum', n: 4 })).toBe(10);
    expect(await observer.actor(one as unknown as Pid)).toMatchObject({
      body: 'summer',
      reductions: 1,
      status: 'waiting',
    });
    await observer.close();
    await system.shutdown();
  }
}, 60_000);

test('OBS-26 children in threads stand below their supervisor, in the order of their specs', async () => {
  const { system, observer } = await cores((its) => observe(its));
  await vi.waitFor(async () => expect(await summers(observer)).toHaveLength(4), {
    timeout: 20_000,
  });
  const [top] = await observer.tree({ body: 'summer' });
  expect(top?.actor.pid.system).toBe('main');
  expect(top?.children.map(({ actor }) => [actor.childId, actor.pid.system])).toEqual([
    ['a0', 'thread-1'],
    ['b0', 'thread-1'],
    ['a1', 'thread-2'],
    ['b1', 'thread-2'],
  ]);
  await observer.close();
  await system.shutdown();
}, 60_000);

test('OBS-141 one whose code comes after it has its body’s name as soon as that is known', async () => {
  const system = new ActorSystem({ log: 'off' });
  const observer = observe(system);
  const bodies = new Map<Pid, string>();
  const reading = (async () => {
    for await (const event of observer.events({ kinds: ['spawn'] }))
      if (event.kind === 'spawn') bodies.set(event.pid, event.body);
  })();
  const pool = await threads(system, { size: 1 });
  const pid = pool.spawn(summer);
  expect(await system.call(pid, { tag: 'sum', n: 4 })).toBe(10);
  await vi.waitFor(() => expect(bodies.get(pid as unknown as Pid)).toBe('summer'), {
    timeout: 25_000,
  });
  await vi.waitFor(
    async () => expect((await observer.actors({ text: String(pid) }))[0]?.body).toBe('summer'),
    { timeout: 25_000 },
  );
  await observer.close();
  await reading;
  await system.shutdown();
}, 60_000);

test('OBS-47 a message across is there once, joined from both sides', async () => {
  const { system, observer } = await cores((its) => observe(its, { messages: 'always' }));
  await vi.waitFor(async () => expect(await summers(observer)).toHaveLength(4), {
    timeout: 20_000,
  });
  const [first, , third] = await summers(observer);
  for (let i = 0; i < 20; i++) {
    await system.call(first as Pid<Sum>, { tag: 'sum', n: i });
    await system.call(third as Pid<Sum>, { tag: 'sum', n: i });
  }
  const { messages } = await observer.sequence({ tags: ['sum'], last: 1000 });
  const calls = messages.filter(({ kind }) => kind === 'call' || kind === 'message');
  expect(calls).toHaveLength(40);
  for (const { fate, sentAt, takenAt, from, to } of calls) {
    expect(fate).toBe('taken');
    expect(takenAt).toBeGreaterThanOrEqual(sentAt);
    expect([from, typeof to]).toEqual([system.root, 'object']);
  }
  expect(new Set(messages.map(({ id }) => id)).size).toBe(messages.length);
  await observer.close();
  await system.shutdown();
});

test('OBS-85 a thread that dies is lost with its actors, and the one in its place is told apart', async () => {
  const { system, observer, pool } = await cores((its) => observe(its));
  await vi.waitFor(async () => expect(await summers(observer)).toHaveLength(4), {
    timeout: 20_000,
  });
  const before = (await observer.snapshot()).systems.find((its) => its.system === 'thread-1');
  const events = observer.events({ kinds: ['system_down', 'system_up'] })[Symbol.asyncIterator]();
  pool.kill(0);
  expect((await events.next()).value).toMatchObject({ kind: 'system_down', system: 'thread-1' });
  await vi.waitFor(
    async () => {
      const { systems } = await observer.snapshot();
      const its = systems.filter((each) => each.system === 'thread-1');
      expect(its.map(({ status }) => status)).toEqual(['lost', 'up']);
      expect(its[0]?.incarnation).toBe(before?.incarnation);
      expect(its[1]?.incarnation).not.toBe(before?.incarnation);
      expect(await summers(observer)).toHaveLength(4);
    },
    { timeout: 25_000 },
  );
  const ended = (await observer.actors({ ended: true, body: 'summer' })).filter(
    ({ status }) => status === 'ended',
  );
  for (const { ended: end } of ended) expect(String(end?.reason)).toContain('It was killed');
  const [top] = await observer.tree();
  expect(top?.children.map(({ actor }) => actor.restarts)).toEqual([1, 1, 0, 0]);
  await observer.close();
  await system.shutdown();
}, 30_000);

test('OBS-48 what was on its way to a thread that died is unknown, and its loss says how many they were', async () => {
  const { system, observer, pool } = await cores((its) => observe(its, { messages: 'always' }));
  await vi.waitFor(async () => expect(await summers(observer)).toHaveLength(4), {
    timeout: 20_000,
  });
  const [first] = await summers(observer);
  const events = observer.events({ kinds: ['system_down'] })[Symbol.asyncIterator]();
  // It gets to none of them.
  system.send(first as never, { tag: 'loop', ms: 60_000 } as never);
  for (let n = 0; n < 10; n++) system.send(first as never, { tag: 'late', n } as never);
  pool.kill(0, new Error('Out of memory'));
  const { value: down } = await events.next();
  const { messages } = await observer.sequence({ tags: ['late'], last: 1000 });
  expect(messages.map(({ fate }) => fate)).toEqual(new Array(10).fill('unknown'));
  const { lost = 0 } = down as { lost?: number };
  expect(lost).toBeGreaterThanOrEqual(10);
  const died = (await observer.doctor()).find(({ rule }) => rule === 'thread_silent');
  expect(died?.summary).toBe(
    `thread-1 died: Out of memory; 2 actors are lost with it, and ${lost} messages on the way to it`,
  );
  expect(died?.evidence).toEqual([
    { label: 'why', value: 'Out of memory' },
    { label: 'messages on the way', value: String(lost) },
  ]);
  await observer.close();
  await system.shutdown();
}, 60_000);

test('OBS-86 a thread that cannot load the station works, and is shown without details, with why', async () => {
  const system = new ActorSystem({ log: 'off' });
  const stop = onThread(system, (thread) => {
    (thread as { setUp: unknown }).setUp = () => Promise.reject(new Error('Not here'));
  });
  const observer = observe(system);
  const pool = await threads(system, { size: 1 });
  const pid = pool.spawn(summer);
  expect(await system.call(pid, { tag: 'sum', n: 4 })).toBe(10);
  const { systems, actors } = await observer.snapshot();
  expect(systems.map((its) => [its.system, its.status, its.failed])).toEqual([
    ['main', 'up', undefined],
    ['thread-1', 'up', 'Not here'],
  ]);
  expect(actors).toEqual([]);
  // Whoever comes later is told as well, and so is the page.
  const [, its] = fullFrames(hubOf(observer).stations.model);
  expect(its).toMatchObject({ system: 'thread-1', failed: 'Not here', born: [] });
  pool.kill(0);
  await vi.waitFor(async () =>
    expect((await observer.snapshot()).systems[1]).toMatchObject({ status: 'lost' }),
  );
  stop();
  await observer.close();
  await system.shutdown();
});

test('OBS-88 while a thread is busy, frames of the others come, and its own is as old as it says', async () => {
  const { system, observer } = await cores((its) => observe(its));
  await vi.waitFor(async () => expect(await summers(observer)).toHaveLength(4), {
    timeout: 20_000,
  });
  const [first] = await summers(observer);
  const bell = new Int32Array(new SharedArrayBuffer(4));
  let frames: SystemFrame[] = [];
  const leave = hubOf(observer).watch({ frameMs: 100, framed: (frame) => frames.push(frame) });
  const count = (name: string) => frames.filter((frame) => frame.system === name).length;
  system.send(first as never, { tag: 'hold', bell } as never);
  // It may have answered what it was asked before that came.
  await vi.waitFor(() => expect(count('thread-2')).toBeGreaterThan(1), { timeout: 25_000 });
  const heldAt = Date.now();
  frames = [];
  await vi.waitFor(() => expect(count('thread-2')).toBeGreaterThan(2), { timeout: 25_000 });
  expect([count('main') > 2, count('thread-1')]).toEqual([true, 0]);
  const its = (await observer.snapshot()).systems.find((each) => each.system === 'thread-1');
  expect(its?.at).toBeLessThanOrEqual(heldAt);
  Atomics.store(bell, 0, 1);
  Atomics.notify(bell, 0);
  await vi.waitFor(() => expect(count('thread-1')).toBeGreaterThan(0), { timeout: 25_000 });
  expect(frames.find((frame) => frame.system === 'thread-1')?.at).toBeGreaterThan(heldAt);
  leave();
  await observer.close();
  await system.shutdown();
}, 60_000);

test('OBS-89 a look takes a fiftieth of the time of each thread, and of this one with what it takes in', async () => {
  const { system, observer } = await cores((its) => observe(its));
  await vi.waitFor(async () => expect(await summers(observer)).toHaveLength(4), {
    timeout: 20_000,
  });
  const [first, , third] = (await summers(observer)) as readonly unknown[] as readonly Pid<Crowd>[];
  for (const to of [first, third]) system.send(to as Pid<Crowd>, { tag: 'crowd', count: 10_000 });
  await vi.waitFor(async () => expect((await observer.actors()).length).toBeGreaterThan(20_000), {
    timeout: 60_000,
  });
  const hub = hubOf(observer);
  const apply = hub.stations.model.apply.bind(hub.stations.model);
  // What has come since the last look: how long it took there, and to take it in.
  let [slowest, merged] = [0, 0];
  vi.spyOn(hub.stations.model, 'apply').mockImplementation((frame) => {
    const { user, system: kernel } = process.cpuUsage();
    const at = performance.now();
    apply(frame);
    if (frame.system === 'main') return;
    const after = process.cpuUsage();
    const cpuMs = (after.user + after.system - user - kernel) / 1000;
    merged += Math.min(cpuMs, performance.now() - at);
    slowest = Math.max(slowest, frame.tookMs ?? 0);
  });
  const looks: { readonly nextMs: number; readonly least: number; readonly tookMs: number }[] = [];
  await new Promise<void>((resolve) => {
    const leave = hub.watch({
      frameMs: 100,
      ticked() {
        const [tookMs, least] = [slowest, 50 * Math.max(slowest, merged)];
        slowest = merged = 0;
        setImmediate(() => looks.push({ nextMs: hub.nextMs, least, tookMs }));
        if (looks.length < 9) return;
        leave();
        resolve();
      },
    });
  });
  // The first ones are done cold, and say nothing.
  for (const { nextMs, least, tookMs } of looks.slice(6)) {
    expect(tookMs).toBeGreaterThan(0);
    expect(nextMs).toBeGreaterThanOrEqual(0.9 * least);
  }
  await observer.close();
  await system.shutdown();
}, 120_000);

test('OBS-142 a diagram of several systems ends where the one that was heard of last is', () => {
  const told = { incarnation: 1, at: 0, tags: [[0, 'x']], missed: 0 } as const;
  const sent = (id: number, ms: number): MessageRow =>
    [...[id, 'main.2@1', 'thread-1.2@1', 0, 0, 0], ...[ms * 1000, -1, -1, 0]] as never;
  const taken: MessageRow = [1, 'main.2@1', 'thread-1.2@1', 0, 0, 0, 10_000, 20_000, 30_000, 1];
  const here = { ...told, system: 'main', rows: [sent(1, 10), sent(2, 60)], until: 150 };
  const there = { ...told, system: 'thread-1', rows: [taken], until: 50 };
  const merged = (until: number) =>
    merge([here, { ...there, until }], (text) => text as never).map(({ sentAt, fate }) => [
      sentAt,
      fate,
    ]);
  expect(merged(50)).toEqual([[10, 'taken']]);
  expect(merged(150)).toEqual([
    [10, 'taken'],
    [60, 'waiting'],
  ]);
});

test('OBS-70 a thread that does not turn is silent, and everything else is live', async () => {
  const { system, observer } = await cores((its) => observe(its));
  await vi.waitFor(async () => expect(await summers(observer)).toHaveLength(4), {
    timeout: 20_000,
  });
  await observer.doctor();
  const [first, , third] = await summers(observer);
  const statuses = async () =>
    (await observer.snapshot()).systems
      .map((its) => `${its.system} ${its.status}`)
      .sort((a, b) => (a < b ? -1 : 1));
  system.send(first as never, { tag: 'loop', ms: 4000 } as never);
  const since = performance.now();
  await vi.waitFor(
    async () => {
      const from = performance.now();
      const all = await statuses();
      expect(performance.now() - from).toBeLessThan(1500);
      expect(all).toEqual(['main up', 'thread-1 silent', 'thread-2 up']);
    },
    { timeout: 25_000, interval: 100 },
  );
  expect(performance.now() - since).toBeGreaterThan(1900);
  const found = await observer.doctor();
  expect(found.find(({ rule }) => rule === 'thread_silent')).toMatchObject({ severity: 'error' });
  expect(await system.call(third as Pid<Sum>, { tag: 'sum', n: 4 })).toBe(10);
  await vi.waitFor(
    async () => expect(await statuses()).toEqual(['main up', 'thread-1 up', 'thread-2 up']),
    { timeout: 25_000 },
  );
  await observer.close();
  await system.shutdown();
}, 40_000);

test('OBS-70 who asks all threads waits for one that does not turn until it is silent, and not for one that dies', async () => {
  const { system, observer, pool } = await cores((its) => observe(its, { messages: 'always' }));
  await vi.waitFor(async () => expect(await summers(observer)).toHaveLength(4), {
    timeout: 20_000,
  });
  const { stations } = hubOf(observer);
  const [first, , third] = await summers(observer);
  const bell = new Int32Array(new SharedArrayBuffer(4));
  const took = async (of: () => Promise<unknown>) => {
    const from = performance.now();
    await of();
    return performance.now() - from;
  };
  expect((await observer.sequence()).missed).toBe(0);
  system.send(first as never, { tag: 'hold', bell } as never);
  const late = vi.fn();
  await vi.waitFor(
    async () => expect(await stations.askAll({ kind: 'turns' }, 50, late)).toHaveLength(2),
    { timeout: 20_000 },
  );
  await vi.waitFor(
    async () =>
      expect((await observer.snapshot()).systems.map(({ status }) => status)).toContain('silent'),
    { timeout: 20_000 },
  );
  expect(
    await took(async () => expect((await observer.sequence()).missed).toBe(undefined)),
  ).toBeLessThan(1500);
  expect(await took(() => observer.actor(first as unknown as Pid))).toBeLessThan(1500);
  expect(await took(() => observer.doctor())).toBeLessThan(1500);
  expect(late).not.toHaveBeenCalled();
  Atomics.store(bell, 0, 1);
  Atomics.notify(bell, 0);
  await vi.waitFor(() => expect(late).toHaveBeenCalledWith([]), { timeout: 20_000 });
  await vi.waitFor(async () => expect((await observer.sequence()).missed).toBe(0), {
    timeout: 20_000,
  });

  const other = new Int32Array(new SharedArrayBuffer(4));
  system.send(third as never, { tag: 'hold', bell: other } as never);
  await vi.waitFor(
    async () => expect(await stations.askAll({ kind: 'turns' }, 50)).toHaveLength(2),
    { timeout: 20_000 },
  );
  setTimeout(() => pool.kill(1), 300);
  expect(await took(() => stations.askAll({ kind: 'links' }, 60_000))).toBeLessThan(20_000);
  await observer.close();
  await system.shutdown();
}, 60_000);

test('a crash in a thread is told with what its supervisor, here, did about it', async () => {
  const system = new ActorSystem({ log: 'off' });
  await using observer = observe(system, { messages: 'always' });
  const pool = await threads(system, { size: 1 });
  await system.start(supervisor({ intensity: 5, children: [child('crasher', pool.at(crasher))] }));
  const crasherPid = async () => (await observer.actors({ body: 'crasher' }))[0]?.pid;
  await vi.waitFor(async () => expect(await crasherPid()).toBeDefined(), { timeout: 25_000 });
  system.send((await crasherPid()) as never, { tag: 'work' } as never);
  await vi.waitFor(
    () => expect(observer.crashes()[0]?.latest.restart?.decision).toBe('restarted'),
    { timeout: 25_000 },
  );
  const [crash] = observer.crashes();
  expect(crash?.latest).toMatchObject({
    body: 'crasher',
    handling: { tag: 'work' },
    restart: { id: 'crasher', count: 1 },
  });
  expect(crash?.latest.reason).toMatchObject({ message: 'Broke in a thread at 3' });
  expect(crash?.latest.chain.map(({ tag }) => tag)).toEqual(['work']);
  await system.shutdown();
});

test('OBS-87 a pool that is observed closes as if it were not', async () => {
  const ports = () =>
    process.getActiveResourcesInfo().filter((its) => its === 'MessagePort').length;
  const before = ports();
  const { system, observer, pool } = await cores((its) => observe(its, { messages: 'always' }));
  await observer.snapshot();
  await pool.stop();
  expect((await observer.snapshot()).systems.filter(({ status }) => status === 'up')).toHaveLength(
    1,
  );
  await system.shutdown();
  expect(ports()).toBe(before);
});

test('OBS-59 a circle through two threads is found', async () => {
  const { system, observer } = await cores((its) => observe(its));
  await vi.waitFor(async () => expect(await summers(observer)).toHaveLength(4), {
    timeout: 20_000,
  });
  const [first, , third] = await summers(observer);
  // Each has been told to ask before the other does, so that neither answers first.
  const bell = new Int32Array(new SharedArrayBuffer(4));
  for (const [one, other] of [
    [first, third],
    [third, first],
  ]) {
    system.send(one as never, { tag: 'hold', bell } as never);
    system.send(one as never, { tag: 'ask', other } as never);
  }
  await new Promise((resolve) => setImmediate(resolve));
  Atomics.store(bell, 0, 1);
  Atomics.notify(bell, 0);
  await vi.waitFor(
    async () => {
      const [finding] = await observer.doctor();
      expect(finding).toMatchObject({ rule: 'deadlock', severity: 'error' });
      expect(new Set(finding?.actors)).toEqual(new Set([first, third]));
    },
    { timeout: 40_000, interval: 300 },
  );
  await observer.close();
  await system.shutdown();
}, 60_000);

test('OBS-68 a message of 2 MB that is copied into another thread is a hint, and one whose buffers are moved is none', async () => {
  for (const isMoved of [true, false]) {
    const { system, pool, observer } = await cores((its) => observe(its));
    await vi.waitFor(async () => expect(await summers(observer)).toHaveLength(4), {
      timeout: 20_000,
    });
    const other = (await summers(observer))[2] as Pid<Sum>;
    await observer.doctor();
    system.spawn(mover, other, isMoved);
    system.spawn(pool.at(mover, { thread: 0 }), other, isMoved);
    const arrived = async () =>
      (await observer.actor(other as unknown as Pid))?.mailbox.find(({ tag }) => tag === 'bytes');
    await vi.waitFor(async () => expect(await arrived()).toMatchObject({ count: 2 }), {
      timeout: 20_000,
    });
    // What a thread has seen is told a moment later, maybe when the hint of another one is over.
    const found = new Set<string>();
    await vi.waitFor(
      async () => {
        for (const { rule, summary } of await observer.doctor())
          if (rule === 'big_copy') found.add(summary);
        expect(found.size).toBe(isMoved ? 0 : 2);
      },
      { timeout: 20_000 },
    );
    for (const summary of found)
      expect(summary).toMatch(
        /^"bytes" from mover <.*> to .* was copied into another thread, some 2 MB: offer it with `transfer`/,
      );
    await observer.close();
    await system.shutdown();
  }
}, 60_000);
