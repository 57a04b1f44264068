import { Floor, type FloorActor, type FloorBody } from '../floor.ts';
import { type FloorProgram, perSecond } from '../workload.ts';

/** Messages after which the sender gives way. */
const CROWD = 512;

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

function* sender(
  me: FloorActor<undefined>,
  to: FloorActor<Add>,
  n: number,
  system: Floor,
): FloorBody<undefined> {
  for (let amount = 1; amount <= n; amount++) {
    to.send({ tag: 'add', amount });
    if (to.length >= CROWD) {
      system.makeReady(me as unknown as FloorActor<never>);
      yield;
    }
  }
}

export const floor: FloorProgram = {
  run(n) {
    const system = new Floor();
    const tally = { sum: 0 };
    const to = system.spawn<Add>((me) => counter(me, tally));
    system.spawn<undefined>((me) => sender(me, to, n, system));
    const began = performance.now();
    system.run();
    return perSecond(n, began);
  },
};
