import { type Happening, observe } from '@beamish/observer';
import { type Actor, type Message, name, type Pid, type ReplyTo, type Self } from 'beamish';
import { report } from 'beamish/observation';
import { testSystem } from 'beamish/testing';
import { describe, expect, test } from 'vitest';
import { idler, plain } from '../support/recorder.ts';
import { fragiles, type Letter, pair } from './programs.ts';

describe('crashes', () => {
  test('OBS-75 a crash has its reason, what was handled, the restart, and the chain that led there', async () => {
    const system = testSystem();
    await using observer = observe(system, { messages: 'always' });
    await fragiles(system);
    system.send(name<Letter>('a'), { tag: 'go' });
    await system.settle();
    const [{ latest, count } = { latest: undefined, count: 0 }] = observer.crashes();
    expect(count).toBe(1);
    expect(latest).toMatchObject({ name: 'fragile', body: 'fragile', handling: { tag: 'work' } });
    expect(latest?.reason).toMatchObject({ name: 'Error', message: 'Broke at 3' });
    expect(latest?.reason).toHaveProperty('stack', expect.stringContaining('programs.ts'));
    expect(latest?.restart).toMatchObject({ decision: 'restarted', count: 1, intensity: 2 });
    expect(latest?.chain.map(({ tag }) => tag)).toEqual(['work', 'go']);
    system.crashes();
  });

  test('OBS-76 a hundred that differ by their numbers are one group, the latest first', async () => {
    const system = testSystem();
    await using observer = observe(system);
    await fragiles(system, 1000);
    for (let i = 0; i < 100; i++) {
      system.send(name<Letter>('fragile'), { tag: 'work', n: 3 + i });
      await system.settle();
    }
    const crashes = observer.crashes();
    expect(crashes.map(({ count, fingerprint }) => [count, fingerprint])).toEqual([
      [100, 'fragile: Error: Broke at #'],
    ]);
    expect(String(crashes[0]?.latest.reason)).toBe('Error: Broke at 102');
    system.crashes();
  });

  test('OBS-77 the crash that was one too many says so, and that the supervisor ended', async () => {
    const system = testSystem();
    await using observer = observe(system);
    await fragiles(system);
    for (let i = 0; i < 3; i++) {
      system.send(name<Letter>('fragile'), { tag: 'work', n: 3 });
      await system.settle();
    }
    expect(observer.crashes()[0]?.latest.restart).toMatchObject({ decision: 'gave_up', count: 3 });
    expect((await observer.actors()).length).toBe(0);
    system.crashes();
  });

  test('OBS-78 without a recording, there is no chain', async () => {
    const system = testSystem();
    await using observer = observe(system);
    await fragiles(system);
    system.send(name<Letter>('fragile'), { tag: 'work', n: 3 });
    await system.settle();
    expect(observer.crashes()[0]?.latest.chain).toEqual([]);
    expect((await observer.snapshot()).systems[0]).toMatchObject({
      crashes: 1,
      restarts: 1,
      recorded: 0,
    });
    system.crashes();
  });
});

interface Asked extends Message {
  readonly tag: 'ask';
  readonly replyTo: ReplyTo<string>;
}

test('OBS-79 dead letters have their sender, address, tag and cause, alike ones together', async () => {
  const system = testSystem();
  await using observer = observe(system);
  const dead = system.spawn(function* () {});
  const late = system.spawn(function* late(self: Self<Asked>): Actor {
    const { replyTo } = yield* self.receive('ask');
    yield* self.sleep(10);
    self.send(replyTo, 'x');
  });
  system.spawn(function* asker(self: Self): Actor {
    try {
      yield* self.call(late, { tag: 'ask' }).within(5);
    } catch {}
  });
  const sender = system.spawn(function* sender(self: Self<Letter>): Actor {
    yield* self.receive('go');
    for (let i = 0; i < 3; i++) self.send(name<Message>('nobody'), plain('letter'));
    yield* self.receive('$never' as never);
  });
  system.register('ann', sender as Pid);
  await system.settle();
  await observer.actors();
  system.send(dead as Pid<Message>, plain('x'));
  system.send(sender, { tag: 'go' });
  const full = system.spawn({
    body: idler,
    options: { mailbox: { limit: 1, overflow: 'drop_newest' } },
  } as never);
  await system.settle();
  for (const tag of ['kept', 'dropped']) system.send(full as unknown as Pid<Message>, plain(tag));
  await system.advance(20);
  const letters = observer.deadLetters();
  expect(
    letters.map(({ latest, count }) => [latest.tag, latest.why, latest.to, count]).sort(),
  ).toEqual([
    ['dropped', 'overflow', '<test.5>', 1],
    ['letter', 'noname', '"nobody"', 3],
    ['reply', 'late_reply', expect.stringContaining('alias'), 1],
    ['x', 'noproc', '<test.1>', 1],
  ]);
  expect(letters.find(({ latest }) => latest.tag === 'letter')?.latest.from).toMatchObject({
    name: 'ann',
    pid: sender,
  });
  expect((await observer.snapshot()).systems[0]).toMatchObject({ deadLetters: 6, dropped: 1 });
  system.deadLetters();
});

describe('events()', () => {
  test('OBS-80 tells of spawns and ends in their order, and ends with the system', async () => {
    const system = testSystem();
    await using observer = observe(system);
    const told: string[] = [];
    const reading = (async () => {
      for await (const event of observer.events({ kinds: ['spawn', 'exit'] }))
        told.push(event.kind === 'gap' ? 'gap' : `${event.kind} ${String(event.pid)}`);
    })();
    await pair(system);
    await system.result(system.shutdown());
    await reading;
    expect(told).toEqual([
      'spawn <test.1>',
      'spawn <test.2>',
      'spawn <test.3>',
      'exit <test.3>',
      'exit <test.2>',
      'exit <test.1>',
    ]);
  });

  test('OBS-81 of what is not read in time, the exact number stands in its place', async () => {
    const system = testSystem();
    await using observer = observe(system);
    const events = observer.events({ kinds: ['dead_letter'] })[Symbol.asyncIterator]();
    for (let i = 0; i < 10_000; i++) system.send(name<Message>('nobody'), plain(`x${i % 7}`));
    const read: Happening[] = [];
    for (let i = 0; i < 1001; i++) read.push((await events.next()).value as Happening);
    expect(read.filter(({ kind }) => kind === 'dead_letter')).toHaveLength(1000);
    expect(read.at(-1)).toMatchObject({ kind: 'gap', missed: 9000 });
    system.send(name<Message>('nobody'), plain('again'));
    expect((await events.next()).value).toMatchObject({
      kind: 'dead_letter',
      letter: { tag: 'again' },
    });
    system.deadLetters();
  });

  test('OBS-82 tells of links, monitors, exit signals, time-outs and names to who asks', async () => {
    const system = testSystem();
    await using observer = observe(system);
    const kinds = [
      'link',
      'unlink',
      'monitor',
      'demonitor',
      'exit_signal',
      'timeout',
      'name',
    ] as const;
    const events = observer.events({ kinds })[Symbol.asyncIterator]();
    const friend = system.spawn(idler);
    const pid = system.spawn(function* (self: Self<Letter>): Actor {
      self.link(friend);
      self.unlink(friend);
      self.demonitor(self.monitor(friend));
      yield* self.receive('x').after(10);
      self.register('me', self.pid as Pid);
      self.exitSignal(friend, 'kill');
    });
    await system.advance(10);
    const told: string[] = [];
    for (let i = 0; i < 8; i++) told.push(((await events.next()).value as Happening).kind);
    expect(told).toEqual([
      'link',
      'unlink',
      'monitor',
      'demonitor',
      'timeout',
      'name',
      'exit_signal',
      'name',
    ]);
    void pid;
  });

  test('OBS-83 break, return and the signal end it', async () => {
    const system = testSystem();
    await using observer = observe(system);
    const ending = new AbortController();
    let count = 0;
    const reading = (async () => {
      for await (const event of observer.events({ kinds: ['spawn'], signal: ending.signal })) {
        void event;
        count++;
      }
    })();
    const breaking = (async () => {
      for await (const event of observer.events({ kinds: ['spawn'] })) {
        void event;
        break;
      }
    })();
    system.spawn(function* () {});
    await breaking;
    ending.abort();
    await reading;
    system.spawn(function* () {});
    expect(count).toBe(1);
    const over = observer.events({ signal: AbortSignal.abort() })[Symbol.asyncIterator]();
    expect(await over.next()).toEqual({ done: true, value: undefined });
    await system.settle();
  });

  test('OBS-146 a report of a package is one of them', async () => {
    const system = testSystem();
    await using observer = observe(system);
    const events = observer.events({ kinds: ['report'] })[Symbol.asyncIterator]();
    const unprintable = {
      get value(): never {
        throw new Error('No');
      },
    };
    report(system, {
      kind: 'broker' as never,
      facts: { n: 1, unprintable },
      text: 'something of the broker',
    });
    const { value } = await events.next();
    expect(value).toMatchObject({
      kind: 'report',
      report: { kind: 'broker', text: 'something of the broker', facts: { n: 1 } },
    });
  });
});
