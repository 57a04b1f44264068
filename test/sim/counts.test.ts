/** How many schedules there are: exact, since a smaller number is unsound and a larger one reduces too little. */

import type { Scenario } from '@beamish/sim';
import { type Actor, configure, name, type Pid, type Self, server } from 'beamish';
import { describe, expect, test, vi } from 'vitest';
import { type Any, bank, counts, deposit, philosophers, sent } from './support/scenes.ts';

// Time decides nothing here, and a busy machine takes long.
vi.setConfig({ testTimeout: 200_000 });

function lostUpdate(clients: number): Scenario<Any> {
  return function* scenario(self) {
    const account = self.spawn(bank);
    for (let i = 0; i < clients; i++) self.spawn(deposit, account);
  };
}

function* polling(self: Self<Any>): Actor {
  yield* self.receive('a').after(0);
}

describe('SIM-04: a poll is always enabled', () => {
  test('SIM-04: against a sender of what it takes: 3, 2 and 2', async () => {
    expect(await counts(sent(polling, 'a'))).toEqual([3, 2, 2]);
  });

  test('SIM-04: against a sender of another tag: 3, 1 and 1', async () => {
    expect(await counts(sent(polling, 'b'))).toEqual([3, 1, 1]);
  });
});

test('SIM-10: a lost update, with 2, 3 and 4 clients', async () => {
  expect(await counts(lostUpdate(2))).toEqual([68, 6, 6]);
  expect(await counts(lostUpdate(3), { naive: false })).toEqual([90, 90]);
  expect(await counts(lostUpdate(4), { naive: false })).toEqual([2520, 2520]);
});

test('SIM-11: pairs of ping and pong do not know of each other', async () => {
  const pairs = (count: number): Scenario<Any> =>
    function* scenario(self) {
      for (let i = 0; i < count; i++) self.spawn(ping, self.spawn(pong));
    };
  function* ping(self: Self<Any>, to: Pid<Any>): Actor {
    self.send(to, { tag: 'ping', by: self.pid });
    yield* self.receive('pong');
  }
  function* pong(self: Self<Any>): Actor {
    self.send((yield* self.receive('ping'))['by'] as Pid<Any>, { tag: 'pong' });
  }
  expect(await counts(pairs(2))).toEqual([280, 1, 1]);
  expect(await counts(pairs(3), { naive: false })).toEqual([1, 1]);
});

test('SIM-12: a ring in which one or two tokens go round once', async () => {
  const ring = (tokens: number): Scenario<Any> =>
    function* scenario(self) {
      const pids: Pid<Any>[] = [];
      for (let i = 0; i < 4; i++)
        pids.push(
          self.spawn(function* node(its: Self<Any>): Actor {
            const { next } = yield* its.receive('next');
            const pass = (): void => its.send(next as Pid<Any>, { tag: 'token' });
            if (i === 0) for (let n = 0; n < tokens; n++) pass();
            for (let n = 0; n < tokens; n++) {
              yield* its.receive('token');
              if (i > 0) pass();
            }
          }) as Pid<Any>,
        );
      for (const [i, pid] of pids.entries())
        self.send(pid, { tag: 'next', next: pids[(i + 1) % 4] });
    };
  expect(await counts(ring(1))).toEqual([5670, 1, 1]);
  expect(await counts(ring(2), { naive: false })).toEqual([1, 1]);
});

test('SIM-13: fan-in of one tag: each order of the messages', async () => {
  const taking = (count: number) =>
    function* receiver(self: Self<Any>): Actor {
      for (let i = 0; i < count; i++) yield* self.receive('a');
    };
  expect(await counts(sent(taking(4), ...'aaaa'))).toEqual([1008, 24, 24]);
  expect(await counts(sent(taking(5), ...'aaaaa'), { naive: false })).toEqual([120, 120]);
});

test('SIM-14: fan-in of four tags that are taken in one order', async () => {
  function* receiver(self: Self<Any>): Actor {
    for (const tag of 'abcd') yield* self.receive(tag);
  }
  expect(await counts(sent(receiver, ...'abcd'))).toEqual([384, 24, 1]);
});

test('SIM-15: philosophers, each first the left fork', async () => {
  expect(await counts(philosophers(2))).toEqual([1008, 5, 3]);
  expect(await counts(philosophers(3), { naive: false })).toEqual([37, 7]);
  expect(await counts(philosophers(4), { naive: false })).toEqual([185, 15]);
  expect((await counts(philosophers(5), { naive: false }))[1]).toBe(31);
});

test('SIM-16: with the forks of the last one exchanged, by what is taken', async () => {
  expect((await counts(philosophers(3, true), { naive: false }))[1]).toBe(6);
});

test('SIM-17: a leader is elected in a ring (Chang and Roberts)', async () => {
  const election = (count: number): Scenario<Any> =>
    function* scenario(self, { eventually }) {
      const leaders = new Set<unknown>();
      eventually('all have one leader', () => leaders.size === 1);
      const pids: Pid<Any>[] = [];
      for (let i = 0; i < count; i++)
        pids.push(
          self.spawn(function* node(its: Self<Any>): Actor {
            const { next } = yield* its.receive('next');
            const tell = (tag: string, id: unknown): void =>
              its.send(next as Pid<Any>, { tag, id });
            tell('elect', i);
            for (;;) {
              const { tag, id } = yield* its.receive('elect', 'leader');
              if (tag === 'leader') {
                leaders.add(id);
                if (id !== i) tell('leader', id);
                return;
              }
              if ((id as number) > i) tell('elect', id);
              else if (id === i) tell('leader', i);
            }
          }) as Pid<Any>,
        );
      for (const [i, pid] of pids.entries())
        self.send(pid, { tag: 'next', next: pids[(i + 1) % count] });
    };
  expect(await counts(election(3))).toEqual([1008, 1, 1]);
  expect(await counts(election(4), { naive: false })).toEqual([1, 1]);
});

test('SIM-30: sent before the first step: two senders, one receive', async () => {
  function* receiver(self: Self<Any>): Actor {
    yield* self.receive();
  }
  expect(await counts(sent(receiver, 'a', 'b'))).toEqual([10, 2, 2]);
});

test('SIM-31: one sends itself c, receives b or c, and another sends it b', async () => {
  function* receiver(self: Self<Any>): Actor {
    self.send(self.pid, { tag: 'c' });
    yield* self.receive('b', 'c');
  }
  expect(await counts(sent(receiver, 'b'))).toEqual([3, 2, 2]);
});

describe('time', () => {
  function* patient(self: Self<Any>): Actor {
    yield* self.receive('a').after(1);
  }
  function* late(self: Self<Any>, to: Pid<Any>): Actor {
    yield* self.sleep(1);
    self.send(to, { tag: 'a' });
  }

  test('SIM-32: a time-out of 1 ms against one sender, instant and at any speed', async () => {
    expect(await counts(sent(patient, 'a'))).toEqual([2, 1, 1]);
    const [naive, ...reduced] = await counts(sent(patient, 'a'), { speed: 'any' });
    expect(naive).toBe(5);
    for (const count of reduced) expect(count).toBeLessThanOrEqual(4);
  });

  test('SIM-33: the same, and the sender sleeps 1 ms first: no more than 5', async () => {
    const [naive, ...reduced] = await counts(function* scenario(self) {
      self.spawn(late, self.spawn(patient));
    });
    expect(naive).toBe(7);
    for (const count of reduced) expect(count).toBeLessThanOrEqual(5);
  });
});

test('SIM-36: a monitor against the end', async () => {
  function* brief(): Actor {}
  function* watching(self: Self<Any>, whom: Pid<Any>): Actor {
    self.monitor(whom);
    yield* self.receive('DOWN');
  }
  expect(
    await counts(function* scenario(self) {
      self.spawn(watching, self.spawn(brief as (self: Self<Any>) => Actor));
    }),
  ).toEqual([2, 2, 2]);
});

test('SIM-38: trapExit against an exit signal', async () => {
  function* trapping(self: Self<Any>): Actor {
    self.trapExit(true);
    yield* self.receive('EXIT');
  }
  function* killing(self: Self<Any>, whom: Pid<Any>): Actor {
    self.exitSignal(whom, 'bad');
  }
  expect(
    await counts(function* scenario(self) {
      self.spawn(killing, self.spawn(trapping));
    }),
  ).toEqual([2, 2, 2]);
});

describe('SIM-18: names', () => {
  test('SIM-18: two register one name', async () => {
    function* naming(self: Self<Any>): Actor {
      if (self.whereis('n') === undefined) self.register('n', self.pid);
    }
    expect(
      await counts(function* scenario(self) {
        for (let i = 0; i < 2; i++) self.spawn(naming);
      }),
    ).toEqual([2, 2, 2]);
  });

  test('SIM-18: two start and link one name: the second is told at once', async () => {
    const N = name<never>('n');
    const named = configure(
      server(() => ({ call: { one: () => 1 } })),
      { name: N as never },
    );
    function* starting(self: Self<Any>): Actor {
      yield* self.startLink(named);
    }
    expect(
      await counts(function* scenario(self) {
        for (let i = 0; i < 2; i++) self.spawn(starting);
      }),
    ).toEqual([6, 2, 2]);
  });

  test('SIM-18: two register, and a third ends the holder, hears of it, and looks', async () => {
    function* naming(self: Self<Any>): Actor {
      if (self.whereis('n') === undefined) self.register('n', self.pid);
      yield* self.receive('never');
    }
    function* ending(self: Self<Any>): Actor {
      const holder = self.whereis('n');
      if (holder !== undefined) {
        self.monitor(holder as Pid);
        self.exitSignal(holder as Pid, 'kill');
        yield* self.receive('DOWN');
      }
      self.whereis('n');
    }
    expect(
      await counts(function* scenario(self) {
        for (const body of [naming, naming, ending]) self.spawn(body);
      }),
    ).toEqual([10, 8, 8]);
  });
});
