/** What of one actor another one's step looked at or did, told whatever came of it: of the dead as of the living. */

import {
  type Actor,
  configure,
  type Message,
  type Pid,
  type ReplyTo,
  type Self,
  server,
} from 'beamish';
import { type TestSystem, testSystem } from 'beamish/testing';
import { describe, expect, test } from 'vitest';
import { Heard } from '../../support/heard.ts';
import { type Puppet, puppet } from '../../support/puppet.ts';
import { idler, mortal, plain } from '../../support/recorder.ts';
import { Twin } from '../../support/twin.ts';

interface Scene {
  readonly system: TestSystem;
  readonly heard: Heard;
  readonly a: Puppet;
  /** Lives, and is called so. */
  readonly b: Puppet;
  /** Has ended. */
  readonly dead: Pid<Message>;
}

async function scene(): Promise<Scene> {
  const system = testSystem({ decisions: { random: () => 0, incarnation: () => 1 } });
  const [a, b] = [await puppet(system), await puppet(system)];
  const dead = system.spawn(mortal, []) as Pid<Message>;
  system.exitSignal(dead, 'kill');
  await system.settle();
  const heard = new Heard(system, 'touched');
  heard.call('a', a.pid);
  heard.call('b', b.pid);
  heard.call('dead', dead);
  return { system, heard, a, b, dead };
}

function touches({ heard }: Scene): string[] {
  return heard.take().map((line) => line.replace('touched ', ''));
}

describe('look', () => {
  test('a question about an actor is one, of the living and of the dead', async () => {
    const it = await scene();
    const { system, a, b, dead } = it;
    for (const pid of [b.pid, dead]) {
      await a.does((self) => self.info(pid as Pid));
      expect(touches(it)).toContain(pid === dead ? 'dead look' : 'b look');
      await a.does((self) => self.request(pid as Pid as Pid<Ask>, { tag: 'ask' }));
      expect(touches(it)[0]).toBe(pid === dead ? 'dead look' : 'b look');
      await a.does((self) => self.sendAfter(1, pid as Pid<Message>, plain('x')));
      expect(touches(it)).toEqual([pid === dead ? 'dead look' : 'b look']);
      await a.does((self) => self.monitor(pid as Pid));
      expect(touches(it)[0]).toBe(pid === dead ? 'dead look' : 'b look');
      void system.exited(pid);
      expect(touches(it)[0]).toBe(pid === dead ? 'dead look' : 'b look');
    }
    expect(() => system.register('x', dead)).toThrow('not alive');
    expect(touches(it)).toEqual(['dead look']);
  });

  test('an offer looks whether its receiver lives and has room, a send does not', async () => {
    const it = await scene();
    const { system, heard, b, dead } = it;
    for (const [called, to] of [
      ['b', b.pid],
      ['dead', dead],
    ] as const) {
      system.spawn(offering, to as Pid<Message>);
      await system.settle();
      expect(touches(it)).toEqual([`${called} look`]);
      system.send(to as Pid<Message>, plain('x'));
      expect(heard.take()).toEqual([]);
    }
  });

  test('signals of other systems look, too', async () => {
    const twin = new Twin();
    const [here, there] = [twin.system(0), twin.system(1)];
    const dead = there.spawn(idler);
    there.exitSignal(dead, 'kill');
    await twin.settle();
    const heard = new Heard(there, 'touched');
    here.exitSignal(dead, 'go');
    await twin.settle();
    expect(heard.take()).toEqual([`touched ${String(dead)} look`]);
    here.spawn(function* (self: Self): Actor {
      self.trapExit(true);
      self.link(dead);
      self.monitor(dead);
      yield* self.receive('DOWN');
    });
    await twin.settle();

    expect(heard.take()).toEqual([`touched ${String(dead)} look`, `touched ${String(dead)} look`]);
  });
});

describe('signal, doom and wake', () => {
  test('an exit signal looks whether its receiver lives and traps; who does not is exiting', async () => {
    const it = await scene();
    const { system, b, dead } = it;
    system.exitSignal(b.pid, 'normal');
    expect(touches(it)).toEqual(['b look', 'b signal']);
    system.exitSignal(b.pid, 'go');
    expect(touches(it)).toEqual(['b look', 'b signal', 'b doom']);
    system.exitSignal(b.pid, 'too late');
    expect(touches(it)).toEqual(['b look', 'b signal']);
    system.exitSignal(dead, 'too late');
    expect(touches(it)).toEqual(['dead look']);
  });

  test('an end looks at those who are linked and those who watch, alive or not', async () => {
    const it = await scene();
    const { system, a, b } = it;
    await a.does((self) => {
      self.monitor(b.pid);
      self.link(b.pid);
    });
    it.heard.take();
    system.exitSignal(b.pid, 'go');
    system.exitSignal(a.pid, 'go');
    it.heard.take();
    await system.settle();
    // Of the end of b, at which a is exiting already: the link, and the monitor.
    expect(touches(it).slice(0, 6)).toEqual([
      'a look',
      'b bond',
      'a bond',
      'a signal',
      'b watch',
      'a signal',
    ]);
  });

  test('a deadline wakes, also one that comes too late', async () => {
    const it = await scene();
    const { system, heard } = it;
    const pid = system.spawn(function* (self: Self<Message>): Actor {
      yield* self.receive('x' as never).after(5);
      yield* self.receive('y' as never);
    });
    heard.call('it', pid);
    await system.advance(5);
    expect(touches(it)).toContain('it wake');

    // Due in the same millisecond, and first.
    const late = system.spawn(function* (self: Self<Message>): Actor {
      self.sendAfter(5, self.pid, plain('x'));
      yield* self.receive('x' as never).after(5);
    });
    heard.call('late', late);
    await system.advance(4);
    heard.take();
    await system.advance(1);
    expect(touches(it)).toEqual(['late wake']);
  });
});

describe('bond and watch', () => {
  test('a link touches both ends, whether it is new or not, made or taken back', async () => {
    const it = await scene();
    const { a, b } = it;
    await a.does((self) => self.link(b.pid));
    expect(touches(it)).toEqual(['b look', 'a bond', 'b bond']);
    await a.does((self) => self.link(b.pid));
    expect(touches(it)).toEqual(['b look', 'a bond', 'b bond']);
    await a.does((self) => self.unlink(b.pid));
    expect(touches(it)).toEqual(['b look', 'a bond', 'b bond']);
    await a.does((self) => self.unlink(b.pid));
    expect(touches(it)).toEqual(['b look', 'a bond', 'b bond']);
  });

  test('a monitor touches whom it watches, set or taken back', async () => {
    const it = await scene();
    const { a, b } = it;
    const ref = await a.does((self) => self.monitor(b.pid));
    expect(touches(it)).toEqual(['b look', 'b watch']);
    await a.does((self) => self.demonitor(ref));
    expect(touches(it)).toEqual(['b watch']);
  });
});

describe('reply and abandon', () => {
  test('a request is settled by its reply, or given up', async () => {
    const it = await scene();
    const { system, heard } = it;
    const answerer = system.spawn(function* (self: Self<Ask>): Actor {
      self.send((yield* self.receive('ask')).replyTo, 1);
      yield* self.receive('never' as never);
    });
    const client = system.spawn(function* (self: Self): Actor {
      yield* self.call(answerer, { tag: 'ask' });
      try {
        yield* self.call(answerer, { tag: 'ask' }).within(5);
      } catch {
        yield* self.sleep(5);
      }
    });
    heard.call('client', client);
    heard.call('answerer', answerer);
    await system.settle();
    expect(touches(it).filter((line) => line.startsWith('client'))).toEqual(['client reply']);
    await system.advance(5);
    expect(touches(it)).toEqual(['client wake', 'client abandon', 'answerer watch']);
  });

  test('the end of a callee settles, too', async () => {
    const it = await scene();
    const { system, a, b } = it;
    await a.does((self) => self.request(b.pid as Pid as Pid<Ask>, { tag: 'ask' }));
    it.heard.take();
    system.exitSignal(b.pid, 'go');
    it.heard.take();
    await system.settle();
    expect(touches(it)).toEqual(['b watch', 'a signal', 'a reply']);
  });
});

interface Ask extends Message {
  readonly tag: 'ask';
  readonly replyTo: ReplyTo<number>;
}

describe('polled, gave_way, trap and inspect', () => {
  test('who looks into its mailbox and takes nothing has polled, however it goes on', async () => {
    const system = testSystem();
    const heard = new Heard(system, 'touched');
    const pid = system.spawn(function* (self: Self<Message>): Actor {
      yield* self.receive('go' as never);
      yield* self.receive('x' as never).after(0);
      yield* self.receive('x' as never).after(5);
      yield* self
        .receive('y' as never)
        .where(() => false)
        .after(5);
    });
    heard.call('it', pid);
    await system.settle();
    heard.take();
    system.send(pid as Pid<Message>, plain('go'));
    await system.settle();
    expect(polls(heard)).toEqual(['touched it polled']);
    await system.advance(5);
    expect(polls(heard)).toEqual(['touched it polled']);
    system.send(pid as Pid<Message>, plain('y'));
    await system.settle();
    expect(polls(heard)).toEqual(['touched it polled']);
  });

  test('who has mail and no budget left has given way', async () => {
    const system = testSystem({
      decisions: { random: () => 0, incarnation: () => 1, budget: () => 0 },
    });
    const heard = new Heard(system, 'touched', 'received');
    const pid = system.spawn(mortal, []);
    heard.call('it', pid);
    system.send(pid, plain('x'));
    await system.settle();

    expect(heard.take()).toEqual(['touched it gave_way', 'received it x']);
  });

  test('a flush reads the mailbox', async () => {
    const it = await scene();
    const ref = await it.a.does((self) => self.monitor(it.b.pid));
    it.system.exitSignal(it.b.pid, 'go');
    await it.system.settle();
    it.heard.take();
    const before = it.heard.lines.length;
    await it.a.does((self) => {
      it.heard.take();
      self.demonitor(ref, { flush: true });
      expect(it.heard.lines.slice(before)).toEqual(['touched a polled']);
    });
  });

  test('trapExit, and a snapshot', async () => {
    const it = await scene();
    const { system, a, b } = it;
    await a.does((self) => self.trapExit(true));
    expect(touches(it)).toEqual(['a trap']);
    system.info(b.pid);
    expect(touches(it)).toEqual(['b look', 'b inspect']);
    system.mailbox(b.pid);
    expect(touches(it)).toEqual(['b look', 'b inspect']);
  });

  test('who waits for a start, and whose child fails to, is asked whether it traps', async () => {
    const it = await scene();
    const { system, heard } = it;
    const failing = server(() => {
      throw new Error('No');
    });
    const pid = system.spawn(function* (self: Self): Actor {
      self.trapExit(true);
      yield* self.startLink(configure(failing, {}) as never);
    });
    heard.call('it', pid);
    await system.settle();

    expect(touches(it)).toEqual(expect.arrayContaining(['it signal', 'it wake']));
  });
});

/** What was touched of a mailbox, whatever the budget of a turn was. */
function polls(heard: Heard): string[] {
  return heard.take().filter((line) => line === 'touched it polled');
}

function* offering(self: Self, to: Pid<Message>): Actor {
  yield* self.offer(to, plain('x'));
}
