/** Registries: a unique key has one owner at most, and is free when the first one hears of its owner's end. */

import { kill, type Scenario } from '@beamish/sim';
import {
  type Actor,
  child,
  name,
  type Pid,
  type Registry,
  registry,
  type Self,
  server,
  supervisor,
  via,
} from 'beamish';
import { describe, expect, test } from 'vitest';
import { type Note, outcomes } from '../support/explored.ts';
import type { Any } from '../support/scenes.ts';
import { askingWhileKilled, killing, serving } from '../support/serving.ts';

const ROOMS = name<Registry<string, Any>>('rooms');

/** With a registry, which is called by its name. */
const withRooms = (
  body: (self: Self<Any>, sim: Parameters<Scenario<Any>>[1]) => Actor,
  keys: 'unique' | 'duplicate' = 'unique',
): Scenario<Any> =>
  function* scenario(self, sim) {
    const its = yield* self.startLink(registry(ROOMS, { keys }));
    if (!its.ok) throw its.reason;
    self.unlink(its.pid as unknown as Pid);
    yield* body(self, sim);
  };

/** Registers, notes whether it could, and stays. */
function* guest(self: Self<Any>, note: Note, key = 'lobby'): Actor {
  const done = registry.register(self, ROOMS, key);
  note(done.ok ? 'registered' : done.reason);
  yield* self.receive('never');
}

describe('unique keys', () => {
  test('two who register one: exactly one owns it, and the other hears who', async () => {
    const scenario = (note: Note): Scenario<Any> =>
      withRooms(function* rooms(self) {
        for (let i = 0; i < 2; i++) self.spawn(guest, note);
      });
    expect(await outcomes(scenario)).toMatchInlineSnapshot(`
      {
        "outcomes": [
          "already_registered, registered",
        ],
        "schedules": 2,
      }
    `);
  });

  test('two who register one, the first of which may be killed: one at most owns it', async () => {
    const scenario = (note: Note): Scenario<Any> =>
      withRooms(function* rooms(self, { always, system }) {
        for (let i = 0; i < 2; i++) self.spawn(guest, note);
        always('one at most', () => registry.lookup(system, ROOMS, 'lobby').length <= 1);
      });
    expect(await outcomes(scenario, { faults: [kill('guest 1')] })).toMatchInlineSnapshot(`
      {
        "outcomes": [
          "already_registered, registered",
          "registered",
          "registered, registered",
        ],
        "schedules": 4,
      }
    `);
  });

  test('whoever hears of its owner’s end can have it at once', async () => {
    const scenario = (note: Note): Scenario<Any> =>
      withRooms(function* rooms(self) {
        const first = self.spawn(function* first(its: Self<Any>): Actor {
          registry.register(its, ROOMS, 'lobby');
          yield* its.receive('never');
        });
        self.spawn(function* heir(its: Self<Any>): Actor {
          its.monitor(first as Pid);
          if ((yield* its.receive('DOWN').after(5)) === undefined) return note('nobody ended');
          yield* guest(its, note);
        });
      });
    expect(await outcomes(scenario, { faults: [kill('first')] })).toMatchInlineSnapshot(`
      {
        "outcomes": [
          "nobody ended",
          "registered",
        ],
        "schedules": 9,
      }
    `);
  });

  test('one who gives it back while another one asks for it', async () => {
    const scenario = (note: Note): Scenario<Any> =>
      withRooms(function* rooms(self, { eventually, system }) {
        self.spawn(function* first(its: Self<Any>): Actor {
          registry.register(its, ROOMS, 'lobby');
          yield* its.yield();
          registry.unregister(its, ROOMS, 'lobby');
          yield* its.receive('never');
        });
        self.spawn(guest, note);
        eventually('one at most', () => registry.lookup(system, ROOMS, 'lobby').length <= 1);
      });
    expect(await outcomes(scenario)).toMatchInlineSnapshot(`
      {
        "outcomes": [
          "already_registered",
          "registered",
        ],
        "schedules": 3,
      }
    `);
    expect(await outcomes(scenario, { faults: [kill('first')] })).toMatchInlineSnapshot(`
      {
        "outcomes": [
          "already_registered",
          "registered",
        ],
        "schedules": 7,
      }
    `);
  });

  test('a registry that is killed takes along those who have registered', async () => {
    const scenario = (note: Note): Scenario<Any> =>
      withRooms(function* rooms(self, { eventually, count }) {
        self.spawn(function* brave(its: Self<Any>): Actor {
          its.defer(() => note('over'));
          try {
            registry.register(its, ROOMS, 'lobby');
          } catch {
            return note('no registry');
          }
          yield* its.receive('never');
        });
        self.spawn(killing, 'rooms');
        eventually('it is over', () => count({ kind: 'ended', to: 'brave' }) > 0);
      });
    expect(await outcomes(scenario, { mayCrash: ['*'] })).toMatchInlineSnapshot(`
      {
        "outcomes": [
          "no registry, over",
          "over",
        ],
        "schedules": 2,
      }
    `);
  });
});

describe('a key as a name', () => {
  const LOBBY = via(ROOMS, 'lobby');
  const body = server(() => ({ call: { one: () => 1 } }));

  test('of a child that is killed: its calls are answered or fail, and the next one has the key', async () => {
    const scenario = (note: Note): Scenario<Any> =>
      withRooms(function* rooms(self, sim) {
        const children = [child({ id: 'lobby', name: LOBBY as never }, body)];
        yield* serving(self, supervisor({ children }), 'tree');
        yield* askingWhileKilled(self, sim, note, LOBBY, function* killer(its): Actor {
          const [entry] = registry.lookup(its, ROOMS, 'lobby');
          if (entry !== undefined) its.exitSignal(entry.pid as Pid, 'kill');
        });
      });
    expect(await outcomes(scenario)).toMatchInlineSnapshot(`
      {
        "outcomes": [
          "one 1, then 1",
          "one failed: killed, then 1",
          "one failed: noproc, then 1",
        ],
        "schedules": 4,
      }
    `);
  });

  test('a message to it reaches its owner, or is lost', async () => {
    const scenario = (note: Note): Scenario<Any> =>
      withRooms(function* rooms(self, { system }) {
        system.events.on('dead_letter', () => note('lost'));
        self.spawn(function* owner(its: Self<Any>): Actor {
          registry.register(its, ROOMS, 'lobby');
          note((yield* its.receive('a')).tag);
        });
        self.spawn(function* sender(its: Self<Any>): Actor {
          its.send(LOBBY, { tag: 'a' });
        });
      });
    expect(await outcomes(scenario)).toMatchInlineSnapshot(`
      {
        "outcomes": [
          "a",
          "lost",
        ],
        "schedules": 2,
      }
    `);
    expect(await outcomes(scenario, { faults: [kill('owner')] })).toMatchInlineSnapshot(`
      {
        "outcomes": [
          "",
          "a",
          "lost",
        ],
        "schedules": 5,
      }
    `);
  });
});

describe('duplicate keys', () => {
  test('two under one key, one of which may be killed: as many entries as are alive', async () => {
    const scenario = (note: Note): Scenario<Any> =>
      withRooms(function* rooms(self, { always, eventually, system, count }) {
        for (let i = 0; i < 2; i++) self.spawn(guest, note);
        always('no dead ones', () =>
          registry
            .lookup(system, ROOMS, 'lobby')
            .every(({ pid }) => system.info(pid as Pid) !== undefined),
        );
        eventually(
          'all the others',
          () => registry.count(system, ROOMS) === 2 - count({ kind: 'fault' }),
        );
      }, 'duplicate');
    expect(await outcomes(scenario, { faults: [kill('guest*')] })).toMatchInlineSnapshot(`
      {
        "outcomes": [
          "registered",
          "registered, registered",
        ],
        "schedules": 8,
      }
    `);
  });

  test('dispatch against a registration and an end: whoever is there gets it', async () => {
    const scenario = (note: Note): Scenario<Any> =>
      withRooms(function* rooms(self, { system }) {
        system.events.on('dead_letter', () => note('lost'));
        const listening = function* listening(its: Self<Any>): Actor {
          registry.register(its, ROOMS, 'news');
          note((yield* its.receive('a')).tag);
        };
        for (let i = 0; i < 2; i++) self.spawn(listening);
        self.spawn(function* sender(its: Self<Any>): Actor {
          registry.dispatch(its, ROOMS, 'news', (entries) => {
            for (const { pid } of entries) its.send(pid, { tag: 'a' });
          });
        });
      }, 'duplicate');
    expect(await outcomes(scenario)).toMatchInlineSnapshot(`
      {
        "outcomes": [
          "",
          "a",
          "a, a",
        ],
        "schedules": 10,
      }
    `);
    expect(await outcomes(scenario, { faults: [kill('listening*')] })).toMatchInlineSnapshot(`
      {
        "outcomes": [
          "",
          "a",
          "a, a",
        ],
        "schedules": 52,
      }
    `);
  });
});
