import {
  type Actor,
  type ChildOptions,
  type ChildSpec,
  child,
  countChildren,
  dynamicSupervisor,
  type Pid,
  type Self,
  type Started,
  type Supervisor,
  server,
  shutdown,
  startChild,
  supervisor,
  terminateChild,
} from 'beamish';
import { type TestSystem, testSystem } from 'beamish/testing';
import { expect, test } from 'vitest';
import {
  answer,
  childrenOf,
  end,
  kill,
  type Log,
  news,
  obedient,
  started,
  stubborn,
  type Traits,
  worker,
} from '../support/supervised.ts';

async function add(
  system: TestSystem,
  sup: Pid<Supervisor>,
  spec: ChildSpec,
): Promise<Started<Pid>> {
  return await answer(system, startChild(system, sup, spec));
}

/** The pid of a child that must have started. */
async function added(system: TestSystem, sup: Pid<Supervisor>, spec: ChildSpec): Promise<Pid> {
  const start = await add(system, sup, spec);
  if (!start.ok) throw new Error(`It did not start: ${String(start.reason)}`);
  return start.pid;
}

function doing(log: Log, options: string | ChildOptions, traits: Traits = {}): ChildSpec {
  const id = typeof options === 'string' ? options : options.id;
  return child(options, worker, log, id, traits);
}

const NONE = { specs: 0, active: 0, supervisors: 0, workers: 0 };

test('DSUP-01 it starts empty, and ids mean nothing: the same spec starts as many children as one likes', async () => {
  const system = testSystem();
  const sup = await started(system, dynamicSupervisor());
  expect(await childrenOf(system, sup)).toEqual([]);
  const spec = child('same', obedient);
  const pids = [await added(system, sup, spec), await added(system, sup, spec)];
  expect(pids[0]).not.toBe(pids[1]);
  expect(await answer(system, countChildren(system, sup))).toMatchObject({ specs: 2, active: 2 });
});

test('DSUP-02 over maxChildren no child is started, until one has ended', async () => {
  const system = testSystem();
  const sup = await started(system, dynamicSupervisor({ maxChildren: 1 }));
  const log: Log = [];
  const spec = doing(log, { id: 'a', restart: 'temporary' });
  const first = await added(system, sup, spec);
  expect(await add(system, sup, spec)).toEqual({ ok: false, reason: 'max_children' });
  expect(log).toEqual(['start a']);
  await answer(system, terminateChild(system, sup, first));
  const second = await added(system, sup, spec);
  await end(system, second, 'normal');
  await added(system, sup, spec);
});

test('DSUP-03 extraArgs come before the arguments of each child, also when it is restarted', async () => {
  const system = testSystem();
  const log: unknown[] = [];
  function* telling(self: Self<{ tag: 'end' }>, extra: string, own: number): Actor {
    log.push([extra, own]);
    yield* self.receive('end');
  }
  const sup = await started(system, dynamicSupervisor({ extraArgs: ['x'] }));
  // Its type asks for all arguments; the supervisor will supply the first.
  const spec = child('a', telling as unknown as (self: Self, own: number) => Actor, 1);
  const pid = await added(system, sup, spec);
  await kill(system, pid);
  expect(log).toEqual([
    ['x', 1],
    ['x', 1],
  ]);
});

test('DSUP-04 terminateChild stops a child by its pid, once', async () => {
  const system = testSystem();
  const log: Log = [];
  const sup = await started(system, dynamicSupervisor());
  const pid = await added(system, sup, doing(log, 'a'));
  expect(await answer(system, terminateChild(system, sup, pid))).toEqual({ ok: true });
  expect(log).toEqual(['start a', 'term a']);
  expect(system.reasonOf(pid)).toBe('shutdown');
  expect(await answer(system, terminateChild(system, sup, pid))).toEqual({
    ok: false,
    reason: 'not_found',
  });
  expect(await childrenOf(system, sup)).toEqual([]);
});

test.each<[string, Traits['onStart'], unknown]>([
  ['ignores', () => 'ignore', 'ignore'],
  [
    'throws',
    () => {
      throw new Error('e');
    },
    new Error('e'),
  ],
  ['exits', (self) => self.exit('why'), 'why'],
  [
    'returns rubbish',
    () => 7,
    new TypeError("Server init returned 7: it returns its handlers, or 'ignore'"),
  ],
])('DSUP-05 a start that %s is answered so, and nothing is kept', async (_, onStart, reason) => {
  const system = testSystem();
  const sup = await started(system, dynamicSupervisor());
  const spec = doing([], 'a', onStart === undefined ? {} : { onStart });
  expect(await add(system, sup, spec)).toEqual({ ok: false, reason });
  expect(await answer(system, countChildren(system, sup))).toEqual(NONE);
  expect(system.info(sup)).toBeDefined();
});

test('DSUP-05 what is no spec is refused in the caller, and a significant child by the supervisor', async () => {
  const system = testSystem();
  const sup = await started(system, dynamicSupervisor());
  expect(() => startChild(system, sup, { id: 'a' } as never)).toThrow('made by child');
  const significant = child({ id: 's', restart: 'transient', significant: true }, obedient);
  expect(await add(system, sup, significant)).toEqual({ ok: false, reason: 'bad_combination' });
  expect(await answer(system, countChildren(system, sup))).toEqual(NONE);
});

test('DSUP-06 three restarts in 5 seconds, of whichever children; the fourth ends it with shutdown', async () => {
  const system = testSystem();
  const sup = await started(system, dynamicSupervisor());
  const specs = ['a', 'b', 'c', 'd'].map((id) => doing([], id));
  const pids: Pid[] = [];
  for (const spec of specs) pids.push(await added(system, sup, spec));
  const alive: boolean[] = [];
  for (const [i, pid] of pids.entries()) {
    if (i === 3) await system.advance(5000);
    await end(system, pid, new Error('crash'));
    alive.push(system.info(sup) !== undefined);
  }
  expect(alive).toEqual([true, true, true, false]);
  expect(system.reasonOf(sup)).toBe('shutdown');
  expect(system.actors()).toEqual([]);
});

test('DSUP-06 restarts more than 5 seconds ago do not count', async () => {
  const system = testSystem();
  const sup = await started(system, dynamicSupervisor());
  for (const ms of [0, 0, 0, 5001]) {
    await system.advance(ms);
    await end(system, await added(system, sup, doing([], 'a')), new Error('crash'));
  }
  expect(system.info(sup)).toBeDefined();
});

test.each<[string, object]>([
  ['DSUP-06 a strategy', { strategy: 'one_for_all' }],
  ['DSUP-11 an autoShutdown', { autoShutdown: 'any_significant' }],
  ['DSUP-02 a maxChildren that is no number', { maxChildren: -1 }],
  ['DSUP-03 extraArgs that are no list', { extraArgs: 'x' }],
  ['DSUP-06 an intensity that is no number', { intensity: 0.5 }],
  ['SUP-55 a template that is no function', { template: child('a', obedient) }],
])('%s is rejected', (_, options) => {
  expect(() => dynamicSupervisor(options as never)).toThrow(/^Cannot supervise/);
});

test('DSUP-06 only the dead child is restarted, and only if its restart type says so', async () => {
  const system = testSystem();
  const log: Log = [];
  const sup = await started(system, dynamicSupervisor());
  const start = (id: string, restart: 'permanent' | 'transient' | 'temporary'): Promise<Pid> =>
    added(system, sup, doing(log, { id, restart }));
  const pids = [
    await start('permanent', 'permanent'),
    await start('transient', 'transient'),
    await start('temporary', 'temporary'),
  ];
  news(log);
  for (const pid of pids) await end(system, pid, shutdown('in order'));
  expect(news(log)).toEqual(['start permanent']);
  expect(await childrenOf(system, sup)).toHaveLength(1);
  await end(system, await start('transient', 'transient'), 'x');
  expect(news(log)).toEqual(['start transient', 'start transient']);
});

test('DSUP-07 a child that is being restarted counts, shows as restarting, and is terminated by its old pid', async () => {
  const system = testSystem();
  let starts = 0;
  const flaky = server(function* (self: Self) {
    if (++starts > 1) {
      yield* self.sleep(10);
      throw new Error('no');
    }
    return {};
  });
  const sup = await started(system, dynamicSupervisor({ maxChildren: 1, intensity: 1000 }));
  const old = await added(system, sup, child('a', flaky));
  await kill(system, old);
  const asked = [
    childrenOf(system, sup),
    Promise.resolve(startChild(system, sup, child('b', obedient))),
    Promise.resolve(terminateChild(system, sup, old)),
  ];
  await system.advance(50);
  expect(await Promise.all(asked)).toEqual([
    [{ id: undefined, pid: 'restarting', type: 'worker' }],
    { ok: false, reason: 'max_children' },
    { ok: true },
  ]);
  expect(await answer(system, countChildren(system, sup))).toEqual(NONE);
  const tries = starts;
  await system.advance(1000);
  expect(starts).toBe(tries);
});

test('DSUP-08 a child that ignores its restart is dropped', async () => {
  const system = testSystem();
  const sup = await started(system, dynamicSupervisor());
  let starts = 0;
  const onStart = (): unknown => (++starts > 1 ? 'ignore' : undefined);
  const pid = await added(system, sup, doing([], 'a', { onStart }));
  await kill(system, pid);
  expect(starts).toBe(2);
  expect(await answer(system, countChildren(system, sup))).toEqual(NONE);
});

test('DSUP-09 children are stopped all at once, each with its own time', async () => {
  const system = testSystem();
  const log: Log = [];
  const sup = await started(system, dynamicSupervisor());
  const slow = { stopMs: 60, tellsDeath: true };
  for (const id of ['a', 'b', 'c']) await added(system, sup, doing(log, id, slow));
  const hasty = await added(system, sup, doing(log, { id: 'd', shutdown: 20 }, slow));
  const brutal = await added(system, sup, doing(log, { id: 'e', shutdown: 'brutal_kill' }, slow));
  const patient = await added(
    system,
    sup,
    doing(log, { id: 'f', shutdown: 'infinity' }, { stopMs: 60_000 }),
  );
  const deaf = await added(system, sup, child({ id: 'g', shutdown: 30 }, stubborn, log, 'g'));
  news(log);
  system.exitSignal(sup, 'shutdown');
  await system.settle();
  expect(system.reasonOf(brutal)).toBe('killed');
  // Clocks of hosts have fractions, and an end between two milliseconds confuses nobody.
  await system.advance(0.5);
  await system.advance(18.5);
  expect(system.reasonOf(hasty)).toBeUndefined();
  await system.advance(1);
  expect(system.reasonOf(hasty)).toBe('killed');
  await system.advance(9);
  expect(system.reasonOf(deaf)).toBeUndefined();
  await system.advance(1);
  expect(system.reasonOf(deaf)).toBe('killed');
  await system.advance(30);
  expect(news(log).sort()).toEqual([
    'dead a',
    'dead b',
    'dead c',
    'dead d',
    'dead e',
    'g ignored shutdown',
    'term a',
    'term b',
    'term c',
    'term d',
    'term f',
  ]);
  expect(system.reasonOf(sup)).toBeUndefined();
  await system.advance(60_000);
  expect(system.reasonOf(patient)).toBe('shutdown');
  expect(system.reasonOf(sup)).toBe('shutdown');
  const errors = system.told('supervisor').filter(({ report }) => report === 'shutdown_error');
  expect(errors.map(({ id, reason }) => `${id} ${String(reason)}`)).toEqual([
    'd killed',
    'g killed',
  ]);
});

test('DSUP-09 children that end when it does, at times with fractions, do not disturb its count of time', async () => {
  const system = testSystem();
  const sup = await started(system, dynamicSupervisor());
  const early = await added(system, sup, doing([], 'a', { stopMs: 1 }));
  const late = await added(system, sup, child({ id: 'b', shutdown: 20 }, stubborn, [], 'b'));
  await system.advance(0.25);
  system.exitSignal(sup, 'shutdown');
  await system.advance(2.5);
  expect(system.reasonOf(early)).toBe('shutdown');
  await system.advance(20);
  expect(system.reasonOf(late)).toBe('killed');
  expect(system.reasonOf(sup)).toBe('shutdown');
});

test('DSUP-10 children are listed and counted, without ids', async () => {
  const system = testSystem();
  const sup = await started(system, dynamicSupervisor());
  const a = await added(system, sup, child('a', obedient));
  const b = await added(system, sup, child('b', supervisor({ children: [] })));
  expect(await childrenOf(system, sup)).toEqual([
    { id: undefined, pid: b, type: 'supervisor' },
    { id: undefined, pid: a, type: 'worker' },
  ]);
  expect(await answer(system, countChildren(system, sup))).toEqual({
    specs: 2,
    active: 2,
    supervisors: 1,
    workers: 1,
  });
});
