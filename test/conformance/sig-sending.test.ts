/** Signals: sending, to whomever, and to a full mailbox. */

import { type Actor, configure, type Message, name, type Pid, type Self } from 'beamish';
import { testSystem } from 'beamish/testing';
import { describe, expect, test } from 'vitest';
import { idler, mortal, numbered, plain, recorder } from '../support/recorder.ts';
import { everySchedule } from '../support/schedules.ts';

describe('sending', () => {
  test('SIG-08 send never runs the code of the receiver: the sender goes on first', async () => {
    await everySchedule(36, async (system) => {
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
