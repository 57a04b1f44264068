/** Restarts with a back-off, on the virtual clock. */

import {
  type Actor,
  type Backoff,
  child,
  type Pid,
  type Self,
  type SupervisorOptions,
  server,
  supervisor,
  terminateChild,
  whichChildren,
} from 'beamish';
import { testSystem } from 'beamish/testing';
import { describe, expect, test } from 'vitest';

const NONE = { firstMs: 100, maxMs: 1000, jitter: 'none' } as const;

/** Ends by itself after so many ms; tells when it started. */
function scene(
  backoff: Backoff | undefined,
  lives: readonly number[],
  options: Partial<SupervisorOptions> = {},
) {
  const system = testSystem();
  const starts: number[] = [];
  const siblings: number[] = [];
  const body = function* (self: Self): Actor {
    starts.push(system.clock.now());
    yield* self.sleep(lives[starts.length - 1] ?? 1e9);
    self.exit('lost');
  };
  const sibling = function* (self: Self): Actor {
    siblings.push(system.clock.now());
    yield* self.receive('DOWN');
  };
  const spec = backoff === undefined ? { id: 'c' } : { id: 'c', backoff };
  const top = system.spawn(
    supervisor({ ...options, children: [child(spec, body), child('s', sibling)] }),
  );
  return { system, starts, siblings, top };
}

test('each restart waits longer, up to maxMs', async () => {
  const { system, starts } = scene(NONE, [10, 10, 10, 10, 10, 10]);
  await system.advance(10_000);
  const waits = starts.slice(1).map((at, i) => at - (starts[i] as number) - 10);
  expect(waits).toEqual([100, 200, 400, 800, 1000, 1000]);
});

test('such restarts do not count towards the intensity, others of the same supervisor do', async () => {
  const { system, starts, top } = scene({ firstMs: 0, maxMs: 0 }, Array(50).fill(1), {
    intensity: 0,
  });
  await system.advance(1000);
  expect(starts).toHaveLength(51);
  expect(system.info(top)).toBeDefined();
});

test('a child that has run for resetAfterMs begins with firstMs again', async () => {
  const { system, starts } = scene({ ...NONE, resetAfterMs: 500 }, [10, 10, 500, 10]);
  await system.advance(10_000);
  const waits = starts.slice(1).map((at, i) => at - (starts[i] as number));
  expect(waits).toEqual([110, 210, 600, 210]);
});

test('a child that is stopped while it waits is not started again', async () => {
  const { system, starts, top } = scene(NONE, [10]);
  await system.advance(50);
  expect(await system.result(terminateChild(system, top, 'c'))).toEqual({ ok: true });
  await system.advance(10_000);
  expect(starts).toHaveLength(1);
});

describe('siblings that are restarted with it', () => {
  test.each(['one_for_all', 'rest_for_one'] as const)(
    'do not run while it waits, and start after it when the wait is over: %s',
    async (strategy) => {
      const { system, siblings, top } = scene(NONE, [10], { strategy });
      await system.advance(10);
      const list = await system.result(whichChildren(system, top));
      expect(list.map(({ id, pid }) => [id, pid])).toEqual([
        ['s', undefined],
        ['c', 'restarting'],
      ]);
      await system.advance(99);
      expect(siblings).toEqual([0]);
      await system.advance(1);
      expect(siblings).toEqual([0, 110]);
    },
  );

  /** Two of a group, each with a back-off, of which one starts and the other fails to as long as it is told to. */
  async function group(strategy: 'one_for_all' | 'rest_for_one', failures: number) {
    const system = testSystem();
    const log: string[] = [];
    let left = 0;
    const body = server((self, id: string, mayFail: boolean) => {
      self.trapExit(true);
      if (mayFail && left-- > 0) throw new Error('not yet');
      log.push(`${id} ${system.clock.now()}`);
      return { terminate: () => void log.push(`${id} stops ${system.clock.now()}`) };
    });
    const backoff = { ...NONE, maxMs: 100 };
    const children = [
      child({ id: 'a', backoff }, body, 'a', false),
      child({ id: 'b', backoff }, body, 'b', true),
    ];
    const top = await system.result(system.start(supervisor({ strategy, children })));
    left = failures;
    log.length = 0;
    const [b, a] = await system.result(whichChildren(system, top));
    return { system, top, log, a: a?.pid as Pid, b: b?.pid as Pid };
  }

  test.each(['one_for_all', 'rest_for_one'] as const)(
    'one whose start fails is tried again once for each wait, whoever ended first: %s',
    async (strategy) => {
      const { system, log, a, b } = await group(strategy, 5);
      system.exitSignal(b, 'kill');
      system.exitSignal(a, 'kill');
      await system.advance(2000);
      const starts = log.filter((line) => line.startsWith('a ') && !line.includes('stops'));
      // One failure stands between two starts of the whole group; alone it is tried behind the one that runs.
      expect(starts).toHaveLength(strategy === 'one_for_all' ? 6 : 1);
      expect(log.at(-1)).toBe('b 600');
    },
  );

  test('nothing of a group runs while one of it waits: one_for_all', async () => {
    const { system, log, b } = await group('one_for_all', 2);
    system.exitSignal(b, 'kill');
    await system.advance(2000);
    expect(log).toEqual([
      'a stops 0',
      'a 100',
      'a stops 100',
      'a 200',
      'a stops 200',
      'a 300',
      'b 300',
    ]);
  });

  test('a sibling that ends meanwhile takes the wait with it', async () => {
    const { system, top, log, b } = await group('rest_for_one', 0);
    system.exitSignal(b, 'kill');
    await system.advance(50);
    const [, a] = await system.result(whichChildren(system, top));
    system.exitSignal(a?.pid as Pid, 'kill');
    await system.advance(1000);
    // From the end of the first on, both wait as it does.
    expect(log).toEqual(['a 150', 'b 150']);
  });

  test('a stop of the one that waits leaves them stopped', async () => {
    const { system, top, b } = await group('one_for_all', 0);
    system.exitSignal(b, 'kill');
    await system.settle();
    await system.result(terminateChild(system, top, 'b'));
    await system.advance(1000);
    const list = await system.result(whichChildren(system, top));
    expect(list.map(({ pid }) => pid)).toEqual([undefined, undefined]);
  });
});

test('without one, a child is started again at once', async () => {
  const { system, starts } = scene(undefined, [10]);
  await system.advance(10);
  expect(starts).toEqual([0, 10]);
});

describe('chance is', () => {
  const waits = async (jitter: 'full' | 'equal'): Promise<number> => {
    const { system, starts } = scene({ firstMs: 1000, maxMs: 1000, jitter }, [10]);
    await system.advance(5000);
    return (starts[1] as number) - 10;
  };

  test('all of a wait, or its second half', async () => {
    const full = await waits('full');
    const equal = await waits('equal');
    expect(full).toBeGreaterThanOrEqual(0);
    expect(full).toBeLessThanOrEqual(1000);
    expect(equal).toBeGreaterThanOrEqual(500);
    expect(equal).toBeLessThanOrEqual(1000);
    expect(Math.abs(equal - (500 + full / 2))).toBeLessThanOrEqual(1);
  });
});

test.each([
  [{ firstMs: -1, maxMs: 1 }, 'with its back-off: firstMs is a whole number'],
  [{ firstMs: 10, maxMs: 1 }, 'with its back-off: maxMs, 1, is below firstMs, 10'],
  [{ firstMs: 1, maxMs: 1, factor: 0 }, 'with its back-off: factor is a number from 1 up, not 0'],
  [{ firstMs: 1, maxMs: 1, jitter: 'some' }, "with its back-off: jitter is 'full'"],
])('a back-off of %j is refused', (backoff, why) => {
  expect(() => child({ id: 'c', backoff: backoff as Backoff }, function* () {})).toThrow(why);
});
