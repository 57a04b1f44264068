/** The process in which starts are timed, in turns: node measured.js ROUNDS. It prints `Starts` as JSON. */

import { once } from 'node:events';
import { Worker } from 'node:worker_threads';
import { threads } from '@beamish/threads';
import { ActorSystem } from 'beamish';
import { greeter } from './greeter.ts';

interface Start {
  /** Milliseconds until a worker's first message; of a thread, until `threads` has resolved. */
  readonly begun: number;
  /** Until code of a module that was named to it since has answered: of a thread, an actor. */
  readonly answered: number;
}

/** By round. */
export interface Starts {
  readonly bare: readonly Start[];
  readonly thread: readonly Start[];
}

/** They fill the caches of the files, and compile what runs in this thread. */
const WARM_UP = 3;
const isSource = import.meta.url.endsWith('.ts');
const BARE = new URL(isSource ? './taught.js' : './bare.js', import.meta.url);
const GREETING = new URL(isSource ? './greeting.ts' : './greeting.js', import.meta.url);

const bare: Start[] = [];
const thread: Start[] = [];
for (let round = -WARM_UP; round < Number(process.argv[2]); round++) {
  const starts = [await startWorker(), await startThread()] as const;
  if (round < 0) continue;
  bare.push(starts[0]);
  thread.push(starts[1]);
}
console.log(JSON.stringify({ bare, thread } satisfies Starts));

async function startWorker(): Promise<Start> {
  const from = performance.now();
  const worker = new Worker(BARE);
  await once(worker, 'message');
  const begun = performance.now() - from;
  worker.postMessage(GREETING.href);
  await once(worker, 'message');
  const answered = performance.now() - from;
  await worker.terminate();
  return { begun, answered };
}

async function startThread(): Promise<Start> {
  const system = new ActorSystem();
  const from = performance.now();
  const pool = await threads(system, { size: 1 });
  const begun = performance.now() - from;
  await system.call(pool.spawn(greeter), { tag: 'greet' });
  const answered = performance.now() - from;
  await pool.close();
  return { begun, answered };
}
