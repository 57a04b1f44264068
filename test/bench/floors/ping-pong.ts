import { Floor, type FloorActor, type FloorBody } from '../floor.ts';
import { type FloorProgram, perSecond } from '../workload.ts';

interface Ping {
  readonly tag: 'ping';
  readonly from: FloorActor<Pong>;
}

interface Pong {
  readonly tag: 'pong';
}

function* pinger(me: FloorActor<Pong>, other: FloorActor<Ping>, rounds: number): FloorBody<Pong> {
  for (let i = 0; i < rounds; i++) {
    other.send({ tag: 'ping', from: me });
    me.take() ?? (yield);
  }
}

function* ponger(me: FloorActor<Ping>): FloorBody<Ping> {
  for (;;) {
    const { from } = me.take() ?? (yield);
    from.send({ tag: 'pong' });
  }
}

export const floor: FloorProgram = {
  run(n) {
    const system = new Floor();
    const other = system.spawn(ponger);
    system.spawn<Pong>((me) => pinger(me, other, n / 2));
    const began = performance.now();
    system.run();
    return perSecond(n, began);
  },
};
