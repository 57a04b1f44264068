import { Floor, type FloorActor, type FloorBody } from '../floor.ts';
import { type FloorProgram, parts, perSecond } from '../workload.ts';

const SENDERS = 100;
const ROUND = 1_000_000;

interface Add {
  readonly tag: 'add';
  readonly amount: number;
}

function* collector(me: FloorActor<Add>, tally: { sum: number }): FloorBody<Add> {
  for (;;) {
    const { amount } = me.take() ?? (yield);
    tally.sum += amount;
  }
}

function* sender(to: FloorActor<Add>, each: number): FloorBody<undefined> {
  for (let amount = 1; amount <= each; amount++) to.send({ tag: 'add', amount });
}

export const floor: FloorProgram = {
  run(n) {
    const system = new Floor();
    const tally = { sum: 0 };
    const to = system.spawn<Add>((me) => collector(me, tally));
    const began = performance.now();
    for (const round of parts(n, ROUND)) {
      for (let i = 0; i < SENDERS; i++) system.spawn<undefined>(() => sender(to, round / SENDERS));
      system.run();
    }
    return perSecond(n, began);
  },
};
