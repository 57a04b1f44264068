/** An actor that is spawned in another system is there before whatever is sent to it by those who were told of its pid. */

import { type Actor, type Message, name, type Pid, portable, type Self } from 'beamish';
import { placed } from 'beamish/transport';
import fc from 'fast-check';
import { expect } from 'vitest';
import { property, schedule } from '../support/property.ts';
import { Twin } from '../support/twin.ts';

interface News extends Message {
  readonly tag: 'news';
  readonly pid: Pid<Greeting>;
  /** In the same system, and there before. */
  readonly elder: Pid<Greeting>;
}

interface Greeting extends Message {
  readonly tag: 'greeting';
  readonly n: number;
}

interface Got extends Message {
  readonly tag: 'got';
  readonly by: Pid;
  readonly n: number;
}

/** More than one batch. */
const GREETINGS = 600;

/** Tells of whatever it gets. */
const child = portable(
  import.meta,
  'child',
  function* child(self: Self<Greeting>, owner: Pid<Got>): Actor {
    for (;;) self.send(owner, { tag: 'got', by: self.pid, n: (yield* self.receive('greeting')).n });
  },
);

/** Writes to whoever it is told of, links to it, and writes to both again and again. */
const neighbour = portable(import.meta, 'neighbour', function* neighbour(self: Self<News>): Actor {
  const { pid, elder } = yield* self.receive('news');
  self.send(pid, { tag: 'greeting', n: 0 });
  self.link(pid);
  for (let n = 1; n < GREETINGS; n++) {
    // So that some batch begins with one for the elder.
    if (n % 5 === 0) self.send(pid, { tag: 'greeting', n });
    self.send(elder, { tag: 'greeting', n });
  }
  yield* self.receive('never' as never);
});

property(
  'an actor is there before whatever is sent to it by those who were told of it',
  fc.asyncProperty(schedule, fc.integer({ min: 0, max: 3 }), async (seed, mail) => {
    const twin = new Twin({
      seed,
      names: ['main', 'thread-1', 'thread-2'],
      bodies: { child, neighbour },
    });
    const in1 = <B>(body: B): B => placed(body as never, () => 'thread-1') as unknown as B;
    const in2 = <B>(body: B): B => placed(body as never, () => 'thread-2') as unknown as B;
    const got: Got[] = [];
    const pids: Pid[] = [];
    const main = twin.system(0).spawn(function* (self: Self<Got>): Actor {
      const other = self.spawn(in2(neighbour));
      const elder = self.spawn(in1(child), self.pid);
      // What is in the way of the news, or of the spawn.
      for (let i = 0; i < mail; i++) self.send(name<Message>('nobody', 'thread-1'), { tag: 'n' });
      yield* self.yield();
      const pid = self.spawn(in1(child), self.pid);
      self.send(other, { tag: 'news', pid, elder });
      pids.push(elder, pid);
      for (;;) got.push(yield* self.receive('got'));
    });
    await twin.settle();
    const numbers = Array.from({ length: GREETINGS }, (_, n) => n);
    const [toElder, toNew] = pids.map((pid) =>
      got.filter(({ by }) => by === pid).map(({ n }) => n),
    );
    expect(toNew).toEqual(numbers.filter((n) => n % 5 === 0));
    expect(toElder).toEqual(numbers.slice(1));
    const [, one, two] = twin.systems;
    expect(one?.info(pids[1] as Pid)?.links).toEqual([two?.actors()[0]?.pid]);
    expect(twin.told.flatMap(({ dead_letter }) => dead_letter)).toHaveLength(mail);
    twin.system(0).exitSignal(main, 'kill');
  }),
);
