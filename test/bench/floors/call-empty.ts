import { Floor, type FloorActor, type FloorBody } from '../floor.ts';
import { type FloorProgram, perSecond } from '../workload.ts';

interface Double {
  readonly tag: 'double';
  readonly i: number;
  readonly ref: number;
  readonly replyTo: FloorActor<Reply>;
}

interface Reply {
  readonly tag: 'reply';
  readonly ref: number;
  readonly value: number;
}

function* asker(me: FloorActor<Reply>, to: FloorActor<Double>, n: number): FloorBody<Reply> {
  for (let i = 0; i < n; i++) {
    to.send({ tag: 'double', i, ref: i, replyTo: me });
    me.take() ?? (yield);
  }
}

function* doubler(me: FloorActor<Double>): FloorBody<Double> {
  for (;;) {
    const { i, ref, replyTo } = me.take() ?? (yield);
    replyTo.send({ tag: 'reply', ref, value: 2 * i });
  }
}

export const floor: FloorProgram = {
  run(n) {
    const system = new Floor();
    const to = system.spawn(doubler);
    system.spawn<Reply>((me) => asker(me, to, n));
    const began = performance.now();
    system.run();
    return perSecond(n, began);
  },
};
