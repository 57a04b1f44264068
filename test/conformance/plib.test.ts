/** Section J: crash reports, synchronous start, and what tools ask of servers. */

import {
  type Actor,
  CallFailed,
  child,
  configure,
  type ExitReason,
  getState,
  type Message,
  name,
  type Operation,
  type Pid,
  type PidOf,
  replaceState,
  resume,
  type Self,
  type ServerSelf,
  type Started,
  server,
  shutdown,
  stop,
  supervisor,
  suspend,
} from 'beamish';
import { afterEach, describe, expect, test, vi } from 'vitest';
import { Log } from '../support/log.ts';
import { puppet } from '../support/puppet.ts';
import { started } from '../support/supervised.ts';
import { type TestSystem, testSystem } from '../support/test-system.ts';

/** A server that takes its time to start, or does something instead. */
const slow = server(function* (self: ServerSelf, ms: number, init?: () => unknown) {
  yield* self.sleep(ms);
  const instead = init?.();
  return instead === undefined ? {} : (instead as 'ignore');
});

/** Starts it linked, and logs when the answer came, what it was, and what is left in the mailbox. */
function* starter(
  self: Self,
  system: TestSystem,
  traps: boolean,
  log: unknown[],
  options: { readonly ms?: number; readonly init?: () => unknown; readonly timeout?: number },
): Actor {
  const { ms = 0, init, timeout } = options;
  self.trapExit(traps);
  const body = timeout === undefined ? slow : configure(slow, { startTimeoutMs: timeout });
  const started: Started<Pid> = yield* self.startLink(body, ms, init);
  log.push(system.clock.now(), started.ok ? 'ok' : started.reason);
  log.push(system.actors().length);
  log.push(yield* self.receive().after(0));
}

const initFails = (): never => {
  throw new Error('init');
};

test('PLIB-01 startLink returns when init has been done, and not before', async () => {
  const system = testSystem();
  const log: unknown[] = [];
  system.spawn(starter, system, false, log, { ms: 50 });
  await system.advance(49);
  expect(log).toEqual([]);
  await system.advance(1);
  expect(log.slice(0, 2)).toEqual([50, 'ok']);
});

test('PLIB-02 a failed init of a start without a link is told by its reason, and hurts nobody', async () => {
  const system = testSystem();
  const started = system.start(slow, 0, initFails).catch((error: unknown) => error);
  await system.settle();
  expect(await started).toMatchObject({ name: 'StartFailed', reason: { message: 'init' } });
  expect(system.actors()).toEqual([]);
});

test('PLIB-03 a caller that does not trap exits dies with a start that fails', async () => {
  const system = testSystem();
  const log: unknown[] = [];
  const caller = system.spawn(starter, system, false, log, { init: initFails });
  await system.settle();
  expect(system.reasonOf(caller)).toMatchObject({ message: 'init' });
  expect(log).toEqual([]);
});

test.each([
  ['an init that throws', initFails, { message: 'init' }],
  ['an init that ignores', () => 'ignore', 'ignore'],
])(
  'PLIB-04 to a caller that traps exits, %s is an answer, and no EXIT is left',
  async (_, init, reason) => {
    const system = testSystem();
    const log: unknown[] = [];
    system.spawn(starter, system, true, log, { init });
    await system.settle();
    if (typeof reason === 'string') expect(log[1]).toBe(reason);
    else expect(log[1]).toMatchObject(reason);
    expect(log[3]).toBeUndefined();
  },
);

test('PLIB-05 when a start has failed, the actor is dead and its name free', async () => {
  for (let seed = 1; seed <= 100; seed++) {
    const system = testSystem({ seed });
    const reasons: ExitReason[] = [];
    system.spawn(function* (self: Self): Actor {
      self.trapExit(true);
      for (const init of [initFails, () => 'ignore', initFails, () => undefined]) {
        const started = yield* self.startLink(configure(slow, { name: 'n' }), 0, init);
        reasons.push(started.ok ? 'ok' : started.reason);
        if (!started.ok) expect(self.whereis('n')).toBeUndefined();
      }
    });
    await system.settle();
    expect(reasons, `seed ${seed}`).toMatchObject([
      { message: 'init' },
      'ignore',
      { message: 'init' },
      'ok',
    ]);
  }
});

test('PLIB-06 a start that takes too long fails with timeout, kills the actor and leaves no message', async () => {
  const system = testSystem();
  const log: unknown[] = [];
  system.spawn(starter, system, true, log, { ms: 1e6, timeout: 50 });
  await system.advance(2e6);
  expect(log).toEqual([50, 'timeout', 1, undefined]);
});

test('PLIB-08 the parent and all ancestors are known', async () => {
  const system = testSystem();
  const seen: unknown[] = [];
  system.events.on('crash', ({ ancestors, under }) => seen.push(ancestors, under));
  function* failing(self: Self): Actor {
    seen.push(self.parent);
    throw new Error('over');
  }
  const parent = await puppet(system);
  system.register('top', parent.pid);
  const pid = await parent.does((self) => self.spawn(failing));
  await system.settle();
  expect(system.told('spawn').find((each) => each.pid === pid)?.body).toBe('failing');
  expect(seen).toEqual([
    parent.pid,
    [parent.pid, system.root],
    [
      { pid: parent.pid, name: 'top', body: 'generatorPuppet' },
      { pid: system.root, name: undefined, body: 'outside' },
    ],
  ]);
});

/** Ends as it is told; supervised by whoever starts it. */
function* ending(_: Self, end: () => unknown): Actor {
  end();
}
const throwing = (reason: unknown) => () => {
  throw reason;
};

describe('crash reports', () => {
  afterEach(() => vi.restoreAllMocks());

  test.each([
    ['normal', 0],
    ['shutdown', 0],
    [shutdown('detail'), 0],
    ['bad', 1],
    [new Error('bad'), 1],
  ])('PLIB-09 a supervised actor that ends with %o makes %i reports', async (reason, reports) => {
    const log = Log.ofStderr();
    const system = testSystem({ log: 'text' });
    const started = system.start(
      server((self: ServerSelf) => {
        self.continueWith(() => self.stop(reason));
        return {};
      }),
    );
    await system.settle();
    const pid = await started;
    await system.settle();
    expect(system.reasonOf(pid)).toBe(reason);
    expect(system.told('crash')).toHaveLength(reports);
    expect(log.lines).toHaveLength(reports);
  });

  test('PLIB-10 an actor that an exit signal ends makes no report, nor does who is linked to it', async () => {
    const log = Log.ofStderr();
    const system = testSystem({ log: 'text' });
    const victim = await puppet(system);
    const peer = await puppet(system);
    await peer.does((self) => self.link(victim.pid));
    system.exitSignal(victim.pid, new Error('bad'));
    await system.settle();
    expect(system.reasonOf(peer.pid)).toMatchObject({ message: 'bad' });
    expect(system.told('crash')).toEqual([]);
    expect(log.lines).toEqual([]);
  });

  test.each([
    ['exit(x)', (self: Self) => self.exit('x'), 0],
    ['an error', throwing(new Error('x')), 1],
    ['a thrown value', throwing('x'), 1],
  ])('PLIB-11 a bare spawn that ends by %s makes %i reports', async (_, end, reports) => {
    const log = Log.ofStderr();
    const system = testSystem({ log: 'text' });
    system.spawn(function* (self: Self): Actor {
      end(self);
    });
    await system.settle();
    expect(system.told('crash')).toHaveLength(reports);
    expect(log.lines).toHaveLength(reports);
  });

  interface Work extends Message {
    readonly tag: 'work';
    readonly n: number;
  }
  const cause = new Error('the disk is full', { cause: 'quota' });

  function* worker(self: Self<Work>): Actor {
    self.trapExit(true);
    const { n } = yield* self.receive('work');
    yield* self.sleep(5);
    if (n > 0) throw new RangeError('Cannot work', { cause });
  }

  /** A supervised worker that has crashed on its first message, with one more in its mailbox. */
  async function crashed(system: TestSystem, intensity = 3): Promise<Pid> {
    const started = system.start(
      supervisor({
        intensity,
        children: [child({ id: 'w', name: 'worker' }, worker)],
      }),
    );
    await system.settle();
    const pid = system.whereis<Work>('worker') as Pid<Work>;
    system.send(pid, { tag: 'work', n: 1 });
    system.send(pid, { tag: 'work', n: 2 });
    await system.advance(5);
    return started;
  }

  test('PLIB-12 a report has who, why, what it did, its mailbox, its links and its trap flag', async () => {
    const system = testSystem();
    const top = await crashed(system);
    const crash = system.told('crash')[0];
    expect(crash).toEqual({
      pid: expect.objectContaining({ system: 'test' }),
      name: 'worker',
      body: 'worker',
      reason: expect.objectContaining({ name: 'RangeError', message: 'Cannot work', cause }),
      ancestors: [top, system.root],
      under: [
        { pid: top, name: undefined, body: 'supervisor' },
        { pid: system.root, name: undefined, body: 'outside' },
      ],
      starting: false,
      handling: { tag: 'work', n: 1 },
      client: undefined,
      state: undefined,
      waitedFor: '5 ms to pass',
      mailboxLength: 1,
      links: [top],
      trapExit: true,
    });
    expect(system.told('restart')).toMatchObject([
      {
        supervisor: top,
        id: 'w',
        old: crash?.pid,
        pid: system.whereis('worker'),
        decision: 'restarted',
        count: 1,
        intensity: 3,
        periodMs: 5000,
      },
    ]);
  });

  test('PLIB-12 the log tells a crash once, with the user’s frames, the causes and the decision', async () => {
    const log = Log.ofStderr();
    const system = testSystem({ log: 'text' });
    const top = await crashed(system);
    expect(log.lines).toHaveLength(1);
    const text = log.lines[0] as string;
    const old = system.told('crash')[0]?.pid;
    const frames = text.split('\n').filter((line) => /^\s+at /.test(line));
    expect(frames[0]).toContain('plib.test.ts');
    for (const frame of frames) expect(frame).not.toMatch(/packages\/beamish|node:|<anonymous>\)$/);
    expect(text.replace(/\n\s+at .*/g, '')).toBe(
      [
        `beamish: ${String(old)} "worker" (worker) crashed: RangeError: Cannot work`,
        '    caused by Error: the disk is full',
        '    caused by "quota"',
        '    handling {"tag":"work","n":1}, after it waited for 5 ms to pass',
        `    mailbox 1, linked to ${String(top)}, traps exits`,
        `    under ${String(top)} (supervisor) < ${String(system.root)} (outside)`,
        `    restarted as ${String(system.whereis('worker'))}, 1 of 3 within 5 s`,
      ].join('\n'),
    );
  });

  test('PLIB-12 a supervisor that gives up says so in the last report', async () => {
    const log = Log.ofStderr();
    const system = testSystem({ log: 'text' });
    const top = await crashed(system, 0);
    expect(log.lines).toHaveLength(1);
    expect(log.lines[0]).toContain(`its supervisor ${String(top)} gave up: more than 0 within 5 s`);
    expect(system.told('restart')).toMatchObject([{ decision: 'gave_up', pid: undefined }]);
  });

  test('PLIB-12 a temporary child is not restarted, and the report says so', async () => {
    const log = Log.ofStderr();
    const system = testSystem({ log: 'text' });
    const spec = child({ id: 't', restart: 'temporary' }, ending, throwing(new Error('bad')));
    await started(system, supervisor({ children: [spec] }));
    await system.settle();
    expect(log.lines).toHaveLength(1);
    expect(log.lines[0]).toMatch(/\n {4}not restarted$/);
  });

  test('PLIB-12 a child that does not start makes one report', async () => {
    const log = Log.ofStderr();
    const system = testSystem({ log: 'text' });
    const top = supervisor({ children: [child('s', slow, 0, initFails)] });
    const started = system.start(top).catch(() => {});
    await system.settle();
    await started;
    expect(log.lines).toHaveLength(1);
    expect(log.lines[0]).toMatch(
      /crashed as it started: Error: init\n(?:.|\n)*\n {4}so it did not start$/,
    );
  });

  test('PLIB-12 a restart that fails is told with the crash, and its own crash with the next try', async () => {
    const log = Log.ofStderr();
    const system = testSystem({ log: 'text' });
    let starts = 0;
    const body = server((self: ServerSelf) => {
      if (++starts === 2) throw new Error('not now');
      if (starts === 1) self.continueWith(throwing(new Error('first')));
      return {};
    });
    await started(system, supervisor({ intensity: 5, children: [child('c', body)] }));
    await system.settle();
    expect(log.lines).toHaveLength(3);
    expect(log.lines[0]).toMatch(
      /crashed: Error: first\n(?:.|\n)*not restarted yet: Error: not now/,
    );
    expect(log.lines[1]).toMatch(
      /crashed as it started: Error: not now\n(?:.|\n)*1 of 5 within 5 s/,
    );
    expect(log.lines[2]).toMatch(/restarted as <test\.\d+>, 2 of 5 within 5 s/);
  });

  test('PLIB-12 nothing is lost if the supervisor ends before it decides', async () => {
    for (let seed = 1; seed <= 50; seed++) {
      const log = Log.ofStderr();
      const system = testSystem({ log: 'text', seed });
      const top = await started(
        system,
        supervisor({ children: [child({ id: 'w', name: 'w' }, worker)] }),
      );
      system.events.on('crash', () => system.exitSignal(top, 'kill'));
      system.send(name<Work>('w'), { tag: 'work', n: 1 });
      await system.advance(5);
      expect(system.told('restart')).toEqual([]);
      expect(log.lines, `seed ${seed}`).toHaveLength(1);
      expect(log.lines[0]).not.toContain('restarted');
      vi.restoreAllMocks();
    }
  });

  test('PLIB-12 nor if it takes its time: after a second the report is written as it is', async () => {
    const log = Log.ofStderr();
    const system = testSystem({ log: 'text' });
    const spec = child('w', worker);
    const stubborn = child({ id: 's', shutdown: 'infinity' }, function* (self: Self): Actor {
      self.trapExit(true);
      yield* self.sleep(1e6);
    });
    await started(system, supervisor({ strategy: 'one_for_all', children: [spec, stubborn] }));
    await system.settle();
    const pid = system.actors().find(({ body }) => body === 'worker')?.pid as unknown as Pid<Work>;
    system.send(pid, { tag: 'work', n: 1 });
    await system.advance(1004);
    expect(log.lines).toEqual([]);
    await system.advance(1);
    expect(log.lines).toHaveLength(1);
  });

  test('PLIB-12 nor if the child had unlinked itself from its supervisor', async () => {
    const log = Log.ofStderr();
    const system = testSystem({ log: 'text' });
    const spec = child('u', function* (self: Self): Actor {
      self.unlink(self.parent);
      throw new Error('bad');
    });
    await started(system, supervisor({ children: [spec] }));
    await system.settle();
    expect(log.lines).toHaveLength(1);
  });

  test('PLIB-12 nor if the system is shut down meanwhile', async () => {
    const log = Log.ofStderr();
    const system = testSystem({ log: 'text' });
    const top = await started(
      system,
      supervisor({ children: [child({ id: 'w', name: 'w' }, worker)] }),
    );
    await outcome(system, suspend(system, top));
    system.send(name<Work>('w'), { tag: 'work', n: 1 });
    await system.advance(5);
    expect(log.lines).toEqual([]);
    const over = system.shutdown();
    await system.settle();
    await over;
    expect(log.lines).toHaveLength(1);
    expect(log.lines[0]).toContain('crashed');
  });

  test('PLIB-12 as JSON each report is one line that says the same', async () => {
    const log = Log.ofStderr();
    const system = testSystem({ log: 'json' });
    const top = await crashed(system);
    expect(log.lines).toHaveLength(1);
    expect(log.lines[0]).not.toContain('\n');
    expect(JSON.parse(log.lines[0] as string)).toMatchObject({
      kind: 'crash',
      pid: String(system.told('crash')[0]?.pid),
      name: 'worker',
      body: 'worker',
      reason: 'RangeError: Cannot work',
      error: {
        name: 'RangeError',
        message: 'Cannot work',
        frames: expect.arrayContaining([expect.stringContaining('plib.test.ts')]),
        cause: { message: 'the disk is full', cause: 'quota' },
      },
      handling: { tag: 'work', n: 1 },
      waitedFor: '5 ms to pass',
      mailboxLength: 1,
      links: [String(top)],
      trapExit: true,
      under: [{ pid: String(top), body: 'supervisor' }, { body: 'outside' }],
      outcome: { decision: 'restarted', supervisor: String(top), count: 1, intensity: 3 },
    });
  });

  test.each(['text', 'json'] as const)(
    'PLIB-12 a flood of crashes is cut in the %s log, and what was left out is counted',
    async (mode) => {
      const log = Log.ofStderr();
      const system = testSystem({ log: mode });
      for (let i = 0; i < 1000; i++) system.spawn(ending, throwing(new Error('bad')));
      await system.settle();
      expect(log.lines).toHaveLength(20);
      await system.advance(1000);
      expect(log.lines).toHaveLength(21);
      if (mode === 'text') expect(log.lines[20]).toContain('980 more crashes');
      else expect(JSON.parse(log.lines[20] as string)).toMatchObject({ of: 'crash', count: 980 });
      system.spawn(ending, throwing(new Error('bad')));
      await system.settle();
      expect(log.lines).toHaveLength(22);
    },
  );

  test('PLIB-12 a flood of crashes and restarts counts each once', async () => {
    const log = Log.ofStderr();
    const system = testSystem({ log: 'text' });
    let crashes = 0;
    const spec = child('c', function* (self: Self): Actor {
      if (++crashes <= 500) throw new Error('bad');
      yield* self.receive();
    });
    await started(system, supervisor({ intensity: 1e6, children: [spec] }));
    await system.settle();
    expect(log.lines).toHaveLength(20);
    for (const line of log.lines) expect(line).toContain('restarted as');
    await system.advance(1000);
    expect(log.lines[20]).toContain('480 more');
  });

  test('PLIB-12 a message of any size and shape fits into a report', async () => {
    const log = Log.ofStderr();
    const system = testSystem({ log: 'json' });
    const odd: Record<string, unknown> = {
      tag: 'odd',
      bytes: new Uint8Array(1e6),
      long: 'x'.repeat(1e6),
      many: Array.from({ length: 1e5 }, (_, i) => i),
      big: 5n,
      map: new Map([[1, 2]]),
      pid: system.root,
      get bad() {
        throw new Error('no');
      },
    };
    odd['self'] = odd;
    system.send(system.root, odd as never);
    await system.settle();
    const line = log.lines[0] as string;
    expect(line.length).toBeLessThan(5000);
    expect(JSON.parse(line)).toMatchObject({
      kind: 'dead_letter',
      message: { big: '5n', pid: String(system.root), bad: 'throws no' },
    });
  });

  test('PLIB-12 a dead letter says who sent what to whom, and why it is one', async () => {
    const log = Log.ofStderr();
    const system = testSystem({ log: 'text' });
    const p = await puppet(system);
    const dead = await puppet(system);
    system.register('sender', p.pid);
    system.exitSignal(dead.pid, 'kill');
    await system.settle();
    await p.does((self) => self.send(dead.pid, { tag: 'note', what: 1 }));
    expect(log.lines).toEqual([
      `beamish: dead letter from ${String(p.pid)} "sender" (generatorPuppet) to ${String(dead.pid)} (noproc): {"tag":"note","what":1}`,
    ]);
  });

  test('PLIB-12 colours are for terminals whose users want them', async () => {
    const { isTTY } = process.stderr;
    const seen: string[] = [];
    for (const [tty, noColour] of [
      [true, ''],
      [true, '1'],
      [false, ''],
    ] as const) {
      vi.stubEnv('NO_COLOR', noColour);
      process.stderr.isTTY = tty as true;
      const log = Log.ofStderr();
      const system = testSystem({ log: 'text' });
      system.spawn(ending, throwing(new Error('bad')));
      await system.settle();
      seen.push(log.lines[0] as string);
      vi.restoreAllMocks();
    }
    process.stderr.isTTY = isTTY;
    vi.unstubAllEnvs();
    expect(seen.map((line) => line.includes('\x1b['))).toEqual([true, false, false]);
  });
});

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

/** What comes of an operation of the outside once all is settled and `ms` have passed. */
async function outcome(system: TestSystem, operation: PromiseLike<unknown>, ms = 0) {
  const result = Promise.resolve(operation).then(
    (value) => ({ value }),
    (error: unknown) => error,
  );
  await system.advance(ms);
  return result;
}

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
