/** Crunchers in other threads, whose threads die at the worst of times: nothing is lost. */

import { type Threads, threads } from '@beamish/threads';
import { ActorSystem, type Tap } from 'beamish';
import { generator } from 'beamish/testing';
import { placed } from 'beamish/transport';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { recruit } from '../../examples/cruncher/src/cruncher.ts';
import { RECRUITER, type Ready, UPLOADER } from '../../examples/cruncher/src/messages.ts';
import type { Hire } from '../../examples/cruncher/src/recruiter.ts';
import { crunching } from '../../examples/cruncher/src/tree.ts';
import { seeds } from '../support/schedules.ts';
import { Twin } from '../support/twin.ts';
import { type Contents, type MemoryFiles, memoryFiles, systemError } from './memory-files.ts';

const CHUNK_BYTES = 4096;
/** Each costs a thread; a night has time for more of them. */
const MOMENTS = Number(process.env['BEAMISH_MOMENTS'] ?? 8);
/** How many there are at least. */
const CHUNKS = 80;
const CONTENTS: Contents = {
  'one.txt': text(1, 3000),
  'pipe.txt': { text: text(2, 3000), isPipe: true },
  'small.txt': 'ann@x.org',
  'two.txt': text(3, 3000),
};

describe('on real threads', () => {
  let system: ActorSystem;
  let pool: Threads;
  let done: (thread: string) => void = () => {};
  beforeAll(async () => {
    system = new ActorSystem({ name: 'cruncher', log: 'off' });
    system.tap = watching((thread) => done(thread));
    const restart = { intensity: 1000 };
    pool = await threads(system, { size: 2, restart, systems: { log: 'off' } });
  });

  afterAll(() => pool.close());

  test('a thread that is killed in the middle, at whatever moment, costs nothing', async () => {
    const hire: Hire = async () => Array.from({ length: 4 }, () => pool.at(recruit));
    const run = await started(system, { hire, settle: async () => {} });
    await run.upload();
    const undisturbed = run.lines.splice(0);
    expect(undisturbed.at(-1)).toBe('two.txt  3,000 found  0 new  9,001 in total');
    for (let seed = 1; seed <= MOMENTS; seed++) {
      let left = Math.floor(generator(seed)() * CHUNKS) + 1;
      done = (thread) => {
        if (--left === 0) pool.kill(pool.systems.indexOf(thread));
      };
      await run.upload();
      expect(left, `seed ${seed}`).toBeLessThanOrEqual(0);
      const total = (9001 * (seed + 1)).toLocaleString('en');
      const lines = run.lines.splice(0);
      expect(lines.map(foundIn), `seed ${seed}`).toEqual(undisturbed.map(foundIn));
      expect(lines.at(-1), `seed ${seed}`).toMatch(`${total} in total`);
    }
    // They were in the middle of something.
    expect(run.files.readAgainParts.length).toBeGreaterThan(MOMENTS / 5);
    // On a busy machine each thread takes a second to start.
  }, 120_000);
});

describe('in memory', () => {
  test('a thread that is lost, whatever of its news has come by then, costs nothing', async () => {
    const lines = new Set<string>();
    let lost = 0;
    for (const seed of seeds(100)) {
      const twin = new Twin({ seed, bodies: { recruit } });
      const system = twin.system(0);
      const random = generator(seed);
      const reads = new Set(Array.from({ length: seed % 4 }, () => Math.floor(random() * 100)));
      const files = memoryFiles(CONTENTS);
      const { open } = files;
      files.open = (location) => {
        const file = open(location);
        return {
          ...file,
          async read(into) {
            if (reads.has(files.reads)) twin.restart(1);
            return file.read(into);
          },
        };
      };
      const hire: Hire = async () => [1, 2, 3].map(() => placed(recruit, () => 'thread-1'));
      const run = await started(system, { files, hire, settle: () => twin.settle() });
      await run.upload();
      lines.add(run.lines.join('\n'));
      lost += files.readAgainParts.length;
    }
    expect([...lines]).toHaveLength(1);
    expect(lost).toBeGreaterThan(50);
  });

  test.each([
    ['the file has changed', () => undefined],
    [
      'no such file',
      () => {
        throw systemError('ENOENT');
      },
    ],
  ])('a chunk that cannot be read again is an error of its file: %s', async (why, readAgain) => {
    const twin = new Twin({ bodies: { recruit } });
    const files = { ...memoryFiles(CONTENTS), readAgain };
    let heard = 0;
    twin.system(0).tap = watching(() => {
      if (++heard <= 20) twin.restart(1);
    });
    const hire: Hire = async () => [1, 2, 3].map(() => placed(recruit, () => 'thread-1'));
    const run = await started(twin.system(0), { files, hire, settle: () => twin.settle() });
    await run.upload();
    const [problem, ...lines] = run.lines;
    expect(problem).toBe(
      `one.txt: a part could not be crunched: a thread died with it, and it cannot be read again: ${why}`,
    );
    expect(foundIn(lines[0]!)).toMatch(/^one.txt {2}[12],\d\d\d found$/);
    expect(lines.slice(1).map(foundIn)).toEqual([
      'pipe.txt  3,000 found',
      'small.txt  1 found',
      'two.txt  3,000 found',
    ]);
  });
});

interface Run {
  readonly files?: MemoryFiles;
  readonly hire: Hire;
  readonly settle: () => Promise<void>;
}

/** A tree in which all is crunched by the recruits, what it prints, and what it reads. */
async function started(system: ActorSystem, { files = memoryFiles(CONTENTS), hire, settle }: Run) {
  const lines: string[] = [];
  const print = (printed: string) =>
    void lines.push(...printed.replace(/ {2,}/g, '  ').trimEnd().split('\n'));
  const starting = system.start(
    crunching({
      status: {
        output: {
          look: { colour: false, columns: 80 },
          isTerminal: false,
          failed: new Promise(() => {}),
          print,
          complain: print,
          progress() {},
          finish: async () => undefined,
        },
        format: 'report',
        top: 0,
        showsProgress: false,
        now: () => 0,
      },
      uploader: { files, chunkBytes: CHUNK_BYTES, moveMs: -1 },
      crunchers: 0,
      hire,
    }),
  );
  await settle();
  await starting;
  system.send(RECRUITER, { tag: 'recruit' });
  const { paths } = files;
  const upload = async (): Promise<void> => {
    const uploaded = system.call(UPLOADER, { tag: 'upload', paths }).within('infinity');
    await settle();
    await uploaded;
  };
  return { lines, files, upload };
}

/** The part of a file's line that does not depend on what came before it. */
function foundIn(line: string): string | undefined {
  return /^\S+ +[\d,]+ found/.exec(line)?.[0];
}

/** Is told of each chunk that a cruncher of a thread is done with, as the uploader hears of it. */
function watching(done: (thread: string) => void): Tap {
  return {
    spawned() {},
    sent() {},
    received(_, message) {
      const { tag, cruncher, crunchedMs } = message as Ready;
      if (tag === 'ready' && crunchedMs > 0) done(cruncher.system);
    },
    turned() {},
    exited() {},
  };
}

/** Lines with an address each, of some hundreds. */
function text(seed: number, lines: number): string {
  const random = generator(seed);
  return Array.from(
    { length: lines },
    () => `say to p${Math.floor(random() * 499)}@mail.example.org, so be it`,
  ).join('\n');
}
