/** A system's inside when it is new: no actors but the root, which stands for the outside world. */

import type { Clock } from '../seams/clock.ts';
import { type Decisions, TURN_BUDGET } from '../seams/decisions.ts';
import { Listeners } from '../seams/tap.ts';
import { ownerOfAlias } from '../signals/aliases.ts';
import { makeCell } from '../state/actor-cell.ts';
import { lineageFrom } from '../state/lineage.ts';
import type { Reports } from '../state/report-port.ts';
import { RunQueue } from '../state/run-queue.ts';
import type { SystemState } from '../state/system-state-types.ts';
import { TimerWheel } from '../state/timer-wheel.ts';
import type { Actor } from '../terms/operation.ts';
import { isReplyTo, type Message, type Pid, type ReplyTo } from '../terms/pid.ts';
import type { Self } from '../terms/self-types.ts';
import { isSignal } from '../terms/signal.ts';
import { startScheduler } from '../turn/scheduler.ts';
import { isolation, type MessageMode } from './message-mode.ts';
import { selfOf } from './self.ts';

/** Another system looks up a name of this one. */
interface WhereisAsked extends Message {
  readonly tag: '$whereis';
  readonly name: string;
  readonly replyTo: ReplyTo<Pid | undefined>;
}

export interface SystemStateOptions {
  readonly name: string;
  readonly messages: MessageMode;
  readonly longMailbox: number;
  readonly clock: Clock;
  readonly decisions: Decisions;
  readonly reports: Reports;
}

export function makeSystemState({
  name,
  messages,
  longMailbox,
  clock,
  decisions,
  reports,
}: SystemStateOptions): SystemState {
  const system: SystemState = {
    name,
    incarnation: decisions.incarnation(),
    clock,
    decisions,
    ready: new RunQueue(),
    timers: new TimerWheel(clock.now()),
    names: new Map(),
    groups: undefined,
    reports,
    longMailbox,
    isolate: isolation(messages),
    selfOf,
    wake: () => {},
    slice: () => {},
    awake: false,
    listeners: undefined as never,
    tapSpawned: undefined,
    tapSent: undefined,
    tapSentAway: undefined,
    tapReceived: undefined,
    tapTimedOut: undefined,
    tapDropped: undefined,
    tapTurning: undefined,
    tapTurned: undefined,
    tapExited: undefined,
    tapExitSignalled: undefined,
    tapLinked: undefined,
    tapMonitored: undefined,
    tapNamed: undefined,
    tapTouched: undefined,
    root: undefined as never,
    current: undefined,
    receivesLeft: 0,
    receivesGranted: 0,
    budget: TURN_BUDGET,
    turnBegan: 0,
    lookedAt: clock.now(),
    hasThrown: false,
    serials: 0,
    refs: 0,
    aliases: 0,
    youngest: undefined,
    alive: 0,
    spawned: 0,
    received: 0,
    directory: undefined,
    distribution: undefined,
    turns: 0,
    unsettled: [],
    holds: 0,
    closing: false,
    closed: false,
  };
  system.listeners = new Listeners(system, (verb, error) => reports.listenerFailed(verb, error));
  system.root = makeCell(system, outside as never, [reports], undefined, 0);
  system.root.trapExit = true;
  system.root.childLineage = lineageFrom(system.root.pid, undefined);
  startScheduler(system);
  system.ready.push(system.root);
  system.wake();
  return system;
}

/**
 * Hears of the ends of what was started, and tells other systems who has a name here; what else is sent to it
 * reaches nobody. Not inside of the function above: V8 gives each generator function a hidden class of its
 * own, which took ten times as long as all else of a new system.
 */
function* outside(self: Self<WhereisAsked>, reports: Reports): Actor {
  for (;;) {
    const message = yield* self.receive();
    if (isAnswerable(message)) self.send(message.replyTo, self.whereis(message.name));
    else if (!isSignal(message)) reports.deadLetter(undefined, self.pid, message, 'noproc');
  }
}

/** Anyone may send anything to the root, which must not end by it. An alias takes messages alone. */
function isAnswerable(message: Message): message is WhereisAsked {
  const { tag, name, replyTo } = message as Partial<WhereisAsked>;
  if (tag !== '$whereis' || typeof name !== 'string' || name === '') return false;
  return isReplyTo(replyTo) && ownerOfAlias(replyTo) === undefined;
}
