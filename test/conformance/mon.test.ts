/** Monitors: one way, and exactly one DOWN each. */

import { type Actor, type Down, type Message, name, type Ref, type Self } from 'beamish';
import { type TestSystem, testSystem } from 'beamish/testing';
import { expect, test } from 'vitest';
import { BODIES, generatorPuppet, type Puppet, puppet } from '../support/puppet.ts';
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

test.each(BODIES)(
  'MON-01 monitor returns a new ref, and the DOWN names it, its target and the reason (%s body)',
  async (body) => {
    const { watcher, target } = await pair(body);
    const refs = await watcher.does((self) => [self.monitor(target.pid), self.monitor(target.pid)]);
    expect(refs[0]).not.toBe(refs[1]);
    await target.does((self) => self.exit('r'));
    const downs = await watcher.mail();
    expect(downs).toEqual(
      refs.map((ref) => ({ tag: 'DOWN', ref, target: target.pid, reason: 'r' })),
    );
    for (const [i, down] of downs.entries()) {
      expect((down as Down).ref).toBe(refs[i]);
      expect((down as Down).target).toBe(target.pid);
    }
  },
);

test('MON-02 a monitor fires once and is gone', async () => {
  const { system, watcher, target } = await pair();
  await watcher.does((self) => self.monitor(target.pid));
  system.exitSignal(target.pid, 'first');
  system.exitSignal(target.pid, 'second');
  expect(await watcher.mail()).toHaveLength(1);
  await system.advance(1_000);
  expect(await watcher.mail()).toEqual([]);
  expect(system.info(watcher.pid)?.monitors).toEqual([]);
});

test('MON-03 a monitor of the dead gives DOWN noproc as a message', async () => {
  const { watcher, target } = await pair();
  await target.does((self) => self.exit('gone'));
  const ref = await watcher.does((self) => self.monitor(target.pid));
  expect(await watcher.mail()).toEqual([
    { tag: 'DOWN', ref, target: target.pid, reason: 'noproc' },
  ]);
});

test('MON-04 monitors of the same actor are independent, and fire in the order in which they were made', async () => {
  const { watcher, target } = await pair();
  const refs = await watcher.does((self) => [1, 2, 3, 4].map(() => self.monitor(target.pid)));
  await watcher.does((self) => self.demonitor(refs[1] as Ref));
  await target.does((self) => self.exit('r'));
  expect((await watcher.mail()).map((down) => (down as Down).ref)).toEqual([
    refs[0],
    refs[2],
    refs[3],
  ]);
});

test('MON-05 the end of the watcher leaves the target alone, and no trace on it', async () => {
  const { system, watcher, target } = await pair();
  const other = await puppet(system);
  for (const each of [watcher, other]) {
    await each.does((self) => {
      self.monitor(target.pid);
      self.monitor(target.pid);
    });
  }
  await watcher.does((self) => self.exit('bad'));
  expect(system.info(target.pid)?.monitoredBy).toEqual([other.pid, other.pid]);
  await other.does((self) => self.exit('bad'));
  expect(system.info(target.pid)?.monitoredBy).toEqual([]);
  await target.does((self) => self.exit('r'));
  expect(system.told('dead_letter')).toEqual([]);
});

test('MON-06 a DOWN comes for every reason, normal too', async () => {
  for (const reason of ['normal', 'shutdown', 'kill', 'x']) {
    const { watcher, target } = await pair();
    await watcher.does((self) => self.monitor(target.pid));
    await target.does((self) => self.exit(reason));
    expect(await watcher.mail()).toMatchObject([{ tag: 'DOWN', reason }]);
  }
});

test.each(BODIES)('MON-06 a body that returns ends normal (%s body)', async (body) => {
  const system = testSystem();
  const watcher = await puppet(system);
  await watcher.does((self) => self.spawnMonitor(body === 'async' ? asyncDone : done));
  expect(await watcher.mail()).toMatchObject([{ tag: 'DOWN', reason: 'normal' }]);

  function* done(_: Self): Actor {}
  async function asyncDone(_: Self): Promise<void> {}
});

test('MON-07 a DOWN needs no trapping of exits and ends nobody', async () => {
  const { system, watcher, target } = await pair();
  await watcher.does((self) => self.monitor(target.pid));
  system.exitSignal(target.pid, 'kill');
  expect(await watcher.mail()).toMatchObject([{ tag: 'DOWN', reason: 'killed' }]);
  expect(system.info(watcher.pid)).toBeDefined();
});

test('MON-08 after demonitor no DOWN ever comes', async () => {
  const { system, watcher, target } = await pair();
  await watcher.does((self) => self.demonitor(self.monitor(target.pid)));
  await target.does((self) => self.exit('r'));
  await system.advance(1_000);
  expect(await watcher.mail()).toEqual([]);
});

test('MON-08 demonitor of who was ended and has not yet told anyone holds', async () => {
  const { system, watcher, target } = await pair();
  const wasActive = await watcher.does((self) => {
    const ref = self.monitor(target.pid);
    self.exitSignal(target.pid, 'boom');
    return self.demonitor(ref);
  });
  expect(wasActive).toBe(true);
  expect(system.reasonOf(target.pid)).toBe('boom');
  expect(await watcher.mail()).toEqual([]);
});

test('MON-09 demonitor without flush leaves a DOWN that is in the mailbox', async () => {
  const { watcher, target } = await pair();
  const ref = await watcher.does((self) => self.monitor(target.pid));
  await target.does((self) => self.exit('normal'));
  await watcher.does((self) => self.demonitor(ref));
  expect(await watcher.mail()).toMatchObject([{ tag: 'DOWN', ref, reason: 'normal' }]);
});

test('MON-10 demonitor with flush takes out that DOWN and nothing else', async () => {
  const { system, watcher, target } = await pair();
  const refs = await watcher.does((self) => [1, 2, 3].map(() => self.monitor(target.pid)));
  system.send(watcher.pid, { tag: 'note', what: 'before' });
  await target.does((self) => self.exit('r'));
  system.send(watcher.pid, { tag: 'note', what: 'after' });
  await watcher.does((self) => self.demonitor(refs[1] as Ref, { flush: true }));
  expect(await watcher.mail()).toMatchObject([
    { tag: 'note', what: 'before' },
    { tag: 'DOWN', ref: refs[0] },
    { tag: 'DOWN', ref: refs[2] },
    { tag: 'note', what: 'after' },
  ]);
});

test('MON-10 after demonitor with flush there is no DOWN, in whatever schedule', async () => {
  const late: unknown[] = [];
  const active = new Set<boolean>();
  await everySchedule(396, async (system) => {
    const pid = system.spawn(watcher);
    await system.settle();
    expect(system.reasonOf(pid)).toBe('normal');
  });
  expect(late).toEqual([]);
  expect(active).toEqual(new Set([true, false]));

  function* watcher(self: Self): Actor {
    const { pid, ref } = self.spawnMonitor(stoppable);
    self.send(pid, { tag: 'stop', reason: 'x' });
    yield* self.yield();
    active.add(self.demonitor(ref, { flush: true }));
    for (let i = 0; i < 5; i++) yield* self.yield();
    const down = yield* self.receive('DOWN').after(0);
    if (down !== undefined) late.push(down);
  }
});

test('MON-11 demonitor says whether the monitor was active', async () => {
  const { system, watcher, target } = await pair();
  const answers = await watcher.does((self) => {
    const ref = self.monitor(target.pid);
    return [self.demonitor(ref), self.demonitor(ref)];
  });
  expect(answers).toEqual([true, false]);
  const fired = await watcher.does((self) => self.monitor(target.pid));
  await target.does((self) => self.exit('r'));
  expect(system.info(watcher.pid)?.mailboxLength).toBe(1);
  expect(await watcher.does((self) => self.demonitor(fired, { flush: true }))).toBe(false);
  expect(await watcher.mail()).toEqual([]);
});

test('MON-12 only the owner can demonitor; from another it has no effect', async () => {
  const { system, watcher, target } = await pair();
  const other = await puppet(system);
  const ref = await watcher.does((self) => self.monitor(target.pid));
  expect(await other.does((self) => self.demonitor(ref, { flush: true }))).toBe(false);
  await target.does((self) => self.exit('r'));
  await other.does((self) => self.demonitor(ref, { flush: true }));
  expect(await watcher.mail()).toMatchObject([{ tag: 'DOWN', ref, reason: 'r' }]);
});

test('MON-13 demonitor of a ref that names no monitor is false, of what is no ref, and by a bad option, a TypeError', async () => {
  const { system, watcher, target } = await pair();
  const timer = system.sendAfter(100, watcher.pid, { tag: 'note', what: 'tick' });
  expect(await watcher.does((self) => self.demonitor(timer))).toBe(false);
  const error = await watcher.does((self) => {
    try {
      return self.demonitor('foo' as never);
    } catch (thrown) {
      return thrown;
    }
  });
  expect(error).toBeInstanceOf(TypeError);
  await watcher.does((self) => {
    const ref = self.monitor(target.pid);
    // @ts-expect-error an option that there is not
    expect(() => self.demonitor(ref, { bogus: true })).toThrow(TypeError);
    self.demonitor(ref);
  });
  await system.advance(100);
  expect(await watcher.mail()).toEqual([{ tag: 'note', what: 'tick' }]);
});

test('MON-14 a monitor by name gives a DOWN whose target is the name', async () => {
  const { system, watcher, target } = await pair();
  const service = name('service');
  system.register('service', target.pid);
  const ref = await watcher.does((self) => self.monitor(service));
  await target.does((self) => self.exit('r'));
  expect(await watcher.mail()).toEqual([{ tag: 'DOWN', ref, target: service, reason: 'r' }]);
});

test('MON-15 a monitor of a name that nobody has gives DOWN noproc with the name', async () => {
  const { watcher } = await pair();
  const nobody = name('nobody');
  const ref = await watcher.does((self) => self.monitor(nobody));
  expect(await watcher.mail()).toEqual([{ tag: 'DOWN', ref, target: nobody, reason: 'noproc' }]);
});

test('MON-15 the name of an actor that was ended is nobody’s already', async () => {
  const { system, watcher, target } = await pair();
  system.register('service', target.pid);
  await watcher.does((self) => {
    self.exitSignal(target.pid, 'boom');
    self.monitor(name('service'));
  });
  expect(await watcher.mail()).toMatchObject([{ tag: 'DOWN', reason: 'noproc' }]);
});

test('MON-16 a name is looked up once: the monitor stays with who had it then', async () => {
  const { system, watcher, target } = await pair();
  const heir = await puppet(system);
  const service = name('service');
  system.register('service', target.pid);
  await watcher.does((self) => self.monitor(service));
  system.unregister('service');
  system.register('service', heir.pid);
  await heir.does((self) => self.exit('r2'));
  expect(await watcher.mail()).toEqual([]);
  await target.does((self) => self.exit('r1'));
  expect(await watcher.mail()).toMatchObject([{ tag: 'DOWN', target: service, reason: 'r1' }]);
});

test('MON-17 a monitor of oneself never fires and is not listed', async () => {
  const { system, watcher } = await pair();
  system.register('me', watcher.pid);
  const refs = await watcher.does((self) => [self.monitor(self.pid), self.monitor(name('me'))]);
  for (const ref of refs) expect(ref).toMatchObject({ system: 'test' });
  expect(system.info(watcher.pid)).toMatchObject({ monitors: [], monitoredBy: [] });
  await watcher.does((self) => self.exit('r'));
  expect(system.told('dead_letter')).toEqual([]);
});

test('MON-18 monitor of what is neither a pid nor a name is a TypeError in the caller', async () => {
  const { system, watcher } = await pair();
  const errors = await watcher.does((self) => {
    const ref = self.monitor(self.pid);
    return [42, 'foo', undefined, null, ref].map((what) => {
      try {
        return self.monitor(what as never);
      } catch (error) {
        return error;
      }
    });
  });
  for (const error of errors) expect(error).toBeInstanceOf(TypeError);
  expect(system.info(watcher.pid)).toMatchObject({ monitors: [] });
});

test.each(BODIES)('MON-19 all watchers hear the same reason (%s body)', async (body) => {
  const { system, watcher, target } = await pair(body);
  const other = await puppet(system, { body });
  const reason = { shutdown: ['why'] };
  for (const each of [watcher, other]) await each.does((self) => self.monitor(target.pid));
  await target.does((self) => self.exit(reason));
  for (const each of [watcher, other]) {
    const [down] = await each.mail();
    expect((down as Down).reason).toBe(reason);
  }
});

test.each(BODIES)(
  'MON-20 a monitor made after the end was decided and before it was told brings the true reason (%s body)',
  async (body) => {
    const { watcher, target } = await pair(body);
    const ref = await watcher.does((self) => {
      self.exitSignal(target.pid, 'boom');
      return self.monitor(target.pid);
    });
    expect(await watcher.mail()).toEqual([
      { tag: 'DOWN', ref, target: target.pid, reason: 'boom' },
    ]);
  },
);

test.each(BODIES)(
  'MON-20 monitors made during the clean-up of the target bring one DOWN each (%s body)',
  async (body) => {
    const system = testSystem();
    const watcher = await puppet(system);
    const itself = await watcher.does((self) => self);
    const target = await puppet(system, { body });
    const refs: Ref[] = [];
    await target.does((self) => {
      self.defer(() => refs.push(itself.monitor(target.pid)));
      self.defer(() => refs.push(itself.monitor(target.pid)));
    });
    system.exitSignal(target.pid, 'boom');
    const downs = await watcher.mail();
    expect(refs).toHaveLength(2);
    expect(downs).toEqual(
      refs.map((ref) => ({ tag: 'DOWN', ref, target: target.pid, reason: 'boom' })),
    );
  },
);

test('MON-20 a monitor made when others hear of the end brings DOWN noproc', async () => {
  const system = testSystem();
  const watcher = await puppet(system);
  const itself = await watcher.does((self) => self);
  const target = await puppet(system);
  system.events.on('exit', ({ pid }) => {
    if (pid === target.pid) itself.monitor(pid);
  });
  await target.does((self) => self.exit('boom'));
  expect(await watcher.mail()).toMatchObject([{ tag: 'DOWN', reason: 'noproc' }]);
});

test('MON-20 a monitor made at whatever moment of the target’s end brings exactly one DOWN', async () => {
  const reasons = new Set<unknown>();
  await everySchedule(18, async (system) => {
    const got: unknown[] = [];
    system.spawn(watcher, got);
    await system.settle();
    expect(got).toHaveLength(1);
    reasons.add(got[0]);
  });
  expect(reasons).toEqual(new Set(['bye', 'noproc']));

  function* watcher(self: Self, got: unknown[]): Actor {
    const target = self.spawn(stoppable);
    self.send(target, { tag: 'stop', reason: 'bye' });
    yield* self.yield();
    self.monitor(target);
    for (;;) got.push((yield* self.receive('DOWN')).reason);
  }
});

test('MON-22 monitors and who monitors are visible', async () => {
  const { system, watcher, target } = await pair();
  const service = name('service');
  system.register('service', target.pid);
  const ref = await watcher.does((self) => {
    self.monitor(service);
    return self.monitor(target.pid);
  });
  expect(system.info(watcher.pid)?.monitors).toEqual([service, target.pid]);
  expect(system.info(target.pid)?.monitoredBy).toEqual([watcher.pid, watcher.pid]);
  await watcher.does((self) => self.demonitor(ref));
  expect(system.info(watcher.pid)?.monitors).toEqual([service]);
  expect(system.info(target.pid)?.monitoredBy).toEqual([watcher.pid]);
});

test('MON-22 spawnMonitor monitors before the actor runs', async () => {
  const { watcher } = await pair();
  const listed = await watcher.does((self) => {
    const { pid } = self.spawnMonitor(generatorPuppet);
    return self.info(pid)?.monitoredBy;
  });
  expect(listed).toEqual([watcher.pid]);
});

async function pair(
  body: (typeof BODIES)[number] = 'generator',
): Promise<{ system: TestSystem; watcher: Puppet; target: Puppet }> {
  const system = testSystem();
  return {
    system,
    watcher: await puppet(system, { body }),
    target: await puppet(system, { body }),
  };
}
