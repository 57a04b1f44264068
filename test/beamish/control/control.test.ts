import {
  type Actor,
  ActorSystem,
  child,
  configure,
  type Message,
  name,
  type Pid,
  portable,
  type ReplyTo,
  type Self,
  server,
  supervisor,
  type Tap,
} from 'beamish';
import { type Accesses, StillClock, takeControl } from 'beamish/control';
import { listen } from 'beamish/observation';
import { VirtualClock } from 'beamish/testing';
import { placed } from 'beamish/transport';
import { describe, expect, test } from 'vitest';
import { controlled, everyOrder, noChance, others, type Run } from '../../support/every-order.ts';
import { Heard } from '../../support/heard.ts';
import { idler, mortal, plain } from '../../support/recorder.ts';

/** Steps until nobody can, the first one first. */
function drain(run: Run): void {
  for (let who = others(run); who[0] !== undefined; who = others(run)) run.control.turn(who[0]);
}

describe('takeControl', () => {
  test('a system under control does nothing by itself, whatever clock it has', async () => {
    const clock = new VirtualClock();
    const system = new ActorSystem({ log: 'off', clock });
    const control = takeControl(system);
    const got: Message[] = [];
    const pid = system.spawn(mortal, got);
    system.send(pid, plain('x'));
    system.sendAfter(0, pid, plain('y'));
    await clock.advance(1000);
    expect(got).toEqual([]);
    control.turn(pid);
    control.turn(pid);
    expect(got).toEqual([plain('x')]);
  });

  test('it is taken over once, before anybody runs in it', () => {
    const { system } = controlled();
    expect(() => takeControl(system)).toThrow('Cannot take control of test');
    const used = new ActorSystem({ log: 'off' });
    used.spawn(idler);
    expect(() => takeControl(used)).toThrow('Cannot take control of main');
  });
});

describe('runnable and turn', () => {
  test('who can step is told in the order of becoming so', () => {
    const run = controlled();
    const [a, b] = [run.system.spawn(mortal, []), run.system.spawn(mortal, [])];
    expect(others(run)).toEqual([a, b]);
    run.control.turn(b);
    run.control.turn(a);
    expect(others(run)).toEqual([]);
    run.system.send(b, plain('x'));
    run.system.send(a, plain('x'));
    expect(others(run)).toEqual([b, a]);
    expect(() => run.control.turn(run.system.spawn(idler))).not.toThrow();
    run.control.turn(b);
    expect(() => run.control.turn(b)).toThrow('Cannot give <test.2> a turn: it is not runnable');
  });

  test('SIM-01 one step is one receive: three messages are three steps after the first', () => {
    const run = controlled();
    const got: Message[] = [];
    const pid = run.system.spawn(mortal, got);
    for (const tag of ['x', 'y', 'z']) run.system.send(pid, plain(tag));
    for (const taken of [0, 1, 2, 3]) {
      expect(others(run)).toEqual([pid]);
      run.control.turn(pid);
      expect(got).toHaveLength(taken);
    }
    expect(others(run)).toEqual([]);
  });

  test('SIM-02 who finds nothing that it takes makes no step', () => {
    const run = controlled();
    const got: Message[] = [];
    const pid = run.system.spawn(taking, ['a'], got);
    run.system.send(pid, plain('b'));
    run.control.turn(pid);
    expect(others(run)).toEqual([]);
    run.system.send(pid, plain('a'));
    expect(others(run)).toEqual([pid]);
    run.control.turn(pid);
    expect(got).toEqual([plain('a')]);
  });

  test('SIM-03 a guard decides, and one that throws counts as accepting and fails its actor', () => {
    const run = controlled();
    let guard = (_: Message): boolean => false;
    const pid = run.system.spawn(function* (self: Self<Message>): Actor {
      yield* self.receive().where((message) => guard(message as Message));
    });
    run.control.turn(pid);
    run.system.send(pid as Pid<Message>, plain('x'));
    expect(others(run)).toEqual([]);
    guard = () => {
      throw new Error('No');
    };
    run.system.send(pid as Pid<Message>, plain('y'));
    expect(others(run)).toEqual([pid]);
    run.control.turn(pid);
    expect(run.system.info(pid)).toBeUndefined();
  });

  test('who is to end, gets a reply, yields or started makes a step', () => {
    const run = controlled();
    const { system } = run;
    const yielding = system.spawn(function* (self: Self): Actor {
      yield* self.yield();
      yield* self.receive('never' as never);
    });
    run.control.turn(yielding);
    expect(others(run)).toEqual([yielding]);
    run.control.turn(yielding);
    expect(others(run)).toEqual([]);
    system.exitSignal(yielding, 'go');
    expect(others(run)).toEqual([yielding]);
    run.control.turn(yielding);
    const answerer = system.spawn(answering);
    const asker = system.spawn(asking, answerer);
    run.control.turn(answerer);
    run.control.turn(asker);
    expect(others(run)).toEqual([answerer]);
    run.control.turn(answerer);
    expect(others(run)).toContain(asker);
  });

  test('who waits for room makes a step when there is some, and a receive that finds an offer, too', () => {
    const run = controlled();
    const { system } = run;
    const taker = system.spawn(
      configure(taking, { mailbox: { limit: 1, overflow: 'wait' } }),
      ['b', 'a'],
      [],
    ) as Pid<Message>;
    const giver = system.spawn(function* (self: Self): Actor {
      yield* self.offer(taker, plain('a'));
      yield* self.offer(taker, plain('b'));
    });
    run.control.turn(giver);
    run.control.turn(giver);
    expect(others(run)).toEqual([taker]);
    run.control.turn(taker);
    // It stepped aside, as there is mail; what it takes is still offered.
    expect(others(run)).toEqual([taker]);
    run.control.turn(taker);
    expect(others(run)).toEqual(expect.arrayContaining([giver, taker]));
  });

  test('an async body steps as a generator does', async () => {
    const run = controlled();
    const got: Message[] = [];
    const pid = run.system.spawn(async (self: Self<Message>) => {
      for (;;) got.push(await self.receive());
    });
    for (const tag of ['x', 'y']) run.system.send(pid as Pid<Message>, plain(tag));
    for (const taken of [0, 0, 1, 2]) {
      expect(got).toHaveLength(taken);
      if (others(run).length > 0) run.control.turn(pid);
      await new Promise((resolve) => setImmediate(resolve));
    }
    expect(others(run)).toEqual([]);
  });

  test('turning and turned stand around a step, and around nothing else', () => {
    const run = controlled();
    const pid = run.system.spawn(taking, ['a'], []);
    run.control.turn(pid);
    others(run);
    const heard = new Heard(run.system, 'turning', 'turned');
    heard.call('it', pid);
    run.system.send(pid, plain('a'));
    run.control.turn(pid);
    others(run);
    heard.stop();
    expect(heard.take().filter((line) => line.includes('it'))).toEqual([
      'turning it',
      'turned it false',
    ]);
  });
});

describe('turnThrowing', () => {
  test('lets the receive throw in place of its message, of which the listeners are told', () => {
    const run = controlled();
    let caught: unknown;
    const pid = run.system.spawn(function* (self: Self<Message>): Actor {
      try {
        yield* self.receive().after(10);
      } catch (error) {
        caught = error;
      }
      yield* self.receive('y' as never);
    });
    const heard = new Heard(run.system, 'received');
    heard.call('it', pid);
    const error = new Error('Planted');
    expect(run.control.turnThrowing(pid, error)).toBe(false);
    run.system.send(pid as Pid<Message>, plain('x'));
    expect(run.control.turnThrowing(pid, error)).toBe(true);
    expect(caught).toBe(error);
    expect(heard.take()).toEqual(['received it x']);
    expect(run.control.due()).toEqual([]);
    run.system.send(pid as Pid<Message>, plain('y'));
    run.control.turn(pid);
    expect(heard.take()).toEqual(['received it y']);
    expect(run.system.info(pid)).toBeUndefined();
  });

  test('one that does not catch it crashes by it', () => {
    const run = controlled();
    const reasons: unknown[] = [];
    run.system.events.on('exit', ({ reason }) => reasons.push(reason));
    const pid = run.system.spawn(mortal, []);
    run.control.turn(pid);
    run.system.send(pid, plain('x'));
    run.control.turnThrowing(pid, 'planted');
    expect(reasons).toEqual([expect.objectContaining({ name: 'Nocatch' })]);
  });
});

describe('due and ring', () => {
  test('all of the next millisecond that has any are due, in order, and each rings alone', () => {
    const run = controlled();
    const got: Message[] = [];
    const pid = run.system.spawn(mortal, got);
    run.control.turn(pid);
    for (const [ms, tag] of [
      [300, 'c'],
      [7, 'a'],
      [7, 'b'],
      [70_000, 'd'],
      [2 ** 33, 'e'],
    ] as const)
      run.system.sendAfter(ms, pid, plain(tag));
    const order: string[] = [];
    for (let due = run.control.due(); due.length > 0; due = run.control.due()) {
      const last = due.at(-1);
      if (last === undefined) break;
      order.push(`${last.due}: ${due.map((timer) => timer.message?.tag).join('')}`);
      run.clock.time = last.due;
      run.control.ring(last);
      drain(run);
    }
    expect(order).toEqual(['7: ab', '7: a', '300: c', '70000: d', '8589934592: e']);
    expect(got.map(({ tag }) => tag)).toEqual([...'bacde']);
  });

  test('a timer says whose it is, and is the same object until it is over', () => {
    const run = controlled();
    const pid = run.system.spawn(function* (self: Self<Message>): Actor {
      self.sendInterval(5, self.pid, plain('tick'));
      yield* self.receive('never' as never).after(3);
    });
    run.control.turn(pid);
    const [deadline] = run.control.due();
    expect(deadline).toMatchObject({ kind: 'deadline', due: 3, of: pid, ref: undefined });
    expect(run.control.due()[0]).toBe(deadline);
    run.control.ring(deadline as never);
    expect(() => run.control.ring(deadline as never)).toThrow('it is not pending');
    const [interval] = run.control.due();
    expect(interval).toMatchObject({
      kind: 'send',
      due: 5,
      of: pid,
      to: pid,
      message: plain('tick'),
    });
    run.control.ring(interval as never);
    expect(run.control.due()).toEqual([interval]);
    expect(interval?.due).toBe(10);
  });

  test('a receive with a time-out that stepped aside for nothing has its deadline from then on', () => {
    const run = controlled();
    const pid = run.system.spawn(function* (self: Self<Message>): Actor {
      yield* self.receive('a' as never).after(5);
    });
    run.system.send(pid as Pid<Message>, plain('b'));
    run.control.turn(pid);
    expect(run.control.due()).toMatchObject([{ kind: 'deadline', due: 5, of: pid }]);
  });
});

describe('accesses', () => {
  test('each access of a name, a timer and the run queue is told', () => {
    const told: string[] = [];
    const accesses: Accesses = {
      ready: (who) => told.push(`ready ${who.serial}`),
      name: (called, isChange) => told.push(`${isChange ? 'change' : 'read'} ${called}`),
      timer: ({ kind, due }, how) => told.push(`${how} ${kind} ${due}`),
      late: (ref) => told.push(`late ${ref.ref}`),
    };
    const clock = new StillClock();
    const system = new ActorSystem({ log: 'off', clock, decisions: noChance });
    const control = takeControl(system, accesses);
    const take = (): string[] => told.splice(0);
    expect(take()).toEqual(['ready 0']);
    control.turn(system.root);
    const pid = system.spawn(mortal, []);
    expect(take()).toEqual(['ready 1']);
    system.register('x', pid);
    expect(take()).toEqual(['read x', 'change x']);
    system.send(name<Message>('x'), plain('m'));
    expect(take()).toEqual(['read x']);
    expect(system.whereis('y')).toBeUndefined();
    expect(take()).toEqual(['read y']);
    // Its message lets it step once more than its start.
    control.turn(pid);
    expect(take()).toEqual(['ready 1']);
    clock.time = 2;
    const ref = system.sendAfter(5, pid, plain('t'));
    expect(take()).toEqual(['start send 7']);
    expect(system.readTimer(ref)).toBe(5);
    expect(take()).toEqual(['read send 7']);
    expect(system.cancelTimer(ref)).toBe(5);
    expect(take()).toEqual(['read send 7', 'stop send 7']);
    expect(system.cancelTimer(ref)).toBe(false);
    expect(system.readTimer(ref)).toBe(false);
    expect(take()).toEqual([`late ${ref.ref}`, `late ${ref.ref}`]);
    system.exitSignal(pid, 'kill');
    expect(take()).toEqual(['change x']);
  });

  test('they hear what a tap does, before who listens, also while a receive throws and once a listener has failed', () => {
    const told: string[] = [];
    const hearing = (who: string): Tap => ({
      received: (_, message) => told.push(`${who}: ${(message as Message).tag}`),
      exited: () => told.push(`${who}: exited`),
    });
    const system = new ActorSystem({ log: 'off', clock: new StillClock(), decisions: noChance });
    const control = takeControl(system, hearing('accesses'));
    listen(system, {
      received: () => {
        throw new Error('a listener');
      },
    });
    const stop = listen(system, hearing('listener'));
    control.turn(system.root);
    const pid = system.spawn(taking, ['a', 'b', 'c'], []) as Pid<Message>;
    const take = (tag: string, turn: () => void): string[] => {
      system.send(pid, plain(tag));
      turn();
      return told.splice(0);
    };
    control.turn(pid);
    expect(take('a', () => control.turn(pid))).toEqual(['accesses: a', 'listener: a']);
    stop();
    expect(take('b', () => control.turn(pid))).toEqual(['accesses: b']);
    const error = new Error('a fault');
    // It is taken out while the control's own function stands at the site of another verb.
    listen(system, {
      turning: () => {
        throw error;
      },
    });
    expect(take('c', () => expect(control.turnThrowing(pid, error)).toBe(true))).toEqual([
      'accesses: c',
      'accesses: exited',
    ]);
  });
});

describe('every order', () => {
  test('SIM-04 a poll against one sender of what it takes: 3 orders, 2 outcomes; against another one: 3, and 1', () => {
    for (const [tag, outcomes] of [
      ['a', 2],
      ['b', 1],
    ] as const) {
      const found = everyOrder(({ system }) => {
        let polled: unknown;
        const pid = system.spawn(function* (self: Self<Message>): Actor {
          polled = (yield* self.receive('a' as never).after(0)) ?? 'nothing';
        });
        system.spawn(sending, pid as Pid<Message>, [tag]);
        return () => polled;
      });
      expect(found.outcomes.size).toBe(outcomes);
      expect(found.runs).toBe(3);
    }
  });

  test('SIM-13 fan-in of four senders: 1,008 orders', () => {
    const { runs, outcomes } = everyOrder(({ system }) => {
      const got: Message[] = [];
      const pid = system.spawn(function* (self: Self<Message>): Actor {
        for (let i = 0; i < 4; i++) got.push(yield* self.receive('x' as never));
      });
      for (let n = 0; n < 4; n++)
        system.spawn(function* (self: Self): Actor {
          self.send(pid as Pid<Message>, { tag: 'x', n } as Message);
        });
      return () => got;
    });
    expect(runs).toBe(1008);
    expect(outcomes.size).toBe(24);
  });

  test('SIM-10 a lost update by two clients: 68 orders, two outcomes', () => {
    const { runs, outcomes } = everyOrder(({ system }) => {
      let balance = 0;
      const bank = system.spawn(function* (self: Self<Account>): Actor {
        for (;;) {
          const message = yield* self.receive('get', 'put');
          if (message.tag === 'put') balance = message.balance;
          else self.send(message.from, { tag: 'value', balance });
        }
      });
      for (let i = 0; i < 2; i++)
        system.spawn(function* (self: Self<Value>): Actor {
          self.send(bank, { tag: 'get', from: self.pid });
          const { balance: before } = yield* self.receive('value');
          self.send(bank, { tag: 'put', balance: before + 1 });
        });
      return () => balance;
    });
    expect(runs).toBe(68);
    expect([...outcomes].sort()).toEqual(['1', '2']);
  });

  test('SIM-15 two philosophers, each first its left fork: 1,008 orders, some of which are deadlocks', () => {
    const { runs, outcomes } = everyOrder(({ system }) => {
      let eaten = 0;
      const forks = [system.spawn(fork), system.spawn(fork)] as const;
      for (const [left, right] of [forks, [forks[1], forks[0]]] as const)
        system.spawn(function* (self: Self<Taken>): Actor {
          for (const one of [left, right]) {
            self.send(one, { tag: 'take', from: self.pid });
            yield* self.receive('taken');
          }
          eaten++;
          for (const one of [left, right]) self.send(one, { tag: 'drop' });
        });
      return () => eaten;
    });
    expect([...outcomes].sort()).toEqual(['0', '2']);
    expect(runs).toBe(1008);
  });

  test('SIM-32 a receive with a time-out against one sender: 2 orders, and 5 if a timer may ring any time', () => {
    const scene = ({ system }: Run): (() => unknown) => {
      let got: unknown;
      const pid = system.spawn(function* (self: Self<Message>): Actor {
        got = (yield* self.receive('a' as never).after(1)) ?? 'nothing';
      });
      system.spawn(sending, pid as Pid<Message>, ['a']);
      return () => got;
    };
    const instant = everyOrder(scene);
    expect([instant.runs, instant.outcomes.size]).toEqual([2, 1]);
    const any = everyOrder(scene, { anySpeed: true });
    expect([any.runs, any.outcomes.size]).toEqual([5, 2]);
  });

  test('SIM-36 a monitor against the end: 2 orders, 2 outcomes', () => {
    const { runs, outcomes } = everyOrder(({ system }) => {
      let reason: unknown;
      const pid = system.spawn(function* (self: Self): Actor {
        self.exit('done');
      });
      system.spawn(function* (self: Self): Actor {
        self.monitor(pid);
        ({ reason } = yield* self.receive('DOWN'));
      });
      return () => reason;
    });
    expect([...outcomes].sort()).toEqual(['"done"', '"noproc"']);
    expect(runs).toBe(2);
  });

  test('the same steps lead to the same in each run, a supervision tree included', () => {
    const { outcomes } = everyOrder(({ system }) => {
      const started: string[] = [];
      const worker = server((_, id: string) => {
        started.push(id);
        return { call: { get: () => id } };
      });
      const top = supervisor({ children: [child('a', worker, 'a'), child('b', worker, 'b')] });
      void system.start(top);
      return () => started;
    });
    expect([...outcomes]).toEqual(['["a","b"]']);
  });
});

describe('lanes', () => {
  const bodies: Record<string, unknown> = { idler };
  const load = ({ exportName }: { readonly exportName: string }): never =>
    bodies[exportName] as never;

  function two(): { readonly here: Run; readonly there: Run } & {
    readonly lanes: readonly [Lane, Lane];
  } {
    const [here, there] = ['here', 'there'].map((called) => {
      const clock = new StillClock();
      const system = new ActorSystem({ name: called, log: 'off', clock, decisions: noChance });
      return { clock, system, control: takeControl(system) };
    }) as unknown as readonly [Run, Run];
    return { here, there, lanes: here.control.connect(there.control, { load, spawns: true }) };
  }

  test('what was sent leaves by flush, and takes effect by arrive', () => {
    const { here, there, lanes } = two();
    const [forth] = lanes;
    const got: Message[] = [];
    const pid = there.system.spawn(mortal, got);
    there.system.register('it', pid);
    there.control.turn(pid);
    const it = name<Message>('it', 'there');
    for (const tag of ['x', 'y']) here.system.send(it, plain(tag));
    expect(forth.underWay).toBe(0);
    here.control.flush();
    here.system.send(it, plain('z'));
    here.control.flush();
    expect(forth.underWay).toBe(2);
    expect(others(there)).toEqual([]);
    expect(there.control.arrive(forth)).toBe(true);
    drain(there);
    expect(got).toEqual([plain('x'), plain('y')]);
    expect(there.control.arrive(forth)).toBe(true);
    drain(there);
    expect(got).toHaveLength(3);
    expect(there.control.arrive(forth)).toBe(false);
    expect(() => here.control.arrive(forth)).toThrow('its way to there');
  });

  test('an actor is spawned across, and the loss of a way ends what leads over it', () => {
    const { here, there, lanes } = two();
    const [forth, back] = lanes;
    const body = placed(
      portable({ url: 'file:///bodies.js' } as ImportMeta, 'idler', idler),
      () => 'there',
    );
    let reason: unknown;
    const pid = here.system.spawn(function* (self: Self): Actor {
      const { pid: far } = self.spawnMonitor(body);
      expect(far.system).toBe('there');
      ({ reason } = yield* self.receive('DOWN'));
    });
    here.control.turn(pid);
    here.control.flush();
    there.control.arrive(forth);
    drain(there);
    expect(there.system.actors()).toHaveLength(1);
    here.control.lose(back, 'noconnection');
    drain(here);
    expect(reason).toBe('noconnection');
  });
});

type Lane = ReturnType<ReturnType<typeof takeControl>['connect']>[0];

interface Ask extends Message {
  readonly tag: 'ask';
  readonly replyTo: ReplyTo<number>;
}

function* answering(self: Self<Ask>): Actor {
  self.send((yield* self.receive('ask')).replyTo, 1);
}

function* asking(self: Self, to: Pid<Ask>): Actor {
  yield* self.call(to, { tag: 'ask' });
}

function* taking(self: Self<Message>, tags: readonly string[], got: Message[]): Actor {
  for (const tag of tags) got.push(yield* self.receive(tag as never));
}

function* sending(self: Self, to: Pid<Message>, tags: readonly string[]): Actor {
  for (const tag of tags) self.send(to, plain(tag));
}

interface Value extends Message {
  readonly tag: 'value';
  readonly balance: number;
}

type Account =
  | { readonly tag: 'get'; readonly from: Pid<Value> }
  | { readonly tag: 'put'; readonly balance: number };

interface Taken extends Message {
  readonly tag: 'taken';
}

type Fork = { readonly tag: 'take'; readonly from: Pid<Taken> } | { readonly tag: 'drop' };

function* fork(self: Self<Fork>): Actor {
  for (;;) {
    const { from } = yield* self.receive('take');
    self.send(from, { tag: 'taken' });
    yield* self.receive('drop');
  }
}

test('the time to start is up of one who is to end already: it has one last turn, and the answer is its own end', () => {
  const run = controlled();
  const { control, system, clock } = run;
  const slow = server(function* (self) {
    yield* self.sleep(100);
    return {};
  });
  let answer: unknown;
  const parent = system.spawn(function* (self: Self): Actor {
    self.trapExit(true);
    answer = yield* self.startLink(configure(slow, { startTimeoutMs: 3 }));
  });
  control.turn(parent);
  const [child] = others(run);
  control.turn(child as Pid);
  system.exitSignal(child as Pid, 'kill');
  clock.time = 3;
  const [alarm] = control.due();
  control.ring(alarm as NonNullable<typeof alarm>);
  expect(others(run)).toEqual([child]);
  control.turn(child as Pid);
  expect(others(run)).toEqual([parent]);
  control.turn(parent);
  expect(answer).toEqual({ ok: false, reason: 'killed' });
});
