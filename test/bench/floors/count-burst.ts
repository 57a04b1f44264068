import { Floor, type FloorActor, type FloorBody } from '../floor.ts';
import { type FloorProgram, parts, perSecond } from '../workload.ts';

const BURST = 1_000_000;

interface Add {
  readonly tag: 'add';
  readonly amount: number;
}

function* counter(me: FloorActor<Add>, tally: { sum: number }): FloorBody<Add> {
  for (;;) {
    const { amount } = me.take() ?? (yield);
    tally.sum += amount;
  }
}

export const floor: FloorProgram = {
  run(n) {
    const system = new Floor();
    const tally = { sum: 0 };
    const to = system.spawn<Add>((me) => counter(me, tally));
    const began = performance.now();
    for (const burst of parts(n, BURST)) {
      for (let amount = 1; amount <= burst; amount++) to.send({ tag: 'add', amount });
      system.run();
    }
    return perSecond(n, began);
  },
};
