/**
 * The process in which one figure is taken: node measured.js beamish|tap|floor NAME WARM_UP N. It
 * prints `{"figure": …}`, or `{"error": …}` if what came of the workload was wrong.
 */

import { ActorSystem } from 'beamish';
import { countingTap, endAll } from './subject.ts';
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
