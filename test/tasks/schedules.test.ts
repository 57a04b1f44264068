/** Work that is done again and again: its slots, and what becomes of those that were missed. */

import { defineTask, type Schedule } from '@beamish/tasks';
import { type EagerTasks, eager } from '@beamish/tasks/testing';
import type { Actor } from 'beamish';
import { describe, expect, test } from 'vitest';
import { checkRhythm, type Rhythm, slotAfter } from '../../packages/tasks/src/tree/slots.ts';

/** The next slots after a moment, as ISO without the milliseconds. */
function slots(rhythm: Rhythm, from: string, count: number): string[] {
  const found: string[] = [];
  let at = Date.parse(from);
  for (let i = 0; i < count; i++) {
    at = slotAfter(rhythm, at) as number;
    found.push(new Date(at).toISOString().replace(':00.000Z', 'Z').replace('.000Z', 'Z'));
  }
  return found;
}

const at = (cron: string, tz?: string): Rhythm => (tz === undefined ? { cron } : { cron, tz });

describe('slots', () => {
  test.each([
    ['*/15 * * * *', '2026-01-01T00:15Z', '2026-01-01T00:30Z', '2026-01-01T00:45Z'],
    ['30 8 * * 1-5', '2026-01-01T08:30Z', '2026-01-02T08:30Z', '2026-01-05T08:30Z'],
    ['0 12 * JAN,MAR SUN', '2026-01-04T12:00Z', '2026-01-11T12:00Z', '2026-01-18T12:00Z'],
    ['*/20 0 0 * * *', '2026-01-01T00:00:20Z', '2026-01-01T00:00:40Z', '2026-01-02T00:00Z'],
    ['0 0 L * *', '2026-01-31T00:00Z', '2026-02-28T00:00Z', '2026-03-31T00:00Z'],
    ['0 9 * * 1#2', '2026-01-12T09:00Z', '2026-02-09T09:00Z', '2026-03-09T09:00Z'],
    ['@daily', '2026-01-02T00:00Z', '2026-01-03T00:00Z', '2026-01-04T00:00Z'],
    ['0 0 29 2 *', '2028-02-29T00:00Z', '2032-02-29T00:00Z', '2036-02-29T00:00Z'],
  ])('SCH-01: %s', (cron, ...expected) => {
    expect(slots(at(cron), '2026-01-01T00:00:00Z', 3)).toEqual(expected);
  });

  test.each([
    ['61 * * * *', /minute/],
    ['* * * *', /has 4 fields, and five or six/],
    ['* * * * * * *', /has 7 fields/],
    ['*/0 * * * *', /stepping/],
    ['', /has 0 fields/],
    ['a * * * *', /./],
  ])('SCH-02: the pattern "%s" is refused, and says what is wrong', (cron, message) => {
    expect(() => checkRhythm('x', at(cron))).toThrow(message);
    expect(() => checkRhythm('x', at(cron))).toThrow('Cannot schedule "x"');
  });

  test('SCH-02: a zone that is none, and an interval that is none, are refused', () => {
    expect(() => checkRhythm('x', at('0 0 * * *', 'Mars/Olympus'))).toThrow(/Mars\/Olympus/);
    expect(() => checkRhythm('x', { everyMs: 0 })).toThrow(RangeError);
    expect(() => checkRhythm('x', { everyMs: 1.5 })).toThrow(RangeError);
    expect(() => checkRhythm('x', { everyMs: 1, offsetMs: 0.5 })).toThrow(RangeError);
    expect(() => checkRhythm('x', {} as Rhythm)).toThrow('either cron or everyMs');
  });

  test('SCH-03: a pattern without any slot is refused', () => {
    expect(() => checkRhythm('x', at('0 0 31 2 *'))).toThrow(/no slot, in any year/);
  });

  test('SCH-04: with a day of the month and one of the week, either will do', () => {
    expect(slots(at('0 0 13 * 5'), '2026-01-01T00:00:00Z', 4).map((it) => it.slice(8, 10))).toEqual(
      ['02', '09', '13', '16'],
    );
  });

  test('SCH-05: Rome loses an hour: half past two is once, at three', () => {
    expect(slots(at('30 2 * * *', 'Europe/Rome'), '2026-03-28T12:00:00Z', 2)).toEqual([
      '2026-03-29T01:00Z',
      '2026-03-30T00:30Z',
    ]);
  });

  test('SCH-06: on that day two and three are each once at three', () => {
    for (const hour of [2, 3])
      expect(slots(at(`0 ${hour} * * *`, 'Europe/Rome'), '2026-03-28T12:00:00Z', 2)[0]).toBe(
        '2026-03-29T01:00Z',
      );
  });

  test('SCH-07: on that day every half hour and every hour are real ones', () => {
    const from = '2026-03-29T00:15:00Z';
    expect(slots(at('*/30 * * * *', 'Europe/Rome'), from, 4)).toEqual([
      '2026-03-29T00:30Z',
      '2026-03-29T01:00Z',
      '2026-03-29T01:30Z',
      '2026-03-29T02:00Z',
    ]);
    expect(slots(at('0 * * * *', 'Europe/Rome'), from, 2)).toEqual([
      '2026-03-29T01:00Z',
      '2026-03-29T02:00Z',
    ]);
  });

  test('SCH-08: Rome gains an hour: half past two is once, the first', () => {
    expect(slots(at('30 2 * * *', 'Europe/Rome'), '2026-10-24T12:00:00Z', 2)).toEqual([
      '2026-10-25T00:30Z',
      '2026-10-26T01:30Z',
    ]);
  });

  test('SCH-09: on that day every half hour is a real one', () => {
    expect(slots(at('*/30 * * * *', 'Europe/Rome'), '2026-10-24T23:45:00Z', 4)).toEqual([
      '2026-10-25T00:00Z',
      '2026-10-25T00:30Z',
      '2026-10-25T01:00Z',
      '2026-10-25T01:30Z',
    ]);
  });

  test('SCH-10: Lord Howe changes by half an hour', () => {
    const zone = 'Australia/Lord_Howe';
    expect(slots(at('15 2 * * *', zone), '2026-10-03T00:00:00Z', 1)).toEqual(['2026-10-03T15:30Z']);
    expect(slots(at('45 1 * * *', zone), '2026-04-04T02:00:00Z', 2)).toEqual([
      '2026-04-04T14:45Z',
      '2026-04-05T15:15Z',
    ]);
  });

  test('SCH-11: Santiago has no midnight on the day of its change', () => {
    expect(slots(at('0 0 * * *', 'America/Santiago'), '2026-09-05T12:00:00Z', 2)).toEqual([
      '2026-09-06T04:00Z',
      '2026-09-07T03:00Z',
    ]);
  });

  test('SCH-12: seconds go on over the end of summer time', () => {
    const found = slots(at('* * * * * *', 'Europe/Rome'), '2026-10-25T00:59:50Z', 20);
    expect(new Set(found).size).toBe(20);
    expect(found.at(-1)).toBe('2026-10-25T01:00:10Z');
  });

  test('SCH-13: without a zone it is UTC, whatever the machine’s is', () => {
    const before = process.env['TZ'];
    process.env['TZ'] = 'Asia/Tokyo';
    try {
      expect(slots(at('0 7 * * *'), '2026-01-01T00:00:00Z', 1)).toEqual(['2026-01-01T07:00Z']);
    } finally {
      process.env['TZ'] = before;
      if (before === undefined) delete process.env['TZ'];
    }
  });

  test('SCH-14: an interval counts from the epoch', () => {
    const from = Date.parse('2026-01-01T00:00:01Z');
    expect(slotAfter({ everyMs: 60_000 }, from)).toBe(Date.parse('2026-01-01T00:01:00Z'));
    expect(slotAfter({ everyMs: 60_000, offsetMs: 500 }, from)).toBe(from + 59_500);
    expect(slotAfter({ everyMs: 60_000 }, from + 59_000)).toBe(Date.parse('2026-01-01T00:02:00Z'));
  });
});

const tick = defineTask('tick', () => 'tick');
const slow = defineTask('slow', function* (self, ms: number): Actor<void> {
  yield* self.sleep(ms);
});

interface Heard {
  readonly app: EagerTasks;
  readonly fired: string[];
  readonly skipped: string[];
}

function hearing(app: EagerTasks): Heard {
  const fired: string[] = [];
  const skipped: string[] = [];
  app.events.on('fired', ({ slot }) => fired.push(slot.toISOString().slice(11, 23)));
  app.events.on('skipped', ({ slot, why }) =>
    skipped.push(`${slot.toISOString().slice(11, 19)} ${why}`),
  );
  return { app, fired, skipped };
}

function everyMinute(more: Partial<Schedule> = {}): Schedule {
  return { run: tick.s(), everyMs: 60_000, ...more } as Schedule;
}

test('a schedule of the options fires at its slots, each a task under its own id', async () => {
  const { app, fired } = hearing(eager({ tasks: [tick], schedules: { minute: everyMinute() } }));
  await app.advance(3 * 60_000);
  expect(fired).toEqual(['00:01:00.000', '00:02:00.000', '00:03:00.000']);
  expect(await app.handle('minute@2026-01-01T00:02:00.000Z').get()).toBe('tick');
  await app.close();
});

test('SCH-14: the same slots after a restart, each one task', async () => {
  const { app, fired } = hearing(eager({ tasks: [tick], schedules: { minute: everyMinute() } }));
  await app.advance(90_000);
  await app.crash();
  await app.advance(60_000);
  await app.crash();
  await app.advance(60_000);
  expect(fired).toEqual(['00:01:00.000', '00:02:00.000', '00:03:00.000']);
  await app.close();
});

describe.each([
  ['latest', ['00:05:00.000'], 4],
  ['all', ['00:01:00.000', '00:02:00.000', '00:03:00.000', '00:04:00.000', '00:05:00.000'], 0],
  ['none', [], 5],
] as const)('SCH-17: down over five slots, with %s', (catchUp, expected, left) => {
  test('runs what it says, and tells of the rest', async () => {
    const { app, fired, skipped } = hearing(
      eager({ tasks: [tick], schedules: { minute: everyMinute({ catchUp }) } }),
    );
    await app.advance(10);
    app.jump(5 * 60_000 + 1000);
    await app.crash();
    await app.advance(10);
    expect(fired).toEqual(expected);
    expect(skipped).toHaveLength(left);
    expect(skipped.every((it) => it.endsWith('missed'))).toBe(true);
    await app.advance(60_000);
    expect(fired.slice(expected.length)).toEqual(['00:06:00.000']);
    await app.close();
  });
});

test('SCH-18: down over five thousand slots, all of them are a thousand', async () => {
  const schedule = { run: tick.s(), everyMs: 1000, catchUp: 'all' } as const;
  const { app, fired } = hearing(eager({ tasks: [tick], schedules: { s: schedule } }));
  await app.advance(10);
  app.jump(5_000_000);
  await app.crash();
  await app.advance(10);
  expect(fired).toHaveLength(1000);
  expect(fired.at(-1)).toBe('01:23:20.000');
  await app.close();
});

test('SCH-19: while the earlier one runs a slot is left out, or runs beside it, or replaces it', async () => {
  const run = slow.s(150_000);
  const schedules = {
    skip: { run, everyMs: 60_000 },
    allow: { run, everyMs: 60_000, overlap: 'allow' },
    replace: { run, everyMs: 60_000, overlap: 'replace' },
  } as const;
  const app = eager({ tasks: [slow], schedules });
  const told: string[] = [];
  app.events.on('fired', ({ schedule, slot }) => told.push(`${schedule} ${slot.getUTCMinutes()}`));
  app.events.on('skipped', ({ schedule, slot, why }) =>
    told.push(`${schedule} ${slot.getUTCMinutes()} ${why}`),
  );
  await app.advance(185_000);
  const of = (name: string): string[] => told.filter((it) => it.startsWith(name));
  expect(of('skip')).toEqual(['skip 1', 'skip 2 overlap', 'skip 3 overlap']);
  expect(of('allow')).toEqual(['allow 1', 'allow 2', 'allow 3']);
  expect(of('replace')).toEqual(['replace 1', 'replace 2', 'replace 3']);
  expect((await app.handle('replace@2026-01-01T00:01:00.000Z').state())?.state).toBe('revoked');
  expect((await app.handle('replace@2026-01-01T00:03:00.000Z').state())?.state).toBe('running');
  await app.advance(60_000);
  expect(of('skip').at(-1)).toBe('skip 4');
  await app.close({ within: 0 });
});

test('SCH-20: a clock that is set back an hour fires no slot twice, and goes on by itself', async () => {
  const { app, fired } = hearing(
    eager({ tasks: [tick], schedules: { m: { run: tick.s(), cron: '*/10 * * * *' } } }),
  );
  await app.advance(3_700_000);
  const before = [...fired];
  app.jump(-3_600_000);
  await app.advance(3_600_000);
  expect(fired).toEqual(before);
  await app.advance(600_000);
  expect(fired).toEqual([...before, '01:10:00.000']);
  await app.close();
});

test('SCH-21: a clock that is set forward a day is caught up with; to 2100 and back brings no flood and no stop', async () => {
  const { app, fired, skipped } = hearing(
    eager({ tasks: [tick], schedules: { hour: { run: tick.s(), cron: '0 * * * *' } } }),
  );
  await app.advance(3_600_000);
  app.jump(86_400_000);
  await app.advance(60_000);
  expect(fired).toEqual(['01:00:00.000', '01:00:00.000']);
  expect(skipped).toHaveLength(23);
  const far = Date.parse('2100-01-01T00:00:00Z') - app.now().getTime();
  app.jump(far);
  await app.advance(60_000);
  expect(fired).toHaveLength(3);
  app.jump(-far);
  await app.advance(2 * 3_600_000);
  expect(fired.slice(3)).toEqual(['02:00:00.000', '03:00:00.000']);
  await app.close();
});

test('SCH-22: a machine that slept for three hours catches up within a minute of waking', async () => {
  const { app, fired, skipped } = hearing(
    eager({ tasks: [tick], schedules: { m: { run: tick.s(), cron: '*/30 * * * *' } } }),
  );
  await app.advance(60_000);
  // Its clock stood still, the calendar's did not.
  app.jump(3 * 3_600_000);
  await app.advance(60_000);
  expect(fired).toEqual(['03:00:00.000']);
  expect(skipped).toHaveLength(5);
  await app.close();
});

test('SCH-24: a run that takes longer than the interval neither loses nor doubles later slots', async () => {
  const { app, fired } = hearing(
    eager({
      tasks: [slow],
      schedules: { s: { run: slow.s(2500), everyMs: 1000, overlap: 'allow' } },
      workers: [{ concurrency: 100 }],
    }),
  );
  await app.advance(10_000);
  expect(fired).toEqual(
    Array.from({ length: 10 }, (_, i) => `00:00:${String(i + 1).padStart(2, '0')}.000`),
  );
  await app.close({ within: 0 });
});

test('SCH-25: the same again changes nothing; another one counts from now; set while it fires, each slot is one task', async () => {
  const { app, fired } = hearing(eager({ tasks: [tick] }));
  await app.schedules.set('s', everyMinute());
  await app.advance(30_000);
  await app.schedules.set('s', everyMinute());
  await app.advance(30_000);
  expect(fired).toEqual(['00:01:00.000']);
  await app.schedules.set('s', { run: tick.s(), cron: '0 0 * * *' });
  await app.advance(10);
  expect(fired).toHaveLength(1);
  const [{ next } = {}] = await app.schedules.list();
  expect(next?.toISOString()).toBe('2026-01-02T00:00:00.000Z');
  for (let i = 0; i < 1000; i++)
    await Promise.all([
      app.schedules.set('s', everyMinute()),
      i % 100 === 0 ? app.advance(6000) : undefined,
    ]);
  await app.advance(60_000);
  expect(new Set(fired).size).toBe(fired.length);
  await app.close();
});

test('SCH-26: the options of a schedule hold for each of its tasks', async () => {
  const app = eager({ tasks: [tick], workers: [] });
  await app.schedules.set(
    's',
    everyMinute({ options: { queue: 'q', priority: 5, expiresMs: 10_000 } }),
  );
  await app.advance(61_000);
  const handle = app.handle('s@2026-01-01T00:01:00.000Z');
  expect(await handle.state()).toMatchObject({ queue: 'q', priority: 5, state: 'queued' });
  await app.advance(10_000);
  expect((await handle.state())?.state).toBe('expired');
  await app.close();
});

test('SCH-27: list has the next and the last slot of each, and the schedule as it was given', async () => {
  const app = eager({ tasks: [tick] });
  const schedule: Schedule = { run: tick.s(), cron: '30 7 * * *', tz: 'Europe/Rome' };
  await app.schedules.set('daily', schedule);
  await app.schedules.set('minute', everyMinute({ options: { headers: { n: 1n } } }));
  await app.advance(60_000);
  const [daily, minute] = await app.schedules.list();
  expect(daily).toMatchObject({
    name: 'daily',
    next: new Date('2026-01-01T06:30:00Z'),
    last: undefined,
  });
  expect(daily?.schedule).toMatchObject({ cron: '30 7 * * *', tz: 'Europe/Rome', overlap: 'skip' });
  expect(minute).toMatchObject({
    next: new Date('2026-01-01T00:02:00Z'),
    last: { slot: new Date('2026-01-01T00:01:00Z'), id: 'minute@2026-01-01T00:01:00.000Z' },
  });
  expect(await app.run(minute?.schedule.run as never)).toBe('tick');
  expect(minute?.schedule.options).toEqual({ headers: { n: 1n } });
  await app.close();
});

test('SCH-28: one that is deleted, or gone from the options, fires no more', async () => {
  const { app, fired } = hearing(eager({ tasks: [tick, slow] }));
  await app.schedules.set('s', { run: slow.s(600_000), everyMs: 60_000 });
  await app.advance(60_000);
  expect(await app.schedules.delete('s')).toBe(true);
  expect(await app.schedules.delete('s')).toBe(false);
  await app.advance(300_000);
  expect(fired).toHaveLength(1);
  expect((await app.handle('s@2026-01-01T00:01:00.000Z').state())?.state).toBe('running');
  await app.close({ within: 0 });
  const { memory } = await import('@beamish/tasks');
  const store = memory();
  const first = eager({
    tasks: [tick],
    store,
    schedules: { gone: everyMinute(), stays: everyMinute() },
  });
  await first.schedules.set('set', everyMinute());
  await first.close();
  const second = eager({ tasks: [tick], store, schedules: { stays: everyMinute() } });
  expect((await second.schedules.list()).map(({ name }) => name).sort()).toEqual(['set', 'stays']);
  await second.close();
});

test('SCH-29: a delay of sixty days, and a moment in 2100, are kept', async () => {
  const app = eager({ tasks: [tick] });
  await app.submit(tick.s(), { id: 'far', delayMs: 60 * 86_400_000 });
  await app.submit(tick.s(), { id: '2100', at: new Date('2100-01-01T00:00:00Z') });
  app.jump(0);
  for (let i = 0; i < 59; i++) app.jump(0);
  await app.advance(10_000);
  expect((await app.handle('far').state())?.dueAt?.toISOString()).toBe('2026-03-02T00:00:00.000Z');
  expect((await app.handle('2100').state())?.dueAt?.getUTCFullYear()).toBe(2100);
  await app.close();
});

test('SCH-31: a year of three in the morning in Rome is 365 tasks at the right moments', async () => {
  const { app } = hearing(
    eager({
      tasks: [tick],
      schedules: { nightly: { run: tick.s(), cron: '0 3 * * *', tz: 'Europe/Rome' } },
      startAt: new Date('2026-01-01T00:00:00Z'),
    }),
  );
  const hours: string[] = [];
  const format = new Intl.DateTimeFormat('en-GB', { timeZone: 'Europe/Rome', timeStyle: 'short' });
  app.events.on('fired', ({ slot }) => hours.push(format.format(slot)));
  await app.advance(365 * 86_400_000);
  expect(hours).toHaveLength(365);
  expect(new Set(hours)).toEqual(new Set(['03:00']));
  await app.close();
}, 120_000);

test('a schedule of a task that nobody defined, and one with what each slot cannot have, are refused', async () => {
  const other = defineTask('other', () => 1);
  expect(() =>
    eager({ tasks: [tick], schedules: { s: { run: other.s(), everyMs: 1000 } } }),
  ).not.toThrow();
  const app = eager({ tasks: [tick], schedules: { s: { run: other.s(), everyMs: 1000 } } });
  await expect(app.stats()).rejects.toThrow('no task is named "other"');
  const good = eager({ tasks: [tick] });
  await expect(good.schedules.set('s', everyMinute({ options: { id: 'x' } }))).rejects.toThrow(
    'an id of its own',
  );
  await expect(good.schedules.set('', everyMinute())).rejects.toThrow('its name');
  await good.close();
});
