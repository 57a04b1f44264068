/** Actors: how they are spawned, and what they inherit. */

import { type Actor, configure, type Message, name, type Pid, type Self } from 'beamish';
import { testSystem } from 'beamish/testing';
import { describe, expect, test } from 'vitest';
import { idler, plain, recorder } from '../support/recorder.ts';
import { everySchedule, underSchedules } from '../support/schedules.ts';
import { brief, r1 } from './brief.ts';

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
    await everySchedule(10, async (system) => {
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
    await everySchedule(10, async (system) => {
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
    await everySchedule(3, async (system) => {
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
    await everySchedule(3, async (system) => {
      let child: Pid | undefined;
      system.spawn(function* parent(self: Self): Actor {
        child = self.spawnLink(idler);
      });
      await system.settle();
      expect(system.info(child as Pid)).toMatchObject({ status: 'waiting', links: [] });
    });
  });

  test('PROC-08 spawnMonitor of a body with link: true brings the EXIT, and then the DOWN', async () => {
    await everySchedule(5, async (system) => {
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

  test('PROC-10 a spawn that throws leaves no actor', async () => {
    const system = testSystem();
    let ran = false;
    function* body(): Actor {
      ran = true;
    }
    const elsewhere = configure(body, { name: name('n', 'elsewhere') });
    expect(() => system.spawn(elsewhere)).toThrow(/^Cannot register /);
    await system.settle();
    expect([ran, system.told('spawn'), system.actors()]).toEqual([false, [], []]);
    expect(() => configure(body, { name: 42 as never })).toThrow(TypeError);
  });

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
