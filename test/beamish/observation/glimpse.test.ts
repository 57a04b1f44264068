import {
  type Actor,
  awaitMany,
  child,
  configure,
  dynamicSupervisor,
  type Message,
  name,
  type Pid,
  type ReplyTo,
  type Self,
  server,
  startChild,
  supervisor,
  suspend,
  task,
} from 'beamish';
import { type Glimpse, visit } from 'beamish/observation';
import { type TestSystem, testSystem } from 'beamish/testing';
import { describe, expect, test } from 'vitest';
import { Heard } from '../../support/heard.ts';
import { idler, plain } from '../../support/recorder.ts';

/** What a visit shows of one actor; undefined if it meets none. */
function look<T>(system: TestSystem, pid: Pid, read: (glimpse: Glimpse) => T): T | undefined {
  let seen: T | undefined;
  visit(system, (glimpse) => {
    if (glimpse.pid === pid) seen = read(glimpse);
  });
  return seen;
}

describe('visit', () => {
  test('meets every living actor, the youngest first, and nobody who is dead or exiting', async () => {
    const system = testSystem();
    const [a, b, c] = [system.spawn(idler), system.spawn(idler), system.spawn(idler)];
    await system.settle();
    system.exitSignal(b, 'kill');
    const pids: Pid[] = [];
    visit(system, ({ pid }) => pids.push(pid));
    expect(pids).toEqual([c, a]);
  });

  test('shows what info shows, and tells nobody', async () => {
    const system = testSystem();
    const top = await started(
      system,
      supervisor({ children: [child({ id: 'a', name: 'ann' }, idler)] }),
    );
    const pid = system.whereis('ann') as Pid;
    const heard = new Heard(system, 'touched', 'sent');
    const seen = look(system, pid, (it) => ({
      parent: it.parent,
      body: it.body,
      kind: it.kind,
      name: it.name,
      childId: it.childId,
      status: it.status,
      mailboxLength: it.mailboxLength,
      mailboxLimit: it.mailboxLimit,
      reductions: it.reductions,
      waitingFor: it.waitingFor,
      parkedOn: it.parkedOn,
      deadline: it.deadline,
      supervising: it.supervising,
    }));
    expect(heard.take()).toEqual([]);
    expect(seen).toEqual({
      parent: top,
      body: 'idler',
      kind: 'actor',
      name: 'ann',
      childId: 'a',
      status: 2,
      mailboxLength: 0,
      mailboxLimit: Number.POSITIVE_INFINITY,
      reductions: 0,
      waitingFor: ['$never'],
      parkedOn: undefined,
      deadline: undefined,
      supervising: undefined,
    });
  });

  test('tells actors, servers and supervisors apart, and who is suspended', async () => {
    const system = testSystem();
    const worker = server(() => ({ call: { get: () => 1 } }));
    const pid = await started(system, worker);
    const top = await started(system, supervisor({ children: [] }));
    expect(look(system, pid, ({ kind }) => kind)).toBe('server');
    expect(look(system, top, ({ kind }) => kind)).toBe('supervisor');
    expect(look(system, pid, ({ status }) => status)).toBe(2);
    const suspended = suspend(system, pid);
    await system.settle();
    await suspended;
    expect(look(system, pid, ({ status }) => status)).toBe(4);
  });

  test('tells the running one, the runnable, and those who wait for anything but a message', async () => {
    const system = testSystem();
    const codes: (number | undefined)[] = [];
    const other = system.spawn(idler);
    const pid: Pid = system.spawn(function* (self: Self): Actor {
      codes.push(look(system, self.pid, ({ status }) => status));
      yield* self.sleep(5);
    });
    codes.push(look(system, other, ({ status }) => status));
    await system.settle();
    codes.push(look(system, pid, ({ status }) => status));
    expect(codes).toEqual([1, 0, 3]);
  });

  test('a message that was handed over counts as one in the mailbox, and the limit is told', async () => {
    const system = testSystem();
    const pid = system.spawn(
      configure(
        function* (self: Self<Message>): Actor {
          for (;;) yield* self.receive('x' as never);
        },
        { mailbox: { limit: 3, overflow: 'drop_newest' } },
      ),
    ) as Pid<Message>;
    await system.settle();
    for (const tag of ['x', 'y']) system.send(pid, plain(tag));
    expect(look(system, pid, (it) => [it.mailboxLength, it.mailboxLimit])).toEqual([2, 3]);
    await system.settle();
    expect(look(system, pid, (it) => [it.mailboxLength, it.reductions])).toEqual([1, 1]);
  });

  test('what it throws is thrown', () => {
    const system = testSystem();
    system.spawn(idler);
    expect(() =>
      visit(system, () => {
        throw new Error('Mine');
      }),
    ).toThrow('Mine');
  });
});

describe('what an actor waits for', () => {
  test('is the same as long as it waits for the same, and another thing after that', async () => {
    const system = testSystem();
    const silent = system.spawn(idler) as unknown as Pid<Ask>;
    const pid = system.spawn(function* (self: Self<Message>): Actor {
      yield* self.receive('a' as never, 'b' as never);
      for (let i = 0; i < 2; i++)
        try {
          yield* self.call(silent, { tag: 'ask' }).within(10);
        } catch {
          // The next one.
        }
      yield* self.receive();
    }) as Pid<Message>;
    const wants: unknown[] = [];
    const want = (): unknown => look(system, pid, (it) => it.want);
    await system.settle();
    wants.push(want());
    system.send(pid, plain('other'));
    await system.settle();
    expect(want()).toBe(wants[0]);
    system.send(pid, plain('a'));
    await system.settle();
    wants.push(want());
    await system.advance(10);
    wants.push(want());
    await system.advance(5);
    expect(want()).toBe(wants[2]);
    await system.advance(5);
    wants.push(want());
    expect(new Set(wants).size).toBe(4);
  });

  test('a call: of whom, for what, and until when', async () => {
    const system = testSystem();
    const silent = system.spawn(idler) as unknown as Pid<Ask>;
    const pid = system.spawn(function* (self: Self): Actor {
      yield* self.call(silent, { tag: 'ask' }).within(20);
    });
    await system.advance(3);
    expect(
      look(system, pid, ({ parkedOn, waitingFor, deadline }) => ({
        why: parkedOn?.why,
        what: parkedOn?.what,
        target: parkedOn?.target,
        waitingFor,
        deadline,
      })),
    ).toEqual({
      why: 'call',
      what: 'ask',
      target: silent,
      waitingFor: ['the reply to "ask"'],
      deadline: 20,
    });
  });

  test('a call by name: the name, and a wait for ever has no deadline', async () => {
    const system = testSystem();
    system.register('silent', system.spawn(idler));
    const target = name<Ask>('silent');
    const pid = system.spawn(function* (self: Self): Actor {
      yield* self.call(target, { tag: 'ask' }).within('infinity');
    });
    await system.settle();
    expect(look(system, pid, (it) => [it.parkedOn?.target, it.deadline])).toEqual([
      target,
      undefined,
    ]);
  });

  test('several replies: what of each, and before the first', async () => {
    const system = testSystem();
    const pid = system.spawn(function* (self: Self): Actor {
      yield* awaitMany(
        self,
        [1, 2].map(() => task(self, idler)),
        'infinity',
      );
    });
    await system.settle();
    const [why, waitingFor] = look(system, pid, (it) => [it.parkedOn?.why, it.waitingFor]) ?? [];
    expect(why).toBe('call');
    expect(waitingFor).toEqual([expect.stringMatching(/^the reply to "\w+", the reply to "\w+"$/)]);
  });

  test('room: in whose mailbox', async () => {
    const system = testSystem();
    const full = system.spawn(
      configure(idler, { mailbox: { limit: 1, overflow: 'wait' } }),
    ) as Pid<Message>;
    const pid = system.spawn(function* (self: Self): Actor {
      for (;;) yield* self.offer(full, plain('x'));
    });
    await system.settle();
    expect(look(system, pid, ({ parkedOn }) => parkedOn)).toEqual({
      why: 'room',
      what: `room in the mailbox of ${String(full)}`,
      target: full,
    });
  });

  test('a start: of whom', async () => {
    const system = testSystem();
    const slow = server(function* (self) {
      yield* self.sleep(10);
      return {};
    });
    const pid = system.spawn(function* (self: Self): Actor {
      yield* self.startLink(slow);
    });
    await system.settle();
    const parked = look(system, pid, ({ parkedOn }) => parkedOn);
    expect(parked).toMatchObject({ why: 'start', what: 'an actor to start' });
    expect(system.info(parked?.target as Pid)?.parent).toBe(pid);
  });

  test('time, and a promise', async () => {
    const system = testSystem();
    const sleeping = system.spawn(function* (self: Self): Actor {
      yield* self.sleep(7);
    });
    const waiting = system.spawn(function* (self: Self): Actor {
      yield* self.wait(new Promise(() => {}));
    });
    await system.advance(1);
    expect(look(system, sleeping, (it) => [it.parkedOn?.why, it.waitingFor, it.deadline])).toEqual([
      'time',
      ['7 ms to pass'],
      7,
    ]);
    expect(look(system, waiting, (it) => [it.parkedOn?.why, it.waitingFor, it.deadline])).toEqual([
      'promise',
      ['a promise'],
      undefined,
    ]);
  });
});

describe('supervisors', () => {
  test('show strategy, rate and children in their order, of which a restarted one keeps its place', async () => {
    const system = testSystem();
    const ids = ['a', 'b', 'c'];
    const top = await started(
      system,
      supervisor({
        strategy: 'rest_for_one',
        intensity: 3,
        periodMs: 100,
        children: ids.map((id) => child({ id, name: id }, idler)),
      }),
    );
    const before = system.whereis('b') as Pid;
    system.exitSignal(before, 'kill');
    await system.settle();
    const seen = look(system, top, ({ supervising }) => ({
      strategy: supervising?.strategy,
      rate: supervising?.rate(),
      children: supervising?.children(),
      before: supervising?.idOf(before),
    }));
    expect(seen).toEqual({
      strategy: 'rest_for_one',
      rate: { count: 1, intensity: 3, periodMs: 100 },
      children: ids.map((id) => ({ id, pid: system.whereis(id) })),
      before: undefined,
    });
    await system.advance(101);
    expect(look(system, top, ({ supervising }) => supervising?.rate().count)).toBe(0);
  });

  test('children that are started on demand have no ids', async () => {
    const system = testSystem();
    const top = await started(system, dynamicSupervisor());
    const outcome = startChild(system, top as never, child('cart', idler));
    await system.settle();
    const { pid } = (await outcome) as { readonly pid: Pid };
    expect(look(system, pid, ({ childId }) => childId)).toBeUndefined();
    expect(
      look(system, top, ({ supervising }) => [supervising?.strategy, supervising?.children()]),
    ).toEqual(['simple_one_for_one', [{ id: undefined, pid }]]);
  });
});

interface Ask extends Message {
  readonly tag: 'ask';
  readonly replyTo: ReplyTo<number>;
}

async function started(system: TestSystem, body: unknown): Promise<Pid> {
  const pid = system.start(body as typeof idler);
  await system.settle();
  return pid as Promise<Pid>;
}
