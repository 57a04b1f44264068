/** What is no option, and what is no value of one, is refused at once, in the one who wrote it, by its name. */

import * as beamish from 'beamish';
import { type Actor, ActorSystem, type Context, type Self } from 'beamish';
import { testSystem } from 'beamish/testing';
import { describe, expect, test } from 'vitest';
import { idler } from '../../support/recorder.ts';
import { answer } from '../../support/supervised.ts';

/** As from JavaScript, where no compiler has looked. */
const {
  agent,
  awaitMany,
  checkChildSpecs,
  child,
  configure,
  dynamicSupervisor,
  getState,
  later,
  name,
  portable,
  replaceState,
  serve,
  server,
  stateMachine,
  stop,
  supervisor,
  suspend,
  task,
  taskStream,
  whereisAt,
  yieldMany,
} = beamish as unknown as Readonly<Record<keyof typeof beamish, (...args: unknown[]) => unknown>>;
const Loose = ActorSystem as unknown as new (options: unknown) => ActorSystem;
const full = { limit: 1, overflow: 'wait' };

type Case = readonly [refused: string, how: () => unknown, why: string];

const FROM_OUTSIDE: readonly Case[] = [
  ['a log', () => new Loose({ log: 'silent' }), "log is 'text', 'json' or 'off', not 'silent'"],
  [
    'messages',
    () => new Loose({ messages: 'copy' }),
    "messages is 'share', 'freeze' or 'clone', not 'copy'",
  ],
  ['no name', () => new Loose({ name: '' }), "name is a string that is not empty, not ''"],
  [
    'a misspelt option',
    () => new Loose({ nmae: 'x' }),
    'there is no option "nmae"; did you mean "name"?',
  ],
  [
    'an unknown option',
    () => new Loose({ threads: 4 }),
    'there is no option "threads"; there is name, messages',
  ],
  ['no options', () => new Loose(5), 'its options are an object, not 5'],
  ['no clock', () => new Loose({ clock: {} }), 'clock is an object with now'],
  ['no decisions', () => new Loose({ decisions: 1 }), 'decisions is an object with random'],
  [
    'no overflow',
    () => configure(idler, { mailbox: { limit: 1 } }),
    'the overflow of a mailbox is',
  ],
  [
    'an overflow',
    () => configure(idler, { mailbox: { ...full, overflow: 'drop-oldest' } }),
    "not 'drop-oldest'",
  ],
  [
    'a limit',
    () => configure(idler, { mailbox: { ...full, limit: 0 } }),
    'limit is a whole number of messages from 1 up, not 0',
  ],
  [
    'a part of a mailbox',
    () => configure(idler, { mailbox: { ...full, max: 1 } }),
    'no option "max"',
  ],
  [
    'no mailbox',
    () => configure(idler, { mailbox: null }),
    'mailbox is { limit, overflow }, not null',
  ],
  [
    'a start time-out',
    () => configure(idler, { startTimeoutMs: '50' }),
    "startTimeoutMs is a whole number of milliseconds from 0 to 2³² − 1, not '50'",
  ],
  ['a start time-out of NaN', () => configure(idler, { startTimeoutMs: Number.NaN }), 'not NaN'],
  ['no configuration', () => configure(idler), 'its options are an object, not undefined'],
  ['an actor option', () => configure(idler, { nam: 'x' }), 'no option "nam"'],
  ['no body to configure', () => configure({}, {}), 'Cannot spawn {}'],
  ['no body', () => child('a', undefined), 'Cannot spawn undefined'],
  ['no id', () => child(null), 'its options are an object, not null'],
  ['a missing id', () => child({}, idler), 'its id is a string that is not empty, not undefined'],
  [
    'a restart',
    () => child({ id: 'a', restart: 'always' }, idler),
    "restart is 'permanent', 'transient' or 'temporary', not 'always'",
  ],
  [
    'a shutdown',
    () => child({ id: 'a', shutdown: -1 }, idler),
    'shutdown is a number of milliseconds',
  ],
  [
    'a child option',
    () => child({ id: 'a', restrat: 'permanent' }, idler),
    'did you mean "restart"?',
  ],
  ['a strategy', () => supervisor({ strategy: 'one-for-one', children: [] }), "not 'one-for-one'"],
  [
    'an intensity',
    () => supervisor({ intensity: Number.NaN, children: [] }),
    'intensity is a whole number of restarts from 0 up, not NaN',
  ],
  ['children', () => supervisor({ childs: [] }), 'there is no option "childs"'],
  ['no children', () => supervisor({}), 'children is a list, not undefined'],
  [
    'a body for a child',
    () => supervisor({ children: [idler] }),
    'Cannot supervise function idler: a child spec is made by child(…)',
  ],
  ['no child specs', () => checkChildSpecs(), 'children is a list, not undefined'],
  [
    'a static option of a dynamic one',
    () => dynamicSupervisor({ strategy: 'one_for_all' }),
    'no option "strategy"',
  ],
  ['no dynamic options', () => dynamicSupervisor(null), 'its options are an object, not null'],
  [
    'maxChildren',
    () => dynamicSupervisor({ maxChildren: '7' }),
    "maxChildren is a whole number from 0 up, not '7'",
  ],
  ['no init of a server', () => server(undefined), 'its init is a function, not undefined'],
  ['no init of an agent', () => agent({}), 'its init is a function, not {}'],
  ['no init of a machine', () => stateMachine(null), 'its init is a function, not null'],
  [
    'no export',
    () => portable(import.meta, '', idler),
    "the name of its export is a string that is not empty, not ''",
  ],
  ['nobody to keep an address', () => later(undefined), 'what keeps the address is a function'],
  ['a system of a name', () => name('x', 5), 'a system is named by a string'],
  [
    'what replaces a state',
    () => replaceState(testSystem(), name('x'), {}),
    'what replaces it is a function',
  ],
  [
    'a deadline of stop',
    () => stop(testSystem(), name('x'), { within: -1 }),
    'within is a whole number',
  ],
  ['an option of stop', () => stop(testSystem(), name('x'), { timeout: 1 }), 'no option "timeout"'],
  ['a deadline of getState', () => getState(testSystem(), name('x'), { within: '1' }), "not '1'"],
  ['an option of suspend', () => suspend(testSystem(), name('x'), { ms: 1 }), 'no option "ms"'],
  ['nobody who asks', () => suspend(undefined, name('x')), 'Cannot do this by undefined'],
  ['nobody who looks up', () => whereisAt(null, name('x', 'y')), 'Cannot do this by null'],
];

describe('refused by whoever makes it', () => {
  test.each(FROM_OUTSIDE)('%s', (_, how, why) => {
    expect(how).toThrow(why);
    expect(how).toThrow(/^Cannot /);
  });
});

/** In an actor, which goes on afterwards as if nothing had been. */
const FROM_INSIDE: readonly (readonly [string, (self: Loosely) => unknown, string])[] = [
  ['a list of tags', (self) => self.receive(['a', 'b']), 'tags are strings'],
  ['a tag that is none', (self) => self.receive(5), 'Cannot receive 5'],
  ['one of two tags', (self) => self.receive('a', 5), 'Cannot receive 5'],
  ['one of five tags', (self) => self.receive('a', 'b', 'c', 'd', null), 'Cannot receive null'],
  ['a guard', (self) => (self.receive() as Loosely).where('b'), 'a guard is a function'],
  ['a time-out', (self) => (self.receive() as Loosely).after(-1), 'Cannot receive after -1'],
  ['a time to sleep', (self) => self.sleep(Number.NaN), 'Cannot sleep NaN'],
  ['a timer', (self) => self.sendAfter(-1, self.pid, { tag: 'x' }), 'Cannot send after -1'],
  [
    'an interval',
    (self) => self.sendInterval(0, self.pid, { tag: 'x' }),
    'an interval is at least 1 ms',
  ],
  ['what is no promise', (self) => self.wait(5), 'Cannot wait for 5'],
  ['what has no steps', (self) => self.perform(() => {}), 'Cannot perform function'],
  ['what is no clean-up', (self) => self.defer(42), 'the clean-up is a function, not 42'],
  ['a name', (self) => self.whereis(42), 'Cannot look up 42'],
  ['a system', (self) => self.monitorSystem(undefined), 'its name is a string'],
  [
    'an option of demonitor',
    (self) => self.demonitor(self.monitor(self.pid), { bogus: 1 }),
    'no option "bogus"',
  ],
  [
    'a flush',
    (self) => self.demonitor(self.monitor(self.pid), { flush: 1 }),
    'flush is true or false, not 1',
  ],
  ['an option of alias', (self) => self.alias({ one: true }), 'did you mean "once"?'],
  [
    'an option of offer',
    (self) => self.offer(name('x'), { tag: 'x' }, { transfers: [] }),
    'did you mean "transfer"?',
  ],
  ['a body', (self) => self.spawn({}), 'Cannot spawn {}'],
  [
    'a body that was called',
    (self) => self.spawn(idler(self as never)),
    'Cannot spawn a generator: pass the body itself',
  ],
  [
    'an async body that was called',
    (self) => self.spawn(Promise.resolve()),
    'Cannot spawn a promise: pass the body itself',
  ],
  [
    'a deadline of a call',
    (self) => (self.call(name('x'), 'y') as Loosely).within(Number.NaN),
    'Cannot call within NaN',
  ],
  ['a question', (self) => self.call(name('x'), 5), 'a message is an object with a string tag'],
  [
    'an option of a stream',
    (self) => taskStream(self, [], () => {}, { concurency: 1 }),
    'did you mean "concurrency"?',
  ],
  [
    'a time of a stream',
    (self) => taskStream(self, [], () => {}, { timeoutMs: -1 }),
    'timeoutMs is',
  ],
  [
    'an onTimeout',
    (self) => taskStream(self, [], () => {}, { onTimeout: 'kill' }),
    "onTimeout is 'exit' or 'kill_task', not 'kill'",
  ],
  ['what starts no task', (self) => taskStream(self, []), 'what starts a task is a function'],
  ['what is served', (self) => serve(self, {}), 'the init is a function, not {}'],
];
// biome-ignore lint/suspicious/noExplicitAny: as from JavaScript
type Loosely = any;

describe('refused in the actor that does it, which goes on', () => {
  test.each(FROM_INSIDE)('%s', async (_, how, why) => {
    const system = testSystem();
    const pid = system.spawn(function* tries(self: Self): Actor {
      expect(() => how(self)).toThrow(why);
      yield* self.sleep(1);
      yield* self.receive('done' as never);
    });
    await system.advance(1);
    expect(system.reasonOf(pid)).toBeUndefined();
    // Whoever sends to it is not hurt.
    expect(() => system.send(pid as never, { tag: 'a' } as never)).not.toThrow();
    expect(system.info(pid)?.waitingFor).toEqual(['done']);
  });

  test('a time of a task, before anything becomes of it', async () => {
    const system = testSystem();
    const done = system.run(function* (self: Self): Actor<unknown> {
      const one = task(self, function* (its: Self): Actor<number> {
        yield* its.sleep(10);
        return 1;
      }) as Loosely;
      for (const bad of [-1, Number.NaN, '5', null]) {
        expect(() => one.shutdown(bad)).toThrow('graceMs is');
        expect(() => one.yield(bad)).toThrow(RangeError);
        expect(() => awaitMany(self, [one], bad)).toThrow('ms is');
        expect(() => yieldMany(self, [one], bad)).toThrow(RangeError);
        expect(() => awaitMany(self, [one, {}], 5)).toThrow('it is no task of');
      }
      return yield* one.await();
    });
    await system.advance(10);
    expect(await done).toBe(1);
  });
});

describe('a server that returns what is no definition does not start', () => {
  test.each<[string, unknown, string]>([
    [
      'a misspelt part',
      { terminat: () => {} },
      'there is no part "terminat"; did you mean "terminate"?',
    ],
    ['what is no handler', { call: { get: 5 } }, 'call is an object of functions'],
    ['a handler of its own', { call: () => 5 }, 'call is an object of functions'],
    ['what is no terminate', { terminate: 'x' }, "terminate is a function, not 'x'"],
    ['a state that cannot be got', { state: {} }, 'state is an object with get'],
    ['a part of a state', { state: { get: () => 1, sett: () => {} } }, 'did you mean "set"?'],
    ['nothing', undefined, "Server init returned undefined: it returns its handlers, or 'ignore'"],
  ])('%s', async (_, made, why) => {
    const system = testSystem();
    const start = system.start(server(() => made) as never);
    await expect(answer(system, start)).rejects.toThrow(why);
  });

  test('in a server that goes on from an actor, either', async () => {
    const system = testSystem();
    const pid = system.spawn(function* (self: Self): Actor {
      yield* serve(self, () => ({ cal: {} })) as Actor;
    });
    await system.settle();
    expect((system.reasonOf(pid) as Error).message).toContain('there is no part "cal"');
  });
});

test('one who helps with a self of another copy, or none, is told so', () => {
  const helpers: readonly ((self: Context) => unknown)[] = [
    (self) => task(self, idler),
    (self) => awaitMany(self, []),
    (self) => serve(self, () => ({})),
  ];
  for (const help of helpers) expect(() => [...(help({} as Context) as [])]).toThrow(TypeError);
});
