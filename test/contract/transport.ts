/** What holds across a transport, whichever it is: an actor system of this thread, and one that it reaches. */

import { inspect } from 'node:util';
import {
  type Actor,
  type ActorSystem,
  type Call,
  CallFailed,
  type Configured,
  child,
  configure,
  type Down,
  type Exit,
  type Message,
  type MessageOf,
  name,
  type Pending,
  type Pid,
  type Portable,
  type Self,
  StartFailed,
  supervisor,
  whereisAt,
} from 'beamish';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import {
  counter,
  type Deed,
  doer,
  echo,
  fleeting,
  type Got,
  giver,
  hoarder,
  missing,
  type Order,
  silent,
} from './bodies.ts';

/** Two systems on a transport. */
export interface Ground {
  readonly here: ActorSystem;
  /** The name of the other system. */
  readonly there: string;
  at<M extends Message, A extends unknown[], R>(body: Portable<M, A, R>): Configured<M, A, R>;
  /** What `asked` comes to, time and turns being given. */
  over<T>(asked: PromiseLike<T>): Promise<T>;
  /** The other system is lost. */
  cut(): Promise<void>;
  close(): Promise<void>;
}

type Main = Self<Got | Message>;

/** The same verbs, for messages of whatever type. */
interface Asking {
  call(to: unknown, what: object): Call<unknown>;
  request(to: unknown, what: object): Pending<unknown>;
}

function asking(self: Main): Asking {
  return self as unknown as Asking;
}

export function transportContract(title: string, makeGround: () => Promise<Ground>): void {
  describe(title, () => {
    let ground: Ground;
    beforeEach(async () => {
      ground = await makeGround();
    });
    afterEach(() => ground.close());

    const run = <R>(body: (self: Main) => Actor<R>): Promise<R> =>
      ground.over(ground.here.run(body as never) as Promise<R>);

    const begun = <R>(body: (self: Main) => Actor<R>): Promise<R> =>
      ground.here.run(body as never) as Promise<R>;

    function* tell(self: Main, to: Pid<Order>, deed: Deed): Actor<unknown> {
      return yield* asking(self).call(to, { tag: 'order', deed } as never);
    }
    /** Everything that was under way between the two systems has arrived. */
    function* barrier(self: Main): Actor {
      for (let i = 0; i < 2; i++) {
        const pid = self.spawn(ground.at(echo));
        yield* asking(self).call(pid, { tag: 'say', value: i });
        self.exitSignal(pid, 'kill');
      }
    }
    function* mail(self: Main): Actor<Message[]> {
      const got: Message[] = [];
      for (;;) {
        const message = (yield* self.receive().after(0)) as Message | undefined;
        if (message === undefined) return got;
        got.push(message);
      }
    }

    function waitsFor(self: Main, pid: Pid): string {
      return self.info(pid)?.waitingFor.join() ?? '';
    }
    function* untilItWaitsFor(self: Main, pid: Pid, what: string): Actor {
      while (!waitsFor(self, pid).includes(what)) yield* self.sleep(1);
    }

    test('a value crosses as it is, at any depth', async () => {
      const loop: Record<string, unknown> = { n: 1 };
      loop['self'] = loop;
      const value = {
        list: [1, 'two', null, undefined, 3n, true],
        map: new Map<unknown, unknown>([['k', new Set([1, 2])]]),
        when: new Date(5),
        bytes: new Uint8Array([1, 2, 3]),
        loop,
        dollar: { $: 'pid', system: 'x' },
      };
      const back = await run(function* (self) {
        const pid = self.spawn(ground.at(echo));
        return yield* asking(self).call(pid, { tag: 'say', value });
      });
      expect(back).toEqual(value);
      expect((back as typeof value).loop['self']).toBe((back as typeof value).loop);
    });

    test('pids and refs inside messages are the canonical ones, at any depth', async () => {
      await run(function* (self) {
        const pid = self.spawn(ground.at(giver), self.pid as never);
        const gift = (yield* self.receive('gift' as never)) as unknown as {
          deep: [{ pid: Pid; at: Map<string, object> }, Set<Pid>];
          name: object;
        };
        expect(gift.deep[0].pid).toBe(pid);
        expect([...gift.deep[1]][0]).toBe(pid);
        expect(gift.name).toEqual(name('db', 'somewhere'));

        const e = self.spawn(ground.at(echo));
        const ref = self.monitor(pid);
        const back = (yield* asking(self).call(e, {
          tag: 'say',
          value: { ref, me: [self.pid], pid },
        })) as {
          ref: object;
          me: [Pid];
          pid: Pid;
        };
        expect(back.ref).toBe(ref);
        expect(back.me[0]).toBe(self.pid);
        expect(back.pid).toBe(pid);
        expect(self.demonitor(back.ref as never)).toBe(true);
      });
    });

    test('a pid and a ref that come twice are the same object there', async () => {
      await run(function* (self) {
        const d = self.spawn(ground.at(doer), undefined);
        const other = self.spawn(ground.at(echo));
        for (const it of [self.pid, other, self.monitor(other)])
          expect(yield* tell(self, d, { do: 'same', a: it, b: { x: it }.x })).toBe(true);
      });
    });

    test('spawnLink and monitor bring EXIT and DOWN with the reason, in this order', async () => {
      const got = await run(function* (self) {
        self.trapExit(true);
        const { pid, ref } = self.spawnMonitor(ground.at(fleeting), { shutdown: 7 });
        self.link(pid);
        const exit = yield* self.receive('EXIT');
        const down = yield* self.receive('DOWN');
        expect(exit).toEqual({ tag: 'EXIT', from: pid, reason: { shutdown: 7 } });
        expect(exit.from).toBe(pid);
        expect(down).toEqual({ tag: 'DOWN', ref, target: pid, reason: { shutdown: 7 } });
        expect(down.ref).toBe(ref);
        return 'done';
      });
      expect(got).toBe('done');
    });

    test('an error as a reason keeps name, message, stack and cause', async () => {
      const down = await run(function* (self) {
        const { pid } = self.spawnMonitor(ground.at(doer), undefined);
        const request = asking(self).request(pid, {
          tag: 'order',
          deed: { do: 'throw', message: 'boom', cause: new TypeError('why') },
        } as never);
        const { reason } = yield* self.receive('DOWN');
        const outcome = yield* request.wait(1000);
        expect(outcome).toMatchObject({ ok: false });
        return reason as RangeError;
      });
      expect(down).toBeInstanceOf(RangeError);
      expect(down).toMatchObject({ name: 'RangeError', message: 'boom' });
      expect(down.stack).toContain('bodies.ts');
      expect(down.cause).toBeInstanceOf(TypeError);
    });

    test('kill kills, normal does not, and trapping turns the rest into messages', async () => {
      await run(function* (self) {
        const d = self.spawn(ground.at(doer), self.pid as Pid<Got>);
        yield* tell(self, d, { do: 'trap', on: true });
        self.exitSignal(d, 'bye');
        const { message } = (yield* self.receive('got')) as Got;
        expect(message).toEqual({ tag: 'EXIT', from: self.pid, reason: 'bye' });
        yield* tell(self, d, { do: 'trap', on: false });
        self.exitSignal(d, 'normal');
        expect(yield* tell(self, d, { do: 'self' })).toBe(d);
        const ref = self.monitor(d);
        self.exitSignal(d, 'kill');
        expect(yield* self.receive('DOWN')).toMatchObject({ ref, reason: 'killed' });
      });
    });

    test('an actor that is linked from there hears of an end here, and the other way round', async () => {
      await run(function* (self) {
        const d = self.spawn(ground.at(doer), self.pid as Pid<Got>);
        yield* tell(self, d, { do: 'trap', on: true });
        const victim = self.spawn(function* (its: Self): Actor {
          yield* its.receive('EXIT');
        });
        yield* tell(self, d, { do: 'link', to: victim });
        const ref = yield* tell(self, d, { do: 'monitor', to: victim });
        self.exitSignal(victim, 'over');
        const exit = ((yield* self.receive('got')) as Got).message as Exit;
        const down = ((yield* self.receive('got')) as Got).message as Down;
        expect(exit).toEqual({ tag: 'EXIT', from: victim, reason: 'over' });
        expect(down).toEqual({ tag: 'DOWN', ref, target: victim, reason: 'over' });
        // Else the shutdown waits for one that traps exits.
        self.exitSignal(d, 'kill');
      });
    });

    test('after unlink nothing comes of the link, and both sides have forgotten it', async () => {
      await run(function* (self) {
        self.trapExit(true);
        const d = self.spawnLink(ground.at(doer), undefined);
        self.exitSignal(d, 'kill');
        self.unlink(d);
        yield* barrier(self);
        expect(yield* mail(self)).toEqual([]);
        const other = self.spawnLink(ground.at(doer), undefined);
        self.unlink(other);
        expect(yield* tell(self, other, { do: 'links' })).toEqual([]);
        expect(self.info(self.pid)?.links).toEqual([]);
        self.link(other);
        self.exitSignal(other, 'kill');
        expect(yield* self.receive('EXIT')).toMatchObject({ from: other, reason: 'killed' });
      });
    });

    test('after demonitor with flush nothing comes of the monitor', async () => {
      await run(function* (self) {
        const { pid, ref } = self.spawnMonitor(ground.at(doer), undefined);
        self.exitSignal(pid, 'kill');
        self.demonitor(ref, { flush: true });
        yield* barrier(self);
        expect(yield* mail(self)).toEqual([]);
        expect(self.info(self.pid)?.monitors).toEqual([]);
      });
    });

    test('a link or a monitor of an actor that has ended brings noproc', async () => {
      await run(function* (self) {
        self.trapExit(true);
        const { pid } = self.spawnMonitor(ground.at(fleeting), 'x');
        yield* self.receive('DOWN');
        self.link(pid);
        self.monitor(pid);
        expect(yield* self.receive('EXIT')).toMatchObject({ from: pid, reason: 'noproc' });
        expect(yield* self.receive('DOWN')).toMatchObject({ target: pid, reason: 'noproc' });
        self.send(pid as Pid<Message>, { tag: 'hello' });
      });
    });

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

    test('messages, and the end after them, arrive in the order in which they were sent', async () => {
      await run(function* (self) {
        const d = self.spawn(ground.at(doer), undefined);
        self.trapExit(true);
        self.link(d);
        const ref = self.monitor(d);
        yield* tell(self, d, { do: 'count', to: self.pid, from: 0, until: 2000 });
        self.exitSignal(d, 'kill');
        for (let n = 0; n < 2000; n++)
          expect((yield* self.receive('number' as never)) as unknown).toEqual({ tag: 'number', n });
        expect(yield* self.receive()).toMatchObject({ tag: 'EXIT', from: d });
        expect(yield* self.receive()).toMatchObject({ tag: 'DOWN', ref });
      });
    });

    test('messages arrive with the fields that they were sent with, whatever those before them had', async () => {
      const own = JSON.parse('{"tag":"a","__proto__":1}') as Message;
      const sent = [
        { tag: 'a', n: 1 },
        { tag: 'a', n: -2 },
        { tag: 'a', n: undefined },
        { tag: 'b', n: { deep: [3, { of: null }] } },
        { n: 4, tag: 'a' },
        { tag: 'a' },
        { tag: 'a', n: 5, more: true },
        { tag: 'b', n: { deep: [] } },
        { tag: 'b', n: 7n },
        { tag: 'a', 1: 'x' },
        { tag: 'a', 1: 'y' },
        own,
        own,
        { tag: 'a', n: new Map([[1, 2]]) },
        { tag: 'a', n: { $: 'pid' } },
        { tag: 'a', n: 'last' },
      ] as Message[];
      const got = await run(function* (self) {
        const d = self.spawn(ground.at(doer), self.pid as Pid<Got>) as Pid<Message>;
        const other = self.spawn(ground.at(doer), undefined) as Pid<Message>;
        for (const message of sent) for (const to of [d, other]) self.send(to, message);
        const all: Message[] = [];
        while (all.length < sent.length) all.push(((yield* self.receive('got')) as Got).message);
        return all;
      });
      // Shows the order of the fields, too, and a field called __proto__.
      const shown = (all: Message[]): string[] => all.map((each) => inspect(each, { depth: 9 }));
      expect(shown(got)).toEqual(shown(sent));
    });

    test('what cannot cross is refused, or lost, alone among others with the same fields', async () => {
      class Impostor {
        readonly tag = 'a';
        readonly n = 0;
      }
      const letters: unknown[] = [];
      ground.here.events.on('dead_letter', ({ message }) => letters.push(message));
      const moved = new ArrayBuffer(8);
      const bad = {
        tag: 'a',
        get n(): number {
          throw new RangeError('no n');
        },
      };
      await run(function* (self) {
        const d = self.spawn(ground.at(doer), self.pid as Pid<Got>) as Pid<Message>;
        const send = (message: object): void => self.send(d, message as Message);
        send({ tag: 'a', n: 1 });
        send({ tag: 'a', n: 2 });
        expect(() => send(new Impostor())).toThrow(/message is an instance of Impostor/);
        expect(() => send({ tag: 'a', n: () => 1 })).toThrow(/message\.n is the function n/);
        expect(() => send(bad)).toThrow('no n');
        send({ tag: 'a', n: moved });
        structuredClone(moved, { transfer: [moved] });
        send({ tag: 'a', n: 3 });
        for (const n of [1, 2, 3])
          expect(((yield* self.receive('got')) as Got).message).toEqual({ tag: 'a', n });
      });
      expect(letters).toEqual([{ tag: 'a', n: moved }]);
    });

    test('a message whose getter sends another one crosses as it is', async () => {
      const got = await run(function* (self) {
        const d = self.spawn(ground.at(doer), self.pid as Pid<Got>) as Pid<Message>;
        const send = (message: object): void => self.send(d, message as Message);
        send({ tag: 'a', n: 1, last: 1 });
        let isSent = false;
        send({
          tag: 'a',
          n: 3,
          get last(): number {
            if (!isSent) {
              isSent = true;
              send({ tag: 'a', n: 2, last: 2 });
            }
            return 3;
          },
        });
        const all: Message[] = [];
        while (all.length < 3) all.push(((yield* self.receive('got')) as Got).message);
        return all;
      });
      expect(got).toEqual([1, 2, 3].map((n) => ({ tag: 'a', n, last: n })));
    });

    test('timers send to actors of the other system', async () => {
      await run(function* (self) {
        const d = self.spawn(ground.at(doer), self.pid as Pid<Got>);
        self.sendAfter(10, d as Pid<Message>, { tag: 'late' });
        expect(((yield* self.receive('got')) as Got).message).toEqual({ tag: 'late' });
        yield* tell(self, d, { do: 'later', ms: 10, to: self.pid, message: { tag: 'later' } });
        expect(yield* self.receive('later' as never)).toEqual({ tag: 'later' });
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

    test('what cannot cross is refused at the sender, by its place in the message', async () => {
      class Thing {}
      await run(function* (self) {
        const pid = self.spawn(ground.at(echo)) as Pid<Message>;
        const send = (extra: object): void => self.send(pid, { tag: 'x', ...extra } as Message);
        expect(() => send({ a: [{ b: () => 1 }] })).toThrow(
          /Cannot send to <.*>, which is of another system: message\.a\[0\]\.b is the function b/,
        );
        expect(() => send({ it: new Thing() })).toThrow(/message\.it is an instance of Thing/);
        expect(() => send({ s: Symbol('s') })).toThrow(/message\.s is Symbol\(s\)/);
        expect(() => send({ m: new Map([['k', () => 1]]) })).toThrow(/message\.m\.get\(k\)/);
        expect(() => self.spawn(ground.at(fleeting), () => 1)).toThrow(/argument 1 is a function/);
        expect(() => asking(self).request(pid as never, { tag: 'say', f: send } as never)).toThrow(
          /message\.f is the function send/,
        );
        expect(self.info(self.pid)?.monitors).toEqual([]);
        yield* barrier(self);
      });
    });

    test('a reason that cannot cross is replaced by what it is', async () => {
      await run(function* (self) {
        const { pid } = self.spawnMonitor(ground.at(doer), undefined);
        self.exitSignal(pid, { shutdown: () => 1 });
        expect(yield* self.receive('DOWN')).toMatchObject({
          reason: { shutdown: '(the function shutdown)' },
        });
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

    test.each([
      ['its pid', false],
      ['its name', true],
    ])(
      'offers to the full mailbox of an actor there, by %s, wait, and none is dropped',
      async (_, byName) => {
        await run(function* (self) {
          const mailbox = { limit: 10, overflow: 'wait' } as const;
          const bounded = configure(ground.at(hoarder), { name: 'hoarder', mailbox });
          const pid = self.spawn(bounded, self.pid as Pid<Message>) as Pid<Message>;
          const to = byName ? name<Message>('hoarder', ground.there) : pid;
          let n = 0;
          const flood = self.spawn(function* (its: Self): Actor {
            for (; ; n++) yield* its.offer(to, { tag: 'number', n } as Message);
          });
          yield* untilItWaitsFor(self, flood, 'room in the mailbox of');
          const mail = (yield* asking(self).call(pid, { tag: 'mail' })) as number;
          expect(mail).toBeGreaterThanOrEqual(10);
          self.send(pid, { tag: 'release' });
          // Now it goes on, until it is behind again or we have had enough.
          for (let i = 0; i < 2 * mail; i++)
            expect(yield* self.receive('number' as never)).toEqual({ tag: 'number', n: i });
          self.exitSignal(flood, 'kill');
          self.exitSignal(pid, 'kill');
        });
      },
    );

    test('an offer that waits for room in a mailbox there goes on when that actor ends', async () => {
      await run(function* (self) {
        const mailbox = { limit: 10, overflow: 'exit' } as const;
        const bounded = configure(ground.at(hoarder), { mailbox });
        const { pid, ref } = self.spawnMonitor(bounded, self.pid as Pid<Message>);
        let isOver = false;
        const flood = self.spawnMonitor(function* (its: Self): Actor {
          while (!isOver) yield* its.offer(pid as Pid<Message>, { tag: 'x' });
        });
        yield* untilItWaitsFor(self, flood.pid, 'room in the mailbox of');
        isOver = true;
        self.exitSignal(pid, 'enough');
        expect(yield* self.receive('DOWN')).toMatchObject({ ref, reason: 'enough' });
        expect(yield* self.receive('DOWN')).toMatchObject({ ref: flood.ref, reason: 'normal' });
      });
    });

    test('a buffer can be moved, and is gone here', async () => {
      await run(function* (self) {
        const e = self.spawn(ground.at(doer), self.pid as Pid<Got>) as Pid<Message>;
        const buffer = new Uint8Array([1, 2, 3]).buffer;
        yield* self.offer(e, { tag: 'x', buffer } as Message, { transfer: [buffer] });
        expect(buffer.byteLength).toBe(0);
        const { message } = (yield* self.receive('got')) as Got;
        expect(new Uint8Array((message as unknown as { buffer: ArrayBuffer }).buffer)).toEqual(
          new Uint8Array([1, 2, 3]),
        );
      });
    });

    test('the loss of the system ends links, monitors and calls, each once, and then tells of itself', async () => {
      let ready: () => void = () => {};
      const isReady = new Promise<void>((resolve) => {
        ready = resolve;
      });
      const got = begun(function* (self) {
        self.trapExit(true);
        const d = self.spawnLink(ground.at(doer), undefined);
        yield* tell(self, d, { do: 'register', name: 'worker' });
        self.monitor(d);
        self.monitor(d);
        self.monitor(name('worker', ground.there));
        self.monitorSystem(ground.there);
        const request = asking(self).request(d, { tag: 'order', deed: { do: 'self' } } as never);
        yield* request.reply();
        const idle = self.spawn(ground.at(silent));
        const pending = asking(self).request(idle, { tag: 'say', value: 1 });
        self.send(self.pid as Pid<Message>, { tag: 'ready' });
        yield* self.receive('ready' as never);
        ready();
        const failed = yield* pending.wait('infinity');
        expect(failed).toEqual({ ok: false, reason: 'noconnection' });
        const news: Message[] = [];
        for (;;) {
          const message = (yield* self.receive()) as Message;
          news.push(message);
          if (message.tag === 'SYSTEM_DOWN') return { news, d };
        }
      });
      got.catch(() => {});
      await ground.over(isReady);
      await ground.cut();
      const { news, d } = await ground.over(got);
      expect(news.map(({ tag }) => tag)).toEqual(['EXIT', 'DOWN', 'DOWN', 'DOWN', 'SYSTEM_DOWN']);
      expect(news[0]).toEqual({ tag: 'EXIT', from: d, reason: 'noconnection' });
      for (const down of news.slice(1, 4)) expect(down).toMatchObject({ reason: 'noconnection' });
      expect(news[3]).toMatchObject({ target: { name: 'worker', system: ground.there } });
      expect(news[4]).toMatchObject({ system: ground.there });
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
  });
}
