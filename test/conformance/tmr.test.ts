/** Section I: timers. */

import { execFileSync } from 'node:child_process';
import {
  type Actor,
  type CallFailed,
  child,
  type Message,
  name,
  type Pid,
  type Ref,
  type ReplyTo,
  type Self,
  supervisor,
  type Timeout,
} from 'beamish';
import { type TestSystem, testSystem, VirtualClock } from 'beamish/testing';
import { describe, expect, test, vi } from 'vitest';
import { hostClock } from '../../packages/beamish/src/seams/clock.ts';
import { FROM_SOURCE } from '../support/from-source.ts';
import { type Puppet, type PuppetMessage, puppet } from '../support/puppet.ts';

const note = (what: unknown): PuppetMessage => ({ tag: 'note', what });

type Timed = PuppetMessage | Timeout<string>;
const timed = ({ pid }: Puppet): Pid<Timed> => pid as unknown as Pid<Timed>;

/** Refs and numbers are what the outside and an actor get alike. */
interface Timers {
  readonly system: TestSystem;
  readonly p: Puppet;
}
async function timers(): Promise<Timers> {
  const system = testSystem();
  return { system, p: await puppet(system) };
}

interface Tick extends Message {
  readonly tag: 'tick';
  readonly n: number;
}

/** Logs when which tick came. */
function* ticker(self: Self<Tick>, system: TestSystem, log: [number, number][]): Actor {
  for (;;) {
    const { n } = yield* self.receive('tick');
    log.push([system.clock.now(), n]);
  }
}

test('TMR-01 sendAfter delivers its message as it is, once, and not before its time', async () => {
  const { system, p } = await timers();
  const message = note('hi');
  await p.does((self) => self.sendAfter(20, self.pid, message));
  await system.advance(19);
  expect(await p.mail()).toEqual([]);
  await system.advance(1);
  const mail = await p.mail();
  expect(mail).toEqual([message]);
  expect(mail[0]).toBe(message);
  await system.advance(1000);
  expect(await p.mail()).toEqual([]);
});

test('TMR-02 startTimer delivers a TIMEOUT with the ref of the timer and the message', async () => {
  const { system, p } = await timers();
  const ref = system.startTimer(20, timed(p), 'hi');
  const own = await p.does((self) => self.startTimer(30, timed(p), 'ho'));
  await system.advance(30);
  const mail = await p.mail();
  expect(mail).toEqual([
    { tag: 'TIMEOUT', ref, message: 'hi' },
    { tag: 'TIMEOUT', ref: own, message: 'ho' },
  ]);
  expect((mail[0] as Timeout).ref).toBe(ref);
});

test('TMR-03 cancelTimer returns the milliseconds that were left, and nothing comes', async () => {
  const { system, p } = await timers();
  const ref = system.sendAfter(1000, p.pid, note('hi'));
  const timer = system.startTimer(1000, timed(p), 'hi');
  await system.advance(100);
  expect(system.cancelTimer(ref)).toBe(900);
  expect(await p.does((self) => self.cancelTimer(timer))).toBe(900);
  await system.advance(2000);
  expect(await p.mail()).toEqual([]);
});

test('TMR-04 cancelTimer is false after expiry, the second time, and of a ref of no timer', async () => {
  const { system, p } = await timers();
  const expired = system.sendAfter(10, p.pid, note('hi'));
  const cancelled = system.sendAfter(1000, p.pid, note('hi'));
  await system.advance(10);
  expect(system.cancelTimer(expired)).toBe(false);
  system.cancelTimer(cancelled);
  expect(system.cancelTimer(cancelled)).toBe(false);
  const monitor = await p.does((self) => self.monitor(system.root));
  expect(system.cancelTimer(monitor)).toBe(false);
  expect(() => system.cancelTimer('no ref' as never)).toThrow(TypeError);
});

test('TMR-05 after a false the message may be in the mailbox, and is not taken out', async () => {
  const { system, p } = await timers();
  const ref = system.startTimer(10, timed(p), 'hi');
  await system.advance(10);
  expect(system.cancelTimer(ref)).toBe(false);
  expect(await p.mail()).toEqual([{ tag: 'TIMEOUT', ref, message: 'hi' }]);
});

test('TMR-06 readTimer tells the milliseconds that are left, or false', async () => {
  const { system, p } = await timers();
  const ref = system.sendAfter(1000, p.pid, note('hi'));
  await system.advance(250);
  expect(system.readTimer(ref)).toBe(750);
  expect(await p.does((self) => self.readTimer(ref))).toBe(750);
  await system.advance(750);
  expect(system.readTimer(ref)).toBe(false);
  const cancelled = system.sendAfter(1000, p.pid, note('hi'));
  system.cancelTimer(cancelled);
  expect(system.readTimer(cancelled)).toBe(false);
  expect(() => system.readTimer(5 as never)).toThrow(TypeError);
});

test('TMR-07 timers fire in the order of their deadlines', async () => {
  const { system, p } = await timers();
  for (const ms of [60, 20, 100_000, 40, 0, 3000]) system.sendAfter(ms, p.pid, note(ms));
  await system.advance(100_000);
  const order = (await p.mail()).map((each) => 'what' in each && each.what);
  expect(order).toEqual([0, 20, 40, 60, 3000, 100_000]);
});

test('TMR-07 also when the clock jumps over all of them', async () => {
  const { system } = await timers();
  const log: [number, number][] = [];
  const pid = system.spawn(ticker, system, log);
  for (let n = 0; n < 500; n++) {
    const ms = (n * 7919) % 5000;
    system.sendAfter(ms, pid, { tag: 'tick', n: ms });
  }
  await system.settle();
  // Blocked: nothing rings until it is over.
  vi.spyOn(system.clock, 'now').mockReturnValue(10_000);
  await system.advance(10_000);
  const order = log.map(([, ms]) => ms);
  expect(order).toEqual([...order].sort((a, b) => a - b));
  expect(order).toHaveLength(500);
});

test('TMR-09 a timer of 0 ms is still not at once', async () => {
  const { system, p } = await timers();
  const seen = await p.does((self) => {
    self.sendAfter(0, self.pid, note('z'));
    return self.info(self.pid)?.mailboxLength;
  });
  expect(seen).toBe(0);
  await system.settle();
  expect(await p.mail()).toEqual([note('z')]);
});

/** Rings before it should, every other time, as host timers do now and then. */
class HastyClock extends VirtualClock {
  #hasty = false;

  override alarm(ms: number, ring: () => void): void {
    this.#hasty = !this.#hasty;
    super.alarm(this.#hasty ? ms * 0.7 : ms, ring);
  }
}

test('TMR-10 no timer is early, even if the host rings early and time is no whole number', async () => {
  const clock = new HastyClock();
  const system = testSystem({ clock });
  const log: [number, number][] = [];
  const pid = system.spawn(function* (self: Self<Tick>): Actor {
    for (;;) {
      const { n } = yield* self.receive('tick');
      log.push([clock.now(), n]);
    }
  });
  for (let i = 0; i < 300; i++) {
    const ms = 1 + (i % 7);
    const due = clock.now() + ms;
    system.sendAfter(ms, pid, { tag: 'tick', n: due });
    await clock.advance(0.37);
  }
  await clock.advance(20);
  expect(log).toHaveLength(300);
  for (const [at, due] of log) expect(at).toBeGreaterThanOrEqual(due);
});

test('TMR-11 long timers fire when they are due and not before', async () => {
  for (const ms of [2 ** 31 - 1, 2 ** 31, 2 ** 32, 2 ** 40, 2 ** 50]) {
    const { system, p } = await timers();
    const ref = system.sendAfter(ms, p.pid, note('x'));
    await system.advance(30);
    expect(system.readTimer(ref)).toBe(ms - 30);
    await system.advance(ms - 31);
    expect(await p.mail()).toEqual([]);
    await system.advance(1);
    expect(await p.mail()).toEqual([note('x')]);
  }
});

test('TMR-11 the host is never asked for a longer delay than it can keep', () => {
  const setTimeout = vi.spyOn(globalThis, 'setTimeout');
  const clock = hostClock();
  clock.alarm(2 ** 31, () => {});
  clock.alarm(2 ** 45, () => {});
  clock.silence();
  const delays = setTimeout.mock.calls.map(([, ms]) => ms);
  setTimeout.mockRestore();
  expect(delays).toEqual([2 ** 31 - 1, 2 ** 31 - 1]);
});

test('TMR-12 the death of its creator does not cancel a timer', async () => {
  const { system, p } = await timers();
  const creator = await puppet(system);
  await creator.does((self) => self.sendAfter(50, p.pid, note('hi')));
  system.exitSignal(creator.pid, 'kill');
  await system.advance(50);
  expect(await p.mail()).toEqual([note('hi')]);
});

test('TMR-13 a timer to a pid ends with it, and one to the dead is inert', async () => {
  const { system, p } = await timers();
  const ref = system.sendAfter(50, p.pid, note('hi'));
  system.exitSignal(p.pid, 'kill');
  await system.settle();
  expect(system.readTimer(ref)).toBe(false);
  const inert = system.sendAfter(50, p.pid, note('hi'));
  expect(system.readTimer(inert)).toBe(false);
  await system.advance(100);
  expect(system.told('dead_letter')).toEqual([]);
});

test('TMR-14 a timer to a name looks it up at expiry', async () => {
  const { system, p } = await timers();
  const q = await puppet(system);
  const n = name<PuppetMessage>('n');
  system.register('n', p.pid);
  system.sendAfter(30, n, note('hi'));
  system.unregister('n');
  system.register('n', q.pid);
  await system.advance(30);
  expect(await q.mail()).toEqual([note('hi')]);
  expect(await p.mail()).toEqual([]);
});

test('TMR-14 and if nobody has it then, nothing happens', async () => {
  const { system } = await timers();
  const ref = system.sendAfter(30, name<PuppetMessage>('n'), note('hi'));
  await system.advance(30);
  expect(system.readTimer(ref)).toBe(false);
  expect(system.told('dead_letter')).toMatchObject([{ why: 'noname' }]);
});

test.each([-1, 1.5, 'foo', Number.NaN, Number.POSITIVE_INFINITY, undefined])(
  'TMR-15 %s is no time: a RangeError at once, and no timer',
  async (ms) => {
    const { system, p } = await timers();
    const time = ms as number;
    expect(() => system.sendAfter(time, p.pid, note('x'))).toThrow(RangeError);
    expect(() => system.startTimer(time, timed(p), 'x')).toThrow(RangeError);
    expect(() => system.sendInterval(time, p.pid, note('x'))).toThrow(RangeError);
    await system.advance(100);
    expect(await p.mail()).toEqual([]);
  },
);

test('TMR-15 and what is no address is a TypeError at once', async () => {
  const { system } = await timers();
  expect(() => system.sendAfter(1, 42 as never, note('x') as never)).toThrow(TypeError);
  expect(() => system.startTimer(1, 'name' as never, 'x' as never)).toThrow(TypeError);
});

test('TMR-18 whoever has the ref may cancel', async () => {
  const { system, p } = await timers();
  const other = await puppet(system);
  const ref: Ref = await p.does((self) => self.sendAfter(100, self.pid, note('hi')));
  expect(await other.does((self) => self.cancelTimer(ref))).toBe(100);
  await system.advance(200);
  expect(await p.mail()).toEqual([]);
});

test('TMR-19 a timer may address another system: it is sent at expiry', async () => {
  const { system } = await timers();
  const far = await puppet(testSystem({ name: 'far' }));
  const ref = system.sendAfter(30, far.pid, note('hi'));
  expect(system.readTimer(ref)).toBe(30);
  await system.advance(30);
  expect(system.told('dead_letter')).toMatchObject([{ to: far.pid, why: 'noconnection' }]);
});

describe('TMR-20 interval timers', () => {
  test('TMR-20 an interval sends every so many milliseconds without drift until it is cancelled', async () => {
    const { system } = await timers();
    const log: [number, number][] = [];
    const pid = system.spawn(ticker, system, log);
    const ref = system.sendInterval(20, pid, { tag: 'tick', n: 1 });
    await system.advance(45);
    expect(system.readTimer(ref)).toBe(15);
    expect(system.cancelTimer(ref)).toBe(15);
    expect(system.cancelTimer(ref)).toBe(false);
    await system.advance(100);
    expect(log.map(([at]) => at)).toEqual([20, 40]);
  });

  test('TMR-20 it ends with the actor that it sends to', async () => {
    const { system, p } = await timers();
    const ref = await p.does((self) => self.sendInterval(20, self.pid, note('tick')));
    await system.advance(20);
    system.exitSignal(p.pid, 'kill');
    await system.settle();
    expect(system.readTimer(ref)).toBe(false);
    await system.advance(100);
    expect(system.told('dead_letter')).toEqual([]);
  });

  test('TMR-20 its receiver may cancel it when it gets the message', async () => {
    const { system } = await timers();
    const seen: unknown[] = [];
    system.spawn(function* (self: Self<Tick>): Actor {
      const ref = self.sendInterval(20, self.pid, { tag: 'tick', n: 1 });
      yield* self.receive('tick');
      seen.push(self.cancelTimer(ref));
      seen.push(yield* self.receive('tick').after(100));
    });
    await system.advance(200);
    expect(seen).toEqual([20, undefined]);
  });

  test('TMR-20 what was missed while the program was blocked is not made up for', async () => {
    const { system } = await timers();
    const log: [number, number][] = [];
    const pid = system.spawn(ticker, system, log);
    const ref = system.sendInterval(20, pid, { tag: 'tick', n: 1 });
    await system.settle();
    const now = vi.spyOn(system.clock, 'now').mockReturnValue(90);
    await system.advance(90);
    expect(log).toEqual([[90, 1]]);
    expect(system.readTimer(ref)).toBe(10);
    now.mockRestore();
  });

  test('TMR-20 an interval of 0 ms would never let time pass', async () => {
    const { system, p } = await timers();
    expect(() => system.sendInterval(0, p.pid, note('x'))).toThrow(RangeError);
  });
});

describe('TMR-22 what keeps a program alive', () => {
  const program = (lines: string): string =>
    execFileSync(
      process.execPath,
      [
        ...[...FROM_SOURCE, '--input-type=module', '--eval'],
        `import { ActorSystem } from 'beamish';
        const system = new ActorSystem({ log: 'off' });
        const pid = system.spawn(function* idle(self) {
          for (;;) { yield* self.receive(); console.log('woken'); }
        });
        ${lines}`,
      ],
      { encoding: 'utf8', timeout: 30_000 },
    );

  test('TMR-22 idle actors do not', () => {
    expect(program('')).toBe('');
  });

  test('TMR-22 a pending timer does, until it has fired', () => {
    expect(program("system.sendAfter(50, pid, { tag: 'x' });")).toBe('woken\n');
  });

  test('TMR-22 a timer that was cancelled does not', () => {
    expect(program("system.cancelTimer(system.sendAfter(1e9, pid, { tag: 'x' }));")).toBe('');
  });

  test('TMR-22 a body that waits for a promise does', () => {
    const waits = `system.spawn(async (self) => {
      await self.wait(new Promise((done) => setTimeout(done, 50).unref()));
      console.log('done');
    });`;
    expect(program(waits)).toBe('done\n');
  });
});

test('TMR-23 all timers go by the one clock that a test can move', async () => {
  const system = testSystem();
  const log: unknown[] = [];
  const silent = await puppet(system);
  const told = (what: unknown): unknown => log.push([what, system.clock.now()]);
  system.spawn(function* (self: Self<Tick>): Actor {
    told(yield* self.receive('tick').after(1e9));
    told(yield* self.sleep(1e9));
    system.sendAfter(1e9, self.pid, { tag: 'tick', n: 3 });
    told((yield* self.receive('tick')).n);
    try {
      yield* self.call(silent.pid as unknown as Pid<Ask>, { tag: 'ask' }).within(1e9);
    } catch (error) {
      told((error as CallFailed).reason);
    }
  });
  await system.advance(5e9);
  expect(log).toEqual([
    [undefined, 1e9],
    [undefined, 2e9],
    [3, 3e9],
    ['timeout', 4e9],
  ]);
});

interface Ask extends Message {
  readonly tag: 'ask';
  readonly replyTo: ReplyTo<void>;
}

test('TMR-23 so does the clock of restart intensity', async () => {
  function* short(self: Self): Actor {
    yield* self.sleep(1e9);
    throw new Error('over');
  }
  const system = testSystem();
  const started = system.start(supervisor({ intensity: 1, children: [child('short', short)] }));
  await system.advance(9e9);
  expect(system.info(await started)).toBeDefined();
  expect(system.told('restart')).toHaveLength(9);
});
