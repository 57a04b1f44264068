/**
 * Our worker and client beside Celery's, in turns of one and the other, on the same brokers:
 *
 *     npm run bench:celery -- [ROUNDS] [throughput | latency]
 *
 * Needs RabbitMQ, Redis and Debian's python3-celery; what it counts are ratios of one run, by the clock on the wall.
 * Both sides have a client and a worker in processes of their own, and have run for a while before they are measured.
 */

import { type ChildProcess, fork } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { fileURLToPath } from 'node:url';
import { celeryTask } from '@beamish/celery';
import { connect } from 'amqplib';
import { callMessage } from '../../packages/celery/src/messages/call-message.ts';
import {
  type Fresh,
  freshNames,
  MISSING,
  PAIRS,
  type Pair,
  pythonClient,
  pythonWorker,
  RABBITMQ,
} from '../celery/support/live.ts';
import { join } from '../celery/support/ours.ts';

const rounds = Number(process.argv[2] ?? 5);
const only = process.argv[3];
const COUNT = Number(process.env['BENCH_COUNT'] ?? 20_000);
const CALLS = Number(process.env['BENCH_CALLS'] ?? 200);
const PARTS = Number(process.env['BENCH_PARTS'] ?? 2000);
/** Calls of each side before any is measured: by then V8 has compiled what is run often. */
const WARM = Number(process.env['BENCH_WARM'] ?? 3000);
/** Calls of one side in a row, so that what else the machine does falls on both. */
const BLOCK = 20;

if (MISSING !== undefined) {
  console.log(`Left out: there is no ${MISSING}`);
  process.exit();
}
console.log(
  `Node ${process.version}; ${rounds} rounds of ${COUNT} messages, ${CALLS} calls, a chord of ${PARTS}`,
);

/** In a process of its own, as theirs. */
async function ourWorker({ broker, results }: Pair, names: Fresh): Promise<ChildProcess> {
  const program = fileURLToPath(new URL('../celery/support/noop.ts', import.meta.url));
  const env = {
    ...process.env,
    BROKER: broker,
    BACKEND: results,
    QUEUE: names.js,
    NODE_NAME: names.jsNode,
  };
  const child = fork(program, { env, execArgv: process.execArgv });
  await new Promise((ready) => child.once('message', ready));
  return child;
}

/** Messages a second, from when a full queue is taken to the result of the last one. */
async function served(
  name: 'js' | 'peer',
  node: string,
  ask: (method: string, args: object) => Promise<unknown>,
): Promise<number> {
  const connection = await connect(RABBITMQ);
  const channel = await connection.createConfirmChannel();
  const queue = `bench-${randomUUID()}`;
  await channel.assertQueue(queue, { durable: true });
  const { queue: replies } = await channel.assertQueue('', { exclusive: true });
  const last = randomUUID();
  const over = new Promise<void>((resolve) => {
    void channel.consume(
      replies,
      (message) => message?.properties.correlationId === last && resolve(),
      { noAck: true },
    );
  });
  const send = (
    task: string,
    id: string,
    args: readonly unknown[],
    ignoreResult: boolean,
  ): void => {
    const { headers, body } = callMessage(
      { id, name: task, args, ignoreResult },
      { origin: 'bench', show: 'repr' },
    );
    const integers = { ...headers, retries: { '!': 'int', value: 0 } };
    channel.publish('', queue, Buffer.from(body), {
      headers: integers,
      contentType: 'application/json',
      contentEncoding: 'utf-8',
      correlationId: id,
      replyTo: replies,
    });
  };
  for (let i = 0; i < COUNT; i++) send(`${name}.noop`, randomUUID(), [], true);
  send(`${name}.add`, last, [1, 2], false);
  await channel.waitForConfirms();
  const began = performance.now();
  await ask('add_consumer', { queue });
  await over;
  const seconds = (performance.now() - began) / 1000;
  await ask('cancel_consumer', { queue });
  await channel.deleteQueue(queue);
  await connection.close();
  void node;
  return COUNT / seconds;
}

function median(values: readonly number[]): number {
  return [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)] as number;
}

function shown(
  what: string,
  ours: readonly number[],
  theirs: readonly number[],
  bar: string,
): void {
  const [a, b] = [median(ours), median(theirs)];
  const round = (n: number): string => (n < 10 ? n.toFixed(2) : Math.round(n).toLocaleString('en'));
  console.log(
    `${what}: ours ${round(a)}, Celery ${round(b)}, ratio ${(a / b).toFixed(2)} (${bar})`,
  );
}

async function throughput(): Promise<void> {
  const pair = PAIRS[0] as Pair;
  const names = freshNames();
  const theirs = await pythonWorker(pair, names, { args: ['-c', '2', '--without-mingle'] });
  const ours = await ourWorker(pair, names);
  const client = await join(
    pair,
    { ...names, js: `${names.js}-client`, jsNode: 'bench-client' },
    { serve: undefined as never },
  );
  const ask = (node: string) => (method: string, args: object) =>
    client.py.inspect(method, args as never, { nodes: [node], within: 10_000 });
  const figures: [number[], number[]] = [[], []];
  for (let round = 0; round <= rounds; round++) {
    const a = await served('js', names.jsNode, ask(names.jsNode));
    const b = await served('peer', names.pyNode, ask(names.pyNode));
    if (round > 0) {
      figures[0].push(a);
      figures[1].push(b);
    }
  }
  shown('served from RabbitMQ, no results, messages/s', ...figures, 'at least 4');
  ours.kill('SIGTERM');
  await theirs[Symbol.asyncDispose]();
  await client[Symbol.asyncDispose]();
}

async function latency(pair: Pair): Promise<void> {
  const names = freshNames();
  const theirs = await pythonWorker(pair, names, { args: ['-c', '2', '--without-mingle'] });
  const ours = await ourWorker(pair, names);
  const python = await pythonClient(pair, names);
  const client = await join(
    pair,
    { ...names, jsNode: 'bench-client' },
    { serve: undefined as never },
  );
  const add = celeryTask<[number, number], number>('js.add', { queue: names.js });
  const callOurs = async (count: number): Promise<number[]> => {
    const times: number[] = [];
    for (let i = 0; i < count; i++) {
      const began = performance.now();
      await (await client.app.submit(add.s(1, 2))).get();
      times.push(performance.now() - began);
    }
    return times;
  };
  const callTheirs = (count: number): Promise<number[]> => python.py(`latencies(${count})`);
  await callOurs(WARM);
  await callTheirs(WARM);
  const figures: [number[], number[]] = [[], []];
  for (let round = 0; round < rounds; round++) {
    const times: [number[], number[]] = [[], []];
    for (let i = 0; i < CALLS; i += BLOCK) {
      times[0].push(...(await callOurs(BLOCK)));
      times[1].push(...(await callTheirs(BLOCK)));
    }
    figures[0].push(median(times[0]));
    figures[1].push(median(times[1]));
  }
  shown(`one call and its result, ${pair.name}, p50 ms`, ...figures, 'at most 0.5');
  if (pair.results !== 'rpc://') await chord(python, names);
  ours.kill('SIGTERM');
  await Promise.all([theirs, python, client].map((each) => each[Symbol.asyncDispose]()));
}

async function chord(
  python: Awaited<ReturnType<typeof pythonClient>>,
  names: Fresh,
): Promise<void> {
  const figures: [number[], number[]] = [[], []];
  for (let round = 0; round < Math.min(3, rounds); round++) {
    const parts = (signature: string): string => `chord([${signature} for i in range(${PARTS})])`;
    const js = `${parts(`sig('js.add', i, i, queue='${names.js}')`)}(sig('js.total', queue='${names.js}'))`;
    const [a, seconds] = await python.py<[{ value: number }, number]>(`timed(${js})`);
    const [b, their] = await python.py<[{ value: number }, number]>(
      `timed(${parts('add.s(i, i)')}(tsum.s()))`,
    );
    if (a.value !== b.value) throw new Error(`The chords differ: ${a.value} and ${b.value}`);
    figures[0].push(seconds);
    figures[1].push(their);
  }
  shown(`a chord of ${PARTS} of a Python client, s after it is sent`, ...figures, 'at most 0.2');
}

if (only !== 'latency') await throughput();
if (only !== 'throughput') {
  await latency(PAIRS[0] as Pair);
  await latency(PAIRS[2] as Pair);
}
process.exit();
