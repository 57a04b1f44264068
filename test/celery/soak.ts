/**
 * Mixed calls of both languages, with etas and results by rpc, while workers are killed and connections are cut:
 *
 *     npm run soak:celery -- [MINUTES]
 *
 * Each call has its result once, or the exit code is 1. Every ten seconds a worker of one side is killed and started
 * again, or everything is cut from the broker for three seconds. The broker itself is not touched, since others may
 * use it.
 */

import { type ChildProcess, fork } from 'node:child_process';
import { connect as connectTo, createServer, type Socket } from 'node:net';
import { fileURLToPath } from 'node:url';
import { celeryTask } from '@beamish/celery';
import { type Complete, chain, group } from '@beamish/tasks';
import { connect } from 'amqplib';
import {
  freshNames,
  MISSING,
  PAIRS,
  type Pair,
  type PythonWorker,
  pythonWorker,
  RABBITMQ,
} from './support/live.ts';
import { double, join } from './support/ours.ts';

const minutes = Number(process.argv[2] ?? 10);
if (MISSING !== undefined) {
  console.log(`Left out: there is no ${MISSING}`);
  process.exit();
}
const pair = PAIRS[0] as Pair;
const names = freshNames();

const open = new Set<Socket>();
let isCut = false;
const relay = createServer((client) => {
  if (isCut) {
    client.destroy();
    return;
  }
  const { hostname, port } = new URL(RABBITMQ);
  const upstream = connectTo(Number(port), hostname);
  for (const socket of [client, upstream]) {
    open.add(socket);
    socket.on('error', () => undefined).on('close', () => open.delete(socket));
  }
  client.pipe(upstream).pipe(client);
  client.on('close', () => upstream.destroy());
  upstream.on('close', () => client.destroy());
});
await new Promise<void>((ready) => relay.listen(0, '127.0.0.1', ready));
const through = new URL(RABBITMQ);
through.port = String((relay.address() as { port: number }).port);
const cutPair: Pair = { ...pair, broker: through.href };

const connection = await connect(RABBITMQ);
const channel = await connection.createChannel();
for (const queue of [names.py, names.js]) await channel.assertQueue(queue, { durable: true });

function jsWorker(): ChildProcess {
  const program = fileURLToPath(new URL('./support/noop.ts', import.meta.url));
  const env = {
    ...process.env,
    BROKER: cutPair.broker,
    BACKEND: 'rpc://',
    QUEUE: names.js,
    NODE_NAME: names.jsNode,
  };
  return fork(program, { env, execArgv: process.execArgv });
}
// Late acknowledgement, so that what a killed worker of theirs had comes again, too.
const late = { args: ['-c', '2'], env: { LATE: '1' } };
let js = jsWorker();
let py: PythonWorker = await pythonWorker(cutPair, names, late);
const ours = await join(
  cutPair,
  { ...names, jsNode: `client-${names.jsNode}` },
  { serve: undefined as never },
);

const jsAdd = celeryTask<[number, number], number>('js.add', { queue: names.js });
const pyAdd = celeryTask<[number, number], number>('peer.add', { queue: names.py });
let sent = 0;
let right = 0;
const wrong: string[] = [];
const under = new Set<Promise<void>>();

const jsTotal = celeryTask<[all: readonly number[]], number>('js.total', { queue: names.js });

function workOf(n: number): readonly [Complete<number>, number] {
  switch (n % 4) {
    case 0:
      return [jsAdd.s(n, 1), n + 1];
    case 1:
      return [pyAdd.s(n, 1), n + 1];
    case 2:
      return [chain(jsAdd.s(n, 1), pyAdd.after(1), double), 2 * n + 4];
    default:
      return [chain(group([jsAdd.s(n, 1), pyAdd.s(n, 2)]), jsTotal), 2 * n + 3];
  }
}

function call(n: number): void {
  sent++;
  const [signature, expected] = workOf(n);
  const its = ours.app
    .submit(signature, n % 5 === 0 ? { delayMs: 1000 } : {})
    .then((handle) => handle.get({ within: 300_000 }))
    .then(
      (value) => {
        if (value === expected) right++;
        else wrong.push(`call ${n} is ${value}, not ${expected}`);
      },
      (error: Error) => wrong.push(`call ${n}: ${error.message}`),
    )
    .then(() => void under.delete(its));
  under.add(its);
}

const until = Date.now() + minutes * 60_000;
let nextFault = Date.now() + 10_000;
let faults = 0;
while (Date.now() < until) {
  if (under.size < 200) for (let i = 0; i < 20; i++) call(sent);
  if (Date.now() > nextFault) {
    const fault = faults++ % 3;
    if (fault === 0) {
      js.kill('SIGKILL');
      js = jsWorker();
    } else if (fault === 1) {
      py.kill('SIGKILL');
      py = await pythonWorker(cutPair, names, late);
    } else {
      isCut = true;
      for (const socket of open) socket.destroy();
      await new Promise((resolve) => setTimeout(resolve, 3000));
      isCut = false;
    }
    nextFault = Date.now() + 10_000;
    console.log(
      `${new Date().toISOString()} ${sent} sent, ${right} right, ${wrong.length} wrong, ${under.size} under way, ${faults} faults, ${Math.round(process.memoryUsage().rss / 2 ** 20)} MB`,
    );
  }
  await new Promise((resolve) => setTimeout(resolve, 50));
}
const patience = setTimeout(() => {
  console.log(`${under.size} of ${sent} calls have no result`);
  process.exit(1);
}, 120_000);
await Promise.all(under);
clearTimeout(patience);
console.log(`${sent} calls, ${right} right, ${wrong.length} wrong, ${faults} faults`);
for (const each of wrong.slice(0, 10)) console.log(each);
js.kill('SIGKILL');
await py[Symbol.asyncDispose]();
await ours[Symbol.asyncDispose]();
await channel.deleteQueue(names.js);
await channel.deleteQueue(names.py);
process.exit(wrong.length === 0 && right === sent ? 0 : 1);
