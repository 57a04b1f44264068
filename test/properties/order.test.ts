/** The order of signals of all kinds from one actor to another, however the schedule goes. */

import type { Actor, Message, Pid, Ref, Self } from 'beamish';
import { testSystem } from 'beamish/testing';
import fc from 'fast-check';
import { expect } from 'vitest';
import { property, schedule } from '../support/property.ts';

interface Note extends Message {
  readonly tag: 'note';
  readonly from: Pid;
  readonly n: number;
}

interface WatchMe extends Message {
  readonly tag: 'watch_me';
  readonly from: Pid;
}

/** What a sender does; `n` makes each of its signals unlike the others. */
type Deed =
  | { readonly does: 'send' | 'signal' | 'be watched' | 'pause' | 'link' | 'unlink' }
  | { readonly does: 'sleep'; readonly ms: number };

const ENDS = ['return', 'exit', 'throw', 'signal itself', 'be killed'] as const;

const deed: fc.Arbitrary<Deed> = fc.oneof(
  fc.record({
    does: fc.constantFrom('send', 'send', 'signal', 'be watched', 'pause', 'link', 'unlink'),
  }),
  fc.record({ does: fc.constant('sleep'), ms: fc.nat(3) }),
);
const sender = fc.record({
  deeds: fc.array(deed, { maxLength: 12 }),
  end: fc.constantFrom(...ENDS),
});
type Sender = typeof sender extends fc.Arbitrary<infer S> ? S : never;

/** What a receiver saw, or should see, of one sender. */
type Seen = readonly [kind: 'note' | 'EXIT' | 'DOWN', what: unknown];

property(
  'what an actor does to another takes effect in the order in which it did it, messages, exit signals, links and its end alike',
  fc.asyncProperty(
    schedule,
    fc.array(sender, { minLength: 1, maxLength: 4 }),
    async (seed, senders) => {
      const system = testSystem({ seed });
      const seen: [Pid, ...Seen][] = [];
      const receiver = system.spawn(observer, seen);
      await system.settle();
      const expected = senders.map((): Seen[] => []);
      const watched = senders.map(() => 0);
      const pids = senders.map((plan, i) =>
        system.spawn(acting, plan, receiver, expected[i] as Seen[], () => {
          watched[i] = (watched[i] as number) + 1;
        }),
      );
      await system.advance(100);

      for (const [i, pid] of pids.entries()) {
        const reason = system.reasonOf(pid);
        const ofIt = seen.filter(([from]) => from === pid).map(([, kind, what]) => [kind, what]);
        const downs = ofIt.splice(ofIt.length - (watched[i] as number));
        expect(ofIt).toEqual(expected[i]);
        for (const [kind, what] of downs) {
          expect(kind).toBe('DOWN');
          expect([reason, 'noproc']).toContain(what);
        }
      }
    },
  ),
);

/** Writes down what it gets of whom. */
function* observer(self: Self<Note | WatchMe>, seen: [Pid, ...Seen][]): Actor {
  self.trapExit(true);
  for (;;) {
    const message = yield* self.receive('note', 'watch_me', 'EXIT', 'DOWN');
    switch (message.tag) {
      case 'note':
        seen.push([message.from, 'note', message.n]);
        break;
      case 'watch_me':
        self.monitor(message.from);
        break;
      case 'EXIT':
        seen.push([message.from, 'EXIT', message.reason]);
        break;
      case 'DOWN':
        seen.push([message.target as Pid, 'DOWN', message.reason]);
        break;
    }
  }
}

function* acting(
  self: Self,
  { deeds, end }: Sender,
  to: Pid<Note | WatchMe>,
  expected: Seen[],
  watched: () => void,
): Actor {
  let linked = false;
  for (const [n, deed] of deeds.entries()) {
    switch (deed.does) {
      case 'send':
        self.send(to, { tag: 'note', from: self.pid, n });
        expected.push(['note', n]);
        break;
      case 'signal':
        self.exitSignal(to, n);
        expected.push(['EXIT', n]);
        break;
      case 'be watched':
        self.send(to, { tag: 'watch_me', from: self.pid });
        watched();
        break;
      case 'link':
        self.link(to);
        linked = true;
        break;
      case 'unlink':
        self.unlink(to);
        linked = false;
        break;
      case 'pause':
        yield* self.yield();
        break;
      case 'sleep':
        yield* self.sleep(deed.ms);
        break;
    }
  }
  const boom = new Error('boom');
  const reason = { return: 'normal', exit: 'bye', throw: boom, 'signal itself': 'die' };
  if (linked) expected.push(['EXIT', end === 'be killed' ? 'killed' : reason[end]]);
  switch (end) {
    case 'return':
      return;
    case 'exit':
      return self.exit('bye');
    case 'throw':
      throw boom;
    case 'signal itself':
      return self.exitSignal(self.pid, 'die');
    case 'be killed':
      self.spawn(killer, self.pid);
      yield* self.sleep(1_000);
  }
}

function* killer(self: Self, victim: Pid): Actor {
  self.exitSignal(victim, 'kill');
}

property(
  'an actor that a signal ends has handled a part of what its sender sent before, from the first on, and nothing of what it sent after',
  fc.asyncProperty(
    schedule,
    fc.array(
      fc.record({
        before: fc.nat(5),
        after: fc.nat(5),
        fatal: fc.boolean(),
        pauses: fc.array(fc.boolean(), { minLength: 11, maxLength: 11 }),
      }),
      { minLength: 1, maxLength: 3 },
    ),
    fc.boolean(),
    async (seed, senders, asynchronous) => {
      const system = testSystem({ seed });
      const handled: Note[] = [];
      const victim = system.spawn(asynchronous ? asyncHandling : handling, handled);
      const downs: { readonly alive: boolean; readonly reason: unknown }[] = [];
      const watch = (self: Self): { alive: boolean; ref: Ref } => ({
        alive: self.info(victim) !== undefined,
        ref: self.monitor(victim),
      });
      const pids = senders.map((plan, i) =>
        system.spawn(function* shooting(self: Self): Actor {
          const watches = [watch(self)];
          for (let n = 0; n < plan.before + plan.after; n++) {
            if (n === plan.before && plan.fatal) self.exitSignal(victim, { by: i });
            self.send(victim, { tag: 'note', from: self.pid, n });
            if (plan.pauses[n] === true) yield* self.yield();
          }
          watches.push(watch(self));
          for (const { alive, ref } of watches) {
            const { reason } = yield* self.receive('DOWN').where((down) => down.ref === ref);
            downs.push({ alive, reason });
          }
        }),
      );
      await system.settle();
      system.exitSignal(victim, 'over');
      await system.settle();

      const reason = system.reasonOf(victim);
      for (const [i, pid] of pids.entries()) {
        const numbers = handled.filter(({ from }) => from === pid).map(({ n }) => n);
        expect(numbers).toEqual(numbers.map((_, n) => n));
        const plan = senders[i];
        if (plan?.fatal === true) expect(numbers.length).toBeLessThanOrEqual(plan.before);
      }
      expect(downs).toHaveLength(2 * senders.length);
      for (const down of downs) {
        if (down.alive) expect(down.reason).toBe(reason);
        else expect([reason, 'noproc']).toContain(down.reason);
      }
    },
  ),
);

function* handling(self: Self<Note>, handled: Note[]): Actor {
  for (;;) handled.push(yield* self.receive('note'));
}

async function asyncHandling(self: Self<Note>, handled: Note[]): Promise<void> {
  for (;;) handled.push(await self.receive('note'));
}
