/** Celery itself, as Debian has it, and the brokers that it needs: what is there, and how it is started. */

import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { connect } from 'node:net';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { connect as amqp } from 'amqplib';

const PYTHON = '/usr/bin/python3';
const FOLDER = fileURLToPath(new URL('../python/', import.meta.url));

export const RABBITMQ = process.env['BEAMISH_AMQP'] ?? 'amqp://guest:guest@127.0.0.1:5672/';
/** A database of its own. */
export const REDIS = process.env['BEAMISH_REDIS'] ?? 'redis://127.0.0.1:6379/5';

function reaches(url: string): Promise<boolean> {
  const { hostname, port } = new URL(url);
  return new Promise((resolve) => {
    const socket = connect({ host: hostname, port: Number(port) });
    const tell = (isThere: boolean) => () => {
      socket.destroy();
      resolve(isThere);
    };
    socket.once('connect', tell(true)).once('error', tell(false)).setTimeout(2000, tell(false));
  });
}

function hasPython(): boolean {
  return spawnSync(PYTHON, ['-c', 'import celery, redis, kombu']).status === 0;
}

const isRequired = process.env['BEAMISH_REQUIRE_SERVICES'] === '1';
const [hasRabbit, hasRedis] = await Promise.all([reaches(RABBITMQ), reaches(REDIS)]);

/** Undefined if all is there; otherwise what is not, as a reason to leave tests out. With `BEAMISH_REQUIRE_SERVICES=1` they run, and fail. */
export const MISSING: string | undefined = isRequired
  ? undefined
  : [
      ...(hasRabbit ? [] : ['RabbitMQ']),
      ...(hasRedis ? [] : ['Redis']),
      ...(hasPython() ? [] : ['python3-celery with python3-redis']),
    ].join(', ') || undefined;

export interface Pair {
  readonly name: string;
  readonly broker: string;
  readonly results: string;
}

export const PAIRS: readonly Pair[] = [
  { name: 'RabbitMQ and rpc', broker: RABBITMQ, results: 'rpc://' },
  { name: 'RabbitMQ and Redis', broker: RABBITMQ, results: REDIS },
  { name: 'Redis and Redis', broker: REDIS, results: REDIS },
  { name: 'Redis and rpc', broker: REDIS, results: 'rpc://' },
];

/** Names that no other test has. */
export function freshNames() {
  const id = randomUUID().slice(0, 8);
  return {
    py: `test-py-${id}`,
    js: `test-js-${id}`,
    pyNode: `py-${id}@test`,
    jsNode: `js-${id}@test`,
  };
}
export type Fresh = ReturnType<typeof freshNames>;

/** How many take from a queue of RabbitMQ; zero of one that is not there. */
export async function consumersOf(broker: string, queue: string): Promise<number> {
  const connection = await amqp(broker);
  const channel = await connection.createChannel();
  channel.on('error', () => undefined); // that it is not there closes the channel
  const { consumerCount } = await channel.checkQueue(queue).catch(() => ({ consumerCount: 0 }));
  await connection.close();
  return consumerCount;
}

function environment({ broker, results }: Pair, names: Fresh, more: object = {}) {
  return { ...process.env, BROKER: broker, BACKEND: results, QUEUE: names.py, ...more };
}

export interface PythonWorker extends AsyncDisposable {
  readonly log: () => string;
  kill(signal: NodeJS.Signals): void;
}

/** Resolves when a worker, which logs at INFO, takes tasks: with all that it has said until somebody asks. */
export async function ready(worker: ChildProcess): Promise<() => string> {
  let log = '';
  await new Promise<void>((isReady, fail) => {
    const hear = (text: Buffer): void => {
      log += text.toString();
      if (/ ready\./.test(log)) isReady();
    };
    worker.stdout?.on('data', hear);
    worker.stderr?.on('data', hear);
    worker.once('exit', (code) =>
      fail(new Error(`The Python worker has ended with ${code}:\n${log}`)),
    );
  });
  return () => log;
}

/** Resolves when it takes tasks. */
export async function pythonWorker(
  pair: Pair,
  names: Fresh,
  options: { readonly args?: readonly string[]; readonly env?: object } = {},
): Promise<PythonWorker> {
  const { args = ['-P', 'threads', '-c', '4'], env } = options;
  const worker = ['-m', 'celery', '-A', 'peer', 'worker', '-Q', names.py, '-n', names.pyNode];
  const child = spawn(PYTHON, [...worker, '-l', 'INFO', '-E', '--without-gossip', ...args], {
    cwd: FOLDER,
    env: environment(pair, names, env),
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const log = await ready(child);
  return {
    log,
    kill: (signal) => void child.kill(signal),
    [Symbol.asyncDispose]: () => ended(child, 'SIGQUIT'),
  };
}

async function ended(child: ChildProcess, signal: NodeJS.Signals): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const gone = new Promise<void>((resolve) => child.once('exit', () => resolve()));
  child.kill(signal);
  const timer = setTimeout(() => child.kill('SIGKILL'), 3000);
  await gone;
  clearTimeout(timer);
}

export interface PythonClient extends AsyncDisposable {
  /** What an expression of Python results in: names are those of `peer.py` and `client.py`. */
  py<T = unknown>(expression: string): Promise<T>;
}

export async function pythonClient(pair: Pair, names: Fresh): Promise<PythonClient> {
  const child = spawn(PYTHON, ['client.py'], {
    cwd: FOLDER,
    env: environment(pair, names),
    stdio: ['pipe', 'pipe', 'pipe'],
  });
  let log = '';
  child.stderr.on('data', (text: Buffer) => {
    log += text.toString();
  });
  const waiting: ((line: string) => void)[] = [];
  createInterface({ input: child.stdout }).on('line', (line) => waiting.shift()?.(line));
  const next = (): Promise<string> => new Promise((resolve) => waiting.push(resolve));
  const ready = next();
  child.once('exit', () => {
    for (const each of waiting.splice(0)) each(JSON.stringify({ error: `It has ended:\n${log}` }));
  });
  await ready;
  return {
    async py<T>(expression: string) {
      const line = next();
      child.stdin.write(`${JSON.stringify({ do: expression })}\n`);
      const answer = JSON.parse(await line) as { readonly ok?: T; readonly error?: string };
      if (answer.error !== undefined) throw new Error(answer.error);
      return answer.ok as T;
    },
    [Symbol.asyncDispose]: () => ended(child, 'SIGKILL'),
  };
}

/** `celery inspect …` and the like, with what it prints. */
export async function celeryCommand(
  pair: Pair,
  names: Fresh,
  ...args: readonly string[]
): Promise<string> {
  const child = spawn(PYTHON, ['-m', 'celery', '-A', 'peer', ...args], {
    cwd: FOLDER,
    env: environment(pair, names),
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let text = '';
  child.stdout.on('data', (part: Buffer) => {
    text += part.toString();
  });
  await new Promise((resolve) => child.once('exit', resolve));
  return text;
}
