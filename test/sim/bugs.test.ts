/** Twelve planted bugs and one: each strategy finds what it has to, and what is found becomes small. */

import { type ExploreOptions, explore, type Scenario, simulate, type Verdict } from '@beamish/sim';
import { type Actor, type Message, name, type Pid, type ReplyTo, type Self } from 'beamish';
import { describe, expect, test } from 'vitest';
import { type Any, deposit, dine, fork, sending } from './support/scenes.ts';

interface Ask extends Message {
  readonly tag: 'ask';
  readonly of?: string;
  readonly replyTo: ReplyTo<string>;
}

interface Bug {
  readonly row: string;
  readonly kind: Verdict['kind'];
  readonly scenario: Scenario<Any>;
  /** Steps and switches of the least schedule, without the scenario's own first step. */
  readonly least: readonly [number, number];
  readonly options?: ExploreOptions;
}

/** Something is wrong at the end. */
function wrong(sim: Parameters<Scenario<Any>>[1], isRight: () => boolean): void {
  sim.eventually('it is right', isRight);
}

const lostUpdate: Scenario<Any> = function* lostUpdate(self, sim) {
  let balance = 0;
  const account = self.spawn(function* account(its: Self<Any>): Actor {
    for (;;) {
      const message = yield* its.receive('get', 'put');
      if (message.tag === 'get') its.send(message['from'] as Pid<Any>, { tag: 'value', balance });
      else balance = message['balance'] as number;
    }
  }) as Pid<Any>;
  for (let i = 0; i < 2; i++) self.spawn(deposit, account);
  wrong(sim, () => balance === 2);
};

const eachOther: Scenario<Any> = function* eachOther(self) {
  const pids: Pid<Any>[] = [];
  for (const other of [1, 0])
    pids.push(
      self.spawn(function* asker(its: Self<Any>): Actor {
        for (;;) {
          const message = yield* its.receive('go', 'ask');
          if (message.tag === 'ask') its.send(message['replyTo'] as ReplyTo<string>, 'yes');
          else
            yield* its.call(pids[other] as unknown as Pid<Ask>, { tag: 'ask' }).within('infinity');
        }
      }) as Pid<Any>,
    );
  for (const pid of pids) self.spawn(sending, pid, { tag: 'go' });
};

const table: Scenario<Any> = function* table(self, { clients }) {
  const [a, b, c] = [self.spawn(fork), self.spawn(fork), self.spawn(fork)];
  yield* clients({ ada: [dine, a, b], bea: [dine, b, c], cem: [dine, c, a] });
};

const openAndWrite: Scenario<Any> = function* openAndWrite(self, sim) {
  let wasOpen = true;
  const file = self.spawn(function* file(its: Self<Any>): Actor {
    let isOpen = false;
    for (let i = 0; i < 2; i++)
      if ((yield* its.receive('open', 'write')).tag === 'open') isOpen = true;
      else wasOpen = isOpen;
  }) as Pid<Any>;
  for (const tag of ['open', 'write']) self.spawn(sending, file, { tag });
  wrong(sim, () => wasOpen);
};

const stopBeforeLogin: Scenario<Any> = function* stopBeforeLogin(_, { clients }) {
  yield* clients({
    session: [
      function* session(its: Self<Any>): Actor {
        const helper = its.spawn(function* users(them: Self<Any>): Actor {
          them.spawn(sending, its.pid, { tag: 'stop' });
          them.spawn(sending, its.pid, { tag: 'login' });
        });
        void helper;
        if ((yield* its.receive('login', 'stop')).tag === 'stop') yield* its.receive('logout');
      },
    ],
  });
};

/** A server that takes its time; and a client that gives a question up, and takes any answer for the next. */
function late(whose: 'quote' | 'retry'): Scenario<Any> {
  return function* late(self, sim) {
    let isRight = true;
    let counted = 0;
    const server = self.spawn(function* quotes(its: Self<Any>): Actor {
      for (;;) {
        const { from, of } = yield* its.receive('quote');
        counted++;
        yield* its.sleep(10);
        its.send(from as Pid<Any>, { tag: 'price', of });
      }
    }) as Pid<Any>;
    self.spawn(function* client(its: Self<Any>): Actor {
      for (const of of ['tea', 'milk']) {
        its.send(server, { tag: 'quote', of: whose === 'retry' ? 'tea' : of, from: its.pid });
        const answer = yield* its.receive('price').after(10);
        if (answer !== undefined && whose === 'retry') break;
        if (answer !== undefined && answer['of'] !== of) isRight = false;
      }
    });
    wrong(sim, () => (whose === 'retry' ? counted <= 1 : isRight));
  };
}

const lostJob: Scenario<Any> = function* lostJob(self, sim) {
  let isDone = false;
  const worker = self.spawn(function* worker(its: Self<Any>): Actor {
    yield* its.receive('job');
    yield* its.yield();
    isDone = true;
  }) as Pid<Any>;
  self.send(worker, { tag: 'job' });
  self.spawn(function* killer(its: Self<Any>): Actor {
    its.exitSignal(worker as Pid, 'kill');
  });
  wrong(sim, () => isDone);
};

const lateMonitor: Scenario<Any> = function* lateMonitor(self, sim) {
  let reason: unknown = 'done';
  const worker = self.spawn(function* worker(its: Self<Any>): Actor {
    its.exit('done');
  });
  self.spawn(function* watcher(its: Self<Any>): Actor {
    its.monitor(worker as Pid);
    reason = (yield* its.receive('DOWN')).reason;
  });
  wrong(sim, () => reason === 'done');
};

const whereisThenRegister: Scenario<Any> = function* whereisThenRegister(self) {
  const N = name<never>('n');
  for (let i = 0; i < 2; i++)
    self.spawn(function* naming(its: Self<Any>): Actor {
      if (its.whereis(N) !== undefined) return;
      yield* its.yield();
      its.register(N, its.pid as Pid<never>);
      yield* its.receive('never');
    });
};

const linkedTooLate: Scenario<Any> = function* linkedTooLate(self, sim) {
  let orphan: Pid | undefined;
  const parent = self.spawn(function* parent(its: Self<Any>): Actor {
    const child = its.spawn(function* child(her: Self<Any>): Actor {
      yield* her.receive('never');
    });
    orphan = child as Pid;
    yield* its.yield();
    its.link(child as Pid);
    yield* its.receive('never');
  });
  self.spawn(function* killer(its: Self<Any>): Actor {
    its.exitSignal(parent as Pid, 'kill');
  });
  wrong(sim, () => orphan === undefined || sim.system.info(orphan) === undefined);
};

const politeOnes: Scenario<Any> = function* politeOnes(self) {
  const pids: Pid<Any>[] = [];
  for (const other of [1, 0])
    pids.push(
      self.spawn(function* polite(its: Self<Any>): Actor {
        for (;;) {
          its.send(pids[other] as Pid<Any>, { tag: 'after_you' });
          yield* its.receive('after_you');
        }
      }) as Pid<Any>,
    );
};

const changesAndBack: Scenario<Any> = function* changesAndBack(self, sim) {
  let isSame = true;
  let value = 0;
  let changes = 0;
  const cell = self.spawn(function* cell(its: Self<Any>): Actor {
    for (;;) {
      const message = yield* its.receive('read', 'write', 'check');
      if (message.tag === 'write') {
        value = message['value'] as number;
        changes++;
      } else its.send(message['from'] as Pid<Any>, { tag: 'value', value, changes });
    }
  }) as Pid<Any>;
  self.spawn(function* reader(its: Self<Any>): Actor {
    const seen: Any[] = [];
    for (let i = 0; i < 2; i++) {
      its.send(cell, { tag: 'read', from: its.pid });
      seen.push(yield* its.receive('value'));
    }
    const [one, two] = seen;
    if (one?.['value'] === two?.['value'] && one?.['changes'] !== two?.['changes']) isSame = false;
  });
  self.spawn(function* writer(its: Self<Any>): Actor {
    for (const next of [1, 0]) {
      its.send(cell, { tag: 'write', value: next });
      yield* its.yield();
    }
  });
  wrong(sim, () => isSame);
};

const ANY = { speed: 'any' } as const;
const BUGS: readonly Bug[] = [
  { row: 'SIM-60', kind: 'claim', scenario: lostUpdate, least: [9, 0] },
  { row: 'SIM-61', kind: 'deadlock', scenario: eachOther, least: [8, 1] },
  { row: 'SIM-62', kind: 'deadlock', scenario: table, least: [12, 0] },
  { row: 'SIM-63', kind: 'claim', scenario: openAndWrite, least: [5, 0] },
  { row: 'SIM-64', kind: 'deadlock', scenario: stopBeforeLogin, least: [5, 0] },
  { row: 'SIM-65', kind: 'claim', scenario: late('quote'), least: [11, 0], options: ANY },
  { row: 'SIM-66', kind: 'claim', scenario: lostJob, least: [3, 0] },
  { row: 'SIM-67', kind: 'claim', scenario: lateMonitor, least: [4, 1] },
  { row: 'SIM-68', kind: 'crash', scenario: whereisThenRegister, least: [4, 1] },
  { row: 'SIM-69', kind: 'claim', scenario: linkedTooLate, least: [4, 1] },
  { row: 'SIM-70', kind: 'claim', scenario: late('retry'), least: [11, 0], options: ANY },
  {
    row: 'SIM-71',
    kind: 'livelock',
    scenario: politeOnes,
    least: [200, 1],
    options: { maxSteps: 200 },
  },
  { row: 'SIM-72', kind: 'claim', scenario: changesAndBack, least: [11, 0] },
];

describe.each(BUGS.map((bug) => [bug.row, bug] as const))(
  '%s',
  (row, { kind, scenario, least, options }) => {
    const found = (more: ExploreOptions): ReturnType<typeof explore> =>
      explore(scenario, { ...options, ...more });

    test(`${row}: auto finds it within 100 runs, with the right kind of verdict`, async () => {
      const exploration = await found({ budget: { runs: 100 } });
      expect(exploration.verdict.kind).toBe(kind);
      expect(exploration.runs).toBeLessThanOrEqual(100);
    });

    test(`${row}: few departures from the calmest schedule find it`, async () => {
      const [delays, runs] = row === 'SIM-72' ? [2, 100] : [1, 60];
      const exploration = await found({ strategy: { delays }, budget: { runs }, shrinkRuns: 0 });
      expect(exploration.verdict.kind).toBe(kind);
    });

    test(`${row}: made small, it is a step and a switch above the least at most, by 300 runs`, async () => {
      const exploration = await found({ strategy: 'random', seed: 5, budget: { runs: 2000 } });
      expect(exploration.verdict.kind).toBe(kind);
      expect(exploration.shrunk?.runs).toBeLessThanOrEqual(300);
      const { steps = [], switches = 99 } = exploration.failure ?? {};
      expect(steps.length - 1).toBeLessThanOrEqual(least[0] + 1);
      expect(switches).toBeLessThanOrEqual(least[1] + 1);
    });

    test(`${row}, SIM-82, SIM-84: a key of 24 characters at most replays it`, async () => {
      const { failure } = await found({ budget: { runs: 100 } });
      const key = failure?.key ?? 'b1.none';
      if (kind !== 'livelock') expect(key.length).toBeLessThanOrEqual(24);
      const again = await simulate(scenario, { ...options, schedule: { key } });
      expect(again.toString()).toBe(failure?.toString());
      expect(again.verdict.kind).toBe(kind);
    });
  },
);

test.each(['random', 'pos', { pct: 2 }, { pct: 3 }] as const)(
  'SIM-60 to SIM-72: by %o, each is found within 1,000 runs',
  async (strategy) => {
    for (const { row, kind, scenario, options } of BUGS) {
      const { verdict } = await explore(scenario, {
        ...options,
        strategy,
        shrinkRuns: 0,
        budget: { runs: 1000 },
      });
      expect(verdict.kind, row).toBe(kind);
    }
  },
);

test('SIM-81: calmest first: from different seeds, the same numbers', async () => {
  for (const { row, scenario, options } of BUGS.slice(0, 11)) {
    // Whoever crashes is another failure.
    const schedules = new Map<string, Set<string>>();
    for (const seed of [1, 2, 3]) {
      const { failure, verdict } = await explore(scenario, {
        ...options,
        strategy: 'random',
        seed,
        budget: { runs: 2000 },
      });
      const who = verdict.kind === 'crash' ? verdict.who : '';
      const same = schedules.get(who) ?? new Set();
      schedules.set(who, same.add(String(failure?.schedule)));
    }
    for (const same of schedules.values()) expect(same.size, row).toBe(1);
  }
});
