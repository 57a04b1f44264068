/** Section L: gen_statem. */

import {
  type Actor,
  type CallFailed,
  type MachineSelf,
  type Message,
  type MessageOf,
  type Pid,
  type ReplyTo,
  type Self,
  StartFailed,
  stateMachine,
} from 'beamish';
import { type TestSystem, testSystem } from 'beamish/testing';
import { describe, expect, test } from 'vitest';
import { ran } from '../support/ran.ts';
import { everySchedule } from '../support/schedules.ts';

type State = 'a' | 'b' | 'c' | { readonly kind: 'd'; readonly n: number };
type Its = MachineSelf<State, Events, Note>;
/** What comes of an event; what is none of the right kind is for the tests of that. */
type Act = (self: Its) => unknown;
type CallAct = (self: Its, from: ReplyTo<unknown>) => unknown;

interface Note extends Message {
  readonly tag: 'note';
}
interface Events {
  call: { do(act: CallAct): unknown };
  cast: { do(label: string, act: Act): void; unknown(): void };
  internal: { own(label: string, act?: Act): void };
  timeout: { one(content: unknown): void; two(content: unknown): void };
}
interface Script {
  readonly init?: (self: Its) => unknown;
  readonly begin?: (self: Its) => ReturnType<Its['next']>;
  readonly enter?: (self: Its, old: State, log: unknown[]) => unknown;
}

/** Does in each state what it is told, and tells the log of each event and the state that it found. */
const doer = stateMachine((self: Its, log: unknown[], { init, begin, enter }: Script = {}) => {
  const tell = (what: string): void => {
    log.push(`${what} in ${named(self.state)}`);
  };
  const told = (what: string, result?: unknown): never => {
    tell(what);
    return result as never;
  };
  const early = init?.(self);
  if (early !== undefined) return early as never;
  return self.begin(
    begin?.(self) ?? self.next('a'),
    { a: {}, b: {}, c: {}, d: {} },
    {
      otherwise: {
        enter(old) {
          log.push(`enter ${named(self.state)} from ${named(old)}`);
          return enter?.(self, old, log) as never;
        },
        call: { do: (from, act) => act(self, from) as never },
        cast: { do: (label, act) => told(label, act(self)) },
        info: { note: () => tell('note') },
        internal: { own: (label, act) => told(label, act?.(self)) },
        timeout: {
          one: (content) => tell(`one ${String(content)}`),
          two: (content) => tell(`two ${String(content)}`),
        },
        stateTimeout: (content) => tell(`state time-out ${String(content)}`),
        eventTimeout: (content) => tell(`event time-out ${String(content)}`),
      },
      terminate(reason, state) {
        log.push({ terminate: reason, state });
      },
    },
  );
});
type Doer = Pid<MessageOf<typeof doer>>;

function named(state: State): string {
  return typeof state === 'string' ? state : `${state.kind}${state.n}`;
}

/** A doer that has started, the log of it, and `cast` to it without a label. */
async function started(
  system: TestSystem,
  script: Script = {},
): Promise<{ log: unknown[]; pid: Doer; cast: (label: string, act?: Act) => void }> {
  const log: unknown[] = [];
  const pid = system.spawn(doer, log, script);
  await system.settle();
  if (script.enter === undefined && script.begin === undefined) log.length = 0;
  return { log, pid, cast: (label, act = () => undefined) => system.cast(pid, 'do', label, act) };
}

const goes =
  (state: State): Act =>
  (self) =>
    self.next(state);
/** Postpones in these states. */
const postpones =
  (...states: State[]): Act =>
  (self) =>
    states.includes(self.state) ? self.postpone() : undefined;

/** The log, without what enter calls told. */
function events(log: readonly unknown[]): unknown[] {
  return log.filter((line) => !String(line).startsWith('enter'));
}

test('SM-01 there are calls, casts, messages, inserted events, three kinds of time-outs and enter calls', async () => {
  const system = testSystem();
  const { log, pid, cast } = await started(system, { enter: () => undefined });
  const answer = system.call(pid, 'do', (self, from) => self.reply(from, 'a call'));
  cast('cast', (self) => self.nextEvent('own', 'inserted'));
  system.send(pid, { tag: 'note' });
  cast('timers', (self) =>
    self.eventTimeout(1, 'e').stateTimeout(2, 's').timeout('one', 3, 'named'),
  );
  await system.advance(10);
  expect(await answer).toBe('a call');
  expect(log).toEqual([
    'enter a from a',
    'cast in a',
    'inserted in a',
    'note in a',
    'timers in a',
    'event time-out e in a',
    'state time-out s in a',
    'one named in a',
  ]);
});

test('SM-02 a state is a name, or data told apart by their kind; other data are another state', async () => {
  const system = testSystem();
  const { log, cast } = await started(system, { enter: () => undefined });
  for (const n of [1, 1, 2]) cast('go', goes({ kind: 'd', n }));
  await system.settle();
  expect(log).toEqual([
    'enter a from a',
    'go in a',
    'enter d1 from a',
    'go in d1',
    'go in d1',
    'enter d2 from d1',
  ]);
});

test('SM-02 the handlers of a state are made of its data, and are those of that state alone', async () => {
  type Connection = { kind: 'down'; tries: number } | { kind: 'up'; socket: string };
  const connection = stateMachine(
    (self: MachineSelf<Connection, { call: { send(): string }; cast: { drop(): void } }>) =>
      self.begin(
        { kind: 'down', tries: 1 },
        {
          down: ({ tries }) => ({
            enter: () => self.stateTimeout(100 * tries),
            stateTimeout: () =>
              self.next(
                tries < 3 ? { kind: 'down', tries: tries + 1 } : { kind: 'up', socket: 's' },
              ),
            call: { send: () => self.postpone() },
          }),
          up: ({ socket }) => ({
            cast: { drop: () => self.next({ kind: 'down', tries: 0 }) },
            call: { send: (from) => self.reply(from, `sent by ${socket}`) },
          }),
        },
      ),
  );
  const system = testSystem();
  const pid = system.spawn(connection);
  const sent = system.call(pid, 'send');
  await system.advance(599);
  expect(system.mailbox(pid)).toEqual([]);
  await system.advance(1);
  expect(await sent).toBe('sent by s');
});

test('SM-03 the first enter call is of the first state from itself, before any event', async () => {
  await everySchedule(2, async (system) => {
    const { log } = await started(system, {
      begin: (self) => self.next('b').nextEvent('own', 'x'),
    });
    expect(log).toEqual(['enter b from b', 'x in b']);
  });
});

test('SM-04 an enter call comes of each change and of repeat, not of the same state again', async () => {
  const system = testSystem();
  const { log, cast } = await started(system, { enter: () => undefined });
  cast('same', goes('a'));
  cast('other', goes('b'));
  cast('repeat', (self) => self.repeat());
  cast('repeat', (self) => self.repeat());
  cast('keep', (self) => self.keep());
  await system.settle();
  expect(log.filter((line) => String(line).startsWith('enter'))).toEqual([
    'enter a from a',
    'enter b from a',
    'enter b from b',
    'enter b from b',
  ]);
});

test.each([
  ['another state', (self: Its) => self.next('c'), 'bad_state_enter_return'],
  ['postpone()', (self: Its) => self.postpone(), 'bad_state_enter_action'],
  ['nextEvent()', (self: Its) => self.nextEvent('own', 'x'), 'bad_state_enter_action'],
])('SM-05 an enter call that returns %s ends the machine', async (_, enter, error) => {
  const system = testSystem();
  const { log, pid, cast } = await started(system, {
    enter: (self, old) => (old === self.state ? undefined : enter(self)),
  });
  cast('go', goes('b'));
  await system.settle();
  expect(String(system.reasonOf(pid))).toContain(`(${error})`);
  expect(log.at(-1)).toEqual({ terminate: system.reasonOf(pid), state: 'b' });
});

test('SM-05 an enter call may repeat itself, stop, reply, and begin time-outs', async () => {
  const system = testSystem();
  let times = 0;
  const { log, pid, cast } = await started(system, {
    enter: (self) => {
      if (self.state === 'b') return times++ < 2 ? self.repeat() : self.stateTimeout(5, 'x');
      return self.state === 'c' ? self.stop('why') : undefined;
    },
  });
  cast('go', goes('b'));
  await system.advance(5);
  cast('go', goes('c'));
  await system.settle();
  expect(log.slice(2)).toEqual([
    'enter b from a',
    'enter b from a',
    'enter b from a',
    'state time-out x in b',
    'go in b',
    'enter c from b',
    { terminate: 'why', state: 'c' },
  ]);
  expect(system.reasonOf(pid)).toBe('why');
});

test('SM-06 a postponed event comes back after a change of state, and after nothing less', async () => {
  const system = testSystem();
  const { log, cast } = await started(system);
  cast('x', postpones('a'));
  cast('keep', (self) => self.keep());
  cast('same', goes('a'));
  cast('repeat', (self) => self.repeat());
  cast('change', goes('b'));
  await system.settle();
  expect(events(log)).toEqual([
    'x in a',
    'keep in a',
    'same in a',
    'repeat in a',
    'change in a',
    'x in b',
  ]);
});

test('SM-07 postponed events come back in the order in which they came, before what came later', async () => {
  await everySchedule(2, async (system) => {
    const { log, cast } = await started(system);
    for (const label of ['p1', 'p2']) cast(label, postpones('a'));
    cast('go', goes('b'));
    for (const label of ['q1', 'q2']) cast(label);
    await system.settle();
    expect(events(log).slice(3)).toEqual(['p1 in b', 'p2 in b', 'q1 in b', 'q2 in b']);
  });
});

test('SM-07 before inserted events that still wait, too', async () => {
  const system = testSystem();
  const { log, cast } = await started(system);
  cast('p', postpones('a'));
  cast('insert', (self) => self.nextEvent('own', 'go', goes('b')).nextEvent('own', 'later'));
  await system.settle();
  expect(events(log).slice(2)).toEqual(['go in a', 'p in b', 'later in b']);
});

test('SM-08 each change brings all of them back, and those that are postponed again keep their order', async () => {
  const system = testSystem();
  const { log, cast } = await started(system);
  for (const label of ['x', 'y']) cast(label, postpones('a', 'b'));
  cast('go', goes('b'));
  cast('go', goes('c'));
  await system.settle();
  expect(events(log).filter((line) => !String(line).startsWith('go'))).toEqual([
    'x in a',
    'y in a',
    'x in b',
    'y in b',
    'x in c',
    'y in c',
  ]);
});

test('SM-08 so does a change back to the state that postponed them', async () => {
  const system = testSystem();
  const { log, cast } = await started(system);
  cast('x', postpones('a', 'b'));
  cast('go', goes('b'));
  cast('back', goes('a'));
  await system.settle();
  expect(events(log)).toEqual(['x in a', 'go in a', 'x in b', 'back in b', 'x in a']);
});

test('SM-09 inserted events come before all that waits, in the order given', async () => {
  const system = testSystem();
  const { log, cast } = await started(system);
  cast('insert', (self) => self.nextEvent('own', 'i1').nextEvent('own', 'i2'));
  cast('q1');
  await system.settle();
  expect(log).toEqual(['insert in a', 'i1 in a', 'i2 in a', 'q1 in a']);
});

test('SM-09 and before events that were inserted or have come back earlier', async () => {
  const system = testSystem();
  const { log, cast } = await started(system);
  cast('p', postpones('a'));
  cast('go', (self) =>
    self
      .next('b')
      .nextEvent('own', 'i1', (its) => its.nextEvent('own', 'i1a'))
      .nextEvent('own', 'i2'),
  );
  await system.settle();
  expect(events(log).slice(2)).toEqual(['i1 in b', 'i1a in b', 'i2 in b', 'p in b']);
});

/** An actor that leaves what it gets in its mailbox, and an address of it to reply to. */
async function letterBox(
  system: TestSystem,
): Promise<{ to: ReplyTo<unknown>; count: () => number | undefined }> {
  let to: ReplyTo<unknown> | undefined;
  const pid = system.spawn(function* (self: Self<Note>): Actor {
    to = self.alias<Note>() as ReplyTo<unknown>;
    yield* self.receive('DOWN');
  });
  await system.settle();
  return { to: to as ReplyTo<unknown>, count: () => system.info(pid)?.mailboxLength };
}

test('SM-10 after a change: replies, the enter call, inserted events, postponed ones, what came later', async () => {
  const system = testSystem();
  const { to, count } = await letterBox(system);
  const { log, cast } = await started(system, {
    enter(_self, _old, lines) {
      lines.push(`${count()} replies`);
    },
  });
  cast('p', postpones('a'));
  cast('go', (self) => self.next('b').nextEvent('own', 'i').reply(to, { tag: 'note' }));
  cast('q');
  await system.settle();
  expect(log).toEqual([
    'enter a from a',
    '0 replies',
    'p in a',
    'go in a',
    'enter b from a',
    '1 replies',
    'i in b',
    'p in b',
    'q in b',
  ]);
});

test('SM-11 an event that is postponed with a change comes back in the new state, after inserted ones', async () => {
  const system = testSystem();
  const { log, cast } = await started(system);
  cast('go', (self) =>
    self.state === 'a' ? self.next('b').postpone().nextEvent('own', 'i1') : undefined,
  );
  cast('q');
  await system.settle();
  expect(events(log)).toEqual(['go in a', 'i1 in b', 'go in b', 'q in b']);
});

describe('SM-12 an event time-out', () => {
  test('comes when nothing else has', async () => {
    const system = testSystem();
    const { log, cast } = await started(system);
    cast('set', (self) => self.eventTimeout(20, 'x'));
    await system.advance(19);
    expect(log).toEqual(['set in a']);
    await system.advance(1);
    expect(log).toEqual(['set in a', 'event time-out x in a']);
  });

  const others: readonly (readonly [string, Act, string[]])[] = [
    ['a message', (self) => self.eventTimeout(20), ['note in a']],
    ['an inserted event', (self) => self.eventTimeout(20).nextEvent('own', 'i'), ['i in a']],
    ['one that comes back', (self) => self.next('b').eventTimeout(20), ['p in b']],
    ['another time-out', (self) => self.eventTimeout(20).timeout('one', 10, 1), ['one 1 in a']],
    [
      'another time-out of no time',
      (self) => self.timeout('one', 0, 1).eventTimeout(0),
      ['one 1 in a'],
    ],
  ];
  test.each(others)('does not come after %s', async (what, act, expected) => {
    const system = testSystem();
    const { log, pid, cast } = await started(system);
    if (what === 'one that comes back') cast('p', postpones('a'));
    cast('set', act);
    await system.settle();
    if (what === 'a message') system.send(pid, { tag: 'note' });
    await system.advance(100);
    expect(events(log).slice(events(log).indexOf('set in a') + 1)).toEqual(expected);
  });

  test('does not come either when it was due but had to wait behind an event', async () => {
    const system = testSystem();
    const { log, cast } = await started(system);
    cast('set', (self) => self.eventTimeout(20));
    cast('slow', function* (self) {
      yield* self.sleep(60);
    } as Act);
    await system.advance(100);
    expect(log).toEqual(['set in a', 'slow in a']);
  });
});

test('SM-13 a state time-out survives events and the same state again', async () => {
  const system = testSystem();
  const { log, cast } = await started(system);
  cast('set', (self) => self.stateTimeout(40, 'st'));
  cast('noise');
  cast('same', goes('a'));
  cast('repeat', (self) => self.repeat());
  await system.advance(40);
  expect(events(log).slice(4)).toEqual(['state time-out st in a']);
});

test('SM-13 and is taken back by a change of state, even when it was due behind it', async () => {
  const system = testSystem();
  const { log, cast } = await started(system);
  cast('set', (self) => self.stateTimeout(40, 'st'));
  cast('slow', function* (self: Its) {
    yield* self.sleep(60);
    return self.next('b');
  } as Act);
  await system.advance(200);
  expect(events(log)).toEqual(['set in a', 'slow in a']);
});

test('SM-14 a state time-out that is set with a change is of the new state', async () => {
  const system = testSystem();
  const { log, cast } = await started(system);
  cast('set', (self) => self.stateTimeout(20, 'old'));
  cast('go', (self) => self.next('b').stateTimeout(20, 'new'));
  await system.advance(100);
  expect(events(log).slice(2)).toEqual(['state time-out new in b']);
});

test('SM-15 named time-outs know nothing of each other or of the state; the same name begins anew', async () => {
  const system = testSystem();
  const { log, cast } = await started(system);
  cast('set', (self) => self.timeout('one', 30, 'a').timeout('two', 30, ''));
  cast('go', goes('b'));
  await system.advance(20);
  cast('again', (self) => self.timeout('one', 30, 'b'));
  await system.advance(100);
  expect(events(log).slice(3)).toEqual(['two  in b', 'one b in b']);
});

test('SM-16 time-outs of no time come after what waits and before what has not been received, in their order', async () => {
  const system = testSystem();
  const { log, cast } = await started(system);
  cast('set', (self) =>
    self.timeout('one', 0, 'n').stateTimeout(0, 's').nextEvent('own', 'i').timeout('two', 0, 'm'),
  );
  cast('q');
  await system.settle();
  expect(log).toEqual([
    'set in a',
    'i in a',
    'one n in a',
    'state time-out s in a',
    'two m in a',
    'q in a',
  ]);
});

describe('SM-17', () => {
  test.each(['cancel', 'infinity'] as const)('%s takes a time-out back', async (how) => {
    const system = testSystem();
    const { log, cast } = await started(system);
    cast('set', (self) => self.stateTimeout(20, 'x').timeout('one', 20, 'x').eventTimeout(20));
    cast('cancel', (self) =>
      self.stateTimeout(how).timeout('one', how).eventTimeout(how).timeout('two', how),
    );
    await system.advance(100);
    expect(log).toEqual(['set in a', 'cancel in a']);
  });

  test('update changes what a time-out carries, not its time', async () => {
    const system = testSystem();
    const { log, cast } = await started(system);
    cast('set', (self) => self.stateTimeout(20, 'x').timeout('one', 20, 'x'));
    await system.advance(10);
    cast('update', (self) => self.stateTimeout('update', 'y').timeout('one', 'update', 'y'));
    await system.advance(9);
    expect(log).toEqual(['set in a', 'update in a']);
    await system.advance(1);
    expect(log.slice(2)).toEqual(['state time-out y in a', 'one y in a']);
  });

  test('update of one that does not run makes it come at once', async () => {
    const system = testSystem();
    const { log, cast } = await started(system);
    cast('update', (self) => self.timeout('one', 'update', 'y'));
    cast('q');
    await system.settle();
    expect(log).toEqual(['update in a', 'one y in a', 'q in a']);
  });
});

test('SM-18 an event time-out without content carries its time', async () => {
  const system = testSystem();
  const { log, cast } = await started(system);
  cast('set', (self) => self.eventTimeout(0));
  await system.settle();
  cast('set', (self) => self.eventTimeout(7));
  await system.advance(7);
  expect(log).toEqual(['set in a', 'event time-out 0 in a', 'set in a', 'event time-out 7 in a']);
});

test.each(['an actor', 'outside'])(
  'SM-19 a call has no deadline unless it is given one: from %s',
  async (who) => {
    const system = testSystem();
    const { pid } = await started(system);
    let returned: unknown = 'pending';
    const silent: CallAct = (self) => self.keep();
    if (who === 'outside') {
      stateMachine.call(system, pid, 'do', silent).then((value) => {
        returned = value;
      });
    } else {
      system.spawn(function* (self: Self): Actor {
        returned = yield* stateMachine.call(self, pid, 'do', silent);
      });
    }
    await system.advance(3_600_000);
    expect(returned).toBe('pending');
    const failing =
      who === 'outside'
        ? stateMachine.call(system, pid, 'do', silent).within(20)
        : system.run(function* (self: Self): Actor<unknown> {
            return yield* stateMachine.call(self, pid, 'do', silent).within(20);
          });
    const failed = expect(failing).rejects.toMatchObject({ name: 'CallFailed', reason: 'timeout' });
    await system.advance(20);
    await failed;
  },
);

test('SM-20 a call may be postponed, and is answered from a later state', async () => {
  const system = testSystem();
  const { pid, cast } = await started(system);
  const answer = system.call(pid, 'do', (self, from) =>
    self.state === 'a' ? self.postpone() : self.reply(from, `from ${named(self.state)}`),
  );
  cast('go', goes('b'));
  await system.settle();
  expect(await answer).toBe('from b');
});

test('SM-20 a reply to a caller that has given up reaches nobody', async () => {
  const system = testSystem();
  const { pid, cast } = await started(system);
  let left: number | undefined;
  system.spawn(function* (self: Self): Actor {
    const late: CallAct = (its, from) =>
      its.state === 'a' ? its.postpone() : its.reply(from, 'late');
    try {
      yield* stateMachine.call(self, pid, 'do', late).within(20);
    } catch (error) {
      expect((error as CallFailed).reason).toBe('timeout');
    }
    yield* self.sleep(20);
    left = self.mailbox(self.pid)?.length;
  });
  await system.advance(20);
  cast('go', goes('b'));
  await system.advance(20);
  expect(left).toBe(0);
  expect(system.told('dead_letter')).toMatchObject([{ why: 'late_reply' }]);
});

test('SM-21 a call of the dead fails with noproc; one in progress with the reason of the end', async () => {
  const system = testSystem();
  const { pid } = await started(system);
  const reasons = await ran(system, function* (self: Self): Actor<unknown[]> {
    const seen: unknown[] = [];
    for (const act of [(its: Its) => its.exit('bye'), () => undefined]) {
      try {
        yield* stateMachine.call(self, pid, 'do', act);
      } catch (error) {
        seen.push((error as CallFailed).reason);
      }
    }
    return seen;
  });
  expect(reasons).toEqual(['bye', 'noproc']);
});

test('SM-22 several replies are sent, before the enter call and inserted events', async () => {
  const system = testSystem();
  const { to, count } = await letterBox(system);
  const { log, cast } = await started(system, {
    enter(_self, _old, lines) {
      lines.push(`${count()} replies`);
    },
  });
  cast('go', (self) =>
    self
      .next('b')
      .nextEvent('own', 'i', () => void log.push(`${count()} replies`))
      .reply(to, { tag: 'note' })
      .reply(to, { tag: 'note' }),
  );
  await system.settle();
  expect(log.slice(2)).toEqual(['go in a', 'enter b from a', '2 replies', '2 replies', 'i in b']);
});

test('SM-22 one event may answer several calls', async () => {
  const system = testSystem();
  const { pid } = await started(system);
  let first: ReplyTo<unknown> | undefined;
  const one = system.call(pid, 'do', (_, from) => {
    first = from;
  });
  const two = system.call(pid, 'do', (self, from) =>
    self.reply(first as ReplyTo<unknown>, 'r').reply(from, 'ry'),
  );
  await system.settle();
  expect(await Promise.all([one, two])).toEqual(['r', 'ry']);
});

test('SM-23 stop runs terminate with the reason and the state, and ends the machine for it', async () => {
  const system = testSystem();
  const { log, pid, cast } = await started(system);
  cast('stop', (self) => self.stop('why'));
  cast('never');
  await system.settle();
  expect(log).toEqual(['stop in a', { terminate: 'why', state: 'a' }]);
  expect(system.reasonOf(pid)).toBe('why');
});

test('SM-23 a stop with a reply answers first, and then terminates', async () => {
  const system = testSystem();
  const { log, pid } = await started(system);
  const bye = system.call(pid, 'do', (self, from) => self.stop().reply(from, 'bye'));
  await system.settle();
  expect(await bye).toBe('bye');
  expect(log).toEqual([{ terminate: 'normal', state: 'a' }]);
  expect(system.reasonOf(pid)).toBe('normal');
});

test('SM-24 an error of a handler is given to terminate and is the exit reason', async () => {
  const system = testSystem();
  const { log, pid, cast } = await started(system);
  const oops = new Error('oops');
  cast('throw', () => {
    throw oops;
  });
  await system.settle();
  expect(log).toEqual([{ terminate: oops, state: 'a' }]);
  expect(system.reasonOf(pid)).toBe(oops);
});

test.each([
  ['42', 42],
  ['an object', { next: 'b' }],
  ['null', null],
])('SM-25 a handler that returns %s ends the machine', async (_, rubbish) => {
  const system = testSystem();
  const { pid, cast } = await started(system);
  cast('bad', () => rubbish);
  await system.settle();
  expect(String(system.reasonOf(pid))).toContain('(bad_return_from_state_function)');
});

test('SM-25 a transition that was made and not returned ends it, too', async () => {
  const system = testSystem();
  const { pid, cast } = await started(system);
  cast('forgotten', (self) => {
    self.next('b');
  });
  await system.settle();
  expect(String(system.reasonOf(pid))).toContain('did not return the "next" that it made');
});

describe('SM-25 an event without a handler ends it:', () => {
  const unhandled: readonly (readonly [string, (system: TestSystem, pid: Doer) => void])[] = [
    ['a cast', (system, pid) => system.cast(pid, 'unknown')],
    ['a message', (system, pid) => system.send(pid, { tag: 'other' } as never)],
    ['an inherited property', (system, pid) => system.cast(pid, 'toString' as 'unknown')],
    ['a call', (system, pid) => void system.call(pid, 'nope' as 'do', () => 0).catch(() => {})],
  ];
  test.each(unhandled)('%s', async (_, send) => {
    const system = testSystem();
    const { pid } = await started(system);
    send(system, pid);
    await system.settle();
    expect(system.reasonOf(pid)).toBeInstanceOf(TypeError);
    expect(String(system.reasonOf(pid))).toMatch(/in "a": (cast|call|info) ".+" has no handler/);
  });

  test('a state that does not exist', async () => {
    const system = testSystem();
    const { pid, cast } = await started(system);
    cast('go', (self) => self.next('nowhere' as 'a'));
    await system.settle();
    expect(String(system.reasonOf(pid))).toContain('cannot become "nowhere": its states are "a"');
  });
});

test('SM-26 a thrown transition is a crash, and no return', async () => {
  const system = testSystem();
  const { log, pid, cast } = await started(system);
  cast('throw', (self) => {
    throw self.next('b');
  });
  await system.settle();
  expect(system.reasonOf(pid)).toMatchObject({ name: 'Nocatch' });
  expect(log).toMatchObject([{ state: 'a' }]);
});

describe('SM-27 a start ends as init does:', () => {
  const fails: readonly (readonly [string, (self: Its) => unknown, unknown])[] = [
    ["'ignore'", () => 'ignore', 'ignore'],
    ['stop', (self) => self.stop('why'), 'why'],
    [
      'rubbish',
      () => 42,
      expect.objectContaining({ message: expect.stringContaining('(bad_return_from_init)') }),
    ],
    [
      'an error',
      () => {
        throw new Error('oops');
      },
      new Error('oops'),
    ],
    [
      'a state that does not exist',
      (self) => self.begin('nowhere' as 'a', { a: {}, b: {}, c: {}, d: {} }),
      expect.any(TypeError),
    ],
    [
      'no state',
      (self) => self.begin(self.keep(), { a: {}, b: {}, c: {}, d: {} }),
      expect.any(TypeError),
    ],
  ];
  test.each(fails)('%s', async (_, init, reason) => {
    const system = testSystem();
    const log: unknown[] = [];
    const starting = system.start(doer, log, { init });
    const failed = expect(starting).rejects.toBeInstanceOf(StartFailed);
    await system.settle();
    await failed;
    await expect(starting).rejects.toMatchObject({ reason });
    expect(log).toEqual([]);
  });

  test('a state with actions', async () => {
    const system = testSystem();
    const log: unknown[] = [];
    const starting = system.start(doer, log, {
      begin: (self) => self.next('c').timeout('one', 5, 'x').nextEvent('own', 'i'),
    });
    await system.advance(5);
    await starting;
    expect(log).toEqual(['enter c from c', 'i in c', 'one x in c']);
  });
});

test('SM-28 a machine that traps exits terminates when its parent ends, for its reason', async () => {
  const system = testSystem();
  const log: unknown[] = [];
  system.spawn(function* parent(self: Self): Actor {
    self.spawnLink(doer, log, {
      init: (its) => {
        its.trapExit(true);
      },
    });
    yield* self.sleep(10);
    self.exit('shutdown');
  });
  await system.advance(10);
  expect(log).toEqual(['enter a from a', { terminate: 'shutdown', state: 'a' }]);
});

test('SM-31 actions are done in their order; of two time-outs of one kind, the last', async () => {
  const system = testSystem();
  const { log, cast } = await started(system);
  cast('set', (self) => self.stateTimeout(20, 'first').stateTimeout(30, 'last'));
  await system.advance(100);
  cast('zero', (self) => self.stateTimeout(0, 's').timeout('one', 0, 'n').stateTimeout(0, 's'));
  await system.settle();
  cast('update', (self) => self.stateTimeout(20, 'x').stateTimeout('update', 'at once'));
  await system.settle();
  expect(log).toEqual([
    'set in a',
    'state time-out last in a',
    'zero in a',
    'one n in a',
    'state time-out s in a',
    'update in a',
    'state time-out at once in a',
  ]);
});

test('SM-32 nothing, keep and repeat keep the state, and what the machine has counted', async () => {
  const counter = stateMachine(
    (self: MachineSelf<'counting', { call: { count(): number }; cast: { add(): void } }>) => {
      let n = 0;
      const results = [() => undefined, () => self.keep(), () => self.repeat()];
      return self.begin('counting', {
        counting: {
          cast: { add: () => results[n++ % 3]?.() },
          call: { count: (from) => self.reply(from, n) },
        },
      });
    },
  );
  const system = testSystem();
  const pid = system.spawn(counter);
  for (let i = 0; i < 3; i++) system.cast(pid, 'add');
  const n = system.call(pid, 'count');
  await system.settle();
  expect(await n).toBe(3);
});
