import {
  type Actor,
  type ActorSystem,
  configure,
  type Message,
  name,
  type Pid,
  portable,
  type ReplyTo,
  type Self,
  type Tap,
} from 'beamish';
import { listen } from 'beamish/observation';
import { type TestSystem, testSystem } from 'beamish/testing';
import { describe, expect, test, vi } from 'vitest';
import { Heard } from '../../support/heard.ts';
import { Log } from '../../support/log.ts';
import { type Puppet, type PuppetMessage, puppet } from '../../support/puppet.ts';
import { idler, mortal, plain } from '../../support/recorder.ts';
import { Twin } from '../../support/twin.ts';

/** Two puppets, `a` and `b`, that a listener knows by these names. */
async function pair(
  system: TestSystem,
  ...verbs: readonly (keyof Tap)[]
): Promise<{ readonly heard: Heard; readonly a: Puppet; readonly b: Puppet }> {
  const a = await puppet(system);
  const b = await puppet(system);
  return { heard: known(system, a, b, verbs), a, b };
}

function known(system: ActorSystem, a: Puppet, b: Puppet, verbs: readonly (keyof Tap)[]): Heard {
  const heard = new Heard(system, ...verbs);
  heard.call('a', a.pid);
  heard.call('b', b.pid);
  return heard;
}

describe('listeners', () => {
  test('each hears everything, in the order in which they came, whatever verbs the others have', async () => {
    const system = testSystem();
    const heard: string[] = [];
    listen(system, { sent: () => heard.push('first sent') });
    listen(system, { received: () => heard.push('second received') });
    system.tap = {
      sent: () => heard.push('tap sent'),
      received: () => heard.push('tap received'),
    };
    const pid = system.spawn(mortal, []);
    await system.settle();
    system.send(pid, plain('x'));
    await system.settle();

    expect(heard).toEqual(['first sent', 'tap sent', 'second received', 'tap received']);
  });

  test('one that is taken out hears nothing more, and the others hear on', async () => {
    const system = testSystem();
    const [kept, gone] = [vi.fn(), vi.fn()];
    const stop = listen(system, { sent: gone });
    listen(system, { sent: kept });
    stop();
    stop();
    system.send(system.root as Pid<Message>, plain('x'));

    expect(gone).not.toHaveBeenCalled();
    expect(kept).toHaveBeenCalledTimes(1);
  });

  test('one that comes again hears again, and is called with itself as this', async () => {
    const system = testSystem();
    class Counter {
      count = 0;
      sent(): void {
        this.count++;
      }
    }
    const counter = new Counter();
    listen(system, counter)();
    listen(system, counter);
    system.send(system.root as Pid<Message>, plain('x'));

    expect(counter.count).toBe(1);
  });

  test('system.tap is one of them, until it is set anew', async () => {
    const system = testSystem();
    const [first, second] = [vi.fn(), vi.fn()];
    const tap = { sent: first };
    system.tap = tap;
    expect(system.tap).toBe(tap);
    system.tap = { sent: second };
    system.send(system.root as Pid<Message>, plain('x'));
    system.tap = undefined;
    system.send(system.root as Pid<Message>, plain('x'));

    expect(system.tap).toBeUndefined();
    expect(first).not.toHaveBeenCalled();
    expect(second).toHaveBeenCalledTimes(1);
  });

  test('one that throws is taken out with all its verbs, is told of once, and breaks nothing', async () => {
    const log = Log.ofStderr();
    try {
      const system = testSystem({ log: 'text' });
      const kept = new Heard(system, 'sent', 'received');
      const received = vi.fn();
      system.tap = {
        sent() {
          throw new Error('Oops');
        },
        received,
      };
      const pid = system.spawn(mortal, []);
      system.send(pid, plain('x'));
      system.send(pid, plain('y'));
      await system.settle();

      expect(system.tap).toBeUndefined();
      expect(received).not.toHaveBeenCalled();
      expect(kept.take()).toEqual([
        `sent root ${String(pid)} x 0`,
        `sent root ${String(pid)} y 0`,
        `received ${String(pid)} x`,
        `received ${String(pid)} y`,
      ]);
      expect(system.told('listener_failed')).toEqual([{ verb: 'sent', error: new Error('Oops') }]);
      expect(log.lines).toEqual([
        expect.stringMatching(
          /^beamish: a listener failed at "sent", and is taken out: Error: Oops/,
        ),
      ]);
    } finally {
      vi.restoreAllMocks();
    }
  });
});

describe('spawned', () => {
  test('tells who is there, of whom, and what it runs', async () => {
    const system = testSystem();
    const { heard, a } = await pair(system, 'spawned');
    const pid = await a.does((self) => self.spawn(idler));
    system.spawn(mortal, []);

    expect(heard.take()).toEqual([
      `spawned ${String(pid)} a idler`,
      expect.stringMatching(/^spawned <test\.\d+> root mortal$/),
    ]);
  });

  test('of one whose code is on its way it is told again, with the name of its body', async () => {
    const body = portable({ url: 'file:///bodies.js' } as ImportMeta, 'idle', idler);
    let loaded: (body: unknown) => void = () => {};
    const loading = new Promise((resolve) => {
      loaded = resolve;
    });
    const twin = new Twin({ bodies: { idle: { body: loading } } });
    const heard = new Heard(twin.system(1), 'spawned');
    const parent = await placedIn(twin, body);
    expect(heard.take()).toEqual(['spawned <thread-1.1> <main.0> loading']);
    loaded(idler);
    await twin.settle();

    expect(heard.take()).toEqual(['spawned <thread-1.1> <main.0> idler']);
    expect(parent).toBe('<thread-1.1>');
  });
});

async function placedIn(twin: Twin, body: ReturnType<typeof portable>): Promise<string> {
  const { placed } = await import('beamish/transport');
  const pid = twin.system(0).spawn(placed(body, () => 'thread-1'));
  await twin.settle();
  return String(pid);
}

describe('sent', () => {
  test('tells of a message by an actor and from outside, to whoever has it, by pid and by name', async () => {
    const system = testSystem();
    const { heard, a, b } = await pair(system, 'sent');
    system.register('bee', b.pid);
    await a.does((self) => self.send(b.pid, { tag: 'note', what: 1 }));
    system.send(name<PuppetMessage>('bee'), { tag: 'note', what: 2 });
    system.send(b.pid, { tag: 'note', what: 3 });

    expect(heard.take()).toEqual([
      'sent root a do 0',
      'sent a b note 0',
      'sent root b note 0',
      'sent root b note 0',
    ]);
  });

  test('tells of what reaches nobody, before it is a dead letter', async () => {
    const system = testSystem();
    const { heard, a, b } = await pair(system, 'sent');
    system.exitSignal(b.pid, 'kill');
    await system.settle();
    system.events.on('dead_letter', ({ why }) => heard.lines.push(`dead letter ${why}`));
    system.send(b.pid, { tag: 'note', what: 1 });
    system.send(name<Message>('nobody'), plain('x'));
    system.send(name<Message>('nobody', 'nowhere'), plain('x'));
    await a.does((self) => self.send(self.pid, { tag: 'note', what: 1 }));

    expect(heard.take()).toEqual([
      'sent root b note 0',
      'dead letter noproc',
      'sent root nobody x 0',
      'dead letter noname',
      'sent root nobody@nowhere x 0',
      'dead letter noconnection',
      'sent root a do 0',
      'sent a a note 0',
    ]);
  });

  test.each(['freeze', 'clone'] as const)(
    'shows the message as the receiver gets it, with messages: %s',
    async (messages) => {
      const system = testSystem({ messages });
      const shown: unknown[] = [];
      const got: Message[] = [];
      listen(system, { sent: (_, __, message) => shown.push(message) });
      const pid = system.spawn(mortal, got);
      system.send(pid, plain('x'));
      await system.settle();

      expect(shown).toHaveLength(1);
      expect(shown[0]).toBe(got[0]);
      expect(Object.isFrozen(shown[0])).toBe(messages === 'freeze');
    },
  );

  test('a dead letter is the message that was sent, with messages: clone', async () => {
    const system = testSystem({ messages: 'clone' });
    const shown: unknown[] = [];
    listen(system, { sent: (_, __, message) => shown.push(message) });
    const pid = system.spawn(
      configure(idler, { mailbox: { limit: 1, overflow: 'drop_newest' } }),
    ) as Pid<Message>;
    await system.settle();
    system.send(pid, plain('x'));
    system.send(pid, plain('y'));

    expect(system.told('dead_letter').map(({ message }) => message)).toEqual([shown[1]]);
    expect(system.told('dead_letter')[0]?.message).toBe(shown[1]);
  });

  test('what cannot be copied was never sent', () => {
    const system = testSystem({ messages: 'clone' });
    const heard = new Heard(system, 'sent');
    const pid = system.spawn(mortal, []);
    expect(() => system.send(pid, { tag: 'x', f: () => {} } as Message)).toThrow('Cannot copy');

    expect(heard.take()).toEqual([]);
  });

  test('tells a call and its reply, to the one who asked, as kinds 0 and 1', async () => {
    const system = testSystem();
    const heard = new Heard(system, 'sent', 'received');
    const server = system.spawn(answering);
    const client = system.spawn(asking, server);
    heard.call('server', server);
    heard.call('client', client);
    await system.settle();

    expect(heard.take()).toEqual([
      'sent client server ask 0',
      'received server ask',
      'sent server client 42 1',
    ]);
  });

  test('tells a late reply to the one who asked, before it is a dead letter', async () => {
    const system = testSystem();
    const heard = new Heard(system, 'sent');
    const server = system.spawn(slow);
    const client = system.spawn(impatient, server);
    heard.call('server', server);
    heard.call('client', client);
    system.events.on('dead_letter', ({ why }) => heard.lines.push(`dead letter ${why}`));
    await system.advance(20);

    expect(heard.take()).toEqual([
      'sent client server ask 0',
      'sent server client 42 1',
      'dead letter late_reply',
    ]);
  });

  test('what is sent to an alias is a message to its actor', async () => {
    const system = testSystem();
    const { heard, a, b } = await pair(system, 'sent', 'received');
    const inbox = await a.does((self) => self.alias());
    heard.take();
    await b.does((self) => self.send(inbox, { tag: 'note', what: 1 }));
    system.sendAfter(1, inbox, { tag: 'note', what: 2 });
    await system.advance(1);

    expect(heard.take()).toEqual([
      'sent root b do 0',
      'received b do',
      'sent b a note 0',
      'sent root a note 3',
    ]);
  });

  test('EXIT and DOWN come from who ended, as kind 2', async () => {
    const system = testSystem();
    const { heard, a, b } = await pair(system, 'sent');
    await a.does((self) => {
      self.trapExit(true);
      self.link(b.pid);
      self.monitor(b.pid);
    });
    heard.take();
    system.exitSignal(b.pid, 'kill');
    await system.settle();
    await a.does((self) => self.link(b.pid));
    await a.does((self) => self.monitor(b.pid));
    await a.does((self) => self.monitor(name('nobody')));

    expect(heard.take()).toEqual([
      'sent b a EXIT 2',
      'sent b a DOWN 2',
      'sent root a do 0',
      'sent b a EXIT 2',
      'sent root a do 0',
      'sent b a DOWN 2',
      'sent root a do 0',
      'sent root a DOWN 2',
    ]);
  });

  test('an exit signal that is trapped is an EXIT from who sent it', async () => {
    const system = testSystem();
    const { heard, a, b } = await pair(system, 'sent');
    await a.does((self) => self.trapExit(true));
    heard.take();
    await b.does((self) => self.exitSignal(a.pid, 'go'));

    expect(heard.take()).toEqual(['sent root b do 0', 'sent b a EXIT 2']);
  });

  test('what a timer sends is of kind 3, from who started it', async () => {
    const system = testSystem();
    const { heard, a, b } = await pair(system, 'sent');
    await a.does((self) => {
      self.sendAfter(1, b.pid, { tag: 'note', what: 1 });
      self.sendInterval(2, b.pid, { tag: 'note', what: 2 });
    });
    heard.take();
    await system.advance(4);

    expect(heard.take()).toEqual(['sent a b note 3', 'sent a b note 3', 'sent a b note 3']);
  });

  test('an offer is told when it is taken, also that of one who waits for room', async () => {
    const system = testSystem();
    const taker = system.spawn(
      configure(takingLate, { mailbox: { limit: 1, overflow: 'wait' } }),
    ) as Pid<Message>;
    const heard = new Heard(system, 'sent', 'received');
    heard.call('taker', taker);
    heard.call('giver', system.spawn(offering, taker, 2));
    await system.settle();
    expect(heard.take()).toEqual(['sent giver taker x 0']);
    await system.advance(5);

    expect(heard.take()).toEqual(['sent giver taker x 0', 'received taker x', 'received taker x']);
  });

  test('between systems it is told in both, with the same sender and receiver', async () => {
    const twin = new Twin();
    const [here, there] = [twin.system(0), twin.system(1)];
    const answerer = there.spawn(answering);
    there.register('answerer', answerer);
    const heard = [new Heard(here, 'sent'), new Heard(there, 'sent')] as const;
    const asker = here.spawn(asking, name<Ask>('answerer', 'thread-1') as never);
    await twin.settle();

    expect(heard[0].take()).toEqual([
      `sent ${String(asker)} answerer@thread-1 ask 0`,
      `sent ${String(answerer)} ${String(asker)} 42 1`,
    ]);
    expect(heard[1].take()).toEqual([
      `sent ${String(asker)} ${String(answerer)} ask 0`,
      `sent ${String(answerer)} ${String(asker)} 42 1`,
    ]);
  });

  test('what cannot cross to another system was never sent', async () => {
    const twin = new Twin();
    const heard = new Heard(twin.system(0), 'sent');
    const to = name<Message>('somebody', 'thread-1');
    expect(() => twin.system(0).send(to, { tag: 'x', f: () => {} } as Message)).toThrow(TypeError);
    expect(heard.take()).toEqual([]);
    twin.system(0).send(to, plain('x'));

    expect(heard.take()).toEqual(['sent root somebody@thread-1 x 0']);
  });

  test('EXIT and DOWN of the end of an actor of another system come from it, also when that is lost', async () => {
    const twin = new Twin();
    const [here, there] = [twin.system(0), twin.system(1)];
    const ends: readonly Pid[] = [there.spawn(idler), there.spawn(idler)];
    there.register('second', ends[1] as Pid);
    const heard = new Heard(here, 'sent');
    const me = here.spawn(watching, ends);
    heard.call('me', me);
    await twin.settle();
    there.exitSignal(ends[0] as Pid, 'kill');
    await twin.settle();
    expect(heard.take()).toEqual([
      `sent ${String(ends[0])} me EXIT 2`,
      `sent ${String(ends[0])} me DOWN 2`,
    ]);
    twin.cut();
    await twin.settle();

    expect(heard.take().sort()).toEqual(
      [
        `sent ${String(ends[1])} me DOWN 2`,
        `sent ${String(ends[1])} me EXIT 2`,
        'sent <thread-1.0> me DOWN 2',
        'sent <thread-1.0> me SYSTEM_DOWN 2',
      ].sort(),
    );
  });
});

describe('received and timedOut', () => {
  test('each receive tells one of the two, whichever way it goes', async () => {
    const system = testSystem();
    const heard = new Heard(system, 'received', 'timedOut');
    const pid = system.spawn(receiving);
    heard.call('it', pid);
    for (const tag of ['first', 'other', 'last']) system.send(pid, plain(tag));
    await system.advance(100);
    system.send(pid, plain('late'));
    await system.settle();

    expect(heard.take()).toEqual([
      'received it first',
      // A poll that skips a message, one behind a guard, a wait, and a poll of an empty mailbox.
      'timedOut it',
      'timedOut it',
      'timedOut it',
      'received it other',
      'received it last',
      'timedOut it',
      'received it late',
    ]);
  });

  test('of an async body as of a generator', async () => {
    const system = testSystem();
    const heard = new Heard(system, 'received', 'timedOut');
    const pid = system.spawn(async (self: Self<Message>) => {
      await self.receive('x' as never);
      await self.receive('y' as never).after(3);
    });
    heard.call('it', pid);
    system.send(pid as Pid<Message>, plain('x'));
    await system.advance(5);

    expect(heard.take()).toEqual(['received it x', 'timedOut it']);
  });

  test('what returns a message has forgotten its options by then', async () => {
    const system = testSystem();
    let again: unknown;
    const pid = system.spawn(function* (self: Self<Message>): Actor {
      yield* self.receive('x' as never).after(1);
      again = yield* self.receive('y' as never);
    });
    system.send(pid as Pid<Message>, plain('x'));
    await system.advance(5);
    system.send(pid as Pid<Message>, plain('y'));
    await system.settle();

    expect(again).toEqual(plain('y'));
  });
});

describe('dropped', () => {
  test('tells of the oldest that makes room, before it is a dead letter', async () => {
    const system = testSystem();
    const heard = new Heard(system, 'dropped');
    system.events.on('dead_letter', ({ message, why }) =>
      heard.lines.push(`dead letter ${(message as Message).tag} ${why}`),
    );
    const limited = (overflow: 'drop_oldest' | 'drop_newest'): Pid<Message> =>
      system.spawn(configure(idler, { mailbox: { limit: 1, overflow } })) as Pid<Message>;
    const [oldest, newest] = [limited('drop_oldest'), limited('drop_newest')];
    await system.settle();
    for (const to of [oldest, newest]) for (const tag of ['x', 'y']) system.send(to, plain(tag));

    expect(heard.take()).toEqual([
      `dropped ${String(oldest)} x`,
      'dead letter x overflow',
      'dead letter y overflow',
    ]);
  });

  test('tells of the DOWN that demonitor flushes, and of nothing that is not there', async () => {
    const system = testSystem();
    const { heard, a, b } = await pair(system, 'dropped');
    const [first, second] = await a.does((self) => [self.monitor(b.pid), self.monitor(b.pid)]);
    system.exitSignal(b.pid, 'kill');
    await system.settle();
    await a.does((self) => {
      self.demonitor(first as never, { flush: true });
      self.demonitor(first as never, { flush: true });
      self.demonitor(second as never);
    });

    expect(heard.take()).toEqual(['dropped a DOWN']);
  });
});

describe('turning and turned', () => {
  test('stand around each turn, and say whether it ended in a receive', async () => {
    const system = testSystem();
    const { heard, a } = await pair(system, 'turning', 'received', 'turned', 'exited');
    await a.does(() => {});
    system.exitSignal(a.pid, 'go');
    await system.settle();

    expect(heard.take()).toEqual([
      'turning a',
      'received a do',
      'turned a true',
      'turning a',
      'exited a go',
      'turned a false',
    ]);
  });

  test('an actor that waits for anything else is in no receive', async () => {
    const system = testSystem();
    const heard = new Heard(system, 'turning', 'turned');
    await system.settle();
    heard.take();
    const pid = system.spawn(function* (self: Self): Actor {
      yield* self.sleep(10);
    });
    heard.call('it', pid);
    await system.settle();

    expect(heard.take()).toEqual(['turning it', 'turned it false']);
  });
});

describe('exitSignalled', () => {
  test('tells of each signal to one who lives, whatever comes of it, and of none to the dead', async () => {
    const system = testSystem();
    const { heard, a, b } = await pair(system, 'exitSignalled', 'exited');
    await b.does((self) => self.trapExit(true));
    await a.does((self) => {
      self.exitSignal(b.pid, 'trapped');
      self.exitSignal(b.pid, 'normal');
    });
    await b.does((self) => self.exitSignal(a.pid, 'normal'));
    system.exitSignal(b.pid, 'kill');
    system.exitSignal(b.pid, 'too late');
    await system.settle();

    expect(heard.take()).toEqual([
      'exitSignalled a b trapped',
      'exitSignalled a b normal',
      'exitSignalled b a normal',
      'exitSignalled root b kill',
      'exited b killed',
    ]);
  });

  test('the end of a linked actor is one, from who ended', async () => {
    const system = testSystem();
    const { heard, a, b } = await pair(system, 'exitSignalled', 'exited');
    await a.does((self) => self.link(b.pid));
    await b.does((self) => self.exit('oops'));
    await system.settle();

    expect(heard.take()).toEqual(['exited b oops', 'exitSignalled b a oops', 'exited a oops']);
  });
});

describe('linked, monitored and named', () => {
  test('links are told when they are made and taken back, once each', async () => {
    const system = testSystem();
    const { heard, a, b } = await pair(system, 'linked');
    await a.does((self) => {
      self.link(b.pid);
      self.link(b.pid);
      self.unlink(b.pid);
      self.unlink(b.pid);
    });
    const child = await a.does((self) => self.spawnLink(idler));
    system.exitSignal(child, 'normal');
    system.exitSignal(child, 'shutdown');
    await system.settle();

    expect(heard.take()).toEqual([
      'linked a b true',
      'linked a b false',
      `linked a ${String(child)} true`,
    ]);
  });

  test('monitors are told when they are set and taken back, and requests are none', async () => {
    const system = testSystem();
    const { heard, a, b } = await pair(system, 'monitored');
    const server = system.spawn(answering);
    system.spawn(asking, server);
    await a.does((self) => {
      self.demonitor(self.monitor(b.pid));
      self.monitor(name('bee'));
      self.monitor(self.pid);
      self.monitorSystem('elsewhere');
      self.monitorAlias(b.pid, 'explicit_unalias');
    });
    system.exitSignal(b.pid, 'kill');
    await system.settle();

    expect(heard.take()).toEqual([
      'monitored a b true',
      'monitored a b false',
      'monitored a bee true',
      'monitored a *@elsewhere true',
      'monitored a b true',
    ]);
  });

  test('links between systems are told in both, monitors where their owner is', async () => {
    const twin = new Twin();
    const [here, there] = [twin.system(0), twin.system(1)];
    const end = there.spawn(idler);
    const heard = [here, there].map((system) => new Heard(system, 'linked', 'monitored'));
    const me = here.spawn(watching, [end]);
    await twin.settle();

    expect(heard[0]?.take()).toEqual([
      `linked ${String(me)} ${String(end)} true`,
      `monitored ${String(me)} ${String(end)} true`,
      `monitored ${String(me)} second@thread-1 true`,
      `monitored ${String(me)} *@thread-1 true`,
    ]);
    expect(heard[1]?.take()).toEqual([`linked ${String(me)} ${String(end)} true`]);
  });

  test('a name is told when it is given, and when it is free: at the moment in which its actor is exiting', async () => {
    const system = testSystem();
    const { heard, a, b } = await pair(system, 'named', 'exited');
    system.register('x', a.pid);
    system.unregister('x');
    system.register('y', b.pid);
    system.exitSignal(b.pid, 'kill');
    expect(heard.take()).toEqual([
      'named x a',
      'named x undefined',
      'named y b',
      'named y undefined',
    ]);
    await system.settle();

    expect(heard.take()).toEqual(['exited b killed']);
  });
});

interface Ask extends Message {
  readonly tag: 'ask';
  readonly replyTo: ReplyTo<number>;
}

function* answering(self: Self<Ask>): Actor {
  const { replyTo } = yield* self.receive('ask');
  self.send(replyTo, 42);
}

function* asking(self: Self, server: Pid<Ask>): Actor {
  yield* self.call(server, { tag: 'ask' });
}

function* slow(self: Self<Ask>): Actor {
  const { replyTo } = yield* self.receive('ask');
  yield* self.sleep(10);
  self.send(replyTo, 42);
}

function* impatient(self: Self, server: Pid<Ask>): Actor {
  try {
    yield* self.call(server, { tag: 'ask' }).within(5);
  } catch {
    yield* self.sleep(100);
  }
}

function* takingLate(self: Self<Message>): Actor {
  yield* self.sleep(5);
  yield* self.receive('x' as never);
  yield* self.receive('x' as never);
  yield* self.receive('never' as never);
}

function* offering(self: Self, to: Pid<Message>, count: number): Actor {
  for (let i = 0; i < count; i++) yield* self.offer(to, plain('x'));
}

/** Linked to and monitoring whoever they are, of thread-1. */
function* watching(self: Self<Message>, ends: readonly Pid[]): Actor {
  self.trapExit(true);
  for (const end of ends) {
    self.link(end);
    self.monitor(end);
  }
  self.monitor(name('second', 'thread-1'));
  self.monitorSystem('thread-1');
  for (;;) yield* self.receive();
}

function* receiving(self: Self<Message>): Actor {
  yield* self.receive('first' as never);
  yield* self.receive('never' as never).after(0);
  yield* self
    .receive()
    .where(() => false)
    .after(0);
  yield* self.receive('never' as never).after(10);
  yield* self.receive('other' as never).after(10);
  yield* self.receive('last' as never).where(() => true);
  yield* self.receive('late' as never).after(0);
  yield* self.receive('late' as never);
}
