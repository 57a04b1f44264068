/** Actors: how they are spawned, what they inherit, and what can be seen of them. */

import { type Actor, configure, type Message, name, type Pid, type Self } from 'beamish';
import { describe, expect, test } from 'vitest';
import { idler, numbered, plain, recorder } from '../support/recorder.ts';
import { underSchedules } from '../support/schedules.ts';
import { testSystem } from '../support/test-system.ts';

function* brief(): Actor {}

function* r1(self: Self): Actor {
  self.exit('r1');
}

describe('spawn', () => {
  test('PROC-01 a body is called as a function: nothing of the runtime is its this', async () => {
    const system = testSystem();
    const seen: unknown[] = [];
    system.spawn(function* (this: unknown): Actor {
      seen.push(this);
    });
    await system.settle();
    expect(seen).toEqual([undefined]);
  });

  test('PROC-01 spawn returns a pid of its own before the child has run', async () => {
    await underSchedules(20, async (system) => {
      const log: unknown[] = [];
      system.spawn(function* parent(self: Self): Actor {
        const pids = Array.from({ length: 10 }, () =>
          self.spawn(function* child(): Actor {
            log.push('child');
          }),
        );
        log.push(new Set(pids).size);
      });
      await system.settle();
      expect(log).toEqual([10, ...Array(10).fill('child')]);
    });
  });

  test.each([
    ['generator', function* body(): Actor {}],
    ['async', async function body(): Promise<void> {}],
  ])('PROC-02 an actor ends with reason normal when its body (%s) returns', async (_, body) => {
    const system = testSystem();
    const downs: unknown[] = [];
    system.spawn(function* parent(self: Self): Actor {
      self.spawnMonitor(body);
      downs.push((yield* self.receive('DOWN')).reason);
    });
    await system.settle();
    expect(downs).toEqual(['normal']);
  });

  test('PROC-03 the crash of a child without a link does not touch its parent', async () => {
    const system = testSystem();
    const parent = system.spawn(function* parent(self: Self): Actor {
      self.spawn(function* child(): Actor {
        throw new Error('crash');
      });
      yield* self.receive('EXIT').where(() => false);
    });
    await system.settle();
    expect(system.told('crash')).toHaveLength(1);
    expect(system.info(parent)?.status).toBe('waiting');
    expect(system.mailbox(parent)).toEqual([]);
  });

  test('PROC-04 a child that exits at once still brings the EXIT of spawnLink, with its reason', async () => {
    await underSchedules(200, async (system) => {
      const seen: unknown[] = [];
      let child: Pid | undefined;
      system.spawn(function* parent(self: Self): Actor {
        self.trapExit(true);
        child = self.spawnLink(r1);
        yield* self.yield();
        seen.push(yield* self.receive());
      });
      await system.settle();
      expect(seen).toEqual([{ tag: 'EXIT', from: child, reason: 'r1' }]);
    });
  });

  test('PROC-05 a child that exits at once still brings the DOWN of spawnMonitor, with its reason', async () => {
    await underSchedules(200, async (system) => {
      const seen: unknown[] = [];
      system.spawn(function* parent(self: Self): Actor {
        const { pid, ref } = self.spawnMonitor(r1);
        yield* self.yield();
        const down = yield* self.receive();
        expect(down).toEqual({ tag: 'DOWN', ref, target: pid, reason: 'r1' });
        seen.push(down);
      });
      await system.settle();
      expect(seen).toHaveLength(1);
    });
  });

  test('PROC-06 a parent that ends right after spawnLink takes its child along', async () => {
    await underSchedules(100, async (system) => {
      let child: Pid | undefined;
      system.spawn(function* parent(self: Self): Actor {
        child = self.spawnLink(idler);
        self.exit('bad');
      });
      await system.settle();
      expect(system.reasonOf(child as Pid)).toBe('bad');
    });
  });

  test('PROC-07 a parent that ends normally leaves its linked child alive, without the link', async () => {
    await underSchedules(20, async (system) => {
      let child: Pid | undefined;
      system.spawn(function* parent(self: Self): Actor {
        child = self.spawnLink(idler);
      });
      await system.settle();
      expect(system.info(child as Pid)).toMatchObject({ status: 'waiting', links: [] });
    });
  });

  test('PROC-08 spawnMonitor of a body with link: true brings the EXIT, and then the DOWN', async () => {
    await underSchedules(100, async (system) => {
      const seen: unknown[] = [];
      system.spawn(function* parent(self: Self): Actor {
        self.trapExit(true);
        const { pid, ref } = self.spawnMonitor(configure(r1, { link: true }));
        expect(self.info(self.pid)).toMatchObject({ links: [pid], monitors: [pid] });
        seen.push(yield* self.receive(), yield* self.receive());
        expect(seen).toEqual([
          { tag: 'EXIT', from: pid, reason: 'r1' },
          { tag: 'DOWN', ref, target: pid, reason: 'r1' },
        ]);
      });
      await system.settle();
      expect(seen).toHaveLength(2);
      expect(system.told('crash')).toEqual([]);
    });
  });

  test('PROC-08 link: true is true of spawn and spawnLink too, and makes one link', async () => {
    const system = testSystem();
    const linked = configure(idler, { link: true });
    const seen: unknown[] = [];
    const parent = system.spawn(function* parent(self: Self): Actor {
      const children = [self.spawn(linked), self.spawnLink(linked)];
      expect(self.info(self.pid)?.links).toEqual(children);
      seen.push(...children);
      self.exit('bad');
    });
    await system.settle();
    expect(system.reasonOf(parent)).toBe('bad');
    expect(seen.map((child) => system.reasonOf(child as Pid))).toEqual(['bad', 'bad']);
  });

  test('PROC-08 from outside, link: true links to root', () => {
    const system = testSystem();
    const pid = system.spawn(configure(idler, { link: true }));
    expect(system.info(pid)?.links).toEqual([system.root]);
    expect(system.info(system.spawn(configure(idler, { link: false })))?.links).toEqual([]);
  });

  test('PROC-08 link: true, with a name that is taken: the EXIT says so', async () => {
    const system = testSystem();
    system.spawn(configure(idler, { name: 'n' }));
    const seen: unknown[] = [];
    system.spawn(function* parent(self: Self): Actor {
      self.trapExit(true);
      self.spawn(configure(idler, { name: 'n', link: true }));
      seen.push((yield* self.receive('EXIT')).reason);
    });
    await system.settle();
    expect(seen).toEqual(['already_started']);
  });

  test.each([42, 'body', null, undefined, {}])(
    'PROC-10 spawning what is no body throws at once: %o',
    async (nothing) => {
      const system = testSystem();
      const body = nothing as unknown as () => Actor;
      expect(() => system.spawn(body)).toThrow(TypeError);
      const parent = system.spawn(function* parent(self: Self): Actor {
        for (const verb of ['spawn', 'spawnLink', 'spawnMonitor'] as const)
          expect(() => self[verb](body)).toThrow(/^Cannot spawn /);
      });
      await system.settle();
      expect(system.reasonOf(parent)).toBe('normal');
      expect(system.actors()).toEqual([]);
    },
  );

  test('PROC-10 a function that is no body, or throws at once, is an end of the child', async () => {
    const system = testSystem();
    const error = new Error('at once');
    const bodies = [
      function noBody() {
        return 5;
      } as unknown as () => Actor,
      (() => {
        throw error;
      }) as () => Actor,
    ];
    const downs: unknown[] = [];
    system.spawn(function* parent(self: Self): Actor {
      for (const body of bodies) {
        self.spawnMonitor(body);
        downs.push((yield* self.receive('DOWN')).reason);
      }
    });
    await system.settle();
    expect(downs).toEqual([
      expect.objectContaining({ message: expect.stringMatching(/^noBody is no actor body/) }),
      error,
    ]);
  });

  test.each([{ name: name('n', 'elsewhere') }, { name: 42 }])(
    'PROC-10 a spawn that throws leaves no actor: %o',
    async (options) => {
      const system = testSystem();
      let ran = false;
      const body = configure(function* body(): Actor {
        ran = true;
      }, options as never);
      expect(() => system.spawn(body)).toThrow(/^Cannot register /);
      await system.settle();
      expect([ran, system.told('spawn'), system.actors()]).toEqual([false, [], []]);
    },
  );

  test('PROC-28 pids are never used again, and an old one reaches nobody', async () => {
    const system = testSystem();
    const [BATCHES, BATCH] = [200, 500];
    const old: Pid[] = [];
    const serials = new Set<number>();
    for (let i = 0; i < BATCHES; i++) {
      const pids = Array.from({ length: BATCH }, () => system.spawn(brief));
      for (const pid of pids) serials.add(pid.serial);
      await system.settle();
      old.push(pids[0] as Pid);
    }
    expect(serials.size).toBe(BATCHES * BATCH);
    const log: Message[] = [];
    for (let i = 0; i < 40; i++) system.spawn(recorder, log);
    // A copy of a pid, as a structured clone makes one, is as dead.
    for (const pid of old) {
      system.send(pid as Pid<Message>, plain('late'));
      system.send(structuredClone({ ...pid }) as unknown as Pid<Message>, plain('late'));
    }
    await system.settle();
    expect(log).toEqual([]);
    expect(system.told('dead_letter')).toHaveLength(2 * BATCHES);
  });
});

describe('flags and what is inherited', () => {
  test('PROC-11 trapExit returns what it was before, at first false', async () => {
    const system = testSystem();
    let seen: unknown;
    system.spawn(function* actor(self: Self): Actor {
      seen = [true, true, false, false].map((on) => self.trapExit(on));
    });
    await system.settle();
    expect(seen).toEqual([false, true, true, false]);
  });

  test.each(['maybe', 1, undefined])(
    'PROC-12 trapExit(%o) throws and changes nothing',
    async (value) => {
      const system = testSystem();
      const pid = system.spawn(function* actor(self: Self): Actor {
        for (const on of [false, true]) {
          self.trapExit(on);
          expect(() => self.trapExit(value as unknown as boolean)).toThrow(TypeError);
          expect(self.info(self.pid)?.trapExit).toBe(on);
        }
      });
      await system.settle();
      expect(system.reasonOf(pid)).toBe('normal');
    },
  );

  test.each([
    { link: 'yes' },
    { mailbox: { limit: 0, overflow: 'exit' } },
    { startTimeoutMs: -1 },
    { name: '' },
  ])('PROC-12 an option that makes no sense is refused at once: %o', (options) => {
    expect(() => configure(idler, options as never)).toThrow(/^Cannot /);
  });

  test('PROC-13 trapExit is not inherited', async () => {
    const system = testSystem();
    let seen: unknown;
    system.spawn(function* parent(self: Self): Actor {
      self.trapExit(true);
      for (const child of [self.spawn(idler), self.spawnLink(idler), self.spawnMonitor(idler).pid])
        seen = [...((seen as unknown[]) ?? []), self.info(child)?.trapExit];
      yield* self.receive('DOWN');
    });
    await system.settle();
    expect(seen).toEqual([false, false, false]);
  });

  test('PROC-14 a dictionary is an actor’s own and not inherited; put and erase return the old value', async () => {
    const system = testSystem();
    const seen: unknown[] = [];
    const parent = system.spawn(function* parent(self: Self): Actor {
      self.put('k', 1);
      self.spawn(function* child(self: Self): Actor {
        seen.push(
          self.get('k'),
          self.put('k', 2),
          self.put('k', 3),
          self.erase('k'),
          self.get('k'),
        );
        seen.push(self.erase('k'));
      });
      yield* self.sleep(1);
      seen.push(self.get('k'));
      yield* self.receive();
    });
    await system.advance(1);
    expect(seen).toEqual([undefined, undefined, 2, 3, undefined, undefined, 1]);
    expect([...(system.info(parent)?.dictionary ?? [])]).toEqual([['k', 1]]);
  });

  test('PROC-15 what a child is to know of its parent it gets as an argument; who that is it knows', async () => {
    const system = testSystem();
    const seen: unknown[] = [];
    const parent = system.spawn(function* parent(self: Self): Actor {
      const context = { log: (line: string) => seen.push(line) };
      self.spawn(function* child(self: Self, given: typeof context): Actor {
        given.log('of the parent');
        seen.push(self.parent);
      }, context);
    });
    await system.settle();
    expect(seen).toEqual(['of the parent', parent]);
  });

  test('PROC-16 the parent is who spawned it, even when that has ended', async () => {
    const system = testSystem();
    const seen: unknown[] = [];
    let child: Pid | undefined;
    const parent = system.spawn(function* parent(self: Self): Actor {
      child = self.spawn(function* child(self: Self): Actor {
        yield* self.sleep(1);
        seen.push(self.parent);
        yield* self.receive('DOWN');
      });
    });
    expect(system.info(parent)?.parent).toBe(system.root);
    await system.advance(1);
    expect(system.reasonOf(parent)).toBe('normal');
    expect([...seen, system.info(child as Pid)?.parent]).toEqual([parent, parent]);
  });
});

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

  test.each(['foo', 42, null, undefined, {}, { ref: 1 }])(
    'PROC-20 info and mailbox of what is no pid throw: %o',
    async (nothing) => {
      const system = testSystem();
      const pid = nothing as unknown as Pid;
      expect(() => system.info(pid)).toThrow(
        new TypeError(`Cannot look at ${nothing}: it is no pid`),
      );
      expect(() => system.mailbox(pid)).toThrow(TypeError);
      const actor = system.spawn(function* actor(self: Self): Actor {
        expect(() => self.info(pid)).toThrow(TypeError);
        expect(() => self.mailbox(pid)).toThrow(TypeError);
      });
      await system.settle();
      expect(system.reasonOf(actor)).toBe('normal');
    },
  );

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
    await underSchedules(20, async (system) => {
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
    await underSchedules(20, async (system) => {
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
