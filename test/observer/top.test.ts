/** `beamish-observer top`, in a terminal of its own. */

import { execFileSync, spawn, spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir, userInfo } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type Observer, observe, type Page, servePage } from '@beamish/observer';
import { ActorSystem, type Message, type Pid } from 'beamish';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { pressed } from '../../packages/observer/src/cli/keys.ts';
import { screenOf, type View } from '../../packages/observer/src/cli/screen.ts';
import { startView } from '../../packages/observer/src/cli/top.ts';
import { Watched } from '../../packages/observer/src/cli/watched.ts';
import { fit as fitted, widthOf } from '../../packages/observer/src/cli/width.ts';
import { FROM_SOURCE } from '../support/from-source.ts';
import { idler } from '../support/recorder.ts';
import { shop } from './shop.ts';

const TMUX = ['/usr/bin/tmux', '/usr/local/bin/tmux', '/opt/homebrew/bin/tmux'].find(existsSync);
const isRequired = process.env['BEAMISH_REQUIRE_SERVICES'] === '1';
const CLI = fileURLToPath(new URL('../../packages/observer/src/cli.ts', import.meta.url));
const NODE = [process.execPath, ...FROM_SOURCE, CLI];
const ROOT = fileURLToPath(new URL('../..', import.meta.url));

let system: ActorSystem;
let page: Page;
beforeAll(async () => {
  system = await shop({ carts: 60 });
  page = await servePage(observe(system));
});
afterAll(async () => {
  await page.close();
  await system.shutdown();
});

/** Without blocking this process, which is who is looked at. */
function run(
  args: readonly string[],
  env: Record<string, string> = {},
): Promise<{ code: number; out: string; err: string }> {
  return new Promise((resolve) => {
    const child = spawn(NODE[0] as string, [...NODE.slice(1), ...args], {
      cwd: ROOT,
      env: { ...process.env, ...env },
    });
    let [out, err] = ['', ''];
    child.stdout.on('data', (chunk) => {
      out += chunk;
    });
    child.stderr.on('data', (chunk) => {
      err += chunk;
    });
    child.on('close', (code) => resolve({ code: code ?? -1, out, err }));
  });
}

test('OBS-134 --once prints one table, without escape codes', async () => {
  const { code, out } = await run(['top', page.url, '--once']);
  expect(code).toBe(0);
  for (const words of ['shop', 'MAILBOX', 'letterbox', 'clerk-1', 'dead letters'])
    expect(out).toContain(words);
  expect(out).not.toContain('\u001b');
}, 60_000);

test('OBS-135 --once --json prints one snapshot with findings, and 3 says that there are errors', async () => {
  const { code, out } = await run(['top', page.url, '--once', '--json']);
  const snapshot = JSON.parse(out);
  expect(snapshot.systems[0]).toMatchObject({ system: 'shop', status: 'up' });
  expect(snapshot.actors.map(({ label }: { label: string }) => label)).toContain('ledger');
  expect(snapshot.findings.some(({ rule }: { rule: string }) => rule === 'deadlock')).toBe(true);
  expect(code).toBe(3);
}, 60_000);

test('OBS-136 what cannot be looked at is a sentence that says what to do, and 2', async () => {
  const { port } = page;
  const none = { TMPDIR: '/nonexistent-folder' };
  const all = await Promise.all([
    run(['top', '--once'], none),
    run(['top', 'http://127.0.0.1:1/?token=x', '--once']),
    run(['top', `http://127.0.0.1:${port}/?token=wrong-wrong-wrong`, '--once']),
    run(['top', `http://127.0.0.1:${port}/`, '--once']),
    run(['top', 'not an address', '--once']),
    run(['top', '--sort', 'size']),
  ]);
  expect(all.map(({ code }) => code)).toEqual([2, 2, 2, 2, 2, 2]);
  expect(all.map(({ err }) => err.trim().split('\n').length)).toEqual([1, 1, 1, 1, 1, 1]);
  for (const [i, words] of [
    'No program is observed here',
    'Nobody answers',
    'does not know this token',
    'has no token',
    'is no address',
    'There is no order',
  ].entries())
    expect(all[i]?.err).toContain(words);
}, 60_000);

test('OBS-136 when two programs are observed, it names both, and asks for the link of one', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'beamish-two-'));
  const left = join(folder, `beamish-observer-${userInfo().uid}`);
  mkdirSync(left, { mode: 0o700 });
  for (const [name, pid] of [
    ['ann', process.pid],
    ['bea', process.ppid],
  ] as const)
    writeFileSync(join(left, `${pid}.json`), JSON.stringify({ url: `http://${name}/`, name, pid }));
  const { code, err } = await run(['top', '--once'], { TMPDIR: folder });
  rmSync(folder, { recursive: true });
  expect(code).toBe(2);
  const lines = err.trim().split('\n');
  expect(lines[0]).toBe('Several programs are observed here. Give the link of one:');
  expect(lines.slice(1).sort()).toEqual([
    `  ann (process ${process.pid})  http://ann/`,
    `  bea (process ${process.ppid})  http://bea/`,
  ]);
}, 60_000);

describe('a screen', () => {
  const watched = new Watched();
  const view = startView('mailbox');
  let watching: Observer;
  beforeAll(async () => {
    watching = observe(system);
    await watching.snapshot();
    const { hub } = watching as unknown as { hub: { stations: { model: Watched['model'] } } };
    watched.model = hub.stations.model;
    watched.name = 'shop';
    watched.state = 'live';
  });
  afterAll(() => watching.close());
  const view80 = (over: Partial<View> = {}): View => ({ ...view, ...over });

  test('OBS-138 wide characters, emoji and escape codes leave the columns straight', async () => {
    expect(widthOf('日本語')).toBe(6);
    expect(widthOf('👩‍👩‍👧 ok')).toBe(5);
    for (const text of [
      'plain',
      '日本語の名前が長い',
      '👩‍👩‍👧‍👦👩‍👩‍👧‍👦👩‍👩‍👧‍👦',
      '\u001b[31mred\u001b[0m',
      'e\u0301e\u0301',
      'a\nb\tc',
      '\u202eright',
    ])
      expect(widthOf(fitted(text, 8))).toBe(8);
    // biome-ignore lint/suspicious/noControlCharactersInRegex: that there are none is what is tested
    expect(fitted('\u001b[2Jgone\u0007', 20)).not.toMatch(/[\u0000-\u001f]/);
  });

  test('OBS-132 columns go by rank, and no line is wider than the terminal', () => {
    const rows = [...watched.model.actors()].map((actor) => ({ actor, level: 0 }));
    const titles = (width: number) =>
      screenOf(watched, view, rows, width, 24, 0)[2]?.text.trim().split(/\s+/);
    for (const width of [20, 30, 40, 60, 80, 120, 200])
      for (const height of [5, 10, 24, 50])
        for (const over of [
          {},
          { tree: true },
          { typing: 'led' },
          { details: true, current: rows[0]?.actor.key },
        ]) {
          const lines = screenOf(watched, view80(over), rows, width, height, 0);
          expect(lines).toHaveLength(height);
          for (const { text } of lines) expect(widthOf(text)).toBeLessThanOrEqual(width);
        }
    expect(titles(30)).toEqual(['NAME', 'MAILBOX▼']);
    expect(titles(60)).toEqual(['PID', 'NAME', 'STATE', 'MAILBOX▼', 'TAKEN/S', '↻']);
    expect(titles(80)).toEqual([
      'PID',
      'NAME',
      'STATE',
      'WAITING',
      'FOR',
      'MAILBOX▼',
      'TAKEN/S',
      '↻',
    ]);
  });

  test('OBS-133 each key does what it says', () => {
    const rows = [...watched.model.actors()].slice(0, 5).map((actor) => ({ actor, level: 0 }));
    const pressing = (...keys: readonly string[]) =>
      keys.reduce<View | undefined>((its, key) => its && pressed(its, key, rows, 24), view);
    expect(pressing('r')).toMatchObject({ sort: 'rate', reversed: false });
    expect(pressing('r', 'r')).toMatchObject({ sort: 'rate', reversed: true });
    expect(pressing('w', 'n', 'm')).toMatchObject({ sort: 'mailbox' });
    expect(pressing('/', 'l', 'e', 'd')).toMatchObject({ typing: 'led', filter: 'led' });
    expect(pressing('/', 'l', 'x', '\u007f', '\r')).toMatchObject({
      typing: undefined,
      filter: 'l',
    });
    expect(pressing('/', 'l', '\u001b')).toMatchObject({ typing: undefined, filter: '' });
    expect(pressing('\u001b[B', '\u001b[B', '\u001b[A')).toMatchObject({
      current: rows[0]?.actor.key,
    });
    expect(pressing('\u001b[B', '\r')).toMatchObject({ details: true });
    expect(pressing('\u001b[B', '\r', '\u001b')).toMatchObject({ details: false });
    expect(pressing('t')).toMatchObject({ tree: true });
    expect(pressing(' ')).toMatchObject({ paused: true });
    expect(pressing('q')).toBeUndefined();
    expect(pressing('\u0003')).toBeUndefined();
  });
});

describe.skipIf(TMUX === undefined && !isRequired)('in a terminal', () => {
  const socket = `beamish-${process.pid}`;
  const tmux = (...args: readonly string[]) =>
    execFileSync(TMUX ?? 'tmux', ['-L', socket, ...args], { encoding: 'utf8' });
  const wait = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));
  const screen = () => tmux('capture-pane', '-p', '-t', 'top').split('\n');
  async function until(is: (lines: string[]) => boolean): Promise<string[]> {
    for (let i = 0; i < 300; i++) {
      const lines = screen();
      if (is(lines)) return lines;
      await wait(100);
    }
    throw new Error(`It did not come:\n${screen().join('\n')}`);
  }
  afterAll(() => {
    spawnSync(TMUX ?? 'tmux', ['-L', socket, 'kill-server']);
  });

  test('OBS-131 the shop at 80 × 24; OBS-132 resized; OBS-133 the terminal is as before', async () => {
    tmux('-f', '/dev/null', 'new-session', '-d', '-s', 'top', '-x', '80', '-y', '24', 'sh');
    tmux(
      'send-keys',
      '-t',
      'top',
      `PS1='ready> '; clear; ${NODE.join(' ')} top '${page.url}'; echo code $?`,
      'Enter',
    );
    const lines = await until((all) => all.some((line) => line.includes('MAILBOX')));
    expect(lines[0]).toMatch(/^shop {2}up \d\d:\d\d:\d\d {2}\d+ actors/);
    expect(lines[1]).toMatch(/^shop .*% {2}loop \d+ ms {2}heap \d+ MB/);
    expect(lines[2]).toMatch(/^PID +NAME +STATE +WAITING FOR +MAILBOX▼ +TAKEN\/S +↻/);
    expect(lines.every((line) => widthOf(line) <= 80)).toBe(true);
    expect(lines.slice(3, 23).filter((line) => line.startsWith('shop.'))).toHaveLength(20);
    await until(
      (all) => all[23]?.includes('deadlock') === true || all[23]?.includes('mailbox') === true,
    );
    tmux('send-keys', '-t', 'top', '/', 'l', 'e', 'd');
    await until((all) => all.filter((line) => line.startsWith('shop.')).length === 1);
    tmux('send-keys', '-t', 'top', 'Escape');
    await until((all) => all.filter((line) => line.startsWith('shop.')).length === 20);
    tmux('resize-window', '-t', 'top', '-x', '60', '-y', '10');
    await until(
      (all) => all[2]?.includes('WAITING') === false && all[2]?.includes('MAILBOX') === true,
    );
    expect(screen().filter((line) => line.startsWith('shop.'))).toHaveLength(6);
    tmux('send-keys', '-t', 'top', 'q');
    const last = await until((all) => all.some((line) => line.includes('code 0')));
    expect(last.some((line) => line.includes('MAILBOX'))).toBe(false);
  }, 90_000);

  test.for([
    ['Ctrl-C', 'code 0'],
    ['SIGTERM', 'code 1'],
    ['a crash', 'code 7'],
  ] as const)(
    'OBS-133 the terminal is as before after %s',
    { timeout: 90_000 },
    async ([how, code]) => {
      const session = `after-${code.at(-1)}`;
      // As an error that nobody catches: the same code whatever Node makes of it.
      const crash =
        "process.on('uncaughtException', () => process.exit(7)); setTimeout(() => { throw new Error('crash'); }, 3000);";
      const crashing =
        how === 'a crash'
          ? `--import 'data:text/javascript;base64,${Buffer.from(crash).toString('base64')}'`
          : '';
      const [node, ...args] = NODE;
      const program = `${node} ${crashing} ${args.join(' ')} top '${page.url}'`;
      tmux('-f', '/dev/null', 'new-session', '-d', '-s', session, '-x', '80', '-y', '24', 'sh');
      const type = (...keys: readonly string[]) => tmux('send-keys', '-t', session, ...keys);
      const shown = () => tmux('capture-pane', '-p', '-t', session);
      const comes = async (words: string) => {
        for (let i = 0; i < 300 && !shown().includes(words); i++) await wait(100);
        expect(shown()).toContain(words);
      };
      const looks = () =>
        tmux('display', '-p', '-t', session, '#{alternate_on} #{cursor_flag}').trim();
      type(
        `PS1='$ '; clear; echo "was $(stty -g)"; ${program}; echo "code $? $(stty -g)"`,
        'Enter',
      );
      await comes('MAILBOX');
      expect(looks()).toBe('1 0');
      if (how === 'Ctrl-C') type('C-c');
      if (how === 'SIGTERM') {
        const shell = tmux('display', '-p', '-t', session, '#{pane_pid}').trim();
        const [child] = execFileSync('pgrep', ['-P', shell], { encoding: 'utf8' }).split('\n');
        process.kill(Number(child), 'SIGTERM');
      }
      await comes(code);
      expect(looks()).toBe('0 1');
      const [, was] = /was (\S+)/.exec(shown()) ?? [];
      expect(shown().replace(/\n/g, '')).toContain(`${code} ${was}`);
    },
  );

  test('OBS-137 when the program ends it says so, and it is live when it comes again', async () => {
    const token = 'a-token-of-my-own-12345';
    const first = new ActorSystem({ name: 'first', log: 'off' });
    first.register('ann', first.spawn(idler) as Pid<Message>);
    const served = await servePage(observe(first), { token });
    tmux(
      '-f',
      '/dev/null',
      'new-session',
      '-d',
      '-s',
      'again',
      '-x',
      '80',
      '-y',
      '24',
      `${NODE.join(' ')} top '${served.url}'`,
    );
    const lines = () => tmux('capture-pane', '-p', '-t', 'again').split('\n');
    const come = async (words: string) => {
      for (let i = 0; i < 300 && !lines().some((line) => line.includes(words)); i++)
        await wait(100);
      expect(lines().join('\n')).toContain(words);
    };
    await come('ann');
    await served.close();
    await first.shutdown();
    await come('ended');
    const second = new ActorSystem({ name: 'second', log: 'off' });
    second.register('bea', second.spawn(idler) as Pid<Message>);
    const again = await servePage(observe(second), { token, port: served.port });
    await come('bea');
    expect(lines()[0]).toContain('second  up');
    tmux('send-keys', '-t', 'again', 'q');
    await again.close();
    await second.shutdown();
  }, 90_000);
});

describe('attach', () => {
  const app = fileURLToPath(new URL('./attached.ts', import.meta.url));

  test('OBS-139 output, input, exit code and signals are the program’s; SEC-27 its address is the user’s alone', async () => {
    const { code, out, err } = await run([
      'attach',
      '--',
      process.execPath,
      '--conditions=beamish-source',
      '--import',
      'tsx',
      app,
      '--flag',
    ]);
    expect(code).toBe(7);
    const [told] = out.trim().split('\n');
    const seen = JSON.parse(told ?? '');
    expect(seen.argv).toEqual(['--flag']);
    expect(err.trim()).toMatch(/^beamish observer: app at http:\/\/127\.0\.0\.1:\d+\/\?token=\S+$/);
    expect(seen).toMatchObject({ folder: '700', file: '600', linked: false });
    const other = spawnSync(
      process.execPath,
      ['-e', `try { process.kill(${seen.pid}, 0); } catch { console.log('gone'); }`],
      { encoding: 'utf8' },
    );
    expect(other.stdout.trim()).toBe('gone');
    expect(existsSync(seen.path)).toBe(false);
  }, 60_000);

  test('OBS-139 what is typed is the program’s input, and a signal is one to it', async () => {
    const program = `
      process.stdin.setEncoding('utf8').on('data', (text) => console.log('read ' + text.trim()));
      process.on('SIGTERM', () => { console.log('told to end'); process.exit(3); });
      console.log('ready');`;
    const command = [...NODE, 'attach', '--', process.execPath, '-e', program];
    const child = spawn(command[0] as string, command.slice(1), { cwd: ROOT });
    let out = '';
    child.stdout.on('data', (chunk) => {
      out += chunk;
    });
    const ended = new Promise((resolve) => child.on('close', resolve));
    await expect.poll(() => out).toContain('ready');
    child.stdin.write('some words\n');
    await expect.poll(() => out).toContain('read some words');
    child.kill('SIGTERM');
    expect(await ended).toBe(3);
    expect(out).toBe('ready\nread some words\ntold to end\n');
  }, 60_000);

  test('OBS-140 a program that tsx runs is observed, and its threads with it', async () => {
    const tsx = fileURLToPath(new URL('../../node_modules/.bin/tsx', import.meta.url));
    const pooled = fileURLToPath(new URL('./attached-pool.ts', import.meta.url));
    const { code, out, err } = await run([
      'attach',
      '--',
      tsx,
      '--conditions=beamish-source',
      pooled,
    ]);
    expect([code, err.match(/beamish observer: app at /g)?.length]).toEqual([0, 1]);
    const [told] = out.trim().split('\n');
    expect(JSON.parse(told ?? '')).toEqual(['app', 'thread-1']);
  }, 60_000);
});
