/** Groups: who joins, leaves, ends and watches, in every order. */

import { kill, type Scenario } from '@beamish/sim';
import { type Actor, type GroupChange, group, groups, type Pid, type Self } from 'beamish';
import { describe, expect, test } from 'vitest';
import { type Note, outcomes } from '../support/explored.ts';
import type { Any } from '../support/scenes.ts';

const ROOM = group<Any>('room');

function* member(self: Self<Any>): Actor {
  groups.join(self, ROOM, self.pid);
  yield* self.receive('never');
}

/** Monitors, hears all that comes, and notes whether that adds up to the members that there are. */
function* watching(self: Self<GroupChange>, note: Note): Actor {
  const { members } = groups.monitor(self, ROOM);
  let count = members.length;
  const heard: string[] = [`${count}`];
  for (;;) {
    const news = yield* self.receive('GROUP').after(5);
    if (news === undefined) break;
    count += news.change === 'join' ? news.pids.length : -news.pids.length;
    heard.push(news.change);
  }
  note(heard.join(' '));
  if (count !== groups.members(self, ROOM).length)
    throw new Error(`${count} are not those that there are`);
}

describe('membership', () => {
  test('one joins, and one watches: it is among the members, or comes as news', async () => {
    const scenario = (note: Note): Scenario<Any> =>
      function* scenario(self) {
        self.spawn(member);
        self.spawn(watching, note);
      };
    expect(await outcomes(scenario)).toMatchInlineSnapshot(`
      {
        "outcomes": [
          "0 join",
          "1",
        ],
        "schedules": 2,
      }
    `);
    expect(await outcomes(scenario, { faults: [kill('member')] })).toMatchInlineSnapshot(`
      {
        "outcomes": [
          "0",
          "0 join",
          "0 join leave",
          "1",
          "1 leave",
        ],
        "schedules": 8,
      }
    `);
  });

  test('two join, and one of them is killed', async () => {
    const scenario = (note: Note): Scenario<Any> =>
      function* scenario(self) {
        for (let i = 0; i < 2; i++) self.spawn(member);
        self.spawn(watching, note);
      };
    expect(await outcomes(scenario, { faults: [kill('member*')] })).toMatchInlineSnapshot(`
      {
        "outcomes": [
          "0 join",
          "0 join join",
          "0 join join leave",
          "0 join leave join",
          "1",
          "1 join",
          "1 join leave",
          "1 leave join",
          "2",
          "2 leave",
        ],
        "schedules": 52,
      }
    `);
  });

  test('one joins twice and leaves once, while it is killed: it is told of as often', async () => {
    const scenario = (note: Note): Scenario<Any> =>
      function* scenario(self) {
        self.spawn(function* member(its: Self<Any>): Actor {
          groups.join(its, ROOM, [its.pid, its.pid]);
          yield* its.yield();
          groups.leave(its, ROOM, its.pid);
          yield* its.receive('never');
        });
        self.spawn(watching, note);
      };
    expect(await outcomes(scenario, { faults: [kill('member')] })).toMatchInlineSnapshot(`
      {
        "outcomes": [
          "0",
          "0 join leave",
          "0 join leave leave",
          "1",
          "1 leave",
          "2 leave",
          "2 leave leave",
        ],
        "schedules": 14,
      }
    `);
  });

  test('a third lets it leave while it ends: one of both takes it out, and it is told once', async () => {
    const scenario = (note: Note): Scenario<Any> =>
      function* scenario(self) {
        const its = self.spawn(function* member(): Actor {}) as Pid<Any>;
        groups.join(self, ROOM, its);
        self.spawn(function* leaving(me: Self<Any>): Actor {
          note(groups.leave(me, ROOM, its) ? 'left' : 'was none');
        });
        self.spawn(watching, note);
      };
    expect(await outcomes(scenario)).toMatchInlineSnapshot(`
      {
        "outcomes": [
          "0, left",
          "0, was none",
          "1 leave, left",
          "1 leave, was none",
        ],
        "schedules": 4,
      }
    `);
  });

  test('one that is joined by another one while it ends is no member in the end', async () => {
    const scenario = (note: Note): Scenario<Any> =>
      function* scenario(self, { eventually, system }) {
        const its = self.spawn(function* member(): Actor {}) as Pid<Any>;
        self.spawn(function* joining(me: Self<Any>): Actor {
          groups.join(me, ROOM, its);
          note(`${groups.members(me, ROOM).length}`);
        });
        eventually(
          'there is none',
          () => groups.members(system, ROOM).length === 0 && groups.which(system).length === 0,
        );
      };
    expect(await outcomes(scenario)).toMatchInlineSnapshot(`
      {
        "outcomes": [
          "0",
          "1",
        ],
        "schedules": 2,
      }
    `);
  });

  test('whoever hears of its end finds it in the group no more', async () => {
    const scenario = (note: Note): Scenario<Any> =>
      function* scenario(self) {
        const its = self.spawn(member) as Pid<Any>;
        self.spawn(function* watcher(me: Self<Any>): Actor {
          me.monitor(its as Pid);
          const down = yield* me.receive('DOWN').after(5);
          if (down !== undefined && groups.members(me, ROOM).length > 0)
            throw new Error('It is there');
          note(down === undefined ? 'it lives' : 'it is gone');
        });
      };
    expect(await outcomes(scenario, { faults: [kill('member')] })).toMatchInlineSnapshot(`
      {
        "outcomes": [
          "it is gone",
          "it lives",
        ],
        "schedules": 9,
      }
    `);
  });
});

describe('news', () => {
  test('after demonitor none is left or comes, whatever happened before', async () => {
    const scenario = (note: Note): Scenario<Any> =>
      function* scenario(self) {
        self.spawn(member);
        self.spawn(function* watcher(its: Self<GroupChange>): Actor {
          const { ref } = groups.monitor(its, ROOM);
          yield* its.yield();
          note(groups.demonitor(its, ref) ? 'it was active' : 'it was none');
          if ((yield* its.receive('GROUP').after(5)) !== undefined)
            throw new Error('There is news');
        });
      };
    expect(await outcomes(scenario, { faults: [kill('member')] })).toMatchInlineSnapshot(`
      {
        "outcomes": [
          "it was active",
        ],
        "schedules": 6,
      }
    `);
  });

  test('a watcher that ends is forgotten with the group', async () => {
    const scenario = (note: Note): Scenario<Any> =>
      function* scenario(self, { eventually, system, count }) {
        self.spawn(member);
        self.spawn(watching, note);
        eventually('the group is there with its member', () => {
          const isGone = count({ kind: 'ended', to: 'member' }) > 0;
          return groups.which(system).length === (isGone ? 0 : 1);
        });
      };
    const faults = [kill('watching'), kill('member')];
    expect(await outcomes(scenario, { faults })).toMatchInlineSnapshot(`
      {
        "outcomes": [
          "",
          "0",
          "0 join",
          "0 join leave",
          "1",
          "1 leave",
        ],
        "schedules": 32,
      }
    `);
  });
});

describe('publish', () => {
  test('reaches whoever is a member then; one that ends meanwhile has it lost, and is counted or not', async () => {
    const scenario = (note: Note): Scenario<Any> =>
      function* scenario(self, { system }) {
        system.events.on('dead_letter', () => note('lost'));
        const listening = function* listening(its: Self<Any>): Actor {
          groups.join(its, ROOM, its.pid);
          note((yield* its.receive('a')).tag);
        };
        for (let i = 0; i < 2; i++) self.spawn(listening);
        self.spawn(function* publishing(its: Self<Any>): Actor {
          note(`to ${groups.publish(its, ROOM, { tag: 'a' })}`);
        });
      };
    expect(await outcomes(scenario)).toMatchInlineSnapshot(`
      {
        "outcomes": [
          "a, a, to 2",
          "a, to 1",
          "to 0",
        ],
        "schedules": 10,
      }
    `);
    expect(await outcomes(scenario, { faults: [kill('listening*')] })).toMatchInlineSnapshot(`
      {
        "outcomes": [
          "a, a, to 2",
          "a, to 1",
          "a, to 2",
          "to 0",
          "to 1",
        ],
        "schedules": 40,
      }
    `);
  });
});
