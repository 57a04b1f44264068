import {
  type Actor,
  ActorSystem,
  CallFailed,
  type Message,
  type Pid,
  type ReplyTo,
  type Self,
  server,
} from 'beamish';
import {
  figuresOf,
  lookedAt,
  mark,
  markOf,
  onSystem,
  ownerOfReplyTo,
  panelsOf,
  show,
  stateShownBy,
  timersOf,
} from 'beamish/observation';
import { testSystem } from 'beamish/testing';
import { describe, expect, test, vi } from 'vitest';
import { Heard } from '../../support/heard.ts';
import { idler, mortal, plain } from '../../support/recorder.ts';

describe('mark', () => {
  test('is kept with a pid, and nobody else sees it', () => {
    const system = testSystem();
    const pid = system.spawn(idler);
    expect(markOf(pid)).toBeUndefined();
    const what = { n: 1 };
    mark(pid, what);
    expect(markOf(pid)).toBe(what);
    expect(Object.keys(pid)).toEqual(['system', 'incarnation', 'serial']);
    mark(pid, undefined);
    expect(markOf(pid)).toBeUndefined();
  });

  test('what is no pid of a system cannot be marked', () => {
    const copy = { system: 'test', incarnation: 1, serial: 1 } as Pid;
    expect(() => mark(copy, 1)).toThrow(TypeError);
    expect(markOf(copy)).toBeUndefined();
  });
});

describe('details', () => {
  test('lookedAt is the clock as the scheduler saw it', async () => {
    const system = testSystem();
    system.sendAfter(5, system.spawn(mortal, []), plain('x'));
    await system.advance(7);
    expect(lookedAt(system)).toBe(5);
  });

  test('ownerOfReplyTo tells whose request or alias an address is, also when it is over', async () => {
    const system = testSystem();
    const asked: (Pid | undefined)[] = [];
    const server = system.spawn(function* (self: Self<Ask>): Actor {
      const { replyTo } = yield* self.receive('ask');
      asked.push(ownerOfReplyTo(replyTo));
      yield* self.sleep(5);
      asked.push(ownerOfReplyTo(replyTo));
    });
    const client = system.spawn(function* (self: Self<Message>): Actor {
      asked.push(ownerOfReplyTo(self.alias()));
      try {
        yield* self.call(server, { tag: 'ask' }).within(2);
      } catch (error) {
        if (!(error instanceof CallFailed)) throw error;
      }
    });
    await system.advance(5);
    expect(asked).toEqual([client, client, client]);
    expect(ownerOfReplyTo(client)).toBeUndefined();
    expect(ownerOfReplyTo('x')).toBeUndefined();
  });

  test('figuresOf counts who is there, and what has been', async () => {
    const system = testSystem();
    const pid = system.spawn(mortal, []);
    system.spawn(idler);
    system.send(pid, plain('x'));
    expect(figuresOf(system)).toMatchObject({ actors: 2, runnable: 3, spawned: 2 });
    await system.settle();
    system.exitSignal(pid, 'kill');
    await system.settle();
    system.sendAfter(5, system.root as Pid<Message>, plain('x'));
    expect(figuresOf(system)).toEqual({
      actors: 1,
      runnable: 0,
      timers: 1,
      spawned: 2,
      receivedByEnded: 1,
    });
  });

  test('timersOf tells the timers that will send to an actor', async () => {
    const system = testSystem();
    const pid = system.spawn(mortal, []) as Pid<Message>;
    await system.settle();
    system.sendInterval(20, pid, plain('tick'));
    await system.advance(5);
    system.sendAfter(10, pid, plain('late'));
    expect(timersOf(system, pid)).toEqual([
      { inMs: 15, tag: 'tick', everyMs: 20 },
      { inMs: 10, tag: 'late', everyMs: 0 },
    ]);
    system.exitSignal(pid, 'kill');
    await system.settle();
    expect(timersOf(system, pid)).toBeUndefined();
  });

  test('stateShownBy shows what a server shows, or the error that showing it came to', async () => {
    const system = testSystem();
    const showing = server((_, state: unknown) => ({
      state: {
        get: () => {
          if (state instanceof Error) throw state;
          return state;
        },
        format: (shown: unknown) => ({ shown }),
      },
    }));
    const error = new Error('No');
    const pids = [system.start(showing, 7), system.start(showing, error)];
    await system.settle();
    const heard = new Heard(system);
    expect(stateShownBy(system, await (pids[0] as Promise<Pid>))).toEqual({ shown: 7 });
    expect(stateShownBy(system, await (pids[1] as Promise<Pid>))).toBe(error);
    expect(stateShownBy(system, system.spawn(idler))).toBeUndefined();
    expect(heard.take().filter((line) => line.startsWith('sent'))).toEqual([]);
  });
});

describe('crash reports', () => {
  const crashing = (get: () => unknown) =>
    server(() => ({
      state: { get },
      cast: {
        crash() {
          throw new Error('Oops');
        },
      },
    }));

  test('OBS-97 a listener of crashes does not run a server’s code, until it reads the state, and then once', async () => {
    const system = testSystem({ log: 'off' });
    const get = vi.fn(() => 42);
    const pid = system.start(crashing(get));
    await system.settle();
    system.cast(await pid, 'crash');
    await system.settle();
    const [crash] = system.told('crash');
    expect(crash).toBeDefined();
    expect(get).not.toHaveBeenCalled();
    expect(crash?.state).toBe(42);
    expect(crash?.state).toBe(42);
    expect(get).toHaveBeenCalledTimes(1);
  });
});

describe('onSystem', () => {
  test('tells each system that is made, before anybody runs in it, until it is stopped', () => {
    const met: string[] = [];
    const stop = onSystem((system) => {
      met.push(`${system.name} ${system.actors().length}`);
      system.tap = { spawned: () => met.push('spawned') };
    });
    const system = new ActorSystem({ name: 'first', log: 'off' });
    system.spawn(idler);
    stop();
    stop();
    new ActorSystem({ name: 'second', log: 'off' });
    expect(met).toEqual(['first 0', 'spawned']);
  });

  test('one that throws is taken out, and reported, and whoever makes a system does not notice', () => {
    const other = vi.fn();
    const stops = [
      onSystem((system) => {
        system.events.on('listener_failed', other);
        throw new Error('Oops');
      }),
      onSystem(other),
    ];
    const system = new ActorSystem({ log: 'off' });
    expect(other.mock.calls).toEqual([[{ verb: 'onSystem', error: new Error('Oops') }], [system]]);
    new ActorSystem({ log: 'off' });
    expect(other).toHaveBeenCalledTimes(3);
    for (const stop of stops) stop();
  });
});

describe('panels', () => {
  test('are kept for who looks, in their order, until they are taken out; nobody calls them', () => {
    const system = testSystem();
    const look = vi.fn();
    const [queues, tasks] = [
      { title: 'Queues', look },
      { title: 'Tasks', look },
    ];
    expect(panelsOf(system)).toEqual([]);
    const hide = show(system, queues);
    show(system, tasks);
    expect(panelsOf(system)).toEqual([queues, tasks]);
    hide();
    expect(panelsOf(system)).toEqual([tasks]);
    expect(panelsOf(testSystem())).toEqual([]);
    expect(look).not.toHaveBeenCalled();
  });
});

interface Ask extends Message {
  readonly tag: 'ask';
  readonly replyTo: ReplyTo<number>;
}
