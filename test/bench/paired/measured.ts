/** One of two processes that take turns: node measured.js beamish|tap NAME N. For each message, one figure, had it had the processor all the time. */

import { ActorSystem } from 'beamish';
import { countingTap, endAll } from '../subject.ts';
import type { Workload } from '../workload.ts';

/** Until V8 has compiled everything. */
const WARM_UPS = 6;

const [engine, name, n] = process.argv.slice(2);
const { workload } = (await import(`../workloads/${name}.js`)) as { workload: Workload };
const system = new ActorSystem();
if (engine === 'tap') system.tap = countingTap();
for (let i = 0; i < WARM_UPS; i++) await figure();
process.on('message', async () => process.send?.(await figure()));
process.send?.('ready');

async function figure(): Promise<number> {
  const began = performance.now();
  const before = process.cpuUsage();
  const rate = await workload.run(system, Number(n));
  const { user, system: kernel } = process.cpuUsage(before);
  const share = (user + kernel) / 1000 / (performance.now() - began);
  await endAll(system);
  return rate / share;
}
