import { Floor, type FloorActor, type FloorBody } from '../floor.ts';
import { type FloorProgram, perSecond } from '../workload.ts';

const PEERS = 100;

interface Greeting {
  readonly tag: 'greeting';
  readonly from: FloorActor<Greeting>;
}

function* peer(
  me: FloorActor<Greeting>,
  peers: readonly FloorActor<Greeting>[],
  rounds: number,
): FloorBody<Greeting> {
  for (let round = 0; round < rounds; round++) {
    for (const each of peers) each.send({ tag: 'greeting', from: me });
    for (let i = 0; i < PEERS; i++) me.take() ?? (yield);
  }
}

export const floor: FloorProgram = {
  run(n) {
    const system = new Floor();
    const peers: FloorActor<Greeting>[] = [];
    const rounds = n / (PEERS * PEERS);
    for (let i = 0; i < PEERS; i++) peers.push(system.spawn((me) => peer(me, peers, rounds)));
    const began = performance.now();
    system.run();
    return perSecond(n, began);
  },
};
