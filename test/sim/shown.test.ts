/** Runs as they are shown: the same on any host, made small, drawn, and without what did not matter. */

import { explore, type Run, type Scenario, simulate } from '@beamish/sim';
import { type Actor, type Message, name, type Pid, type ReplyTo, type Self } from 'beamish';
import { describe, expect, test, vi } from 'vitest';
import { type Any, dine, fork } from './support/scenes.ts';

// Time decides nothing here, and a busy machine takes long.
vi.setConfig({ testTimeout: 200_000 });

const table: Scenario<Any> = function* table(self, { clients }) {
  const [a, b, c] = [self.spawn(fork), self.spawn(fork), self.spawn(fork)];
  yield* clients({ ada: [dine, a, b], bea: [dine, b, c], cem: [dine, c, a] });
};

/** Whom nobody at the table hears of. */
const withBystanders: Scenario<Any> = function* withBystanders(self, sim) {
  for (let i = 0; i < 2; i++)
    self.spawn(function* bystander(its: Self<Any>): Actor {
      for (let n = 0; n < 3; n++) yield* its.yield();
    });
  yield* table(self, sim) as Actor;
};

describe('SIM-07: nothing of a run depends on the host', () => {
  /** Works for so many ms of the host's time after each step that asks for it. */
  const slow = (ms: number, hostNow: () => number): Scenario<Any> =>
    function* slow(self, sim) {
      sim.always('work is done', () => {
        for (const until = hostNow() + ms; hostNow() < until; );
        return true;
      });
      self.spawn(function* timing(its: Self<Any>): Actor {
        for (let n = 0; n < 2; n++) yield* its.sleep(Date.now() % 7);
        its.send(its.pid, { tag: 'chance', now: Date.now(), number: Math.random() });
      });
      yield* table(self, sim) as Actor;
    };

  test('SIM-07: neither on how long a step takes, nor on what the clock says', async () => {
    const real = Date.now;
    const [now, at] = [performance.now.bind(performance), { schedule: { seed: 3 } }];
    const plain = (await simulate(slow(0, now), at)).toString();
    expect(plain).toContain('chance');
    expect((await simulate(slow(10, now), at)).toString()).toBe(plain);
    Date.now = () => 1_234_567;
    try {
      expect((await simulate(slow(0, now), at)).toString()).toBe(plain);
    } finally {
      Date.now = real;
    }
  });

  test('SIM-07: nor on what else goes on meanwhile', async () => {
    const now = performance.now.bind(performance);
    const at = { schedule: { seed: 5 } };
    const plain = (await simulate(slow(0, now), at)).toString();
    let isOver = false;
    const busy = (async () => {
      while (!isOver) await new Promise((resolve) => setImmediate(resolve));
    })();
    const together = await Promise.all([1, 2, 3, 4].map(() => simulate(slow(1, now), at)));
    isOver = true;
    await busy;
    for (const run of together) expect(run.toString()).toBe(plain);
  });
});

test('SIM-80: what is made small fails alike: kind, claim and who waits', async () => {
  const two: Scenario<Any> = function* two(self, { clients }) {
    const [a, b] = [self.spawn(fork), self.spawn(fork)];
    const [c, d] = [self.spawn(fork), self.spawn(fork)];
    yield* clients({ ada: [dine, a, b], bea: [dine, b, a], cem: [dine, c, d], dee: [dine, d, c] });
  };
  const found = await explore(two, { strategy: 'random', failures: 'all', budget: { runs: 300 } });
  const circles = found.failures.map(({ verdict }) => {
    expect(verdict.kind).toBe('deadlock');
    return (verdict as { readonly waiting: readonly { readonly who: string }[] }).waiting
      .map(({ who }) => who)
      .join(' ');
  });
  // Each is another failure: either pair, or both.
  expect(new Set(circles).size).toBe(3);
  for (const { verdict, key } of found.failures) {
    const again = await simulate(two, { schedule: { key } });
    expect(again.verdict).toMatchObject({ kind: verdict.kind });
  }
  const first = await explore(two, { strategy: 'random', seed: 2, budget: { runs: 300 } });
  const { waiting } = (first.failure as Run).verdict as {
    readonly waiting: readonly { readonly who: string }[];
  };
  expect(circles).toContain(waiting.map(({ who }) => who).join(' '));
});

interface Ask extends Message {
  readonly tag: 'ask';
  readonly replyTo: ReplyTo<number>;
}

/** A diagram's lines, if it is one. */
function parsed(diagram: string) {
  const [head, ...lines] = diagram.split('\n');
  expect(head).toBe('sequenceDiagram');
  const people = new Map<string, string>();
  const arrows: { from: string; sign: string; to: string; label: string }[] = [];
  for (const line of lines) {
    const participant = /^ {2}participant (\w+)(?: as (.+))?$/.exec(line);
    const arrow = /^ {2}(\w+)(->>|-\)|-->>|-x)(\w+): (.+)$/.exec(line);
    if (participant?.[1] !== undefined)
      people.set(participant[1], participant[2] ?? participant[1]);
    else if (arrow !== null) {
      const [, from = '', sign = '', to = '', label = ''] = arrow;
      expect([people.has(from), people.has(to)], line).toEqual([true, true]);
      arrows.push({ from: people.get(from) ?? '', sign, to: people.get(to) ?? '', label });
    } else expect(line).toMatch(/^ {2}Note over \w+: .+$/);
  }
  return arrows;
}

describe('SIM-86: the diagram is the run', () => {
  const speaking: Scenario<Any> = function* speaking(self) {
    const server = self.spawn(function* server(its: Self<Ask>): Actor {
      its.send((yield* its.receive('ask')).replyTo, 42);
    });
    const deaf = self.spawn(function* deaf(its: Self<Any>): Actor {
      yield* its.receive('a');
      yield* its.receive('never');
    }) as Pid<Any>;
    const { pid: dead } = self.spawnMonitor(function* dead(): Actor {});
    yield* self.receive('DOWN');
    self.send(deaf, { tag: 'a' });
    self.send(deaf, { tag: 'b;c#d' });
    yield* self.call(server as Pid<Ask>, { tag: 'ask' });
    self.send(dead as Pid<Any>, { tag: 'a' });
    self.send(name<Any>('nobody'), { tag: 'lost' });
  };

  test('SIM-86: taken, waiting, a reply, and lost differ', async () => {
    const arrows = parsed((await simulate(speaking, { schedule: [] })).toMermaid());
    expect(arrows.map(({ from, sign, to, label }) => `${from}${sign}${to}: ${label}`)).toEqual([
      'dead->>scenario: DOWN',
      'scenario->>deaf: a',
      'scenario-)deaf: b c d',
      'scenario->>server: ask',
      'server-->>scenario: 42',
      'scenario-xdead: a',
      'scenario-xnobody: lost',
    ]);
  });

  test('SIM-86: each arrow is a deed of a step, in any schedule', async () => {
    for (let seed = 1; seed <= 50; seed++) {
      const run = await simulate(table, { schedule: { seed } });
      const sent = run.steps.flatMap(({ who, deeds }) =>
        deeds.flatMap(({ kind, to, tag }) => (kind === 'sent' ? [`${who} ${to} ${tag}`] : [])),
      );
      const arrows = parsed(run.toMermaid());
      expect(arrows.map(({ from, to, label }) => `${from} ${to} ${label}`)).toEqual(sent);
      const taken = run.steps.filter(
        ({ kind, tag }) => kind === 'receives' && tag !== 'DOWN',
      ).length;
      expect(arrows.filter(({ sign }) => sign === '->>')).toHaveLength(taken);
    }
  });
});

describe('SIM-87: what did not lead to the end is left out', () => {
  async function failing(scenario: Scenario<Any>): Promise<Run> {
    // As it was found, bystanders and all.
    for (let seed = 1; ; seed++) {
      const run = await simulate(scenario, { schedule: { seed } });
      if (run.verdict.kind === 'deadlock') return run;
    }
  }

  test('SIM-87: of bystanders there is nothing, and of the others all', async () => {
    const speaking: Scenario<Any> = function* speaking(self, sim) {
      const [one, other] = [self.spawn(fork), self.spawn(fork)];
      // These two eat at a table of their own, and get up.
      self.spawn(dine, one, other);
      yield* table(self, sim) as Actor;
    };
    const run = await failing(speaking);
    const all = parsed(run.toMermaid());
    const cause = parsed(run.toMermaid({ only: 'cause' }));
    expect(cause.length).toBeLessThan(all.length);
    for (const arrow of cause) expect(arrow.from).not.toBe('dine');
    const clients = ['ada', 'bea', 'cem'];
    const ofClients = (arrows: typeof all) =>
      arrows.filter(({ from, to }) => clients.includes(from) || clients.includes(to));
    expect(ofClients(cause)).toEqual(ofClients(all));
  });

  test('SIM-87: running what is left, in its order, fails alike', async () => {
    const run = await failing(withBystanders);
    const kept = run.steps.filter(({ who }) => !who.startsWith('bystander'));
    // The same steps without the others: chosen by name, of those that can step.
    let at = 0;
    const schedule: number[] = [];
    for (;;) {
      const next = kept[at];
      if (next === undefined) break;
      const so = await simulate(withBystanders, { schedule });
      const step = so.steps[at];
      if (step?.who === next.who) {
        if (schedule.length === at) schedule.push(0);
        at++;
        continue;
      }
      const tried = schedule.length > at ? (schedule.pop() as number) + 1 : 1;
      expect(tried, `step ${at + 1}, ${next.who}`).toBeLessThan(20);
      schedule.push(tried);
    }
    const again = await simulate(withBystanders, { schedule });
    expect(again.verdict.kind).toBe('deadlock');
    const { cycle } = again.verdict as { readonly cycle: readonly string[] };
    expect(cycle).toEqual((run.verdict as { readonly cycle: readonly string[] }).cycle);
    expect(again.steps.slice(0, kept.length).map(({ who }) => who)).toEqual(
      kept.map(({ who }) => who),
    );
  });
});
