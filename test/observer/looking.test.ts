import { type ActorView, observe, type TreeNode, toDot, toMermaid } from '@beamish/observer';
import {
  type Actor,
  child,
  dynamicSupervisor,
  type Message,
  type Pid,
  type ReplyTo,
  type Self,
  server,
  startChild,
  supervisor,
  suspend,
} from 'beamish';
import { testSystem } from 'beamish/testing';
import { describe, expect, test, vi } from 'vitest';
import { idler, plain } from '../support/recorder.ts';
import { fragiles, type Letter, pair, sorter, sorting } from './programs.ts';

interface Asked extends Message {
  readonly tag: 'ask';
  readonly replyTo: ReplyTo<string>;
}

describe('looking', () => {
  test('OBS-01 actors() shows who is there, oldest first, and what each does', async () => {
    const system = testSystem();
    await pair(system);
    await using observer = observe(system);
    const actors = await observer.actors();
    expect(actors.map(({ label }) => label)).toEqual(['supervisor', 'a', 'pong']);
    expect(actors.map(({ status }) => status)).toEqual(['waiting', 'waiting', 'waiting']);
    expect(actors.map(({ waitingFor }) => waitingFor)).toEqual([['*'], ['done'], ['ping']]);
    expect(actors.map(({ mailboxLength }) => mailboxLength)).toEqual([0, 0, 0]);
    expect(actors.slice(1).map(({ reductions }) => reductions)).toEqual([3, 3]);
    expect(actors[1]?.pid).toBe(system.actors()[1]?.pid);
    expect(actors[0]?.kind).toBe('supervisor');
    expect(actors[1]?.parent).toBe(actors[0]?.pid);
  });

  test('OBS-02 snapshot() has the system with its figures', async () => {
    const system = testSystem();
    await pair(system);
    await using observer = observe(system);
    const { systems, actors } = await observer.snapshot();
    expect(systems).toHaveLength(1);
    expect(systems[0]).toMatchObject({
      system: 'test',
      actors: 3,
      spawned: 3,
      received: 6,
      recorded: 0,
      status: 'up',
    });
    expect(systems[0]?.received).toBe(actors.reduce((sum, { reductions }) => sum + reductions, 0));
    expect(actors).toHaveLength(3);
  });

  test('OBS-03 waiting() tells what of the mailbox nobody takes, and how long is left', async () => {
    const system = testSystem();
    const pid = await sorter(system);
    await using observer = observe(system);
    const [waiting] = await observer.waiting();
    expect(waiting).toMatchObject({
      waitingFor: ['b'],
      leftMs: undefined,
      unmatched: [
        { tag: 'a', count: 3 },
        { tag: 'c', count: 1 },
      ],
    });
    expect(waiting?.actor.pid).toBe(pid);
    const patient = system.spawn(function* (self: Self<Letter>): Actor {
      yield* self.receive('b').after(500);
    });
    await system.advance(200);
    const its = (await observer.waiting()).find(({ actor }) => actor.pid === patient);
    expect(its?.leftMs).toBe(300);
    await system.advance(300);
  });

  test('OBS-03 waiting() tells of a call whom it is to, and for what', async () => {
    const system = testSystem();
    const deaf = system.spawn(idler);
    const caller = system.spawn(function* (self: Self): Actor {
      yield* self.call(deaf as unknown as Pid<Asked>, { tag: 'ask' }).within(400);
    });
    await system.advance(150);
    await using observer = observe(system);
    const its = (await observer.waiting()).find(({ actor }) => actor.pid === caller);
    expect(its?.call).toEqual({ to: deaf, what: 'ask' });
    expect(its?.leftMs).toBe(250);
    expect(its?.actor.status).toBe('awaiting');
  });

  test('OBS-04 top() ranks; equal ones stand in the order of spawning', async () => {
    const system = testSystem();
    const idle = Array.from({ length: 50 }, () => system.spawn(idler));
    const pid = await sorter(system);
    await using observer = observe(system);
    const [first, second, third] = await observer.top('mailbox', 3);
    expect(first?.actor.pid).toBe(pid);
    expect(first?.value).toBe(4);
    expect([second?.actor.pid, third?.actor.pid]).toEqual([idle[0], idle[1]]);
    expect(await observer.top('mailbox', 1)).toHaveLength(1);
  });

  test('OBS-04 top() ranks by links, restarts, age and how long one has waited', async () => {
    const system = testSystem();
    const top = await pair(system);
    await using observer = observe(system);
    expect((await observer.top('links', 1))[0]?.actor.pid).toBe(top);
    expect((await observer.top('links', 1))[0]?.value).toBe(3);
    await system.advance(100);
    const waited = await observer.top('waited', 3);
    expect(waited.map(({ value }) => value)).toEqual([100, 100, 100]);
    expect((await observer.top('restarts', 1))[0]?.value).toBe(0);
    expect((await observer.top('age', 1))[0]?.value).toBeGreaterThanOrEqual(0);
  });

  test('OBS-05 window() finds those who live too short for a look', async () => {
    const system = testSystem();
    await using observer = observe(system);
    const brief = function* brief(self: Self<Message>): Actor {
      yield* self.receive();
      yield* self.receive();
    };
    const quiet = function* quiet(): Actor {};
    const waiting = observer.window('reductions', 40, 3);
    await new Promise((resolve) => setTimeout(resolve, 5));
    for (let i = 0; i < 200; i++) {
      const pid = system.spawn(brief) as Pid<Message>;
      system.send(pid, plain('x'));
      system.send(pid, plain('y'));
      system.spawn(quiet);
    }
    await system.settle();
    expect(system.actors()).toEqual([]);
    const [first, ...rest] = await waiting;
    expect(first?.actor.body).toBe('brief');
    expect(first?.value).toBe(400);
    expect(rest).toEqual([]);
  });

  test('OBS-06 actor() shows links, monitors both ways, timers and trapExit, and no state', async () => {
    const system = testSystem();
    const [friend, watcher, watched] = [
      system.spawn(idler),
      system.spawn(idler),
      system.spawn(idler),
    ];
    const counter = server((self) => {
      self.trapExit(true);
      self.link(friend);
      self.monitor(watched);
      return { state: { get: () => 42 } };
    });
    const pid = (await system.result(system.start(counter))) as unknown as Pid<Message>;
    const monitor = system.spawn(function* (self: Self): Actor {
      self.monitor(pid);
      yield* self.receive('$never' as never);
    });
    await system.settle();
    system.sendAfter(10, pid, plain('tick'));
    system.sendInterval(20, pid, plain('tick'));
    void watcher;
    await using observer = observe(system);
    const detail = await observer.actor(pid as Pid);
    expect(detail).toMatchObject({
      kind: 'server',
      trapExit: true,
      monitors: [watched],
      monitoredBy: [monitor],
      timers: [
        { inMs: 10, tag: 'tick', everyMs: 0 },
        { inMs: 20, tag: 'tick', everyMs: 20 },
      ],
    });
    expect(new Set(detail?.links)).toEqual(new Set([system.root, friend]));
    expect(detail).not.toHaveProperty('state');
  });

  test('OBS-07 actor() shows the state where it is asked for and allowed, redacted', async () => {
    const system = testSystem();
    const showing = server((_, state: unknown) => ({
      state: {
        get: () => {
          if (state instanceof Error) throw state;
          return state;
        },
      },
    }));
    const pid = await system.result(
      system.start(showing, { sum: 7, password: 'p4ss', in: { token: 't0ken' } }),
    );
    const failing = await system.result(system.start(showing, new Error('No state today')));
    await using observer = observe(system, { payloads: {} });
    const shown = await observer.actor(pid as unknown as Pid, { state: true });
    expect(shown?.state).toEqual({
      state: { sum: 7, password: '(left out)', in: { token: '(left out)' } },
    });
    const failed = await observer.actor(failing as unknown as Pid, { state: true });
    expect(failed?.state).toBe('Error: No state today');
    await using other = observe(system);
    expect(await other.actor(pid as unknown as Pid, { state: true })).not.toHaveProperty('state');
  });

  test('OBS-08 actor() of one who has ended is its tombstone, for a while', async () => {
    const system = testSystem();
    const pid = system.spawn(idler);
    await system.settle();
    await using observer = observe(system, { keep: { endedMs: 30 } });
    await observer.actors();
    system.exitSignal(pid, 'kill');
    await system.settle();
    const detail = await observer.actor(pid);
    expect(detail).toMatchObject({ status: 'ended', ended: { reason: 'killed' } });
    expect(detail?.ended?.at).toBeGreaterThan(Date.now() - 10_000);
    await vi.waitFor(async () => expect(await observer.actor(pid)).toBeUndefined(), {
      timeout: 25_000,
    });
    expect(await observer.actor(system.spawn(function* () {}))).toBeDefined();
    await system.settle();
  });

  test('OBS-09 a label follows the name that an actor has', async () => {
    const system = testSystem();
    const pid = system.spawn(idler);
    await system.settle();
    await using observer = observe(system);
    const label = async () => (await observer.actors())[0]?.label;
    expect(await label()).toBe('idler');
    system.register('ann', pid);
    expect(await label()).toBe('ann');
    system.unregister('ann');
    system.register('bea', pid);
    expect(await label()).toBe('bea');
    system.unregister('bea');
    expect(await label()).toBe('idler');
  });

  test('OBS-10 details count the first 10,000 messages of a mailbox, and a look none', async () => {
    const system = testSystem();
    const pid = system.spawn(sorting) as Pid<Letter>;
    await system.settle();
    for (let i = 0; i < 50_000; i++) system.send(pid, { tag: i % 2 === 0 ? 'x' : 'y' });
    await using observer = observe(system);
    const detail = await observer.actor(pid as Pid);
    expect(detail?.mailboxLength).toBe(50_000);
    expect(detail?.mailbox).toEqual([
      { tag: 'x', count: 5000 },
      { tag: 'y', count: 5000 },
    ]);
  });

  test('OBS-13 of those who live between two looks, only the number is told, and nothing is left of the others', async () => {
    const system = testSystem();
    await using observer = observe(system, { keep: { endedMs: 0 } });
    for (let round = 0; round < 3; round++) {
      const pids = Array.from({ length: 100 }, () => system.spawn(idler));
      await system.settle();
      await observer.actors();
      for (const pid of pids) system.exitSignal(pid, 'kill');
      for (let i = 0; i < 1000; i++) system.spawn(function* () {});
      await system.settle();
    }
    const { systems } = await observer.snapshot();
    expect(systems[0]).toMatchObject({ spawned: 3300, actors: 0 });
    await new Promise((resolve) => setTimeout(resolve, 2));
    expect(await observer.actors({ ended: true })).toEqual([]);
  });

  test('OBS-14 a suspended server is shown as that', async () => {
    const system = testSystem();
    const pid = await system.result(system.start(server(() => ({}))));
    await system.result(suspend(system, pid as never));
    await using observer = observe(system);
    expect((await observer.actors())[0]?.status).toBe('suspended');
  });

  test('OBS-15 an async body in a promise from outside is awaiting', async () => {
    const system = testSystem();
    system.spawn(async function foreign() {
      await new Promise(() => {});
    });
    await system.settle();
    await using observer = observe(system);
    expect((await observer.actors())[0]).toMatchObject({
      status: 'awaiting',
      waitingFor: ['a promise'],
    });
  });

  test('OBS-16 a filter keeps exactly those that it names', async () => {
    const system = testSystem();
    const top = await pair(system);
    await sorter(system);
    await using observer = observe(system);
    const labels = async (filter: Parameters<typeof observer.actors>[0]) =>
      (await observer.actors(filter)).map(({ label }) => label);
    expect(await labels({ text: 'PON' })).toEqual(['pong']);
    expect(await labels({ text: '<test.2>' })).toEqual(['a']);
    expect(await labels({ body: 'sorting' })).toEqual(['sorting']);
    expect(await labels({ under: top })).toEqual(['a', 'pong']);
    expect(await labels({ system: 'elsewhere' })).toEqual([]);
    expect(await labels({ status: 'running' })).toEqual([]);
    expect(await labels({ status: 'waiting', body: 'pinger' })).toEqual(['a']);
  });

  test.each(['clone', 'freeze'] as const)(
    'OBS-17 with messages: %s, what is looked at is the same',
    async (messages) => {
      const system = testSystem({ messages });
      await pair(system);
      await using observer = observe(system);
      expect((await observer.actors()).map(({ waitingFor }) => waitingFor)).toEqual([
        ['*'],
        ['done'],
        ['ping'],
      ]);
    },
  );

  test('OBS-18 two observers do not disturb each other, nor the tap of the program', async () => {
    const system = testSystem();
    const heard: string[] = [];
    system.tap = { spawned: (_, __, body) => heard.push(body) };
    const first = observe(system);
    await using second = observe(system);
    await pair(system);
    expect(await first.actors()).toHaveLength(3);
    expect(await second.actors()).toHaveLength(3);
    await first.close();
    await sorter(system);
    expect((await second.actors()).map(({ label }) => label)).toEqual([
      'supervisor',
      'a',
      'pong',
      'sorting',
    ]);
    expect(heard).toEqual(['supervisor', 'pinger', 'ponger', 'sorting']);
    await expect(first.actors()).rejects.toThrow(
      'Cannot observe the system test: the observer is closed',
    );
  });
});

describe('the tree', () => {
  const shape = (nodes: readonly TreeNode[]): unknown =>
    nodes.map(({ actor, children }) =>
      children.length > 0 ? [actor.label, shape(children)] : actor.label,
    );

  test('OBS-19 has children in the order of their specs, and what the supervisor is', async () => {
    const system = testSystem();
    await pair(system);
    await using observer = observe(system);
    const tree = await observer.tree();
    expect(shape(tree)).toEqual([['supervisor', ['a', 'pong']]]);
    expect(tree[0]).toMatchObject({
      strategy: 'one_for_one',
      rate: { count: 0, intensity: 1, periodMs: 5000 },
    });
  });

  test('OBS-20 toMermaid draws it', async () => {
    const system = testSystem();
    await pair(system);
    await using observer = observe(system);
    expect(toMermaid(await observer.tree())).toBe(`flowchart LR
  p1["supervisor<br/>one_for_one"]
  p2["a<br/>waits for done"]
  p3["pong<br/>waits for ping"]
  p1 --- p2
  p1 --- p3
`);
  });

  test('OBS-21 toDot writes three nodes and two edges', async () => {
    const system = testSystem();
    await pair(system);
    await using observer = observe(system);
    expect(toDot(await observer.tree())).toBe(`digraph actors {
  node [shape=box];
  p1 [label="supervisor\\none_for_one"];
  p2 [label="a\\nwaiting"];
  p3 [label="pong\\nwaiting"];
  p1 -> p2;
  p1 -> p3;
}
`);
  });

  test('OBS-22 a restarted child keeps its place, and no tombstone stands beside it', async () => {
    const system = testSystem();
    await pair(system);
    await using observer = observe(system);
    await observer.tree();
    system.exitSignal(system.whereis('pong') as Pid, 'kill');
    await system.settle();
    const [top] = await observer.tree({ ended: true });
    expect(
      top?.children.map(({ actor }) => [actor.label, String(actor.pid), actor.restarts]),
    ).toEqual([
      ['a', '<test.2>', 0],
      ['pong', '<test.4>', 1],
    ]);
  });

  test('OBS-23 a temporary child that ended leaves a tombstone in its position, for a while', async () => {
    const system = testSystem();
    await system.result(
      system.start(
        supervisor({
          children: [
            child({ id: 'a' }, idler),
            child({ id: 'b', restart: 'temporary' }, idler),
            child({ id: 'c' }, idler),
          ],
        }),
      ),
    );
    await using observer = observe(system, { keep: { endedMs: 60 } });
    const [before] = await observer.tree();
    system.exitSignal(before?.children[1]?.actor.pid as Pid, 'kill');
    await system.settle();
    const [after] = await observer.tree({ ended: true });
    expect(after?.children.map(({ actor }) => [actor.label, actor.status])).toEqual([
      ['a', 'waiting'],
      ['b', 'ended'],
      ['c', 'waiting'],
    ]);
    expect(after?.children[1]?.actor.ended?.reason).toBe('killed');
    expect(shape(await observer.tree())).toEqual([['supervisor', ['a', 'c']]]);
    await vi.waitFor(
      async () =>
        expect(shape(await observer.tree({ ended: true }))).toEqual([['supervisor', ['a', 'c']]]),
      { timeout: 25_000 },
    );
  });

  test('OBS-24 a supervisor that gives up, and its children, are tombstones', async () => {
    const system = testSystem();
    await fragiles(system, 0);
    await using observer = observe(system);
    await observer.tree();
    system.send(system.whereis('a') as Pid<Letter>, { tag: 'go', n: 3 });
    await system.settle();
    const [top] = await observer.tree({ ended: true });
    expect([top?.actor.status, ...(top?.children ?? []).map(({ actor }) => actor.status)]).toEqual([
      'ended',
      'ended',
      'ended',
    ]);
    expect(observer.crashes()[0]?.latest.restart?.decision).toBe('gave_up');
  });

  test('OBS-25 one whose parent has ended stands at the top', async () => {
    const system = testSystem();
    system.spawn(function* parent(self: Self): Actor {
      self.spawn(idler);
      yield* self.sleep(10);
    });
    await system.settle();
    await using observer = observe(system);
    expect(shape(await observer.tree())).toEqual([['parent', ['idler']]]);
    await system.advance(10);
    expect(shape(await observer.tree({ ended: true }))).toEqual(['parent', 'idler']);
    const [orphan] = await observer.actors();
    expect((await observer.actor((orphan as ActorView).pid))?.ancestors[0]?.body).toBe('parent');
  });

  test('OBS-28 ten thousand children of one supervisor are as many nodes', async () => {
    const system = testSystem();
    const pid = await system.result(system.start(dynamicSupervisor()));
    await system.settle();
    const starting = Array.from({ length: 1000 }, (_, i) =>
      startChild(system, pid as never, child(`cart-${i}`, idler) as never),
    );
    await system.result(Promise.all(starting));
    await using observer = observe(system);
    const [top] = await observer.tree();
    expect(top?.children).toHaveLength(1000);
    expect(top?.actor.kind).toBe('supervisor');
  });

  test('OBS-29 an observer that comes late counts restarts from then on', async () => {
    const system = testSystem();
    await system.result(
      system.start(supervisor({ intensity: 9, children: [child({ id: 'b', name: 'b' }, idler)] })),
    );
    const kill = async () => {
      system.exitSignal(system.whereis('b') as Pid, 'kill');
      await system.settle();
    };
    await kill();
    await kill();
    await using observer = observe(system);
    const its = async () => (await observer.tree())[0]?.children[0]?.actor;
    expect(await its()).toMatchObject({ childId: 'b', restarts: 0 });
    await kill();
    expect(await its()).toMatchObject({ childId: 'b', restarts: 1 });
  });
});
