import {
  type MessageView,
  type Observer,
  observe,
  type Sequence,
  toMermaid,
  traced,
} from '@beamish/observer';
import {
  type Actor,
  type Down,
  type Exit,
  type Message,
  name,
  type Pid,
  type ReplyTo,
  type Self,
  server,
} from 'beamish';
import { markOf } from 'beamish/observation';
import { testSystem } from 'beamish/testing';
import { describe, expect, test, vi } from 'vitest';
import { hubOf } from '../../packages/observer/src/observing/observer.ts';
import type { WantedMessages } from '../../packages/observer/src/station/recorded.ts';
import { heapInUse } from '../support/heap.ts';
import { idler, plain } from '../support/recorder.ts';
import { type Letter, pair, pairSpec, sorter, sorting } from './programs.ts';

const SEQUENCE = `sequenceDiagram
  participant p2 as a
  participant p3 as pong
  p2->>p3: ping
  p3->>p2: pong
  p2->>p3: ping
  p3->>p2: pong
  p2->>p3: ping
  p3->>p2: pong
`;

const always = { messages: 'always' } as const;

function brief(messages: readonly MessageView[]): string[] {
  return messages.map(({ tag, fate }) => `${tag} ${fate}`);
}

describe('recorded messages', () => {
  test('OBS-30 have who sent them to whom, and what caused them', async () => {
    const system = testSystem();
    await using observer = observe(system, always);
    await pair(system);
    const { messages, missed } = await observer.sequence({ tags: ['ping', 'pong'] });
    expect(brief(messages)).toEqual([
      'ping taken',
      'pong taken',
      'ping taken',
      'pong taken',
      'ping taken',
      'pong taken',
    ]);
    const place = new Map(messages.map(({ id }, i) => [id, i]));
    expect(messages.map(({ cause }) => cause && place.get(cause))).toEqual([
      undefined,
      0,
      1,
      2,
      3,
      4,
    ]);
    expect(
      messages.every(({ takenAt, sentAt }) => takenAt !== undefined && takenAt >= sentAt),
    ).toBe(true);
    expect(missed).toBe(0);
  });

  test('OBS-31 toMermaid draws them', async () => {
    const system = testSystem();
    await using observer = observe(system, always);
    await pair(system);
    expect(toMermaid(await observer.sequence({ tags: ['ping', 'pong'] }))).toBe(SEQUENCE);
  });

  test('OBS-32 one that is taken before others is joined with its own sending', async () => {
    const system = testSystem();
    await using observer = observe(system, always);
    const pid = await sorter(system);
    system.send(pid, { tag: 'b' });
    await system.settle();
    expect(brief((await observer.sequence()).messages)).toEqual([
      'a waiting',
      'a waiting',
      'c waiting',
      'a waiting',
      'b taken',
    ]);
  });

  test('OBS-33 a guard takes the second of two alike: that one is taken', async () => {
    const system = testSystem();
    await using observer = observe(system, always);
    const pid = system.spawn(function* (self: Self<Letter>): Actor {
      yield* self.receive('x').where(({ n }) => n === 2);
      yield* self.receive('$never' as never);
    });
    await system.settle();
    system.send(pid, { tag: 'x', n: 1 });
    system.send(pid, { tag: 'x', n: 2 });
    await system.settle();
    expect(brief((await observer.sequence()).messages)).toEqual(['x waiting', 'x taken']);
  });

  test('OBS-34 the same object, sent four times, has four records', async () => {
    const system = testSystem();
    await using observer = observe(system, always);
    const take = (n: number) =>
      function* taking(self: Self<Letter>): Actor {
        for (let i = 0; i < n; i++) yield* self.receive('x');
        yield* self.receive('$never' as never);
      };
    const [one, two, none] = [system.spawn(take(1)), system.spawn(take(2)), system.spawn(take(0))];
    await system.settle();
    const same = { tag: 'x' };
    for (const pid of [two, none, one, two]) system.send(pid as Pid<Letter>, same);
    await system.settle();
    const { messages } = await observer.sequence();
    expect(messages.map(({ to, fate }) => [to, fate])).toEqual([
      [two, 'taken'],
      [none, 'waiting'],
      [one, 'taken'],
      [two, 'taken'],
    ]);
  });

  test('OBS-35 an answer that comes too late is a late reply, and ends in a cross', async () => {
    const system = testSystem();
    await using observer = observe(system, always);
    const slow = system.spawn(function* slow(self: Self<Asked>): Actor {
      const { replyTo } = yield* self.receive('ask');
      yield* self.sleep(20);
      self.send(replyTo, 'late');
      yield* self.receive('$never' as never);
    });
    system.spawn(function* a(self: Self): Actor {
      try {
        yield* self.call(slow, { tag: 'ask' }).within(10);
      } catch {
        yield* self.receive('$never' as never);
      }
    });
    await system.advance(30);
    const sequence = await observer.sequence();
    expect(sequence.messages.map(({ kind, tag, fate }) => [kind, tag, fate])).toEqual([
      ['call', 'ask', 'taken'],
      ['reply', 'ask', 'late_reply'],
    ]);
    expect(toMermaid(sequence)).toContain('-x');
    expect(system.deadLetters()).toHaveLength(1);
  });

  test('OBS-36 what reaches nobody is a dead letter; of drop_oldest, the oldest is', async () => {
    const system = testSystem();
    await using observer = observe(system, always);
    const dead = system.spawn(function* () {});
    await system.settle();
    system.send(dead as Pid<Message>, plain('to the dead'));
    system.send(name<Message>('nobody'), plain('to nobody'));
    const full = (overflow: 'drop_oldest' | 'drop_newest') =>
      system.spawn({
        body: idler,
        options: { mailbox: { limit: 1, overflow } },
      } as never) as Pid<Message>;
    const [oldest, newest] = [full('drop_oldest'), full('drop_newest')];
    await system.settle();
    for (const to of [oldest, newest])
      for (const tag of ['one', 'two']) system.send(to, plain(tag));
    const { messages } = await observer.sequence();
    expect(brief(messages)).toEqual([
      'to the dead dead_letter',
      'to nobody dead_letter',
      'one dead_letter',
      'two waiting',
      'one waiting',
      'two dead_letter',
    ]);
    expect(messages[1]?.to).toBe('"nobody"');
    system.deadLetters();
  });

  test('OBS-37 a DOWN that demonitor flushes is flushed', async () => {
    const { signals, watched } = await signalled({ flush: true });
    expect(signals.find(({ tag }) => tag === 'DOWN')).toMatchObject({
      from: watched,
      fate: 'flushed',
    });
  });

  test('OBS-38 an EXIT and a DOWN come from who ended', async () => {
    const { signals, watched, friend } = await signalled({ flush: false });
    expect(signals.map(({ tag, from, fate }) => [tag, from, fate]).sort()).toEqual([
      ['DOWN', watched, 'taken'],
      ['EXIT', friend, 'taken'],
    ]);
  });

  /** The ends of one that is monitored and of one that is linked, as they were recorded. */
  async function signalled({ flush }: { readonly flush: boolean }) {
    const system = testSystem();
    await using observer = observe(system, always);
    const [friend, watched] = [system.spawn(idler), system.spawn(idler)];
    const watcher = system.spawn(function* (self: Self<Down | Exit | Letter>): Actor {
      self.trapExit(true);
      self.link(friend);
      const ref = self.monitor(watched);
      yield* self.receive('go' as never);
      if (flush) self.demonitor(ref, { flush });
      else yield* self.receive('DOWN');
      yield* self.receive('EXIT');
      yield* self.receive('$never' as never);
    });
    await system.settle();
    system.exitSignal(watched, 'kill');
    system.exitSignal(friend, 'kill');
    await system.settle();
    system.send(watcher as unknown as Pid<Letter>, { tag: 'go' });
    await system.settle();
    const { messages } = await observer.sequence();
    return { friend, watched, signals: messages.filter(({ kind }) => kind === 'signal') };
  }

  test('OBS-39 what is sent after a time-out has no cause, and the time-out is among the events', async () => {
    const system = testSystem();
    await using observer = observe(system, always);
    const to = system.spawn(idler) as Pid<Message>;
    const pid = system.spawn(function* (self: Self<Letter>): Actor {
      yield* self.receive('x');
      yield* self.receive('x').after(10);
      self.send(to, plain('after'));
      yield* self.receive('$never' as never);
    });
    system.send(pid, { tag: 'x' });
    await system.advance(10);
    const { messages, events } = await observer.sequence();
    expect(messages.find(({ tag }) => tag === 'after')?.cause).toBeUndefined();
    expect(events.filter(({ kind }) => kind === 'timeout')).toMatchObject([{ pid }]);
  });

  test('OBS-40 causesOf and causedBy follow a chain over three actors', async () => {
    const system = testSystem();
    await using observer = observe(system, always);
    const pass = function* pass(self: Self<Letter>, to: () => Pid<Letter>): Actor {
      for (;;) {
        const { n = 0 } = yield* self.receive('pass');
        if (n > 0) self.send(to(), { tag: 'pass', n: n - 1 });
      }
    };
    const ring: Pid<Letter>[] = [];
    for (let i = 0; i < 3; i++)
      ring.push(system.spawn(pass, () => ring[(i + 1) % 3] as Pid<Letter>));
    const other = system.spawn(sorting);
    await system.settle();
    system.send(ring[0] as Pid<Letter>, { tag: 'pass', n: 4 });
    system.send(other, { tag: 'b' });
    await system.settle();
    const { messages } = await observer.sequence({ tags: ['pass'] });
    expect(messages).toHaveLength(5);
    const causes = await observer.sequence({ causesOf: messages[4]?.id as number });
    expect(causes.messages.map(({ id }) => id)).toEqual(messages.map(({ id }) => id));
    const caused = await observer.sequence({ causedBy: messages[0]?.id as number });
    expect(caused.messages.map(({ id }) => id)).toEqual(messages.map(({ id }) => id));
  });

  test('OBS-41 handling goes on during a call', async () => {
    const [work, , , call, reply] = await served();
    expect(work?.doneAt).toBeGreaterThan(reply?.sentAt as number);
    expect(call?.cause).toBe(work?.id);
    expect(Math.round((work?.doneAt as number) - (work?.takenAt as number))).toBe(10);
  });

  test('OBS-46 a tag may be empty', async () => {
    const system = testSystem();
    await using observer = observe(system, always);
    const taking = system.spawn(function* taking(self: Self<Message>): Actor {
      for (;;) yield* self.receive();
    });
    const sending = system.spawn(function* sending(self: Self<Message>): Actor {
      yield* self.receive();
      self.send(taking, { tag: '' });
    });
    for (const to of [taking, sending]) system.send(to, { tag: 'go' });
    await system.settle();
    const { messages } = await observer.sequence();
    expect(messages.map(({ tag }) => tag)).toEqual(['go', 'go', '']);
  });

  test('OBS-46 calls, casts, replies and info have their kinds, and a call the name of its handler', async () => {
    expect((await served()).map(({ kind, tag }) => [kind, tag])).toEqual([
      ['cast', 'work'],
      ['cast', 'note'],
      ['message', 'info'],
      ['call', 'sum'],
      ['reply', 'sum'],
    ]);
  });

  /** What two servers sent each other, one of which asks the other between two sleeps of 5 ms. */
  async function served(): Promise<readonly MessageView[]> {
    const system = testSystem();
    await using observer = observe(system, always);
    const asked = server(() => ({
      call: {
        *sum(a: number, b: number): Actor<number> {
          return a + b;
        },
      },
      cast: { note: (_text: string) => {} },
    }));
    const answering = await system.result(system.start(asked));
    const asking = server((self) => ({
      cast: {
        *work(): Actor {
          yield* self.sleep(5);
          yield* self.call(answering, 'sum', 1, 2);
          yield* self.sleep(5);
        },
      },
    }));
    const pid = await system.result(system.start(asking));
    system.cast(pid, 'work');
    system.cast(answering, 'note', 'x');
    system.send(answering as never, plain('info') as never);
    await system.advance(20);
    const { messages } = await observer.sequence();
    system.deadLetters();
    return messages;
  }

  test('OBS-42 the ring keeps the last ones, says how many are missed, and joins those that come later', async () => {
    const system = testSystem();
    await using observer = observe(system, { ...always, keep: { messages: 64 } });
    const pid = await sorter(system);
    for (let i = 0; i < 100; i++) system.send(pid, { tag: 'a' });
    system.send(pid, { tag: 'b' });
    await system.settle();
    const { messages, missed } = await observer.sequence({ last: 1000 });
    expect(messages).toHaveLength(64);
    expect(missed).toBe(105 - 64);
    expect(brief(messages.slice(-2))).toEqual(['a waiting', 'b taken']);
  });

  test('OBS-43 what waits for one who ends is not held any more', async () => {
    const system = testSystem();
    await using observer = observe(system, always);
    const pid = await sorter(system);
    system.exitSignal(pid as Pid, 'kill');
    await system.settle();
    expect(brief((await observer.sequence()).messages)).toEqual(
      ['a', 'a', 'c', 'a'].map((tag) => `${tag} unknown`),
    );
  });

  test('OBS-44 what waits when recording begins is not in it, and what comes later is joined', async () => {
    const system = testSystem();
    const pid = system.spawn(sorting);
    await system.settle();
    for (let i = 0; i < 500; i++) system.send(pid, { tag: 'b' });
    await using observer = observe(system, always);
    await system.settle();
    system.send(pid, { tag: 'b' });
    await system.settle();
    expect(brief((await observer.sequence()).messages)).toEqual(['b taken']);
    const answers = await hubOf(observer).stations.askAll({ kind: 'messages' });
    expect(answers.map(([, , { unpaired }]) => unpaired)).toEqual([500]);
  });

  test('what an actor took last is among its details, however much others have sent since, but not what waits', async () => {
    const system = testSystem();
    await using observer = observe(system, always);
    const quiet = await sorter(system);
    system.send(quiet, { tag: 'b' });
    const busy = system.spawn(sorting);
    for (let i = 0; i < 2000; i++) system.send(busy, { tag: 'b' });
    await system.settle();
    const takenBy = async (pid: Pid) => brief((await observer.actor(pid))?.handled ?? []);
    expect(await takenBy(quiet as Pid)).toEqual(['b taken']);
    expect(await takenBy(busy as Pid)).toEqual(Array(20).fill('b taken'));
    expect(await takenBy(system.root)).toEqual([]);
  });

  test('only what is asked for is read: the last ones, those since a time', async () => {
    const system = testSystem();
    await using observer = observe(system, always);
    const pid = system.spawn(sorting);
    for (let i = 0; i < 100; i++) {
      system.send(pid, { tag: 'b' });
      await system.advance(10);
    }
    const { messages } = await observer.sequence({ last: 1000 });
    const read = async (wanted: WantedMessages) => {
      const [answer] = await hubOf(observer).stations.askAll({ kind: 'messages', ...wanted });
      return answer?.[2].rows.map(([n]) => n);
    };
    const numbers = messages.map(({ id }) => id);
    expect(await read({})).toEqual(numbers);
    expect(await read({ last: 7 })).toEqual(numbers.slice(-7));
    expect(await read({ after: messages[60]?.sentAt as number })).toEqual(numbers.slice(60));
    expect(await read({ takenBy: 'somebody.4@1' })).toEqual([]);
  });

  test('OBS-45 a timer’s message is of kind timer', async () => {
    const system = testSystem();
    await using observer = observe(system, always);
    const pid = system.spawn(sorting);
    system.sendAfter(10, pid, { tag: 'b' });
    const interval = system.sendInterval(10, pid, { tag: 'b' });
    await system.advance(20);
    system.cancelTimer(interval);
    const { messages } = await observer.sequence();
    expect(messages.map(({ kind }) => kind)).toEqual(['timer', 'timer', 'timer']);
    expect(messages.every(({ from }) => from === system.root)).toBe(true);
  });

  test('OBS-51 when the last watcher leaves, the listener is out', async () => {
    const system = testSystem();
    const observer = observe(system);
    const events = observer.events({ kinds: ['message'] })[Symbol.asyncIterator]();
    const state = system as unknown as { tap: unknown };
    expect(state.tap).toBeUndefined();
    await pair(system);
    const first = await events.next();
    expect(first.value).toMatchObject({ kind: 'message', message: { fate: 'taken' } });
    await events.return?.();
    await sorter(system);
    // Whoever asks now begins anew: nothing of the last recording is there.
    expect((await observer.sequence()).messages).toEqual([]);
    await observer.close();
  });

  test('OBS-51 the ring is free for the collector when the last watcher has left', async () => {
    const system = testSystem();
    await using observer = observe(system, { keep: { messages: 2 ** 20 } });
    await observer.snapshot();
    const before = process.memoryUsage().arrayBuffers;
    const events = observer.events({ kinds: ['message'] })[Symbol.asyncIterator]();
    const ring = 2 ** 20 * 32;
    expect(process.memoryUsage().arrayBuffers - before).toBeGreaterThan(0.9 * ring);
    await events.return?.();
    await heapInUse();
    expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(0.1 * ring);
  });

  test.each(['clone', 'freeze'] as const)(
    'OBS-17 with messages: %s, what is received is joined with what was sent',
    async (messages) => {
      const system = testSystem({ messages });
      await using observer = observe(system, always);
      await pair(system);
      expect(toMermaid(await observer.sequence({ tags: ['ping', 'pong'] }))).toBe(SEQUENCE);
      const pid = await sorter(system);
      system.send(pid, { tag: 'b' });
      await system.settle();
      expect(brief((await observer.sequence({ last: 2 })).messages)).toEqual([
        'a waiting',
        'b taken',
      ]);
    },
  );

  test('messages are not recorded where they never are to be', async () => {
    const system = testSystem();
    await using observer = observe(system, { messages: 'never' });
    await observer.sequence();
    await pair(system);
    expect((await observer.sequence()).messages).toEqual([]);
    expect((await observer.snapshot()).systems[0]?.recorded).toBe(0);
  });
});

interface Asked extends Message {
  readonly tag: 'ask';
  readonly replyTo: ReplyTo<string>;
}

describe('payloads', () => {
  const secret = {
    tag: 'x',
    password: 'hunter2',
    in: { Authorization: 'Basic abc', list: [{ token: 't0k' }] },
    fine: 1,
  };

  test('SEC-16 nothing of a message is kept unless it is asked for', async () => {
    const system = testSystem();
    await using observer = observe(system, always);
    const pid = system.spawn(sorting) as Pid<Message>;
    system.send(pid, secret as Message);
    system.send(name<Message>('nobody'), secret as Message);
    await system.settle();
    const all = JSON.stringify([
      await observer.sequence(),
      await observer.snapshot(),
      await observer.waiting(),
      observer.deadLetters(),
      await observer.actor(pid as Pid),
    ]);
    for (const value of ['hunter2', 'Basic abc', 't0k', 'fine']) expect(all).not.toContain(value);
    system.deadLetters();
  });

  test('SEC-17 what is named like a secret is left out, at any depth, in maps and instances', async () => {
    const system = testSystem();
    class Session {
      readonly cookie = 'c00kie';
      readonly user = 'ann';
    }
    await using observer = observe(system, { ...always, payloads: {} });
    const pid = system.spawn(sorting) as Pid<Message>;
    const map = new Map([['secret', 's3cret']]);
    system.send(pid, { ...secret, map, session: new Session() } as Message);
    const [message] = (await observer.sequence()).messages;
    expect(message?.payload).toMatchObject({
      fine: 1,
      session: { user: 'ann' },
      in: { list: [{}] },
    });
    const text = JSON.stringify(message);
    for (const value of ['hunter2', 'Basic abc', 't0k', 's3cret', 'c00kie'])
      expect(text).not.toContain(value);
  });

  test('SEC-17 a redact that throws leaves the field out', async () => {
    const system = testSystem();
    await using observer = observe(system, {
      ...always,
      payloads: {
        redact: (field, value) => {
          if (field === 'n') throw new Error('No');
          return value;
        },
      },
    });
    const pid = system.spawn(sorting);
    system.send(pid, { tag: 'x', n: 7 });
    expect((await observer.sequence()).messages[0]?.payload).toEqual({ tag: 'x', n: '(left out)' });
  });

  test('SEC-18 nothing of who made a message is called', async () => {
    const system = testSystem();
    await using observer = observe(system, { ...always, payloads: { depth: 6 } });
    const called = vi.fn();
    const pid = system.spawn(sorting) as Pid<Message>;
    const traps = { get: called, ownKeys: called, getOwnPropertyDescriptor: called, has: called };
    system.send(pid, {
      tag: 'x',
      get getter() {
        return called();
      },
      proxy: new Proxy({}, traps),
      toJSON: called,
      // biome-ignore lint/suspicious/noThenProperty: that it is not called is what is tested
      then: called,
    } as Message);
    await system.settle();
    const { messages } = await observer.sequence();
    expect(messages[0]?.payload).toMatchObject({ getter: '(getter)', proxy: '(proxy)' });
    expect(called).not.toHaveBeenCalled();
  });

  test('SEC-19 a copy is bounded, however large, deep or circular its original', async () => {
    const system = testSystem();
    await using observer = observe(system, { ...always, payloads: {} });
    const pid = system.spawn(sorting) as Pid<Message>;
    let deep: object = {};
    for (let i = 0; i < 10_000; i++) deep = { deep };
    const circle: { self?: unknown } = {};
    circle.self = circle;
    const wide = Object.fromEntries(Array.from({ length: 100_000 }, (_, i) => [`k${i}`, i]));
    for (const value of [
      'x'.repeat(10_000_000),
      deep,
      circle,
      wide,
      new Array(1_000_000).fill('y'.repeat(100)),
    ])
      system.send(pid, { tag: 'x', value } as Message);
    const { messages } = await observer.sequence();
    expect(messages).toHaveLength(5);
    for (const { payload } of messages) expect(JSON.stringify(payload).length).toBeLessThan(3000);
    expect(messages[2]?.payload).toEqual({ tag: 'x', value: { self: '(circle)' } });
  });
});

describe('traced', () => {
  const withoutTimes = ({ messages, events }: Sequence) => [
    messages.map(({ sentAt: _, takenAt: __, doneAt: ___, ...rest }) => ({
      ...rest,
      from: String(rest.from),
      to: String(rest.to),
    })),
    events.map(({ at: _, ...rest }) => JSON.stringify(rest)),
  ];

  test('OBS-52 returns what the function returned, and what it caused', async () => {
    const system = testSystem();
    const { result, diagram } = await traced(system, () => pair(system));
    expect(String(result)).toBe('<test.1>');
    expect(
      toMermaid({ ...diagram, messages: diagram.messages.filter(({ tag }) => tag !== 'start') }),
    ).toBe(SEQUENCE);
    expect(diagram.events.map((event) => event.kind)).toEqual(['spawn', 'spawn', 'spawn']);
    expect(diagram.missed).toBe(0);
  });

  test('OBS-52 the diagram also comes when the function throws', async () => {
    const system = testSystem();
    const drawing = traced(system, async () => {
      await pair(system);
      throw new Error('Not today');
    });
    await expect(drawing.result).rejects.toThrow('Not today');
    expect((await drawing.diagram).messages).toHaveLength(6);
    await expect(drawing).rejects.toThrow('Not today');
  });

  test('OBS-53 what else goes on is not in it; with actors, only what is theirs', async () => {
    const system = testSystem();
    const busy = system.spawn(function* busy(self: Self<Letter>): Actor {
      for (;;) {
        yield* self.sleep(1);
        self.send(self.pid, { tag: 'busy' });
        yield* self.receive('busy');
      }
    });
    await system.settle();
    const drawing = await traced(system, async () => {
      await pair(system);
      await system.advance(10);
    });
    expect(new Set(drawing.diagram.messages.map(({ tag }) => tag))).toEqual(
      new Set(['ping', 'pong']),
    );
    system.exitSignal(busy as Pid, 'kill');
    const other = system.spawn(sorting);
    await system.settle();
    const its = await traced(
      system,
      async () => {
        system.send(other, { tag: 'b' });
        system.start(pairSpec()).catch(() => {});
        await system.settle();
      },
      { actors: [other as Pid] },
    );
    expect(brief(its.diagram.messages)).toEqual(['b taken']);
    system.crashes();
  });

  test('OBS-52 beside an observer that records the same system, each has all of its own', async () => {
    const system = testSystem();
    await using observer = observe(system, always);
    const sorted = system.spawn(sorting);
    for (const tag of ['a', 'c'] as const) system.send(sorted, { tag });
    await system.settle();
    const { diagram } = await traced(system, async () => {
      await pair(system);
      system.send(sorted, { tag: 'b' });
      await system.settle();
    });
    const drawn = diagram.messages.filter(({ tag }) => tag === 'ping' || tag === 'pong');
    expect(toMermaid({ ...diagram, messages: drawn })).toBe(
      SEQUENCE.replaceAll('p3', 'p4').replaceAll('p2', 'p3'),
    );
    expect(brief(diagram.messages).at(-1)).toBe('b taken');
    system.send(sorted, { tag: 'a' });
    await system.settle();
    const { messages } = await observer.sequence();
    const theirs = messages.filter(({ to }) => to === sorted);
    expect(brief(theirs)).toEqual(['a waiting', 'c waiting', 'b taken', 'a waiting']);
    const exchanged = messages.filter(({ tag }) => tag === 'ping' || tag === 'pong');
    expect(exchanged.map(({ fate }) => fate)).toEqual(Array(6).fill('taken'));
    expect(exchanged.map(({ cause }) => cause === undefined)).toEqual([
      true,
      ...Array(5).fill(false),
    ]);
    const answers = await hubOf(observer).stations.askAll({ kind: 'messages' });
    expect(answers.map(([, , { unpaired }]) => unpaired)).toEqual([0]);
    await observer.close();
    expect(system.actors().map(({ pid }) => markOf(pid))).toEqual(Array(4).fill(undefined));
  });

  test('OBS-54 two equal runs have equal diagrams, but for their times', async () => {
    const run = async () => {
      const system = testSystem();
      const { diagram } = await traced(system, () => pair(system));
      return JSON.stringify(withoutTimes(diagram)).replaceAll(/@\d+/g, '');
    };
    expect(await run()).toBe(await run());
  });

  test('a limit ends the recording, and says what is missing', async () => {
    const system = testSystem();
    const { diagram } = await traced(system, () => pair(system), { limit: 2 });
    expect(diagram.messages).toHaveLength(2);
    expect(diagram.missed).toBe(4);
  });
});

describe('a single actor that is looked at', () => {
  /** Two that take a message each, and need 5 ms for it; what is recorded of them. */
  async function working(look: (observer: Observer, first: Pid, second: Pid) => Promise<unknown>) {
    const system = testSystem();
    let now = system.now();
    vi.spyOn(system, 'now').mockImplementation(() => now);
    const slow = function* slow(self: Self<Letter>): Actor {
      for (;;) {
        yield* self.receive('work');
        now += 5;
      }
    };
    await using observer = observe(system, always);
    const [first, second] = [system.spawn(slow), system.spawn(slow)];
    await system.settle();
    await look(observer, first as unknown as Pid, second as unknown as Pid);
    for (let i = 0; i < 2; i++) for (const to of [first, second]) system.send(to, { tag: 'work' });
    await system.settle();
    const took = async (to: Pid<Letter>) =>
      (await observer.sequence()).messages
        .filter((message) => message.to === to)
        .map(({ takenAt, doneAt }) => Math.round((doneAt as number) - (takenAt as number)));
    const all = { first: await took(first), second: await took(second) };
    const until = now;
    system.send(second, { tag: 'work' });
    await system.settle();
    const { messages } = await observer.sequence();
    return { ...all, late: (messages.at(-1)?.takenAt as number) - messages[0]!.sentAt, until };
  }

  test('has exact times: the clock is read at each of its turns', async () => {
    const { first, second, late, until } = await working((observer, pid) => observer.actor(pid));
    expect([first, second]).toEqual([
      [5, 5],
      [0, 0],
    ]);
    // What comes after an exact time is not before it, whosever it is.
    expect(late).toBe(until);
  });

  test('is the one of whom messages are asked for', async () => {
    const { first, second } = await working((observer, _, pid) =>
      observer.sequence({ actors: [pid] }),
    );
    expect([first, second]).toEqual([
      [0, 0],
      [5, 5],
    ]);
  });

  test('is nobody, if two are looked at by turns', async () => {
    const { first, second } = await working(async (observer, one, other) => {
      for (const pid of [one, other, one, other]) await observer.actor(pid);
    });
    expect([...first, ...second]).toEqual([0, 0, 0, 0]);
  });
});
