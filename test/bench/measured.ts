/**
 * The process in which one figure is taken: node measured.js beamish|tap|floor NAME WARM_UP N. It
 * prints `{"figure": …}`, or `{"error": …}` if what came of the workload was wrong.
 */

import { ActorSystem, type Tap } from 'beamish';
import type { FloorProgram, Workload } from './workload.ts';

const [engine, name, warmUp, n] = process.argv.slice(2);
let answer: object;
try {
  answer = { figure: await figure(Number(warmUp), Number(n)) };
} catch (thrown) {
  // Whatever a workload fails with, its parent process reports.
  answer = { error: thrown instanceof Error ? thrown.stack : String(thrown) };
}
process.stdout.write(`${JSON.stringify(answer)}\n`, () => process.exit());

async function figure(before: number, then: number): Promise<number> {
  if (engine === 'floor') {
    const { floor } = (await import(`./floors/${name}.js`)) as { floor: FloorProgram };
    floor.run(before);
    return floor.run(then);
  }
  const { workload } = (await import(`./workloads/${name}.js`)) as { workload: Workload };
  const system = new ActorSystem();
  if (engine === 'tap') system.tap = countingTap();
  await workload.run(system, before);
  await endAll(system);
  return await workload.run(system, then);
}

/** What a workload has left, its figure taken: idle actors, most of all. */
async function endAll(system: ActorSystem): Promise<void> {
  for (const { pid } of system.actors()) system.exitSignal(pid, 'kill');
  await new Promise((resolve) => setImmediate(resolve));
}

/** The cheapest tap that is of use. */
function countingTap(): Tap {
  const seen = { spawned: 0, sent: 0, received: 0, turned: 0, exited: 0 };
  return {
    spawned: () => void seen.spawned++,
    sent: () => void seen.sent++,
    received: () => void seen.received++,
    turned: () => void seen.turned++,
    exited: () => void seen.exited++,
  };
}
