/** What a supervisor takes for the end of a child, and what it counts. */

import {
  type Actor,
  type Body,
  child,
  configure,
  dynamicSupervisor,
  type Exit,
  type Message,
  name,
  type Pid,
  portable,
  type Registry,
  type Self,
  type Supervisor,
  server,
  startChild,
  supervisor,
  via,
  whichChildren,
} from 'beamish';
import { type TestSystem, testSystem } from 'beamish/testing';
import { placed } from 'beamish/transport';
import { describe, expect, test } from 'vitest';
import { idler } from '../../support/recorder.ts';
import { everySchedule } from '../../support/schedules.ts';
import { answer } from '../../support/supervised.ts';
import { Twin } from '../../support/twin.ts';

const slow = server((self, log: string[], id: string) => {
  self.trapExit(true);
  return {
    *terminate(): Actor {
      yield* self.sleep(80);
      log.push(id);
    },
  };
});

/** Lets it end, says in the middle of that that a monitor of its own has ended, and returns the order of all ends. */
async function endedUnderForeignDown(
  system: TestSystem,
  start: (watched: Pid, log: string[]) => Promise<Pid>,
): Promise<string[]> {
  const log: string[] = [];
  const watched = system.spawn(idler);
  const pid = await start(watched, log);
  void system.exited(pid).then((reason) => log.push(`supervisor ${String(reason)}`));
  system.exitSignal(pid, 'shutdown');
  await system.settle();
  system.exitSignal(watched, 'kill');
  const forged = { tag: 'DOWN', ref: {}, target: watched, reason: 'kill' };
  system.send(pid as Pid<Message>, forged as Message);
  await system.advance(1000);
  return log;
}

describe('a DOWN that is not of a monitor which it has set to stop a child ends none', () => {
  test('of a static supervisor', async () => {
    await everySchedule(168, async (system) => {
      const log = await endedUnderForeignDown(system, (watched, log) => {
        const body = supervisor((self) => {
          self.monitor(watched);
          return { children: [child('a', slow, log, 'a'), child('b', slow, log, 'b')] };
        });
        return answer(system, system.start(body));
      });
      expect(log).toEqual(['b', 'a', 'supervisor shutdown']);
      const unhandled = system.told('dead_letter').filter(({ why }) => why === 'unhandled');
      expect(unhandled).toHaveLength(2);
    });
  });

  test('of a dynamic supervisor', async () => {
    await everySchedule(144, async (system) => {
      const log = await endedUnderForeignDown(system, async (_, log) => {
        const pid = await answer(system, system.start(dynamicSupervisor()));
        for (const id of 'ab')
          await answer(system, startChild(system, pid, child(id, slow, log, id)));
        return pid;
      });
      expect(log.toSorted()).toEqual(['a', 'b', 'supervisor shutdown']);
    });
  });

  test('and the time that a child has goes on meanwhile', async () => {
    await everySchedule(6, async (system) => {
      function* stubborn(self: Self<Message>): Actor {
        self.trapExit(true);
        for (;;) yield* self.receive();
      }
      const children = [child({ id: 'a', shutdown: 100 }, stubborn)];
      const pid = await answer(system, system.start(supervisor({ children })));
      system.exitSignal(pid, 'shutdown');
      for (let i = 0; i < 5; i++) {
        system.send(pid as Pid<never> as Pid<Message>, { tag: 'DOWN' });
        await system.advance(20);
      }
      expect(system.info(pid)).toBeUndefined();
    });
  });
});

describe('a start that throws in the supervisor is the failure of that child:', () => {
  const boom = new Error('no place');
  let isBroken = true;
  const somewhere = placed(
    portable(import.meta, 'worker', idler as Body<Message, [], void>),
    () => {
      if (isBroken) throw boom;
      return 'test';
    },
  );
  const nowhere = configure(idler, { name: via(name<Registry<string>>('none'), 'k') as never });

  test.each([
    ['a place that throws', somewhere, boom],
    ['a name of a registry that there is not', nowhere, TypeError],
  ])('%s, when it is asked for', async (_, body, reason) => {
    isBroken = true;
    const system = testSystem();
    for (const [make, start] of [
      [dynamicSupervisor(), startChild],
      [supervisor({ children: [] }), startChild],
    ] as const) {
      const top = await answer(system, system.start(make));
      const outcome = await answer(system, start(system, top, child('c', body)));
      expect(outcome.ok).toBe(false);
      const { reason: why } = outcome as { reason: unknown };
      if (reason === boom) expect(why).toBe(boom);
      else expect(why).toBeInstanceOf(TypeError);
      expect(system.info(top)).toBeDefined();
      expect(await answer(system, whichChildren(system, top))).toEqual([]);
    }
  });

  test('at the start of the supervisor, which fails as with any other', async () => {
    isBroken = true;
    const system = testSystem();
    const children = [child('a', idler), child('c', somewhere)];
    const failure = await answer(
      system,
      system.start(supervisor({ children })).catch((error: unknown) => error),
    );
    expect(failure).toMatchObject({
      name: 'StartFailed',
      reason: { shutdown: { name: 'StartFailed', reason: boom } },
    });
    expect(system.actors()).toEqual([]);
  });

  test('at a restart, which is tried again until it is too often', async () => {
    isBroken = false;
    const system = testSystem();
    const children = [child('c', somewhere)];
    const top = await answer(system, system.start(supervisor({ intensity: 3, children })));
    const [listed] = await answer(system, whichChildren(system, top));
    isBroken = true;
    system.exitSignal(listed?.pid as Pid, 'kill');
    await system.settle();
    expect(system.reasonOf(top)).toBe('shutdown');
    const reports = system.told('supervisor').filter(({ report }) => report === 'start_error');
    expect(reports.map((each) => each.reason)).toEqual([boom, boom, boom]);
  });
});

describe('two of one child never live at once', () => {
  /** How many have lived at once, at most; each says itself that it ends, and does not. */
  async function mostAtOnce(
    system: TestSystem,
    say: (self: Self<Message>, parent: Pid<Message>) => void,
  ): Promise<number> {
    let alive = 0;
    let most = 0;
    function* liar(self: Self<Message>): Actor {
      most = Math.max(most, ++alive);
      self.defer(() => alive--);
      say(self, self.parent as Pid<Message>);
      yield* self.receive('$never' as never);
    }
    const top = await answer(
      system,
      system.start(supervisor({ intensity: 5, children: [child('liar', liar)] })),
    );
    const [listed] = await answer(system, whichChildren(system, top));
    expect(system.info(listed?.pid as Pid)).toBeDefined();
    // Its real end is still one.
    system.exitSignal(listed?.pid as Pid, 'kill');
    await system.settle();
    expect(system.told('restart')).toHaveLength(1);
    return most;
  }

  test('though a child sends its supervisor an exit signal while it lives', async () => {
    await everySchedule(4, async (system) => {
      expect(await mostAtOnce(system, (self, parent) => self.exitSignal(parent, 'lie'))).toBe(1);
    });
  });

  test('though somebody sends an EXIT in its name', async () => {
    await everySchedule(4, async (system) => {
      const lie = (self: Self<Message>, parent: Pid<Message>): void => {
        const exit: Exit = { tag: 'EXIT', from: self.pid, reason: 'lie' };
        self.send(parent, exit);
      };
      expect(await mostAtOnce(system, lie)).toBe(1);
    });
  });

  test('though it has unlinked itself first', async () => {
    await everySchedule(4, async (system) => {
      let alive = 0;
      let most = 0;
      const unlinked: Body<never, [], void> = function* (self): Actor {
        most = Math.max(most, ++alive);
        self.unlink(self.parent);
        self.exitSignal(self.parent, 'lie');
        yield* self.sleep(1000);
      };
      await answer(system, system.start(supervisor({ children: [child('a', unlinked)] })));
      await system.settle();
      expect(most).toBe(1);
    });
  });
});

describe('the loss of a system', () => {
  const bodies = { worker: portable(import.meta, 'worker', idler as Body<Message, [], void>) };
  const there = () => placed(bodies.worker, () => 'thread-1');

  async function lose(
    supervising: (ids: readonly string[]) => Body<Supervisor, [], void>,
    losses: number,
  ): Promise<{ readonly twin: Twin; readonly isAlive: boolean }> {
    const twin = new Twin({ bodies });
    const main = twin.system(0);
    const started = main.start(supervising(['a', 'b', 'c', 'd']));
    await twin.settle();
    const pid = await started;
    for (let i = 0; i < losses; i++) {
      twin.restart(1);
      await twin.settle();
    }
    return { twin, isAlive: main.info(pid) !== undefined };
  }

  const STRATEGIES = ['one_for_one', 'one_for_all', 'rest_for_one'] as const;

  test.each(STRATEGIES)(
    'is one restart, however many children were in it: %s',
    async (strategy) => {
      const of = (ids: readonly string[]) =>
        supervisor({ strategy, children: ids.map((id) => child(id, there())) });
      const once = await lose(of, 1);
      expect(once.isAlive).toBe(true);
      expect(once.twin.system(1).actors()).toHaveLength(4);
      // The second within the period is one too many for the default intensity.
      expect((await lose(of, 2)).isAlive).toBe(false);
    },
  );

  test('is one restart of a dynamic supervisor, too', async () => {
    const twin = new Twin({ bodies });
    const main = twin.system(0);
    const started = main.start(dynamicSupervisor({ intensity: 1 }));
    await twin.settle();
    const pid = await started;
    for (let i = 0; i < 5; i++) void startChild(main, pid, child(`${i}`, there())).then();
    await twin.settle();
    twin.restart(1);
    await twin.settle();
    expect(main.info(pid)).toBeDefined();
    expect(twin.system(1).actors()).toHaveLength(5);
  });
});
