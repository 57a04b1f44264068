/** Counts that depend on how fine the dependence is: at most these, and the outcomes exactly. */

import type { Scenario } from '@beamish/sim';
import {
  type Actor,
  child,
  configure,
  dynamicSupervisor,
  type MessageOf,
  type Name,
  name,
  type Pid,
  type ReplyTo,
  type Self,
  server,
  startChild,
  stop,
  supervisor,
} from 'beamish';
import { describe, expect, test } from 'vitest';
import { trappingAndSignal } from './support/directed.ts';
import { compared, type Note } from './support/outcomes.ts';
import { type Any, sending } from './support/scenes.ts';

type Ask = Any & { readonly tag: 'ask'; readonly replyTo: ReplyTo<number> };
const ANY = { speed: 'any' } as const;

function* killing(self: Self<Any>, whom: Pid<Any>, reason: unknown = 'kill'): Actor {
  self.exitSignal(whom as Pid, reason);
}

/** Notes what it takes, and that it ended without it. */
function* taking(self: Self<Any>, note: Note, tags: readonly string[], ms?: number): Actor {
  const receive = self.receive(...(tags as readonly [string]));
  const got = ms === undefined ? yield* receive : yield* receive.after(ms);
  note('taker', got?.tag ?? 'nothing');
}

function atMost(runs: readonly number[], most: readonly number[]): void {
  for (const [i, limit] of most.entries()) expect(runs[i]).toBeLessThanOrEqual(limit);
}

describe('time', () => {
  test('SIM-32: a time-out against one sender at any speed comes to 2 things', async () => {
    const make = (note: Note): Scenario<Any> =>
      function* scenario(self) {
        self.spawn(sending, self.spawn(taking, note, ['a'], 1) as Pid<Any>, { tag: 'a' });
      };
    const { outcomes } = await compared(make);
    expect(outcomes).toHaveLength(1);
    const any = await compared(make, ANY);
    expect(any.outcomes).toHaveLength(2);
    atMost(any.runs, [5, 4, 4]);
  });

  test('SIM-34: a time-out, a sender and a kill, at any speed: 3 outcomes', async () => {
    const { runs, outcomes } = await compared(
      (note) =>
        function* scenario(self) {
          const to = self.spawn(taking, note, ['c'], 1) as Pid<Any>;
          self.spawn(sending, to, { tag: 'c' });
          self.spawn(killing, to);
        },
      ANY,
    );
    expect(outcomes).toHaveLength(3);
    atMost(runs, [21, 14, 14]);
  });

  test('SIM-41: a timer that sends, and another sender, at any speed: 2 outcomes', async () => {
    const { runs, outcomes } = await compared(
      (note) =>
        function* scenario(self) {
          const to = self.spawn(taking, note, ['a', 'b']) as Pid<Any>;
          self.spawn(function* timing(its: Self<Any>): Actor {
            its.sendAfter(1, to, { tag: 'a' });
          });
          self.spawn(sending, to, { tag: 'b' });
        },
      ANY,
    );
    expect(outcomes).toHaveLength(2);
    atMost(runs, [23, 4, 4]);
  });

  test('SIM-54: a timer in the step in which its receiver could end', async () => {
    await compared(
      (note) =>
        function* scenario(self) {
          const to = self.spawn(taking, note, ['b', 'a']) as Pid<Any>;
          self.spawn(function* timing(its: Self<Any>): Actor {
            const ref = its.sendAfter(1, to, { tag: 'a' });
            yield* its.sleep(2);
            note('timing', its.cancelTimer(ref) === false);
          });
          self.spawn(sending, to, { tag: 'b' });
          self.spawn(function* looking(its: Self<Any>): Actor {
            note('looking', its.info(to as Pid) === undefined);
          });
        },
      ANY,
    );
  });
});

describe('a reply', () => {
  test('against the deadline of a wait that does not give it up, at any speed: 2 outcomes', async () => {
    const { runs, outcomes } = await compared(
      (note) =>
        function* scenario(self) {
          const to = self.spawn(answers) as Pid<Ask>;
          self.spawn(function* asking(its: Self<Any>): Actor {
            const outcome = yield* its.request(to, { tag: 'ask' }).wait(5);
            note('asking', outcome?.ok);
          });
        },
      ANY,
    );
    expect(outcomes).toEqual(['asking: true', 'asking: undefined']);
    atMost(runs, [11, 6, 6]);
  });
});

describe('aliases', () => {
  test('unalias against a sender: 2 outcomes', async () => {
    const { runs, outcomes } = await compared(
      (note) =>
        function* scenario(self) {
          self.spawn(function* owner(its: Self<Any>): Actor {
            const alias = its.alias<Any>();
            its.spawn(sending, alias as never, { tag: 'a' });
            yield* its.yield();
            note('owner', its.unalias(alias));
            note('owner', (yield* its.receive('a').after(0))?.tag);
          });
        },
    );
    expect(outcomes).toEqual(['owner: true, a', 'owner: true, undefined']);
    atMost(runs, [3, 3, 3]);
  });

  test('one for one message, and two who send: 2 outcomes', async () => {
    const { runs, outcomes } = await compared(
      (note) =>
        function* scenario(self) {
          self.spawn(function* owner(its: Self<Any>): Actor {
            const alias = its.alias<Any>({ once: true });
            for (const n of [1, 2]) its.spawn(sending, alias as never, { tag: 'a', n });
            note('owner', (yield* its.receive('a'))['n']);
          });
        },
    );
    expect(outcomes).toEqual(['owner: 1', 'owner: 2']);
    atMost(runs, [4, 4, 4]);
  });

  test('one of a monitor against the end of whom it watches: a reply or a DOWN', async () => {
    const { outcomes } = await compared(
      (note) =>
        function* scenario(self) {
          const other = self.spawn(function* other(): Actor {});
          self.spawn(function* owner(its: Self<Any>): Actor {
            const { replyTo } = its.monitorAlias<Any>(other as Pid, 'reply_demonitor');
            its.spawn(sending, replyTo as never, { tag: 'a' });
            note('owner', (yield* its.receive('a', 'DOWN')).tag);
            note('owner', (yield* its.receive('a', 'DOWN').after(5))?.tag);
          });
        },
    );
    expect(outcomes).toEqual(['owner: DOWN, undefined', 'owner: a, undefined']);
  });
});

function* answers(self: Self<Ask>): Actor {
  self.send((yield* self.receive('ask')).replyTo, 1);
}

describe('ends', () => {
  test('SIM-35: one kills, and one sends what is waited for, or not', async () => {
    const make =
      (tag: string) =>
      (note: Note): Scenario<Any> =>
        function* scenario(self) {
          const to = self.spawn(taking, note, ['c']) as Pid<Any>;
          self.spawn(killing, to);
          self.spawn(sending, to, { tag });
        };
    const taken = await compared(make('c'));
    expect(taken.outcomes).toHaveLength(2);
    atMost(taken.runs, [9, 5, 4]);
    const other = await compared(make('d'));
    atMost(other.runs, [7, 4, 2]);
  });

  test('SIM-37: a link and a receive; the other exits, and a third sends', async () => {
    const { runs, outcomes } = await compared(
      (note) =>
        function* scenario(self) {
          const ending = self.spawn(function* ending(its: Self<Any>): Actor {
            its.exit('bad');
          });
          const to = self.spawn(function* linked(its: Self<Any>): Actor {
            its.link(ending as Pid);
            note('linked', (yield* its.receive('a')).tag);
            yield* its.receive('never');
          }) as Pid<Any>;
          self.spawn(sending, to, { tag: 'a' });
        },
    );
    expect(outcomes.length).toBeGreaterThanOrEqual(2);
    expect(outcomes.length).toBeLessThanOrEqual(3);
    atMost(runs, [9, 5, 4]);
  });

  test('SIM-39: a call of one who ends without answering, while a third kills the caller', async () => {
    const { runs, outcomes } = await compared(
      (note) =>
        function* scenario(self) {
          const callee = self.spawn(function* callee(its: Self<Ask>): Actor {
            yield* its.receive('ask');
            its.exit('bad');
          });
          const caller = self.spawn(function* caller(its: Self<Any>): Actor {
            its.defer(() => note('caller', 'over'));
            note('caller', 'asks');
            try {
              yield* its.call(callee as Pid<Ask>, { tag: 'ask' });
            } catch {
              note('caller', 'failed');
            }
          });
          self.spawn(killing, caller as Pid<Any>);
        },
    );
    expect(outcomes).toHaveLength(3);
    atMost(runs.slice(1), [7, 7]);
  });

  test('SIM-55: link against unlink of the same two, by each of them', async () => {
    await compared(
      (note) =>
        function* scenario(self) {
          const pids: Pid<Any>[] = [];
          for (const [who, other] of [
            [0, 1],
            [1, 0],
          ] as const)
            pids.push(
              self.spawn(function* tied(its: Self<Any>): Actor {
                its.defer(() => note(`tied ${who}`, 'over'));
                its.link(pids[other] as Pid);
                yield* its.yield();
                its.unlink(pids[other] as Pid);
                if (who === 0) its.exit('bad');
                yield* its.receive('never');
              }) as Pid<Any>,
            );
        },
    );
    await compared(trappingAndSignal);
  });
});

describe('calls', () => {
  const asking = (note: Note, to: Pid<Ask>, ms: number) =>
    function* caller(its: Self<Any>): Actor {
      try {
        note('caller', yield* its.call(to, { tag: 'ask' }).within(ms));
      } catch (error) {
        note('caller', (error as { readonly reason: unknown }).reason);
      }
    };

  test('SIM-40: a call within 2 ms of one who takes 2 ms; at any speed, of one who answers at once', async () => {
    const late = await compared(
      (note) =>
        function* scenario(self) {
          const callee = self.spawn(function* callee(its: Self<Ask>): Actor {
            const { replyTo } = yield* its.receive('ask');
            yield* its.sleep(2);
            its.send(replyTo, 1);
          });
          self.spawn(asking(note, callee as Pid<Ask>, 2));
        },
    );
    expect(late.outcomes).toHaveLength(2);
    atMost(late.runs, [11, 6, 6]);
    const any = await compared(
      (note) =>
        function* scenario(self) {
          const callee = self.spawn(function* callee(its: Self<Ask>): Actor {
            its.send((yield* its.receive('ask')).replyTo, 1);
          });
          self.spawn(asking(note, callee as Pid<Ask>, 2));
        },
      ANY,
    );
    expect(any.outcomes).toHaveLength(2);
    atMost(any.runs, [11, 4, 4]);
  });

  test('SIM-49: two calls within 10 ms of a server that takes 10: nothing is ever left in the mailbox', async () => {
    const make = (note: Note): Scenario<Any> =>
      function* scenario(self, { always, system }) {
        const callee = self.spawn(function* quotes(its: Self<Ask>): Actor {
          for (;;) {
            const { replyTo } = yield* its.receive('ask');
            yield* its.sleep(10);
            its.send(replyTo, 1);
          }
        });
        const caller = self.spawn(function* caller(its: Self<Any>): Actor {
          for (let i = 0; i < 2; i++) {
            try {
              note('caller', yield* its.call(callee as Pid<Ask>, { tag: 'ask' }).within(10));
            } catch {
              note('caller', 'late');
            }
          }
        });
        always('nothing is left', () => (system.mailbox(caller as Pid)?.length ?? 0) === 0);
      };
    const instant = await compared(make);
    expect(instant.outcomes).toHaveLength(4);
    atMost(instant.runs, [36, 9, 9]);
    const any = await compared(make, { ...ANY, naive: false });
    expect(any.outcomes).toHaveLength(4);
    atMost(any.runs, [48, 48]);
  });

  test('SIM-47: stop against a call: 3 outcomes', async () => {
    const S = server(() => ({ call: { one: () => 1 } }));
    const { runs, outcomes } = await compared(
      (note) =>
        function* scenario(self) {
          const pid = self.spawn(S);
          self.spawn(function* caller(its: Self<Any>): Actor {
            try {
              note('caller', yield* its.call(pid, 'one'));
            } catch (error) {
              note('caller', (error as { readonly reason: unknown }).reason);
            }
          });
          self.spawn(function* stopper(its: Self<Any>): Actor {
            yield* stop(its, pid);
            note('stopper', 'done');
          });
        },
    );
    expect(outcomes).toHaveLength(3);
    atMost(runs, [29, 3, 3]);
  });
});

describe('names', () => {
  test('SIM-18: register twice, and one that stops the holder and looks', async () => {
    const naming = (note: Note, who: string) =>
      function* naming(its: Self<Any>): Actor {
        try {
          its.register('n', its.pid as Pid<never>);
          note(who, 'has it');
        } catch {
          note(who, 'taken');
        }
        yield* its.receive('never');
      };
    const two = await compared(
      (note) =>
        function* scenario(self) {
          for (const who of ['a', 'b']) self.spawn(naming(note, who));
        },
    );
    expect(two.outcomes).toHaveLength(2);
    expect(two.runs).toEqual([2, 2, 2]);
    const three = await compared(
      (note) =>
        function* scenario(self) {
          for (const who of ['a', 'b']) self.spawn(naming(note, who));
          self.spawn(function* stopper(its: Self<Any>): Actor {
            const holder = its.whereis('n');
            if (holder !== undefined) its.exitSignal(holder as Pid, 'kill');
            note('stopper', holder === undefined ? 'nobody' : its.whereis('n') === undefined);
          });
        },
    );
    atMost(three.runs, [10, 8, 8]);
  });

  test('SIM-42: register, receive and unregister; a send to the name; whereis', async () => {
    const N = name<Any>('n');
    const { runs, outcomes } = await compared(
      (note) =>
        function* scenario(self) {
          self.spawn(function* holder(its: Self<Any>): Actor {
            its.register('n', its.pid as Pid<never>);
            note('holder', (yield* its.receive('a')).tag);
            its.unregister('n');
          });
          self.spawn(sending as never, ...([N, { tag: 'a' }] as never));
          self.spawn(function* looker(its: Self<Any>): Actor {
            note('looker', its.whereis('n') === undefined ? 'nobody' : 'somebody');
          });
        },
    );
    expect(outcomes).toHaveLength(4);
    atMost(runs, [7, 5, 5]);
  });
});

describe('bounded mailboxes', () => {
  test.each(['wait', 'drop_newest', 'drop_oldest', 'exit'] as const)(
    'SIM-53: two who offer or send to a mailbox with a limit, %s, of one who ends',
    async (overflow) => {
      const make =
        (count: number) =>
        (note: Note): Scenario<Any> =>
          function* scenario(self) {
            const bounded = configure(
              function* taker(its: Self<Any>): Actor {
                its.defer(() => note('taker', 'over'));
                for (let i = 0; i < count; i++) note('taker', (yield* its.receive('a', 'b'))['n']);
              },
              { mailbox: { limit: 1, overflow } },
            );
            const to = self.spawn(bounded) as Pid<Any>;
            self.spawn(function* offering(its: Self<Any>): Actor {
              yield* its.offer(to, { tag: 'a', n: 1 });
              note('offering', 'done');
            });
            self.spawn(function* offering(its: Self<Any>): Actor {
              yield* its.offer(to, { tag: 'b', n: 2 });
              note('other', 'done');
            });
            self.spawn(sending, to, { tag: 'a', n: 3 });
          };
      await compared(make(1));
      await compared(make(3));
    },
  );
});

describe('supervisors', () => {
  const S = server(() => ({ call: { who: () => 1 } }));
  type Named = Name<MessageOf<typeof S>>;
  const [ONE, TWO, THREE]: readonly [Named, Named, Named] = [
    name('one'),
    name('two'),
    name('three'),
  ];

  const tree = (
    strategy: 'one_for_one' | 'one_for_all' | 'rest_for_one',
    names: readonly Named[],
  ) =>
    supervisor({
      strategy,
      intensity: 5,
      children: names.map((each) => child({ id: each.name, name: each }, S)),
    });

  const killed = (
    note: Note,
    strategy: 'one_for_one' | 'one_for_all' | 'rest_for_one',
  ): Scenario<Any> =>
    function* scenario(self) {
      const started = yield* self.startLink(tree(strategy, [ONE, TWO]));
      if (started.ok) self.unlink(started.pid as unknown as Pid);
      self.spawn(function* killer(its: Self<Any>): Actor {
        const pid = its.whereis(ONE);
        if (pid !== undefined) its.exitSignal(pid as Pid, 'kill');
      });
      self.spawn(function* caller(its: Self<Any>): Actor {
        try {
          note('caller', yield* its.call(TWO, 'who'));
        } catch (error) {
          note('caller', String((error as { readonly reason: unknown }).reason));
        }
      });
    };

  test.each([
    ['one_for_one', 5],
    ['one_for_all', 8],
    ['rest_for_one', 8],
  ] as const)(
    'SIM-43: two servers, one is killed, a client calls the other: %s',
    async (strategy, most) => {
      const { runs } = await compared((note) => killed(note, strategy), { naive: false });
      atMost(runs, [most, most]);
    },
  );

  test.each([
    ['one_for_one', 10],
    ['one_for_all', 20],
    ['rest_for_one', 16],
  ] as const)(
    'SIM-44: three servers, two of them killed: %s: the whole tree is there in the end',
    async (strategy, most) => {
      const { runs, outcomes } = await compared(
        (note) =>
          function* scenario(self, { eventually, system }) {
            const started = yield* self.startLink(tree(strategy, [ONE, TWO, THREE]));
            if (started.ok) self.unlink(started.pid as unknown as Pid);
            for (const each of [ONE, TWO])
              self.spawn(function* killer(its: Self<Any>): Actor {
                const pid = its.whereis(each);
                note(each.name, pid === undefined ? 'away' : 'killed');
                if (pid !== undefined) its.exitSignal(pid as Pid, 'kill');
              });
            eventually('all are there', () =>
              [ONE, TWO, THREE].every((each) => system.whereis(each) !== undefined),
            );
          },
        { naive: false },
      );
      expect(outcomes.length).toBeLessThanOrEqual(3);
      atMost(runs, [most, most]);
    },
  );

  test('SIM-46: a dynamic supervisor: two starts and a kill; twice the same name and a kill', async () => {
    const started = (note: Note, names: readonly [string, string]): Scenario<Any> =>
      function* scenario(self) {
        const dynamic = yield* self.startLink(dynamicSupervisor({}));
        if (!dynamic.ok) return;
        self.unlink(dynamic.pid as unknown as Pid);
        for (const each of names)
          self.spawn(function* starter(its: Self<Any>): Actor {
            const spec = child({ id: each, name: name<never>(each) }, S);
            note('starter', (yield* startChild(its, dynamic.pid, spec)).ok);
          });
        self.spawn(function* killer(its: Self<Any>): Actor {
          const pid = its.whereis(names[0]);
          note('killer', pid !== undefined);
          if (pid !== undefined) its.exitSignal(pid as Pid, 'kill');
        });
      };
    const two = await compared((note) => started(note, ['x', 'y']), { naive: false });
    atMost(two.runs, [7, 7]);
    const same = await compared((note) => started(note, ['x', 'x']), { naive: false });
    atMost(same.runs, [10, 10]);
  });
});
