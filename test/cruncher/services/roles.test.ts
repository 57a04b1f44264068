/**
 * Each part in a process of its own, over RabbitMQ, killed and started again in the middle: no address is lost or
 * counts twice, and no notice is lost, or sent twice without saying so.
 */

import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { amqp } from '@beamish/amqp';
import {
  broker,
  type Deliveries,
  deleteExchange,
  deleteQueue,
  inspect,
  type Queue,
} from '@beamish/exchange';
import { type Actor, ActorSystem, type Self } from 'beamish';
import { SMTPServer } from 'smtp-server';
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import { Requests } from '../../../examples/cruncher/src/services/requests.ts';
import {
  RETRY_MS,
  type Result,
  type Topology,
  topology,
} from '../../../examples/cruncher/src/services/topology.ts';
import { isThere, URL_OF_BROKER } from '../../contract/exchange/broker.ts';
import { relayTo } from '../../support/relay.ts';
import { bundledProgram } from '../program.ts';

const isMissing = !(await isThere()) && process.env['BEAMISH_REQUIRE_SERVICES'] !== '1';
const LONG = { timeout: 120_000 };
const CRUNCHERS = ['fast', 'thorough'];

let bundle: Awaited<ReturnType<typeof bundledProgram>>;

describe.skipIf(isMissing)('over RabbitMQ', () => {
  beforeAll(async () => {
    bundle = await bundledProgram();
  });
  afterAll(() => bundle?.remove());

  test('D11 each part is a process, and all may be killed in the middle', LONG, async () => {
    const ground = await prepare();
    const { folder, system, its } = ground;
    const server = await mailServer();
    const notices = ['--notify-domain', 'x.org', '--state', join(folder, 'state')];
    const mail = ['--smtp', `smtp://127.0.0.1:${server.port}`];
    const starts = {
      status: ['--role', 'status', ...notices],
      fast: ['--role', 'fast'],
      thorough: ['--role', 'thorough'],
      notifier: ['--role', 'notifier', '--name', 'ann', '--name', 'ben', '--name', 'cem', ...mail],
    };
    type Part = keyof typeof starts;
    const running = new Map<Part, ChildProcess>();
    const start = (part: Part): void => void running.set(part, ground.start(starts[part]));
    for (const part of Object.keys(starts) as Part[]) start(part);
    // A second one of a kind shares the files with the first.
    ground.start(starts.fast);

    // Addresses of three people, and of many others; what each file holds is known.
    const names = ['ann', 'ben', 'cem'];
    const paths = Array.from({ length: 24 }, (_, i) => {
      const line = `u${i}@y.org ann@y.org ${names[i % 3]}@x.org\n`;
      const path = join(folder, `${i}.txt`);
      writeFileSync(path, line.repeat(10_000 + i * 100));
      return path;
    });
    const expected = paths.reduce((sum, _, i) => sum + 3 * (10_000 + i * 100), 0);

    const killed: Part[] = [];
    const toKill: Part[] = ['fast', 'status', 'notifier', 'thorough', 'status', 'fast'];
    const heard = (count: number): void => {
      // In the middle: after some results, and before the others.
      if (count % 6 !== 0) return;
      const part = toKill.shift();
      if (part === undefined) return;
      running.get(part)?.kill('SIGKILL');
      killed.push(part);
      start(part);
    };
    const results = await asked(system, its, paths, CRUNCHERS, heard);

    expect(killed.length).toBeGreaterThanOrEqual(5);
    expect(results).toHaveLength(2 * paths.length);
    for (const each of CRUNCHERS) {
      const mine = results.filter(({ cruncher }) => cruncher === each);
      expect(mine.reduce((sum, { found }) => sum + found, 0)).toBe(expected);
      expect(Math.max(...mine.map(({ total }) => total))).toBe(expected);
    }
    await expect.poll(() => new Set(server.mails.map(({ to }) => to)).size, LONG).toBe(3);
    for (const name of names) {
      const [, ...again] = server.mails.filter(({ to }) => to === `${name}@x.org`);
      for (const { text } of again) expect(text).toMatch(/^X-May-Be-Twice: yes/m);
    }
  });

  test(
    'D11 a prompt that is killed in the middle has lost no file, and its successor repeats none',
    LONG,
    async () => {
      const ground = await prepare();
      const { folder, system, its } = ground;
      const paths = Array.from({ length: 6 }, (_, i) => {
        const path = join(folder, `${i}.txt`);
        writeFileSync(path, `u${i}@x.org ann@x.org\n`.repeat(100 + i));
        return path;
      });
      // Nobody crunches yet, so the prompt waits for results when it is killed.
      const first = ground.start(['--role', 'prompt']);
      for (const path of paths) first.stdin?.write(`${path}\n`);
      const published = async (): Promise<number> =>
        (await inspect(system, its.crunchers('thorough'))).ready;
      await expect.poll(published, LONG).toBe(3);
      first.kill('SIGKILL');
      await once(first, 'exit');
      ground.start(['--role', 'status', '--state', join(folder, 'state')]);
      for (const each of CRUNCHERS) ground.start(['--role', each]);
      const second = ground.start(['--role', 'prompt']);
      let printed = '';
      second.stdout?.setEncoding('utf8').on('data', (text: string) => {
        printed += text;
      });
      // What it had read ahead went with it, and is typed again.
      for (const path of paths.slice(3)) second.stdin?.write(`${path}\n`);
      second.stdin?.write('quit\n');
      await expect.poll(() => printed, LONG).toContain('Quitting...');
      const last = join(folder, 'last.txt');
      writeFileSync(last, 'last@x.org');
      const results = await asked(system, its, [last], CRUNCHERS);
      const expected = paths.reduce((sum, _, i) => sum + 2 * (100 + i), 1);
      expect(results.map(({ total }) => total)).toEqual([expected, expected]);
    },
  );

  test('D1 what is typed while the connection is lost reaches the crunchers', LONG, async () => {
    const ground = await prepare();
    const { folder } = ground;
    const url = new URL(URL_OF_BROKER);
    const relay = await relayTo(url);
    onTestFinished(() => relay.close());
    url.port = String(relay.port);
    const prompt = ground.start(['--role', 'prompt', '--broker', url.href]);
    let printed = '';
    prompt.stdout?.setEncoding('utf8').on('data', (text: string) => {
      printed += text;
    });
    await expect.poll(() => printed, LONG).toContain('> ');
    const paths = Array.from({ length: 4 }, (_, i) => {
      const path = join(folder, `${i}.txt`);
      writeFileSync(path, `u${i}@x.org`);
      return path;
    });
    // Nobody crunches yet: the queues are there, and the files wait in them.
    for (const path of paths) {
      prompt.stdin?.write(`${path}\n`);
      await expect.poll(() => printed, LONG).toContain(`Parsing ${path}`);
      relay.cut();
    }
    const { system, its } = ground;
    // Of what was on its way when the connection was lost, nobody can say whether it had come: it may be there twice.
    for (const each of CRUNCHERS)
      await expect
        .poll(async () => (await inspect(system, its.crunchers(each))).ready, LONG)
        .toBeGreaterThanOrEqual(paths.length);
    ground.start(['--role', 'status', '--state', join(folder, 'state')]);
    ground.start(['--role', 'fast']);
    ground.start(['--role', 'thorough']);
    prompt.stdin?.write('quit\n');
    // Both tell of each file, here or to whom is still there to hear it.
    const last = join(folder, 'last.txt');
    writeFileSync(last, 'last@x.org');
    const results = await asked(system, its, [last], CRUNCHERS);
    expect(results.map(({ total }) => total)).toEqual([5, 5]);
  });
});

/** A prefix of this test's own at the broker, a folder, and processes; all gone when the test has ended. */
async function prepare() {
  const prefix = `test.cruncher.${process.pid}.${Math.random().toString(36).slice(2)}`;
  const folder = mkdtempSync(join(tmpdir(), 'roles-'));
  const system = new ActorSystem({ log: 'off' });
  const its = topology({ prefix, isDurable: true });
  const children: ChildProcess[] = [];
  await system.start(
    broker({
      url: URL_OF_BROKER,
      engines: [amqp],
      topology: [...its.all, its.crunchers('fast'), its.crunchers('thorough')],
    }),
  );
  onTestFinished(async () => {
    await Promise.all(
      children.map(async (child) => {
        if (child.exitCode !== null || child.signalCode !== null) return;
        child.kill('SIGKILL');
        await once(child, 'exit');
      }),
    );
    await cleared(system, its);
    await system.shutdown();
    rmSync(folder, { recursive: true, force: true });
  });
  return {
    folder,
    prefix,
    system,
    its,
    start(args: readonly string[]): ChildProcess {
      const where = args.includes('--broker') ? [] : ['--broker', URL_OF_BROKER];
      const all = [bundle.main, '--prefix', prefix, ...where, ...args];
      const child = spawn(process.execPath, all, {
        cwd: folder,
        stdio: ['pipe', 'pipe', 'ignore'],
      });
      child.stdout?.resume();
      children.push(child);
      return child;
    },
  };
}

async function cleared(system: ActorSystem, its: Topology): Promise<void> {
  const queues: Queue[] = [
    its.status,
    its.undeliverable,
    its.crunchers('fast'),
    its.crunchers('thorough'),
    ...['ann', 'ben', 'cem'].map(its.mailbox),
    ...its.all.filter((each): each is Queue => 'queue' in each),
  ];
  for (const each of queues) {
    await deleteQueue(system, each, { force: true });
    await deleteQueue(system, { ...each, queue: `${each.queue}.quarantine` }, { force: true });
  }
  for (const each of its.all) if ('exchange' in each) await deleteExchange(system, each);
  expect(its.later).toHaveLength(RETRY_MS.length);
}

/** Has files crunched, and resolves when each of these crunchers has told of each. */
function asked(
  system: ActorSystem,
  its: Topology,
  paths: readonly string[],
  crunchers: readonly string[],
  heard: (count: number) => void = () => {},
): Promise<readonly Result[]> {
  return system.run(function* (self: Self<Deliveries<Result>>): Actor<readonly Result[]> {
    const requests = new Requests(self, its, crunchers);
    yield* requests.begin();
    for (const path of paths) yield* requests.publish(path, path);
    const results: Result[] = [];
    for (;;) {
      const result = yield* requests.next('infinity');
      if (result === undefined) return results;
      heard(results.push(result));
    }
  });
}

async function mailServer() {
  const mails: { readonly to: string; readonly text: string }[] = [];
  const server = new SMTPServer({
    disabledCommands: ['AUTH', 'STARTTLS'],
    onData(stream, { envelope }, done) {
      let text = '';
      stream.on('data', (part) => {
        text += part;
      });
      stream.on('end', () => {
        for (const { address } of envelope.rcptTo) mails.push({ to: address, text });
        done();
      });
    },
  });
  server.on('error', () => {});
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', () => listening()));
  onTestFinished(() => new Promise<void>((closed) => void server.close(() => closed())));
  return { mails, port: (server.server.address() as AddressInfo).port };
}
