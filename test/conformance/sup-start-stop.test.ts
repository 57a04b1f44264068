/** Supervisors: how they start their children, and how they stop them. */

import {
  type Actor,
  child,
  countChildren,
  dynamicSupervisor,
  type Pid,
  type Self,
  type StartFailed,
  type Supervisor,
  startChild,
  supervisor,
  terminateChild,
} from 'beamish';
import { testSystem } from 'beamish/testing';
import { describe, expect, test } from 'vitest';
import { everySchedule } from '../support/schedules.ts';
import {
  answer,
  childrenOf,
  endChild,
  kill,
  type Log,
  news,
  pidOf,
  started,
  strangerSays,
  stubborn,
  worker,
} from '../support/supervised.ts';
import { doing, failedStart, idsOf, workers } from './workers.ts';

describe('start and stop', () => {
  test('SUP-04 children start one after the other, each when the one before has initialised', async () => {
    const system = testSystem();
    const log: Log = [];
    system.start(
      supervisor({ children: [doing(log, 'a', { startMs: 30 }), ...workers(log, 'b')] }),
    );
    await system.advance(29);
    expect(log).toEqual([]);
    await system.advance(1);
    expect(log).toEqual(['start a', 'start b']);
  });

  test('SUP-05 children stop in reverse, each quite dead before the next is told', async () => {
    const system = testSystem();
    const log: Log = [];
    const slow = { stopMs: 40, tellsDeath: true };
    const children = ['a', 'b', 'c'].map((id) => doing(log, id, slow));
    const sup = await started(system, supervisor({ children }));
    news(log);
    system.exitSignal(sup, 'shutdown');
    await system.advance(119);
    expect(news(log)).toEqual(['term c', 'dead c', 'term b', 'dead b', 'term a']);
    expect(system.reasonOf(sup)).toBeUndefined();
    await system.advance(1);
    expect(news(log)).toEqual(['dead a']);
    expect(system.reasonOf(sup)).toBe('shutdown');
  });

  test('SUP-06 nested trees stop depth first, in reverse', async () => {
    await everySchedule(832, async (system) => {
      const log: Log = [];
      const sup = await started(
        system,
        supervisor({
          children: [
            child('s1', supervisor({ children: workers(log, 'a', 'b') })),
            ...workers(log, 'w'),
            child('s2', supervisor({ children: workers(log, 'c', 'd') })),
          ],
        }),
      );
      expect(news(log)).toEqual(['start a', 'start b', 'start w', 'start c', 'start d']);
      system.exitSignal(sup, 'shutdown');
      await system.settle();
      expect(news(log)).toEqual(['term d', 'term c', 'term w', 'term b', 'term a']);
      expect(system.actors()).toEqual([]);
    });
  });

  test('SUP-07 when one does not start, those before it are stopped in reverse, and no later one starts', async () => {
    const system = testSystem();
    const log: Log = [];
    const bad = new Error('no disk');
    const reason = await failedStart(system, {
      children: [
        ...workers(log, 'a', 'b'),
        doing(log, 'c', {
          onStart: () => {
            throw bad;
          },
        }),
        ...workers(log, 'd'),
      ],
    });
    expect(log).toEqual(['start a', 'start b', 'term b', 'term a']);
    expect(reason).toEqual({ shutdown: expect.objectContaining({ name: 'StartFailed' }) });
    const { shutdown: failure } = reason as { shutdown: StartFailed };
    expect(failure.reason).toBe(bad);
    expect(failure.message).toContain('child "c"');
    expect(system.told('exit').at(-1)?.reason).toBe(reason);
    expect(system.actors()).toEqual([]);
  });

  test.each<[string, () => unknown, RegExp]>([
    [
      'throws',
      () => {
        throw new Error('oops');
      },
      /^oops$/,
    ],
    ['returns rubbish', () => 7, /init returned 7/],
  ])('SUP-08 an init that %s is a failed start', async (_, onStart, message) => {
    const system = testSystem();
    const log: Log = [];
    const reason = (await failedStart(system, {
      children: [...workers(log, 'a'), doing(log, 'b', { onStart })],
    })) as { shutdown: StartFailed };
    expect(String((reason.shutdown.reason as Error).message)).toMatch(message);
    expect(log).toEqual(['start a', 'term a']);
  });

  test('SUP-09 a child that ignores its start is kept without a pid, unless it is temporary', async () => {
    const system = testSystem();
    const log: Log = [];
    const ignoring = { onStart: () => 'ignore' };
    const sup = await started(
      system,
      supervisor({
        children: [
          doing(log, 'a', ignoring),
          doing(log, { id: 'b', restart: 'temporary' }, ignoring),
          ...workers(log, 'c'),
        ],
      }),
    );
    expect(await childrenOf(system, sup)).toMatchObject([
      { id: 'c', pid: expect.anything() },
      { id: 'a', pid: undefined },
    ]);
    // The same holds of those that are added.
    const added = await answer(system, startChild(system, sup, doing(log, 'd', ignoring)));
    expect(added).toEqual({ ok: false, reason: 'ignore' });
    const passing = doing(log, { id: 'e', restart: 'temporary' }, ignoring);
    await answer(system, startChild(system, sup, passing));
    expect(idsOf(await childrenOf(system, sup))).toEqual(['d', 'c', 'a']);
  });

  test('SUP-10 the options may be made at the start, from its arguments; ignore means not to start, other values fail', async () => {
    const system = testSystem();
    const log: Log = [];
    const top = supervisor((_, ...ids: string[]) =>
      ids.length === 0
        ? 'ignore'
        : ids[0] === ''
          ? (7 as never)
          : { children: workers(log, ...ids) },
    );
    await answer(system, system.start(top, 'a', 'b'));
    expect(log).toEqual(['start a', 'start b']);
    const ignored = answer(system, system.start(top));
    await expect(ignored).rejects.toMatchObject({ reason: 'ignore' });
    expect(system.told('exit').at(-1)?.reason).toBe('normal');
    const bad = answer(system, system.start(top, ''));
    await expect(bad).rejects.toMatchObject({ reason: { message: expect.stringContaining('7') } });
  });

  test('SUP-33 a child with brutal_kill is killed, and its terminate does not run', async () => {
    const system = testSystem();
    const log: Log = [];
    const sup = await started(
      system,
      supervisor({ children: workers(log, { id: 'a', shutdown: 'brutal_kill' }) }),
    );
    const a = await pidOf(system, sup, 'a');
    system.exitSignal(sup, 'shutdown');
    await system.settle();
    expect(system.reasonOf(a)).toBe('killed');
    expect(log).toEqual(['start a']);
  });

  test('SUP-34 a child is told to shut down, killed when its time is up, and awaited', async () => {
    const system = testSystem();
    const log: Log = [];
    const spec = child({ id: 'a', shutdown: 40 }, stubborn, log, 'a');
    const sup = await started(system, supervisor({ children: [spec] }));
    const a = await pidOf(system, sup, 'a');
    system.exitSignal(sup, 'shutdown');
    await system.advance(39);
    expect(log).toEqual(['a ignored shutdown']);
    expect(system.reasonOf(a)).toBeUndefined();
    await system.advance(1);
    expect(system.reasonOf(a)).toBe('killed');
    expect(system.reasonOf(sup)).toBe('shutdown');
  });

  test('SUP-35 with infinity a child takes as long as it needs', async () => {
    const system = testSystem();
    const log: Log = [];
    const spec = doing(
      log,
      { id: 'a', shutdown: 'infinity' },
      { stopMs: 80_000, tellsDeath: true },
    );
    const sup = await started(system, supervisor({ children: [spec] }));
    system.exitSignal(sup, 'shutdown');
    await system.advance(79_999);
    expect(log).toEqual(['start a', 'term a']);
    expect(system.reasonOf(sup)).toBeUndefined();
    await system.advance(1);
    expect(log.at(-1)).toBe('dead a');
    expect(system.reasonOf(sup)).toBe('shutdown');
  });

  test('SUP-36 a child that has unlinked itself is stopped all the same, and cannot hang its supervisor', async () => {
    const system = testSystem();
    const log: Log = [];
    const loner = doing(log, 'a', { onStart: (self) => self.unlink(self.parent) });
    const sup = await started(system, supervisor({ children: [loner] }));
    const a = await pidOf(system, sup, 'a');
    // Its parent asks, so its EXIT is obeyed though there is no link.
    system.exitSignal(sup, 'shutdown');
    await system.settle();
    expect(log).toEqual(['start a', 'term a']);
    expect([system.reasonOf(a), system.reasonOf(sup)]).toEqual(['shutdown', 'shutdown']);
  });

  test('SUP-37 the end of a child that had unlinked itself goes unnoticed', async () => {
    const system = testSystem();
    const log: Log = [];
    const loner = doing(log, 'a', { onStart: (self) => self.unlink(self.parent) });
    const sup = await started(system, supervisor({ children: [loner] }));
    const a = await pidOf(system, sup, 'a');
    await endChild(system, sup, 'a', 'x');
    expect(system.reasonOf(a)).toBe('x');
    expect(log).toEqual(['start a']);
    expect(await childrenOf(system, sup)).toMatchObject([{ id: 'a', pid: a }]);
    expect(await answer(system, countChildren(system, sup))).toMatchObject({ active: 0, specs: 1 });
    // Nor does it hang the supervisor when it is to be stopped.
    expect(await answer(system, terminateChild(system, sup, 'a'))).toEqual({ ok: true });
  });

  test.each([
    ['static', supervisor({ children: [] })],
    ['dynamic', dynamicSupervisor()],
  ] as const)(
    'SUP-38 a child is still linked while it is being stopped, so it hears when its %s supervisor is killed',
    async (_, body) => {
      const system = testSystem();
      const log: Log = [];
      const sup = await started(system, body);
      const spec = child({ id: 'a', shutdown: 1000 }, stubborn, log, 'a');
      await answer(system, startChild(system, sup, spec));
      system.exitSignal(sup, 'shutdown');
      await system.advance(500);
      system.exitSignal(sup, 'kill');
      await system.settle();
      expect(system.reasonOf(sup)).toBe('killed');
      expect(log).toEqual(['a ignored shutdown', 'a ignored killed']);
    },
  );

  test('SUP-39 the children of a supervisor that is killed hear of it, and the one above starts the subtree again', async () => {
    const system = testSystem();
    const log: Log = [];
    const top = await started(
      system,
      supervisor({ children: [child('sub', supervisor({ children: workers(log, 'a') }))] }),
    );
    const sub = await pidOf(system, top, 'sub');
    const a = await pidOf(system, sub as unknown as Pid<Supervisor>, 'a');
    news(log);
    await kill(system, sub);
    expect(system.reasonOf(a)).toBe('killed');
    // The old child and the new subtree know nothing of each other, as in OTP.
    expect(news(log).sort()).toEqual(['start a', 'term a']);
    expect(await pidOf(system, top, 'sub')).not.toBe(sub);
  });

  test.each(['normal', 'shutdown', 'other'])(
    'SUP-40 the parent’s EXIT with %s stops it, for the same reason',
    async (reason) => {
      const system = testSystem();
      const log: Log = [];
      const sup = await started(system, supervisor({ children: workers(log, 'a') }));
      const a = await pidOf(system, sup, 'a');
      system.exitSignal(sup, reason);
      await system.settle();
      expect(system.reasonOf(sup)).toBe(reason);
      expect(system.reasonOf(a)).toBe('shutdown');
      expect(log).toEqual(['start a', 'term a']);
    },
  );

  test('SUP-40 the end of its parent stops it', async () => {
    const system = testSystem();
    const log: Log = [];
    const parent = system.spawn(function* parent(self: Self<{ tag: 'go' }>): Actor {
      yield* self.startLink(supervisor({ children: workers(log, 'a') }));
      yield* self.receive('go');
      self.exit('bye');
    });
    await system.settle();
    system.send(parent, { tag: 'go' });
    await system.settle();
    expect(log).toEqual(['start a', 'term a']);
    expect(system.told('exit').map(({ reason }) => reason)).toEqual(['bye', 'shutdown', 'bye']);
  });

  test.each(['shutdown', 'other', 'normal'])(
    'SUP-41 a stranger’s exit signal with %s is ignored',
    async (reason) => {
      const system = testSystem();
      const log: Log = [];
      const sup = await started(system, supervisor({ children: workers(log, 'a') }));
      await strangerSays(system, sup, reason);
      expect(system.info(sup)).toBeDefined();
      expect(log).toEqual(['start a']);
    },
  );

  test('SUP-41 the end of one that has linked itself is ignored', async () => {
    const system = testSystem();
    const log: Log = [];
    const sup = await started(system, supervisor({ children: workers(log, 'a') }));
    system.spawn(function* stranger(self: Self): Actor {
      self.link(sup);
      yield* self.yield();
      self.exit('other');
    });
    await system.settle();
    expect(system.info(sup)).toBeDefined();
    expect(log).toEqual(['start a']);
  });

  test('SUP-42 a message that nobody expects is told of, and dropped', async () => {
    const system = testSystem();
    const sup = await started(system, supervisor({ children: [] }));
    system.send(sup as unknown as Pid<{ tag: string }>, { tag: 'garbage' });
    await system.settle();
    expect(system.told('dead_letter')).toEqual([
      { from: undefined, to: sup, message: { tag: 'garbage' }, why: 'unhandled' },
    ]);
    expect(await childrenOf(system, sup)).toEqual([]);
  });

  test('SUP-54 a child that dies while a later one is still starting is restarted when all have', async () => {
    const system = testSystem();
    const log: Log = [];
    system.start(
      supervisor({
        children: [
          child({ id: 'a', name: 'a' }, worker, log, 'a'),
          doing(log, 'b', { startMs: 30 }),
        ],
      }),
    );
    await system.advance(10);
    system.exitSignal(system.whereis('a') as Pid, 'kill');
    await system.advance(10);
    expect(log).toEqual(['start a']);
    await system.advance(10);
    expect(log).toEqual(['start a', 'start b', 'start a']);
  });
});
