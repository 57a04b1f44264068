/** Offers to a bounded mailbox: who waits for room, and what lets them go on. */

import {
  type Actor,
  type ActorOptions,
  type Address,
  configure,
  type Message,
  type Pid,
  type Self,
} from 'beamish';
import { type TestSystem, testSystem } from 'beamish/testing';
import { describe, expect, test } from 'vitest';
import { ran } from '../../support/ran.ts';
import { type Numbered, numbered, plain } from '../../support/recorder.ts';
import { underSchedules } from '../../support/schedules.ts';

const FULL_AT = { limit: 2, overflow: 'wait' } as const;

function bounded(mailbox: NonNullable<ActorOptions['mailbox']>) {
  return <M extends Message>(body: (self: Self<M>) => Actor) => configure(body, { mailbox });
}

/** Spawns an actor that offers these, one after the other. */
function offering<M extends Message>(system: TestSystem, to: Address<M>, ...messages: M[]): Pid {
  return system.spawn(function* offers(self: Self): Actor {
    for (const message of messages) yield* self.offer(to, message as never);
  });
}

/** Of how many actors it is told that they wait for room. */
function waiting(system: TestSystem): number {
  return system.actors().filter((actor) => actor.waitingFor[0]?.includes('room')).length;
}

describe('room', () => {
  test('all of many senders get through, whatever the schedule, and no mailbox is over its limit', async () => {
    await underSchedules(100, async (system) => {
      let most = 0;
      const taken: number[] = [];
      const receiver = system.spawn(
        bounded(FULL_AT)(function* (self: Self<Numbered>): Actor {
          for (;;) {
            most = Math.max(most, self.info(self.pid)?.mailboxLength ?? 0);
            taken.push((yield* self.receive('number')).n);
          }
        }),
      );
      for (let n = 0; n < 30; n++) offering(system, receiver, numbered(n), numbered(n + 100));
      await system.settle();
      expect(taken).toHaveLength(60);
      expect(most).toBeLessThanOrEqual(FULL_AT.limit);
      expect(waiting(system)).toBe(0);
    });
  });

  test('those who wait get in in the order in which they came, before any that comes later', async () => {
    const system = testSystem();
    const taken: number[] = [];
    const receiver = system.spawn(
      bounded(FULL_AT)(function* (self: Self<Numbered>): Actor {
        yield* self.sleep(10);
        for (;;) taken.push((yield* self.receive('number')).n);
      }),
    );
    for (let n = 0; n < 8; n++) {
      offering(system, receiver, numbered(n));
      await system.settle();
    }
    expect(waiting(system)).toBe(6);
    await system.advance(10);
    expect(taken).toEqual([0, 1, 2, 3, 4, 5, 6, 7]);
  });

  test('a sender that ends while it waits sends nothing, and passes its turn on', async () => {
    const system = testSystem();
    const taken: number[] = [];
    const receiver = system.spawn(
      bounded({ ...FULL_AT, limit: 1 })(function* (self: Self<Numbered>): Actor {
        yield* self.sleep(10);
        for (;;) taken.push((yield* self.receive('number')).n);
      }),
    );
    const senders: Pid[] = [];
    for (let n = 0; n < 4; n++) {
      senders.push(offering(system, receiver, numbered(n)));
      await system.settle();
    }
    for (const killed of [1, 3]) system.exitSignal(senders[killed] as Pid, 'kill');
    await system.advance(10);
    expect(taken).toEqual([0, 2]);
  });

  test('comes of a DOWN that is flushed, too', async () => {
    const system = testSystem();
    const taken: string[] = [];
    const dead = system.spawn(function* (): Actor {});
    await system.settle();
    const receiver = system.spawn(
      bounded({ ...FULL_AT, limit: 1 })(function* (self: Self<Message>): Actor {
        const ref = self.monitor(dead);
        yield* self.sleep(10);
        self.demonitor(ref, { flush: true });
        taken.push(...(self.mailbox(self.pid) ?? []).map(({ tag }) => tag));
        yield* self.sleep(1000);
      }),
    );
    await system.settle();
    offering(system, receiver, plain('note'));
    await system.advance(10);
    expect(taken).toEqual(['note']);
    expect(waiting(system)).toBe(0);
  });

  test('of a receiver that ends, nobody waits any more: an offer to a name goes to who has it then', async () => {
    const system = testSystem();
    const taken: Message[] = [];
    const limit = { mailbox: { ...FULL_AT, limit: 1 } };
    const full = system.spawn(
      configure(function* (self: Self<Message>): Actor {
        yield* self.sleep(60_000);
      }, limit),
    );
    system.register('box', full);
    const to = { name: 'box' } as never;
    for (let n = 0; n < 3; n++) offering(system, to, numbered(n));
    await system.settle();
    expect(waiting(system)).toBe(2);
    const heir = system.spawn(function* (self: Self<Message>): Actor {
      self.monitor(full);
      yield* self.receive('DOWN');
      for (;;) taken.push(yield* self.receive());
    });
    system.exitSignal(full, 'kill');
    system.register('box', heir);
    await system.settle();
    expect(taken).toHaveLength(2);
  });

  test('of one’s own mailbox nobody else can make any, so that such an offer is an error', async () => {
    const system = testSystem();
    const body = bounded({ ...FULL_AT, limit: 1 })(function* (self: Self<Message>): Actor {
      yield* self.offer(self.pid, plain('a'));
      yield* self.offer(self.pid, plain('b'));
    });
    const run = system.run(body);
    run.catch(() => {});
    await system.settle();
    await expect(run).rejects.toThrow('the mailbox is full, and nobody else can make room');
  });
});

describe('what is waited for', () => {
  test('an offer gets past a full mailbox to the receive that waits for it, by whichever comes first', async () => {
    await underSchedules(100, async (system) => {
      const taken: string[] = [];
      const receiver = system.spawn(
        bounded(FULL_AT)(function* (self: Self<Message>): Actor {
          yield* self.sleep(5);
          taken.push((yield* self.receive('wanted')).tag);
          taken.push((yield* self.receive('wanted').where(() => true)).tag);
          taken.push((yield* self.receive('wanted').after(1000))?.tag ?? 'nothing');
        }),
      );
      for (let i = 0; i < 5; i++) offering(system, receiver, plain('noise'));
      await system.settle();
      offering(system, receiver, plain('wanted'));
      await system.advance(6);
      for (let i = 0; i < 2; i++) {
        offering(system, receiver, plain('wanted'));
        await system.settle();
      }
      expect(taken).toEqual(['wanted', 'wanted', 'wanted']);
    });
  });

  test('a poll sees what waits for room', async () => {
    const system = testSystem();
    const polled: (string | undefined)[] = [];
    const receiver = system.spawn(
      bounded(FULL_AT)(function* (self: Self<Message>): Actor {
        yield* self.sleep(5);
        polled.push(
          (yield* self.receive('b').after(0))?.tag,
          (yield* self.receive('b').after(0))?.tag,
        );
        yield* self.sleep(1000);
      }),
    );
    offering(system, receiver, plain('a'), plain('a'), plain('b'), plain('a'));
    await system.advance(5);
    expect(polled).toEqual(['b', undefined]);
  });

  test('a guard that throws leaves what waits for room as it is', async () => {
    const system = testSystem();
    const taken: string[] = [];
    const receiver = system.spawn(
      bounded({ ...FULL_AT, limit: 1 })(function* (self: Self<Message>): Actor {
        yield* self.sleep(5);
        try {
          yield* self.receive('b').where(() => {
            throw new Error('my guard');
          });
        } catch {
          for (;;) taken.push((yield* self.receive()).tag);
        }
      }),
    );
    offering(system, receiver, plain('a'), plain('b'));
    await system.advance(5);
    expect(taken).toEqual(['a', 'b']);
  });
});

describe('by an alias', () => {
  interface Told {
    readonly tag: 'note';
    readonly n: number;
  }

  test('an offer waits as one to the pid does, and is dropped by no policy', async () => {
    const system = testSystem();
    const taken: number[] = [];
    const receiver = system.spawn(
      bounded(FULL_AT)(function* (self: Self<Told>): Actor {
        const alias = self.alias();
        for (let n = 0; n < 6; n++) {
          self.spawn(function* (its: Self): Actor {
            yield* its.offer(alias, { tag: 'note', n });
          });
        }
        yield* self.sleep(10);
        for (;;) taken.push((yield* self.receive('note')).n);
      }),
    );
    await system.advance(10);
    expect(taken.toSorted()).toEqual([0, 1, 2, 3, 4, 5]);
    expect(system.info(receiver)?.mailboxLength).toBe(0);
    expect(system.told('dead_letter')).toEqual([]);
  });

  test('what waits when the alias is over is a dead letter, and keeps nobody out', async () => {
    const system = testSystem();
    const taken: number[] = [];
    system.spawn(
      bounded({ ...FULL_AT, limit: 1 })(function* (self: Self<Told>): Actor {
        const alias = self.alias();
        for (const [n, to] of [alias, alias, self.pid].entries()) {
          self.spawn(function* (its: Self): Actor {
            yield* its.sleep(n + 1);
            yield* its.offer(to, { tag: 'note', n });
          });
        }
        yield* self.sleep(10);
        self.unalias(alias);
        for (;;) taken.push((yield* self.receive('note')).n);
      }),
    );
    await system.advance(10);
    expect(taken).toEqual([0, 2]);
    expect(system.told('dead_letter').map(({ why }) => why)).toEqual(['late_reply']);
  });
});

test('what cannot be copied fails the one who offers it, and not the one who takes it', async () => {
  const system = testSystem({ messages: 'clone' });
  const receiver = system.spawn(
    bounded({ ...FULL_AT, limit: 1 })(function* (self: Self<Message>): Actor {
      yield* self.sleep(10);
      for (;;) yield* self.receive();
    }),
  );
  const outcome = ran(system, function* (self: Self): Actor {
    yield* self.offer(receiver, plain('a'));
    yield* self.offer(receiver, { tag: 'b', f: () => {} } as Message);
  });
  await expect(outcome).rejects.toThrow('Cannot copy a message');
  expect(system.info(receiver)).toBeDefined();
});

test.each([
  ['drop_newest', [1, 2], [3]],
  ['drop_oldest', [2, 3], [1]],
  ['exit', [], [3]],
] as const)(
  'to a full mailbox with %s an offer does what a send does, and waits for nobody',
  async (overflow, left, lost) => {
    const system = testSystem();
    const receiver = system.spawn(
      bounded({ limit: 2, overflow })(function* (self: Self<Numbered | Message>): Actor {
        yield* self.receive('never');
      }),
    );
    await system.settle();
    const sender = offering(system, receiver, numbered(1), numbered(2), numbered(3));
    await system.settle();
    expect(system.reasonOf(sender)).toBe('normal');
    const numbers = (all: readonly unknown[] | undefined) =>
      (all as readonly Numbered[] | undefined)?.map(({ n }) => n);
    expect(numbers(system.mailbox(receiver)) ?? []).toEqual(left);
    expect(numbers(system.told('dead_letter').map(({ message }) => message))).toEqual(lost);
    if (overflow === 'exit') expect(system.reasonOf(receiver)).toBe('killed');
  },
);
