import type { Actor, Self, SystemEvents } from 'beamish';
import { report } from 'beamish/observation';
import { testSystem } from 'beamish/testing';
import { afterEach, describe, expect, expectTypeOf, test, vi } from 'vitest';
import { Log } from '../../support/log.ts';

declare module 'beamish' {
  interface SystemEvents {
    test_queue_full: { readonly queue: string };
  }
}

afterEach(() => {
  vi.restoreAllMocks();
});

const FULL = {
  kind: 'test_queue_full',
  facts: { queue: 'q', depth: 3 },
  text: 'queue "q" is full',
} as const;

describe('report', () => {
  test('is a line of text in the log', () => {
    const log = Log.ofStderr();
    report(testSystem({ log: 'text' }), FULL);
    expect(log.lines).toEqual(['beamish: queue "q" is full']);
  });

  test('is an object of its kind and its facts with log: json, of which no fact takes the place of the kind', () => {
    const log = Log.ofStderr();
    const system = testSystem({ log: 'json' });
    report(system, FULL);
    report(system, { ...FULL, facts: { kind: 'mine', at: new Map() } });
    expect(log.lines.map((line) => JSON.parse(line))).toEqual([
      { kind: 'test_queue_full', queue: 'q', depth: 3 },
      { kind: 'test_queue_full', at: 'Map of 0' },
    ]);
  });

  test('an actor reports to its own system', async () => {
    const log = Log.ofStderr();
    const system = testSystem({ log: 'text' });
    system.spawn(function* owner(self: Self): Actor {
      report(self, FULL);
    });
    await system.settle();
    expect(log.lines).toEqual(['beamish: queue "q" is full']);
  });

  test('OBS-146 beyond the rate of its kind it is counted, and the events are told all the same', async () => {
    const log = Log.ofStderr();
    const system = testSystem({ log: 'text' });
    const heard = vi.fn();
    system.events.on('test_queue_full', heard);
    for (let i = 0; i < 10_000; i++) report(system, FULL, { queue: 'q' });
    report(system, { kind: 'report', facts: {}, text: 'another kind' });
    expect(log.lines).toHaveLength(21);
    expect(log.lines.at(-1)).toBe('beamish: another kind');
    await system.advance(1000);
    expect(log.lines.at(-1)).toBe('beamish: 9980 more reports of test_queue_full left out');
    expect(heard).toHaveBeenCalledTimes(10_000);
    expect(system.told('report')).toHaveLength(10_001);
  });

  test('the event report tells of it first; its own kind is emitted only with an event', () => {
    const system = testSystem();
    const heard: unknown[] = [];
    system.events.on('report', (what) => heard.push(what));
    system.events.on('test_queue_full', (what) => heard.push(what));
    report(system, FULL);
    report(system, FULL, { queue: 'q' });
    expect(heard).toEqual([FULL, FULL, { queue: 'q' }]);
  });

  test('facts that cannot be printed are told as that, and fail nobody', () => {
    const log = Log.ofStderr();
    const system = testSystem({ log: 'json' });
    const facts = {
      get broken(): never {
        throw new Error('No');
      },
      fine: 1n,
    };
    report(system, { ...FULL, facts });
    report(system, {
      ...FULL,
      facts: new Proxy(
        {},
        {
          ownKeys() {
            throw new Error('Never');
          },
        },
      ),
    });
    expect(log.lines.map((line) => JSON.parse(line))).toEqual([
      { kind: 'test_queue_full', broken: 'throws No', fine: '1n' },
      { kind: 'test_queue_full', text: '(unprintable)' },
    ]);
  });

  test('what is no report is refused', () => {
    const system = testSystem();
    expect(() => report(system, { kind: '', facts: {}, text: 'x' } as never)).toThrow(TypeError);
    expect(() => report(system, { kind: 'report', facts: {} } as never)).toThrow(TypeError);
  });

  test('its event has the type that the package gave to its kind', () => {
    expectTypeOf<SystemEvents['test_queue_full']>().toEqualTypeOf<{ readonly queue: string }>();
    // @ts-expect-error: a kind that nobody has added
    expect(() => report(testSystem(), { kind: 'nobodys', facts: {}, text: 'x' })).not.toThrow();
    // @ts-expect-error: another event
    expect(() => report(testSystem(), FULL, { topic: 'q' })).not.toThrow();
  });
});
