/** Scenarios that notice what programs of chance hardly do: each needs one rule of dependence. */

import { type Scenario, type SimOptions, stall } from '@beamish/sim';
import {
  type Actor,
  configure,
  name,
  type Pid,
  type ReplyTo,
  type Self,
  task,
  whereisAt,
} from 'beamish';
import type { Note } from './outcomes.ts';
import { type Any, sending } from './scenes.ts';

export interface Directed {
  /** What two things must not be thought to commute. */
  readonly rule: string;
  readonly make: (note: Note) => Scenario<Any>;
  readonly options?: SimOptions;
}

type Ask = Any & { readonly tag: 'ask'; readonly replyTo: ReplyTo<number> };
const ANY = { speed: 'any' } as const;

function* ending(self: Self<Any>, whom: Pid<Any>, reason: unknown): Actor {
  self.exitSignal(whom as Pid, reason);
}

function* brief(): Actor {}

function bounded(overflow: 'wait' | 'drop_newest' | 'drop_oldest' | 'exit'): Directed {
  return {
    rule: `what comes to a mailbox with a limit and what is taken of it: ${overflow}`,
    make: (note) =>
      function* scenario(self) {
        const taker = configure(
          function* taker(its: Self<Any>): Actor {
            its.defer(() => note('taker', 'over'));
            for (let i = 0; i < 3; i++) note('taker', (yield* its.receive('a', 'b'))['n']);
          },
          { mailbox: { limit: 1, overflow } },
        );
        const to = self.spawn(taker) as Pid<Any>;
        for (const [n, tag] of ['a', 'b'].entries())
          self.spawn(function* offering(its: Self<Any>): Actor {
            yield* its.offer(to, { tag, n });
            note(`offering ${n}`, 'done');
          });
        self.spawn(sending, to, { tag: 'a', n: 3 });
      },
  };
}

/** What A does before it exits. */
const LOOKS: Readonly<Record<string, (its: Self<Any>, c: Pid<Any>) => unknown>> = {
  info: (its, c) => its.info(c as Pid) !== undefined,
  whereis: (its) => its.whereis('c') !== undefined,
  monitor: (its, c) => typeof its.monitor(c as Pid),
  trapExit: (its) => its.trapExit(true),
};

/**
 * A looks at C and exits; B links to A and, if that has not ended it, sends to D in the same step; C ends; D polls. B
 * touches D when it is put to sleep, and may not when it is made: after that of D, or before.
 */
function lookingAndActing(look: string, order: string): Directed {
  return {
    rule: `a sleeping step that looks and then acts, beside ${look}, spawned as ${order}`,
    make: (note) =>
      function* scenario(self) {
        const pids = new Map<string, Pid<Any>>();
        const pidOf = (who: string): Pid<Any> => pids.get(who) as Pid<Any>;
        const bodies: Readonly<Record<string, (its: Self<Any>) => Actor>> = {
          *a(its) {
            note('a', LOOKS[look]?.(its, pidOf('c')));
            its.exit('bad');
          },
          *b(its) {
            let hasSent = false;
            its.defer(() => note('b', hasSent));
            its.link(pidOf('a') as Pid);
            its.send(pidOf('d'), { tag: 'm' });
            hasSent = true;
          },
          c: brief as (its: Self<Any>) => Actor,
          *d(its) {
            note('d', (yield* its.receive('m').after(0))?.tag);
          },
        };
        for (const who of order) pids.set(who, self.spawn(bodies[who] as never) as Pid<Any>);
        self.register('c', pidOf('c') as Pid<never>);
      },
  };
}

/** The end of a monitor asks for its news, whether they are to be flushed or not. */
function unwatching(flush: boolean): Directed {
  return {
    rule: `the end of a monitor and its news, ${flush ? 'flushed' : 'left'}`,
    make: (note) =>
      function* scenario(self) {
        const pids: Pid<Any>[] = [];
        pids.push(
          self.spawn(function* watching(its: Self<Any>): Actor {
            const ref = its.monitor(pids[1] as Pid);
            its.send(pids[1] as Pid<Any>, { tag: 'watched' });
            yield* its.receive('go');
            note('watching', its.demonitor(ref, { flush }));
            yield* its.receive('never');
          }) as Pid<Any>,
          self.spawn(function* watched(its: Self<Any>): Actor {
            yield* its.receive('watched');
            its.send(pids[0] as Pid<Any>, { tag: 'go' });
            yield* its.yield();
          }) as Pid<Any>,
        );
      },
  };
}

function registeringAndSending(): Directed {
  return {
    rule: 'a sleeping step that takes a name and then sends',
    make: (note) =>
      function* scenario(self) {
        const c = self.spawn(brief as (its: Self<Any>) => Actor) as Pid<Any>;
        self.spawn(function* a(its: Self<Any>): Actor {
          note('a', its.info(c as Pid) !== undefined);
          its.register('name', its.pid as Pid<never>);
        });
        const d = self.spawn(function* d(its: Self<Any>): Actor {
          note('d', (yield* its.receive('m').after(0))?.tag);
        }) as Pid<Any>;
        self.spawn(function* b(its: Self<Any>): Actor {
          if (its.whereis('name') !== undefined) return;
          its.send(d, { tag: 'm' });
        });
      },
  };
}

export function trappingAndSignal(note: Note): Scenario<Any> {
  return function* scenario(self) {
    const trapping = self.spawn(function* trapping(its: Self<Any>): Actor {
      its.defer(() => note('trapping', 'over'));
      its.trapExit(true);
      yield* its.yield();
      its.trapExit(false);
      note('trapping', (yield* its.receive('EXIT')).tag);
    });
    self.spawn(ending, trapping as Pid<Any>, 'bad');
  };
}

export const DIRECTED: readonly Directed[] = [
  ...Object.keys(LOOKS).flatMap((look) => [
    lookingAndActing(look, 'abcd'),
    lookingAndActing(look, 'adbc'),
  ]),
  registeringAndSending(),
  {
    rule: 'a link and the end of whom it is with',
    make: (note) =>
      function* scenario(self) {
        const other = self.spawn(brief as (its: Self<Any>) => Actor);
        self.spawn(function* linking(its: Self<Any>): Actor {
          its.trapExit(true);
          its.link(other as Pid);
          note('linking', ((yield* its.receive('EXIT')) as { readonly reason: unknown }).reason);
        });
      },
  },
  {
    rule: 'a link and taking back what is none',
    make: (note) =>
      function* scenario(self) {
        const pids: Pid<Any>[] = [];
        pids.push(
          self.spawn(function* linking(its: Self<Any>): Actor {
            its.link(pids[1] as Pid);
            yield* its.receive('go');
            its.exit('bad');
          }) as Pid<Any>,
          self.spawn(function* unlinking(its: Self<Any>): Actor {
            its.defer(() => note('unlinking', 'over'));
            its.unlink(pids[0] as Pid);
            note('unlinking', 'no link');
            yield* its.receive('never');
          }) as Pid<Any>,
        );
        self.spawn(sending, pids[0] as Pid<Any>, { tag: 'go' });
      },
  },
  { rule: 'trapping exits and an exit signal', make: trappingAndSignal },
  {
    rule: 'an exit signal and the end of whom it is for',
    make: (note) =>
      function* scenario(self) {
        const target = self.spawn(function* target(its: Self<Any>): Actor {
          its.defer(() => note('target', 'over'));
          yield* its.yield();
          its.exit('done');
        });
        self.spawn(function* watching(its: Self<Any>): Actor {
          its.monitor(target as Pid);
          note('watching', (yield* its.receive('DOWN')).reason);
        });
        self.spawn(ending, target as Pid<Any>, 'bad');
      },
  },
  bounded('wait'),
  bounded('drop_newest'),
  bounded('drop_oldest'),
  bounded('exit'),
  {
    rule: 'two things that are put on one way',
    options: { systems: ['far'] },
    make: (note) =>
      function* scenario(self, { systems }) {
        const killed = self.spawn(function* killed(its: Self<Any>): Actor {
          yield* its.receive('never');
        });
        const looking = self.spawn(function* looking(its: Self<Any>): Actor {
          yield* its.receive('look');
          note('looking', its.info(killed as Pid) === undefined);
        });
        const far = systems['far'];
        far?.spawn(ending, killed as Pid<Any>, 'kill');
        far?.spawn(sending, looking as Pid<Any>, { tag: 'look' });
      },
  },
  {
    rule: 'a deadline that comes too late and the reply',
    options: ANY,
    make: (note) =>
      function* scenario(self) {
        self.spawn(function* owner(its: Self<Any>): Actor {
          const work = task(its, function* working(its: Self): Actor<number> {
            yield* its.yield();
            return 1;
          });
          note('owner', (yield* work.yield(2))?.ok);
          note('owner', (yield* work.yield(2))?.ok);
        });
      },
  },
  {
    rule: 'the news of an end in another system, and a call that was given up',
    options: { systems: ['far'], ...ANY },
    make: (note) =>
      function* scenario(self, { systems }) {
        const far = systems['far'];
        const callee = far?.spawn(function* callee(its: Self<Ask>): Actor {
          yield* its.yield();
        });
        far?.register('callee', callee as Pid<never>);
        self.spawn(function* caller(its: Self<Any>): Actor {
          for (let i = 0; i < 2; i++)
            try {
              note('caller', yield* its.call(name<Ask>('callee', 'far'), { tag: 'ask' }).within(1));
            } catch (error) {
              note('caller', (error as { readonly reason: unknown }).reason);
            }
        });
      },
  },
  {
    rule: 'an end in another system, and a call that is given up while both tell the time',
    options: { systems: ['far'], ...ANY },
    make: (note) =>
      function* scenario(self, { systems }) {
        const callee = systems['far']?.spawn(function* callee(its: Self<Ask>): Actor {
          note('callee', its.now());
        }) as Pid<Ask>;
        self.spawn(function* caller(its: Self<Any>): Actor {
          note('caller', its.now());
          try {
            yield* its.call(callee, { tag: 'ask' }).within(2);
          } catch (error) {
            note('caller', (error as { readonly reason: unknown }).reason);
          }
        });
      },
  },
  {
    rule: 'taking a timer back and the end of whom it is for',
    make: (note) =>
      function* scenario(self) {
        const pids: Pid<Any>[] = [];
        pids.push(
          self.spawn(function* ending(its: Self<Any>): Actor {
            its.send(pids[1] as Pid<Any>, { tag: 'b' });
            yield* its.receive('b');
          }) as Pid<Any>,
          self.spawn(function* timing(its: Self<Any>): Actor {
            its.send(pids[0] as Pid<Any>, { tag: 'b' });
            const timer = its.sendAfter(2, pids[0] as Pid<Any>, { tag: 'a' });
            yield* its.receive('a', 'b');
            note('timing', its.cancelTimer(timer) === false);
          }) as Pid<Any>,
        );
      },
  },
  {
    rule: 'when a stall begins and the clock',
    options: { systems: ['far'], faults: [stall('far', { ms: 20 })], ...ANY },
    make: (note) =>
      function* scenario(self, { systems, now }) {
        systems['far']?.spawn(function* far(its: Self<Any>): Actor {
          yield* its.sleep(10);
          note('far', now());
        });
        self.spawn(function* main(its: Self<Any>): Actor {
          yield* its.sleep(5);
          note('main', now());
        });
      },
  },
  {
    rule: 'the end of a stall, and who tells the time and then starts a timer that rings before',
    options: { systems: ['far'], faults: [stall('far', { ms: 2 })], ...ANY },
    make: (note) =>
      function* scenario(self) {
        self.spawn(function* timing(its: Self<Any>): Actor {
          note('timing', its.now());
          yield* its.sleep(1);
        });
      },
  },
  unwatching(true),
  unwatching(false),
  {
    rule: 'timers of one millisecond, started by two',
    make: (note) =>
      function* scenario(self) {
        const to = self.spawn(function* taking(its: Self<Any>): Actor {
          for (let i = 0; i < 2; i++) note('taking', (yield* its.receive('a'))['n']);
        }) as Pid<Any>;
        for (let n = 0; n < 2; n++)
          self.spawn(function* timing(its: Self<Any>): Actor {
            its.sendAfter(1, to, { tag: 'a', n });
          });
      },
  },
  {
    rule: 'a doom and what its actor waits for',
    make: (note) =>
      function* scenario(self) {
        const to = self.spawn(function* taking(its: Self<Any>): Actor {
          note('taking', (yield* its.receive('a')).tag);
        }) as Pid<Any>;
        self.spawn(ending, to, 'kill');
        self.spawn(sending, to, { tag: 'a' });
      },
  },
  {
    rule: 'a doom and what its actor waits for, or polls',
    make: (note) =>
      function* scenario(self) {
        const to = self.spawn(function* taking(its: Self<Any>): Actor {
          note('taking', (yield* its.receive('a')).tag);
          note('taking', (yield* its.receive('b').after(0))?.tag);
        }) as Pid<Any>;
        for (const tag of ['a', 'b']) self.spawn(sending, to, { tag });
        self.spawn(ending, to, 'kill');
      },
  },
  {
    rule: 'a poll and each of two that it may take',
    make: (note) =>
      function* scenario(self) {
        const to = self.spawn(function* polling(its: Self<Any>): Actor {
          for (let i = 0; i < 3; i++) note('polling', (yield* its.receive('a').after(0))?.['n']);
        }) as Pid<Any>;
        for (let n = 0; n < 2; n++) self.spawn(sending, to, { tag: 'a', n });
      },
  },
  {
    rule: 'two arrivals that one receive takes in some runs only',
    make: (note) =>
      function* scenario(self) {
        const pids = new Map<string, Pid<Any>>();
        const to = (): Pid<Any> => pids.get('taking') as Pid<Any>;
        function* taking(its: Self<Any>): Actor {
          const both = (yield* its.receive('c').after(0)) === undefined;
          const { tag } = both ? yield* its.receive('a', 'b') : yield* its.receive('a');
          note('taking', `${tag}, ${both}`);
        }
        for (const tag of ['a', 'taking', 'b', 'c'])
          pids.set(
            tag,
            self.spawn(
              tag === 'taking' ? taking : (its: Self<Any>) => sending(its, to(), { tag }),
            ) as Pid<Any>,
          );
      },
  },
  {
    rule: 'who has a name in another system, and giving and freeing it there',
    options: { systems: ['far'] },
    make: (note) =>
      function* scenario(self, { systems }) {
        systems['far']?.spawn(function* named(its: Self<Any>): Actor {
          its.register('name', its.pid as Pid<never>);
          yield* its.yield();
          its.unregister('name');
        });
        self.spawn(function* asking(its: Self<Any>): Actor {
          for (let i = 0; i < 2; i++) {
            const holder = yield* whereisAt(its, name('name', 'far'));
            note('asking', holder === undefined ? 'nobody' : 'somebody');
          }
        });
      },
  },
  {
    rule: 'a time-out, and a message of a timer that rings before another one',
    options: ANY,
    make: (note) =>
      function* scenario(self) {
        const pids: Pid<Any>[] = [];
        pids.push(
          self.spawn(function* patient(its: Self<Any>): Actor {
            its.sendAfter(2, pids[1] as Pid<Any>, { tag: 'a' });
            note('patient', (yield* its.receive('b').after(1))?.tag);
          }) as Pid<Any>,
          self.spawn(function* timing(its: Self<Any>): Actor {
            note('timing', its.now());
            its.sendAfter(1, pids[0] as Pid<Any>, { tag: 'b' });
            yield* its.receive('never');
          }) as Pid<Any>,
        );
      },
  },
  {
    rule: 'the beginning of a receive with a time-out, and what it would take',
    options: ANY,
    make: (note) =>
      function* scenario(self) {
        const pids: Pid<Any>[] = [];
        pids.push(
          self.spawn(function* sink(its: Self<Any>): Actor {
            yield* its.receive('never');
          }) as Pid<Any>,
          self.spawn((its: Self<Any>) => sending(its, pids[3] as Pid<Any>, { tag: 'a' })),
          self.spawn(function* looking(its: Self<Any>): Actor {
            note('looking', its.now());
          }) as Pid<Any>,
          self.spawn(function* patient(its: Self<Any>): Actor {
            note('patient', (yield* its.receive('a').after(1))?.tag);
            its.sendAfter(1, pids[0] as Pid<Any>, { tag: 'a' });
          }) as Pid<Any>,
        );
      },
  },
];
