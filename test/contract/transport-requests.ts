/** The contract of transports: names, calls and servers between systems. */

import {
  type Actor,
  CallFailed,
  child,
  configure,
  type Message,
  type MessageOf,
  name,
  type Pid,
  StartFailed,
  supervisor,
  whereisAt,
} from 'beamish';
import { expect, test } from 'vitest';
import { counter, doer, type Got, missing, type Order, silent } from './bodies.ts';
import { asking, type Ground, type Verbs } from './ground.ts';

export function requestsContract(ground: Ground, verbs: Verbs): void {
  const { barrier, mail, run, tell } = verbs;

  test('a name there is resolved there, at each send, call and monitor', async () => {
    await run(function* (self) {
      const d = self.spawn(ground.at(doer), self.pid as Pid<Got>);
      yield* tell(self, d, { do: 'register', name: 'worker' });
      const there = name<Message & Order>('worker', ground.there);
      expect(yield* tell(self, there as never, { do: 'self' })).toBe(d);
      self.send(there as never, { tag: 'hello' } as never);
      expect(((yield* self.receive('got')) as Got).message).toEqual({ tag: 'hello' });
      const ref = self.monitor(there);
      self.exitSignal(d, 'kill');
      const down = yield* self.receive('DOWN');
      expect(down).toEqual({ tag: 'DOWN', ref, target: there, reason: 'killed' });
      self.monitor(there);
      expect((yield* self.receive('DOWN')).reason).toBe('noproc');
      const failed = yield* asking(self)
        .request(there as never, { tag: 'order' } as never)
        .wait(1000);
      expect(failed).toEqual({ ok: false, reason: 'noproc' });
    });
  });

  test('whereisAt asks the system of a name who has it', async () => {
    const { here, there, over } = ground;
    await run(function* (self) {
      const free = name<Message>('worker', there);
      expect(yield* whereisAt(self, free)).toBeUndefined();
      const named = configure(ground.at(doer), { name: 'worker' });
      const d = self.spawn(named, undefined);
      expect(yield* whereisAt(self, free)).toBe(d);
      expect(() => self.whereis(free)).toThrow('whereisAt');
      self.register('mine', self.pid);
      expect(yield* whereisAt(self, name('mine', there))).toBeUndefined();
      expect(yield* whereisAt(self, name('mine', here.name))).toBe(self.pid);
      expect(() => whereisAt(self, name('mine'))).toThrow(TypeError);
      const ref = self.monitor(d);
      self.exitSignal(d, 'kill');
      expect(yield* self.receive('DOWN')).toMatchObject({ ref });
      expect(yield* whereisAt(self, free)).toBeUndefined();
      try {
        yield* whereisAt(self, name('worker', 'unknown'));
        expect.unreachable();
      } catch (error) {
        expect(error).toBeInstanceOf(CallFailed);
        expect((error as CallFailed).reason).toBe('noconnection');
      }
    });
    const pid = await over(here.start(configure(ground.at(counter), { name: 'n' }), 1));
    expect(await over(whereisAt(here, name('n', there)))).toBe(pid);
    expect(await over(whereisAt(here, name('n', here.name)))).toBeUndefined();
  });

  test('names of both systems are looked up from there, too', async () => {
    await run(function* (self) {
      const d = self.spawn(configure(ground.at(doer), { name: 'worker' }), undefined);
      self.register('main', self.pid);
      const ask = (of: string, system: string): Actor<unknown> =>
        tell(self, d, { do: 'whereis', name: name(of, system) });
      expect(yield* ask('main', ground.here.name)).toBe(self.pid);
      expect(yield* ask('nobody', ground.here.name)).toBeUndefined();
      expect(yield* ask('worker', ground.there)).toBe(d);
    });
  });

  test('a call fails at once with the reason of the callee’s end', async () => {
    await run(function* (self) {
      const pid = self.spawn(ground.at(silent));
      const request = asking(self).request(pid, { tag: 'say', value: 1 });
      self.exitSignal(pid, 'sick');
      try {
        yield* request.reply().within('infinity');
        expect.unreachable();
      } catch (error) {
        expect(error).toBeInstanceOf(CallFailed);
        expect((error as CallFailed).reason).toBe('sick');
      }
    });
  });

  test('a call that was given up gets no reply', async () => {
    await run(function* (self) {
      const pid = self.spawn(ground.at(silent));
      try {
        yield* asking(self).call(pid, { tag: 'say', value: 1 }).within(20);
        expect.unreachable();
      } catch (error) {
        expect((error as CallFailed).reason).toBe('timeout');
      }
      yield* barrier(self);
      expect(yield* mail(self)).toEqual([]);
    });
  });

  test('what is no message and comes to an alias from there is a dead letter', async () => {
    const letters: unknown[] = [];
    ground.here.events.on('dead_letter', (letter) => letters.push(letter));
    await run(function* (self) {
      const d = self.spawn(ground.at(doer), undefined);
      const alias = self.alias<Message>();
      for (const value of [5, 'hello', { tag: 1 }])
        yield* tell(self, d, { do: 'send', to: alias as never, message: value as never });
      yield* tell(self, d, { do: 'send', to: alias as never, message: { tag: 'through' } });
      expect(yield* self.receive('through' as never)).toEqual({ tag: 'through' });
      const letter = { from: d, to: alias, why: 'unhandled' };
      expect(letters).toEqual([
        { ...letter, message: 5 },
        { ...letter, message: 'hello' },
        { ...letter, message: { tag: 1 } },
      ]);
      expect(yield* mail(self)).toEqual([]);
    });
  });

  test('a server there starts, is called and cast, and tells when it does not start', async () => {
    const { here, at, over } = ground;
    const pid = await over(here.start(at(counter), 5));
    here.cast(pid, 'add', 2);
    expect(await over(here.call(pid, 'get'))).toBe(7);
    for (const [how, reason] of [
      ['ignore', 'ignore'],
      ['fail', expect.objectContaining({ message: 'No luck' })],
    ] as const) {
      const error = await over(here.start(at(counter), how).catch((e: unknown) => e));
      expect(error).toBeInstanceOf(StartFailed);
      expect((error as StartFailed).reason).toEqual(reason);
    }
    const left = await run(function* (self) {
      self.trapExit(true);
      const failed = yield* self.startLink(ground.at(counter), 'fail');
      expect(failed.ok).toBe(false);
      yield* barrier(self);
      return yield* mail(self);
    });
    expect(left).toEqual([]);
  });

  test('code that cannot be found there is the reason of the actor’s end', async () => {
    await run(function* (self) {
      const { pid } = self.spawnMonitor(ground.at(missing));
      self.send(pid as Pid<Message>, { tag: 'hello' });
      const { reason } = yield* self.receive('DOWN');
      expect(reason).toBeInstanceOf(TypeError);
      expect((reason as Error).message).toContain('nowhere');
    });
  });

  test('a child of a supervisor here runs there, and is stopped with it', async () => {
    const { here, at, over } = ground;
    const tree = await over(
      here.start(supervisor({ children: [child({ id: 'counter', name: 'n' }, at(counter), 1)] })),
    );
    const there = name<MessageOf<typeof counter>>('n', ground.there);
    expect(await over(here.call(there, 'get'))).toBe(1);
    const ended = here.exited(tree);
    here.exitSignal(tree, 'shutdown');
    expect(await over(ended)).toBe('shutdown');
    const failed = await over(here.call(there, 'get').catch((e: unknown) => e));
    expect(failed).toMatchObject({ reason: 'noproc' });
  });
}
