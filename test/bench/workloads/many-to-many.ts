/** Each of a hundred actors sends a message to each of them and takes a hundred, again and again. */

import type { Actor, Message, Pid, Self } from 'beamish';
import { perSecond, type Workload } from '../workload.ts';

const PEERS = 100;

interface Meet extends Message {
  readonly tag: 'meet';
  readonly peers: readonly Pid<Greeting>[];
}

interface Greeting extends Message {
  readonly tag: 'greeting';
  readonly from: Pid;
}

interface Done extends Message {
  readonly tag: 'done';
}

function* host(self: Self<Done>, rounds: number): Actor<number> {
  const peers: Pid<Meet | Greeting>[] = [];
  for (let i = 0; i < PEERS; i++) peers.push(self.spawnLink(peer, self.pid, rounds));
  const began = performance.now();
  for (const each of peers) self.send(each, { tag: 'meet', peers });
  for (let i = 0; i < PEERS; i++) yield* self.receive('done');
  return perSecond(rounds * PEERS * PEERS, began);
}

function* peer(self: Self<Meet | Greeting>, whoAsks: Pid<Done>, rounds: number): Actor {
  const { peers } = yield* self.receive('meet');
  for (let round = 0; round < rounds; round++) {
    for (const each of peers) self.send(each, { tag: 'greeting', from: self.pid });
    for (let i = 0; i < PEERS; i++) yield* self.receive('greeting');
  }
  self.send(whoAsks, { tag: 'done' });
}

export const workload: Workload = {
  name: 'many-to-many',
  unit: 'msg/s',
  about: 'a hundred actors, each to each',
  n: 4_000_000,
  warmUp: 2_000_000,
  run: (system, n) => system.run(host, n / (PEERS * PEERS)),
  rivals: [{ erlang: 'many_to_many', atLeast: 1.8, n: 2_000_000 }],
};
