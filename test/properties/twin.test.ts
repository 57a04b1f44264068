/** Order, monitors and links across systems, however the schedule goes and whenever the connection is cut. */

import { type Actor, type Message, name, type Pid, portable, type Ref, type Self } from 'beamish';
import { placed } from 'beamish/transport';
import fc from 'fast-check';
import { expect } from 'vitest';
import { property, schedule } from '../support/property.ts';
import { Twin } from '../support/twin.ts';

const FAR = 'thread-1';
const far = <T>(body: T): T => placed(body as never, () => FAR) as unknown as T;

/** Where actors log what they get: their systems are in one thread, though they do not know it. */
const logs = new Map<string, Message[]>();

const keeper = portable(
  import.meta,
  'keeper',
  function* keeper(self: Self<Message>, key: string, traps: boolean): Actor {
    self.trapExit(traps);
    const log = logs.get(key) ?? [];
    for (;;) log.push(yield* self.receive());
  },
);

type Kind = 'message' | 'named' | 'monitor' | 'link' | 'signal' | 'pause';

property(
  'signals of every kind from one actor to another of another system take effect in the order in which they were sent',
  fc.asyncProperty(
    schedule,
    fc.array(
      fc.constantFrom<Kind>('message', 'message', 'named', 'monitor', 'link', 'signal', 'pause'),
      { minLength: 1, maxLength: 40 },
    ),
    async (seed, kinds) => {
      const twin = new Twin({ seed, bodies: { keeper } });
      const log: Message[] = [];
      const key = `order ${seed}`;
      logs.set(key, log);
      const [main, other] = twin.systems as [Twin['systems'][0], Twin['systems'][0]];
      const pid = main.spawn(far(keeper), key, true) as Pid<Message>;
      await twin.settle();
      other.register('keeper', other.actors()[0]?.pid as Pid);
      const expected: unknown[] = [];
      const died: unknown[] = [];
      const sender = main.spawn(function* (self: Self<Message>): Actor {
        self.trapExit(true);
        for (const [n, kind] of kinds.entries()) {
          switch (kind) {
            case 'message':
              self.send(pid, { tag: 'm', n } as Message);
              expected.push({ tag: 'm', n });
              break;
            case 'named':
              self.send(name<Message>('keeper', FAR), { tag: 'm', n } as Message);
              expected.push({ tag: 'm', n });
              break;
            case 'signal':
              self.exitSignal(pid, { shutdown: n });
              expected.push({ tag: 'EXIT', reason: { shutdown: n } });
              break;
            case 'monitor':
              self.demonitor(self.monitor(pid));
              break;
            case 'link':
              self.unlink(pid);
              self.link(pid);
              break;
            case 'pause':
              yield* self.yield();
          }
        }
        // By then it has taken all of it.
        yield* self.sleep(1);
        self.exitSignal(pid, 'kill');
        self.send(pid, { tag: 'too late' });
        self.monitor(pid);
        died.push((yield* self.receive('DOWN')).reason);
      });
      await twin.advance(10);

      expect(log.map(({ tag, ...its }) => ({ tag, ...its, from: undefined }))).toEqual(
        expected.map((each) => ({ ...(each as object), from: undefined })),
      );
      // It is exiting when the monitor comes, and tells why.
      expect(died).toEqual(['killed']);
      expect(main.info(sender)).toBeUndefined();
      logs.delete(key);
    },
  ),
);

const deed = fc.record({
  who: fc.nat(1),
  whom: fc.nat(2),
  what: fc.constantFrom(
    'monitor',
    'monitor by name',
    'demonitor',
    'link',
    'unlink',
    'unlink',
    'kill',
    'pause',
    'cut',
  ),
});

interface Watching {
  readonly ref: Ref;
  readonly whom: Pid;
  stopped: boolean;
}

/** An actor of each system does some of the deeds, and notes what comes of them. */
function* doing(
  self: Self<Message>,
  deeds: readonly {
    readonly what: string;
    readonly whom: Pid;
    readonly named: Pid;
    readonly as: string;
    readonly at: string;
  }[],
  note: { monitors: Watching[]; got: Message[]; cut: () => void },
): Actor {
  self.trapExit(true);
  for (const { what, whom, named, as, at } of deeds) {
    switch (what) {
      case 'monitor':
        note.monitors.push({ ref: self.monitor(whom), whom, stopped: false });
        break;
      case 'monitor by name':
        note.monitors.push({ ref: self.monitor(name(as, at)), whom: named, stopped: false });
        break;
      case 'demonitor': {
        const watch = note.monitors[0];
        if (watch !== undefined && self.demonitor(watch.ref)) watch.stopped = true;
        break;
      }
      case 'link':
        self.link(whom);
        break;
      case 'unlink':
        self.unlink(whom);
        break;
      case 'kill':
        self.exitSignal(whom, 'kill');
        break;
      case 'cut':
        note.cut();
        break;
    }
    yield* self.yield();
    if (what === 'pause') yield* self.sleep(1);
  }
  for (;;) note.got.push(yield* self.receive());
}

property(
  'across systems each monitor brings exactly one DOWN unless it was taken back, and links are the same on both sides',
  fc.asyncProperty(
    schedule,
    fc.array(deed, { maxLength: 30 }),
    fc.boolean(),
    fc.boolean(),
    async (seed, deeds, mayBeCut, cutsAtEnd) => {
      const twin = new Twin({ seed });
      const [main, other] = twin.systems as [Twin['systems'][0], Twin['systems'][0]];
      function* waiting(self: Self): Actor {
        self.trapExit(true);
        yield* self.receive('$never' as never);
      }
      let isCut = false;
      const cut = (): void => {
        if (isCut || !mayBeCut) return;
        isCut = true;
        twin.cut();
      };
      // Three on each side: a doer and two that wait, and each doer reaches those of the other side.
      const targets = [main, other].map((system, side) =>
        [0, 1].map((i) => {
          const pid = system.spawn(waiting);
          system.register(`target ${side} ${i}`, pid);
          return pid;
        }),
      );
      const notes = [0, 1].map(() => ({
        monitors: [] as Watching[],
        got: [] as Message[],
        cut,
      }));
      const doers: Pid[] = [];
      for (const side of [0, 1]) {
        const system = [main, other][side] as typeof main;
        const its = deeds
          .filter(({ who }) => who === side)
          .map(({ what, whom }) => ({
            what,
            // The third is the other doer, once it is there.
            whom: (whom === 2 ? doers[0] : undefined) ?? (targets[1 - side]?.[whom % 2] as Pid),
            named: targets[1 - side]?.[whom % 2] as Pid,
            as: `target ${1 - side} ${whom % 2}`,
            at: side === 0 ? FAR : 'main',
          }));
        doers.push(system.spawn(doing, its, notes[side] as (typeof notes)[0]));
      }
      await twin.advance(100);
      if (!isCut) expectSymmetric(twin);
      if (cutsAtEnd) cut();
      await twin.advance(10);
      if (isCut) expectNothingAcross(twin);
      // What is left ends, so that every monitor has had its DOWN.
      for (const [side, pids] of targets.entries())
        for (const pid of pids) (side === 0 ? main : other).exitSignal(pid, 'kill');
      await twin.advance(10);

      const isAlive = (pid: Pid): boolean =>
        (pid.system === 'main' ? main : other).info(pid) !== undefined;
      for (const [side, { monitors, got }] of notes.entries()) {
        for (const { ref, whom, stopped } of monitors) {
          const downs = got.filter((each) => (each as { ref?: Ref }).ref === ref);
          if (stopped) expect(downs).toHaveLength(0);
          // A doer that the other one killed hears nothing more.
          else if (isAlive(doers[side] as Pid))
            expect(downs).toHaveLength(isCut || !isAlive(whom) ? 1 : 0);
        }
      }
    },
  ),
);

/** When nothing is under way, who is linked to another is so by both. */
function expectSymmetric(twin: Twin): void {
  const links = twin.systems.flatMap((system) =>
    system
      .actors()
      .flatMap(({ pid, links }) =>
        links.filter((to) => to.serial !== 0).map((to) => `${String(pid)} ${String(to)}`),
      ),
  );
  for (const link of links)
    expect(links, 'links of both sides').toContain(link.split(' ').reverse().join(' '));
}

function expectNothingAcross(twin: Twin): void {
  for (const system of twin.systems) {
    for (const { links, monitors, monitoredBy } of system.actors()) {
      for (const each of [...links, ...monitors, ...monitoredBy])
        expect(each.system ?? system.name).toBe(system.name);
    }
  }
}
