import {
  type Actor,
  type CallFailed,
  child,
  later,
  type MessageOf,
  name,
  type Pid,
  type ReplyTo,
  type Self,
  server,
  startChild,
  supervisor,
  whichChildren,
} from 'beamish';
import { expect, test } from 'vitest';
import { testSystem } from './support/test-system.ts';

test('server', async () => {
  const system = testSystem();
  const log: unknown[] = [];
  const counter = server((self, start: number) => {
    let n = start;
    self.trapExit(true);
    return {
      call: {
        get: () => n,
        slow: function* () {
          yield* self.sleep(10);
          return 'slow' as const;
        },
        asy: async () => 5,
        lat: () => later<number>((to) => self.send(to, 3)),
        stop: () => {
          self.stop('bye');
          return 'stopped';
        },
        boom: () => {
          throw new Error('boom');
        },
      },
      cast: {
        add: (k: number) => {
          n += k;
        },
      },
      info: {
        timeout() {
          log.push('timeout');
        },
        EXIT: (e) => {
          log.push(e.reason);
        },
      },
      terminate: (reason) => {
        log.push(['terminate', reason]);
      },
    };
  });
  const start = system.start(counter, 10);
  await system.settle();
  const pid = await start;
  system.cast(pid, 'add', 5);
  const r = [
    system.call(pid, 'get'),
    system.call(pid, 'slow'),
    system.call(pid, 'asy'),
    system.call(pid, 'lat'),
  ] as const;
  await system.advance(20);
  const all: [number, 'slow', number, number] = await Promise.all(r);
  expect(all).toEqual([15, 'slow', 5, 3]);
  const b = system.call(pid, 'boom').catch((e: CallFailed) => e);
  await system.settle();
  expect(((await b) as CallFailed).reason).toMatchObject({ message: 'boom' });
  expect(log).toMatchObject([['terminate', { message: 'boom' }]]);
  expect(system.told('crash').length).toBe(1);
});

test('supervisor', async () => {
  const system = testSystem();
  function* worker(
    self: Self<{ tag: 'crash' } | { tag: 'who'; replyTo: ReplyTo<Pid> }>,
    label: string,
  ): Actor {
    for (;;) {
      const m = yield* self.receive('crash', 'who');
      switch (m.tag) {
        case 'crash':
          throw new Error(label);
        case 'who':
          self.send(m.replyTo, self.pid);
      }
    }
  }
  const top = supervisor({
    strategy: 'rest_for_one',
    intensity: 2,
    children: [
      child({ id: 'a', name: 'a' }, worker, 'A'),
      child({ id: 'b', name: 'b' }, worker, 'B'),
      child('c', worker, 'C'),
    ],
  });
  const s = system.start(top);
  await system.settle();
  const sup = await s;
  const w = whichChildren(system, sup);
  const got = Promise.resolve(w);
  await system.settle();
  expect((await got).map((c) => c.id)).toEqual(['c', 'b', 'a']);
  const a1 = system.whereis('a'),
    b1 = system.whereis('b');
  system.send(name<MessageOf<typeof worker>>('b'), { tag: 'crash' });
  await system.settle();
  expect(system.whereis('a')).toBe(a1);
  expect(system.whereis('b')).not.toBe(b1);
  expect(system.whereis('b')).toBeDefined();
  const c = Promise.resolve(system.call(name<MessageOf<typeof worker>>('b'), { tag: 'who' }));
  await system.settle();
  expect(await c).toBe(system.whereis('b'));
  const e = system.exited(sup);
  for (let i = 0; i < 2; i++) {
    system.send(name<MessageOf<typeof worker>>('b'), { tag: 'crash' });
    await system.settle();
  }
  expect(await e).toBe('shutdown');
  expect(system.actors()).toEqual([]);
  await system.shutdown();
  void startChild;
});
