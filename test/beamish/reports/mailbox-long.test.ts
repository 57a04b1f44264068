/** The alarm for mailboxes that grow. */

import { type Actor, configure, type Pid, type Self } from 'beamish';
import { testSystem } from 'beamish/testing';
import { expect, test, vi } from 'vitest';

type Mail = { tag: 'noise' } | { tag: 'hum' } | { tag: 'stop' };

function* picky(self: Self<Mail>): Actor {
  yield* self.receive('stop');
}

function* eater(self: Self<Mail>): Actor {
  for (;;) yield* self.receive();
}

function flood(system: { send(to: Pid<Mail>, mail: Mail): void }, to: Pid<Mail>, count: number) {
  for (let i = 0; i < count; i++) system.send(to, { tag: i % 10 === 0 ? 'hum' : 'noise' });
}

test('a mailbox that reaches its length is told of, with the tags that nobody takes', async () => {
  await using tested = testSystem({ longMailbox: 1000 });
  const pid = tested.spawn(picky);
  await tested.settle();
  flood(tested, pid, 1000);
  expect(tested.told('mailbox_long')).toEqual([]);
  flood(tested, pid, 1);
  expect(tested.told('mailbox_long')).toEqual([
    {
      pid,
      length: 1000,
      tags: [
        { tag: 'noise', count: 900 },
        { tag: 'hum', count: 100 },
      ],
      untaken: ['noise', 'hum'],
    },
  ]);
});

test('of one whose receive takes anything, no tag is untaken', async () => {
  await using tested = testSystem({ longMailbox: 1000 });
  const pid = tested.spawn(eater);
  flood(tested, pid, 1500);
  expect(tested.told('mailbox_long')).toMatchObject([{ length: 1000, untaken: [] }]);
});

test('it is told of again at four times the length, and anew once it has been short', async () => {
  await using tested = testSystem({ longMailbox: 1000 });
  const pid = tested.spawn(eater);
  flood(tested, pid, 4500);
  const lengths = () => tested.told('mailbox_long').map(({ length }) => length);
  expect(lengths()).toEqual([1000, 4000]);
  await tested.settle();
  flood(tested, pid, 1500);
  expect(lengths()).toEqual([1000, 4000, 1000]);
});

test('signals count, and the limit of a bounded mailbox is kept', async () => {
  await using tested = testSystem({ longMailbox: 100 });
  const pid = tested.spawn(
    configure(
      function* watcher(self: Self<Mail>): Actor {
        const dead = self.spawn(function* dead() {});
        yield* self.receive('stop').after(1);
        for (let i = 0; i < 150; i++) self.monitor(dead);
        yield* self.receive('stop');
      },
      { mailbox: { limit: 200, overflow: 'drop_newest' } },
    ),
  );
  await tested.advance(1);
  expect(tested.told('mailbox_long')).toMatchObject([
    { length: 100, tags: [{ tag: 'DOWN', count: 100 }], untaken: ['DOWN'] },
  ]);
  flood(tested, pid, 100);
  expect(tested.info(pid)?.mailboxLength).toBe(200);
  expect(tested.deadLetters()).toHaveLength(50);
});

test("with 'infinity' none is told of, and without the option one of 100,000 is", async () => {
  await using quiet = testSystem({ longMailbox: 'infinity' });
  await using usual = testSystem();
  for (const system of [quiet, usual]) {
    const pid = system.spawn(picky);
    await system.settle();
    flood(system, pid, 100_001);
  }
  expect(quiet.told('mailbox_long')).toEqual([]);
  expect(usual.told('mailbox_long')).toMatchObject([{ length: 100_000 }]);
});

test('a line of the log says who, how many and what, in words and as facts', async () => {
  const logger = { info: vi.fn(), warn: vi.fn(), error: vi.fn() };
  await using tested = testSystem({ log: 'text', logger, longMailbox: 10 });
  const pid = tested.spawn(picky);
  await tested.settle();
  flood(tested, pid, 11);
  expect(logger.warn.mock.calls).toEqual([
    [
      `${pid} (picky) has 10 messages in its mailbox: 9 "noise", 1 "hum"\n    its receive does not take "noise", "hum"`,
      {
        kind: 'mailbox_long',
        pid: String(pid),
        name: undefined,
        body: 'picky',
        length: 10,
        tags: [
          { tag: 'noise', count: 9 },
          { tag: 'hum', count: 1 },
        ],
        untaken: ['noise', 'hum'],
      },
    ],
  ]);
});

test('what is no length is refused', () => {
  expect(() => testSystem({ longMailbox: 0 })).toThrow(
    "Cannot make an actor system: longMailbox is a whole number of messages from 1 up, or 'infinity', not 0",
  );
});
