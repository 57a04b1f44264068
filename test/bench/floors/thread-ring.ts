import { Floor, type FloorActor, type FloorBody } from '../floor.ts';
import { type FloorProgram, perSecond } from '../workload.ts';

const ACTORS = 1000;

interface Token {
  readonly tag: 'token';
  readonly hopsLeft: number;
}

function* member(me: FloorActor<Token>, ring: FloorActor<Token>[], i: number): FloorBody<Token> {
  const next = ring[(i + 1) % ACTORS] as FloorActor<Token>;
  for (;;) {
    const { hopsLeft } = me.take() ?? (yield);
    if (hopsLeft > 0) next.send({ tag: 'token', hopsLeft: hopsLeft - 1 });
  }
}

export const floor: FloorProgram = {
  run(n) {
    const system = new Floor();
    const ring: FloorActor<Token>[] = [];
    for (let i = 0; i < ACTORS; i++) ring.push(system.spawn((me) => member(me, ring, i)));
    system.run();
    const began = performance.now();
    ring[0]?.send({ tag: 'token', hopsLeft: n });
    system.run();
    return perSecond(n, began);
  },
};
