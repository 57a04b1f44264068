/** The inside of a thread of a browser: an actor system that is connected to the pool's and to those of the other threads. */

import { ActorSystem } from 'beamish';
import { population } from 'beamish/transport';
import { Loader } from '../loader.ts';
import { setUpIn } from '../set-up.ts';
import { READY, type SetUp, STOP } from '../worker-protocol.ts';
import { BrowserChannel } from './channel.ts';
import { BEAT_MS, type BrowserStart, type Gone, type Met, STOPPED, type Way } from './protocol.ts';

interface Scope {
  onmessage: ((event: { readonly data: unknown }) => void) | null;
  close(): void;
  addEventListener(
    type: 'error' | 'unhandledrejection',
    listener: (event: { readonly error?: unknown; readonly reason?: unknown }) => void,
  ): void;
}

const scope = globalThis as unknown as Scope;
const loader = new Loader(async (url) => (await import(url)) as Readonly<Record<string, unknown>>);

scope.onmessage = ({ data }) => {
  scope.onmessage = null;
  void begin(data as BrowserStart);
};

async function begin({ me, pool, others, options, setUps }: BrowserStart): Promise<void> {
  const system = new ActorSystem({
    ...options,
    name: me.system,
    decisions: { random: Math.random, incarnation: () => me.incarnation },
  });
  const setUp = async (order: SetUp): Promise<void> =>
    pool.port.postMessage(await setUpIn(system, loader, order));
  // Before there is a way in, so before an actor can run here.
  for (const order of setUps) await setUp(order);

  const channels = new Map<string, BrowserChannel>();
  const meet = (way: Way): void => {
    channels.get(way.there.system)?.lost('noconnection');
    channels.set(way.there.system, new BrowserChannel(system, way, { load: loader.load }));
  };
  const lose = ({ system: there }: Gone['gone']): void => {
    const channel = channels.get(there);
    channels.delete(there);
    // What it sent last may still be on its way here.
    setTimeout(() => channel?.lost('noconnection'));
  };
  const stop = async (): Promise<void> => {
    await system.shutdown();
    for (const channel of [...channels.values(), toPool]) channel.close();
    toPool.tell(STOPPED);
  };
  const toPool = new BrowserChannel(system, pool, {
    load: loader.load,
    spawner: 'there',
    control(order) {
      if (order === STOP) void stop();
      else if ('setUp' in (order as object)) void setUp((order as { setUp: SetUp }).setUp);
      else if ('gone' in (order as object)) lose((order as Gone).gone);
      else meet((order as Met).meet);
    },
  });
  for (const way of others) meet(way);

  const die = (died: unknown): void => {
    toPool.tell({ died: died instanceof Error ? died : new Error(String(died)) });
    scope.close();
  };
  scope.addEventListener('error', ({ error }) => die(error));
  scope.addEventListener('unhandledrejection', ({ reason }) => die(reason));
  const beat = (): void => toPool.tell({ beat: population(system) - toPool.spawned });
  setInterval(beat, BEAT_MS);
  beat();
  toPool.tell(READY);
}
