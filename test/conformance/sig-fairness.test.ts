/** Signals: what a busy actor may do to the others. */

import { type Actor, ActorSystem, type Message, type Pid, type ReplyTo, type Self } from 'beamish';
import { VirtualClock } from 'beamish/testing';
import { describe, expect, test } from 'vitest';

describe('fairness', () => {
  interface Flood extends Message {
    readonly tag: 'flood';
  }

  const BUSY: readonly (readonly [string, (self: Self<Flood>, count: () => boolean) => Actor])[] = [
    [
      'has a full mailbox',
      function* flooded(self, count) {
        while (count()) yield* self.receive('flood');
      },
    ],
    [
      'has a full mailbox, and selects',
      function* picky(self, count) {
        while (count()) yield* self.receive('flood').where(() => true);
      },
    ],
    [
      'polls an empty mailbox',
      function* polling(self, count) {
        while (count()) yield* self.receive('EXIT').after(0);
      },
    ],
    [
      'asks for a reply that is there',
      function* sure(self, count) {
        const server = self.spawn(function* server(
          self: Self<{ tag: 'ask'; replyTo: ReplyTo<number> }>,
        ): Actor {
          self.send((yield* self.receive('ask')).replyTo, 7);
        });
        const answered = self.request(server, { tag: 'ask' });
        while (count()) expect(yield* answered.reply()).toBe(7);
      },
    ],
    [
      'always yields',
      function* polite(self, count) {
        while (count()) yield* self.yield();
      },
    ],
  ];

  test.each(BUSY)('SIG-22 an actor that %s does not hold up the others', async (_, body) => {
    // With the decisions of every day: seeded ones make short turns.
    const clock = new VirtualClock();
    const system = new ActorSystem({ log: 'off', clock });
    let steps = 0;
    const busy = system.spawn(function* busy(self: Self<Flood>): Actor {
      yield* body(self, () => ++steps < 20_000);
    });
    for (let n = 0; n < 20_000; n++) system.send(busy, { tag: 'flood' });
    const between: number[] = [];
    system.spawn(function* other(self: Self): Actor {
      for (let before = 0; before < 20_000; yield* self.yield()) {
        between.push(steps - before);
        before = steps;
      }
    });
    await clock.settle();
    expect(steps).toBe(20_000);
    expect(Math.max(...between)).toBeLessThanOrEqual(513);
  });

  test('SIG-22 an actor whose messages take long has its turn cut short', async () => {
    let now = 0;
    const clock = Object.assign(new VirtualClock(), { now: () => now });
    const system = new ActorSystem({ log: 'off', clock });
    let handled = 0;
    const slow = system.spawn(function* slow(self: Self<Flood>): Actor {
      for (;;) {
        yield* self.receive('flood');
        handled++;
        now += 0.5;
      }
    });
    for (let n = 0; n < 400; n++) system.send(slow, { tag: 'flood' });
    const turns: number[] = [];
    system.spawn(function* other(self: Self): Actor {
      for (let before = 0; before < 400; yield* self.yield()) {
        turns.push(handled - before);
        before = handled;
      }
    });
    await clock.settle();
    expect(Math.max(...turns)).toBeLessThanOrEqual(17);
  });

  type Ball = { readonly tag: 'ball'; readonly back: Pid<Ball> } | { readonly tag: 'time' };

  test('SIG-23 timers fire while actors keep each other busy', async () => {
    await using system = new ActorSystem({ log: 'off' });
    const MOST_ROUNDS = 20_000_000;
    let rounds = 0;
    function* player(self: Self<Ball>): Actor {
      for (;;) {
        const ball = yield* self.receive('ball');
        self.send(ball.back, { tag: 'ball', back: self.pid });
      }
    }
    const stopped = system.run(function* server(self: Self<Ball>): Actor<boolean> {
      const other = self.spawnLink(player);
      self.sendAfter(1, self.pid, { tag: 'time' });
      for (;;) {
        self.send(other, { tag: 'ball', back: self.pid });
        if ((yield* self.receive('ball', 'time')).tag === 'time') return true;
        if (++rounds > MOST_ROUNDS) return false;
      }
    });
    // The host's own timers and turns have theirs too.
    const host = new Promise<number>((resolve) => setImmediate(() => resolve(rounds)));
    expect(await stopped).toBe(true);
    expect(await host).toBeLessThan(MOST_ROUNDS);
  });

  test('SIG-23 what waits for the host has its turn while actors keep each other busy', async () => {
    await using system = new ActorSystem({ log: 'off' });
    const MOST_TURNS = 20_000_000;
    let turns = 0;
    let over = false;
    system.spawn(function* busy(self: Self): Actor {
      while (!over && ++turns < MOST_TURNS) yield* self.yield();
    });
    await system.run(function* patient(self: Self): Actor {
      yield* self.wait(new Promise((resolve) => setTimeout(resolve, 1, undefined)));
      over = true;
    });
    expect(turns).toBeLessThan(MOST_TURNS);
  });
});
