import { Floor, type FloorActor, type FloorBody } from '../floor.ts';
import { type FloorProgram, perSecond } from '../workload.ts';

interface Hello {
  readonly tag: 'hello';
}

function* idle(me: FloorActor<Hello>): FloorBody<Hello> {
  for (;;) me.take() ?? (yield);
}

export const floor: FloorProgram = {
  run(n) {
    const system = new Floor();
    const began = performance.now();
    // A runtime keeps all its actors.
    const actors: FloorActor<Hello>[] = [];
    for (let i = 0; i < n; i++) actors.push(system.spawn(idle));
    system.run();
    return perSecond(actors.length, began);
  },
};
