/** The contract of transports: signals between systems: exits, links and monitors, order, back-pressure, and the loss of a system. */

import {
  type Actor,
  configure,
  type Down,
  type Exit,
  type Message,
  name,
  type Pid,
  type Self,
} from 'beamish';
import { expect, test } from 'vitest';
import { doer, fleeting, type Got, hoarder, silent } from './bodies.ts';
import { asking, type Ground, type Verbs } from './ground.ts';

export function signalsContract(ground: Ground, verbs: Verbs): void {
  const { barrier, begun, mail, run, tell, untilItWaitsFor } = verbs;

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

  test('timers send to actors of the other system', async () => {
    await run(function* (self) {
      const d = self.spawn(ground.at(doer), self.pid as Pid<Got>);
      self.sendAfter(10, d as Pid<Message>, { tag: 'late' });
      expect(((yield* self.receive('got')) as Got).message).toEqual({ tag: 'late' });
      yield* tell(self, d, { do: 'later', ms: 10, to: self.pid, message: { tag: 'later' } });
      expect(yield* self.receive('later' as never)).toEqual({ tag: 'later' });
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
        const numbers: number[] = [];
        while (numbers.length < 2 * mail)
          numbers.push(((yield* self.receive('number' as never)) as Message & { n: number }).n);
        expect(numbers).toEqual(numbers.map((_, i) => i));
        self.exitSignal(flood, 'kill');
        self.exitSignal(pid, 'kill');
      });
    },
  );

  test('an offer that waits for room in a mailbox there goes on when that actor ends', async () => {
    await run(function* (self) {
      const mailbox = { limit: 10, overflow: 'wait' } as const;
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
}
