import { Floor, type FloorActor, type FloorBody } from '../floor.ts';
import { type FloorProgram, parts, perSecond } from '../workload.ts';

interface Go {
  readonly tag: 'go';
}

function* mayfly(me: FloorActor<Go>): FloorBody<Go> {
  me.take() ?? (yield);
}

export function spawnAndEnd(n: number, alive: number): number {
  const system = new Floor();
  const began = performance.now();
  for (const size of parts(n, alive)) {
    const actors: FloorActor<Go>[] = [];
    for (let i = 0; i < size; i++) actors.push(system.spawn(mayfly));
    system.run();
    for (const actor of actors) actor.send({ tag: 'go' });
    system.run();
  }
  return perSecond(n, began);
}

export const floor: FloorProgram = { run: (n) => spawnAndEnd(n, 1000) };
