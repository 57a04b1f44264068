/** What a pool of threads adds to the transport: placement, back-pressure, accounts of what is lost, an orderly end. */

import { setImmediate as nextRound } from 'node:timers/promises';
import { type Threads, type ThreadsOptions, threads } from '@beamish/threads';
import {
  type Actor,
  ActorSystem,
  child,
  type Message,
  type Pid,
  portable,
  type Self,
  type SystemDown,
  type SystemEvents,
  supervisor,
} from 'beamish';
import { VirtualClock } from 'beamish/testing';
import { afterEach, expect, test, vi } from 'vitest';
import { doer, echo, silent } from '../contract/bodies.ts';
import { choosy, closedGate, heldUp, limited, openGate, reached, slow } from './bodies.ts';

type Main = Self<SystemDown | Message>;
type Ask = (to: unknown, what: object) => Promise<unknown>;

let system: ActorSystem;
let cores: Threads;
let ask: Ask;
let down: SystemEvents['system_down'][];
let letters: SystemEvents['dead_letter'][];

afterEach(async () => {
  await cores.close();
});

async function start(options: ThreadsOptions = {}): Promise<void> {
  system = new ActorSystem({ log: 'off' });
  cores = await threads(system, { size: 1, systems: { log: 'off' }, ...options });
  ask = system.call.bind(system) as Ask;
  down = [];
  letters = [];
  system.events.on('system_down', (what) => down.push(what));
  system.events.on('dead_letter', (what) => letters.push(what));
}

function run<R>(body: (self: Main) => Actor<R>): Promise<R> {
  return system.run(body as never) as Promise<R>;
}

test('actors go to the thread that has fewest, to the one that is asked for, or with their key', async () => {
  await start({ size: 3 });
  const spread = Array.from({ length: 9 }, () => cores.spawn(silent).system);
  for (const name of cores.systems) expect(spread.filter((its) => its === name)).toHaveLength(3);
  expect(system.spawn(cores.at(silent, { thread: 1 })).system).toBe('thread-2');
  const keyed = (key: string): string => system.spawn(cores.at(silent, { key })).system;
  expect(keyed('a')).toBe(keyed('a'));
  expect(new Set([...'abcdefghij'].map(keyed)).size).toBe(3);
});

test('what is no option, no placement and no portable body is refused', async () => {
  await start();
  const other = new ActorSystem({ log: 'off' });
  await expect(threads(other, { size: 0 })).rejects.toThrow(RangeError);
  await expect(threads(other, { stallMs: 1 })).rejects.toThrow(RangeError);
  await expect(threads(other, { restart: { intensity: -1 } })).rejects.toThrow(RangeError);
  await expect(threads(other, { sise: 1 } as never)).rejects.toThrow('"sise"');
  await expect(threads(other, { name: '' })).rejects.toThrow('Cannot call threads');
  expect(() => cores.at(silent, { thread: 1 })).toThrow(RangeError);
  expect(() => cores.at(silent.body as never)).toThrow('portable');
});

test.each([
  [{}, { maxYoungGenerationSizeMb: 64 }],
  [{ maxOldGenerationSizeMb: 200 }, { maxYoungGenerationSizeMb: 64, maxOldGenerationSizeMb: 200 }],
  [{ maxYoungGenerationSizeMb: 16 }, { maxYoungGenerationSizeMb: 16 }],
])(
  'a thread with the limits %j has those, and a larger young generation than Node gives',
  async (resourceLimits, has) => {
    await start({ resourceLimits });
    const limits = await run(function* (self): Actor<unknown> {
      self.spawn(cores.at(limited, { thread: 0 }), self.pid);
      return yield* self.receive('limits' as never);
    });
    expect(limits).toMatchObject(has);
  },
);

test('a thread may stall for longer than timers can be', async () => {
  await start({ stallMs: 2 ** 40 });
  expect(await ask(cores.spawn(echo), { tag: 'say', value: 1 })).toBe(1);
});

test('a system has several pools, whose threads have names of their own and reach each other', async () => {
  await start({ size: 1 });
  await using more = await threads(system, { size: 2, systems: { log: 'off' } });
  await using jobs = await threads(system, { name: 'job', size: 1, systems: { log: 'off' } });
  expect([cores.systems, more.systems, jobs.systems]).toEqual([
    ['thread-1'],
    ['thread-2', 'thread-3'],
    ['job-1'],
  ]);
  expect(system.systems()).toEqual(['thread-1', 'thread-2', 'thread-3', 'job-1']);
  const there = jobs.spawn(silent);
  const here = system.spawn(cores.at(doer), undefined);
  await ask(here, { tag: 'order', deed: { do: 'link', to: there } });
  expect(await ask(here, { tag: 'order', deed: { do: 'links' } })).toEqual([there]);
});

test('a pool that is stopped ends in order, and the system goes on with the others', async () => {
  await start({ size: 1 });
  const jobs = await threads(system, { name: 'job', size: 1, systems: { log: 'off' } });
  const there = jobs.spawn(silent);
  const ended = system.exited(there);
  // It has heard by now that it is watched.
  await ask(jobs.spawn(echo), { tag: 'say', value: 1 });
  await jobs.stop();
  expect(await ended).toBe('shutdown');
  expect(system.systems()).toEqual(['thread-1']);
  expect(down).toEqual([]);
  await expect(system.start(jobs.at(silent))).rejects.toThrow('noconnection');
  expect(await ask(cores.spawn(echo), { tag: 'say', value: 1 })).toBe(1);
});

test('actors of two threads reach each other without the main thread', async () => {
  await start({ size: 2 });
  const there = system.spawn(cores.at(echo, { thread: 1 }));
  const here = system.spawn(cores.at(doer, { thread: 0 }), undefined);
  const same = { do: 'same', a: there, b: there } as const;
  expect(await ask(here, { tag: 'order', deed: same })).toBe(true);
  const watched = { do: 'monitor', to: there } as const;
  expect(await ask(here, { tag: 'order', deed: watched })).toMatchObject({ system: 'thread-1' });
});

test('an actor is there before anybody who was told of it, however much its thread has to take', async () => {
  await start({ size: 2 });
  await run(function* (self) {
    const gate = closedGate();
    const busy = self.spawn(cores.at(heldUp, { thread: 0 }), gate) as Pid<Message>;
    yield* self.wait(reached(gate));
    for (let n = 0; n < 80_000; n++) self.send(busy, { tag: 'n' });
    const late = self.spawn(cores.at(doer, { thread: 0 }), self.pid as Pid<Message>);
    const other = self.spawn(cores.at(doer, { thread: 1 }), undefined);
    const deed = { do: 'send', to: late, message: { tag: 'hello' } } as const;
    yield* self.call(other, { tag: 'order', deed });
    openGate(gate);
    expect(yield* self.receive('got')).toEqual({ tag: 'got', message: { tag: 'hello' } });
  });
});

test('an actor whose arguments cannot be cloned when it leaves ends there, and says so', async () => {
  await start();
  await run(function* (self) {
    const bytes = new ArrayBuffer(8);
    const { pid } = self.spawnMonitor(cores.at(echo), ...([bytes] as unknown as []));
    // They go elsewhere before this turn is over.
    structuredClone(bytes, { transfer: [bytes] });
    const { target, reason } = yield* self.receive('DOWN');
    expect(target).toBe(pid);
    expect((reason as Error).message).toContain(
      'Cannot spawn echo: its arguments cannot be cloned',
    );
  });
});

test('a body that a module does not export ends its actor, and not its thread', async () => {
  await start();
  const unknown = portable({ url: echo.module } as ImportMeta, 'unknown', function* (): Actor {});
  await run(function* (self) {
    // The first time, the module is to be loaded.
    for (let i = 0; i < 2; i++) {
      self.spawnMonitor(cores.at(unknown));
      const { reason } = yield* self.receive('DOWN');
      expect((reason as Error).message).toContain('it exports no body of that name');
    }
  });
  expect(down).toEqual([]);
});

test('a flood of offers waits for a slow actor of another thread', async () => {
  await start();
  await run(function* (self) {
    const pid = self.spawn(cores.at(slow), 1) as Pid<Message>;
    let offered = 0;
    const flood = self.spawn(function* (its: Self): Actor {
      for (; ; offered++) yield* its.offer(pid, { tag: 'n' });
    });
    yield* self.sleep(1500);
    self.exitSignal(flood, 'kill');
    // What may be under way, twice; without the wait it would be a million.
    expect(offered).toBeGreaterThan(1000);
    expect(offered).toBeLessThan(2 * 64 * 768);
    self.exitSignal(pid, 'kill');
  });
});

test('a receiver that leaves messages in its mailbox still gets what comes behind them', async () => {
  await start();
  await run(function* (self) {
    const pid = self.spawn(cores.at(choosy), self.pid as Pid<Message>) as Pid<Message>;
    for (let n = 0; n < 50_000; n++) yield* self.offer(pid, { tag: 'unwanted' });
    self.send(pid, { tag: 'wanted' });
    expect(yield* self.receive('wanted')).toEqual({ tag: 'wanted' });
  });
});

test('of more sends than can wait, those that are dropped are told of, and the others arrive', async () => {
  await start();
  const sent = 400_000;
  const gate = closedGate();
  const pid = cores.spawn(heldUp, gate) as Pid<Message>;
  await reached(gate);
  for (let n = 0; n < sent; n++) system.send(pid, { tag: 'n' });
  const dropped = letters.filter(({ why }) => why === 'overflow').length;
  expect(dropped).toBeGreaterThan(0);
  cores.kill(0);
  await new Promise<void>((resolve) => system.events.on('system_down', () => resolve()));
  const told = letters.filter(({ why }) => why === 'noconnection').length;
  expect(told).toBeGreaterThan(0);
  expect(down[0]?.lost).toBe(sent - dropped - told);
});

test('what a thread had not taken when it died is counted, and what had not left is told of one by one', async () => {
  await start();
  await run(function* (self) {
    self.monitorSystem('thread-1');
    const gate = closedGate();
    const pid = self.spawn(cores.at(heldUp), gate) as Pid<Message>;
    yield* self.wait(reached(gate));
    const sent = 80_000;
    for (let n = 0; n < sent; n++) self.send(pid, { tag: 'n' });
    // So that the turn is over, and what can leave has left.
    yield* self.wait(nextRound());
    cores.kill(0, 'enough');
    yield* self.receive('SYSTEM_DOWN');
    // 64 batches had left, each with some 400.
    const told = letters.filter(({ why }) => why === 'noconnection');
    expect(told.length).toBeGreaterThan(3000);
    expect(told[0]).toMatchObject({ to: pid, message: { tag: 'n' } });
    const lost = sent - told.length;
    expect(down).toMatchObject([{ system: 'thread-1', reason: 'enough', lost }]);
  });
});

test('threads that die too often are not started again', async () => {
  await start({ restart: { intensity: 1, periodMs: 60_000 } });
  const dies = (): Promise<void> =>
    new Promise((resolve) => {
      system.events.on('system_down', () => resolve());
      cores.kill(0);
    });
  await dies();
  expect(cores.size).toBe(1);
  await dies();
  expect(cores.size).toBe(0);
  expect(await system.exited(cores.spawn(silent))).toBe('noconnection');
});

test('a thread that is replaced does not count among those that die', async () => {
  await start({ restart: { intensity: 0 } });
  const ends = (how: 'replace' | 'kill'): Promise<void> =>
    new Promise((resolve) => {
      system.events.on('system_down', () => resolve());
      cores[how](0);
    });
  await ends('replace');
  expect([cores.size, cores.isAlive(0), cores.isAlive(1)]).toEqual([1, true, false]);
  await ends('kill');
  expect([cores.size, cores.isAlive(0)]).toEqual([0, false]);
});

test('how often threads may be started again goes by the clock of the system', async () => {
  const clock = new VirtualClock();
  system = new ActorSystem({ clock, log: 'off' });
  const restart = { intensity: 1, periodMs: 60_000 };
  cores = await threads(system, { size: 1, restart, systems: { log: 'off' } });
  const dies = (): Promise<unknown> =>
    new Promise((resolve) => {
      system.events.on('system_down', resolve);
      cores.kill(0);
    });
  await dies();
  clock.skip(60_001);
  await dies();
  expect(cores.size).toBe(1);
  await dies();
  expect(cores.size).toBe(0);
});

/** Has the looks at the hearts of threads, and those alone, come at once. */
function passFor(ms: number, begin: () => Promise<void>): Promise<void> {
  vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval'] });
  const end = begin();
  vi.advanceTimersByTime(ms);
  vi.useRealTimers();
  return end;
}

const STALLED = { message: 'Thread thread-1 was ended: its event loop had not turned for 5000 ms' };

test('a pool that is stopped ends a thread that never turns its event loop, whatever stallMs says', async () => {
  await start({ stallMs: 'never' });
  const gate = closedGate();
  cores.spawn(heldUp, gate);
  await reached(gate);
  await passFor(5000, () => cores.stop());
  expect(down).toMatchObject([{ system: 'thread-1', reason: STALLED }]);
});

test('the end of the system does not wait for a tree in a thread that never turns its event loop', async () => {
  await start({ stallMs: 'never' });
  const gate = closedGate();
  const held = child('held', cores.at(heldUp), gate);
  await system.start(supervisor({ children: [held] }));
  await reached(gate);
  await passFor(5000, () => system.shutdown());
  expect(down).toMatchObject([{ system: 'thread-1', reason: STALLED }]);
  expect(cores.size).toBe(0);
});

test('a system that was shut down starts no threads', async () => {
  await start();
  const over = new ActorSystem({ name: 'over', log: 'off' });
  await over.shutdown();
  await expect(threads(over, { size: 1 })).rejects.toThrow(
    'the system over: it has been shut down',
  );
  expect(over.systems()).toEqual([]);
});

test('a pool that fails to begin is stopped alone', async () => {
  await start();
  const wrong = { name: 'wrong', size: 2, systems: { log: 'nowhere' as 'off' } };
  await expect(threads(system, wrong)).rejects.toThrow('nowhere');
  expect(system.systems()).toEqual(['thread-1']);
  const pid = await system.start(cores.at(echo));
  expect(await ask(pid, { tag: 'say', value: 1 })).toBe(1);
});

test('the end of the system ends its threads, and nothing of them is left', async () => {
  await start({ size: 2 });
  const ends: string[] = [];
  system.events.on('exit', ({ pid }) => ends.push(pid.system));
  const pid = await system.start(cores.at(echo));
  await system.shutdown();
  expect(await ask(pid, { tag: 'say', value: 1 }).catch((error: unknown) => error)).toMatchObject({
    reason: 'noconnection',
  });
  expect(down).toEqual([]);
  const left = process.getActiveResourcesInfo().filter((what) => /Worker|MessagePort/.test(what));
  // Vitest has a port of its own.
  expect(left.length).toBeLessThanOrEqual(1);
});
