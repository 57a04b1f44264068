/** The contract of transports: what crosses between systems, how it arrives, and what is refused. */

import { inspect } from 'node:util';
import { type Message, name, type Pid } from 'beamish';
import { expect, test } from 'vitest';
import { doer, echo, fleeting, type Got, giver } from './bodies.ts';
import { asking, type Ground, type Verbs } from './ground.ts';

export function valuesContract(ground: Ground, verbs: Verbs): void {
  const { barrier, run, tell } = verbs;

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
    expect(down.stack).toContain('bodies');
    expect(down.cause).toBeInstanceOf(TypeError);
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
}
