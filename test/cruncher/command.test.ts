import { type ChildProcess, type SpawnOptions, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import {
  chmodSync,
  closeSync,
  constants,
  existsSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  readFileSync,
  rmSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import { availableParallelism, tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { generator } from 'beamish/testing';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { bundledProgram, FROM_SOURCES } from './program.ts';

const PROJECT = fileURLToPath(new URL('../..', import.meta.url));
const CRUNCHER = join(PROJECT, 'examples', 'cruncher');
const EXPRESSION = '[A-Za-z0-9_.+-]+@[A-Za-z0-9-]+(\\.[A-Za-z0-9-]+)+';

/** Root is denied nothing, so a folder is shut to another user. */
const ANOTHER_USER = process.geteuid?.() === 0 ? { uid: 65534, gid: 65534 } : {};

let root = '';
let bundle: Awaited<ReturnType<typeof bundledProgram>>;

beforeAll(async () => {
  bundle = await bundledProgram();
});
afterAll(() => bundle?.remove());

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'cruncher-'));
});

afterEach(() => {
  rmSync(root, { recursive: true, force: true });
});

describe('the report', () => {
  test('has a line for each file in the order of input, and the totals', async () => {
    make({ 'z.txt': 'ann@x.org ann@X.org', 'mail/b.txt': 'ben@y.org', 'mail/a.txt': 'ann@x.org' });
    const { code, stdout, stderr } = await crunch('z.txt', 'mail');
    expect(stderr).toBe('');
    expect(code).toBe(0);
    const lines = stdout.split('\n');
    expect(lines.at(-2)).toMatch(/^Time {8}\d/);
    expect(lines.slice(0, -2)).toEqual([
      'z.txt                                             2 found        1 new          2 in total',
      'mail/a.txt                                        1 found        0 new          3 in total',
      'mail/b.txt                                        1 found        1 new          4 in total',
      '',
      'Addresses   4 addresses, 2 distinct',
      'Domains     3  x.org',
      '            1  y.org',
      'Read        3 files, 37 B',
    ]);
  });

  test('of no path is that of the samples', async () => {
    const { code, stdout } = await crunch();
    expect(code).toBe(0);
    expect(stdout).toMatch(/^samples\/allotment-club\.txt .*\nsamples\/attic\//);
  });

  test('--top lists so many domains', async () => {
    make({ 'a.txt': 'ann@x.org ben@x.org cem@y.org dan@z.org' });
    const { stdout } = await crunch('--top', '1', 'a.txt');
    expect(stdout).toContain('Domains     2  x.org\n            and 2 others\nRead');
  });

  test('--json is one object, and there is nothing else', async () => {
    make({ 'a.txt': 'ann@x.org ben@x.org', 'b.txt': 'ann@x.org' });
    const { code, stdout, stderr } = await crunch('--json', '--top=1', 'a.txt', 'no.txt', 'b.txt');
    expect(code).toBe(1);
    expect(stderr).toBe('no.txt: no such file\n');
    expect(stdout.indexOf('\n')).toBe(stdout.length - 1);
    expect(JSON.parse(stdout)).toStrictEqual({
      total: 3,
      distinct: 2,
      bytes: 28,
      ms: expect.any(Number),
      files: [
        { path: 'a.txt', found: 2, new: 2, bytes: 19 },
        { path: 'no.txt', found: 0, new: 0, bytes: 0, error: 'no such file' },
        { path: 'b.txt', found: 1, new: 0, bytes: 9 },
      ],
      domains: [{ domain: 'x.org', count: 3 }],
    });
  });

  test('--unique is each address once, sorted, and nothing else', async () => {
    make({ 'a.txt': 'cem@x.org ann@x.org', 'b.txt': 'ann@x.org ben@x.org' });
    const { code, stdout, stderr } = await crunch('--unique', 'a.txt', 'b.txt');
    expect([code, stdout, stderr]).toEqual([0, 'ann@x.org\nben@x.org\ncem@x.org\n', '']);
  });

  test('--help and --version print what they are asked for', async () => {
    const help = await crunch('--help');
    expect([help.code, help.stderr]).toEqual([0, '']);
    expect(help.stdout).toMatch(/^Usage: npm start -- /);
    const { version } = JSON.parse(readFileSync(join(CRUNCHER, 'package.json'), 'utf8'));
    expect(await crunch('--version')).toEqual({ code: 0, stdout: `${version}\n`, stderr: '' });
  });

  test('wrong usage is told on standard error, with the exit code 2', async () => {
    const { code, stdout, stderr } = await crunch('--jsn');
    expect([code, stdout]).toEqual([2, '']);
    expect(stderr).toBe(
      'There is no option "--jsn": if it is a path, write "./--jsn"\nTry --help\n',
    );
  });

  test('has no colour and no progress where output is no terminal', async () => {
    make({ 'a.txt': 'ann@x.org' });
    const { stdout, stderr } = await crunch('a.txt');
    expect(stdout + stderr).not.toContain('\x1b');
    expect(stdout + stderr).not.toContain('\r');
  });
});

describe('--thorough', () => {
  test('finds addresses in mail, HTML, other scripts and in disguise', async () => {
    make({
      'a.eml': `From: Ann <ann@x.org>\nMessage-ID: <1@x.org>\nContent-Transfer-Encoding: base64\n\n${Buffer.from('ben@x.org').toString('base64')}\n`,
      'b.html': '<!doctype html><p>cem<b>&#64;</b>x.org',
      'c.txt': 'dan [at] x [dot] org, jörg@münchen.example\nlodash@4.17.21 "a@b"@y.org',
      'd.txt': Buffer.from('\ufeffeve@x.org', 'utf16le'),
    });
    const { code, stdout, stderr } = await crunch('--thorough', '--unique', '.');
    expect([code, stderr]).toEqual([0, '']);
    expect(stdout.trimEnd().split('\n')).toEqual([
      '"a@b"@y.org',
      'ann@x.org',
      'ben@x.org',
      'cem@x.org',
      'dan@x.org',
      'eve@x.org',
      'jörg@xn--mnchen-3ya.example',
    ]);
    const report = await crunch('--thorough', '--json', '.');
    expect(JSON.parse(report.stdout)).toMatchObject({
      total: 7,
      domains: [
        { domain: 'x.org', count: 5 },
        { domain: 'xn--mnchen-3ya.example', count: 1 },
        { domain: 'y.org', count: 1 },
      ],
    });
  });
});

describe('standard input', () => {
  test('is read where a dash stands, once', async () => {
    make({ 'a.txt': 'ann@x.org' });
    const program = start(['-', 'a.txt', '-']);
    program.child.stdin!.end('ben@y.org, ann@x.org');
    const { code, stdout, stderr } = await program.ended;
    expect(code).toBe(0);
    expect(linesOf(stdout).slice(0, 2)).toEqual([
      '-  2 found  2 new  2 in total',
      'a.txt  1 found  0 new  3 in total',
    ]);
    expect(stderr).toBe('-: standard input was read already\n');
  });

  test('may come slowly, cut anywhere', async () => {
    const program = start(['--json', '-']);
    for (const piece of ['so ann', '@x.', 'org, b', 'en@y.o', 'rg']) {
      program.child.stdin!.write(piece);
      await new Promise((resolve) => setImmediate(resolve));
    }
    program.child.stdin!.end();
    const { stdout } = await program.ended;
    expect(JSON.parse(stdout)).toMatchObject({ total: 2, bytes: 23 });
  });
});

describe('standard input may be', () => {
  test('a file, of which a part was read before', async () => {
    make({ 'a.txt': 'ann@x.org\nben@y.org\nann@x.org\n' });
    const program = spawnSync(
      'sh',
      ['-c', `{ read _; ${commandLine(['--json', '-'])}; } < a.txt`],
      {
        cwd: root,
      },
    );
    expect(JSON.parse(program.stdout.toString())).toMatchObject({ total: 2, bytes: 20 });
  });

  test('a folder, which is said', async () => {
    const { code, stdout, stderr } = await startOn(root, ['--json', '-']).ended;
    expect([code, stderr]).toEqual([1, '-: is a folder\n']);
    expect(JSON.parse(stdout).files).toMatchObject([{ path: '-', error: 'is a folder' }]);
  });

  test.skipIf(!existsSync('/dev/zero'))('a device, and Ctrl-C ends it', async () => {
    const none = await startOn('/dev/null', ['--json', '-']).ended;
    expect([none.code, JSON.parse(none.stdout).bytes]).toEqual([0, 0]);
    make({ 'a.txt': 'ann@x.org' });
    const endless = startOn('/dev/zero', ['a.txt', '-']);
    await endless.prints('in total\n');
    endless.child.kill('SIGINT');
    const { code, stdout } = await endless.ended;
    expect(code).toBe(130);
    expect(stdout).toContain('1 address, 1 distinct');
  });

  test('a disk', async ({ skip }) => {
    make({ image: Buffer.concat([Buffer.from('ann@x.org\n'), Buffer.alloc(1 << 20)]) });
    truncateSync(join(root, 'image'), 1 << 20);
    const disk = spawnSync('losetup', ['--show', '--find', join(root, 'image')]);
    if (disk.status !== 0) return skip('no loop device can be had');
    const path = disk.stdout.toString().trim();
    try {
      for (const program of [startOn(path, ['--json', '-']), start(['--json', path])]) {
        const { code, stdout } = await program.ended;
        expect(code).toBe(0);
        expect(JSON.parse(stdout)).toMatchObject({ total: 1, bytes: 1 << 20 });
      }
    } finally {
      spawnSync('losetup', ['--detach', path]);
    }
  });

  test('a pipe, whatever its length, which takes no more than a few buffers', async () => {
    const preload = `const { allocUnsafeSlow } = Buffer; let made = 0;
      Buffer.allocUnsafeSlow = (size) => { made += size; return allocUnsafeSlow(size); };
      process.on('exit', () => process.stderr.write('made ' + made));`;
    const program = start(['--json', '-'], { preload });
    const block = Buffer.from('so ann@x.org, ben@y.org\n'.repeat(1000));
    for (let i = 0; i < 1000; i++) {
      if (!program.child.stdin!.write(block)) await once(program.child.stdin!, 'drain');
    }
    program.child.stdin!.end();
    const { stdout, stderr } = await program.ended;
    expect(JSON.parse(stdout)).toMatchObject({ total: 2_000_000, bytes: 24_000_000 });
    expect(Number(/made (\d+)/.exec(stderr)?.[1])).toBeLessThan(6_000_000);
  });
});

describe('bad input', () => {
  test('a missing file gets a line, and the others are finished', async () => {
    make({ 'a.txt': 'ann@x.org', 'b.txt': 'ben@x.org' });
    const { code, stdout, stderr } = await crunch('a.txt', 'no.txt', 'b.txt');
    expect(code).toBe(1);
    expect(stderr).toBe('no.txt: no such file\n');
    expect(linesOf(stdout)).toMatchObject(
      [
        'a.txt  1 found  1 new  1 in total',
        'b.txt  1 found  1 new  2 in total',
        '',
        'Addresses  2 addresses, 2 distinct',
        'Domains  2  x.org',
        'Read  2 of 3 files, 18 B',
        'Failed  1, named above',
        /^Time/,
      ].map((line) => (typeof line === 'string' ? line : expect.stringMatching(line))),
    );
  });

  test.skipIf(!canBeDenied())('a folder without permission gets a line', async () => {
    make({ 'mail/a.txt': 'ann@x.org', 'mail/shut/b.txt': 'ben@x.org', 'mail/z.txt': 'cem@x.org' });
    chmodSync(join(root, 'mail', 'shut'), 0);
    chmodSync(join(root, 'mail', 'z.txt'), 0);
    chmodSync(root, 0o755);
    const { code, stdout, stderr } = await start(['mail'], ANOTHER_USER).ended;
    chmodSync(join(root, 'mail', 'shut'), 0o700);
    expect(code).toBe(1);
    expect(stderr).toBe('mail/shut/: permission denied\nmail/z.txt: permission denied\n');
    expect(linesOf(stdout)[0]).toBe('mail/a.txt  1 found  1 new  1 in total');
  });

  test('a directory loop is not followed: told, and no failure', async () => {
    make({ 'mail/in/a.txt': 'ann@x.org' });
    symlinkSync('..', join(root, 'mail', 'in', 'up'));
    const { code, stdout, stderr } = await crunch('mail');
    expect(code).toBe(0);
    expect(stderr).toBe('mail/in/up: leads back to mail/, not followed\n');
    expect(linesOf(stdout)[0]).toBe('mail/in/a.txt  1 found  1 new  1 in total');
  });

  test('a link to itself gets a line', async () => {
    symlinkSync('self', join(root, 'self'));
    const { code, stderr } = await crunch('self');
    expect([code, stderr]).toEqual([1, 'self: a loop of symbolic links\n']);
  });

  test('a binary file, an empty file and invalid UTF-8 are simply counted', async () => {
    const random = generator(1);
    const noise = Buffer.from(Array.from({ length: 5000 }, () => Math.floor(random() * 32)));
    make({
      'binary.bin': Buffer.concat([noise, Buffer.from('ann@x.org'), noise]),
      'empty.txt': '',
      'latin1.txt': Buffer.from('\xe9t\xe9 ben@y.org\xff\xfecem@z.org\xc3', 'latin1'),
    });
    const { code, stdout, stderr } = await crunch('binary.bin', 'empty.txt', 'latin1.txt');
    expect([code, stderr]).toEqual([0, '']);
    expect(linesOf(stdout).slice(0, 3)).toEqual([
      'binary.bin  1 found  1 new  1 in total',
      'empty.txt  0 found  0 new  1 in total',
      'latin1.txt  2 found  2 new  3 in total',
    ]);
  });

  test('a file that shrinks while it is read gets a line, and counts as far as it goes', async () => {
    make({ 'a.txt': 'ann@x.org\n'.repeat(200_000), 'b.txt': 'ben@x.org' });
    const { code, stdout, stderr } = await start(['a.txt', 'b.txt'], {
      preload: afterFirstRead('truncateSync(process.argv[2], 1_500_000)'),
    }).ended;
    expect(code).toBe(1);
    expect(stderr).toBe('a.txt: shrank while it was read: 1500000 of 2000000 bytes\n');
    expect(linesOf(stdout).slice(0, 2)).toEqual([
      'a.txt  150,000 found  1 new  150,000 in total',
      'b.txt  1 found  1 new  150,001 in total',
    ]);
  });

  test('a file that vanishes while it is read is read to its end', async () => {
    make({ 'a.txt': 'ann@x.org\n'.repeat(200_000) });
    const { code, stdout, stderr } = await start(['a.txt', 'a.txt'], {
      preload: afterFirstRead('unlinkSync(process.argv[2])'),
    }).ended;
    expect(code).toBe(1);
    expect(linesOf(stdout)[0]).toBe('a.txt  200,000 found  1 new  200,000 in total');
    // Named twice, it is gone when its second turn comes.
    expect(stderr).toBe('a.txt: no such file\n');
  });

  test.each([['report'], ['--json'], ['--unique'], ['--prompt']])(
    'a closed output pipe gets one line (%s)',
    async (format) => {
      make({ 'a.txt': 'ann@x.org' });
      const program = start(
        format === 'report' ? ['a.txt'] : [format].concat(format === '--prompt' ? [] : 'a.txt'),
      );
      program.child.stdout!.destroy();
      program.child.stdin!.end('a.txt\nquit\n');
      const { code, stderr } = await program.ended;
      expect([code, stderr]).toEqual([1, 'The output was closed before all of it was written\n']);
    },
  );

  test.skipIf(!existsSync('/dev/zero'))('a closed output pipe ends the reading, too', async () => {
    make({ 'a.txt': 'ann@x.org' });
    const program = start(['a.txt', '/dev/zero']);
    program.child.stdout!.destroy();
    const { code, stderr } = await program.ended;
    expect([code, stderr]).toEqual([1, 'The output was closed before all of it was written\n']);
  });

  test('UTF-16 is named', async () => {
    make({ 'a.txt': Buffer.from('\ufeffwrite to ann@x.org', 'utf16le') });
    const { code, stdout, stderr } = await crunch('a.txt');
    expect(code).toBe(1);
    expect(stderr).toBe(
      'a.txt: is UTF-16, in which no address can be found: convert it to UTF-8\n',
    );
    expect(linesOf(stdout)[0]).toBe('a.txt  0 found  0 new  0 in total');
  });

  test.skipIf(!existsSync('/sys/class/net/lo/address'))(
    'a file of /sys, which is shorter than it says, is none',
    async () => {
      const { code, stderr } = await crunch('/sys/class/net/lo/address');
      expect([code, stderr]).toEqual([0, '']);
    },
  );

  test('a folder of which the file system tells no types is walked as any other', async ({
    skip,
  }) => {
    writeFileSync(join(root, 'untyped.c'), NO_TYPES);
    const library = join(root, 'untyped.so');
    const { error, status } = spawnSync('gcc', [
      ...['-shared', '-fPIC', '-o', library, join(root, 'untyped.c'), '-ldl'],
    ]);
    if (error !== undefined || status !== 0) return skip('there is no C compiler');
    make({ 'mail/a': 'ann@x.org', 'mail/é.txt': 'ann@x.org' });
    make({ 'mail/in/b': 'ann@x.org', 'mail/in/ü': 'ann@x.org' });
    writeFileSync(Buffer.from(`${root}/mail/in/caf\xe9`, 'latin1'), 'ann@x.org');
    symlinkSync('..', join(root, 'mail', 'in', 'up'));
    for (const folder of ['mail', 'mail/']) {
      const { LD_PRELOAD: _, ...env } = process.env;
      const { code, stdout, stderr } = await start(['--json', folder], {
        env: { ...env, LD_PRELOAD: library },
      }).ended;
      expect([code, stderr]).toEqual([0, 'mail/in/up: leads back to mail/, not followed\n']);
      expect(JSON.parse(stdout).files.map(({ path, found }: FileResult) => [path, found])).toEqual([
        ['mail/a', 1],
        ['mail/in/b', 1],
        ['mail/in/caf\ufffd', 1],
        ['mail/in/ü', 1],
        ['mail/é.txt', 1],
      ]);
    }
  });

  test.skipIf(!existsSync('/dev/full'))('a full disk under the output gets one line', async () => {
    const full = openSync('/dev/full', 'w');
    const { code, stderr } = await start([], { stdio: ['ignore', full, 'pipe'] }).ended;
    closeSync(full);
    expect([code, stderr]).toEqual([1, 'The output could not be written: the disk is full\n']);
  });

  test('more totals than memory can hold give one line, and no half-true JSON', async () => {
    const list = (first: number) =>
      Array.from({ length: 500 }, (_, i) => `${first + i}@x.org`).join('\n');
    make({ 'a.txt': list(1000), 'b.txt': list(2000) });
    // What a chunk holds finds room, and what both hold does not.
    const preload = `globalThis.Int32Array = class extends Int32Array {
      constructor(...args) {
        if (args[0] > 4096) throw new RangeError('Array buffer allocation failed');
        super(...args);
      } };`;
    const message =
      'The crunching was given up: the status crashed: Array buffer allocation failed\n';
    expect(await start(['--json', 'a.txt', 'b.txt'], { preload }).ended).toEqual({
      code: 1,
      stdout: '',
      stderr: message,
    });
    // The prompt does not wait for another line.
    const prompt = start(['--prompt'], { preload });
    prompt.child.stdin!.write('a.txt\nb.txt\n');
    expect(await prompt.ended).toMatchObject({ code: 1, stderr: message });
  });
});

describe('Ctrl-C', () => {
  test('while standard input is awaited prints what was counted so far', async () => {
    make({ 'a.txt': 'ann@x.org' });
    const program = start(['a.txt', '-']);
    await program.prints('in total\n');
    program.child.kill('SIGINT');
    const { code, stdout } = await program.ended;
    expect(code).toBe(130);
    expect(linesOf(stdout).slice(0, -1)).toEqual([
      'a.txt  1 found  1 new  1 in total',
      '',
      'Addresses  1 address, 1 distinct',
      'Domains  1  x.org',
      'Read  1 file, 9 B',
    ]);
  });

  test.skipIf(!existsSync('/dev/zero'))('while a file without end is read ends it', async () => {
    make({ 'a.txt': 'ann@x.org' });
    const program = start(['a.txt', '/dev/zero']);
    await program.prints('in total\n');
    program.child.kill('SIGINT');
    const { code, stdout } = await program.ended;
    expect(code).toBe(130);
    expect(stdout).toContain('1 address, 1 distinct');
  });

  test('while a pipe without a writer is read ends it, with --json as ever', async () => {
    spawnSync('mkfifo', [join(root, 'pipe')]);
    const program = start(['--json', 'no.txt', 'pipe']);
    await program.complains('no such file\n');
    program.child.kill('SIGINT');
    const { code, stdout } = await program.ended;
    expect(code).toBe(130);
    expect(JSON.parse(stdout)).toMatchObject({ total: 0, files: [{ path: 'no.txt' }] });
  });

  test.skipIf(!canBeOpened('/dev/kmsg'))('while a device has nothing to give ends it', async () => {
    make({ 'a.txt': 'ann@x.org' });
    const program = start(['a.txt', '/dev/kmsg']);
    await program.prints('in total\n');
    program.child.kill('SIGINT');
    const { code, stdout } = await program.ended;
    expect(code).toBe(130);
    expect(stdout).toMatch(/1 {2}x\.org/); // the device may have had addresses of its own to give
  });

  test('at the prompt prints the report', async () => {
    make({ 'a.txt': 'ann@x.org' });
    const program = start(['--prompt', '--top', '0']);
    program.child.stdin!.write('a.txt\n');
    await program.prints('in total...\n> ');
    program.child.kill('SIGINT');
    const { code, stdout } = await program.ended;
    expect(code).toBe(130);
    expect(linesOf(stdout).slice(0, -1)).toEqual([
      '> Parsing a.txt',
      'Received 1 more email, now 1 in total...',
      '> ',
      'Addresses  1 address, 1 distinct',
      'Read  1 file, 9 B',
    ]);
  });

  test('waits until a slow reader has the report whole', async () => {
    const addresses = Array.from({ length: 20_000 }, (_, i) => `${100_000 + i}@x.org`);
    make({ 'a.txt': addresses.join('\n') });
    const program = start(['--unique', 'a.txt', 'no.txt', '-']);
    program.child.stdout!.pause();
    await program.complains('no such file\n');
    program.child.kill('SIGINT');
    // As much as the pipe holds is written without anybody who reads.
    await once(program.child.stdout!, 'readable');
    program.child.stdout!.resume();
    const { code, stdout } = await program.ended;
    expect(code).toBe(130);
    expect(stdout).toBe(`${addresses.join('\n')}\n`);
  });
});

describe.skipIf(availableParallelism() < 2)('--threads', () => {
  /** What the program takes for a worker: of its own, for the loader has a thread, too. */
  const withWorker = (
    worker: string,
  ): string => `import { syncBuiltinESMExports } from 'node:module';
    import threads from 'node:worker_threads';
    threads.Worker = ${worker};
    syncBuiltinESMExports();`;
  // So that it is soon worth another thread.
  const fastClock = `const { now } = performance; performance.now = () => 1000 * now.call(performance);`;
  /** With word of when another thread has begun. */
  const preload = `${fastClock} ${withWorker(`class extends threads.Worker {
    constructor(...args) {
      super(...args);
      this.on('online', () => process.stderr.write('online\\n'));
    }
  }`)}`;
  const block = Buffer.from('so ann@x.org, ben@Y.org\n'.repeat(20_000));

  /** Fills its standard input until it says something on standard error. Returns the number of blocks. */
  async function fillUntil(word: string, { child, complains }: Program): Promise<number> {
    const stdin = child.stdin!;
    let isSaid = false;
    const said = complains(word).then(() => {
      isSaid = true;
    });
    let blocks = 0;
    for (; !isSaid; blocks++) {
      if (!stdin.write(block)) await Promise.race([once(stdin, 'drain'), said]);
    }
    return blocks;
  }

  test('has the totals of one thread', async () => {
    const program = start(['--threads', '2', '--json', '-'], { preload });
    let blocks = await fillUntil('online\n', program);
    for (; blocks % 100 > 0; blocks++) program.child.stdin!.write(block);
    program.child.stdin!.end();
    const { code, stdout } = await program.ended;
    expect(code).toBe(0);
    expect(JSON.parse(stdout)).toMatchObject({
      total: blocks * 40_000,
      distinct: 2,
      bytes: blocks * block.length,
      domains: [
        { domain: 'x.org', count: blocks * 20_000 },
        { domain: 'y.org', count: blocks * 20_000 },
      ],
    });
  });

  test('ends by Ctrl-C as one thread does', async () => {
    const program = start(['--threads', '2', '-'], { preload });
    await fillUntil('online\n', program);
    program.child.kill('SIGINT');
    const { code, stdout } = await program.ended;
    expect(code).toBe(130);
    expect(stdout).toMatch(/^\nAddresses +[\d,]+ addresses, 2 distinct\n/);
  });

  test('starts no other thread for a small input', async () => {
    make({ 'a.txt': 'ann@x.org' });
    const tell = withWorker(`class extends threads.Worker {
      constructor(...args) { super(...args); process.stderr.write('one more'); }
    }`);
    const program = start(['--threads', 'auto', 'a.txt'], { preload: tell });
    expect(await program.ended).toMatchObject({ code: 0, stderr: '' });
  });

  test('goes on with one thread where no other can be started', async () => {
    const failing = withWorker(`class { constructor() { throw new Error('no thread left'); } }`);
    const program = start(['--threads', '2', '--json', '-'], {
      preload: `${fastClock} ${failing}`,
    });
    const blocks = await fillUntil('No more threads: no thread left\n', program);
    program.child.stdin!.end();
    const { code, stdout } = await program.ended;
    expect(code).toBe(0);
    expect(JSON.parse(stdout).total).toBe(blocks * 40_000);
  });
});

describe('--prompt', () => {
  test('asks for files until "quit", which ends what has been counted', async () => {
    make({
      'large file.txt': `${'x'.repeat(99)}\n`.repeat(50_000),
      'mail.txt': 'ann@x.org ben@x.org\ncem@x.org',
    });
    writeFileSync(join(root, 'large file.txt'), 'dan@x.org', { flag: 'a' });
    const program = start(['--prompt']);
    program.child.stdin!.write(' mail.txt \nno.txt\n\n-\nlarge file.txt\nquit\nmail.txt\n');
    expect(await program.ended).toEqual({
      code: 1,
      stdout: [
        '> Parsing mail.txt',
        'Received 3 more emails, now 3 in total...',
        '> Parsing no.txt',
        'Error reading no.txt: no such file',
        '> > Parsing -',
        'Error reading -: no such file',
        '> Parsing large file.txt',
        'Received 1 more email, now 4 in total...',
        '> Quitting...',
        '',
      ].join('\n'),
      stderr: '',
    });
  });

  test('takes ~ for the home of the user', async () => {
    make({ 'home/a.txt': 'ann@x.org', 'home/~b.txt': 'ben@x.org', '~c.txt': 'cem@x.org' });
    const { HOME: _, ...env } = process.env;
    const program = start(['--prompt'], { env: { ...env, HOME: join(root, 'home') } });
    program.child.stdin!.end('~/a.txt\n~\n~c.txt\n');
    const { code, stdout } = await program.ended;
    expect(code).toBe(0);
    expect(stdout.match(/^Received.*$/gm)).toEqual([
      'Received 1 more email, now 1 in total...',
      'Received 1 more email, now 2 in total...',
      'Received 1 more email, now 3 in total...',
      'Received 1 more email, now 4 in total...',
    ]);
  });

  test('quits at the end of input, after the last name though it has no line end', async () => {
    make({ 'a.txt': 'ann@x.org' });
    const program = start(['--prompt']);
    program.child.stdin!.end('a.txt');
    expect(await program.ended).toEqual({
      code: 0,
      stdout: '> Parsing a.txt\nReceived 1 more email, now 1 in total...\n> \nQuitting...\n',
      stderr: '',
    });
  });
});

describe.skipIf(spawnSync('script', ['--version']).status !== 0)('on a terminal', () => {
  test.each([['/dev/tty'], ['-']])('%s is read as it is typed, until Ctrl-C', async (path) => {
    make({ 'a.txt': 'ann@x.org' });
    const program = startOnTerminal(['a.txt', path]);
    await program.prints('in total');
    program.child.stdin!.write('ben@y.org, cem@y.org\n');
    await program.prints('cem@y.org');
    program.child.stdin!.write('\x03');
    const { code, stdout } = await program.ended;
    expect(code).toBe(130);
    expect(stdout).toContain('Addresses');
    expect(stdout).toMatch(/[13] address/);
  });

  test.each([['/dev/tty'], ['-']])('%s ends with Ctrl-D', async (path) => {
    const program = startOnTerminal(['--json', path]);
    program.child.stdin!.write('ben@y.org, cem@y.org\n');
    await program.prints('cem@y.org');
    program.child.stdin!.write('\x04');
    const { code, stdout } = await program.ended;
    expect(code).toBe(0);
    expect(stdout).toContain('"total":2,');
  });

  test('a line can be edited at the prompt, and an earlier one found again', async () => {
    make({ 'mail.txt': 'ann@x.org ben@x.org' });
    const program = startOnTerminal(['--prompt']);
    await program.prints('> ');
    const [left, up] = ['\x1b[D', '\x1b[A'];
    // Key by key, as people do: what comes at once passes for a paste.
    program.child.stdin!.write('mal.txt');
    await program.prints('mal.txt');
    program.child.stdin!.write(left.repeat(5));
    await program.prints('\x1b[1D'.repeat(5));
    program.child.stdin!.write('i');
    await program.prints('> mail.txt');
    program.child.stdin!.write('\r');
    await program.prints(/now 2 in total\.\.\.\s.*> /s);
    program.child.stdin!.write(`${up}\r`);
    await program.prints(/now 4 in total\.\.\.\s.*> /s);
    program.child.stdin!.write('\x04');
    const { code, stdout } = await program.ended;
    expect(code).toBe(0);
    expect(stdout.match(/Parsing mail\.txt/g)).toHaveLength(2);
    expect(stdout).toContain('Quitting...');
  });

  test('Ctrl-C at the prompt prints the report, and leaves the terminal as it was', async () => {
    const program = startOnTerminal(['--prompt'], '; stty -a');
    await program.prints('> ');
    program.child.stdin!.write('\x03');
    const { stdout } = await program.ended;
    expect(stdout).toContain('Addresses   0 addresses');
    expect(stdout).toMatch(/ icanon /);
  });
});

describe.skipIf(spawnSync('grep', ['--version']).status !== 0)('the total is that of grep', () => {
  test('on the samples', async () => {
    const { stdout } = await crunch('--json');
    expect(JSON.parse(stdout).total).toBe(grepTotal(join(CRUNCHER, 'samples')));
  });

  test('on nasty text, in one file and in many', async () => {
    const random = generator(7);
    const words = [
      'a',
      'Z9',
      '.',
      '..',
      '@',
      '@@',
      '_',
      '+',
      '-',
      ' ',
      '\n',
      '\0',
      '\xe9',
      'a@b',
      'x.y',
      'a@b.c',
      '\r\n',
    ];
    const nasty = (length: number): Buffer => {
      const parts = Array.from({ length }, () => words[Math.floor(random() * words.length)]!);
      return Buffer.from(parts.join(''), 'latin1');
    };
    make({ 'large.txt': nasty(1_500_000) });
    for (let i = 0; i < 50; i++) make({ [`many/${i}.txt`]: nasty(i * 20) });
    const { stdout } = await crunch('--json', '.');
    const { total } = JSON.parse(stdout);
    expect(total).toBeGreaterThan(10_000);
    expect(total).toBe(grepTotal(root));
  });
});

describe('memory stays under 200 MB', () => {
  const preload = `process.on('exit', () => {
    process.stderr.write('maxRSS ' + process.resourceUsage().maxRSS); });`;
  const megabytesOf = (stderr: string): number => Number(stderr.match(/maxRSS (\d+)/)?.[1]) / 1000;

  test('for a file of 300 MB', async () => {
    const path = join(root, 'sparse.txt');
    writeFileSync(path, 'ann@x.org');
    truncateSync(path, 300e6);
    const end = openSync(path, 'a');
    writeSync(end, 'ben@x.org');
    closeSync(end);
    const { stdout, stderr } = await start(['--json', 'sparse.txt'], { preload }).ended;
    expect(JSON.parse(stdout)).toMatchObject({ total: 2, bytes: 300e6 + 9 });
    expect(megabytesOf(stderr)).toBeLessThan(200);
  });

  test('for a pipe of 300 MB full of addresses', async () => {
    const program = start(['--json', '-'], { preload });
    const stdin = program.child.stdin!;
    const block = Buffer.from(`${'so '.repeat(25)} ann@x.org ben@y.org\n`.repeat(10_000));
    for (let written = 0; written < 300e6; written += block.length) {
      if (!stdin.write(block)) await once(stdin, 'drain');
    }
    stdin.end();
    const { stdout, stderr } = await program.ended;
    expect(JSON.parse(stdout).bytes).toBeGreaterThanOrEqual(300e6);
    expect(megabytesOf(stderr)).toBeLessThan(200);
  });
});

/** A C library between the program and the system, for which every entry of a folder is of unknown type. */
const NO_TYPES = `
#define _GNU_SOURCE
#include <dirent.h>
#include <dlfcn.h>
struct dirent64 *readdir64(DIR *folder) {
  struct dirent64 *(*original)(DIR *) = dlsym(RTLD_NEXT, "readdir64");
  struct dirent64 *entry = original(folder);
  if (entry) entry->d_type = DT_UNKNOWN;
  return entry;
}
typedef int (*filter)(const struct dirent64 *);
typedef int (*order)(const struct dirent64 **, const struct dirent64 **);
int scandir64(const char *path, struct dirent64 ***list, filter f, order o) {
  int (*original)(const char *, struct dirent64 ***, filter, order) =
    dlsym(RTLD_NEXT, "scandir64");
  int count = original(path, list, f, o);
  for (int i = 0; i < count; i++) (*list)[i]->d_type = DT_UNKNOWN;
  return count;
}
`;

interface FileResult {
  readonly path: string;
  readonly found: number;
}

interface Ended {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

interface Program {
  readonly child: ChildProcess;
  readonly ended: Promise<Ended>;
  /** Waits until a text has come on standard output. */
  prints(text: string | RegExp): Promise<void>;
  complains(text: string): Promise<void>;
}

/** Starts the real program in the temporary folder. */
function start(
  args: readonly string[],
  { preload = '', ...options }: SpawnOptions & { readonly preload?: string } = {},
): Program {
  const hooks =
    preload === '' ? [] : ['--import', `data:text/javascript,${encodeURIComponent(preload)}`];
  const { INIT_CWD: _, NODE_OPTIONS: __, ...env } = { ...process.env, ...options.env };
  const { nodeArgs, main } = args.includes('--threads') ? FROM_SOURCES : bundle;
  const child = spawn(process.execPath, [...nodeArgs, ...hooks, main, ...args], {
    cwd: root,
    ...options,
    env,
  });
  return watched(child);
}

/** Starts it with something open as its standard input. */
function startOn(path: string, args: readonly string[]): Program {
  const descriptor = openSync(path, 'r');
  const program = start(args, { stdio: [descriptor, 'pipe', 'pipe'] });
  closeSync(descriptor);
  return program;
}

/** Starts it at a terminal, on which the test types. Both outputs are one. */
function startOnTerminal(args: readonly string[], andThen = ''): Program {
  const { INIT_CWD: _, NODE_OPTIONS: __, ...env } = process.env;
  const line = `stty rows 24 cols 80; ${commandLine(args)}${andThen}`;
  return watched(
    spawn('script', ['--quiet', '--return', '--flush', '--command', line, '/dev/null'], {
      cwd: root,
      env: { ...env, NO_COLOR: '1', TERM: 'xterm' },
    }),
  );
}

function commandLine(args: readonly string[]): string {
  return [process.execPath, bundle.main, ...args].map((word) => `'${word}'`).join(' ');
}

function watched(child: ChildProcess): Program {
  const text = { stdout: '', stderr: '' };
  for (const stream of ['stdout', 'stderr'] as const) {
    child[stream]?.setEncoding('utf8').on('data', (piece: string) => {
      text[stream] += piece;
    });
  }
  // Who has quit does not read on.
  child.stdin?.on('error', () => {});
  const has = async (stream: 'stdout' | 'stderr', wanted: string | RegExp): Promise<void> => {
    while (text[stream].split(wanted).length === 1) await once(child[stream]!, 'data');
  };
  return {
    child,
    ended: once(child, 'close').then(([code]) => ({ code, ...text })),
    prints: (wanted) => has('stdout', wanted),
    complains: (wanted) => has('stderr', wanted),
  };
}

function crunch(...args: string[]): Promise<Ended> {
  const program = start(args);
  program.child.stdin!.end();
  return program.ended;
}

function make(files: Readonly<Record<string, string | Buffer>>): void {
  for (const [path, content] of Object.entries(files)) {
    mkdirSync(dirname(join(root, path)), { recursive: true });
    writeFileSync(join(root, path), content);
  }
}

/** The lines of an output, columns two spaces apart. */
function linesOf(stdout: string): string[] {
  return stdout.slice(0, -1).replace(/ {2,}/g, '  ').split('\n');
}

/** Code that runs something of `node:fs` in the program, once a first piece of a file was read. */
function afterFirstRead(action: string): string {
  return `import fs from 'node:fs'; import { syncBuiltinESMExports } from 'node:module';
    const { readSync, truncateSync, unlinkSync } = fs; let done = false;
    fs.readSync = (...args) => { const length = readSync(...args);
      if (!done && length > 100_000) { done = true; ${action}; } return length; };
    syncBuiltinESMExports();`;
}

function grepTotal(path: string): number {
  const { stdout } = spawnSync('grep', ['-rhaoE', EXPRESSION, path], {
    env: { ...process.env, LC_ALL: 'C' },
    maxBuffer: 1e9,
  });
  return stdout.toString('latin1').split('\n').length - 1;
}

function canBeOpened(path: string): boolean {
  try {
    closeSync(openSync(path, constants.O_RDONLY | constants.O_NONBLOCK));
    return true;
  } catch {
    return false; // there is none, or not for us
  }
}

/** Whether the program runs as one to whom a folder can be shut. */
function canBeDenied(): boolean {
  const look = `require('node:fs').accessSync(${JSON.stringify(CRUNCHER)})`;
  return spawnSync(process.execPath, ['-e', look], ANOTHER_USER).status === 0;
}
