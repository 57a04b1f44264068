/** What the doctor finds, and what not: by samples with times of their own. */

import { type Finding, observe } from '@beamish/observer';
import type { Actor, Message, Pid, Self } from 'beamish';
import { testSystem } from 'beamish/testing';
import { describe, expect, test, vi } from 'vitest';
import { Doctor } from '../../packages/observer/src/doctor/doctor.ts';
import type { Sample } from '../../packages/observer/src/doctor/symptoms.ts';
import { Model } from '../../packages/observer/src/model/model.ts';
import { LongTurns } from '../../packages/observer/src/station/long-turns.ts';
import type { SystemFrame } from '../../packages/observer/src/terms/wire.ts';
import { clerks } from './programs.ts';

interface Told {
  readonly mailbox?: number;
  readonly reductions?: number;
  readonly status?: 0 | 1 | 2 | 3 | 4;
  readonly waits?: string;
  readonly parent?: string;
  readonly name?: string;
  readonly rate?: readonly [count: number, intensity: number, periodMs: number];
  readonly ended?: boolean;
}

/** A system whose actors are as they are told to be. */
class Patient {
  readonly model = new Model({ endedMs: 600_000 });
  readonly doctor = new Doctor();
  now = 0;
  figures: number[] = [3, 0, 0, 0.1, 0, 0, 0, 0];
  unmatched: { tag: string; count: number }[] = [];
  links = 0;
  letters: Sample['letters'] = [];
  turns: Sample['turns'] = [];
  copies: Sample['copies'] = [];
  /** What was told of as mended. */
  readonly mended: Finding[] = [];
  name = 'test';
  #born = new Set<string>();

  tell(actors: Readonly<Record<number, Told>>, system = this.name, status?: 'silent'): void {
    const strings: [number, string][] = [[0, 'body']];
    const idOf = (text: string) => {
      strings.push([strings.length, text]);
      return strings.length - 1;
    };
    const all = Object.entries(actors).map(([serial, told]) => [Number(serial), told] as const);
    const fresh = all.filter(([serial]) => !this.#born.has(`${system} ${serial}`));
    for (const [serial] of fresh) this.#born.add(`${system} ${serial}`);
    this.model.apply({
      system,
      incarnation: 1,
      at: this.now,
      clock: this.now,
      ...(status === undefined ? {} : { status }),
      figures: this.figures as unknown as SystemFrame['figures'],
      totals: [0, 0, 0, 0, 0, 0],
      born: fresh.map(([serial, { parent = '', rate }]) => [
        serial,
        parent,
        0,
        rate === undefined ? 0 : 2,
        this.now,
        null,
      ]),
      ended: all.filter(([, { ended }]) => ended === true).map(([serial]) => [serial, 'normal']),
      rows: all
        .filter(([, { ended }]) => ended !== true)
        .map(([serial, { status: code = 2, mailbox = 0, reductions = 0, waits = '*' }]) => [
          serial,
          code,
          mailbox,
          reductions,
          idOf(waits),
          null,
        ]),
      names: fresh.flatMap(([serial, { name: its }]) =>
        its === undefined ? [] : [[serial, its, null, 0] as const],
      ),
      waits: [],
      places: all.flatMap(([serial, { rate }]) =>
        rate === undefined ? [] : [[serial, 'one_for_one', ...rate, null] as const],
      ),
      strings,
    });
  }

  async examine(): Promise<readonly Finding[]> {
    const { now, model, letters, turns, copies } = this;
    const sample = { now, model, letters, turns, copies };
    this.letters = this.turns = this.copies = [];
    const { findings, mended } = await this.doctor.judge(sample, {
      unmatched: async () => this.unmatched,
      links: async () => this.links,
    });
    this.mended.push(...mended);
    return findings;
  }

  /** A second at a time. */
  async pass(seconds: number, tell: (second: number) => void): Promise<readonly Finding[]> {
    let findings: readonly Finding[] = [];
    for (let i = 0; i < seconds; i++) {
      tell(i);
      findings = await this.examine();
      this.now += 1000;
    }
    return findings;
  }
}

interface Ball extends Message {
  readonly tag: 'ball';
  readonly left: number;
  readonly from: Pid<Ball>;
}

const rules = (findings: readonly Finding[]) => findings.map(({ rule }) => rule);

describe('the doctor', () => {
  test('OBS-61 finds a mailbox that grows, with both rates', async () => {
    const patient = new Patient();
    const findings = await patient.pass(17, (t) =>
      patient.tell({ 1: { mailbox: t * 10, reductions: t * 40, name: 'ledger', status: 1 } }),
    );
    expect(findings).toMatchObject([{ rule: 'mailbox_grows', severity: 'warning' }]);
    expect(findings[0]?.summary).toBe(
      'ledger is behind: 50 messages a second come, 40 are taken, 160 wait',
    );
  });

  test('OBS-61 is not alarmed by a burst that is worked off', async () => {
    const patient = new Patient();
    const seen: string[] = [];
    for (let t = 0; t < 30; t++) {
      const mailbox = t < 5 ? 0 : Math.max(0, 10_000 - (t - 5) * 2500);
      seen.push(
        ...rules(
          await patient.pass(1, () =>
            patient.tell({ 1: { mailbox, reductions: t * 2500, status: 1 } }),
          ),
        ),
      );
    }
    expect(seen).toEqual([]);
  });

  test('OBS-62 finds messages that nobody takes, by what is waited for', async () => {
    const patient = new Patient();
    patient.unmatched = [
      { tag: 'a', count: 23 },
      { tag: 'c', count: 1 },
    ];
    const findings = await patient.pass(8, () =>
      patient.tell({ 1: { mailbox: 24, reductions: 3, waits: 'b', name: 'sorter' } }),
    );
    expect(findings).toMatchObject([{ rule: 'never_matched', severity: 'warning' }]);
    expect(findings[0]?.summary).toBe(
      'sorter takes none of its 24 messages: it waits for "b", and has "a" × 23, "c" × 1',
    );
  });

  test('OBS-63 is not alarmed by an empty mailbox, or one that is taken from now and then', async () => {
    const patient = new Patient();
    patient.unmatched = [{ tag: 'a', count: 23 }];
    const findings = await patient.pass(12, (t) =>
      patient.tell({
        1: { mailbox: 0, reductions: 3, waits: 'b' },
        2: { mailbox: 24, reductions: Math.floor(t / 4), waits: 'b' },
      }),
    );
    expect(findings).toEqual([]);
  });

  test('OBS-72 finds a single message that is old', async () => {
    const patient = new Patient();
    patient.unmatched = [{ tag: 'letter', count: 1 }];
    const findings = await patient.pass(13, () =>
      patient.tell({ 1: { mailbox: 1, waits: 'b', name: 'box' } }),
    );
    expect(findings).toMatchObject([{ rule: 'old_message', severity: 'warning' }]);
    expect(findings[0]?.summary).toContain('"letter" has waited for');
  });

  test('OBS-64 finds a long turn, by whom and at what', async () => {
    const patient = new Patient();
    patient.tell({ 1: { name: 'hasher' } });
    patient.turns = [{ pid: 'test.1@1', ms: 60, tag: 'hash' }];
    const findings = await patient.examine();
    expect(findings).toMatchObject([{ rule: 'long_turn', severity: 'warning' }]);
    expect(findings[0]?.summary).toBe(
      'A turn of hasher handling "hash" took 60 ms, in which nobody else of its thread had one',
    );
  });

  test('OBS-65 finds a restart storm from eight of ten on', async () => {
    const patient = new Patient();
    patient.tell({ 1: { name: 'top', rate: [6, 10, 5000] } });
    expect(await patient.examine()).toEqual([]);
    patient.tell({ 1: { name: 'top', rate: [8, 10, 5000] } });
    const findings = await patient.examine();
    expect(findings[0]?.summary).toBe(
      'top has restarted its children 8 times within 5 s; at more than 10 it gives up',
    );
  });

  test('OBS-66 finds a hundred dead letters in a second to one address, with who sent them', async () => {
    const patient = new Patient();
    patient.tell({ 1: {} });
    const letters = (count: number, apart: number) =>
      Array.from({ length: count }, (_, i) => ({
        to: '"nobody"',
        from: i % 2 === 0 ? 'ann' : 'bea',
        at: patient.now + i * apart,
      }));
    patient.letters = letters(101, 9);
    const findings = await patient.examine();
    expect(rules(findings)).toEqual(['dead_letter_burst']);
    expect(findings[0]?.summary).toBe(
      '101 messages to "nobody" reached nobody within a second; they came from ann, bea',
    );
    const calm = new Patient();
    const seen = await calm.pass(60, () => {
      calm.tell({ 1: {} });
      calm.letters = letters(5, 200);
    });
    expect(seen).toEqual([]);
  });

  test('OBS-67 finds who belongs to nobody, 30 s after its spawner ended', async () => {
    const patient = new Patient();
    patient.tell({ 1: {}, 2: { parent: 'test.1@1' }, 3: { parent: 'test.1@1', name: 'named' } });
    patient.tell({ 1: { ended: true } });
    const before = await patient.pass(29, () => patient.tell({}));
    expect(before).toEqual([]);
    patient.links = 1;
    expect(await patient.pass(5, () => patient.tell({}))).toEqual([]);
    patient.links = 0;
    const findings = await patient.pass(1, () => patient.tell({}));
    expect(findings).toMatchObject([{ rule: 'orphan', severity: 'hint', actors: [{ serial: 2 }] }]);
  });

  test('OBS-15 finds who waits for a promise from outside for ten seconds', async () => {
    const patient = new Patient();
    const findings = await patient.pass(13, () =>
      patient.tell({ 1: { status: 3, waits: 'a promise', name: 'foreign' } }),
    );
    expect(findings).toMatchObject([{ rule: 'foreign_await', actors: [{ serial: 1 }] }]);
  });

  test('OBS-69 finds one thread busy while another idles, and not if both are', async () => {
    const patient = new Patient();
    const findings = await patient.pass(12, () => {
      patient.figures = [3, 40, 0, 0.95, 0, 0, 0, 0];
      patient.tell({}, 'one');
      patient.figures = [3, 0, 0, 0.1, 0, 0, 0, 0];
      patient.tell({}, 'two');
    });
    expect(rules(findings)).toEqual(['thread_imbalance']);
    const even = new Patient();
    const calm = await even.pass(12, () => {
      even.figures = [3, 40, 0, 0.9, 0, 0, 0, 0];
      for (const thread of ['one', 'two']) even.tell({}, thread);
    });
    expect(calm).toEqual([]);
  });

  test('OBS-71 finds timers that pile up, however few, and not many that stay', async () => {
    const leaking = new Patient();
    const found = await leaking.pass(13, (t) => {
      leaking.figures = [3, 0, 0, 0.1, 0, 0, 0, 1000 + t * 100];
      leaking.tell({});
    });
    expect(rules(found)).toEqual(['timer_leak']);
    const constant = new Patient();
    constant.figures = [3, 0, 0, 0.1, 0, 0, 0, 5000];
    expect(await constant.pass(13, () => constant.tell({}))).toEqual([]);
  });

  test('a recording in bursts is a hint', async () => {
    const patient = new Patient();
    patient.figures = [3, 0, 0, 0.1, 0, 0, 0.12, 0];
    patient.tell({});
    expect((await patient.examine())[0]?.summary).toContain('12 % are recorded, in bursts');
  });
});

test('OBS-56 a deadlock is told of once, by nobody’s asking, and mended when it is over', async () => {
  const system = testSystem();
  await using observer = observe(system);
  const told: string[] = [];
  const reading = (async () => {
    // A machine that is too busy has long turns.
    for await (const event of observer.events({ kinds: ['finding', 'mended'] }))
      if (event.kind !== 'gap' && event.finding.rule !== 'long_turn')
        told.push(`${event.kind} ${event.finding.rule} ${event.finding.severity}`);
  })();
  const [left] = await clerks(system);
  await vi.waitFor(() => expect(told).toEqual(['finding deadlock error']), { timeout: 25_000 });
  await new Promise((resolve) => setTimeout(resolve, 1500));
  expect(told).toHaveLength(1);
  const deadlock = async () =>
    (await observer.doctor()).find(({ rule }) => rule === 'deadlock')?.summary;
  expect(await deadlock()).toBe(
    'left waits for right to answer “approve”, right waits for left to answer “approve”',
  );
  system.exitSignal(left, 'kill');
  await system.settle();
  await vi.waitFor(
    () => expect(told).toEqual(['finding deadlock error', 'mended deadlock error']),
    { timeout: 25_000 },
  );
  expect(await deadlock()).toBeUndefined();
  await observer.close();
  await reading;
  system.crashes();
}, 30_000);

test('OBS-74 what is over is mended, and gone from who asks and from who is told, at the next look', async () => {
  const patient = new Patient();
  const stuck = { 1: { mailbox: 24, reductions: 3, waits: 'b' } };
  patient.unmatched = [{ tag: 'a', count: 23 }];
  const found = await patient.pass(8, () => patient.tell(stuck));
  expect(rules(found)).toContain('never_matched');
  expect(patient.mended).toEqual([]);
  const left = await patient.pass(2, () => patient.tell({ 1: { mailbox: 0, reductions: 4 } }));
  expect(left).toEqual([]);
  expect(rules(patient.mended)).toEqual(rules(found));
});

test('OBS-94 timing turns takes no more than its share: of a flood of them, only some are', async () => {
  const system = testSystem();
  const bouncing = function* bouncing(self: Self<Ball>): Actor {
    for (;;) {
      const { left, from } = yield* self.receive('ball');
      if (left > 0) self.send(from, { tag: 'ball', left: left - 1, from: self.pid });
    }
  };
  const [one, other] = [system.spawn(bouncing), system.spawn(bouncing)];
  await system.settle();
  // Not the time of the system.
  let now = 1e6;
  const clock = vi.spyOn(performance, 'now').mockImplementation(() => now);
  try {
    const turns = new LongTurns(system);
    let timed = 0;
    const flood = async (n: number, ms: number) => {
      const before = clock.mock.calls.length;
      now += ms;
      system.send(one, { tag: 'ball', left: n - 1, from: other });
      await system.settle();
      timed += clock.mock.calls.length - before;
    };
    turns.delayed(100);
    await flood(200, 1000);
    // Each turn is timed, at its beginning and at its end.
    expect(timed).toBeGreaterThanOrEqual(400);
    const MOST = 10 / 80e-6;
    for (let i = 0; i < 3 && timed < 4 * MOST; i++) await flood(80_000, 1);
    expect(timed).toBeLessThan(2.2 * MOST);
    // Later, some more are.
    now += 5000;
    turns.delayed(0);
    const before = timed;
    await flood(100, 1);
    expect(timed).toBeGreaterThan(before + 100);
    turns.close();
  } finally {
    clock.mockRestore();
  }
}, 60_000);

test('OBS-64 of turns that are timed, one of 60 ms is told, and one of 40 ms is not', async () => {
  const system = testSystem();
  let now = 1e6;
  const working = function* working(self: Self<Ball>): Actor {
    for (;;) now += (yield* self.receive('ball')).left;
  };
  const pid = system.spawn(working);
  await system.settle();
  const clock = vi.spyOn(performance, 'now').mockImplementation(() => now);
  try {
    const turns = new LongTurns(system);
    turns.delayed(100);
    for (const left of [1, 40, 60, 1]) {
      system.send(pid, { tag: 'ball', left, from: pid });
      await system.settle();
    }
    expect(turns.take()).toEqual([
      { pid: expect.stringMatching(/^test\.1@/), ms: 60, tag: 'ball' },
    ]);
    turns.close();
  } finally {
    clock.mockRestore();
  }
});

test('OBS-64 a turn of 60 ms among short ones is found, the second time', async () => {
  const { ActorSystem } = await import('beamish');
  const system = new ActorSystem({ log: 'off' });
  await using observer = observe(system);
  const hasher = system.spawn(function* hasher(self: Self<Message>): Actor {
    for (;;) {
      yield* self.receive();
      const until = performance.now() + 80;
      while (performance.now() < until);
    }
  });
  await observer.doctor();
  await vi.waitFor(
    async () => {
      system.send(hasher as never, { tag: 'hash' } as never);
      await new Promise((resolve) => setTimeout(resolve, 300));
      const found = await observer.doctor();
      expect(found.find(({ rule }) => rule === 'long_turn')?.summary).toContain(
        'A turn of hasher <main.1> handling "hash" took',
      );
    },
    { timeout: 20_000 },
  );
  await system.shutdown();
}, 40_000);
