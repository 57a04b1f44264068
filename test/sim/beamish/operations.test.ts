/** Every operation that suspends, under the death of either side: whoever waits goes on, or ends, and nothing is left. */

import { kill, type Scenario } from '@beamish/sim';
import {
  type Actor,
  configure,
  later,
  name,
  type Pid,
  type ReplyTo,
  type Self,
  server,
  stop,
} from 'beamish';
import { describe, expect, test } from 'vitest';
import { explored } from '../support/explored.ts';
import type { Any } from '../support/scenes.ts';

type Ask = Any & { readonly tag: 'ask'; readonly replyTo: ReplyTo<number> };

/** Answers whoever asks. */
function* answering(self: Self<Ask>): Actor {
  for (;;) self.send((yield* self.receive('ask')).replyTo, 1);
}

/** Waits in one operation; what comes of it does not matter. */
type Waiting = (self: Self<Any>, other: Pid<Any>) => Actor<unknown>;

const slow = server(function* (self) {
  yield* self.sleep(5);
  return { call: { ping: () => 1 } };
});

/** By name: what the one does, and what the other is. */
const OPERATIONS: Readonly<
  Record<string, readonly [waiting: Waiting, other: (self: Self<Any>) => Actor]>
> = {
  call: [
    function* calling(self, other) {
      yield* self.call(other as unknown as Pid<Ask>, { tag: 'ask' }).within('infinity');
    },
    answering as never,
  ],
  'call within': [
    function* callingWithin(self, other) {
      yield* self.call(other as unknown as Pid<Ask>, { tag: 'ask' }).within(10);
    },
    function* silent(self) {
      yield* self.receive('never');
    },
  ],
  request: [
    function* requesting(self, other) {
      const one = self.request(other as unknown as Pid<Ask>, { tag: 'ask' });
      const two = self.request(other as unknown as Pid<Ask>, { tag: 'ask' });
      yield* two.reply().within('infinity');
      yield* one.reply().within('infinity');
    },
    answering as never,
  ],
  'receive of a DOWN': [
    function* watching(self, other) {
      self.monitor(other as Pid);
      yield* self.receive('DOWN');
    },
    function* brief() {},
  ],
  'receive of an EXIT': [
    function* trapping(self, other) {
      self.trapExit(true);
      self.link(other as Pid);
      yield* self.receive('EXIT');
    },
    function* brief() {},
  ],
  'receive after': [
    function* patient(self) {
      yield* self.receive('never').after(5);
    },
    function* other() {},
  ],
  sleep: [
    function* sleeping(self) {
      yield* self.sleep(5);
    },
    function* other() {},
  ],
  yield: [
    function* yielding(self) {
      yield* self.yield();
    },
    function* other() {},
  ],
  stop: [
    function* stopping(self, other) {
      yield* stop(self, other as never);
    },
    server(() => ({ call: { one: () => 1 } })) as never,
  ],
  'start of a server that takes its time': [
    function* starting(self) {
      self.trapExit(true);
      yield* self.startLink(slow);
    },
    function* other() {},
  ],
  'start of a server that is too slow': [
    function* starting(self) {
      self.trapExit(true);
      yield* self.startLink(configure(slow, { startTimeoutMs: 3 }));
    },
    function* other() {},
  ],
  perform: [
    function* performing(self, other) {
      yield* self.perform(
        (function* helper(): Actor {
          yield* self.call(other as unknown as Pid<Ask>, { tag: 'ask' }).within('infinity');
        })(),
      );
    },
    answering as never,
  ],
};

/** Notes that it is over, however it ends. */
const scenarioOf = (waiting: Waiting, other: (self: Self<Any>) => Actor): Scenario<Any> =>
  function* scenario(self, { eventually, system, count }) {
    const there = self.spawn(function* other_(its: Self<Any>): Actor {
      yield* other(its) as Actor;
    });
    let isOver = false;
    const one = self.spawn(function* waiter(its: Self<Any>): Actor {
      its.defer(() => {
        isOver = true;
      });
      try {
        yield* waiting(its, there as Pid<Any>) as Actor;
      } catch {}
    });
    eventually('whoever waited is over', () => {
      const isGone = system.info(one as Pid) === undefined;
      return isGone && (isOver || count({ kind: 'starts', by: 'waiter' }) === 0);
    });
  };

const OPTIONS = { leftovers: 'anything', mayCrash: ['*'] } as const;

describe.each(Object.entries(OPERATIONS))('%s', (_, [waiting, other]) => {
  test('the other one is killed at any moment', async () => {
    const scenario = scenarioOf(waiting, other);
    expect(await explored(scenario, { ...OPTIONS, faults: [kill('other_')] })).toMatchSnapshot();
  });

  test('whoever waits is killed at any moment', async () => {
    const scenario = scenarioOf(waiting, other);
    expect(await explored(scenario, { ...OPTIONS, faults: [kill('waiter')] })).toMatchSnapshot();
  });

  test('either, while any timer may ring at any time', async () => {
    const scenario = scenarioOf(waiting, other);
    const options = { ...OPTIONS, speed: 'any', faults: [kill('other_'), kill('waiter')] } as const;
    expect(await explored(scenario, options)).toMatchSnapshot();
  });
});

describe('servers', () => {
  test('a call that is answered later is answered once, or fails, whoever of the three dies', async () => {
    const scenario: Scenario<Any> = function* scenario(self, { eventually, count }) {
      const answers: unknown[] = [];
      const its = yield* self.startLink(
        server((me) => ({
          call: {
            job: () =>
              later<number>((to) => {
                me.spawn(function* worker(w: Self): Actor {
                  w.send(to, 1);
                });
              }),
          },
        })),
      );
      if (!its.ok) throw its.reason;
      self.unlink(its.pid as unknown as Pid);
      self.register('jobs', its.pid as never);
      self.spawn(function* caller(me: Self<Any>): Actor {
        try {
          answers.push(yield* me.call(its.pid, 'job').within(10));
        } catch (error) {
          answers.push((error as { readonly reason: unknown }).reason);
        }
      });
      eventually('one answer, unless the caller is gone', () => {
        const isKilled = count({ kind: 'fault' }) > 0 && answers.length === 0;
        return answers.length === 1 || isKilled;
      });
    };
    for (const whom of ['jobs', 'caller', 'worker'])
      expect(await explored(scenario, { faults: [kill(whom)] })).toMatchSnapshot();
  });

  test('a call and a stop: the call is answered, or fails, and the server is gone', async () => {
    const scenario: Scenario<Any> = function* scenario(self, { clients, eventually, system }) {
      const its = yield* self.startLink(server(() => ({ call: { one: () => 1 } })));
      if (!its.ok) throw its.reason;
      self.unlink(its.pid as unknown as Pid);
      self.register('service', its.pid as never);
      eventually('it is gone', () => system.info(its.pid as unknown as Pid) === undefined);
      yield* clients({
        caller: [
          function* caller(me: Self<Any>): Actor {
            try {
              yield* me.call(its.pid, 'one').within('infinity');
            } catch {}
          },
        ],
        stopper: [
          function* stopper(me: Self<Any>): Actor {
            try {
              yield* stop(me, its.pid);
            } catch {}
          },
        ],
      });
    };
    expect(await explored(scenario)).toMatchSnapshot();
    expect(
      await explored(scenario, { faults: [kill(name('service'))], speed: 'any' }),
    ).toMatchSnapshot();
  });
});

describe('demonitor with flush', () => {
  test('no DOWN of it comes after, whenever the other one ends', async () => {
    const scenario: Scenario<Any> = function* scenario(self) {
      const other = self.spawn(function* other(): Actor {});
      self.spawn(function* watcher(its: Self<Any>): Actor {
        const ref = its.monitor(other as Pid);
        yield* its.yield();
        its.demonitor(ref, { flush: true });
        const down = yield* its.receive('DOWN').after(5);
        if (down !== undefined) throw new Error('A DOWN has come');
      });
    };
    expect(await explored(scenario)).toMatchSnapshot();
    expect(await explored(scenario, { faults: [kill('other')] })).toMatchSnapshot();
  });

  test('without flush, one comes if demonitor says that it was over, and none if it was not', async () => {
    const scenario: Scenario<Any> = function* scenario(self) {
      const other = self.spawn(function* other(): Actor {});
      self.spawn(function* watcher(its: Self<Any>): Actor {
        const ref = its.monitor(other as Pid);
        yield* its.yield();
        const wasActive = its.demonitor(ref);
        const down = yield* its.receive('DOWN').after(5);
        if (wasActive === (down !== undefined)) throw new Error(`It said ${wasActive}`);
      });
    };
    expect(await explored(scenario)).toMatchSnapshot();
  });
});

describe('cancelTimer', () => {
  test('what was cancelled in time never comes, and what was not, has', async () => {
    const scenario: Scenario<Any> = function* scenario(self) {
      self.spawn(function* timing(its: Self<Any>): Actor {
        const ref = its.sendAfter(5, its.pid, { tag: 'late' });
        yield* its.sleep(5);
        const left = its.cancelTimer(ref);
        const message = yield* its.receive('late').after(20);
        if ((left === false) !== (message !== undefined)) throw new Error(`It said ${left}`);
      });
    };
    expect(await explored(scenario)).toMatchSnapshot();
    expect(await explored(scenario, { speed: 'any' })).toMatchSnapshot();
  });

  test('somebody else cancels it: exactly one of both is true', async () => {
    const scenario: Scenario<Any> = function* scenario(self) {
      const to = self.spawn(function* waiting(its: Self<Any>): Actor {
        const message = yield* its.receive('late', 'cancelled');
        const other = yield* its.receive('late', 'cancelled').after(20);
        if (other !== undefined) throw new Error(`${message.tag}, and then ${other.tag}`);
      });
      const ref = self.sendAfter(5, to as Pid<Any>, { tag: 'late' });
      self.spawn(function* canceller(its: Self<Any>): Actor {
        yield* its.sleep(5);
        if (its.cancelTimer(ref) !== false) its.send(to as Pid<Any>, { tag: 'cancelled' });
      });
    };
    expect(await explored(scenario)).toMatchSnapshot();
    expect(await explored(scenario, { speed: 'any' })).toMatchSnapshot();
  });
});

describe('aliases', () => {
  test('what comes to one after unalias is lost, and what came before is there', async () => {
    const scenario: Scenario<Any> = function* scenario(self, { eventually, count }) {
      let taken = 0;
      self.spawn(function* owner(its: Self<Any>): Actor {
        const alias = its.alias<Any>();
        its.spawn(function* sender(me: Self<Any>): Actor {
          me.send(alias, { tag: 'a' });
        });
        yield* its.yield();
        its.unalias(alias);
        if ((yield* its.receive('a').after(0)) !== undefined) taken++;
        if ((yield* its.receive('a').after(5)) !== undefined) throw new Error('It came late');
      });
      eventually('once, or never', () => taken <= 1 && count({ kind: 'sent', tag: 'a' }) <= 1);
    };
    expect(await explored(scenario)).toMatchSnapshot();
  });

  test('a monitor with an alias: a reply, or a DOWN, and never both', async () => {
    const scenario: Scenario<Any> = function* scenario(self) {
      const other = self.spawn(function* other(its: Self<Any>): Actor {
        const { to } = yield* its.receive('ask');
        its.send(to as ReplyTo<Any>, { tag: 'answer' });
      });
      self.spawn(function* asker(its: Self<Any>): Actor {
        const { replyTo } = its.monitorAlias<Any>(other as Pid, 'reply_demonitor');
        its.send(other as Pid<Any>, { tag: 'ask', to: replyTo });
        const first = yield* its.receive('answer', 'DOWN');
        const second = yield* its.receive('answer', 'DOWN').after(5);
        if (second !== undefined) throw new Error(`${first.tag}, and then ${second.tag}`);
      });
    };
    expect(await explored(scenario)).toMatchSnapshot();
    expect(await explored(scenario, { faults: [kill('other')] })).toMatchSnapshot();
  });
});
