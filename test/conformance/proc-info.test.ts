/** Actors: what can be seen of them. */

import { type Actor, configure, type Message, type Pid, type Self } from 'beamish';
import { testSystem } from 'beamish/testing';
import { describe, expect, test } from 'vitest';
import { idler, numbered, plain, recorder } from '../support/recorder.ts';
import { everySchedule } from '../support/schedules.ts';
import { brief } from './brief.ts';

describe('what can be seen of an actor', () => {
  test('PROC-17 info and mailbox of the dead are undefined', async () => {
    const system = testSystem();
    const dead = system.spawn(brief);
    await system.settle();
    expect([system.info(dead), system.mailbox(dead)]).toEqual([undefined, undefined]);
  });

  test('PROC-18 info tells mailbox, links, monitors, trapping, name and status; mailbox its messages', async () => {
    const system = testSystem();
    const watched = system.spawn(idler);
    const pid = system.spawn(
      configure(
        function* actor(self: Self<Message>): Actor {
          self.trapExit(true);
          self.link(watched);
          self.monitor(watched);
          yield* self.receive('first');
          yield* self.receive('x' as never, 'y' as never);
        },
        { name: 'n' },
      ),
    );
    const watcher = system.spawn(function* watcher(self: Self): Actor {
      self.monitor(pid);
      yield* self.receive('DOWN');
    });
    await system.settle();
    for (const tag of ['a', 'first', 'b']) system.send(pid, plain(tag));
    await system.settle();
    expect(system.info(pid)).toEqual({
      pid,
      name: 'n',
      body: 'actor',
      status: 'waiting',
      waitingFor: ['x', 'y'],
      mailboxLength: 2,
      links: [watched],
      monitors: [watched],
      monitoredBy: [watcher],
      trapExit: true,
      dictionary: new Map(),
      parent: system.root,
      reductions: 1,
    });
    expect(system.mailbox(pid)).toEqual([plain('a'), plain('b')]);
  });

  test('PROC-18 what mailbox returns is a copy: it changes nothing, and nothing changes it', async () => {
    const system = testSystem();
    const pid = system.spawn(idler);
    system.send(pid as Pid<Message>, plain('a'));
    const seen = system.mailbox(pid) as Message[];
    seen.push(plain('forged'));
    system.send(pid as Pid<Message>, plain('b'));
    expect(seen).toEqual([plain('a'), plain('forged')]);
    expect(system.mailbox(pid)).toEqual([plain('a'), plain('b')]);
  });

  test('PROC-19 an actor without a name has the name undefined', async () => {
    const system = testSystem();
    const pid = system.spawn(idler);
    expect(system.info(pid)).toMatchObject({ name: undefined });
  });

  test.each([
    ['foo', "'foo'"],
    [42, '42'],
    [null, 'null'],
    [undefined, 'undefined'],
    [{}, '{}'],
    [{ ref: 1 }, '{"ref":1}'],
  ])('PROC-20 info and mailbox of what is no pid throw: %o', async (nothing, shown) => {
    const system = testSystem();
    const pid = nothing as unknown as Pid;
    expect(() => system.info(pid)).toThrow(new TypeError(`Cannot look at ${shown}: it is no pid`));
    expect(() => system.mailbox(pid)).toThrow(TypeError);
    const actor = system.spawn(function* actor(self: Self): Actor {
      expect(() => self.info(pid)).toThrow(TypeError);
      expect(() => self.mailbox(pid)).toThrow(TypeError);
    });
    await system.settle();
    expect(system.reasonOf(actor)).toBe('normal');
  });

  test('PROC-21 status says runnable, running, waiting or awaiting', async () => {
    const system = testSystem();
    const seen: unknown[] = [];
    const actor = system.spawn(function* actor(self: Self): Actor {
      seen.push(self.info(self.pid)?.status);
      yield* self.sleep(5);
      yield* self.receive('DOWN');
    });
    const status = () => system.info(actor)?.status;
    seen.push(status());
    await system.settle();
    seen.push(status());
    await system.advance(5);
    seen.push(status());
    expect(seen).toEqual(['runnable', 'running', 'awaiting', 'waiting']);
  });

  test('PROC-22 the mailbox counts what does not match, and what the caller has just sent', async () => {
    await everySchedule(6, async (system) => {
      const receivers = [
        system.spawn(idler),
        // One that takes anything has not had its turn yet.
        system.spawn(recorder, []),
      ];
      await system.settle();
      let seen: unknown[] = [];
      system.spawn(function* sender(self: Self): Actor {
        for (const receiver of receivers as Pid<Message>[]) {
          self.send(receiver, plain('a'));
          self.send(receiver, plain('b'));
        }
        seen = receivers.flatMap((pid) => [self.mailbox(pid), self.info(pid)?.mailboxLength]);
      });
      await system.settle();
      const both = [plain('a'), plain('b')];
      expect(seen).toEqual([both, 2, both, 2]);
    });
  });

  test('PROC-24 actors() has each that lives, oldest first, and none that was killed just now', async () => {
    const system = testSystem();
    const pids = [system.spawn(idler), system.spawn(idler), system.spawn(idler)];
    const listed = () => system.actors().map(({ pid }) => pid);
    expect(listed()).toEqual(pids);
    system.exitSignal(pids[1] as Pid, 'kill');
    expect(listed()).toEqual([pids[0], pids[2]]);
    await system.settle();
    expect(listed()).toEqual([pids[0], pids[2]]);
  });

  test("PROC-25 an actor over its mailbox's limit is killed, if that is its policy", async () => {
    const system = testSystem();
    const mailbox = { limit: 3, overflow: 'exit' } as const;
    const pid = system.spawn(configure(idler, { mailbox }));
    await system.settle();
    for (let n = 0; n < 3; n++) system.send(pid, numbered(n) as never);
    await system.settle();
    expect(system.info(pid)?.mailboxLength).toBe(3);
    system.send(pid, numbered(3) as never);
    await system.settle();
    expect(system.reasonOf(pid)).toBe('killed');
  });

  test('PROC-29 with an actor go its links and monitors, in the records of the others too', async () => {
    await everySchedule(60, async (system) => {
      const target = system.spawn(idler);
      const watcher = system.spawn(function* watcher(self: Self<{ tag: 'go' }>): Actor {
        self.trapExit(true);
        yield* self.receive('go');
        self.monitor(tied);
        yield* self.receive('DOWN');
        yield* self.receive('go');
      });
      const tied = system.spawn(function* tied(self: Self<{ tag: 'end' }>): Actor {
        self.monitor(target);
        self.monitor(target);
        self.link(target);
        self.link(watcher);
        yield* self.receive('end');
      });
      system.send(watcher, { tag: 'go' });
      await system.settle();
      expect(system.info(target)).toMatchObject({ links: [tied], monitoredBy: [tied, tied] });
      expect(system.info(watcher)).toMatchObject({ links: [tied], monitors: [tied] });
      system.send(tied, { tag: 'end' });
      await system.settle();
      expect(system.reasonOf(tied)).toBe('normal');
      expect(system.info(target)).toMatchObject({ links: [], monitoredBy: [] });
      expect(system.info(watcher)).toMatchObject({ links: [], monitors: [] });
    });
  });
});
