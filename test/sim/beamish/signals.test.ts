/** Monitors, links, aliases and timers that are taken back while what they wait for comes: one of both, and never both. */

import { kill, type Scenario } from '@beamish/sim';
import { type Actor, name, type Pid, type Ref, type ReplyTo, type Self } from 'beamish';
import { describe, expect, test } from 'vitest';
import { explored, type Note, outcomes } from '../support/explored.ts';
import { type Any, sending } from '../support/scenes.ts';

const ANY = { speed: 'any' } as const;
const OTHER_KILLED = { faults: [kill('other')] } as const;

function* brief(): Actor {}

describe('demonitor', () => {
  /** Monitors, gives way, takes it back, and looks whether a DOWN comes still. */
  const taking =
    (options: { readonly flush?: boolean }) =>
    (note: Note): Scenario<Any> =>
      function* scenario(self) {
        const pid = self.spawn(brief);
        self.register('other', pid as Pid<never>);
        self.spawn(function* watcher(its: Self<Any>): Actor {
          const ref = its.monitor(pid as Pid);
          yield* its.yield();
          note(`it was ${its.demonitor(ref, options) ? 'active' : 'over'}`);
          const down = yield* its.receive('DOWN').after(5);
          note(down === undefined ? 'no DOWN' : 'a DOWN');
        });
      };

  test('with flush, no DOWN of it comes after, whenever the other one ends', async () => {
    const scenario = taking({ flush: true });
    expect(await outcomes(scenario)).toMatchInlineSnapshot(`
      {
        "outcomes": [
          "it was active, no DOWN",
          "it was over, no DOWN",
        ],
        "schedules": 3,
      }
    `);
    expect(await outcomes(scenario, { ...ANY, ...OTHER_KILLED })).toMatchInlineSnapshot(`
      {
        "outcomes": [
          "it was active, no DOWN",
          "it was over, no DOWN",
        ],
        "schedules": 9,
      }
    `);
  });

  test('without, one comes if demonitor says that it was over, and none if it was not', async () => {
    const scenario = taking({});
    expect(await outcomes(scenario)).toMatchInlineSnapshot(`
      {
        "outcomes": [
          "a DOWN, it was over",
          "it was active, no DOWN",
        ],
        "schedules": 3,
      }
    `);
    expect(await outcomes(scenario, { ...ANY, ...OTHER_KILLED })).toMatchInlineSnapshot(`
      {
        "outcomes": [
          "a DOWN, it was over",
          "it was active, no DOWN",
        ],
        "schedules": 9,
      }
    `);
  });

  test('with flush takes one’s own DOWN out, and leaves that of another monitor of the same', async () => {
    const scenario = (note: Note): Scenario<Any> =>
      function* scenario(self) {
        const other = self.spawn(brief);
        self.spawn(function* watcher(its: Self<Any>): Actor {
          const [one, two] = [its.monitor(other as Pid), its.monitor(other as Pid)];
          yield* its.yield();
          its.demonitor(one, { flush: true });
          const { ref } = yield* its.receive('DOWN');
          const more = yield* its.receive('DOWN').after(5);
          note(ref === two && more === undefined ? 'the other one' : 'wrong');
        });
      };
    expect(await outcomes(scenario)).toMatchInlineSnapshot(`
      {
        "outcomes": [
          "the other one",
        ],
        "schedules": 3,
      }
    `);
  });

  test('of one with a full mailbox makes room, and whoever waits for it goes on', async () => {
    const scenario = (note: Note): Scenario<Any> =>
      function* scenario(self) {
        const other = self.spawn(brief);
        const watcher = self.spawn({
          options: { mailbox: { limit: 1, overflow: 'wait' } },
          body: function* watcher(its: Self<Any>): Actor {
            const ref = its.monitor(other as Pid);
            yield* its.receive('go');
            its.demonitor(ref, { flush: true });
            note((yield* its.receive()).tag);
          },
        });
        for (const tag of ['go', 'a'])
          self.spawn(function* offering(its: Self<Any>): Actor {
            yield* its.offer(watcher as Pid<Any>, { tag });
            note('offered');
          });
      };
    expect(await outcomes(scenario)).toMatchInlineSnapshot(`
      {
        "outcomes": [
          "a, offered, offered",
        ],
        "schedules": 15,
      }
    `);
  });
});

describe('links', () => {
  test('unlink: no EXIT comes after it, and the link is gone on both sides', async () => {
    const scenario = (note: Note): Scenario<Any> =>
      function* scenario(self) {
        const other = self.spawn(function* other(its: Self<Any>): Actor {
          its.exit('bad');
        });
        self.spawn(function* linked(its: Self<Any>): Actor {
          its.trapExit(true);
          its.link(other as Pid);
          yield* its.yield();
          const before = its.mailbox(its.pid)?.length;
          its.unlink(other as Pid);
          const exit = yield* its.receive('EXIT').after(5);
          note(`${before} before, ${exit === undefined ? 'none' : String(exit.reason)} after`);
        });
      };
    expect(await outcomes(scenario, { mayCrash: ['*'] })).toMatchInlineSnapshot(`
      {
        "outcomes": [
          "0 before, none after",
          "1 before, bad after",
          "1 before, noproc after",
        ],
        "schedules": 3,
      }
    `);
  });

  test('two who link to each other and one who unlinks: tied or not, alike on both sides', async () => {
    const scenario: Scenario<Any> = function* scenario(self, { eventually, system }) {
      const one = self.spawn(function* one(its: Self<Any>): Actor {
        const { to } = yield* its.receive('to');
        its.link(to as Pid);
        yield* its.receive('never');
      }) as Pid<Any>;
      const two = self.spawn(function* two(its: Self<Any>): Actor {
        its.link(one as Pid);
        yield* its.yield();
        its.unlink(one as Pid);
        yield* its.receive('never');
      });
      self.send(one, { tag: 'to', to: two });
      eventually('alike', () => {
        const [a, b] = [one as Pid, two as Pid].map((pid) => system.info(pid)?.links.length);
        return a === b;
      });
    };
    expect(await explored(scenario)).toBe(3);
  });

  test('trapExit turned on while a signal is under way: an EXIT, or the end', async () => {
    const scenario = (note: Note): Scenario<Any> =>
      function* scenario(self) {
        const trapping = self.spawn(function* trapping(its: Self<Any>): Actor {
          its.defer(() => note('over'));
          yield* its.yield();
          its.trapExit(true);
          note(String((yield* its.receive('EXIT')).reason));
        });
        self.spawn(function* signalling(its: Self<Any>): Actor {
          its.exitSignal(trapping as Pid, 'bad');
        });
      };
    expect(await outcomes(scenario, { mayCrash: ['*'] })).toMatchInlineSnapshot(`
      {
        "outcomes": [
          "",
          "bad, over",
          "over",
        ],
        "schedules": 3,
      }
    `);
  });

  test('a chain of three, whose last is killed: all end, and whoever watches hears of each once', async () => {
    const scenario = (note: Note): Scenario<Any> =>
      function* scenario(self) {
        let before: Pid | undefined;
        const chain: Pid[] = [];
        for (const each of ['first', 'second', 'third']) {
          const pid = self.spawn(function* link(its: Self<Any>, to: Pid | undefined): Actor {
            if (to !== undefined) its.link(to);
            yield* its.receive('never');
          }, before) as Pid;
          self.register(each, pid as Pid<never>);
          chain.push(pid);
          before = pid;
        }
        self.spawn(function* watcher(its: Self<Any>): Actor {
          for (const pid of chain) its.monitor(pid);
          for (const _ of chain) note(String((yield* its.receive('DOWN')).reason));
        });
      };
    expect(
      await outcomes(scenario, { faults: [kill('third')], mayCrash: ['*'] }),
    ).toMatchInlineSnapshot(`
      {
        "outcomes": [
          "",
          "killed",
          "killed, killed",
          "killed, killed, killed",
          "killed, killed, noproc",
          "killed, noproc",
          "killed, noproc, noproc",
          "noproc",
          "noproc, noproc",
          "noproc, noproc, noproc",
        ],
        "schedules": 17,
      }
    `);
  });
});

describe('cancelTimer', () => {
  test('what was cancelled in time never comes, and what was not, has', async () => {
    const scenario = (note: Note): Scenario<Any> =>
      function* scenario(self) {
        self.spawn(function* timing(its: Self<Any>): Actor {
          const ref = its.sendAfter(5, its.pid, { tag: 'late' });
          yield* its.yield();
          const left = its.cancelTimer(ref);
          const message = yield* its.receive('late').after(20);
          if ((left === false) !== (message !== undefined)) throw new Error(`It said ${left}`);
          note(message === undefined ? 'cancelled' : 'it came');
        });
      };
    expect(await outcomes(scenario)).toMatchInlineSnapshot(`
      {
        "outcomes": [
          "cancelled",
        ],
        "schedules": 1,
      }
    `);
    expect(await outcomes(scenario, ANY)).toMatchInlineSnapshot(`
      {
        "outcomes": [
          "cancelled",
          "it came",
        ],
        "schedules": 2,
      }
    `);
  });

  test('somebody else cancels it: exactly one of both is true', async () => {
    const scenario = (note: Note): Scenario<Any> =>
      function* scenario(self) {
        const to = self.spawn(function* patient(its: Self<Any>): Actor {
          const message = yield* its.receive('late', 'cancelled');
          const other = yield* its.receive('late', 'cancelled').after(20);
          if (other !== undefined) throw new Error(`${message.tag}, and then ${other.tag}`);
          note(message.tag);
        });
        const ref = self.sendAfter(5, to as Pid<Any>, { tag: 'late' });
        self.spawn(function* canceller(its: Self<Any>): Actor {
          if (its.cancelTimer(ref) !== false) its.send(to as Pid<Any>, { tag: 'cancelled' });
        });
      };
    expect(await outcomes(scenario)).toMatchInlineSnapshot(`
      {
        "outcomes": [
          "cancelled",
        ],
        "schedules": 1,
      }
    `);
    expect(await outcomes(scenario, ANY)).toMatchInlineSnapshot(`
      {
        "outcomes": [
          "cancelled",
          "late",
        ],
        "schedules": 3,
      }
    `);
  });

  test('two who cancel it: one of them at most is told that it was active', async () => {
    const scenario = (note: Note): Scenario<Any> =>
      function* scenario(self) {
        const to = self.spawn(function* patient(its: Self<Any>): Actor {
          if ((yield* its.receive('late').after(20)) !== undefined) note('it came');
        });
        const ref = self.sendAfter(5, to as Pid<Any>, { tag: 'late' });
        for (let i = 0; i < 2; i++) self.spawn(cancelling, note, ref);
      };
    expect(await outcomes(scenario, ANY)).toMatchInlineSnapshot(`
      {
        "outcomes": [
          "cancelled, too late",
          "it came, too late, too late",
        ],
        "schedules": 14,
      }
    `);
  });

  test('a timer to an actor ends with it, and one to a name goes to whoever has it then', async () => {
    const scenario = (note: Note): Scenario<Any> =>
      function* scenario(self, { system }) {
        system.events.on('dead_letter', () => note('lost'));
        const heir = function* heir(its: Self<Any>): Actor {
          const message = yield* its.receive('late').after(20);
          note(message === undefined ? 'heir: nothing' : 'heir: late');
        };
        const holder = self.spawn(function* holder(its: Self<Any>): Actor {
          its.register('place', its.pid);
          if ((yield* its.receive('late').after(3)) !== undefined) note('holder: late');
          its.unregister('place');
          its.register('place', its.spawn(heir) as Pid<never>);
        });
        self.startTimer(5, holder as Pid<never>, 'x' as never);
        self.sendAfter(5, name<Any>('place'), { tag: 'late' });
      };
    expect(
      await outcomes(scenario, { ...ANY, faults: [kill('holder')], mayCrash: ['*'] }),
    ).toMatchInlineSnapshot(`
      {
        "outcomes": [
          "heir: late",
          "heir: nothing, holder: late",
          "heir: nothing, lost",
          "lost",
        ],
        "schedules": 12,
      }
    `);
  });

  test('an interval that is cancelled between two: nothing of it comes after', async () => {
    const scenario = (note: Note): Scenario<Any> =>
      function* scenario(self) {
        const to = self.spawn(function* patient(its: Self<Any>): Actor {
          let ticks = 0;
          while ((yield* its.receive('tick').after(20)) !== undefined) ticks++;
          note(`${ticks} came`);
        });
        const ref = self.sendInterval(5, to as Pid<Any>, { tag: 'tick' });
        self.spawn(cancelling, note, ref, 10);
      };
    expect(await outcomes(scenario)).toMatchInlineSnapshot(`
      {
        "outcomes": [
          "1 came, cancelled",
          "2 came, cancelled",
        ],
        "schedules": 2,
      }
    `);
  });
});

function* cancelling(self: Self<Any>, note: Note, ref: Ref, ms?: number): Actor {
  if (ms !== undefined) yield* self.sleep(ms);
  note(self.cancelTimer(ref) === false ? 'too late' : 'cancelled');
}

describe('aliases', () => {
  test('what comes to one after unalias is lost, and what came before is there', async () => {
    const scenario = (note: Note): Scenario<Any> =>
      function* scenario(self, { system }) {
        system.events.on('dead_letter', () => note('lost'));
        self.spawn(function* owner(its: Self<Any>): Actor {
          const alias = its.alias<Any>();
          its.spawn(sending, alias as unknown as Pid<Any>, { tag: 'a' });
          yield* its.yield();
          its.unalias(alias);
          if ((yield* its.receive('a').after(0)) !== undefined) note('taken');
          if ((yield* its.receive('a').after(5)) !== undefined) note('late');
        });
      };
    expect(await outcomes(scenario)).toMatchInlineSnapshot(`
      {
        "outcomes": [
          "lost",
          "taken",
        ],
        "schedules": 3,
      }
    `);
  });

  test('of one that takes one message, exactly one of two that are sent arrives', async () => {
    const scenario = (note: Note): Scenario<Any> =>
      function* scenario(self, { system }) {
        system.events.on('dead_letter', () => note('lost'));
        self.spawn(function* owner(its: Self<Any>): Actor {
          const alias = its.alias<Any>({ once: true }) as unknown as Pid<Any>;
          for (const n of [1, 2]) its.spawn(sending, alias, { tag: 'a', n });
          const { n } = yield* its.receive('a');
          const more = yield* its.receive('a').after(5);
          note(more === undefined ? String(n) : 'both');
        });
      };
    expect(await outcomes(scenario)).toMatchInlineSnapshot(`
      {
        "outcomes": [
          "1, lost",
          "2, lost",
        ],
        "schedules": 4,
      }
    `);
  });

  test('an alias of an actor that ends: what is sent to it then is lost', async () => {
    const scenario = (note: Note): Scenario<Any> =>
      function* scenario(self, { system }) {
        system.events.on('dead_letter', () => note('lost'));
        self.spawn(function* owner(its: Self<Any>): Actor {
          const alias = its.alias<Any>() as unknown as Pid<Any>;
          its.spawn(sending, alias, { tag: 'a' });
          note((yield* its.receive('a')).tag);
        });
      };
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

  test.each(['demonitor', 'reply_demonitor', 'explicit_unalias'] as const)(
    'a monitor with an alias, until %s: a reply and a DOWN',
    async (until) => {
      const scenario = (note: Note): Scenario<Any> =>
        function* scenario(self) {
          const other = self.spawn(function* other(its: Self<Any>): Actor {
            const { to } = yield* its.receive('ask');
            its.spawn(sending, to as Pid<Any>, { tag: 'answer' });
            yield* its.yield();
          });
          self.spawn(function* asker(its: Self<Any>): Actor {
            const { replyTo } = its.monitorAlias<Any>(other as Pid, until);
            its.send(other as Pid<Any>, { tag: 'ask', to: replyTo as ReplyTo<Any> });
            const came: string[] = [];
            for (;;) {
              const message = yield* its.receive('answer', 'DOWN').after(5);
              if (message === undefined) break;
              came.push(message.tag);
            }
            note(came.join(' then '));
          });
        };
      expect(await outcomes(scenario)).toMatchSnapshot();
      expect(await outcomes(scenario, OTHER_KILLED)).toMatchSnapshot();
    },
  );
});
