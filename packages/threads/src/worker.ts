/** The inside of a thread: an actor system that is connected to the pool's and to those of the other threads. */

import { receiveMessageOnPort, workerData } from 'node:worker_threads';
import { ActorSystem } from 'beamish';
import { isIdle, population } from 'beamish/transport';
import { Channel } from './channel.ts';
import { Loader } from './loader.ts';
import { setUpIn } from './set-up.ts';
import { SpinWait } from './spin-wait.ts';
import { importModule } from './typescript.ts';
import {
  ALIVE_LESS_SPAWNED,
  BEAT_MS,
  BEATS,
  type Encounter,
  type Meet,
  READY,
  type SetUp,
  STOP,
  type WorkerStart,
} from './worker-protocol.ts';

const { me, bell, pool, others, options, setUps, vitals } = workerData as WorkerStart;

const loader = new Loader(importModule);
const system = new ActorSystem({
  ...options,
  name: me.system,
  decisions: { random: Math.random, incarnation: () => me.incarnation },
});
// Before there is a way in, so before an actor can run here.
for (let i = 0; i < setUps; i++) await setUp(receiveMessageOnPort(pool.end.port)?.message);

const spinWait = new SpinWait(bell, () => isIdle(system));
const toPool = new Channel(system, pool.there, pool.end, {
  spinWait,
  load: loader.load,
  spawner: 'there',
  control: obey,
  closed: (channel) => {
    channel.lost('noconnection');
    // Nobody is left to work for.
    process.exit();
  },
});
/** To the other threads, by their names. */
const channels = new Map<string, Channel>();
for (const encounter of others) meet(encounter);

const beating = setInterval(beat, BEAT_MS);
beat();
toPool.tell(READY);

function meet({ there, end }: Encounter): void {
  const earlier = channels.get(there.system);
  // It has ended, or there would be no other of its name: what it sent comes before what this one sends.
  if (earlier !== undefined) {
    earlier.drain();
    earlier.lost('noconnection');
  }
  const channel = new Channel(system, there, end, {
    spinWait,
    load: loader.load,
    before: hearPool,
    closed: (gone) => {
      if (channels.get(there.system) === gone) channels.delete(there.system);
      gone.lost('noconnection');
    },
  });
  channels.set(there.system, channel);
}

/**
 * What the pool has said by now comes before what other threads say, as that may be a consequence of it:
 * it may name an actor that the pool has spawned here, or a thread that it has started.
 */
function hearPool(): void {
  toPool.drain();
}

function obey(order: unknown): void {
  if (order === STOP) void stop();
  else if ('setUp' in (order as object)) void setUp(order as { readonly setUp: SetUp });
  else meet((order as Meet).meet);
}

async function setUp(order: { readonly setUp: SetUp }): Promise<void> {
  pool.end.port.postMessage(await setUpIn(system, loader, order.setUp));
}

async function stop(): Promise<void> {
  await system.shutdown();
  clearInterval(beating);
  for (const channel of [toPool, ...channels.values()]) channel.close();
}

function beat(): void {
  Atomics.add(vitals, BEATS, 1);
  Atomics.store(vitals, ALIVE_LESS_SPAWNED, population(system) - toPool.spawned);
}
