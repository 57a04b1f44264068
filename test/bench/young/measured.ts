/** The thread in which a workload runs: for each message it runs it once more, and answers. */

import { parentPort, workerData } from 'node:worker_threads';
import { ActorSystem } from 'beamish';
import { endAll } from '../subject.ts';
import type { Workload } from '../workload.ts';

const { name, n } = workerData as { readonly name: string; readonly n: number };
const { workload } = (await import(`../workloads/${name}.js`)) as { workload: Workload };
const system = new ActorSystem({ log: 'off' });

parentPort?.on('message', async () => {
  await workload.run(system, n);
  await endAll(system);
  parentPort?.postMessage('done');
});
