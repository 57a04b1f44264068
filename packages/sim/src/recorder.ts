/** Listens to the systems of a run, and writes down what each step does and touches. */

import type { Address, ExitReason, Message, Pid, SystemEvents, Target } from 'beamish';
import type { Accesses, Control, PendingTimer, ReceiveInProgress } from 'beamish/control';
import { type AccessLog, ShownAccesses, SystemAccesses } from './access-log.ts';
import { Crossings } from './crossings.ts';
import type { Labels, Place } from './labels.ts';
import { LinkTouches } from './link-touches.ts';
import { type DeedKind, type Recorded, recorded, type Taker, withOne } from './step.ts';
import { TimerTouches } from './timer-touches.ts';
import * as ways from './touches.ts';
import { type Things, Touches } from './touches.ts';
import { UntakenMail } from './untaken.ts';
import { isQuestion, tagOf, wordsOfMessage, wordsOfValue } from './words.ts';

/** Of a touch that the tap tells, the way in which the actor was used. */
const WAY_OF: Readonly<Record<string, number>> = {
  look: ways.LOOK,
  signal: ways.SIGNAL,
  doom: ways.DOOM,
  wake: ways.WAKE,
  reply: ways.REPLY,
  abandon: ways.ABANDON,
  watch: ways.WATCH,
  bond: ways.BOND,
  trap: ways.TRAP,
  inspect: ways.INSPECT,
};

/** What a run knows besides. */
export interface Stage {
  readonly labels: Labels;
  readonly things: Things;
  readonly clients: readonly Pid[];
  readonly isAnySpeed: boolean;
  /** The run is to be shown: deeds are written down in words. */
  readonly isShown: boolean;
  /** Undefined until it is there. */
  readonly scenario: Pid | undefined;
  controlOf(pid: Pid): Control | undefined;
  /** It went on while the event loop of the host had its turn. */
  wokenByHost(pid: Pid): void;
  /** A scenario that is to be one. */
  met(pid: Pid): void;
}

/** What ends a monitor takes, or looks for. */
const NEWS = { accepts: ({ tag }: Message) => /^(DOWN|SYSTEM_DOWN|GROUP)$/.test(tag) };

export class Recorder implements AccessLog {
  /** The step that is under way; the setup is the first. */
  step: Recorded;
  readonly mail = new UntakenMail();
  /** A body has been spawned since the last look at supervisors. */
  hasSpawned = false;
  /** That they are watched is not part of the story. */
  isStartingClients = false;
  readonly #stage: Stage;
  /** The receive that the actor which steps was in when its step began. */
  #receive: ReceiveInProgress | undefined;
  /** Set while an actor has its turn: what happens between turns belongs to nobody. */
  #isInTurn = false;
  #isHostTurn = false;
  /** Made by the first rest. */
  #nobodys: Recorded | undefined;
  #n = -1;
  readonly #crossings: Crossings;
  readonly #timers: TimerTouches;
  readonly #links: LinkTouches;

  constructor(stage: Stage) {
    this.#stage = stage;
    this.#crossings = new Crossings(stage.things);
    this.#timers = new TimerTouches(stage.things);
    this.#links = new LinkTouches(stage.labels, stage.things);
    this.step = recorded('setup', 0, new Touches(), -1);
  }

  /** What a system under control tells besides; names are those of that system. */
  accessesOf(system: string): Accesses {
    const { isShown } = this.#stage;
    return isShown ? new ShownAccesses(this, system) : new SystemAccesses(this, system);
  }

  begin(n: number, by: string, at: number, enabledBy: number): Recorded {
    this.#n = n;
    this.step = recorded(by, at, new Touches(), enabledBy);
    return this.step;
  }

  /** What happens until the next step is nobody's: a claim may look at actors. */
  rest(): void {
    this.#nobodys ??= recorded('nobody', 0, new Touches(), -1);
    this.step = this.#nobodys;
  }

  turning(who: Pid): void {
    const { step } = this;
    const control = this.#stage.controlOf(who);
    this.#isInTurn = true;
    this.#receive = control?.receiveOf(who);
    const place = this.#stage.labels.of(who);
    if (place?.isOver === true) {
      if (step.kind === 'goes_on') step.kind = 'ends';
    } else if (place !== undefined && !place.hasBegun) {
      place.hasBegun = true;
      if (step.kind === 'goes_on') step.kind = 'starts';
    }
    step.touches.add(place?.thing ?? this.#thing(who), ways.STEP);
    if (place === undefined) return;
    if (control !== undefined) this.#touchBox(place, control);
    const { reply } = place;
    if (reply === undefined || step.kind !== 'goes_on') return;
    place.reply = undefined;
    step.taken = reply.value;
    step.from = reply.step;
  }

  turned(who: Pid, isReceiving: boolean): void {
    this.#isInTurn = false;
    // Had a message been there, the receive that has begun would not have waited.
    if (isReceiving && this.#stage.isAnySpeed) this.#wouldTake(who, true);
  }

  ringing(timer: object): void {
    this.#timers.ring(this.step, timer);
  }

  /** The event loop of the host has its turn, in which async code goes on: that belongs to the step. */
  hostTurn(isOn: boolean): void {
    this.#isInTurn = this.#isHostTurn = isOn;
  }

  /** At speed `'instant'`, what lets time pass clashes with all else. */
  sawTime(): void {
    if (this.#isInTurn && this.#stage.isAnySpeed) this.touch('clock', ways.START);
  }

  /** Somebody asks after an actor, in words that its tap does not know. */
  look(whom: Pid): void {
    this.step.touches.add(this.#thing(whom), ways.LOOK);
  }

  /** Where in its code. */
  waits(who: Pid, stack: string): void {
    const place = this.#stage.labels.of(who);
    if (place !== undefined) place.waitsAt = stack;
  }

  dropped(pid: Pid, message: unknown): void {
    this.mail.takeOut(pid, message);
  }

  touch(thing: string, way: number): void {
    this.step.touches.add(this.#stage.things.of(thing), way);
  }

  spawned(pid: Pid, parent: Pid, body: string): void {
    const { labels, scenario } = this.#stage;
    if (scenario === undefined) {
      labels.addScenario(pid);
      return this.#stage.met(pid);
    }
    this.hasSpawned = true;
    if (labels.spawned(pid, parent, body) !== undefined) this.#deed('spawned', pid);
  }

  sent(from: Pid, to: Address, message: unknown, kind: number): void {
    const tag = tagOf(message);
    if (!('serial' in to)) return this.#sentElsewhere(from, to, tag, message);
    const isArriving = this.#isArriving(from);
    const isLeaving = !isArriving && from.system !== to.system;
    if (kind === 1) {
      if (!isArriving) this.#deed('replied', to, tag, message);
      if (isLeaving) this.#crossings.to(this.step, from, to, ways.LOOK | ways.REPLY);
      else {
        // Also to who has given up: nothing else tells of that.
        this.step.touches.add(this.#thing(to), ways.REPLY);
        const place = this.#stage.labels.of(to);
        if (place !== undefined) place.reply = { value: message, step: this.#n };
      }
      return;
    }
    // It makes no difference to anyone which client ends first.
    const { clients, scenario, isShown } = this.#stage;
    if (to === scenario && kind === 2 && clients.includes(from)) return;
    // What comes from another system has been told there.
    if (!isArriving) {
      const isCall = isShown && isQuestion(message, from);
      this.#deed('sent', to, tag, message, isCall);
      const place = this.#stage.labels.of(from);
      if (place !== undefined) place.lastSent = { to, tag };
    }
    if (isLeaving) return this.#crossings.to(this.step, from, to, ways.LOOK);
    this.#arrive(from, to, message, false);
  }

  #arrive(from: Pid, to: Pid, message: unknown, isDeadLetter: boolean): void {
    const control = this.#stage.controlOf(to);
    if (control === undefined) return;
    const place = this.#stage.labels.of(to);
    const at = place?.thing ?? this.#thing(to);
    const isLost = isDeadLetter || place?.isOver === true;
    const arrival = {
      at,
      to,
      from,
      message: message as Message,
      step: this.#n,
      takenBy: undefined,
      isLost,
    };
    this.step.touches.add(at, ways.ARRIVE);
    if (place !== undefined) this.#touchBox(place, control);
    this.step.arrivals = withOne(this.step.arrivals, arrival);
    this.mail.add(arrival);
  }

  /** To a name that nobody has, or to one of another system. */
  #sentElsewhere(from: Pid, to: Address, tag: string | undefined, message: unknown): void {
    this.#crossings.toName(this.step, from, to.system ?? from.system);
    this.#told('sent', nameIn(to), tag, message);
  }

  /** What was sent in its system arrives in this step. */
  #isArriving(from: Pid): boolean {
    return this.step.by.startsWith(`~${from.system}>`);
  }

  received(pid: Pid, message: unknown): void {
    const { step } = this;
    if (step.kind !== 'starts' && step.kind !== 'fault') step.kind = 'receives';
    step.tag = tagOf(message);
    step.taken = message;
    const arrival = this.mail.takeOut(pid, message);
    if (arrival === undefined) return;
    const receive = this.#receive;
    arrival.takenBy = receive;
    step.from = arrival.step;
    if (receive?.isOver === true) this.#polled(pid, receive);
  }

  timedOut(pid: Pid): void {
    if (this.step.kind !== 'starts') this.step.kind = 'times_out';
    if (this.#receive !== undefined) this.#polled(pid, this.#receive);
  }

  exited(pid: Pid, reason: ExitReason): void {
    const { step } = this;
    const place = this.#stage.labels.of(pid);
    step.touches.add(place?.thing ?? this.#thing(pid), ways.END);
    this.#crossings.ended(step, pid);
    if (place !== undefined) {
      place.isOver = true;
      place.end = { reason };
    }
    this.#deed('ended', pid, undefined, reason === 'normal' ? undefined : reason);
  }

  exitSignalled(from: Pid, to: Pid, reason: ExitReason): void {
    this.#crossings.to(this.step, from, to, ways.LOOK);
    if (this.step.kind !== 'fault') this.#deed('exit_signal', to, undefined, reason);
  }

  linked(a: Pid, b: Pid, on: boolean): void {
    this.#crossings.to(this.step, a, b, ways.LOOK);
    if (on) this.#deed('linked', b);
  }

  monitored(owner: Pid, target: Target, on: boolean): void {
    if ('serial' in target) this.#crossings.to(this.step, owner, target, ways.LOOK);
    else this.#crossings.toName(this.step, owner, target.system ?? owner.system);
    if (on && 'serial' in target && !this.isStartingClients) this.#deed('monitored', target);
  }

  namedIn(system: string, name: string, pid: Pid | undefined): void {
    this.#stage.labels.named(system, name, pid);
    this.#deed(pid === undefined ? 'unregistered' : 'registered', pid, name, undefined);
  }

  touched(who: Pid, how: string): void {
    const thing = this.#thing(who);
    const way = WAY_OF[how];
    if (way !== undefined) this.step.touches.add(thing, way);
    if (how === 'bond') this.#links.bound(this.step, who);
    if (how === 'doom') {
      const place = this.#stage.labels.of(who);
      if (place !== undefined) place.isOver = true;
    }
    // Who ends a monitor looks for its DOWN; between turns somebody looks who goes on waiting.
    if (how === 'polled' && this.#isInTurn) this.#polled(who, NEWS);
    // Somebody is doomed who could have taken what comes, or a time-out is late that could have come before it.
    const control = this.#stage.controlOf(who);
    if (how === 'doom' && control?.isAwaitingMail(who) === true) this.#wouldTake(who, false);
    if (how === 'wake' && control?.receives(who) === true) this.#wouldTake(who, true);
    if (how === 'wake' && this.#isHostTurn) this.#stage.wokenByHost(who);
    if (how === 'gave_way' && this.#stage.isAnySpeed) this.#wouldTake(who, true);
  }

  /** Of the receive that an actor is in. */
  #wouldTake(who: Pid, onlyTimed: boolean): void {
    const receive = this.#stage.controlOf(who)?.receiveOf(who);
    if (receive === undefined || (onlyTimed && !receive.isTimed)) return;
    this.#polled(who, receive);
  }

  #polled(whose: Pid, by: Taker): void {
    this.step.polls = withOne(this.step.polls, { at: this.#thing(whose), by });
  }

  /** A message reached nobody. */
  lost({ from, to, message }: SystemEvents['dead_letter']): void {
    if (!('serial' in to)) return this.#told('dead_letter', nameIn(to), tagOf(message), message);
    this.#deed('dead_letter', to, tagOf(message), message);
    // Nothing else tells of one that comes from another system.
    const isArrival = from !== undefined && from.system !== to.system && this.#isArriving(from);
    if (isArrival && !this.step.arrivals.some((each) => each.message === message))
      this.#arrive(from, to, message, true);
  }

  /** Of a system, or one of the host's that an actor's code has made. */
  timer(timer: Pick<PendingTimer, 'due'>, how: 'start' | 'stop' | 'read'): void {
    this.#timers.use(this.step, this.#n, timer, how);
  }

  /** Of a bounded mailbox, whether its actor lives still or not: who sends must not have to know. */
  #touchBox(place: Place, control: Control): void {
    if (!(place.isBounded || control.isBounded(place.pid))) return;
    place.isBounded = true;
    this.step.touches.add(place.thing, ways.BOX);
  }

  arriving(posted: Recorded, system: string): void {
    this.#crossings.arrive(this.step, posted, system, (pid) => this.#thing(pid));
  }

  #thing(who: Pid): number {
    return this.#stage.labels.thingOf(who);
  }

  #deed(kind: DeedKind, to: Pid | undefined, tag?: string, what?: unknown, isCall = false): void {
    const path = to === undefined ? undefined : this.#stage.labels.pathOf(to);
    this.#told(kind, path, tag, what, isCall);
  }

  #told(
    kind: DeedKind,
    to: string | undefined,
    tag?: string,
    what?: unknown,
    isCall = false,
  ): void {
    const text = this.#text(kind, what);
    this.step.deeds = withOne(this.step.deeds, { kind, to, tag, what, text, isCall });
  }

  #text(kind: DeedKind, what: unknown): string | undefined {
    if (!this.#stage.isShown || what === undefined) return undefined;
    return kind === 'sent' || kind === 'dead_letter' ? wordsOfMessage(what) : wordsOfValue(what);
  }
}

function nameIn(to: Address): string | undefined {
  return 'name' in to ? to.name : undefined;
}
