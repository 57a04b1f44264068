/** A flood towards actors that do not take their mail grows without limit on neither side. Counts, not times. */

import { threads } from '@beamish/threads';
import { type Actor, ActorSystem, type Call, type Message, type Pid, type Self } from 'beamish';
import { placed } from 'beamish/transport';
import { expect, test } from 'vitest';
import { echo, hoarder } from '../contract/bodies.ts';
import { Twin } from '../support/twin.ts';

/** What other systems may put into the mailbox of an actor. */
const MOST_MAIL = 2 ** 18;
/** What may be under way by the time that a sender hears that it is enough. */
const UNDER_WAY = 64 * 768;

/** Two systems in one thread, and an actor of the second that takes nothing. */
function hoard(): { readonly twin: Twin; readonly pid: Pid<Message>; mail(): number } {
  const twin = new Twin({ bodies: { hoarder } });
  const main = twin.system(0);
  const pid = main.spawn(
    placed(hoarder, () => 'thread-1'),
    main.root as Pid<Message>,
  ) as Pid<Message>;
  return { twin, pid, mail: () => twin.system(1).actors()[0]?.mailboxLength ?? 0 };
}

test('plain sends to an actor that takes nothing are dropped as dead letters once it has 262,144 messages', async () => {
  const { twin, pid, mail } = hoard();
  const sent = MOST_MAIL + 60_000;
  twin.system(0).spawn(function* (self: Self): Actor {
    for (let n = 1; n <= sent; n++) {
      self.send(pid, { tag: 'n' });
      // Not more than the way there can hold.
      if (n % 10_000 === 0) yield* self.sleep(500);
    }
  });
  await twin.advance(60_000);
  expect(mail()).toBeGreaterThanOrEqual(MOST_MAIL);
  // A batch that has come goes in whole.
  expect(mail()).toBeLessThan(MOST_MAIL + 768);
  expect(twin.told[0]?.dead_letter).toEqual([]);
  const dropped = twin.told[1]?.dead_letter ?? [];
  expect(dropped).toHaveLength(sent - mail());
  expect(new Set(dropped.map(({ why }) => why))).toEqual(new Set(['overflow']));
});

test('offers to an actor that takes nothing wait once it has 262,144 messages, and go on when it takes them', async () => {
  const { twin, pid, mail } = hoard();
  const main = twin.system(0);
  let offered = 0;
  const most = MOST_MAIL + 200_000;
  const flood = main.spawn(function* (self: Self): Actor {
    for (; offered < most; offered++) yield* self.offer(pid, { tag: 'n' });
  });
  await twin.advance(60_000);
  expect(main.info(flood)?.waitingFor.join()).toContain('room in the mailbox of');
  expect(offered).toBeGreaterThanOrEqual(MOST_MAIL);
  expect(offered).toBeLessThan(MOST_MAIL + UNDER_WAY);
  expect(mail()).toBe(offered);
  main.send(pid, { tag: 'release' });
  await twin.advance(60_000);
  expect(main.info(flood)).toBeUndefined();
  expect(twin.told[1]?.dead_letter).toEqual([]);
});

test('an actor of another thread that takes nothing stops those who offer to it, and nobody else', async () => {
  const system = new ActorSystem({ log: 'off' });
  await using cores = await threads(system, { size: 1, systems: { log: 'off' } });
  await system.run(function* (self: Self<Message>): Actor {
    const { call } = self as unknown as { call(to: Pid, what: object): Call<unknown> };
    const pid = self.spawn(cores.at(hoarder), self.pid) as Pid<Message>;
    const other = self.spawn(cores.at(echo));
    let offered = 0;
    const flood = self.spawn(function* (its: Self): Actor {
      for (; ; offered++) yield* its.offer(pid, { tag: 'n' });
    });
    while (self.info(flood)?.waitingFor.join().includes('room in the mailbox') !== true)
      yield* self.sleep(10);
    expect(offered).toBeLessThan(MOST_MAIL + UNDER_WAY);
    const mail = yield* call.call(self, pid, { tag: 'mail' });
    expect(mail).toBe(offered);
    // The way there is free.
    for (let n = 0; n < 10; n++)
      yield* self.offer(other as unknown as Pid<Message>, { tag: 'unknown' });
    expect(yield* call.call(self, other, { tag: 'say', value: 1 })).toBe(1);
    self.exitSignal(flood, 'kill');
  });
}, 60_000);
