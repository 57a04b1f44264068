/** Signals: their order, sending, and what a busy actor may do to the others. */

import {
  type Actor,
  ActorSystem,
  configure,
  type Message,
  name,
  type Pid,
  type ReplyTo,
  type Self,
} from 'beamish';
import { describe, expect, test } from 'vitest';
import { idler, mortal, numbered, plain, recorder } from '../support/recorder.ts';
import { underSchedules } from '../support/schedules.ts';
import { testSystem } from '../support/test-system.ts';
import { VirtualClock } from '../support/virtual-clock.ts';

describe('order', () => {
  test('SIG-01 two messages from A to B are queued at B in the order sent', async () => {
    await underSchedules(20, async (system) => {
      const idle = system.spawn(idler);
      const log: Message[] = [];
      const busy = system.spawn(recorder, log);
      system.spawn(function* sender(self: Self): Actor {
        for (let n = 1; n <= 1000; n++) {
          self.send(idle, numbered(n));
          self.send(busy, numbered(n));
          if (n % 7 === 0) yield* self.yield();
        }
      });
      await system.settle();
      const all = Array.from({ length: 1000 }, (_, i) => numbered(i + 1));
      expect(system.mailbox(idle)).toEqual(all);
      expect(log).toEqual(all);
    });
  });

  describe('SIG-02 the order of a pair holds for every kind of signal', () => {
    test('SIG-02 message, exit signal, message', async () => {
      await underSchedules(100, async (system) => {
        const log: Message[] = [];
        const b = system.spawn(recorder, log);
        const a = system.spawn(function* a(self: Self): Actor {
          // B has begun to trap exits.
          yield* self.sleep(1);
          self.send(b, plain('m1'));
          self.exitSignal(b, 'x');
          self.send(b, plain('m2'));
        });
        await system.advance(1);
        expect(log).toEqual([plain('m1'), { tag: 'EXIT', from: a, reason: 'x' }, plain('m2')]);
      });
    });

    test('SIG-02 message, link, message, end', async () => {
      await underSchedules(100, async (system) => {
        const log: Message[] = [];
        const b = system.spawn(recorder, log);
        const a = system.spawn(function* a(self: Self): Actor {
          yield* self.sleep(1);
          self.send(b, plain('m1'));
          self.link(b);
          self.send(b, plain('m2'));
          self.exit('bye');
        });
        await system.advance(1);
        expect(log).toEqual([plain('m1'), plain('m2'), { tag: 'EXIT', from: a, reason: 'bye' }]);
      });
    });

    test('SIG-02 link, unlink, message, end: no EXIT', async () => {
      await underSchedules(100, async (system) => {
        const log: Message[] = [];
        const b = system.spawn(recorder, log);
        system.spawn(function* a(self: Self): Actor {
          yield* self.sleep(1);
          self.link(b);
          self.unlink(b);
          self.send(b, plain('m1'));
          self.exit('bye');
        });
        await system.advance(1);
        expect(log).toEqual([plain('m1')]);
        expect(system.info(b)?.links).toEqual([]);
      });
    });

    test('SIG-02 monitor, demonitor, monitor, request to stop: one DOWN', async () => {
      await underSchedules(100, async (system) => {
        const b = system.spawn(function* b(self: Self<{ tag: 'stop' }>): Actor {
          yield* self.receive('stop');
          self.exit('asked');
        });
        const log: Message[] = [];
        system.spawn(function* a(self: Self): Actor {
          self.demonitor(self.monitor(b));
          const ref = self.monitor(b);
          self.send(b, { tag: 'stop' });
          log.push(yield* self.receive());
          expect(log).toEqual([{ tag: 'DOWN', ref, target: b, reason: 'asked' }]);
          log.push(yield* self.receive());
        });
        await system.settle();
        expect(log).toHaveLength(1);
        expect(system.told('crash')).toEqual([]);
      });
    });
  });

  test('SIG-03 a receiver killed by a signal handles nothing that the killer sent after it', async () => {
    await underSchedules(100, async (system) => {
      const log: Message[] = [];
      const b = system.spawn(mortal, log);
      system.spawn(function* killer(self: Self): Actor {
        yield* self.yield();
        for (let n = 0; n < 3; n++) self.send(b, plain('may'));
        self.exitSignal(b, 'sig');
        for (let n = 0; n < 3; n++) self.send(b, plain('maynot'));
      });
      await system.settle();
      expect(system.reasonOf(b)).toBe('sig');
      expect(log).not.toContainEqual(plain('maynot'));
    });
  });

  function* child(self: Self, watcher: Pid<Message>): Actor {
    for (const n of [1, 2, 3]) self.send(watcher, numbered(n));
    self.exit('bye');
  }

  test('SIG-04 what an actor sent to its watcher arrives before its DOWN', async () => {
    await underSchedules(100, async (system) => {
      const log: Message[] = [];
      system.spawn(function* watcher(self: Self<Message>): Actor {
        const { pid, ref } = self.spawnMonitor(child, self.pid);
        for (let i = 0; i < 4; i++) log.push(yield* self.receive());
        const down = { tag: 'DOWN', ref, target: pid, reason: 'bye' };
        expect(log).toEqual([numbered(1), numbered(2), numbered(3), down]);
      });
      await system.settle();
      expect(log).toHaveLength(4);
      expect(system.told('crash')).toEqual([]);
    });
  });

  test('SIG-05 what an actor sent to a linked one arrives before its EXIT', async () => {
    await underSchedules(100, async (system) => {
      const log: Message[] = [];
      system.spawn(function* watcher(self: Self<Message>): Actor {
        self.trapExit(true);
        const from = self.spawnLink(child, self.pid);
        for (let i = 0; i < 4; i++) log.push(yield* self.receive());
        const exit = { tag: 'EXIT', from, reason: 'bye' };
        expect(log).toEqual([numbered(1), numbered(2), numbered(3), exit]);
      });
      await system.settle();
      expect(log).toHaveLength(4);
      expect(system.told('crash')).toEqual([]);
    });
  });

  test('SIG-06 a monitor placed before a request to stop brings the true reason', async () => {
    await underSchedules(200, async (system) => {
      const reasons: unknown[] = [];
      const target = system.spawn(function* target(self: Self<{ tag: 'stop' }>): Actor {
        yield* self.receive('stop');
        self.exit('r');
      });
      system.spawn(function* watcher(self: Self): Actor {
        self.monitor(target);
        self.send(target, { tag: 'stop' });
        reasons.push((yield* self.receive('DOWN')).reason);
      });
      await system.settle();
      expect(reasons).toEqual(['r']);
    });
  });

  test('SIG-07 between different senders no order is promised, and schedules do differ', async () => {
    const orders = new Set<string>();
    await underSchedules(50, async (system) => {
      const log: Message[] = [];
      const to = system.spawn(recorder, log);
      for (const who of ['a', 'b']) {
        system.spawn(function* sender(self: Self): Actor {
          for (let n = 0; n < 3; n++) {
            self.send(to, plain(`${who}${n}`));
            yield* self.yield();
          }
        });
      }
      await system.settle();
      const tags = log.map((message) => message.tag);
      for (const who of ['a', 'b']) {
        const own = tags.filter((tag) => tag.startsWith(who));
        expect(own).toEqual([0, 1, 2].map((n) => `${who}${n}`));
      }
      orders.add(tags.join());
    });
    expect(orders.size).toBeGreaterThan(5);
  });
});

describe('sending', () => {
  test('SIG-08 send never runs the code of the receiver: the sender goes on first', async () => {
    await underSchedules(20, async (system) => {
      const log: string[] = [];
      const receiver = system.spawn(function* receiver(self: Self<{ tag: 'm' }>): Actor {
        for (;;) {
          yield* self.receive('m').where(() => log.push('guard') > 0);
          log.push('handled');
        }
      });
      system.spawn(function* parent(self: Self<{ tag: 'parent' }>): Actor {
        yield* self.sleep(1);
        self.spawn(function* child(): Actor {
          log.push('child');
        });
        self.send(receiver, { tag: 'm' });
        self.send(self.pid, { tag: 'parent' });
        log.push('sender went on');
        yield* self.receive('parent');
      });
      await system.advance(1);
      expect(log[0]).toBe('sender went on');
      expect([...log].sort()).toEqual(['child', 'guard', 'handled', 'sender went on']);
    });
  });

  test.each(['long dead', 'just killed'])(
    'SIG-09 a send to a pid that is %s does nothing but make a dead letter',
    async (how) => {
      const system = testSystem();
      const log: Message[] = [];
      const dead = system.spawn(mortal, log);
      await system.settle();
      const sender = system.spawn(function* sender(self: Self): Actor {
        self.exitSignal(dead, 'kill');
        if (how === 'long dead') yield* self.sleep(1);
        self.send(dead, plain('hello'));
      });
      await system.advance(1);
      expect(system.reasonOf(sender)).toBe('normal');
      expect(system.told('dead_letter')).toEqual([
        { from: sender, to: dead, message: plain('hello'), why: 'noproc' },
      ]);
      expect(log).toEqual([]);
    },
  );

  test('SIG-10 a send to a name that nobody holds is a dead letter, and does not throw', async () => {
    const system = testSystem();
    const nobody = name<Message>('nope');
    const sender = system.spawn(function* sender(self: Self): Actor {
      self.send(nobody, plain('x'));
    });
    await system.settle();
    expect(system.reasonOf(sender)).toBe('normal');
    expect(system.told('dead_letter')).toEqual([
      { from: sender, to: nobody, message: plain('x'), why: 'noname' },
    ]);
  });

  test.each([
    ['test', 'noname'],
    ['elsewhere', 'noconnection'],
  ])('SIG-11 a send to a name in the system "%s" is silent', async (where, why) => {
    const system = testSystem();
    const nobody = name<Message>('nope', where);
    const sender = system.spawn(function* sender(self: Self): Actor {
      self.send(nobody, plain('x'));
    });
    await system.settle();
    expect(system.reasonOf(sender)).toBe('normal');
    expect(system.told('dead_letter')).toMatchObject([{ to: nobody, why }]);
  });

  test('SIG-11 a name in this system reaches who holds it', async () => {
    const system = testSystem();
    const log: Message[] = [];
    system.register('here', system.spawn(recorder, log));
    system.send(name<Message>('here', 'test'), plain('x'));
    await system.settle();
    expect(log).toEqual([plain('x')]);
  });

  test.each([42, 'a string', null, undefined, {}, Symbol('s'), () => {}])(
    'SIG-12 a send to what is no address throws: %o',
    async (nowhere) => {
      const system = testSystem();
      const to = nowhere as unknown as Pid<Message>;
      expect(() => system.send(to, plain('x'))).toThrow(/^Cannot send to /);
      const sender = system.spawn(function* sender(self: Self): Actor {
        self.send(to, plain('x'));
      });
      await system.settle();
      expect(system.reasonOf(sender)).toBeInstanceOf(TypeError);
    },
  );

  test.each([42, 'a string', null, undefined, {}, { tag: 7 }])(
    'SIG-12 a send of what is no message throws: %o',
    async (nothing) => {
      const system = testSystem();
      const to = system.spawn(idler);
      const message = nothing as unknown as Message;
      const said = /^Cannot send .* to <test.1>: a message is an object with a string tag$/;
      expect(() => system.send(to, message)).toThrow(said);
      const sender = system.spawn(function* sender(self: Self): Actor {
        self.send(to, message);
      });
      await system.settle();
      expect(system.reasonOf(sender)).toMatchObject({ message: expect.stringMatching(said) });
      expect(system.mailbox(to)).toEqual([]);
    },
  );

  test.each([42, null, undefined, {}, { tag: 7 }])(
    'SIG-12 a call of what is no message throws, and leaves no monitor: %o',
    async (nothing) => {
      const system = testSystem();
      const callee = system.spawn(idler);
      const caller = system.spawn(function* caller(self: Self): Actor {
        expect(() => Reflect.apply(self.call, self, [callee, nothing])).toThrow(
          /^Cannot send .* to <test.1>: a message is an object with a string tag$/,
        );
        yield* self.receive();
      });
      await system.settle();
      expect(system.info(caller)?.monitors).toEqual([]);
      expect(system.info(callee)?.monitoredBy).toEqual([]);
    },
  );

  test('SIG-13 an actor sends to itself, and nothing is taken before it receives', async () => {
    const system = testSystem();
    const seen: unknown[] = [];
    const pid = system.spawn(function* own(self: Self<Message>): Actor {
      self.send(self.pid, plain('a'));
      self.send(self.pid, plain('b'));
      seen.push(self.mailbox(self.pid));
      seen.push(yield* self.receive(), yield* self.receive());
    });
    await system.settle();
    expect(system.reasonOf(pid)).toBe('normal');
    expect(seen).toEqual([[plain('a'), plain('b')], plain('a'), plain('b')]);
  });

  test('SIG-14 send returns nothing', async () => {
    const system = testSystem();
    const to = system.spawn(idler);
    const returned: unknown[] = [system.send(to, plain('x'))];
    system.spawn(function* sender(self: Self): Actor {
      returned.push(self.send(to, plain('x')));
    });
    await system.settle();
    expect(returned).toEqual([undefined, undefined]);
  });
});

describe('the end of an actor', () => {
  const ENDS: readonly (readonly [string, (self: Self<{ tag: 'end' }>) => void])[] = [
    ['returns', () => {}],
    ['exits', (self) => self.exit('bye')],
    [
      'crashes',
      () => {
        throw new Error('crash');
      },
    ],
    ['exits by a signal to itself', (self) => self.exitSignal(self.pid, 'kill')],
  ];

  test.each(ENDS)('SIG-15 its name is free before anyone hears that it %s', async (_, end) => {
    await underSchedules(200, async (system) => {
      const free: unknown[] = [];
      const owner = system.spawn(
        configure(
          function* owner(self: Self<{ tag: 'end' }>): Actor {
            yield* self.receive('end');
            end(self);
          },
          { name: 'n' },
        ),
      );
      function* watcher(self: Self, tie: 'link' | 'monitor'): Actor {
        self.trapExit(true);
        self[tie](owner);
        self.send(owner, { tag: 'end' });
        yield* self.receive('EXIT', 'DOWN');
        free.push(self.whereis('n'), self.info(owner));
        self.register('n', self.pid);
        self.unregister('n');
      }
      system.spawn(watcher, 'link');
      system.spawn(watcher, 'monitor');
      await system.settle();
      expect(free).toEqual([undefined, undefined, undefined, undefined]);
      expect(system.told('crash').filter(({ pid }) => pid !== owner)).toEqual([]);
    });
  });

  test('SIG-15 its timers are gone before anyone hears of its end', async () => {
    const system = testSystem();
    const owner = system.spawn(idler);
    const timer = system.sendAfter(10, owner, plain('late'));
    const left: unknown[] = [];
    system.spawn(function* watcher(self: Self): Actor {
      self.monitor(owner);
      self.exitSignal(owner, 'boom');
      yield* self.receive('DOWN');
      left.push(self.cancelTimer(timer));
    });
    await system.settle();
    expect(left).toEqual([false]);
    await system.advance(20);
    expect(system.told('dead_letter')).toEqual([]);
  });

  test.each(['kill', 'boom'])(
    'SIG-16 after a signal "%s" the actor is dead at once',
    async (reason) => {
      await underSchedules(100, async (system) => {
        const victims = [
          system.spawn(idler),
          system.spawn(function* sleeper(self: Self): Actor {
            yield* self.sleep(1000);
          }),
          system.spawn(async function waiter(self: Self): Promise<void> {
            await self.wait(new Promise(() => {}));
          }),
        ];
        let alive: unknown[] = [];
        system.spawn(function* killer(self: Self): Actor {
          yield* self.yield();
          for (const victim of victims) self.exitSignal(victim, reason);
          alive = victims.map((victim) => self.info(victim));
        });
        await system.settle();
        expect(alive).toEqual([undefined, undefined, undefined]);
      });
    },
  );

  test('SIG-17 a killed actor has lost its name at once, and another can take it', () => {
    const system = testSystem();
    const victim = system.spawn(configure(idler, { name: 'n' }));
    const heir = system.spawn(idler);
    expect(system.whereis('n')).toBe(victim);
    system.exitSignal(victim, 'kill');
    expect(system.whereis('n')).toBeUndefined();
    system.register('n', heir);
    expect(system.whereis('n')).toBe(heir);
  });

  test('SIG-18 info tells whether an actor is alive: oneself, yes; who has ended, no', async () => {
    const system = testSystem();
    const ended = system.spawn(function* brief(): Actor {});
    await system.settle();
    const seen: unknown[] = [];
    const pid = system.spawn(function* curious(self: Self): Actor {
      seen.push(self.info(self.pid)?.pid, self.info(ended));
    });
    await system.settle();
    expect(seen).toEqual([pid, undefined]);
  });

  test('SIG-18 nobody can know at once whether an actor of another system is alive', () => {
    const other = testSystem({ name: 'other' });
    const stranger = other.spawn(idler);
    expect(() => testSystem().info(stranger)).toThrow(
      new TypeError('Cannot look at <other.1>: it is of another system'),
    );
  });

  test('SIG-20 what is left in the mailbox at the end is dropped without a word', async () => {
    const system = testSystem();
    const pid = system.spawn(function* leaver(self: Self<Message>): Actor {
      yield* self.receive('go');
    });
    for (const tag of ['junk', 'junk', 'go', 'junk']) system.send(pid, plain(tag));
    await system.settle();
    expect(system.reasonOf(pid)).toBe('normal');
    expect(system.told('dead_letter')).toEqual([]);
    expect(system.told('crash')).toEqual([]);
  });

  test('SIG-21 an event tells who sent what to whom in vain', async () => {
    const system = testSystem();
    const dead = system.spawn(function* brief(): Actor {});
    await system.settle();
    const message = { tag: 'hello', to: 'you' };
    expect(system.send(dead as Pid<Message>, message)).toBeUndefined();
    expect(system.told('dead_letter')).toEqual([
      { from: system.root, to: dead, message, why: 'noproc' },
    ]);
  });
});

describe('SIG-19 messages are values', () => {
  interface Box extends Message {
    readonly tag: 'box';
    n: number;
    inner: { list: number[]; from: Pid };
  }

  function* sender(self: Self, to: Pid<Box>, how: 'send' | 'sendAfter', log: unknown[]): Actor {
    const box: Box = { tag: 'box', n: 1, inner: { list: [1], from: self.pid } };
    log.push(box);
    if (how === 'send') self.send(to, box);
    else self.sendAfter(5, to, box);
    const changes = [() => (box.n = 2), () => box.inner.list.push(2)];
    for (const change of changes) {
      try {
        change();
      } catch (error) {
        log.push(error);
      }
    }
  }

  function* taker(self: Self<Box>, log: Box[]): Actor {
    for (;;) log.push(yield* self.receive('box'));
  }

  const HOWS = ['send', 'sendAfter'] as const;

  test.each(HOWS)('SIG-19 messages: share: %s passes on the very object', async (how) => {
    const system = testSystem({ messages: 'share' });
    const [got, sent]: [Box[], unknown[]] = [[], []];
    system.spawn(sender, system.spawn(taker, got), how, sent);
    await system.advance(5);
    expect(got[0]).toBe(sent[0]);
    expect(got).toMatchObject([{ n: 2, inner: { list: [1, 2] } }]);
  });

  test.each(HOWS)('SIG-19 messages: freeze: after %s the sender cannot change it', async (how) => {
    const system = testSystem({ messages: 'freeze' });
    const [got, sent]: [Box[], unknown[]] = [[], []];
    system.spawn(sender, system.spawn(taker, got), how, sent);
    await system.advance(5);
    expect(got).toMatchObject([{ n: 1, inner: { list: [1] } }]);
    expect(sent).toMatchObject([{ tag: 'box' }, { name: 'TypeError' }, { name: 'TypeError' }]);
  });

  test.each(HOWS)('SIG-19 messages: clone: after %s the receiver has its own', async (how) => {
    const system = testSystem({ messages: 'clone' });
    const [got, sent]: [Box[], unknown[]] = [[], []];
    const from = system.spawn(sender, system.spawn(taker, got), how, sent);
    await system.advance(5);
    expect(got).toMatchObject([{ n: 1, inner: { list: [1] } }]);
    expect(sent).toMatchObject([{ n: 2, inner: { list: [1, 2] } }]);
    // A pid is the same object everywhere.
    expect(got[0]?.inner.from).toBe(from);
  });

  test('SIG-19 messages: clone: a reply is copied too', async () => {
    const system = testSystem({ messages: 'clone' });
    const list = [1];
    const keeper = system.spawn(function* keeper(
      self: Self<{ tag: 'get'; replyTo: ReplyTo<number[]> }>,
    ): Actor {
      const { replyTo } = yield* self.receive('get');
      self.send(replyTo, list);
      list.push(2);
    });
    const reply = system.call(keeper, { tag: 'get' });
    await system.settle();
    expect(await reply).toEqual([1]);
  });

  test('SIG-19 messages: clone: what cannot be copied throws in the sender', () => {
    const system = testSystem({ messages: 'clone' });
    const to = system.spawn(idler);
    const message = { tag: 'm', inner: { run: () => {} } };
    expect(() => system.send(to, message)).toThrow(
      new TypeError('Cannot copy a message: message.inner.run is a function'),
    );
  });
});

describe('fairness', () => {
  interface Flood extends Message {
    readonly tag: 'flood';
  }

  const BUSY: readonly (readonly [string, (self: Self<Flood>, count: () => boolean) => Actor])[] = [
    [
      'has a full mailbox',
      function* flooded(self, count) {
        while (count()) yield* self.receive('flood');
      },
    ],
    [
      'has a full mailbox, and selects',
      function* picky(self, count) {
        while (count()) yield* self.receive('flood').where(() => true);
      },
    ],
    [
      'polls an empty mailbox',
      function* polling(self, count) {
        while (count()) yield* self.receive('EXIT').after(0);
      },
    ],
    [
      'asks for a reply that is there',
      function* sure(self, count) {
        const server = self.spawn(function* server(
          self: Self<{ tag: 'ask'; replyTo: ReplyTo<number> }>,
        ): Actor {
          self.send((yield* self.receive('ask')).replyTo, 7);
        });
        const answered = self.request(server, { tag: 'ask' });
        while (count()) expect(yield* answered.reply()).toBe(7);
      },
    ],
    [
      'always yields',
      function* polite(self, count) {
        while (count()) yield* self.yield();
      },
    ],
  ];

  test.each(BUSY)('SIG-22 an actor that %s does not hold up the others', async (_, body) => {
    // With the decisions of every day: seeded ones make short turns.
    const clock = new VirtualClock();
    const system = new ActorSystem({ log: 'off', clock });
    let steps = 0;
    const busy = system.spawn(function* busy(self: Self<Flood>): Actor {
      yield* body(self, () => ++steps < 20_000);
    });
    for (let n = 0; n < 20_000; n++) system.send(busy, { tag: 'flood' });
    const between: number[] = [];
    system.spawn(function* other(self: Self): Actor {
      for (let before = 0; before < 20_000; yield* self.yield()) {
        between.push(steps - before);
        before = steps;
      }
    });
    await clock.settle();
    expect(steps).toBe(20_000);
    expect(Math.max(...between)).toBeLessThanOrEqual(513);
  });

  test('SIG-22 an actor whose messages take long has its turn cut short', async () => {
    let now = 0;
    const clock = Object.assign(new VirtualClock(), { now: () => now });
    const system = new ActorSystem({ log: 'off', clock });
    let handled = 0;
    const slow = system.spawn(function* slow(self: Self<Flood>): Actor {
      for (;;) {
        yield* self.receive('flood');
        handled++;
        now += 0.5;
      }
    });
    for (let n = 0; n < 400; n++) system.send(slow, { tag: 'flood' });
    const turns: number[] = [];
    system.spawn(function* other(self: Self): Actor {
      for (let before = 0; before < 400; yield* self.yield()) {
        turns.push(handled - before);
        before = handled;
      }
    });
    await clock.settle();
    expect(Math.max(...turns)).toBeLessThanOrEqual(17);
  });

  type Ball = { readonly tag: 'ball'; readonly back: Pid<Ball> } | { readonly tag: 'time' };

  test('SIG-23 timers fire while actors keep each other busy', async () => {
    await using system = new ActorSystem({ log: 'off' });
    const MOST_ROUNDS = 20_000_000;
    let rounds = 0;
    function* player(self: Self<Ball>): Actor {
      for (;;) {
        const ball = yield* self.receive('ball');
        self.send(ball.back, { tag: 'ball', back: self.pid });
      }
    }
    const stopped = system.run(function* server(self: Self<Ball>): Actor<boolean> {
      const other = self.spawnLink(player);
      self.sendAfter(1, self.pid, { tag: 'time' });
      for (;;) {
        self.send(other, { tag: 'ball', back: self.pid });
        if ((yield* self.receive('ball', 'time')).tag === 'time') return true;
        if (++rounds > MOST_ROUNDS) return false;
      }
    });
    // The host's own timers and turns have theirs too.
    const host = new Promise<number>((resolve) => setImmediate(() => resolve(rounds)));
    expect(await stopped).toBe(true);
    expect(await host).toBeLessThan(MOST_ROUNDS);
  });

  test('SIG-23 what waits for the host has its turn while actors keep each other busy', async () => {
    await using system = new ActorSystem({ log: 'off' });
    const MOST_TURNS = 20_000_000;
    let turns = 0;
    let over = false;
    system.spawn(function* busy(self: Self): Actor {
      while (!over && ++turns < MOST_TURNS) yield* self.yield();
    });
    await system.run(function* patient(self: Self): Actor {
      yield* self.wait(new Promise((resolve) => setTimeout(resolve, 1, undefined)));
      over = true;
    });
    expect(turns).toBeLessThan(MOST_TURNS);
  });
});

test('SIG-24 a mailbox has no limit, and sending to it never waits', () => {
  const system = testSystem();
  const sleeper = system.spawn(idler);
  for (let n = 0; n < 100_000; n++) system.send(sleeper, numbered(n));
  expect(system.info(sleeper)?.mailboxLength).toBe(100_000);
  expect(system.told('dead_letter')).toEqual([]);
});

test('SIG-24 a limit is an option: what is beyond it is a dead letter', async () => {
  const system = testSystem();
  const mailbox = { limit: 2, overflow: 'drop_newest' } as const;
  const sleeper = system.spawn(configure(idler, { mailbox }));
  await system.settle();
  for (let n = 0; n < 5; n++) system.send(sleeper, numbered(n));
  expect(system.mailbox(sleeper)).toEqual([numbered(0), numbered(1)]);
  expect(system.told('dead_letter').map(({ message, why }) => [message, why])).toEqual(
    [2, 3, 4].map((n) => [numbered(n), 'overflow']),
  );
});
