/** A pool of workers, on the virtual clock. */

import { type Actor, getState, type PoolOptions, pool, type Self } from 'beamish';
import { testSystem } from 'beamish/testing';
import { expect, test } from 'vitest';

/** A pool whose jobs are numbers of ms that they take; 13 fails. */
async function scene(options: Partial<PoolOptions<number, number>> = {}) {
  const system = testSystem();
  let [atATime, most] = [0, 0];
  const begun: number[] = [];
  const workers = await system.result(
    system.start(
      pool({
        size: 2,
        *worker(self: Self, ms: number): Actor<number> {
          begun.push(ms);
          most = Math.max(most, ++atATime);
          self.defer(() => {
            atATime--;
          });
          yield* self.sleep(ms);
          if (ms === 13) throw new Error('unlucky');
          return ms * 2;
        },
        ...options,
      }),
    ),
  );
  return { system, workers, begun, most: () => most };
}

test('no more than size jobs are done at a time, and they begin in the order in which they came', async () => {
  const { system, workers, begun, most } = await scene();
  const jobs = [50, 20, 30, 10, 40];
  const results = Promise.all(jobs.map((ms) => pool.run(system, workers, ms)));
  expect(await system.result(results)).toEqual([100, 40, 60, 20, 80]);
  expect(begun).toEqual(jobs);
  expect(most()).toBe(2);
});

test('a worker that fails, or is killed, fails its own job with its reason, and the others go on', async () => {
  const { system, workers } = await scene();
  const outcome = (ms: number) =>
    Promise.resolve(pool.run(system, workers, ms)).catch((error) => error.reason);
  const all = Promise.all([13, 10, 1000, 20].map(outcome));
  await system.advance(20);
  system.exitSignal(system.told('spawn').at(-2)?.pid as never, 'kill');
  expect(await system.result(all)).toMatchObject([{ message: 'unlucky' }, 20, 'killed', 40]);
});

test('a job whose time is up is dropped while it waits, and its worker killed while it works', async () => {
  const { system, workers, begun } = await scene({ size: 1 });
  const outcome = (ms: number, within: number) =>
    Promise.resolve(pool.run(system, workers, ms, { within })).catch((error) => error.reason);
  const all = Promise.all([outcome(1000, 100), outcome(10, 50), outcome(10, 500)]);
  expect(await system.result(all)).toEqual(['timeout', 'timeout', 20]);
  expect(begun).toEqual([1000, 10]);
  expect(system.clock.now()).toBeLessThan(200);
});

test.each(['share', 'freeze', 'clone'] as const)(
  'its deadlines hold in a system that would %s its messages',
  async (messages) => {
    const system = testSystem({ messages });
    const begun: number[] = [];
    const worker = function* (self: Self, ms: number): Actor<number> {
      begun.push(ms);
      yield* self.sleep(ms);
      return ms;
    };
    const workers = await system.result(system.start(pool({ size: 1, worker })));
    const outcome = (ms: number, within: number) =>
      Promise.resolve(pool.run(system, workers, ms, { within })).catch((error) => error.reason);
    const all = Promise.all([outcome(1000, 100), outcome(1, 50), outcome(2, 500), outcome(3, 500)]);
    expect(await system.result(all)).toEqual(['timeout', 'timeout', 2, 3]);
    expect(begun).toEqual([1000, 2, 3]);
    expect(system.crashes()).toEqual([]);
  },
);

test('a job that is done leaves no timer behind', async () => {
  const { system, workers } = await scene({ size: 1 });
  await system.result(pool.run(system, workers, 10, { within: 60_000 }));
  await system.settle();
  expect(system.clock.nextAlarm).toBeUndefined();
});

test('a job whose time is up leaves no dead letter, whether it waits or is being done', async () => {
  await using system = testSystem();
  const worker = function* (self: Self, ms: number): Actor<void> {
    yield* self.sleep(ms);
  };
  const workers = await system.result(system.start(pool({ size: 1, worker })));
  const outcome = (ms: number, within: number) =>
    Promise.resolve(pool.run(system, workers, ms, { within })).catch((error) => error.reason);
  const all = Promise.all([outcome(1000, 100), outcome(10, 50)]);
  expect(await system.result(all)).toEqual(['timeout', 'timeout']);
  await system.advance(2000);
  expect(system.deadLetters()).toEqual([]);
});

test('a worker that ends in order without having returned fails its job with normal', async () => {
  const system = testSystem();
  const workers = await system.result(
    system.start(
      pool({
        size: 1,
        *worker(self: Self, early: boolean): Actor<string> {
          if (early) self.exit('normal');
          yield* self.sleep(1);
          return 'done';
        },
      }),
    ),
  );
  const outcome = (early: boolean) =>
    Promise.resolve(pool.run(system, workers, early, { within: 'infinity' })).catch(
      (error) => error.reason,
    );
  const all = Promise.all([outcome(true), outcome(false)]);
  expect(await system.result(all)).toEqual(['normal', 'done']);
  expect(system.deadLetters()).toEqual([]);
});

test('an async worker can use its self', async () => {
  const system = testSystem();
  const worker = async (self: Self, ms: number): Promise<number> => {
    await self.sleep(ms);
    await self.sleep(ms);
    return self.now();
  };
  const workers = await system.result(system.start(pool({ size: 1, worker })));
  expect(await system.result(pool.run(system, workers, 10))).toBe(20);
});

test('of those that wait, the ones that gave up do not count, and a place of theirs is free', async () => {
  const { system, workers } = await scene({ size: 1, limit: 2 });
  const outcome = (ms: number, within: number) =>
    Promise.resolve(pool.run(system, workers, ms, { within })).catch((error) => error.reason);
  const first = Promise.all([outcome(100, 500), outcome(10, 50), outcome(20, 500)]);
  await system.advance(60);
  const next = Promise.all([outcome(30, 500), outcome(40, 500)]);
  expect(await system.result(first)).toEqual([200, 'timeout', 40]);
  expect(await system.result(next)).toEqual([60, 'full']);
});

test('however many give up, the others keep their order', async () => {
  const { system, workers, begun } = await scene({ size: 1 });
  const outcome = (ms: number, within: number) =>
    Promise.resolve(pool.run(system, workers, ms, { within })).catch((error) => error.reason);
  const all = [outcome(200, 5000)];
  for (let i = 0; i < 100; i++) all.push(outcome(i, i % 10 === 0 ? 5000 : 100));
  await system.result(Promise.all(all));
  expect(begun).toEqual([200, 0, 10, 20, 30, 40, 50, 60, 70, 80, 90]);
});

test('what comes when too many wait fails with full', async () => {
  const { system, workers } = await scene({ size: 1, limit: 1 });
  const outcome = () =>
    Promise.resolve(pool.run(system, workers, 10)).catch((error) => error.reason);
  const all = Promise.all([outcome(), outcome(), outcome()]);
  expect(await system.result(all)).toEqual([20, 20, 'full']);
});

test('actors use it as well, and async workers work, too', async () => {
  const { system } = await scene();
  const doubled = await system.result(
    system.run(function* (self: Self): Actor<number> {
      const started = yield* self.startLink(
        pool({ size: 1, worker: async (_: Self, n: number) => n * 2 }),
      );
      if (!started.ok) throw new Error('It has not started');
      return yield* pool.run(self, started.pid, 21);
    }),
  );
  expect(doubled).toBe(42);
});

test('tools see how many jobs there are', async () => {
  const { system, workers } = await scene({ size: 1 });
  for (let i = 0; i < 3; i++) void pool.run(system, workers, 10);
  await system.settle();
  expect(await system.result(getState(system, workers as never))).toEqual({
    running: 1,
    waiting: 2,
  });
  await system.advance(30);
});

test('a pool of no size is refused', () => {
  const worker = async () => 1;
  expect(() => pool({ size: 0, worker })).toThrow(
    'size is a whole number of jobs from 1 up, not 0',
  );
  expect(() => pool({ size: 1, limit: -1, worker })).toThrow(
    "limit is a whole number of jobs from 0 up, or 'infinity', not -1",
  );
});
