/**
 * CEL-79: mixed calls of both languages, with etas and results by rpc, while workers are killed, connections are cut
 * and the broker, one of its own, is stopped and started again, by turns, one of them every ten seconds:
 *
 *     npm run soak:celery -- [MINUTES]
 *
 * Each call has its result once, or the exit code is 1. Python's worker acknowledges late, confirms what it publishes
 * and keeps results on disk, none of which it does by default.
 */

import { type ChildProcess, fork } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { celeryTask } from '@beamish/celery';
import { type Complete, chain, group } from '@beamish/tasks';
import { connect } from 'amqplib';
import { Cuttable } from '../support/cuttable.ts';
import { isInstalled, startNode } from '../support/rabbitmq-node.ts';
import { freshNames, MISSING, type Pair, type PythonWorker, pythonWorker } from './support/live.ts';
import { double, join } from './support/ours.ts';

const minutes = Number(process.argv[2] ?? 10);
if (MISSING !== undefined || !isInstalled) {
  console.log(`Left out: there is no ${MISSING ?? 'rabbitmq-server to start'}`);
  process.exit();
}
const names = freshNames();
const node = await startNode();
const way = await Cuttable.to(node.port);
const broker = node.url.replace(`:${node.port}`, `:${way.port}`);
const pair: Pair = { name: 'its own', broker, results: 'rpc://' };

{
  const connection = await connect(node.url);
  const channel = await connection.createChannel();
  for (const queue of [names.py, names.js]) await channel.assertQueue(queue, { durable: true });
  await connection.close();
}

function jsWorker(): ChildProcess {
  const program = fileURLToPath(new URL('./support/noop.ts', import.meta.url));
  const env = {
    ...process.env,
    BROKER: pair.broker,
    BACKEND: 'rpc://',
    QUEUE: names.js,
    NODE_NAME: names.jsNode,
  };
  return fork(program, { env, execArgv: process.execArgv });
}
// Late acknowledgement, so that what a killed worker of theirs had comes again, too.
const late = { args: ['-c', '2'], env: { LATE: '1' } };
let js = jsWorker();
let py: PythonWorker = await pythonWorker(pair, names, late);
const ours = await join(
  pair,
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
    .then(async (handle) => {
      const value = await handle.get({ within: 300_000 });
      // What is done with is not to be counted as a leak.
      await handle.forget();
      return value;
    })
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

/** Where calls without a result are: with the broker, with a worker, or nowhere. */
async function showMissing(): Promise<void> {
  console.log(
    await node.erlang(
      '[rabbit_amqqueue:info(Q, [name, messages_ready, messages_unacknowledged]) || Q <- rabbit_amqqueue:list()]',
    ),
  );
  for (const method of ['active', 'reserved', 'stats'])
    console.log(method, JSON.stringify(await ours.py.inspect(method, {}, { within: 5000 })));
  for await (const { id, name, state, queue } of ours.app.list({}))
    if (state === 'running' || state === 'queued') console.log(id, name, state, queue);
}

async function breakSomething(which: number): Promise<void> {
  switch (which) {
    case 0:
      js.kill('SIGKILL');
      js = jsWorker();
      break;
    case 1:
      py.kill('SIGKILL');
      py = await pythonWorker(pair, names, late);
      break;
    case 2:
      way.cut();
      await new Promise((resolve) => setTimeout(resolve, 3000));
      way.mend();
      break;
    case 3:
      await node.stopApp();
      await node.startApp();
  }
}

const until = Date.now() + minutes * 60_000;
let nextFault = Date.now() + 10_000;
let faults = 0;
while (Date.now() < until) {
  if (under.size < 200) for (let i = 0; i < 20; i++) call(sent);
  if (Date.now() > nextFault) {
    await breakSomething(faults++ % 4);
    nextFault = Date.now() + 10_000;
    console.log(
      `${new Date().toISOString()} ${sent} sent, ${right} right, ${wrong.length} wrong, ${under.size} under way, ${faults} faults, ${Math.round(process.memoryUsage().rss / 2 ** 20)} MB`,
    );
  }
  await new Promise((resolve) => setTimeout(resolve, 50));
}
const patience = setTimeout(async () => {
  console.log(`${under.size} of ${sent} calls have no result`);
  await showMissing();
  js.kill('SIGKILL');
  py.kill('SIGKILL');
  await node.stop();
  process.exit(1);
}, 120_000);
await Promise.all(under);
clearTimeout(patience);
console.log(`${sent} calls, ${right} right, ${wrong.length} wrong, ${faults} faults`);
for (const each of wrong.slice(0, 10)) console.log(each);
js.kill('SIGKILL');
await py[Symbol.asyncDispose]();
await ours[Symbol.asyncDispose]();
way.close();
await node.stop();
process.exit(wrong.length === 0 && right === sent ? 0 : 1);
