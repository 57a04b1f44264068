/** Section NODE on real threads: what one system sees of another, of its actors, and of its loss. */

import { type Threads, type ThreadsOptions, threads } from '@beamish/threads';
import {
  type Actor,
  ActorSystem,
  type Call,
  CallFailed,
  child,
  type Down,
  type Exit,
  type Message,
  name,
  type Pending,
  type Pid,
  type Self,
  type SystemDown,
  supervisor,
  whichChildren,
} from 'beamish';
import { placed } from 'beamish/transport';
import { afterEach, expect, test } from 'vitest';
import * as bodies from '../contract/bodies.ts';
import {
  counter,
  type Deed,
  doer,
  echo,
  fleeting,
  type Got,
  giver,
  silent,
} from '../contract/bodies.ts';
import { Twin } from '../support/twin.ts';
import { closedGate, ENDS, type End, heldUp, openGate, wrecker } from '../threads/bodies.ts';

type Main = Self<Got | SystemDown | Message>;

let system: ActorSystem;
let cores: Threads;

afterEach(async () => {
  await cores?.close();
});

const RESTARTED: ThreadsOptions = { restart: { intensity: 3 } };

/** A thread that is lost is not started again: only a few tests need another in its place. */
async function start(options: ThreadsOptions = {}): Promise<void> {
  system = new ActorSystem({ log: 'off' });
  const restart = { intensity: 0 };
  cores = await threads(system, { size: 1, systems: { log: 'off' }, restart, ...options });
}

/** Runs an actor of the main thread. */
function run<R>(body: (self: Main) => Actor<R>): Promise<R> {
  return system.run(body as never) as Promise<R>;
}

interface Asking {
  call(to: unknown, what: object): Call<unknown>;
  request(to: unknown, what: object): Pending<unknown>;
}

function asking(self: Main): Asking {
  return self as unknown as Asking;
}

function* tell(self: Main, to: unknown, deed: Deed): Actor<unknown> {
  return yield* asking(self).call(to, { tag: 'order', deed }).within('infinity');
}

/** Everything until the loss of the system, which is last. */
function* newsUntilLoss(self: Main): Actor<Message[]> {
  const news: Message[] = [];
  for (;;) {
    const message = (yield* self.receive()) as Message;
    news.push(message);
    if (message.tag === 'SYSTEM_DOWN') return news;
  }
}

/** Takes whatever is there. */
function* rest(self: Main): Actor<Message[]> {
  const left: Message[] = [];
  for (;;) {
    const message = (yield* self.receive().after(0)) as Message | undefined;
    if (message === undefined) return left;
    left.push(message);
  }
}

test('NODE-01 spawn, send, link, monitor, exit signals and calls are the same for a pid of another thread', async () => {
  await start();
  await run(function* (self) {
    self.trapExit(true);
    const local = self.spawnLink(doer, self.pid as Pid<Got>);
    const far = self.spawnLink(cores.at(doer), self.pid as Pid<Got>);
    for (const pid of [local, far]) {
      const ref = self.monitor(pid);
      self.send(pid as Pid<Message>, { tag: 'hello' });
      expect(yield* self.receive('got')).toEqual({ tag: 'got', message: { tag: 'hello' } });
      expect(yield* tell(self, pid, { do: 'self' })).toBe(pid);
      self.exitSignal(pid, 'bye');
      expect(yield* self.receive()).toEqual({ tag: 'EXIT', from: pid, reason: 'bye' });
      expect(yield* self.receive()).toEqual({ tag: 'DOWN', ref, target: pid, reason: 'bye' });
    }
  });
});

test('NODE-02 NODE-28 the loss of a thread ends each link across with noconnection, on both sides', async () => {
  await start({ size: 2 });
  await run(function* (self) {
    self.trapExit(true);
    const exiting = self.spawn(cores.at(doer, { thread: 0 }), undefined);
    const near = self.spawn(function* (its: Self): Actor {
      its.link(exiting);
      yield* its.receive('EXIT');
    });
    const nearEnd = self.monitor(near);
    const far = self.spawn(cores.at(doer, { thread: 1 }), self.pid as Pid<Got>);
    yield* tell(self, far, { do: 'trap', on: true });
    yield* tell(self, far, { do: 'link', to: exiting });
    self.link(exiting);
    yield* tell(self, exiting, { do: 'self' });
    cores.kill(0);
    // Who traps exits gets a message, who does not dies; between two other threads as well.
    expect(yield* self.receive('EXIT')).toEqual({
      tag: 'EXIT',
      from: exiting,
      reason: 'noconnection',
    });
    expect(yield* self.receive('DOWN')).toMatchObject({ ref: nearEnd, reason: 'noconnection' });
    const { message } = (yield* self.receive('got')) as Got;
    expect(message).toEqual({ tag: 'EXIT', from: exiting, reason: 'noconnection' });
    self.exitSignal(far, 'kill');
  });
});

test('NODE-03 each monitor across fires DOWN noconnection, once', async () => {
  await start();
  await run(function* (self) {
    const pid = self.spawn(cores.at(silent));
    const refs = [self.monitor(pid), self.monitor(pid)];
    self.monitorSystem('thread-1');
    cores.kill(0);
    const news = yield* newsUntilLoss(self);
    expect(news.slice(0, -1)).toEqual(
      refs.map((ref) => ({ tag: 'DOWN', ref, target: pid, reason: 'noconnection' })),
    );
    yield* self.sleep(20);
    expect(yield* rest(self)).toEqual([]);
  });
});

test('NODE-04 a monitor of a name in another thread fires DOWN noconnection, with that name as its target', async () => {
  await start();
  await run(function* (self) {
    const pid = self.spawn(cores.at(doer), undefined);
    yield* tell(self, pid, { do: 'register', name: 'b' });
    const target = name('b', 'thread-1');
    const ref = self.monitor(target);
    yield* tell(self, target, { do: 'self' });
    cores.kill(0);
    const down = yield* self.receive('DOWN');
    expect(down).toEqual({ tag: 'DOWN', ref, target, reason: 'noconnection' });
  });
});

test('NODE-05 k monitors of a system bring k messages of its loss, and one that was taken back none', async () => {
  await start();
  await run(function* (self) {
    const refs = [1, 2, 3].map(() => self.monitorSystem('thread-1'));
    const back = self.monitorSystem('thread-1');
    expect(self.demonitor(back)).toBe(true);
    cores.kill(0, 'enough');
    for (const ref of refs) {
      expect(yield* self.receive()).toEqual({
        tag: 'SYSTEM_DOWN',
        ref,
        system: 'thread-1',
        reason: 'enough',
      });
    }
    yield* self.sleep(20);
    expect(yield* rest(self)).toEqual([]);
  });
});

test('NODE-06 the loss of a system is told after all that came from it: a prefix of the messages, EXIT, DOWN', async () => {
  for (const end of ENDS) {
    await start();
    await run(function* (self) {
      self.trapExit(true);
      self.monitorSystem('thread-1');
      const pid = self.spawnLink(cores.at(wrecker), self.pid as Pid<Message>, 1000, end);
      self.monitor(pid);
      const news = yield* newsUntilLoss(self);
      expect(news.slice(-3).map(({ tag }) => tag)).toEqual(['EXIT', 'DOWN', 'SYSTEM_DOWN']);
      expect((news.at(-3) as Exit).reason).toBe('noconnection');
      expect((news.at(-2) as Down).reason).toBe('noconnection');
      const numbers = news.slice(0, -3) as (Message & { n: number })[];
      expect(numbers.map(({ n }) => n)).toEqual(numbers.map((_, i) => i));
      if (end !== 'abrupt') expect(numbers).toHaveLength(1000);
    });
    await cores.close();
  }
});

test('NODE-07 a new system is told of when it can be reached, and before anything that comes from it', async () => {
  await start(RESTARTED);
  const told: unknown[] = [];
  await run(function* (self) {
    system.events.on('system_up', ({ system: its, incarnation }) => {
      const pid = self.spawn(cores.at(giver), self.pid as Pid<Message>);
      told.push(its, pid.incarnation === incarnation);
    });
    self.monitorSystem('thread-1');
    cores.kill(0);
    yield* self.receive('SYSTEM_DOWN');
    expect(cores.systems).toEqual(['thread-1']);
    yield* self.receive('gift');
    expect(told).toEqual(['thread-1', true]);
  });
});

// Threads are never merely disconnected: their channel ends with them. So this one is about the twin.
test('NODE-08 noconnection is no death: after a new connection the actor is reached by its old pid', async () => {
  const twin = new Twin({ bodies });
  const [main] = twin.systems as [ActorSystem];
  const downs: unknown[] = [];
  const pid = main.spawn(
    placed(doer, () => 'thread-1'),
    undefined,
  );
  main.spawn(function* (self: Self): Actor {
    self.monitor(pid);
    for (;;) downs.push((yield* self.receive('DOWN')).reason);
  });
  await twin.settle();
  twin.cut();
  await twin.settle();
  expect(downs).toEqual(['noconnection']);
  twin.join(0, 1);
  const pong = (main.call as unknown as (to: unknown, what: object) => Promise<unknown>)(pid, {
    tag: 'order',
    deed: { do: 'self' },
  });
  // Its side of the connection was over, too.
  await twin.advance(10);
  expect(await pong).toBe(pid);
});

test('NODE-09 a call in flight fails at once when its system is lost, also one without a deadline', async () => {
  await start();
  await run(function* (self) {
    const pid = self.spawn(cores.at(silent));
    const requests = [1, 2].map((value) => asking(self).request(pid, { tag: 'say', value }));
    cores.kill(0);
    for (const [i, request] of requests.entries()) {
      try {
        yield* request.reply().within(i === 0 ? 'infinity' : 60_000);
        expect.unreachable();
      } catch (error) {
        expect(error).toBeInstanceOf(CallFailed);
        expect((error as CallFailed).reason).toBe('noconnection');
      }
    }
    yield* self.sleep(20);
    expect(yield* rest(self)).toEqual([]);
  });
});

test('NODE-10 towards a system that is not known nothing throws, and everything says noconnection', async () => {
  await start();
  await run(function* (self) {
    self.trapExit(true);
    const nowhere = name<Message>('x', 'unknown');
    const at = placed(silent, () => 'unknown');
    self.send(nowhere, { tag: 'hello' });
    const cast = self.cast.bind(self) as (to: unknown, name: string) => void;
    cast(nowhere, 'something');
    self.monitor(nowhere);
    expect(yield* self.receive('DOWN')).toMatchObject({ target: nowhere, reason: 'noconnection' });
    const linked = self.spawnLink(at);
    expect(yield* self.receive('EXIT')).toEqual({
      tag: 'EXIT',
      from: linked,
      reason: 'noconnection',
    });
    const { pid, ref } = self.spawnMonitor(at);
    expect(yield* self.receive('DOWN')).toEqual({
      tag: 'DOWN',
      ref,
      target: pid,
      reason: 'noconnection',
    });
    self.monitorSystem('unknown');
    expect(yield* self.receive('SYSTEM_DOWN')).toMatchObject({ system: 'unknown' });
    const outcome = yield* asking(self).request(nowhere, { tag: 'say' }).wait(1000);
    expect(outcome).toEqual({ ok: false, reason: 'noconnection' });
    expect(
      yield* self.startLink(
        placed(counter, () => 'unknown'),
        1,
      ),
    ).toMatchObject({
      ok: false,
      reason: 'noconnection',
    });
  });
});

test('NODE-12 a name that nobody has in another thread: a send is silent, a monitor brings noproc', async () => {
  await start();
  await run(function* (self) {
    const nobody = name<Message>('nobody', 'thread-1');
    self.send(nobody, { tag: 'hello' });
    const ref = self.monitor(nobody);
    const down = yield* self.receive('DOWN');
    expect(down).toEqual({ tag: 'DOWN', ref, target: nobody, reason: 'noproc' });
  });
});

test('NODE-14 what was sent to an actor is handled as a prefix, and the rest is not', async () => {
  await start();
  const asked = 1000;
  await run(function* (self) {
    const pid = self.spawn(cores.at(doer), self.pid as Pid<Got>);
    for (let n = 0; n < asked; n++) {
      if (n === 500) asking(self).request(pid, { tag: 'order', deed: { do: 'exit', reason: 'x' } });
      self.send(pid as Pid<Message>, { tag: 'number', n } as Message);
    }
    self.monitor(pid);
    const handled: unknown[] = [];
    for (;;) {
      const message = (yield* self.receive('got', 'DOWN')) as Got | Down;
      if (message.tag === 'DOWN') break;
      handled.push((message.message as Message & { n: number }).n);
    }
    expect(handled).toEqual(Array.from({ length: 500 }, (_, i) => i));
  });
});

test('NODE-15 kill works across, and is reported as killed', async () => {
  await start();
  await run(function* (self) {
    self.trapExit(true);
    const pid = self.spawnLink(cores.at(doer), undefined);
    yield* tell(self, pid, { do: 'trap', on: true });
    self.exitSignal(pid, 'kill');
    expect(yield* self.receive('EXIT')).toEqual({ tag: 'EXIT', from: pid, reason: 'killed' });
  });
});

test('NODE-16 names are of actors of the same system, and timers of any', async () => {
  await start();
  await run(function* (self) {
    const pid = self.spawn(cores.at(doer), self.pid as Pid<Got>);
    expect(() => self.register('far', pid)).toThrow(TypeError);
    expect(() => self.info(pid)).toThrow(TypeError);
    self.sendAfter(1, pid as Pid<Message>, { tag: 'late' });
    expect(yield* self.receive('got')).toEqual({ tag: 'got', message: { tag: 'late' } });
  });
});

test('NODE-17 a thread that is started again has another incarnation: pids of the old one reach nobody', async () => {
  await start(RESTARTED);
  await run(function* (self) {
    self.monitorSystem('thread-1');
    const old = self.spawn(cores.at(doer), self.pid as Pid<Got>);
    yield* tell(self, old, { do: 'self' });
    cores.kill(0);
    yield* self.receive('SYSTEM_DOWN');
    const fresh = self.spawn(cores.at(doer), self.pid as Pid<Got>);
    expect(fresh).toMatchObject({ system: old.system, serial: old.serial });
    expect(fresh.incarnation).not.toBe(old.incarnation);
    yield* tell(self, fresh, { do: 'self' });
    self.send(old as Pid<Message>, { tag: 'for the dead' });
    self.monitor(old);
    expect(yield* self.receive()).toMatchObject({ tag: 'DOWN', target: old, reason: 'noproc' });
    self.send(fresh as Pid<Message>, { tag: 'for the living' });
    expect(yield* self.receive('got')).toMatchObject({ message: { tag: 'for the living' } });
  });
});

test('NODE-18 the names of a lost system are gone by the time that its loss is told', async () => {
  await start(RESTARTED);
  await run(function* (self) {
    self.monitorSystem('thread-1');
    const pid = self.spawn(cores.at(doer), undefined);
    yield* tell(self, pid, { do: 'register', name: 'b' });
    cores.kill(0);
    yield* self.receive('SYSTEM_DOWN');
    self.monitor(name('b', 'thread-1'));
    expect((yield* self.receive('DOWN')).reason).toBe('noproc');
  });
});

test('NODE-19 a supervisor takes noconnection of a child for an abnormal end: by its type, and counted', async () => {
  await start({ ...RESTARTED, size: 2 });
  const tree = await system.start(
    supervisor({
      intensity: 1,
      children: [
        child({ id: 'permanent', restart: 'permanent' }, cores.at(counter, { thread: 0 }), 1),
        child({ id: 'transient', restart: 'transient' }, cores.at(counter, { thread: 0 }), 2),
        child({ id: 'temporary', restart: 'temporary' }, cores.at(counter, { thread: 0 }), 3),
      ],
    }),
  );
  const before = await whichChildren(system, tree);
  const restarts: unknown[] = [];
  const twice = new Promise<void>((resolve) => {
    system.events.on('restart', ({ id, reason, decision }) => {
      restarts.push([id, reason, decision]);
      if (restarts.length === 2) resolve();
    });
  });
  cores.kill(0);
  await twice;
  expect(restarts).toEqual([
    ['permanent', 'noconnection', 'restarted'],
    ['transient', 'noconnection', 'restarted'],
  ]);
  const after = await whichChildren(system, tree);
  expect(after.map(({ id }) => id).sort()).toEqual(['permanent', 'transient']);
  for (const { id, pid } of after) {
    expect(pid).not.toBe(before.find((one) => one.id === id)?.pid);
    const call = system.call.bind(system) as (to: unknown, name: string) => Promise<unknown>;
    expect(await call(pid, 'get')).toBe(id === 'permanent' ? 1 : 2);
  }
  // A thread counts once, however many of its children are restarted: the second within the period is too many.
  const ended = system.exited(tree);
  cores.kill(0);
  expect(await ended).toBe('shutdown');
});

test('NODE-20 NODE-25 a thread whose event loop does not turn is ended, and no other', async () => {
  await start({ ...RESTARTED, size: 2, stallMs: 400 });
  await run(function* (self) {
    self.monitorSystem('thread-1');
    const other = self.spawn(cores.at(echo, { thread: 1 }));
    self.spawn(cores.at(wrecker, { thread: 0 }), self.pid as Pid<Message>, 0, 'loop');
    const { reason } = (yield* self.receive('SYSTEM_DOWN')) as SystemDown;
    expect(String(reason)).toMatch(/its event loop had not turned for 400 ms/);
    expect(yield* asking(self).call(other, { tag: 'say', value: 1 })).toBe(1);
    const again = self.spawn(cores.at(echo, { thread: 0 }));
    expect(yield* asking(self).call(again, { tag: 'say', value: 2 })).toBe(2);
  });
});

test('NODE-21 NODE-22 whichever way a thread ends, all that it had posted comes before its end', async () => {
  for (const end of ['throw', 'reject', 'exit'] as const) {
    await start();
    await run(function* (self) {
      self.monitor(self.spawn(cores.at(wrecker), self.pid as Pid<Message>, 10_000, end));
      for (let n = 0; n < 10_000; n++)
        expect(((yield* self.receive()) as Message & { n: number }).n).toBe(n);
      expect(yield* self.receive()).toMatchObject({ tag: 'DOWN', reason: 'noconnection' });
    });
    await cores.close();
  }
});

test('NODE-23 what is sent to a thread that has ended throws nothing, and its monitors are answered', async () => {
  await start();
  await run(function* (self) {
    self.monitorSystem('thread-1');
    const pid = self.spawn(cores.at(doer), undefined);
    yield* tell(self, pid, { do: 'self' });
    cores.kill(0);
    self.send(pid as Pid<Message>, { tag: 'hello' });
    yield* self.receive('SYSTEM_DOWN');
    self.send(pid as Pid<Message>, { tag: 'hello' });
    self.monitor(pid);
    expect(yield* self.receive('DOWN')).toMatchObject({ target: pid, reason: 'noconnection' });
  });
  expect(cores.size).toBe(0);
});

test('NODE-24 an error, a rejection, an exit and a lack of memory are each told as what they are', async () => {
  const reasons: readonly (readonly [End, RegExp])[] = [
    ['throw', /^RangeError: outside any actor/],
    ['reject', /^TypeError: nobody caught it/],
    ['exit 3', /^Error: Thread thread-1 exited with code 3/],
    ['memory', /ERR_WORKER_OUT_OF_MEMORY/],
  ];
  for (const [end, expected] of reasons) {
    await start({ resourceLimits: { maxOldGenerationSizeMb: 64 } });
    await run(function* (self) {
      self.monitorSystem('thread-1');
      self.spawn(cores.at(wrecker), self.pid as Pid<Message>, 0, end);
      const { reason } = (yield* self.receive('SYSTEM_DOWN')) as SystemDown;
      const { code = '' } = reason as { code?: string };
      expect(`${String(reason)} ${code}`).toMatch(expected);
    });
    await cores.close();
  }
});

test('NODE-26 reasons, errors, pids, refs and aliases cross, equal by value and good for use', async () => {
  await start();
  await run(function* (self) {
    const { pid } = self.spawnMonitor(cores.at(fleeting), { shutdown: ['x', self.pid] });
    const { reason } = (yield* self.receive('DOWN')) as { reason: { shutdown: [string, Pid] } };
    expect(reason.shutdown[1]).toBe(self.pid);
    expect(pid.system).toBe('thread-1');

    const e = self.spawn(cores.at(doer), undefined);
    const alias = self.alias<Message>();
    const error = new RangeError('r', { cause: new Error('c') });
    const message = { tag: 'back', error, ref: self.monitor(e), alias };
    yield* tell(self, e, { do: 'send', to: self.pid, message } as never);
    const back = (yield* self.receive('back')) as unknown as typeof message;
    expect(back.error).toBeInstanceOf(RangeError);
    expect(back.error).toMatchObject({ name: 'RangeError', message: 'r', stack: error.stack });
    expect(back.error.cause).toMatchObject({ message: 'c' });
    expect(back.ref).toBe(message.ref);
    yield* tell(self, e, { do: 'send', to: back.alias as never, message: { tag: 'through' } });
    expect(yield* self.receive('through')).toEqual({ tag: 'through' });
    expect(() => self.send(e as Pid<Message>, { tag: 'f', f() {} } as Message)).toThrow(
      'message.f is the function f',
    );
  });
});

test('NODE-27 a plain send to a thread that does not take anything never waits; an offer does', async () => {
  await start();
  const gate = closedGate();
  await run(function* (self) {
    self.defer(() => openGate(gate));
    const held = self.spawn(cores.at(heldUp), gate) as Pid<Message>;
    for (let n = 0; n < 100_000; n++) self.send(held, { tag: 'number', n } as Message);
    yield* self.yield();
    const waiting = self.spawn(function* (its: Self): Actor {
      for (let n = 0; ; n++) yield* its.offer(held, { tag: 'number', n } as Message);
    });
    while (self.info(waiting)?.status !== 'awaiting') yield* self.yield();
    expect(self.info(waiting)?.waitingFor.join()).toContain('room on the way to thread-1');
    self.exitSignal(waiting, 'kill');
  });
});
