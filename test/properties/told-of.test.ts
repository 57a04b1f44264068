/** An actor that is spawned in another system is there before whatever is sent to it by those who were told of its pid. */

import { type Actor, type Message, name, type Pid, portable, type Self } from 'beamish';
import { placed } from 'beamish/transport';
import fc from 'fast-check';
import { expect } from 'vitest';
import { property, schedule } from '../support/property.ts';
import { Twin } from '../support/twin.ts';

interface News extends Message {
  readonly tag: 'news';
  readonly pid: Pid<Message>;
}

interface Greeting extends Message {
  readonly tag: 'greeting' | 'first';
}

/** Tells of whatever it gets, and of its end. */
const child = portable(
  import.meta,
  'child',
  function* child(self: Self<Greeting>, owner: Pid<Message>): Actor {
    for (;;) {
      const { tag } = yield* self.receive();
      self.send(owner, { tag: `got ${tag}` });
    }
  },
);

/** Links, watches and writes to everyone that it is told of, and ends when that one does. */
const neighbour = portable(import.meta, 'neighbour', function* neighbour(self: Self<News>): Actor {
  const { pid } = yield* self.receive('news');
  self.send(pid, { tag: 'first' });
  self.monitor(pid);
  self.link(pid);
  self.send(pid, { tag: 'greeting' });
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
    const got: string[] = [];
    const main = twin.system(0).spawn(function* (self: Self<Message>): Actor {
      const other = self.spawn(in2(neighbour));
      // What is in the way of the news, or of the spawn.
      for (let i = 0; i < mail; i++) self.send(name<Message>('nobody', 'thread-1'), { tag: 'n' });
      yield* self.yield();
      const pid = self.spawn(in1(child), self.pid);
      self.send(other, { tag: 'news', pid: pid as Pid<Message> });
      for (;;) got.push((yield* self.receive()).tag);
    });
    await twin.settle();
    expect(got).toEqual(['got first', 'got greeting']);
    const [, one, two] = twin.systems;
    const links = one?.info(one.actors()[0]?.pid as Pid)?.links;
    expect(links).toEqual([two?.actors()[0]?.pid]);
    expect(twin.told.flatMap(({ dead_letter }) => dead_letter)).toHaveLength(mail);
    twin.system(0).exitSignal(main, 'kill');
  }),
);
