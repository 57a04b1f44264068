/** Names: one holder at most, gone with its holder, and there again when its holder is. */

import { crash, kill, type Scenario } from '@beamish/sim';
import { type Actor, child, name, type Pid, type Self, server, supervisor } from 'beamish';
import { describe, expect, test } from 'vitest';
import { type Note, outcomes } from '../support/explored.ts';
import { type Any, sending } from '../support/scenes.ts';
import { asking, askingWhileKilled, killing, serving } from '../support/serving.ts';

const PLACE = name<Any>('place');

function* waiting(self: Self<Any>): Actor {
  yield* self.receive('never');
}

function tried(attempt: () => unknown): string {
  try {
    return attempt() === undefined ? 'done' : 'had';
  } catch (error) {
    return error instanceof TypeError ? 'refused' : String(error);
  }
}

describe('register and unregister', () => {
  test('two who register one name: exactly one has it', async () => {
    const scenario = (note: Note): Scenario<Any> =>
      function* scenario(self, { eventually, system }) {
        const one = function* one(its: Self<Any>): Actor {
          note(tried(() => its.register(PLACE, its.pid)));
          yield* its.receive('never');
        };
        self.spawn(one);
        self.spawn(one);
        eventually('somebody has it', () => system.whereis(PLACE) !== undefined);
      };
    expect(await outcomes(scenario)).toMatchInlineSnapshot(`
      {
        "outcomes": [
          "done, refused",
        ],
        "schedules": 2,
      }
    `);
  });

  test('one who registers another one that ends: it has the name, or is refused, and nobody has it in the end', async () => {
    const scenario = (note: Note): Scenario<Any> =>
      function* scenario(self, { eventually, system }) {
        const brief = self.spawn(function* brief(): Actor {}) as Pid<Any>;
        self.spawn(function* registering(its: Self<Any>): Actor {
          note(tried(() => its.register(PLACE, brief)));
        });
        eventually('nobody has it', () => system.whereis(PLACE) === undefined);
      };
    expect(await outcomes(scenario)).toMatchInlineSnapshot(`
      {
        "outcomes": [
          "done",
          "refused",
        ],
        "schedules": 2,
      }
    `);
  });

  test('a name that is given away by a third while its holder is killed: free exactly once', async () => {
    const scenario = (note: Note): Scenario<Any> =>
      function* scenario(self, { eventually, system }) {
        self.register(PLACE, self.spawn(waiting) as Pid<Any>);
        for (let i = 0; i < 2; i++)
          self.spawn(function* taking(its: Self<Any>): Actor {
            note(tried(() => its.unregister(PLACE)));
          });
        eventually('nobody has it', () => system.whereis(PLACE) === undefined);
      };
    expect(await outcomes(scenario)).toMatchInlineSnapshot(`
      {
        "outcomes": [
          "done, refused",
        ],
        "schedules": 2,
      }
    `);
    expect(await outcomes(scenario, { faults: [kill(PLACE)] })).toMatchInlineSnapshot(`
      {
        "outcomes": [
          "done, refused",
          "refused, refused",
        ],
        "schedules": 4,
      }
    `);
  });

  test('one who waits for its end and takes its name: the DOWN comes when the name is free', async () => {
    const scenario = (note: Note): Scenario<Any> =>
      function* scenario(self) {
        self.register(PLACE, self.spawn(waiting) as Pid<Any>);
        self.spawn(function* heir(its: Self<Any>): Actor {
          its.monitor(PLACE);
          yield* its.receive('DOWN').after(5);
          note(tried(() => its.register(PLACE, its.pid)));
        });
      };
    expect(await outcomes(scenario, { faults: [kill(PLACE)] })).toMatchInlineSnapshot(`
      {
        "outcomes": [
          "done",
          "refused",
        ],
        "schedules": 7,
      }
    `);
  });

  test('who looks and then sends may come too late; who sends to the name may not have looked', async () => {
    const scenario = (note: Note): Scenario<Any> =>
      function* scenario(self, { system }) {
        system.events.on('dead_letter', () => note('lost'));
        self.spawn(function* holder(its: Self<Any>): Actor {
          its.register(PLACE, its.pid);
          note((yield* its.receive('a')).tag);
          its.unregister(PLACE);
          yield* its.receive('never');
        });
        self.spawn(function* looking(its: Self<Any>): Actor {
          const holder = its.whereis(PLACE);
          yield* its.yield();
          if (holder === undefined) note('nobody');
          else its.send(holder, { tag: 'a' });
        });
        self.spawn(sending, PLACE as never, { tag: 'a' });
      };
    expect(await outcomes(scenario)).toMatchInlineSnapshot(`
      {
        "outcomes": [
          "a",
          "a, lost",
          "a, nobody",
          "lost, nobody",
        ],
        "schedules": 7,
      }
    `);
    expect(await outcomes(scenario, { faults: [kill('holder')] })).toMatchInlineSnapshot(`
      {
        "outcomes": [
          "a",
          "a, lost",
          "a, nobody",
          "lost, nobody",
        ],
        "schedules": 8,
      }
    `);
  });

  test('a name of its own that an actor gives back and takes again is one name at a time', async () => {
    const scenario = (note: Note): Scenario<Any> =>
      function* scenario(self, { always, system }) {
        const moving = function* moving(its: Self<Any>, first: string, then: string): Actor {
          note(tried(() => its.register(first, its.pid as never)));
          yield* its.yield();
          note(tried(() => its.unregister(first)));
          note(tried(() => its.register(then, its.pid as never)));
          yield* its.receive('never');
        };
        self.spawn(moving, 'a', 'b');
        self.spawn(moving, 'b', 'a');
        always('two holders at most, and not one of both', () => {
          const [a, b] = [system.whereis('a'), system.whereis('b')];
          return a === undefined || a !== b;
        });
      };
    expect(await outcomes(scenario)).toMatchInlineSnapshot(`
      {
        "outcomes": [
          "done, done, done, done, done, refused",
        ],
        "schedules": 4,
      }
    `);
  });
});

describe('a name across restarts', () => {
  const body = server(() => ({ call: { one: () => 1 } }));
  const tree = child({ id: 'place', name: PLACE as never }, body);

  test('a call by name while its holder is killed is answered, or fails; afterwards it is answered', async () => {
    const scenario = (note: Note): Scenario<Any> =>
      function* scenario(self, sim) {
        yield* serving(self, supervisor({ children: [tree] }), 'tree');
        yield* askingWhileKilled(self, sim, note, PLACE, (its) => killing(its, PLACE.name));
      };
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

  test('the same while it crashes at any of its calls', async () => {
    const scenario = (note: Note): Scenario<Any> =>
      function* scenario(self, { clients }) {
        yield* serving(self, supervisor({ children: [tree] }), 'tree');
        yield* clients({ ann: [asking, note, PLACE, 'one'], bob: [asking, note, PLACE, 'one'] });
      };
    expect(await outcomes(scenario, { faults: [crash(PLACE)] })).toMatchInlineSnapshot(`
      {
        "outcomes": [
          "one 1, one 1",
          "one 1, one failed: A fault: place crashes",
          "one failed: A fault: place crashes, one failed: A fault: place crashes",
          "one failed: A fault: place crashes, one failed: noproc",
        ],
        "schedules": 10,
      }
    `);
  });

  test('a monitor of the name is one of its holder: the next one is another', async () => {
    const scenario = (note: Note): Scenario<Any> =>
      function* scenario(self, { clients }) {
        yield* serving(self, supervisor({ children: [tree] }), 'tree');
        yield* clients({
          ann: [
            function* ann(its: Self<Any>): Actor {
              its.monitor(PLACE);
              const down = yield* its.receive('DOWN').after(5);
              const more = yield* its.receive('DOWN').after(5);
              note(`${down && String(down.reason)}, ${more && String(more.reason)}`);
            },
          ],
          killer: [killing, PLACE.name],
        });
      };
    expect(await outcomes(scenario)).toMatchInlineSnapshot(`
      {
        "outcomes": [
          "killed, undefined",
          "noproc, undefined",
          "undefined, undefined",
        ],
        "schedules": 3,
      }
    `);
  });

  test('a stranger who takes the name between two holders: the supervisor gives up, and says so', async () => {
    const scenario = (note: Note): Scenario<Any> =>
      function* scenario(self, { clients, eventually, system }) {
        const its = yield* serving(self, supervisor({ intensity: 2, children: [tree] }), 'tree');
        yield* clients({
          stranger: [
            function* stranger(me: Self<Any>): Actor {
              me.monitor(PLACE);
              yield* me.receive('DOWN').after(5);
              note(tried(() => me.register(PLACE, me.spawn(waiting) as Pid<Any>)));
            },
          ],
          killer: [killing, PLACE.name],
        });
        eventually('there is one', () => system.whereis(PLACE) !== undefined);
        yield* self.sleep(10);
        const left = self.info(its as Pid) === undefined ? 'gave up' : 'goes on';
        note(left);
      };
    expect(await outcomes(scenario)).toMatchInlineSnapshot(`
      {
        "outcomes": [
          "done, gave up",
          "goes on, refused",
        ],
        "schedules": 5,
      }
    `);
  });
});
