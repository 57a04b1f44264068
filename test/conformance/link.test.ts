/** Links: symmetric, a set, and a promise when they are taken back. The reasons that they carry are in `exit-matrix.test.ts`. */

import { type Actor, ActorSystem, type Message, type Pid, type Self } from 'beamish';
import { type TestSystem, testSystem } from 'beamish/testing';
import { expect, test } from 'vitest';
import {
  BODIES,
  generatorPuppet,
  handleOf,
  type Puppet,
  type PuppetMessage,
  puppet,
} from '../support/puppet.ts';
import { everySchedule } from '../support/schedules.ts';

interface Stop extends Message {
  readonly tag: 'stop';
  readonly reason: string;
}

/** Ends when it is told to. */
function* stoppable(self: Self<Stop>): Actor {
  const { reason } = yield* self.receive('stop');
  self.exit(reason);
}

test.each(BODIES)('LINK-01 each side of a link lists the other (%s body)', async (body) => {
  const system = testSystem();
  const a = await puppet(system, { body });
  const b = await puppet(system, { body });
  await a.does((self) => self.link(b.pid));
  expect(linksOf(system, a)).toEqual([b.pid]);
  expect(linksOf(system, b)).toEqual([a.pid]);
});

test('LINK-01 an actor spawned with a link is linked before it runs', async () => {
  const system = testSystem();
  const parent = await puppet(system);
  const child = await parent.does((self) => {
    const pid = self.spawnLink(generatorPuppet);
    expect(self.info(pid)?.links).toEqual([self.pid]);
    expect(self.info(self.pid)?.links).toEqual([pid]);
    return pid;
  });
  expect(linksOf(system, parent)).toEqual([child]);
});

test('LINK-02 who is spawned with a link stays linked once, in its place, however many there are', async () => {
  const system = testSystem();
  const parent = await puppet(system);
  await parent.does((self) => {
    const pids = [1, 2, 3].map(() => self.spawnLink(generatorPuppet));
    const links = () => self.info(self.pid)?.links;
    expect(links()).toEqual(pids);
    self.link(pids[1] as Pid);
    expect(links()).toEqual(pids);
    const fourth = self.spawnLink(generatorPuppet);
    self.unlink(pids[0] as Pid);
    expect(links()).toEqual([pids[1], pids[2], fourth]);
  });
});

test('LINK-02 linking twice makes one link: one EXIT comes of it', async () => {
  const system = testSystem();
  const a = await puppet(system, { trapExit: true });
  const b = await puppet(system);
  await a.does((self) => {
    self.link(b.pid);
    self.link(b.pid);
  });
  await b.does((self) => self.link(a.pid));
  expect(linksOf(system, a)).toEqual([b.pid]);
  await b.does((self) => self.exit('r'));
  expect(await a.mail()).toEqual([{ tag: 'EXIT', from: b.pid, reason: 'r' }]);
});

test('LINK-02 one unlink undoes two links', async () => {
  const system = testSystem();
  const a = await puppet(system);
  const b = await puppet(system);
  await a.does((self) => {
    self.link(b.pid);
    self.link(b.pid);
    self.unlink(b.pid);
  });
  expect(linksOf(system, a)).toEqual([]);
  expect(linksOf(system, b)).toEqual([]);
});

test('LINK-03 a link to oneself does nothing, even by a copy of the pid', async () => {
  const system = testSystem();
  const a = await puppet(system);
  await a.does((self) => {
    self.link(self.pid);
    self.link(structuredClone(self.pid));
  });
  expect(linksOf(system, a)).toEqual([]);
  expect(await a.mail()).toEqual([]);
});

test('LINK-04 a link to the dead gives who traps exits one EXIT noproc, and no link', async () => {
  const system = testSystem();
  const a = await puppet(system, { trapExit: true });
  const dead = await puppet(system);
  await dead.does((self) => self.exit('gone'));
  const ranOn = await a.does((self) => {
    self.link(dead.pid);
    return true;
  });
  expect(ranOn).toBe(true);
  expect(linksOf(system, a)).toEqual([]);
  expect(await a.mail()).toEqual([{ tag: 'EXIT', from: dead.pid, reason: 'noproc' }]);
});

test.each(BODIES)(
  'LINK-05 a link to the dead ends who does not trap exits with noproc, before its next statement (%s body)',
  async (body) => {
    const system = testSystem();
    const a = await puppet(system, { body });
    const dead = await puppet(system);
    await dead.does((self) => self.exit('gone'));
    let ranOn = false;
    await a.does((self) => {
      self.link(dead.pid);
      ranOn = true;
    });
    expect(ranOn).toBe(false);
    expect(system.reasonOf(a.pid)).toBe('noproc');
  },
);

test('LINK-07 unlink from who is not linked, from the dead and from oneself does nothing', async () => {
  const system = testSystem();
  const a = await puppet(system, { trapExit: true });
  const stranger = await puppet(system);
  const dead = await puppet(system);
  const friend = await puppet(system);
  await dead.does((self) => self.exit('gone'));
  await a.does((self) => {
    self.link(friend.pid);
    self.unlink(stranger.pid);
    self.unlink(dead.pid);
    self.unlink(self.pid);
  });
  expect(linksOf(system, a)).toEqual([friend.pid]);
  expect(await a.mail()).toEqual([]);
});

test('LINK-08 either side may take the link back', async () => {
  const system = testSystem();
  const parent = await puppet(system);
  const child = handleOf(system, await parent.does((self) => self.spawnLink(generatorPuppet)));
  await child.does((self) => self.unlink(parent.pid));
  expect(linksOf(system, parent)).toEqual([]);
  expect(linksOf(system, child)).toEqual([]);
  await child.does((self) => self.exit('bad'));
  expect(system.info(parent.pid)).toBeDefined();
  expect(await parent.mail()).toEqual([]);
});

test('LINK-09 after unlink nothing comes of that link any more, in whatever schedule', async () => {
  const late: unknown[] = [];
  await everySchedule(540, async (system) => {
    const pid = system.spawn(unlinker);
    await system.settle();
    expect(system.reasonOf(pid)).toBe('normal');
  });
  expect(late).toEqual([]);

  function* unlinker(self: Self): Actor {
    self.trapExit(true);
    const peer = self.spawnLink(stoppable);
    self.send(peer, { tag: 'stop', reason: 'x' });
    yield* self.yield();
    self.unlink(peer);
    yield* self.receive('EXIT').after(0);
    for (let i = 0; i < 5; i++) yield* self.yield();
    const message = yield* self.receive('EXIT').after(0);
    if (message !== undefined) late.push(message);
  }
});

test('LINK-09 unlink from an actor that has been ended and has not yet told its links holds', async () => {
  const system = testSystem();
  const a = await puppet(system);
  const b = await puppet(system);
  await a.does((self) => self.link(b.pid));
  await a.does((self) => {
    self.exitSignal(b.pid, 'boom');
    self.unlink(b.pid);
  });
  expect(system.reasonOf(b.pid)).toBe('boom');
  expect(system.info(a.pid)).toMatchObject({ links: [] });
});

test('LINK-10 an EXIT that is already in the mailbox stays there after unlink', async () => {
  const system = testSystem();
  const a = await puppet(system, { trapExit: true });
  const b = await puppet(system);
  await a.does((self) => self.link(b.pid));
  await b.does((self) => self.exit('x'));
  await a.does((self) => self.unlink(b.pid));
  expect(await a.mail()).toEqual([{ tag: 'EXIT', from: b.pid, reason: 'x' }]);
});

test('LINK-11 an exit signal of who was linked still arrives after unlink', async () => {
  const system = testSystem();
  const a = await puppet(system, { trapExit: true });
  const b = await puppet(system);
  await a.does((self) => self.link(b.pid));
  await a.does((self) => self.unlink(b.pid));
  await b.does((self) => self.exitSignal(a.pid, 'hello'));
  expect(await a.mail()).toEqual([{ tag: 'EXIT', from: b.pid, reason: 'hello' }]);
});

test('LINK-12 link, unlink, link again links', async () => {
  const system = testSystem();
  const a = await puppet(system, { trapExit: true });
  const b = await puppet(system);
  await a.does((self) => {
    self.link(b.pid);
    self.unlink(b.pid);
    self.link(b.pid);
  });
  expect(linksOf(system, b)).toEqual([a.pid]);
  await b.does((self) => self.exit('r'));
  expect(await a.mail()).toEqual([{ tag: 'EXIT', from: b.pid, reason: 'r' }]);
});

test('LINK-12 both sides agree after they link and unlink each other in whatever schedule', async () => {
  let linked = 0;
  await everySchedule(630, async (system) => {
    const pids: Pid[] = [];
    for (let i = 0; i < 2; i++) pids.push(system.spawn(fickle, pids, i));
    await system.settle();
    const [a, b] = pids as [Pid, Pid];
    const listed = system.info(a)?.links.includes(b);
    expect(system.info(b)?.links.includes(a)).toBe(listed);
    if (listed === true) linked++;
  });
  // The schedules differ in who has the last word.
  expect(linked).toBeGreaterThan(0);
  expect(linked).toBeLessThan(630);

  function* fickle(self: Self, pids: readonly Pid[], i: number): Actor {
    const peer = pids[1 - i] as Pid;
    for (let n = 0; n < 3; n++) {
      if ((n + i) % 2 === 0) self.link(peer);
      else self.unlink(peer);
      yield* self.yield();
    }
    yield* self.receive('EXIT');
  }
});

test.each(BODIES)(
  'LINK-13 an abnormal end goes on through all who do not trap exits (%s body)',
  async (body) => {
    const system = testSystem();
    const [a, b, c] = await chainOf(system, 3, body);
    await c?.does((self) => self.exit('boom'));
    for (const { pid } of [a, b, c] as Puppet[]) expect(system.reasonOf(pid)).toBe('boom');
  },
);

test.each(BODIES)(
  'LINK-14 it goes no further than an actor that traps exits (%s body)',
  async (body) => {
    const system = testSystem();
    const [a, b, c] = (await chainOf(system, 3, body)) as [Puppet, Puppet, Puppet];
    await b.does((self) => self.trapExit(true));
    await c.does((self) => self.exit('boom'));
    expect(await b.mail()).toEqual([{ tag: 'EXIT', from: c.pid, reason: 'boom' }]);
    expect(system.info(a.pid)).toMatchObject({ links: [b.pid] });
  },
);

test('LINK-15 in a ring each dies once, with one DOWN for each monitor', async () => {
  const system = testSystem();
  const watcher = await puppet(system);
  const ring = (await chainOf(system, 3)) as [Puppet, Puppet, Puppet];
  await ring[2].does((self) => self.link(ring[0].pid));
  await watcher.does((self) => {
    for (const { pid } of ring) self.monitor(pid);
  });
  await ring[1].does((self) => self.exit('boom'));
  const downs = await watcher.mail();
  expect(downs.map((down) => (down as { reason?: unknown }).reason)).toEqual(Array(3).fill('boom'));
  expect(new Set(downs.map((down) => (down as { target?: unknown }).target))).toEqual(
    new Set(ring.map(({ pid }) => pid)),
  );
  expect(system.told('exit')).toHaveLength(3);
});

test.each([100, 100_000])('LINK-16 all of %i linked actors get the signal', async (count) => {
  // The schedule of `testSystem` takes time in proportion to the actors that can run.
  const system = new ActorSystem({ log: 'off' });
  const hub = system.spawn(star, count);
  await system.exited(hub);
  await idle(system);
  expect(system.actors()).toEqual([]);
  await system.shutdown();

  function* star(self: Self, n: number): Actor {
    for (let i = 0; i < n; i++) self.spawnLink(forever);
    yield* self.yield();
    self.exit('die');
  }
});

test('LINK-16 the links of some who hear may change while others are told', async () => {
  const system = testSystem();
  const hub = await puppet(system);
  const spokes: Puppet[] = [];
  for (let i = 0; i < 10; i++) spokes.push(await puppet(system));
  await hub.does((self) => {
    for (const { pid } of spokes) self.link(pid);
  });
  for (const [i, spoke] of spokes.entries()) {
    await spoke.does((self) => {
      const next = spokes[(i + 1) % spokes.length] as Puppet;
      self.link(next.pid);
      self.defer(() => self.unlink(next.pid));
    });
  }
  await hub.does((self) => self.exit('die'));
  for (const { pid } of spokes) expect(system.reasonOf(pid)).toBe('die');
});

test('LINK-17 link and unlink with what is no pid is a TypeError in the caller', async () => {
  const system = testSystem();
  const a = await puppet(system);
  const errors = await a.does((self) =>
    ['foo', 42, undefined, { name: 'foo' }].flatMap((what) =>
      [self.link, self.unlink].map((verb) => {
        try {
          verb.call(self, what as never);
          return undefined;
        } catch (error) {
          return error;
        }
      }),
    ),
  );
  expect(errors).toHaveLength(8);
  for (const error of errors) expect(error).toBeInstanceOf(TypeError);
  expect(system.info(a.pid)).toBeDefined();
});

test.each(['link first', 'monitor first'])('LINK-18 EXIT comes before DOWN (%s)', async (first) => {
  await everySchedule(3, async (system) => {
    const watcher = await puppet(system, { trapExit: true });
    const target = await puppet(system);
    await watcher.does((self) => {
      if (first === 'link first') self.link(target.pid);
      self.monitor(target.pid);
      if (first === 'monitor first') self.link(target.pid);
    });
    await target.does((self) => self.exit('r'));
    expect((await watcher.mail()).map(({ tag }) => tag)).toEqual(['EXIT', 'DOWN']);
  });
});

test.each(BODIES)(
  'LINK-19 a link made after the end was decided and before it was told brings the true reason (%s body)',
  async (body) => {
    const system = testSystem();
    const target = await puppet(system, { body });
    const late = await puppet(system, { trapExit: true });
    const plain = await puppet(system);
    await late.does((self) => {
      self.exitSignal(target.pid, 'boom');
      self.link(target.pid);
      expect(self.info(target.pid)).toBeUndefined();
    });
    expect(await late.mail()).toEqual([{ tag: 'EXIT', from: target.pid, reason: 'boom' }]);

    const next = await puppet(system, { body });
    await plain.does((self) => {
      self.exitSignal(next.pid, 'boom');
      self.link(next.pid);
    });
    expect(system.reasonOf(plain.pid)).toBe('boom');
  },
);

test.each(BODIES)(
  'LINK-19 a link made during the clean-up of its peer brings the true reason (%s body)',
  async (body) => {
    const system = testSystem();
    const late = await puppet(system, { trapExit: true });
    const itself = await late.does((self) => self);
    const target = await puppet(system, { body });
    await target.does((self) => self.defer(() => itself.link(target.pid)));
    await target.does((self) => self.exit('boom'));
    expect(await late.mail()).toEqual([{ tag: 'EXIT', from: target.pid, reason: 'boom' }]);
    expect(linksOf(system, late)).toEqual([]);
  },
);

test('LINK-19 a link made at whatever moment of its peer’s end brings exactly one EXIT', async () => {
  const reasons = new Set<unknown>();
  await everySchedule(18, async (system) => {
    const got: unknown[] = [];
    system.spawn(linker, got);
    await system.settle();
    expect(got).toHaveLength(1);
    reasons.add(got[0]);
  });
  expect(reasons).toEqual(new Set(['bye', 'noproc']));

  function* linker(self: Self, got: unknown[]): Actor {
    self.trapExit(true);
    const peer = self.spawn(stoppable);
    self.send(peer, { tag: 'stop', reason: 'bye' });
    yield* self.yield();
    self.link(peer);
    for (;;) got.push((yield* self.receive('EXIT')).reason);
  }
});

test('LINK-20 the end of a chain of 100,000 links does not recurse', async () => {
  const system = new ActorSystem({ log: 'off' });
  const watched = system.spawn(chained, 100_000);
  expect(await system.exited(watched)).toBe('boom');
  await idle(system);
  expect(system.actors()).toEqual([]);
  await system.shutdown();

  function* chained(self: Self, more: number): Actor {
    if (more === 0) self.exit('boom');
    self.spawnLink(chained, more - 1);
    yield* self.receive('EXIT');
  }
});

function linksOf(
  system: TestSystem,
  { pid }: { readonly pid: Pid<PuppetMessage> },
): readonly Pid[] {
  return system.info(pid)?.links ?? [];
}

async function chainOf(
  system: TestSystem,
  count: number,
  body: (typeof BODIES)[number] = 'generator',
): Promise<Puppet[]> {
  const chain: Puppet[] = [];
  for (let i = 0; i < count; i++) {
    const next = await puppet(system, { body });
    await chain.at(-1)?.does((self) => self.link(next.pid));
    chain.push(next);
  }
  return chain;
}

function* forever(self: Self): Actor {
  yield* self.receive('EXIT');
}

/** Resolves once an actor that is spawned now has had its turn, and so all that could run before it. */
async function idle(system: ActorSystem): Promise<void> {
  await system.run(function* (_: Self): Actor {});
}
