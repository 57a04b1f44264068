/** What Erlang's cruncher and Erlang itself promise, row by row: group B of the requirements. */

import type { Deliveries } from '@beamish/exchange';
import {
  type Actor,
  ActorSystem,
  type Context,
  child,
  configure,
  type Pid,
  type Self,
  type Signal,
  server,
  supervisor,
} from 'beamish';
import { testSystem } from 'beamish/testing';
import { describe, expect, onTestFinished, test } from 'vitest';
import { findAddresses } from '../../../examples/cruncher/src/addresses.ts';
import { RecordWriter } from '../../../examples/cruncher/src/records.ts';
import { prompt } from '../../../examples/cruncher/src/services/asking.ts';
import type { Result } from '../../../examples/cruncher/src/services/topology.ts';
import { CRUNCHERS } from '../../../examples/cruncher/src/services/tree.ts';
import { Tally } from '../../../examples/cruncher/src/tally.ts';
import { type Stage, stage } from '../services/stage.ts';

/** What is printed at a prompt of the services where these lines are typed. */
async function typed(its: Stage, ...lines: readonly string[]) {
  let printed = '';
  let isClosed = false;
  const left = [...lines];
  const typist = {
    async ask() {
      printed += '> ';
      return left.shift();
    },
    close() {
      isClosed = true;
    },
  };
  const options = {
    topology: its.options.topology,
    crunchers: Object.keys(CRUNCHERS),
    patienceMs: 'infinity',
    print: (text: string) => {
      printed += text;
    },
  } as const;
  const failures = await its.system.run(
    prompt as (self: Self<Deliveries<Result>>, ...args: Parameters<Shift>) => Actor<number>,
    typist,
    its.folder,
    options,
  );
  return { printed: printed.split('\n'), failures, isClosed };
}
type Shift = (...args: Rest<Parameters<typeof prompt>>) => void;
type Rest<T> = T extends readonly [unknown, ...infer R] ? R : never;

describe('the prompt', () => {
  test('B1 asks, says what it parses, what was found and what there is in all, until "quit"', async () => {
    const its = await stage();
    its.file('one file.txt', 'ann@x.org ben@x.org cem@x.org');
    its.file('b.txt', 'ann@x.org');
    const { printed, failures, isClosed } = await typed(its, 'one file.txt', '', 'b.txt', 'quit');
    expect(printed.map((line) => line.replace(/^(fast|thorough): /, ''))).toEqual([
      '> Parsing one file.txt',
      'Received 3 more emails, now 3 in total...',
      'Received 3 more emails, now 3 in total...',
      '> > Parsing b.txt',
      'Received 1 more email, now 4 in total...',
      'Received 1 more email, now 4 in total...',
      '> Quitting...',
      '',
    ]);
    expect([failures, isClosed]).toEqual([0, true]);
  });

  test('B1 the end of input is as "quit", and no crash', async () => {
    const its = await stage();
    const { printed } = await typed(its);
    expect(printed).toEqual(['> ', 'Quitting...', '']);
  });

  test('B2 says of each input that it cannot read why, and goes on', async () => {
    const its = await stage();
    its.file('empty.txt', '');
    its.file(
      'binary.bin',
      Uint8Array.from({ length: 5000 }, (_, i) => (i * 37) % 256),
    );
    const { printed, failures } = await typed(its, 'nope.txt', '.', 'empty.txt', 'binary.bin');
    expect(printed.filter((line) => line.startsWith('Error'))).toEqual([
      'Error reading nope.txt: no such file',
      'Error reading .: is a folder',
    ]);
    expect(printed.filter((line) => line.includes('Received 0'))).toHaveLength(4);
    expect(failures).toBe(2);
  });

  test('B6 "quit" overtakes no file: each is counted and printed before it ends', async () => {
    const its = await stage();
    const names = Array.from({ length: 20 }, (_, i) => `${i}.txt`);
    for (const each of names) its.file(each, 'ann@x.org '.repeat(2000));
    const { printed } = await typed(its, ...names, 'quit');
    expect(printed.filter((line) => line.includes('Received 2000 more'))).toHaveLength(40);
    expect(printed.at(-3)).toContain('now 40000 in total');
    expect(printed.at(-2)).toBe('> Quitting...');
    await its.system.shutdown();
    expect(its.system.actors()).toEqual([]);
  });
});

describe('counting', () => {
  test('B8 counts repetitions or leaves them out, and says which is which', () => {
    const writer = new RecordWriter();
    const example = 'ann@x.org ben@x.org ann@X.org cem@x.org ann@x.org';
    findAddresses(Buffer.from(example), 'nothing', writer);
    const tally = new Tally();
    tally.add(writer.take());
    expect([tally.total, tally.size]).toEqual([5, 3]);
  });
});

type Get = { readonly [T in 'a' | 'b' | 'c']: { readonly tag: T; readonly n: number } }[
  | 'a'
  | 'b'
  | 'c'];

describe('processes', () => {
  test('B3 each has a name, a mailbox with its length, and what it waits for', async () => {
    await using system = testSystem();
    function* waiting(self: Self<Get>): Actor {
      yield* self.receive('a');
    }
    for (const each of ['prompt', 'extractor', 'displayer'])
      system.spawn(configure(waiting, { name: each }));
    system.send(system.whereis('extractor') as Pid<Get>, { tag: 'b', n: 1 });
    await system.settle();
    const named = system.actors().filter(({ name }) => name !== undefined);
    expect(
      named.map(({ name, mailboxLength, waitingFor }) => [name, mailboxLength, waitingFor]),
    ).toEqual([
      ['prompt', 0, ['a']],
      ['extractor', 1, ['a']],
      ['displayer', 0, ['a']],
    ]);
  });

  test('B4 receive takes the first message of a tag, leaves the others in order, and gives up in time', async () => {
    await using system = testSystem();
    const took = system.result(
      system.run(function* (self: Self<Get>): Actor<unknown[]> {
        for (const [tag, n] of [
          ['a', 1],
          ['b', 2],
          ['c', 3],
          ['a', 4],
          ['b', 5],
        ] as const)
          self.send(self.pid, { tag, n });
        const all: unknown[] = [];
        all.push((yield* self.receive('b')).n, (yield* self.receive('c', 'b')).n);
        all.push(yield* self.receive('c').after(10));
        for (let i = 0; i < 3; i++) all.push((yield* self.receive('a', 'b', 'c')).n);
        return all;
      }),
    );
    expect(await took).toEqual([2, 3, undefined, 1, 4, 5]);
  });

  test('B4 what nobody takes is bounded if one wants, and what is beyond is told of', async () => {
    await using system = testSystem();
    const deaf = system.spawn(
      configure(
        function* deaf(self: Self<Get>): Actor {
          yield* self.receive('a');
        },
        { mailbox: { limit: 3, overflow: 'drop_newest' } },
      ),
    );
    for (let n = 0; n < 5; n++) system.send(deaf, { tag: 'b', n });
    await system.settle();
    expect(system.deadLetters()).toHaveLength(2);
    expect(system.info(deaf)?.mailboxLength).toBe(3);
  });

  test('B5 a total is an argument of the next call, a state, or a variable, as one likes', async () => {
    await using system = testSystem();
    type Add = { readonly tag: 'add'; readonly n: number } | { readonly tag: 'stop' };
    function* recursive(self: Context<Add>, total: number): Actor<number> {
      const message = yield* self.receive('add', 'stop');
      if (message.tag === 'stop') return total;
      return yield* recursive(self, total + message.n);
    }
    const sum = system.run(function* (self: Self<Add>): Actor<number> {
      for (const n of [1, 2, 3]) self.send(self.pid, { tag: 'add', n });
      self.send(self.pid, { tag: 'stop' });
      return yield* recursive(self, 0);
    });
    // Or it is a variable of a server, which is asked.
    const adder = server(() => {
      let total = 0;
      return {
        call: { get: () => total },
        cast: {
          add(n: number) {
            total += n;
          },
        },
      };
    });
    const pid = system.spawn(adder);
    for (const n of [1, 2, 3]) system.cast(pid, 'add', n);
    expect(await system.result(sum)).toBe(6);
    expect(await system.result(system.call(pid, 'get'))).toBe(6);
  });

  test('B9 are light: 100,000 of them take less than 100 MB, and are gone again', async () => {
    const system = new ActorSystem({ log: 'off' });
    onTestFinished(() => system.shutdown());
    function* waiting(self: Self<Get>): Actor {
      yield* self.receive('a');
    }
    const before = process.memoryUsage().heapUsed;
    const pids = Array.from({ length: 100_000 }, () => system.spawn(waiting));
    await expect.poll(() => system.info(pids.at(-1)!)?.waitingFor).toEqual(['a']);
    expect(process.memoryUsage().heapUsed - before).toBeLessThan(100e6);
    for (const pid of pids) system.send(pid, { tag: 'a', n: 0 });
    await expect.poll(() => system.info(pids.at(-1)!), { timeout: 20_000 }).toBeUndefined();
    expect(system.actors()).toEqual([]);
  });

  test('B9 are isolated: what is thrown in one does not touch another', async () => {
    await using system = testSystem();
    const fine = system.spawn(function* fine(self: Self<Get>): Actor {
      for (;;) yield* self.receive('a');
    });
    system.spawn(function* broken(): Actor {
      throw new Error('Broken');
    });
    await system.settle();
    expect(system.crashes().map(({ reason }) => (reason as Error).message)).toEqual(['Broken']);
    expect(system.info(fine)?.status).toBe('waiting');
  });

  test('B9 have unique names, and are sent to by name', async () => {
    await using system = testSystem();
    const got: number[] = [];
    const pid = system.spawn(function* named(self: Self<Get>): Actor {
      for (;;) got.push((yield* self.receive('a')).n);
    });
    system.register('db', pid);
    expect(system.whereis('db')).toBe(pid);
    expect(() => system.register('db', system.root)).toThrow(/the name belongs to/);
    system.send(system.whereis('db') as Pid<Get>, { tag: 'a', n: 7 });
    await system.settle();
    expect(got).toEqual([7]);
  });

  test('B9 hear of the end of others: linked ones end too, unless they trap it, and monitors are told', async () => {
    await using system = testSystem();
    const told: string[] = [];
    system.spawn(function* parent(self: Self<Signal>): Actor {
      self.trapExit(true);
      const worker = self.spawnLink(function* worker(own: Self<Get>): Actor {
        yield* own.receive('a');
        own.exit('broken');
      });
      const twin = self.spawn(function* twin(own: Self<Get>): Actor {
        own.link(worker);
        yield* own.receive('b');
      });
      self.monitor(twin);
      yield* self.yield();
      self.send(worker, { tag: 'a', n: 0 });
      for (let i = 0; i < 2; i++) {
        const { tag, reason } = yield* self.receive('EXIT', 'DOWN');
        told.push(`${tag} ${String(reason)}`);
      }
    });
    await system.settle();
    system.crashes();
    expect(told.sort()).toEqual(['DOWN broken', 'EXIT broken']);
  });

  test.each([
    ['one_for_one', [0, 1, 0]],
    ['rest_for_one', [0, 1, 1]],
    ['one_for_all', [1, 1, 1]],
  ] as const)('B9 are started again by their supervisor, %s', async (strategy, restarts) => {
    await using system = testSystem();
    const starts = [0, 0, 0];
    const pids: Pid<Get>[] = [];
    function* worker(self: Self<Get>, i: number): Actor {
      starts[i]!++;
      pids[i] = self.pid;
      yield* self.receive('a');
      throw new Error('Broken');
    }
    const children = [0, 1, 2].map((i) => child(`${i}`, worker, i));
    void system.start(supervisor({ strategy, children }));
    await system.settle();
    system.send(pids[1]!, { tag: 'a', n: 0 });
    await system.settle();
    system.crashes();
    expect(starts.map((n) => n - 1)).toEqual(restarts);
  });

  test('B9 are given up where they crash more often than they may', async () => {
    await using system = testSystem();
    function* broken(self: Self): Actor {
      yield* self.sleep(1);
      throw new Error('Broken');
    }
    const top = system.spawn(supervisor({ intensity: 2, children: [child('broken', broken)] }));
    await system.advance(100);
    system.crashes();
    expect(system.info(top)).toBeUndefined();
    expect(system.told('restart').filter(({ decision }) => decision === 'restarted')).toHaveLength(
      2,
    );
  });

  test('B10 what is sent is frozen: neither side can change what the other one has', async () => {
    await using system = testSystem({ messages: 'freeze' });
    let heard: { readonly list: number[] } | undefined;
    const pid = system.spawn(function* (self: Self<{ tag: 'm'; list: number[] }>): Actor {
      heard = yield* self.receive('m');
    });
    const message = { tag: 'm', list: [1] } as const;
    system.send(pid, message as never);
    await system.settle();
    expect(() => heard?.list.push(2)).toThrow(TypeError);
    expect(heard?.list).toEqual([1]);
  });

  test('B11 a busy one starves none of 1,000 others', async () => {
    const system = new ActorSystem({ log: 'off' });
    onTestFinished(() => system.shutdown());
    let turns = 0;
    system.spawn(function* busy(self: Self<Get>): Actor {
      for (;;) {
        self.send(self.pid, { tag: 'a', n: turns++ });
        yield* self.receive('a');
      }
    });
    let done = 0;
    const others = Array.from({ length: 1000 }, () =>
      system.spawn(function* other(self: Self<Get>): Actor {
        for (let i = 0; i < 10; i++) yield* self.receive('b');
        done++;
      }),
    );
    for (let n = 0; n < 10; n++) for (const pid of others) system.send(pid, { tag: 'b', n });
    await expect.poll(() => done, { timeout: 25_000 }).toBe(1000);
    expect(turns).toBeGreaterThan(1000);
  });
});
