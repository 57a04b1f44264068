import { type Actor, CallFailed, type Pid, type Self } from 'beamish';
import { generator, type TestSystem, testSystem } from 'beamish/testing';
import { describe, expect, test } from 'vitest';
import { cruncher, type Fault } from '../../examples/cruncher/src/cruncher.ts';
import type { FileSystem } from '../../examples/cruncher/src/file-system.ts';
import {
  type Crunch,
  type Failures,
  type News,
  STATUS,
  UPLOADER,
} from '../../examples/cruncher/src/messages.ts';
import type { Output } from '../../examples/cruncher/src/output.ts';
import { type StatusOptions, status } from '../../examples/cruncher/src/status.ts';
import { surveyor } from '../../examples/cruncher/src/surveyor.ts';
import { crunching, type TreeOptions } from '../../examples/cruncher/src/tree.ts';
import { uploader } from '../../examples/cruncher/src/uploader.ts';
import { seeds } from '../support/schedules.ts';
import { type Contents, type MemoryFiles, memoryFiles, systemError } from './memory-files.ts';
import { recordsOf } from './records.ts';

/** So small that every file is many chunks. */
const CHUNK_BYTES = 64;

describe('the tree', () => {
  test('counts file by file in the order of input, and then in all', async () => {
    const { system, output, files } = await started({
      'b.txt': 'ann@x.org, ben@y.org\nann@x.org\n',
      'a.txt': 'nobody\n',
      'c.txt': 'ben@y.org, cem@X.org\n',
    });
    expect(await upload(system, files)).toBe(0);
    await report(system);
    expect(output.lines).toEqual([
      'b.txt  3 found  2 new  3 in total',
      'a.txt  0 found  0 new  3 in total',
      'c.txt  2 found  1 new  5 in total',
      '',
      'Addresses  5 addresses, 3 distinct',
      'Domains  3  x.org',
      '  2  y.org',
      'Read  3 files, 59 B',
      'Time  0 ms',
    ]);
  });

  test('says what failed and goes on, and answers with how many', async () => {
    const { system, output, files } = await started({
      'a.txt': 'ann@x.org',
      'shrunk.txt': { text: 'ben@y.org', size: 100 },
      'broken.txt': { text: 'cem@y.org ', failsWith: 'EIO' },
      'gone.txt': { text: '', failsWith: 'ESTALE', size: 10 },
      'z.txt': 'dan@x.org',
    });
    const paths = [{ shown: 'no.txt', location: 'no.txt' }, ...files.paths];
    expect(await upload(system, { paths })).toBe(4);
    expect(output.lines).toEqual([
      '! no.txt: no such file',
      'a.txt  1 found  1 new  1 in total',
      '! shrunk.txt: shrank while it was read: 9 of 100 bytes',
      'shrunk.txt  1 found  1 new  2 in total',
      '! broken.txt: cannot be read: the device reports an error',
      'broken.txt  1 found  1 new  3 in total',
      '! gone.txt: vanished from its server',
      'z.txt  1 found  1 new  4 in total',
    ]);
  });

  test('names a text in which every letter has two bytes, with what else is in it', async () => {
    const { system, output, files } = await started({
      'utf-16.txt': `\xff\xfe${[...'write to ann@x.org'].join('\0')}\0`,
      'big.txt': `\xfe\xff\0${[...'write to ann@x.org'].join('\0')}`,
      'utf-32.txt': '\xff\xfe\0\0ann@x.org',
      'a.txt': 'ann@x.org',
    });
    expect(await upload(system, files)).toBe(3);
    expect(output.lines).toEqual([
      '! utf-16.txt: is UTF-16, in which no address can be found: convert it to UTF-8',
      'utf-16.txt  0 found  0 new  0 in total',
      '! big.txt: is UTF-16, in which no address can be found: convert it to UTF-8',
      'big.txt  0 found  0 new  0 in total',
      '! utf-32.txt: is UTF-32, in which no address can be found: convert it to UTF-8',
      'utf-32.txt  1 found  1 new  1 in total',
      'a.txt  1 found  0 new  2 in total',
    ]);
  });

  test('a file that says it is larger than it is has not shrunk', async () => {
    const { system, output, files } = await started({
      'sys.txt': { text: 'ann@x.org', size: 4096, change: 'none' },
      'log.txt': { text: 'ben@x.org', size: 100, change: 'was written to' },
    });
    expect(await upload(system, files)).toBe(1);
    expect(output.lines).toEqual([
      'sys.txt  1 found  1 new  1 in total',
      '! log.txt: was written to while it was read: 9 of 100 bytes',
      'log.txt  1 found  1 new  2 in total',
    ]);
  });

  test('closes every file, also one that breaks and one whose reader is killed', async () => {
    const { system, files } = await started({
      'a.txt': text(1),
      'broken.txt': { text: text(2), failsWith: 'EIO' },
    });
    await upload(system, files);
    expect(files).toMatchObject({ opened: 2, closed: 2 });

    const stuck = { ...files, open: () => ({ ...files.open('a.txt'), read: forever }) };
    const other = await started({}, { files: stuck });
    other.system.call(UPLOADER, { tag: 'upload', paths: files.paths }).catch(() => {});
    await other.system.settle();
    expect(files).toMatchObject({ opened: 3, closed: 2 });
    other.system.exitSignal(other.system.whereis(UPLOADER)!, 'kill');
    await other.system.settle();
    expect(files.closed).toBe(3);
  });

  test('counts one upload after the other', async () => {
    const { system, files, output } = await started({ 'a.txt': 'ann@x.org', 'b.txt': 'ann@x.org' });
    await upload(system, { paths: [files.paths[0]!] });
    await upload(system, { paths: [files.paths[1]!] });
    expect(output.lines).toEqual([
      'a.txt  1 found  1 new  1 in total',
      'b.txt  1 found  0 new  2 in total',
    ]);
  });

  test('has as many crunchers as it was told, and restarts each that dies', async () => {
    const { system, tree } = await started({}, { crunchers: 3 });
    const before = crunchersOf(system);
    expect(before).toHaveLength(3);
    for (const { pid } of before) system.exitSignal(pid, 'kill');
    await system.settle();
    expect(crunchersOf(system)).toHaveLength(3);
    expect(crunchersOf(system)).not.toEqual(before);
    expect(system.info(tree)).toBeDefined();
  });
});

describe('nothing is lost', () => {
  const contents = {
    'one.txt': text(1),
    'empty.txt': '',
    'two.txt': text(2),
    'line without end.txt': text(3).replaceAll('\n', '_'),
    'shrunk.txt': { text: text(1), size: 10_000 },
    'three.txt': text(1) + text(4),
  };

  test('200 runs with crunchers crashing at random print what an undisturbed run prints', async () => {
    const undisturbed = await runOf(contents, { seed: 0 });
    expect(undisturbed.lines).toHaveLength(17);
    expect(undisturbed.crashes).toBe(0);
    let mostCrashes = 0;
    let crashedAfter = 0;
    let outOfOrder = 0;
    for (let seed = 1; seed <= 200; seed++) {
      const { fault, told } = randomFault(seed, undisturbed.calls);
      const run = await runOf(contents, { seed, fault, crunchers: 1 + (seed % 4) });
      expect(run.lines, `seed ${seed}`).toEqual(undisturbed.lines);
      expect(run.crashes, `seed ${seed}`).toBe(told.before + told.after);
      expect(run.crashes, `seed ${seed}`).toBeGreaterThan(0);
      mostCrashes = Math.max(mostCrashes, run.crashes);
      crashedAfter += told.after;
      if (run.outOfOrder) outOfOrder++;
    }
    // The runs were what they are meant to be.
    expect(mostCrashes).toBeGreaterThan(3);
    expect(crashedAfter).toBeGreaterThan(50);
    expect(outOfOrder).toBeGreaterThan(50);
  });

  test('a cruncher that is killed with a chunk loses nothing either', async () => {
    const undisturbed = await runOf(contents, { seed: 1 });
    let kills = 2;
    const { system, output, files } = await started(contents, {
      seed: 1,
      fault: () => {
        if (kills-- > 0) system.exitSignal(crunchersOf(system)[0]!.pid, 'kill');
      },
    });
    await upload(system, files);
    await report(system);
    expect(output.lines).toEqual(undisturbed.lines);
  });

  test('crunchers that are killed at any step, again and again, lose nothing', async () => {
    const undisturbed = await runOf(contents, { seed: 1 });
    let kills = 0;
    for (const seed of seeds(100)) {
      const { system, output, files } = await started(contents, { seed });
      const uploaded = system.call(UPLOADER, { tag: 'upload', paths: files.paths });
      const victims = () => crunchersOf(system).map(({ pid }) => pid);
      const killed = system.run(killer, { seed, times: 100, victims });
      await system.settle();
      kills += await killed;
      // The same as ever: the one that shrank.
      expect(await uploaded, `seed ${seed}`).toBe(1);
      await report(system);
      expect(output.lines, `seed ${seed}`).toEqual(undisturbed.lines);
    }
    expect(kills).toBeGreaterThan(5000);
  });

  test.each([STATUS, UPLOADER])(
    '$name killed at any step ends all, and nobody waits',
    async (victim) => {
      let ended = 0;
      for (const seed of seeds(100)) {
        const { system, tree, files } = await started(contents, { seed });
        const answer = system
          .call(UPLOADER, { tag: 'upload', paths: files.paths })
          .catch((error: unknown) => error);
        let steps = generator(seed)() * 300;
        const victims = () =>
          --steps < 0 ? [system.whereis(victim.name)].flatMap((pid) => pid ?? []) : [];
        const killed = system.run(killer, { seed, times: 300, victims });
        await system.settle();
        const result = await answer;
        expect(result instanceof CallFailed || result === 1, `seed ${seed}`).toBe(true);
        expect(await killed, `seed ${seed}`).toBe(1);
        expect(system.reasonOf(tree), `seed ${seed}`).toBe('shutdown');
        expect(files.opened, `seed ${seed}`).toBe(files.closed);
        if (result instanceof CallFailed) ended++;
      }
      expect(ended).toBeGreaterThan(20);
    },
  );

  test('a chunk that nobody has begun is not given up, whoever dies with it', async () => {
    const system = testSystem();
    const files = memoryFiles({ 'a.txt': 'ann@x.org' });
    const output = recorded();
    system.register(STATUS, system.spawn(status, statusOptions(output)));
    system.register(UPLOADER, system.spawn(uploader, { files, chunkBytes: CHUNK_BYTES }));
    for (let i = 0; i < 5; i++) {
      system.send(UPLOADER, { tag: 'ready', cruncher: system.spawn(clumsy), crunchedMs: 0 });
    }
    const uploaded = system.call(UPLOADER, { tag: 'upload', paths: files.paths });
    await system.settle();
    expect(system.told('crash')).toHaveLength(5);
    system.spawn(cruncher);
    await system.settle();
    expect(await uploaded).toBe(0);
    expect(output.lines).toEqual(['a.txt  1 found  1 new  1 in total']);
  });

  test('a chunk that three crunchers have died of is an error of its file, and of no other', async () => {
    const crash: Fault = (seq) => {
      if (seq === 1) throw new Error('too spicy');
    };
    const { system, output, files } = await started(
      { 'bad.txt': `ann@x.org ${' '.repeat(CHUNK_BYTES - 10)}ben@x.org`, 'good.txt': 'cem@x.org' },
      { fault: crash },
    );
    expect(await upload(system, files)).toBe(1);
    expect(system.told('crash')).toHaveLength(3);
    await report(system);
    expect(output.lines.slice(0, 5)).toEqual([
      '! bad.txt: a part could not be crunched: too spicy',
      'bad.txt  1 found  1 new  1 in total',
      'good.txt  1 found  1 new  2 in total',
      '',
      'Addresses  2 addresses, 2 distinct',
    ]);
    expect(output.lines).toContain('Read  1 of 2 files, 82 B');
    expect(output.lines).toContain('Failed  1, named above');
  });

  test('a chunk that two crunchers have died of is counted', async () => {
    let deaths = 0;
    const crash: Fault = () => {
      if (deaths++ < 2) throw new Error('nervous');
    };
    const { system, files, output } = await started({ 'a.txt': 'ann@x.org' }, { fault: crash });
    expect(await upload(system, files)).toBe(0);
    expect(output.lines).toEqual(['a.txt  1 found  1 new  1 in total']);
  });

  test('a chunk that was crunched counts, though three crunchers have died right after', async () => {
    let calls = 0;
    const crash: Fault = (seq) => {
      if (seq === 1 && calls++ % 2 === 1) throw new Error('tired');
    };
    const { system, files, output } = await started(
      { 'a.txt': `ann@x.org ${' '.repeat(CHUNK_BYTES - 10)}ben@x.org` },
      { fault: crash },
    );
    expect(await upload(system, files)).toBe(0);
    expect(system.told('crash')).toHaveLength(3);
    expect(output.lines).toEqual(['a.txt  2 found  2 new  2 in total']);
  });

  test('a chunk without any "@" counts its bytes, and is given to nobody', async () => {
    const given: number[] = [];
    const long = 'x'.repeat(CHUNK_BYTES - 4);
    const { system, files, output } = await started(
      // And what was cut within an address may end without one.
      { 'a.txt': `${' '.repeat(2 * CHUNK_BYTES)}a@b ann@${long}.org`, 'b.txt': 'none' },
      { fault: (seq) => void given.push(seq) },
    );
    expect(await upload(system, files)).toBe(0);
    await report(system);
    expect(output.lines.slice(0, 2)).toEqual([
      'a.txt  1 found  1 new  1 in total',
      'b.txt  0 found  0 new  1 in total',
    ]);
    expect(output.lines).toContain('Read  2 files, 204 B');
    expect(new Set(given)).toEqual(new Set([2, 3, 4]));
  });

  test('every chunk may be given up without an end of the tree', async () => {
    const { system, tree, files } = await started(contents, {
      fault: () => {
        throw new Error('no');
      },
    });
    expect(await upload(system, files)).toBe(5); // all but the empty one
    expect(system.info(tree)).toBeDefined();
  });
});

describe('the status displayer', () => {
  test('counts in the order of input what comes in any order, and twice', async () => {
    const news = [
      crunched(0, 'ann@x.org', 'ben@x.org'),
      crunched(1, 'ann@x.org'),
      fileEnd(2, 'a.txt'),
      crunched(3, 'ben@x.org', 'cem@x.org'),
      { tag: 'note', seq: 4, path: 'loop', message: 'leads back' },
      { tag: 'gave_up', seq: 5, reason: 'spice' },
      fileEnd(6, 'b.txt'),
      fileEnd(7, 'c.txt'),
    ] as const;
    for (let seed = 0; seed < 50; seed++) {
      const random = generator(seed);
      const system = testSystem({ seed });
      const output = recorded();
      const pid = system.spawn(status, statusOptions(output));
      for (const each of shuffled([...news, ...news], random)) system.send(pid, each);
      await system.settle();
      expect(output.lines, `seed ${seed}`).toEqual([
        'a.txt  3 found  2 new  3 in total',
        '! loop: leads back',
        '! b.txt: a part could not be crunched: spice',
        'b.txt  2 found  1 new  5 in total',
        'c.txt  0 found  0 new  5 in total',
      ]);
    }
  });

  test('a chunk given up after it was crunched counts, also when its turn is still to come', async () => {
    const system = testSystem();
    const output = recorded();
    const pid = system.spawn(status, statusOptions(output));
    system.send(pid, crunched(1, 'ben@x.org'));
    system.send(pid, { tag: 'gave_up', seq: 1, reason: 'tired' });
    system.send(pid, crunched(0, 'ann@x.org'));
    system.send(pid, fileEnd(2, 'a.txt'));
    await system.settle();
    expect(output.lines).toEqual(['a.txt  2 found  2 new  2 in total']);
  });

  test('prints what was counted so far, of a file that is not finished too, and nothing after', async () => {
    const system = testSystem();
    const output = recorded();
    const pid = system.spawn(status, statusOptions(output));
    system.register(STATUS, pid);
    system.send(pid, crunched(0, 'ann@x.org'));
    await report(system);
    system.send(pid, crunched(1, 'ben@x.org'));
    system.send(pid, fileEnd(2, 'a.txt'));
    await report(system);
    expect(output.lines).toEqual([
      '',
      'Addresses  1 address, 1 distinct',
      'Domains  1  x.org',
      'Read  0 files, 10 B',
      'Time  0 ms',
    ]);
  });

  test('prints one JSON object and nothing else for --json', async () => {
    const { system, output, files } = await started(
      { 'a.txt': 'ann@x.org', 'b.txt': { text: '', failsWith: 'EIO' } },
      { format: 'json' },
    );
    await upload(system, files);
    await report(system);
    expect(
      output.lines.filter((line) => !line.startsWith('! ')).map((line) => JSON.parse(line)),
    ).toEqual([
      {
        total: 1,
        distinct: 1,
        bytes: 9,
        ms: 0,
        files: [
          { path: 'a.txt', found: 1, new: 1, bytes: 9 },
          {
            path: 'b.txt',
            found: 0,
            new: 0,
            bytes: 0,
            error: 'cannot be read: the device reports an error',
          },
        ],
        domains: [{ domain: 'x.org', count: 1 }],
      },
    ]);
  });

  test('lists each of many addresses once for --unique', async () => {
    const addresses = Array.from({ length: 2500 }, (_, i) => `${10_000 + i}@x.org`);
    const { system, output, files } = await started(
      { 'a.txt': [...addresses].reverse().join(' '), 'b.txt': addresses.join('\n') },
      { format: 'unique' },
    );
    await upload(system, files);
    await report(system);
    expect(output.lines).toEqual(addresses);
  });

  test('shows on a terminal how far it is, until the report', async () => {
    const files = memoryFiles({ 'a.txt': 'ann@x.org\n', 'b.txt': 'ben@x.org\n' });
    const stuck: FileSystem = {
      ...files,
      open: (location) =>
        location === 'b.txt' ? { ...files.open('b.txt'), read: forever } : files.open(location),
    };
    const { system, output } = await started({}, { files: stuck, terminal: true });
    system.call(UPLOADER, { tag: 'upload', paths: files.paths }).catch(() => {});
    await system.advance(199);
    expect(output.shown).toEqual([]);
    await system.advance(1);
    expect(output.shown).toEqual(['10 B read   0.00 MB/s']);
    system.spawn(surveyor, files.paths, files);
    await system.advance(200);
    expect(output.shown.at(-1)).toBe(' 50 %   1.0 s left   0.00 MB/s   10 B of 20 B');
    await report(system);
    const before = output.shown.length;
    expect(output.shown.at(-1)).toBe('');
    await system.advance(10_000);
    expect(output.shown).toHaveLength(before);
  });

  test('shows nothing of the kind where output is no terminal', async () => {
    const { system, output } = await started({});
    await system.advance(1000);
    expect(output.shown).toEqual([]);
  });
});

describe('the uploader waits for the crunchers', () => {
  test.each([
    [1, 50],
    [2, 50],
    [2, 5000],
    [5, 5000],
  ])(
    'with %i crunchers and %i chunks to read, it reads one more than they hold',
    async (crunchers, chunks) => {
      const { files, took, ready } = await startedByHand(chunks, crunchers);
      expect(took).toHaveLength(crunchers);
      expect(files.reads).toBe(crunchers + 1);
      for (let done = 1; done <= 20; done++) {
        await ready(took[done - 1]!);
        expect(took).toHaveLength(crunchers + done);
        expect(files.reads).toBe(crunchers + 1 + done);
      }
    },
  );

  test('in a whole run there are never more chunks read than crunched, taken and one', async () => {
    for (const crunchers of [1, 2, 3]) {
      let calls = 0;
      const content = { 'a.txt': text(1).repeat(20) };
      const { system, files } = await started(content, { crunchers, fault: () => void calls++ });
      const { open } = files;
      let most = 0;
      files.open = (location) => {
        const file = open(location);
        return {
          ...file,
          async read(into) {
            // Each chunk is called for twice, before and after it is crunched.
            most = Math.max(most, files.reads + 1 - Math.floor(calls / 2));
            return file.read(into);
          },
        };
      };
      await upload(system, files);
      expect(files.reads).toBeGreaterThan(100);
      expect(most).toBeGreaterThan(1);
      expect(most).toBeLessThanOrEqual(crunchers + 1);
    }
  });

  test('one cruncher that takes for ever does not let the others run far ahead', async () => {
    const { files, took, ready } = await startedByHand(5000, 2);
    const quick = took[1]!;
    for (let i = 0; i < 400; i++) await ready(quick);
    expect(files.reads).toBeGreaterThan(50);
    expect(files.reads).toBeLessThan(75);
  });
});

describe('the end of the tree', () => {
  test.each(['status', 'uploader'])('a crash of the %s ends all', async (who) => {
    const bug = (): never => {
      throw new TypeError('bug');
    };
    const memory = memoryFiles({ 'a.txt': 'ann@x.org' });
    const { system, tree, output } = await started(
      {},
      { files: who === 'uploader' ? { ...memory, stat: bug } : memory },
    );
    if (who === 'status') output.print = bug;
    const answer = system.call(UPLOADER, { tag: 'upload', paths: memory.paths });
    const failure = answer.catch((error: unknown) => error);
    await system.settle();
    expect(await failure).toBeInstanceOf(CallFailed);
    expect(system.told('crash')).toMatchObject([{ name: who, reason: { message: 'bug' } }]);
    expect(system.reasonOf(tree)).toBe('shutdown');
    expect(system.actors()).toEqual([]);
    expect(memory.opened).toBe(memory.closed);
  });

  test('a file system that refuses is no crash, and one with a bug is', async () => {
    const memory = memoryFiles({ 'a.txt': 'ann@x.org' });
    const refusing = {
      ...memory,
      open: () => {
        throw systemError('EACCES');
      },
    };
    const { system, output } = await started({}, { files: refusing });
    expect(await upload(system, memory)).toBe(1);
    expect(output.lines).toEqual(['! a.txt: permission denied']);
    expect(system.told('crash')).toEqual([]);
  });
});

interface Recorded extends Output {
  /** Lines in the order of printing; those for people are marked. */
  readonly lines: string[];
  /** Progress lines, and '' for each that was taken away. */
  readonly shown: string[];
}

function recorded(isTerminal = false): Recorded {
  const lines: string[] = [];
  const shown: string[] = [];
  return {
    lines,
    shown,
    isTerminal,
    failed: new Promise(() => {}),
    look: { colour: false, columns: 80 },
    print: (printed) => void lines.push(...narrow(printed).split('\n')),
    complain: (printed) => void lines.push(`! ${narrow(printed)}`),
    progress: (line) => void shown.push(line),
    finish: async () => undefined,
  };
}

function statusOptions(output: Output, now = () => 0): StatusOptions {
  return { output, format: 'report', top: 10, showsProgress: output.isTerminal, now };
}

interface Variation extends Pick<TreeOptions, 'crunchers' | 'fault'> {
  readonly seed?: number;
  readonly files?: FileSystem;
  readonly format?: StatusOptions['format'];
  readonly terminal?: boolean;
}

async function started(contents: Contents, variation: Variation = {}) {
  const { seed, files, format = 'report', terminal = false, ...others } = variation;
  const system = testSystem(seed === undefined ? {} : { seed });
  const output = recorded(terminal);
  const memory = memoryFiles(contents);
  const now = terminal ? () => system.clock.now() : () => 0;
  const start = system.start(
    crunching({
      status: { ...statusOptions(output, now), format },
      uploader: { files: files ?? memory, chunkBytes: CHUNK_BYTES },
      ...others,
    }),
  );
  await system.settle();
  return { system, output, files: memory, tree: await start };
}

/**
 * An uploader, and crunchers that keep what they get until the test says for them that they are
 * ready. `took` says who got a chunk, in order.
 */
async function startedByHand(chunks: number, crunchers: number) {
  const system = testSystem();
  const files = memoryFiles({ 'a.txt': '@ '.repeat((CHUNK_BYTES / 2) * chunks) });
  system.register(UPLOADER, system.spawn(uploader, { files, chunkBytes: CHUNK_BYTES }));
  const took: Pid<Crunch>[] = [];
  for (let i = 0; i < crunchers; i++) {
    system.send(UPLOADER, {
      tag: 'ready',
      cruncher: system.spawn(hoarder, took),
      crunchedMs: 0,
    });
  }
  system.call(UPLOADER, { tag: 'upload', paths: files.paths }).catch(() => {});
  await system.settle();
  const ready = async (cruncher: Pid<Crunch>): Promise<void> => {
    system.send(UPLOADER, { tag: 'ready', cruncher, crunchedMs: 0 });
    await system.settle();
  };
  return { files, took, ready };
}

interface Killing {
  readonly seed: number;
  readonly times: number;
  readonly victims: () => readonly Pid[];
}

/** Waits for some steps, kills them all, and so on. Returns how many it killed. */
function* killer(self: Self, { seed, times, victims }: Killing): Actor<number> {
  const random = generator(seed);
  let killed = 0;
  for (let i = 0; i < times; i++) {
    for (let steps = Math.floor(random() * 8); steps > 0; steps--) {
      // Turns of actors, and reads of files.
      yield* random() < 0.5 ? self.yield() : self.wait(Promise.resolve());
    }
    for (const victim of victims()) {
      self.exitSignal(victim, 'kill');
      killed++;
    }
  }
  return killed;
}

/** Crashes before it begins. */
function* clumsy(self: Self<Crunch>): Actor {
  yield* self.receive('crunch');
  throw new Error('dropped it');
}

function* hoarder(self: Self<Crunch>, took: Pid<Crunch>[]): Actor {
  for (;;) {
    yield* self.receive('crunch');
    took.push(self.pid);
  }
}

async function upload(
  system: TestSystem,
  { paths }: Pick<MemoryFiles, 'paths'>,
): Promise<Failures> {
  const answer = system.call(UPLOADER, { tag: 'upload', paths });
  await system.settle();
  return answer;
}

async function report(system: TestSystem): Promise<void> {
  const printed = system.call(STATUS, { tag: 'report' });
  await system.settle();
  await printed;
}

/** A whole run: what it printed, and how it went. */
async function runOf(contents: Contents, variation: Variation) {
  const order: number[] = [];
  const fault: Fault = (seq) => {
    order.push(seq);
    variation.fault?.(seq);
  };
  const { system, output, files } = await started(contents, { ...variation, fault });
  await upload(system, files);
  await report(system);
  return {
    lines: output.lines,
    crashes: system.told('crash').length,
    calls: order.length,
    outOfOrder: order.some((seq, i) => seq < (order[i - 1] ?? 0)),
  };
}

/**
 * Crashes at one to six places of a run that calls it so often, before or after the crunching of a
 * chunk, but never three times at one chunk, which would be given up.
 */
function randomFault(seed: number, calls: number) {
  const random = generator(seed);
  const most = 1 + Math.floor(random() * 6);
  const places = new Set(Array.from({ length: most }, () => Math.floor(random() * calls)));
  const deaths = new Map<number, number>();
  const halfDone = new Set<number>();
  const told = { before: 0, after: 0 };
  let call = 0;
  const fault: Fault = (seq) => {
    const when = halfDone.delete(seq) ? 'after' : 'before';
    const died = deaths.get(seq) ?? 0;
    if (!places.has(call++) || died === 2) {
      if (when === 'before') halfDone.add(seq);
      return;
    }
    deaths.set(seq, died + 1);
    told[when]++;
    throw new Error(`crash ${when} ${seq}`);
  };
  return { fault, told };
}

function crunchersOf(system: TestSystem) {
  return system.actors().filter((each) => each.body === 'cruncher');
}

/** Ninety lines with addresses, of which some are in other texts too. */
function text(number: number): string {
  const random = generator(number);
  const lines = Array.from({ length: 90 }, () => {
    const who = Math.floor(random() * 60);
    return random() < 0.5 ? `say to p${who}@${'d'.repeat(1 + (who % 5))}.example.org.` : 'so be it';
  });
  return lines.join('\n');
}

function crunched(seq: number, ...addresses: string[]): News {
  return { tag: 'crunched', seq, bytes: 10, found: recordsOf(...addresses) };
}

function fileEnd(seq: number, path: string): News {
  return { tag: 'file_end', seq, path, bytes: 10, error: undefined };
}

function shuffled<T>(items: T[], random: () => number): T[] {
  return items
    .map((item) => ({ item, place: random() }))
    .sort((a, b) => a.place - b.place)
    .map(({ item }) => item);
}

function forever(): Promise<never> {
  return new Promise(() => {});
}

/** The text without its last line end, and columns two spaces apart. */
function narrow(printed: string): string {
  return printed.slice(0, -1).replace(/ {2,}/g, '  ');
}
