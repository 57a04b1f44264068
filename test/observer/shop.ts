/** A shop under load: the program that the page is tried on, and whose pictures are made. Not a test. */

import {
  type Actor,
  ActorSystem,
  child,
  configure,
  dynamicSupervisor,
  type Message,
  name,
  type Pid,
  type Self,
  server,
  supervisor,
} from 'beamish';
import { show } from 'beamish/observation';
import type { TestSystem } from 'beamish/testing';

interface Price extends Message {
  readonly tag: 'price';
  readonly n: number;
}

function* prices(self: Self<Price>): Actor {
  for (;;) {
    const { n } = yield* self.receive('price');
    if (n % 8 === 0) self.send(name<Message>('ledger'), { tag: 'entry' });
  }
}

function* ledger(self: Self<Message>): Actor {
  for (;;) {
    yield* self.receive('entry' as never);
    yield* self.sleep(10);
  }
}

function* cart(self: Self<Message>): Actor {
  for (let n = 0; ; n++) {
    yield* self.receive('tick' as never).after(500 + Math.floor(self.random() * 1500));
    self.send(name<Price>('prices'), { tag: 'price', n });
  }
}

function* till(self: Self<Message>): Actor {
  for (;;) {
    yield* self.receive('sale' as never).after(700);
    throw new Error(`Out of change at ${Math.floor(self.random() * 100)}`);
  }
}

function* letterbox(self: Self<Message>): Actor {
  yield* self.receive('never' as never);
}

function* postman(self: Self<Message>): Actor {
  for (;;) {
    yield* self.sleep(120);
    self.send(name<Message>('letterbox'), { tag: 'letter' });
    self.send(name<Message>('nobody'), { tag: 'letter' });
  }
}

const clerk = server((self, other: string) => ({
  call: { approve: () => true },
  cast: {
    *begin() {
      yield* (self as unknown as Self<never>)
        .call(name(other) as never, 'approve' as never, ...([] as never))
        .within('infinity');
    },
  },
  state: { get: () => ({ other }) },
}));

export interface ShopOptions {
  readonly carts?: number;
  readonly locked?: boolean;
  /** A test's, whose time passes when the test says so. */
  readonly system?: TestSystem;
}

/** Begins it, in a system of its own. */
export async function shop({
  carts = 2000,
  locked = true,
  system: given,
}: ShopOptions = {}): Promise<ActorSystem> {
  const system = given ?? new ActorSystem({ name: 'shop', log: 'off' });
  const floor = dynamicSupervisor();
  const starting = system.start(
    supervisor({
      intensity: 1_000,
      periodMs: 60_000,
      children: [
        child({ id: 'prices', name: 'prices' }, prices),
        child({ id: 'ledger', name: 'ledger' }, ledger),
        child({ id: 'floor', name: 'floor' }, floor),
        child({ id: 'till', name: 'till' }, till),
        child({ id: 'letterbox', name: 'letterbox' }, letterbox),
        child('postman', postman),
        child({ id: 'clerk-1', name: 'clerk-1' }, clerk, 'clerk-2'),
        child({ id: 'clerk-2', name: 'clerk-2' }, clerk, 'clerk-1'),
      ],
    }),
  );
  await (given?.result(starting) ?? starting);
  const spawner = system.spawn(function* spawner(self: Self): Actor {
    for (let i = 0; i < carts; i++) self.spawn(configure(cart, {}));
    yield* self.receive('$never' as never);
  });
  void spawner;
  if (locked) {
    system.cast(name('clerk-1') as never, 'begin' as never, ...([] as never));
    system.cast(name('clerk-2') as never, 'begin' as never, ...([] as never));
  }
  show(system, {
    title: 'Queues',
    look: () => [
      {
        title: 'Queues',
        columns: [
          { title: 'Queue' },
          { title: 'Ready', unit: 'count' },
          { title: 'Oldest', unit: 'ms' },
          { title: 'Size', unit: 'bytes' },
        ],
        rows: [
          { id: 'orders', cells: ['orders', 1204, 5300, 48_211] },
          {
            id: 'mail',
            cells: ['mail <img src=x onerror=alert(1)>', 3, 12, 900],
            severity: 'warning',
          },
        ],
        actions: ['purge'],
      },
    ],
    act: async () => ({ ok: true }),
  });
  return system;
}

export function lock(system: ActorSystem): readonly Pid[] {
  return ['clerk-1', 'clerk-2'].map((its) => system.whereis(its) as unknown as Pid);
}
