/** What a state machine has beyond gen_statem's rows: its types, what tools see of it, and its reports. */

import {
  ActorSystem,
  configure,
  getState,
  type MachineSelf,
  replaceState,
  resume,
  type Self,
  stateMachine,
  stop,
  suspend,
} from 'beamish';
import { testSystem } from 'beamish/testing';
import { expect, expectTypeOf, test } from 'vitest';
import { Log } from '../../support/log.ts';

interface Lamp {
  call: { isOn(): boolean };
  cast: { press(times: number): void };
  internal: { count(n: number): void };
  timeout: { hint(text: string): void };
}
type Its = MachineSelf<'off' | 'on', Lamp>;

const lamp = stateMachine((self: Its) => {
  let pressed = 0;
  return self.begin(
    'off',
    {
      off: {
        cast: { press: (times) => self.next('on').nextEvent('count', times) },
        call: { isOn: (from) => self.reply(from, false) },
      },
      on: {
        internal: {
          count(n) {
            pressed += n;
          },
        },
        cast: { press: () => self.next('off') },
        call: { isOn: (from) => self.reply(from, true) },
      },
    },
    {
      data: {
        get: () => pressed,
        set(n: number) {
          pressed = n;
        },
        format: (n: number) => `${n} times`,
      },
    },
  );
});

test('callers see the events of a machine, with their arguments and answers', async () => {
  const system = testSystem();
  const pid = system.spawn(lamp);
  const call = system.call(pid, 'isOn');
  expectTypeOf(call).resolves.toEqualTypeOf<boolean>();
  await system.settle();
  expect(await call).toBe(false);
  function* caller(self: Self) {
    expectTypeOf(yield* stateMachine.call(self, pid, 'isOn')).toEqualTypeOf<boolean>();
    // @ts-expect-error no such event
    self.cast(pid, 'pres', 1);
    // @ts-expect-error an argument of another type
    self.cast(pid, 'press', '1');
    // @ts-expect-error a cast is no call
    yield* self.call(pid, 'press');
  }
  expectTypeOf(caller).toBeFunction();
});

test('states, events and time-outs that do not exist do not compile', () => {
  const machines: unknown[] = [];
  machines.push(
    stateMachine((self: Its) =>
      self.begin('off', {
        // @ts-expect-error no such event
        off: { cast: { pres: () => self.next('on') } },
        on: {
          // @ts-expect-error no such state
          stateTimeout: () => self.next('onn'),
          // @ts-expect-error no such time-out
          eventTimeout: () => self.timeout('hnt', 5, 'x'),
        },
      }),
    ),
  );
  machines.push(
    stateMachine((self: Its) =>
      // @ts-expect-error no such state
      self.begin('of', { off: {}, on: {} }),
    ),
  );
  machines.push(
    stateMachine((self: Its) =>
      // @ts-expect-error a state without handlers
      self.begin('off', { off: {} }),
    ),
  );
  machines.push(
    stateMachine((self: Its) =>
      // @ts-expect-error a state too many
      self.begin('off', { off: {}, on: {}, broken: {} }),
    ),
  );
  expect(machines).toHaveLength(4);
});

test('what a handler or an enter call may not return does not compile', () => {
  const machines: unknown[] = [];
  machines.push(
    stateMachine((self: Its) =>
      self.begin('off', {
        off: {
          // @ts-expect-error another state
          enter: () => self.next('on'),
          // @ts-expect-error no transition
          cast: { press: () => 42 },
          // @ts-expect-error an answer of another type
          call: { isOn: (from) => self.reply(from, 'yes') },
        },
        on: {
          // @ts-expect-error no event to postpone
          enter: () => self.keep().postpone(),
          // @ts-expect-error content of another type
          stateTimeout: () => self.timeout('hint', 5, 6),
          // @ts-expect-error content that is missing
          eventTimeout: () => self.timeout('hint', 5),
          // @ts-expect-error an argument of another type
          cast: { press: () => self.nextEvent('count', 'x') },
        },
      }),
    ),
  );
  expect(machines).toHaveLength(1);
});

test('tools see the state and the data of a machine, and replace both', async () => {
  const system = testSystem();
  const pid = system.spawn(lamp);
  system.cast(pid, 'press', 2);
  const before = getState(system, pid);
  const after = replaceState<{ state: 'off' | 'on'; data: number }>(system, pid, ({ data }) => ({
    state: 'off',
    data: data + 40,
  }));
  await system.settle();
  expect(await before).toEqual({ state: 'on', data: 2 });
  expect(await after).toEqual({ state: 'off', data: 42 });
  const isOn = system.call(pid, 'isOn');
  await system.settle();
  expect(await isOn).toBe(false);
});

test('a machine that is suspended handles nothing until it is resumed, and stops when it is asked to', async () => {
  const system = testSystem();
  const pid = system.spawn(lamp);
  const suspended = suspend(system, pid);
  system.cast(pid, 'press', 1);
  await system.settle();
  await suspended;
  expect(system.mailbox(pid)).toHaveLength(1);
  const resumed = resume(system, pid);
  await system.settle();
  await resumed;
  expect(system.mailbox(pid)).toEqual([]);
  const stopped = stop(system, pid, { reason: 'shutdown' });
  await system.settle();
  await stopped;
  expect(system.reasonOf(pid)).toBe('shutdown');
});

test('a crash report shows the state, and the data as they are to be shown', async () => {
  const log = Log.ofStderr();
  const system = testSystem({ log: 'text' });
  const pid = system.spawn(lamp);
  system.cast(pid, 'press', 3);
  system.cast(pid, 'unheardOf' as 'press', 1);
  await system.settle();
  await system.advance(1000);
  expect(log.lines.join('\n')).toContain('state {"state":"on","data":"3 times"}');
});

test('time-outs do not keep the program alive once the machine has ended', async () => {
  const system = testSystem();
  const pid = system.spawn(
    stateMachine((self: MachineSelf<'waiting'>) =>
      self.begin(self.next('waiting').stateTimeout(60_000), { waiting: {} }),
    ),
  );
  await system.settle();
  expect(system.clock.nextAlarm).toBeDefined();
  system.exitSignal(pid, 'kill');
  await system.settle();
  expect(system.clock.nextAlarm).toBeUndefined();
});

test('a body with options, as a name, can be a machine', async () => {
  const system = new ActorSystem({ log: 'off' });
  await system.start(configure(lamp, { name: 'lamp' }));
  expect(system.whereis('lamp')).toBeDefined();
  await system.shutdown();
});

test.each(['reply', 'stateTimeout'] as const)(
  'a %s that is made and not returned with what is returned ends the machine with an error that says so',
  async (what) => {
    const system = testSystem();
    const pid = system.spawn(
      stateMachine((self: MachineSelf<'a' | 'b', { call: { go(): number } }>) =>
        self.begin('a', {
          a: {
            call: {
              go(from) {
                if (what === 'reply') self.reply(from, 1);
                else self.stateTimeout(10);
                return self.next('b');
              },
            },
          },
          b: {},
        }),
      ),
    );
    await system.settle();
    const answer = system.call(pid, 'go').catch(() => 'failed');
    await system.settle();
    expect(await answer).toBe('failed');
    expect(system.reasonOf(pid)).toMatchObject({
      message: expect.stringContaining('made 2 transitions or actions, and can return one'),
    });
  },
);
