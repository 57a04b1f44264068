/** Section S: process groups. */

import {
  type Actor,
  type GroupChange,
  group,
  groups,
  type Message,
  type Pid,
  type Self,
} from 'beamish';
import { type TestSystem, testSystem } from 'beamish/testing';
import { describe, expect, test } from 'vitest';
import { stateOfSystem } from '../../packages/beamish/src/system/system.ts';
import { type Puppet, puppet } from '../support/puppet.ts';
import { numbered, recorder } from '../support/recorder.ts';
import { everySchedule } from '../support/schedules.ts';
import { Twin } from '../support/twin.ts';

const G = group<Message>('g');
const NONE = group<Message>('none');

/** An actor that can be a member. */
async function member(system: TestSystem): Promise<Puppet & { pid: Pid<Message> }> {
  return (await puppet(system)) as Puppet & { pid: Pid<Message> };
}

test('PG-01 one who joins twice is listed twice, and has to leave twice', async () => {
  const system = testSystem();
  const p = await member(system);
  groups.join(system, G, p.pid);
  groups.join(system, G, p.pid);
  expect(groups.members(system, G)).toEqual([p.pid, p.pid]);
  expect(groups.leave(system, G, p.pid)).toBe(true);
  expect(groups.members(system, G)).toEqual([p.pid]);
  expect(groups.leave(system, G, p.pid)).toBe(true);
  expect(groups.members(system, G)).toEqual([]);
});

test('PG-01 several join and leave at once, by whomever', async () => {
  const system = testSystem();
  const [p, q, r] = [await member(system), await member(system), await member(system)];
  await r.does((self) => groups.join(self, G, [p.pid, q.pid, p.pid]));
  expect(groups.members(system, G)).toEqual([p.pid, p.pid, q.pid]);
  expect(groups.leave(system, G, [p.pid, q.pid, r.pid])).toBe(true);
  expect(await q.does((self) => groups.members(self, G))).toEqual([p.pid]);
});

test('PG-02 leave says false of who is no member, and of a group that there is not', async () => {
  const system = testSystem();
  const [p, stranger] = [await member(system), await member(system)];
  groups.join(system, G, p.pid);
  expect(groups.leave(system, G, stranger.pid)).toBe(false);
  expect(groups.leave(system, NONE, p.pid)).toBe(false);
  expect(groups.members(system, G)).toEqual([p.pid]);
});

test('PG-03 the dead are in no group, and a group without members is not listed', async () => {
  const system = testSystem();
  const p = await member(system);
  groups.join(system, G, [p.pid, p.pid]);
  groups.join(system, group('h'), p.pid);
  expect(groups.which(system)).toEqual(['g', 'h']);
  system.exitSignal(p.pid, 'kill');
  await system.settle();
  expect(groups.members(system, G)).toEqual([]);
  expect(groups.which(system)).toEqual([]);
});

test('PG-03 a member is gone before anyone hears of its end, and as soon as it is exiting', async () => {
  await everySchedule(48, async (system) => {
    const seen: unknown[] = [];
    const pid = system.spawn(recorder, []) as Pid<Message>;
    groups.join(system, G, pid);
    const watch = (trapping: boolean) =>
      function* (self: Self) {
        self.trapExit(trapping);
        if (trapping) self.link(pid);
        else self.monitor(pid);
        yield* self.receive('EXIT', 'DOWN');
        seen.push(groups.members(self, G));
      };
    system.spawn(watch(true));
    system.spawn(watch(false));
    await system.settle();
    system.exitSignal(pid, 'kill');
    expect(groups.members(system, G)).toEqual([]);
    await system.settle();
    expect(seen).toEqual([[], []]);
  });
});

test('PG-04 nobody is in a group that there is not; the dead may join, and are not there', async () => {
  const system = testSystem();
  const p = await member(system);
  expect(groups.members(system, NONE)).toEqual([]);
  system.exitSignal(p.pid, 'kill');
  groups.join(system, G, p.pid);
  expect(groups.members(system, G)).toEqual([]);
  await system.settle();
  groups.join(system, G, p.pid);
  expect(groups.members(system, G)).toEqual([]);
  expect(groups.which(system)).toEqual([]);
});

describe('PG-05 who monitors a group', () => {
  /** Everything that the monitor of a group is told; `ref` is left out. */
  function changes(log: readonly Message[], ref: unknown): unknown[] {
    return (log as readonly GroupChange[]).map((each) => {
      expect(each).toMatchObject({ tag: 'GROUP', ref, group: G });
      return [each.change, ...each.pids];
    });
  }

  test('is told of its members, and of each who joins, leaves or ends after that', async () => {
    const system = testSystem();
    const [p, q, watcher] = [await member(system), await member(system), await puppet(system)];
    groups.join(system, G, p.pid);
    const { ref, members } = await watcher.does((self) => groups.monitor(self, G));
    expect(members).toEqual([p.pid]);
    groups.join(system, G, q.pid);
    groups.join(system, NONE, q.pid);
    groups.leave(system, G, q.pid);
    system.exitSignal(p.pid, 'kill');
    expect(changes(await watcher.mail(), ref)).toEqual([
      ['join', q.pid],
      ['leave', q.pid],
      ['leave', p.pid],
    ]);
  });

  test('may monitor it before anyone has joined, and more than once', async () => {
    const system = testSystem();
    const [p, watcher] = [await member(system), await puppet(system)];
    const one = await watcher.does((self) => groups.monitor(self, G));
    const two = await watcher.does((self) => groups.monitor(self, G));
    expect([one.members, two.members]).toEqual([[], []]);
    groups.join(system, G, p.pid);
    const mail = await watcher.mail();
    expect(mail.map((each) => (each as GroupChange).ref)).toEqual([one.ref, two.ref]);
  });

  test('leaves nothing behind when it ends', async () => {
    const system = testSystem();
    const [p, watcher] = [await member(system), await puppet(system)];
    await watcher.does((self) => groups.monitor(self, G));
    system.exitSignal(watcher.pid, 'kill');
    await system.settle();
    groups.join(system, G, p.pid);
    await system.settle();
    expect(system.told('dead_letter')).toEqual([]);
  });
});

test('PG-06 a scope knows nothing of the groups of another', async () => {
  const system = testSystem();
  const p = await member(system);
  const other = group<Message>('g', 'other');
  groups.join(system, other, p.pid);
  expect(groups.members(system, G)).toEqual([]);
  expect(groups.which(system)).toEqual([]);
  expect(groups.which(system, 'other')).toEqual(['g']);
  // Scope and group are not just put together.
  expect(groups.members(system, group('therg', 'o'))).toEqual([]);
});

describe('PG-06 across systems', () => {
  function joined(twin: Twin, i: number): Pid<Message> {
    const pid = twin.system(i).spawn(recorder, []) as Pid<Message>;
    groups.join(twin.system(i), G, pid);
    return pid;
  }

  test.each([...Array(20).keys()])('all come to know all members: seed %i', async (seed) => {
    const twin = new Twin({ seed, names: ['main', 'thread-1', 'thread-2'] });
    const pids = [0, 1, 2].map((i) => joined(twin, i));
    await twin.settle();
    for (const i of [0, 1, 2]) {
      const members = groups.members(twin.system(i), G).map(String);
      expect(members.toSorted()).toEqual(pids.map(String).toSorted());
      expect(groups.localMembers(twin.system(i), G)).toEqual([pids[i]]);
    }
    groups.leave(twin.system(1), G, pids[1] as Pid<Message>);
    twin.system(2).exitSignal(pids[2] as Pid, 'kill');
    await twin.settle();
    expect(groups.members(twin.system(1), G)).toEqual([pids[0]]);
  });

  test('a system that is connected later learns of those who were there', async () => {
    const twin = new Twin({ names: ['main', 'thread-1'] });
    joined(twin, 0);
    joined(twin, 0);
    twin.restart(1);
    await twin.settle();
    expect(groups.members(twin.system(1), G)).toHaveLength(2);
  });

  test.each([...Array(20).keys()])(
    'the members of a lost system are gone before anyone hears of their ends: seed %i',
    async (seed) => {
      const twin = new Twin({ seed });
      const pid = joined(twin, 1);
      await twin.settle();
      const seen: unknown[] = [];
      twin.system(0).spawn(function* (self: Self) {
        const { ref } = groups.monitor(self, G);
        self.monitor(groups.members(self, G)[0] as Pid);
        yield* self.receive('DOWN');
        seen.push(groups.members(self, G));
        const change = (yield* self.receive('GROUP' as never).after(0)) as unknown as GroupChange;
        seen.push(change.change, change.ref === ref, change.pids.map(String));
      });
      await twin.settle();
      twin.cut();
      await twin.settle();
      expect(seen).toEqual([[], 'leave', true, [String(pid)]]);
      expect(groups.members(twin.system(1), G)).toEqual([pid]);
    },
  );

  test.each([...Array(20).keys()])(
    'a member of another system is gone before anyone here hears of its end: seed %i',
    async (seed) => {
      const twin = new Twin({ seed });
      const pid = joined(twin, 1);
      await twin.settle();
      const seen: unknown[] = [];
      twin.system(0).spawn(function* (self: Self) {
        self.monitor(groups.members(self, G)[0] as Pid);
        const { reason } = yield* self.receive('DOWN');
        seen.push(reason, groups.members(self, G));
      });
      await twin.settle();
      twin.system(1).exitSignal(pid, 'bye');
      await twin.settle();
      expect(seen).toEqual([]);
      twin.system(1).exitSignal(pid, 'kill');
      await twin.settle();
      expect(seen).toEqual(['killed', []]);
    },
  );

  test.each([...Array(20).keys()])(
    'who is told something by a member knows of its membership: seed %i',
    async (seed) => {
      const twin = new Twin({ seed });
      const seen: number[] = [];
      twin.system(0).register(
        'told',
        twin.system(0).spawn(function* (self: Self<Message>) {
          for (;;) {
            yield* self.receive('number' as never);
            seen.push(groups.members(self, G).length);
          }
        }),
      );
      for (let n = 1; n <= 3; n++) {
        twin.system(1).spawn(function* (self: Self<Message>) {
          groups.join(self, G, self.pid);
          self.send({ name: 'told', system: 'main' } as never, numbered(n) as never);
          yield* self.receive('DOWN');
        });
      }
      await twin.settle();
      expect(seen).toHaveLength(3);
      for (const [i, count] of seen.entries()) expect(count).toBeGreaterThan(i);
    },
  );
});

test('PG-07 an actor of another system cannot be made to join or leave', async () => {
  const twin = new Twin();
  const pid = twin.system(1).spawn(recorder, []) as Pid<Message>;
  for (const verb of [groups.join, groups.leave])
    expect(() => verb(twin.system(0), G, pid)).toThrow(
      `"g": <thread-1.${pid.serial}> is of another system, and can do so there`,
    );
  await twin.settle();
  expect(groups.members(twin.system(0), G)).toEqual([]);
});

test('PG-08 demonitor leaves no change in the mailbox that it has told of', async () => {
  const system = testSystem();
  const [p, q, watcher] = [await member(system), await member(system), await puppet(system)];
  const { ref } = await watcher.does((self) => groups.monitor(self, G));
  const { ref: other } = await watcher.does((self) => groups.monitor(self, G));
  groups.join(system, G, [p.pid]);
  groups.join(system, G, [q.pid]);
  await watcher.does((self) => groups.demonitor(self, ref));
  expect((await watcher.mail()).map((it) => (it as unknown as { ref: unknown }).ref)).toEqual([
    other,
    other,
  ]);
});

test('an actor that monitors a group as it cleans up hears nothing, and is forgotten', async () => {
  const system = testSystem();
  const pid = system.spawn(function* (self: Self): Actor {
    self.defer(() => void groups.monitor(self, G));
    yield* self.yield();
  });
  await system.settle();
  expect(system.info(pid)).toBeUndefined();
  // Nobody has the group: it is not kept for the watch of a dead one.
  expect(groups.which(system)).toEqual([]);
  const watches = stateOfSystem(system).groups;
  expect([...(watches ?? [])]).toEqual([]);
});

test('PG-08 demonitor is true once, and nothing is told after it', async () => {
  const system = testSystem();
  const [p, watcher, other] = [await member(system), await puppet(system), await puppet(system)];
  const { ref } = await watcher.does((self) => groups.monitor(self, G));
  expect(await other.does((self) => groups.demonitor(self, ref))).toBe(false);
  expect(await watcher.does((self) => groups.demonitor(self, ref))).toBe(true);
  expect(await watcher.does((self) => groups.demonitor(self, ref))).toBe(false);
  groups.join(system, G, p.pid);
  expect(await watcher.mail()).toEqual([]);
});
