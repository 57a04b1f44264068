/** Monitors against ends, demonitors and flushes, however the schedule goes. */

import { type Actor, type Down, type Message, name, type Pid, type Ref, type Self } from 'beamish';
import { type TestSystem, testSystem } from 'beamish/testing';
import fc from 'fast-check';
import { expect } from 'vitest';
import { property, schedule } from '../support/property.ts';

interface Noise extends Message {
  readonly tag: 'noise';
}

const END_KINDS = ['return', 'exit', 'throw', 'signal itself', 'live'] as const;
const target = fc.record({
  ms: fc.nat(4),
  turns: fc.nat(3),
  end: fc.constantFrom(...END_KINDS),
  asynchronous: fc.boolean(),
});
type Target = typeof target extends fc.Arbitrary<infer T> ? T : never;

const deed = fc.oneof(
  fc.record({
    does: fc.constantFrom('monitor', 'monitor', 'monitor by name', 'kill'),
    of: fc.nat(3),
  }),
  fc.record({ does: fc.constantFrom('demonitor', 'flush', 'flush'), of: fc.nat(5) }),
  fc.record({ does: fc.constantFrom('pause', 'take', 'noise'), of: fc.constant(0) }),
  fc.record({ does: fc.constant('sleep'), of: fc.nat(2) }),
);
type Deed = typeof deed extends fc.Arbitrary<infer D> ? D : never;

interface Watching {
  readonly ref: Ref;
  readonly target: Pid;
  /** The target was alive. */
  readonly alive: boolean;
  downs: Down[];
  /** What `demonitor` returned, and the DOWNs until then; the first time counts. */
  stopped:
    | { readonly active: boolean; readonly flush: boolean; readonly before: number }
    | undefined;
  flushed: number | undefined;
}

property(
  'each monitor brings exactly one DOWN with the true reason, unless it was taken back, and then none after',
  fc.asyncProperty(
    schedule,
    fc.array(target, { minLength: 1, maxLength: 3 }),
    fc.array(fc.array(deed, { maxLength: 14 }), { minLength: 1, maxLength: 3 }),
    async (seed, targets, watchers) => {
      const system = testSystem({ seed });
      const pids = targets.map((plan, i) => {
        const pid = system.spawn(plan.asynchronous ? asyncEnding : ending, plan);
        system.register(`target ${i}`, pid);
        return pid;
      });
      const records = watchers.map((deeds) => {
        const record: Watching[] = [];
        system.spawn(watching, system, pids, deeds, record);
        return record;
      });
      await system.advance(50);
      for (const pid of pids) system.exitSignal(pid, 'kill');
      await system.advance(50);

      for (const watch of records.flat()) expectOneDown(system, watch);
      for (const actor of system.actors())
        expect(actor).toMatchObject({ monitors: [], monitoredBy: [] });
    },
  ),
);

function expectOneDown(system: TestSystem, watch: Watching): void {
  const { downs, stopped, flushed } = watch;
  const reasons = downs.map(({ reason }) => reason);
  const trueReason = system.reasonOf(watch.target);
  for (const reason of reasons) {
    if (watch.alive) expect(reason).toBe(trueReason);
    else expect([trueReason, 'noproc']).toContain(reason);
  }
  if (stopped === undefined) return expect(downs).toHaveLength(1);
  if (stopped.active) expect(downs).toHaveLength(0);
  else if (flushed === undefined) expect(downs).toHaveLength(1);
  if (flushed !== undefined) expect(downs).toHaveLength(flushed);
}

function* watching(
  self: Self<Noise>,
  system: TestSystem,
  targets: readonly Pid[],
  deeds: readonly Deed[],
  record: Watching[],
): Actor {
  const take = (down: Down | undefined): void => {
    if (down !== undefined) record.find(({ ref }) => ref === down.ref)?.downs.push(down);
  };
  for (const { does, of } of deeds) {
    const i = of % targets.length;
    const target = targets[i] as Pid;
    const watch = record[of % Math.max(1, record.length)];
    switch (does) {
      case 'monitor':
      case 'monitor by name': {
        const alive = system.info(target) !== undefined;
        const ref = self.monitor(does === 'monitor' ? target : name(`target ${i}`));
        record.push({ ref, target, alive, downs: [], stopped: undefined, flushed: undefined });
        break;
      }
      case 'demonitor':
      case 'flush': {
        if (watch === undefined) break;
        const flush = does === 'flush';
        const active = self.demonitor(watch.ref, { flush });
        watch.stopped ??= { active, flush, before: watch.downs.length };
        if (flush) watch.flushed ??= watch.downs.length;
        break;
      }
      case 'kill':
        self.exitSignal(target, 'kill');
        break;
      case 'take':
        take(yield* self.receive('DOWN').after(0));
        break;
      case 'noise':
        self.send(self.pid, { tag: 'noise' });
        break;
      case 'pause':
        yield* self.yield();
        break;
      case 'sleep':
        yield* self.sleep(of);
        break;
    }
  }
  for (;;) take(yield* self.receive('DOWN'));
}

function* ending(self: Self, { ms, turns, end }: Target): Actor {
  yield* self.sleep(ms);
  for (let i = 0; i < turns; i++) yield* self.yield();
  if (end === 'live') yield* self.receive('EXIT');
  endAs(self, end);
}

async function asyncEnding(self: Self, { ms, turns, end }: Target): Promise<void> {
  await self.sleep(ms);
  for (let i = 0; i < turns; i++) await self.yield();
  if (end === 'live') await self.receive('EXIT');
  endAs(self, end);
}

function endAs(self: Self, end: (typeof END_KINDS)[number]): void {
  if (end === 'exit') self.exit('bye');
  if (end === 'throw') throw new Error('boom');
  if (end === 'signal itself') self.exitSignal(self.pid, 'die');
}

property(
  'demonitor with flush leaves nothing of its monitor in the mailbox, and everything else',
  fc.asyncProperty(
    schedule,
    fc.array(fc.constantFrom('noise', 'watched', 'other', 'pause', 'kill'), { maxLength: 20 }),
    fc.nat(20),
    fc.boolean(),
    async (seed, deeds, when, skips) => {
      const system = testSystem({ seed });
      const victim = system.spawn(waiting);
      const left: Message[] = [];
      const expected = { noise: 0, others: 0 };
      const refs: Ref[] = [];
      const pid = system.spawn(function* flushing(self: Self<Noise>): Actor {
        for (const [i, what] of [...deeds, 'pause'].entries()) {
          if (i === when) refs.push(self.monitor(victim));
          if (what === 'noise') {
            self.send(self.pid, { tag: 'noise' });
            expected.noise++;
          }
          if (what === 'other') {
            self.monitor(victim);
            expected.others++;
          }
          if (what === 'watched') refs.push(self.monitor(victim));
          if (what === 'kill') self.spawn(killing, victim);
          if (what === 'pause') yield* self.yield();
          // A receive that finds nothing has been past all of it.
          if (skips) yield* self.receive('EXIT').after(0);
        }
        for (const ref of refs) self.demonitor(ref, { flush: true });
        yield* self.sleep(10);
        for (;;) left.push(yield* self.receive());
      });
      await system.advance(5);
      system.exitSignal(victim, 'kill');
      await system.advance(20);

      expect(system.info(pid)).toMatchObject({ monitors: [] });
      const downs = left.filter(({ tag }) => tag === 'DOWN') as Down[];
      expect(downs.filter(({ ref }) => refs.includes(ref))).toEqual([]);
      expect(downs).toHaveLength(expected.others);
      expect(left.length - downs.length).toBe(expected.noise);
    },
  ),
);

function* waiting(self: Self): Actor {
  yield* self.receive('EXIT');
}

function* killing(self: Self, victim: Pid): Actor {
  self.exitSignal(victim, 'kill');
}
