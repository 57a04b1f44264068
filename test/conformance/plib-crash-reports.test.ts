/** Section J: crash reports. */

import {
  type Actor,
  child,
  type Message,
  name,
  type Pid,
  type Self,
  type ServerSelf,
  server,
  shutdown,
  supervisor,
  suspend,
} from 'beamish';
import { type TestSystem, testSystem } from 'beamish/testing';
import { afterEach, describe, expect, test, vi } from 'vitest';
import { Log } from '../support/log.ts';
import { puppet } from '../support/puppet.ts';
import { started } from '../support/supervised.ts';
import { ending, initFails, outcome, slow, throwing } from './plib-bodies.ts';

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
    expect(frames[0]).toContain('plib-crash-reports.test.ts');
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
        frames: expect.arrayContaining([expect.stringContaining('plib-crash-reports.test.ts')]),
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
