/** State machines: time-outs against events, postponed calls, and the end with callers waiting. */

import { kill, type Scenario } from '@beamish/sim';
import { type Actor, type MachineSelf, type Self, stateMachine } from 'beamish';
import { describe, expect, test } from 'vitest';
import { type Note, outcomes } from '../support/explored.ts';
import type { Any } from '../support/scenes.ts';
import { asking, serving, stopping } from '../support/serving.ts';

const ANY = { speed: 'any' } as const;
const KILLED = { faults: [kill('service')] } as const;

interface Door {
  call: { isOpen(): boolean };
  cast: { open(): void; push(): void };
  internal: { inspect(): void };
  timeout: { alarm(): void };
}
type Its = MachineSelf<'locked' | 'open', Door>;

/** Sends it these, one a step. */
function* casting(self: Self<Any>, its: unknown, ...events: readonly string[]): Actor {
  for (const each of events) {
    (self.cast as (...of: readonly unknown[]) => void)(its, each);
    yield* self.yield();
  }
}

/** What it logs, while each of these clients casts to it what it says. */
const logging =
  (
    make: (me: Its, log: (what: string) => void) => ReturnType<Its['begin']>,
    casts: Readonly<Record<string, readonly string[]>>,
  ) =>
  (note: Note): Scenario<Any> =>
    function* scenario(self, { clients }) {
      const log: string[] = [];
      const machine = stateMachine((me: Its) => make(me, (what) => void log.push(what)));
      const its = yield* serving(self, machine);
      const all = Object.entries(casts).map(
        ([client, events]) => [client, [casting, its, ...events]] as const,
      );
      yield* clients(Object.fromEntries(all));
      note(() => log.join(' then '));
    };

/** Says whether it is open when it is. */
const postponing = (me: Its): Parameters<Its['begin']>[1] => ({
  locked: {
    call: { isOpen: () => me.postpone() },
    cast: { open: () => me.next('open'), push: () => me.keep() },
  },
  open: {
    call: { isOpen: (from) => me.reply(from, true) },
    cast: { open: () => me.keep(), push: () => me.keep() },
  },
});

describe('a state time-out', () => {
  test('against an event that changes the state: one of both, and none of an old state', async () => {
    const scenario = logging(
      (me, log) =>
        me.begin('open', {
          open: {
            enter: () => me.stateTimeout(5),
            stateTimeout() {
              log('time is up');
              return me.next('locked');
            },
            cast: {
              push() {
                log('pushed');
                return me.next('locked');
              },
              open: () => me.keep(),
            },
          },
          locked: {
            stateTimeout() {
              throw new Error('Of an old state');
            },
            cast: {
              push: () => log('pushed late'),
              open: () => me.next('open'),
            },
          },
        }),
      { ann: ['push'] },
    );
    expect(await outcomes(scenario)).toMatchInlineSnapshot(`
      {
        "outcomes": [
          "pushed",
        ],
        "schedules": 1,
      }
    `);
    expect(await outcomes(scenario, ANY)).toMatchInlineSnapshot(`
      {
        "outcomes": [
          "pushed",
          "time is up then pushed late",
        ],
        "schedules": 3,
      }
    `);
  });

  test('begins anew with its state, and not with an event that keeps it', async () => {
    const scenario = logging(
      (me, log) =>
        me.begin('open', {
          open: {
            enter: () => me.stateTimeout(5),
            stateTimeout() {
              log('time is up');
              return me.next('locked');
            },
            cast: { push: () => me.keep(), open: () => me.repeat() },
          },
          locked: { cast: { push: () => me.keep(), open: () => me.next('open') } },
        }),
      { ann: ['push', 'open'] },
    );
    expect(await outcomes(scenario)).toMatchInlineSnapshot(`
      {
        "outcomes": [
          "time is up",
        ],
        "schedules": 1,
      }
    `);
    expect(await outcomes(scenario, ANY)).toMatchInlineSnapshot(`
      {
        "outcomes": [
          "time is up",
          "time is up then time is up",
        ],
        "schedules": 5,
      }
    `);
  });
});

describe('other time-outs', () => {
  test('an event time-out ends with any event: it comes before it, or never', async () => {
    const scenario = logging(
      (me, log) =>
        me.begin(me.next('open').eventTimeout(5), {
          open: {
            eventTimeout: () => log('nothing came'),
            cast: { push: () => log('pushed'), open: () => me.keep() },
          },
          locked: {},
        }),
      { ann: ['push'] },
    );
    expect(await outcomes(scenario)).toMatchInlineSnapshot(`
      {
        "outcomes": [
          "pushed",
        ],
        "schedules": 1,
      }
    `);
    expect(await outcomes(scenario, ANY)).toMatchInlineSnapshot(`
      {
        "outcomes": [
          "nothing came then pushed",
          "pushed",
        ],
        "schedules": 3,
      }
    `);
  });

  test('one that has a name, cancelled by an event: it rings before, or never', async () => {
    const scenario = logging(
      (me, log) =>
        me.begin(me.next('open').timeout('alarm', 5), {
          open: {
            timeout: { alarm: () => log('alarm') },
            cast: {
              push() {
                log('pushed');
                return me.timeout('alarm', 'cancel');
              },
              open: () => me.keep(),
            },
          },
          locked: {},
        }),
      { ann: ['push'] },
    );
    expect(await outcomes(scenario)).toMatchInlineSnapshot(`
      {
        "outcomes": [
          "pushed",
        ],
        "schedules": 1,
      }
    `);
    expect(await outcomes(scenario, ANY)).toMatchInlineSnapshot(`
      {
        "outcomes": [
          "alarm then pushed",
          "pushed",
        ],
        "schedules": 3,
      }
    `);
  });
});

describe('calls', () => {
  const scenario = (note: Note): Scenario<Any> =>
    function* scenario(self, { clients }) {
      const its = yield* serving(
        self,
        stateMachine((me: Its) => me.begin('locked', postponing(me))),
      );
      yield* clients({
        ann: [asking, note, its, 'isOpen'],
        bob: [asking, note, its, 'isOpen'],
        cem: [casting, its, 'open'],
      });
    };

  test('that are postponed are answered once the state has changed, whoever comes first', async () => {
    expect(await outcomes(scenario)).toMatchInlineSnapshot(`
      {
        "outcomes": [
          "isOpen true, isOpen true",
        ],
        "schedules": 6,
      }
    `);
  });

  test('that are postponed fail when it is killed', async () => {
    expect(await outcomes(scenario, KILLED)).toMatchInlineSnapshot(`
      {
        "outcomes": [
          "isOpen failed: killed, isOpen failed: killed",
          "isOpen failed: killed, isOpen failed: noproc",
          "isOpen failed: killed, isOpen true",
          "isOpen failed: noproc, isOpen failed: noproc",
          "isOpen failed: noproc, isOpen true",
          "isOpen true, isOpen true",
        ],
        "schedules": 62,
      }
    `);
  });

  test('and a stop while one is postponed: it is answered, or hears of the end', async () => {
    const ending = (note: Note): Scenario<Any> =>
      function* ending(self, { clients }) {
        const its = yield* serving(
          self,
          stateMachine((me: Its) =>
            me.begin('locked', postponing(me), {
              terminate: (reason, state) => note(`${String(reason)} in ${state}`),
            }),
          ),
        );
        yield* clients({
          ann: [asking, note, its, 'isOpen'],
          bob: [stopping, note, its],
          cem: [casting, its, 'open'],
        });
      };
    expect(await outcomes(ending)).toMatchInlineSnapshot(`
      {
        "outcomes": [
          "isOpen failed: noproc, normal in locked, stopped",
          "isOpen failed: noproc, normal in open, stopped",
          "isOpen failed: normal, normal in locked, stopped",
          "isOpen failed: normal, normal in open, stopped",
          "isOpen true, normal in open, stopped",
        ],
        "schedules": 7,
      }
    `);
  });
});

test('an event that the machine inserts comes before all that waits', async () => {
  const scenario = logging(
    (me, log) =>
      me.begin('open', {
        open: {
          cast: {
            push() {
              log('push');
              return me.keep().nextEvent('inspect');
            },
            open: () => log('open'),
          },
          internal: { inspect: () => log('inspect') },
        },
        locked: {},
      }),
    { ann: ['push'], bob: ['open'] },
  );
  expect(await outcomes(scenario)).toMatchInlineSnapshot(`
    {
      "outcomes": [
        "open then push then inspect",
        "push then inspect then open",
      ],
      "schedules": 2,
    }
  `);
});
