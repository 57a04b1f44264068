/** Section J: what tools ask of servers. */

import {
  type Actor,
  CallFailed,
  child,
  getState,
  type Operation,
  type Pid,
  type PidOf,
  replaceState,
  resume,
  type Self,
  type ServerSelf,
  server,
  stop,
  supervisor,
  suspend,
} from 'beamish';
import { type TestSystem, testSystem } from 'beamish/testing';
import { describe, expect, test } from 'vitest';
import { puppet } from '../support/puppet.ts';
import { outcome, throwing } from './plib-bodies.ts';

/** A counter whose `terminate` may take time or fail. */
const counter = server((self: ServerSelf, start: number, terminate?: (self: Self) => unknown) => {
  let n = start;
  return {
    call: {
      get: () => n,
      *busy(ms: number) {
        yield* self.sleep(ms);
      },
      *stopSelf() {
        yield* stop(self, self.pid);
      },
    },
    cast: {
      add(k: number) {
        n += k;
      },
    },
    terminate: () => terminate?.(self),
    state: {
      get: () => n,
      set(next: number) {
        n = next;
      },
    },
  };
});

describe.each(['the outside', 'a generator body', 'an async body'])('asked by %s', (who) => {
  /** Runs what `ask` makes, by whom it is to be asked. */
  async function asked(
    system: TestSystem,
    ask: (by: Parameters<typeof stop>[0]) => Operation<unknown>,
    ms = 0,
  ): Promise<unknown> {
    if (who === 'the outside') return outcome(system, ask(system), ms);
    let result: unknown;
    const settle = (given: unknown): void => {
      result = given;
    };
    if (who === 'an async body') {
      system.spawn(async (self: Self) => {
        await Promise.resolve(ask(self)).then((value) => settle({ value }), settle);
      });
    } else {
      system.spawn(function* (self: Self): Actor {
        try {
          settle({ value: yield* ask(self) });
        } catch (error) {
          settle(error);
        }
      });
    }
    await system.advance(ms);
    return result;
  }

  async function counting(
    terminate?: (self: Self) => unknown,
  ): Promise<{ system: TestSystem; pid: PidOf<typeof counter> }> {
    const system = testSystem();
    const pid = await settledStart(system, terminate);
    return { system, pid };
  }

  test.each(['normal', 'shutdown', 'other'])(
    'PLIB-13 stop with %s is ok when the server has ended with it, terminate included',
    async (reason) => {
      const ran: string[] = [];
      const { system, pid } = await counting(() => ran.push('terminate'));
      expect(await asked(system, (by) => stop(by, pid, { reason }))).toEqual({ value: undefined });
      expect(system.reasonOf(pid)).toBe(reason);
      expect(ran).toEqual(['terminate']);
    },
  );

  test('PLIB-13 stop of one that is dead fails with noproc', async () => {
    const { system, pid } = await counting();
    system.exitSignal(pid, 'kill');
    await system.settle();
    expect(await asked(system, (by) => stop(by, pid))).toMatchObject({
      name: 'CallFailed',
      reason: 'noproc',
      request: 'stop',
    });
  });

  test('PLIB-13 stop fails with timeout when it takes too long, and the server stops later', async () => {
    const { system, pid } = await counting(function* (self: Self) {
      yield* self.sleep(50);
    });
    const late = await asked(system, (by) => stop(by, pid, { within: 20 }), 20);
    expect(late).toMatchObject({ reason: 'timeout' });
    expect(system.info(pid)).toBeDefined();
    await system.advance(30);
    expect(system.reasonOf(pid)).toBe('normal');
  });

  test('PLIB-13 stop fails with the real reason when it is another', async () => {
    const { system, pid } = await counting(throwing(new Error('in terminate')));
    expect(await asked(system, (by) => stop(by, pid))).toMatchObject({
      reason: { message: 'in terminate' },
    });
  });

  test('PLIB-13 stop waits its turn, and for ever', async () => {
    const { system, pid } = await counting();
    system.call(pid, 'busy', 1e7).within('infinity');
    const stopped = asked(system, (by) => stop(by, pid), 1e7);
    expect(await stopped).toEqual({ value: undefined });
  });

  test('PLIB-14 a suspended server answers tools only, and goes on where it was', async () => {
    const { system, pid } = await counting();
    await asked(system, (by) => suspend(by, pid));
    system.cast(pid, 'add', 1);
    const failed = await outcome(system, system.call(pid, 'get').within(50), 50);
    expect(failed).toMatchObject({ reason: 'timeout' });
    expect(await asked(system, (by) => getState(by, pid))).toEqual({ value: 5 });
    await asked(system, (by) => resume(by, pid));
    expect(await outcome(system, system.call(pid, 'get'))).toEqual({ value: 6 });
  });

  test('PLIB-15 the state is looked at and replaced', async () => {
    const { system, pid } = await counting();
    expect(await asked(system, (by) => getState(by, pid))).toEqual({ value: 5 });
    const more = (n: number): number => n + 1;
    expect(await asked(system, (by) => replaceState(by, pid, more))).toEqual({ value: 6 });
    expect(await outcome(system, system.call(pid, 'get'))).toEqual({ value: 6 });
  });

  test('PLIB-15 a function that throws fails who asked, and changes nothing', async () => {
    const { system, pid } = await counting();
    const failed = await asked(system, (by) => replaceState(by, pid, throwing(new Error('no'))));
    expect(failed).toBeInstanceOf(CallFailed);
    expect(failed).toMatchObject({ reason: { message: 'no' }, request: 'replace_state' });
    expect(await asked(system, (by) => getState(by, pid))).toEqual({ value: 5 });
    expect(system.told('crash').filter((crash) => crash.pid === pid)).toEqual([]);
  });

  test('PLIB-17 a tool waits its turn behind the handler', async () => {
    const { system, pid } = await counting();
    system.call(pid, 'busy', 60);
    const early = await asked(system, (by) => getState(by, pid, { within: 10 }), 10);
    expect(early).toMatchObject({ reason: 'timeout', request: 'get_state' });
    expect(await asked(system, (by) => getState(by, pid, { within: 500 }), 50)).toEqual({
      value: 5,
    });
  });
});

async function settledStart(
  system: TestSystem,
  terminate?: (self: Self) => unknown,
): Promise<PidOf<typeof counter>> {
  const start = system.start(counter, 5, terminate);
  await system.settle();
  return start;
}

test('PLIB-13 a server that stops itself by stop() fails at once with calling_self', async () => {
  const system = testSystem();
  const pid = await settledStart(system);
  const failed = await outcome(system, system.call(pid, 'stopSelf'));
  expect(failed).toMatchObject({ reason: { name: 'CallFailed', reason: 'calling_self' } });
  expect(system.clock.now()).toBe(0);
});

test('PLIB-13 a supervisor stops its children first', async () => {
  const system = testSystem();
  const start = system.start(supervisor({ children: [child('c', counter, 5)] }));
  await system.settle();
  const top = await start;
  expect(await outcome(system, stop(system, top, { reason: 'shutdown' }))).toEqual({
    value: undefined,
  });
  expect(system.actors()).toEqual([]);
});

test('PLIB-14 the end of its parent ends a suspended server that traps exits', async () => {
  const system = testSystem();
  const trapping = server((self: ServerSelf) => {
    self.trapExit(true);
    return {};
  });
  const parent = await puppet(system);
  let pid: Pid | undefined;
  await parent.does((self) => {
    pid = self.spawnLink(trapping) as unknown as Pid;
  });
  await outcome(system, suspend(system, pid as Pid));
  system.exitSignal(parent.pid, 'over');
  await system.settle();
  expect(system.reasonOf(pid as Pid)).toBe('over');
});

test('PLIB-14 a suspended supervisor restarts nobody until it is resumed', async () => {
  const system = testSystem();
  const start = system.start(supervisor({ children: [child('c', counter, 5)] }));
  await system.settle();
  const top = await start;
  await outcome(system, suspend(system, top));
  const worker = system.actors().find((each) => each.pid !== top)?.pid as Pid;
  system.exitSignal(worker, 'kill');
  await system.advance(100);
  expect(system.actors()).toHaveLength(1);
  await outcome(system, resume(system, top));
  expect(system.actors()).toHaveLength(2);
});

test('PLIB-15 a server that shows no state says so, and lives on', async () => {
  const system = testSystem();
  const start = system.start(server(() => ({})));
  await system.settle();
  const pid = (await start) as unknown as Pid;
  expect(await outcome(system, getState(system, pid))).toMatchObject({
    reason: { name: 'TypeError' },
  });
  expect(system.info(pid)).toBeDefined();
});

test('PLIB-15 a supervisor shows its children', async () => {
  const system = testSystem();
  const start = system.start(supervisor({ children: [child('c', counter, 5)] }));
  await system.settle();
  expect(await outcome(system, getState(system, await start))).toMatchObject({
    value: [{ id: 'c', type: 'worker' }],
  });
});

test('PLIB-16 stop with a reason runs terminate and ends the server with it', async () => {
  const system = testSystem();
  const ran: string[] = [];
  const pid = await settledStart(system, () => ran.push('terminate'));
  await outcome(system, stop(system, pid, { reason: 'rsn' }));
  expect(ran).toEqual(['terminate']);
  expect(system.reasonOf(pid)).toBe('rsn');
});
