/** A system's inside when it is new: no actors but the root, which stands for the outside world. */

import type { Clock } from '../seams/clock.ts';
import { type Decisions, TURN_BUDGET } from '../seams/decisions.ts';
import { type Home, makeCell, type Reports } from '../state/actor-cell.ts';
import { lineageFrom } from '../state/lineage.ts';
import { RunQueue } from '../state/run-queue.ts';
import { TimerWheel } from '../state/timer-wheel.ts';
import type { Self } from '../terms/context.ts';
import type { Actor } from '../terms/operation.ts';
import type { Message, Pid, ReplyTo } from '../terms/pid.ts';
import { isSignal } from '../terms/signal.ts';
import { startScheduler } from '../turn/scheduler.ts';
import { conveyor, type MessageMode } from './convey.ts';
import { selfOf } from './self.ts';

/** Another system looks up a name of this one. */
interface WhereisAsked extends Message {
  readonly tag: '$whereis';
  readonly name: string;
  readonly replyTo: ReplyTo<Pid | undefined>;
}

export interface HomeOptions {
  readonly name: string;
  readonly messages: MessageMode;
  readonly clock: Clock;
  readonly decisions: Decisions;
  readonly reports: Reports;
}

export function makeHome({ name, messages, clock, decisions, reports }: HomeOptions): Home {
  const home: Home = {
    name,
    incarnation: decisions.incarnation(),
    clock,
    decisions,
    ready: new RunQueue(),
    timers: new TimerWheel(clock.now()),
    names: new Map(),
    reports,
    convey: conveyor(messages),
    selfOf,
    wake: () => {},
    slice: () => {},
    awake: false,
    tapSpawned: undefined,
    tapSent: undefined,
    tapReceived: undefined,
    tapTurned: undefined,
    tapExited: undefined,
    root: undefined as never,
    current: undefined,
    allowance: 0,
    granted: 0,
    budget: TURN_BUDGET,
    turnBegan: 0,
    lookedAt: clock.now(),
    serials: 0,
    refs: 0,
    aliases: 0,
    youngest: undefined,
    alive: 0,
    directory: undefined,
    abroad: undefined,
    holds: 0,
    closed: false,
  };
  home.root = makeCell(home, outside as never, [], undefined, 0);
  home.root.trapExit = true;
  home.root.brood = lineageFrom(home.root.pid, undefined);
  startScheduler(home);
  home.ready.push(home.root);
  home.wake();
  return home;

  /** Hears of the ends of what was started, and tells other systems who has a name here; what else is sent to it reaches nobody. */
  function* outside(self: Self<WhereisAsked>): Actor {
    for (;;) {
      const message = yield* self.receive();
      if (message.tag === '$whereis') self.send(message.replyTo, self.whereis(message.name));
      else if (!isSignal(message)) reports.deadLetter(undefined, self.pid, message, 'noproc');
    }
  }
}
