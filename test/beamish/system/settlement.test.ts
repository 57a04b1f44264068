/** After a crash the next call from outside is answered by the new server, however much its supervisor has to do first. */

import { type Actor, child, name, type Pid, type Self, server, supervisor } from 'beamish';
import { type TestSystem, testSystem } from 'beamish/testing';
import { describe, expect, test } from 'vitest';
import { everySchedule, underSchedules } from '../../support/schedules.ts';
import { answer, type Log } from '../../support/supervised.ts';

const NAMES = ['a', 'b', 'c', 'd'] as const;

const part = server(function* (self, startMs: number, stopMs: number) {
  self.trapExit(true);
  if (startMs > 0) yield* self.sleep(startMs);
  return {
    call: {
      crash(): void {
        throw new Error('crash');
      },
      hello: () => 'hello',
    },
    *terminate() {
      if (stopMs > 0) yield* self.sleep(stopMs);
    },
  };
});
interface Course {
  readonly strategy: 'one_for_one' | 'one_for_all' | 'rest_for_one';
  readonly startMs: number;
  readonly stopMs: number;
  /** That there are; undefined of some thousands. */
  readonly schedules: number | undefined;
}

async function tree(system: TestSystem, { strategy, startMs, stopMs }: Omit<Course, 'schedules'>) {
  const children = NAMES.map((id) => child({ id, name: name(id) as never }, part, startMs, stopMs));
  const started = system.start(supervisor({ strategy, intensity: 1000, children }));
  await system.advance(1000);
  await started;
}

/** Calls as a program does that awaits each before the next; what came of each. */
async function outcomes(system: TestSystem, calls: readonly (readonly [string, string])[]) {
  const log: unknown[] = [];
  void (async () => {
    for (const [whom, what] of calls)
      log.push(
        await system
          .call(name(whom) as never, what as never, ...([] as never))
          .then(undefined, ({ reason }) => String((reason as Error).message ?? reason)),
      );
  })();
  for (let i = 0; i < 40 && log.length < calls.length; i++) await system.advance(50);
  return log;
}

const COURSES: readonly Course[] = [
  { strategy: 'one_for_one', startMs: 0, stopMs: 0, schedules: 10 },
  { strategy: 'one_for_one', startMs: 20, stopMs: 0, schedules: 3 },
  { strategy: 'one_for_one', startMs: 0, stopMs: 30, schedules: 10 },
  { strategy: 'one_for_all', startMs: 0, stopMs: 0, schedules: undefined },
  { strategy: 'one_for_all', startMs: 20, stopMs: 0, schedules: 768 },
  { strategy: 'one_for_all', startMs: 0, stopMs: 30, schedules: undefined },
  { strategy: 'rest_for_one', startMs: 0, stopMs: 0, schedules: 80 },
  { strategy: 'rest_for_one', startMs: 20, stopMs: 0, schedules: 24 },
  { strategy: 'rest_for_one', startMs: 0, stopMs: 30, schedules: 80 },
];

test.each(COURSES)(
  '$strategy, children that take $startMs ms to start and $stopMs ms to stop',
  async (course) => {
    const { schedules } = course;
    const scene = async (system: TestSystem): Promise<void> => {
      await tree(system, course);
      const calls = NAMES.flatMap((id) => [
        [id, 'crash'] as const,
        [id, 'hello'] as const,
        [NAMES[(NAMES.indexOf(id) + 1) % 4] as string, 'hello'] as const,
      ]);
      expect(await outcomes(system, calls)).toEqual(
        NAMES.flatMap(() => ['crash', 'hello', 'hello']),
      );
    };
    if (schedules === undefined) await underSchedules(40, scene);
    else await everySchedule(schedules, scene);
  },
);

test('a supervisor that ends of it is restarted by its own, before the call fails', async () => {
  await everySchedule(8, async (system) => {
    const inner = supervisor({
      intensity: 0,
      children: [child({ id: 'a', name: name('a') as never }, part, 0, 0)],
    });
    const children = [child('inner', inner), child('slow', part, 0, 30)];
    const outer = supervisor({ strategy: 'rest_for_one', intensity: 10, children });
    await answer(system, system.start(outer));
    const calls = [
      ['a', 'crash'],
      ['a', 'hello'],
      ['a', 'crash'],
      ['a', 'hello'],
    ] as const;
    expect(await outcomes(system, calls)).toEqual(['crash', 'hello', 'crash', 'hello']);
  });
});

test('exited() is told when the next one is there', async () => {
  await everySchedule(12, async (system) => {
    await tree(system, { strategy: 'rest_for_one', startMs: 20, stopMs: 20 });
    const before = system.whereis('a') as Pid;
    const seen: unknown[] = [];
    void system
      .exited(before)
      .then(() => seen.push(NAMES.map((id) => system.whereis(id) !== undefined)));
    system.exitSignal(before, 'kill');
    await system.advance(500);
    expect(seen).toEqual([[true, true, true, true]]);
  });
});

describe('it does not wait for ever', () => {
  test('for a sibling that does not stop', async () => {
    const system = testSystem();
    const log: Log = [];
    const crasher = server(() => ({
      call: {
        crash(): void {
          throw new Error('crash');
        },
      },
    }));
    function* stubborn(self: Self): Actor {
      self.trapExit(true);
      for (;;) yield* self.receive('EXIT');
    }
    const children = [
      child({ id: 'a', name: 'a' }, crasher),
      child({ id: 's', shutdown: 60_000 }, stubborn),
    ];
    await answer(system, system.start(supervisor({ strategy: 'one_for_all', children })));
    const failed = system.call(name('a') as never, 'crash' as never, ...([] as never));
    Promise.resolve(failed).catch(() => log.push('failed'));
    await system.advance(4999);
    expect(log).toEqual([]);
    await system.advance(1);
    expect(log).toEqual(['failed']);
  });

  test('for a back-off, during which nothing is done', async () => {
    const system = testSystem();
    const log: Log = [];
    const spec = {
      id: 'a',
      name: 'a',
      backoff: { firstMs: 60_000, maxMs: 60_000, jitter: 'none' },
    } as const;
    await answer(system, system.start(supervisor({ children: [child(spec, part, 0, 0)] })));
    const failed = system.call(name('a') as never, 'crash' as never, ...([] as never));
    Promise.resolve(failed).catch(() => log.push('failed'));
    await system.settle();
    expect(log).toEqual(['failed']);
  });

  test('for a system that is shut down meanwhile', async () => {
    const system = testSystem();
    await tree(system, { strategy: 'one_for_all', startMs: 0, stopMs: 3000 });
    const failed = system.call(name('a') as never, 'crash' as never, ...([] as never));
    const reason = Promise.resolve(failed).catch(({ reason }) => (reason as Error).message);
    await system.settle();
    const over = system.shutdown();
    await system.advance(30_000);
    await over;
    expect(await reason).toBe('crash');
  });
});
