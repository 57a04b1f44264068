/** Listens to one system under control, and writes down what each step does and touches. */

import type { Address, ExitReason, Message, Pid, Tap, Target } from 'beamish';
import type { Accesses, Control, PendingTimer, ReceiveInProgress } from 'beamish/control';
import { type Labels, SCENARIO } from './labels.ts';
import { type Arrival, type DeedKind, type Recorded, recorded } from './step.ts';
import * as ways from './touches.ts';
import { type Things, Touches } from './touches.ts';

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
interface Stage {
  readonly labels: Labels;
  readonly clients: ReadonlySet<Pid>;
  readonly scenario: Pid;
  readonly ends: Map<Pid, { readonly reason: ExitReason }>;
}

/** What a flush takes. */
const FLUSH = { accepts: ({ tag }: Message) => tag === 'DOWN' || tag === 'SYSTEM_DOWN' };

export class Recorder implements Tap {
  /** The step that is under way; the setup is the first. */
  step: Recorded;
  /** Set before the control is there. */
  control: Control | undefined;
  readonly accesses: Accesses;
  readonly #labels: Labels;
  readonly #stage: Stage;
  readonly #sentTo = new Map<Pid, Pid>();
  /** A body called so has been spawned: there may be children to look for. */
  hasSupervisors = false;
  /** That they are watched is not part of the story. */
  isStartingClients = false;
  readonly #things: Things;
  readonly #isAnySpeed: boolean;
  /** By message, the arrivals of that very object that nobody has taken; one may be sent twice. */
  readonly #waiting = new Map<object, (Arrival & { readonly to: Pid })[]>();
  /** The receive that the actor which steps was in when its step began. */
  #receive: ReceiveInProgress | undefined;
  /** Set while an actor has its turn: what happens between turns belongs to nobody. */
  #isInTurn = false;
  readonly #begun = new Set<Pid>();
  #hasScenario = false;
  #n = -1;
  readonly #startedIn = new WeakMap<PendingTimer, number>();

  constructor(stage: Stage, things: Things, isAnySpeed: boolean) {
    this.#stage = stage;
    this.#labels = stage.labels;
    this.#things = things;
    this.#isAnySpeed = isAnySpeed;
    this.step = recorded('setup', 0, new Touches(), -1);
    this.accesses = {
      name: (name, isChange) => this.touch(`name ${name}`, isChange ? ways.CHANGE : ways.USE),
      timer: (timer, how) => this.#timer(timer, how),
      late: () => this.touch('clock', ways.START),
    };
  }

  begin(n: number, by: string, at: number, enabledBy: number): Recorded {
    this.#n = n;
    this.step = recorded(by, at, new Touches(), enabledBy);
    return this.step;
  }

  /** What happens until the next step is nobody's: a claim may look at actors. */
  rest(): void {
    this.step = recorded('nobody', 0, new Touches(), -1);
  }

  turning(who: Pid): void {
    this.#isInTurn = true;
    this.#receive = this.control?.receiveOf(who);
    if (!this.#begun.has(who)) {
      this.#begun.add(who);
      this.step.kind = 'starts';
    }
    this.step.isFree = this.#receive?.isOver === true;
    this.step.touches.add(this.#thing(who), ways.STEP);
  }

  turned(): void {
    this.#isInTurn = false;
  }

  /** The clock lets a timer ring, which was enabled by the step that started it. */
  ringing(timer: PendingTimer): void {
    this.touch('clock', ways.RING);
    this.step.kind = 'timer';
    this.step.enabledBy = this.#startedIn.get(timer) ?? -1;
    this.#startedIn.delete(timer);
  }

  lastSentTo(pid: Pid): Pid | undefined {
    return this.#sentTo.get(pid);
  }

  touch(thing: string, way: number): void {
    this.step.touches.add(this.#things.of(thing), way);
  }

  spawned(pid: Pid, parent: Pid, body: string): void {
    if (!this.#hasScenario) {
      this.#hasScenario = true;
      return this.#labels.add(pid, SCENARIO, 'scenario');
    }
    this.#labels.spawned(pid, parent, body, '');
    this.hasSupervisors = true;
    this.#deed('spawned', pid, undefined, undefined);
  }

  sent(from: Pid, to: Address, message: unknown, kind: number): void {
    const tag = tagOf(message);
    if (!isLocal(to)) return;
    if (kind === 1) return this.#deed('replied', to, tag, message);
    // It makes no difference to anyone which client ends first.
    if (to === this.#stage.scenario && kind === 2 && this.#stage.clients.has(from)) return;
    this.#deed('sent', to, tag, message);
    this.#sentTo.set(from, to);
    const at = this.#thing(to);
    const arrival = { at, to, message: message as Message, step: this.#n, takenBy: undefined };
    this.step.touches.add(at, ways.ARRIVE);
    this.step.arrivals.push(arrival);
    const same = this.#waiting.get(message as object);
    if (same === undefined) this.#waiting.set(message as object, [arrival]);
    else same.push(arrival);
  }

  received(pid: Pid, message: unknown): void {
    const { step } = this;
    if (step.kind !== 'starts') step.kind = 'receives';
    step.tag = tagOf(message);
    const same = this.#waiting.get(message as object);
    const i = same?.findIndex(({ to }) => to === pid) ?? -1;
    const arrival = i < 0 ? undefined : same?.splice(i, 1)[0];
    if (arrival === undefined) return;
    const receive = this.#receive;
    arrival.takenBy = receive;
    step.from = arrival.step;
    if (receive?.isOver === true) step.polls.push({ at: this.#thing(pid), by: receive });
  }

  timedOut(pid: Pid): void {
    this.step.kind = 'times_out';
    if (this.#receive !== undefined)
      this.step.polls.push({ at: this.#thing(pid), by: this.#receive });
  }

  exited(pid: Pid, reason: ExitReason): void {
    this.step.touches.add(this.#thing(pid), ways.END);
    this.#stage.ends.set(pid, { reason });
    this.#deed('ended', pid, undefined, reason === 'normal' ? undefined : reason);
  }

  exitSignalled(_from: Pid, to: Pid, reason: ExitReason): void {
    this.#deed('exit_signal', to, undefined, reason);
  }

  linked(a: Pid, b: Pid, on: boolean): void {
    const pair = [this.#labels.pathOf(a), this.#labels.pathOf(b)].sort().join(' ');
    this.touch(`link ${pair}`, ways.CHANGE);
    if (on) this.#deed('linked', b, undefined, undefined);
  }

  monitored(_owner: Pid, target: Target, on: boolean): void {
    if (on && isLocal(target) && !this.isStartingClients)
      this.#deed('monitored', target, undefined, undefined);
  }

  named(name: string, pid: Pid | undefined): void {
    if (pid !== undefined) this.#labels.named(pid, name);
    this.#deed(pid === undefined ? 'unregistered' : 'registered', pid, name, undefined);
  }

  touched(who: Pid, how: string): void {
    const thing = this.#thing(who);
    const way = WAY_OF[how];
    if (way !== undefined) this.step.touches.add(thing, way);
    // A flush looks for a DOWN; between turns somebody looks who goes on waiting.
    if (how === 'polled' && this.#isInTurn) this.step.polls.push({ at: thing, by: FLUSH });
    if (how === 'gave_way' && this.#isAnySpeed && this.control?.receiveOf(who).isTimed === true)
      this.#poll(who);
  }

  #poll(who: Pid): void {
    const receive = this.control?.receiveOf(who);
    if (receive !== undefined) this.step.polls.push({ at: this.#thing(who), by: receive });
  }

  #timer(timer: PendingTimer, how: 'start' | 'stop' | 'read'): void {
    const isPending = this.#startedIn.has(timer);
    if (how === 'stop' && !isPending) return;
    this.touch('clock', ways.START);
    if (how === 'start') {
      this.touch(`due ${timer.due}`, ways.CHANGE);
      this.#startedIn.set(timer, this.#n);
    }
    if (how === 'stop') {
      this.step.stopsTimer = true;
      this.#startedIn.delete(timer);
    }
  }

  #thing(who: Pid): number {
    return this.#things.of(`actor ${this.#labels.pathOf(who)}`);
  }

  #deed(kind: DeedKind, to: Pid | undefined, tag: string | undefined, what: unknown): void {
    this.step.deeds.push({
      kind,
      to: to === undefined ? undefined : this.#labels.pathOf(to),
      tag,
      what: what === undefined ? undefined : textOf(what),
    });
  }
}

function isLocal(to: Address | Target): to is Pid {
  return 'serial' in to;
}

/** What fits a line. */
function textOf(what: unknown): string {
  const text =
    typeof what === 'string' ? `'${what}'` : what instanceof Error ? String(what) : safe(what);
  return text.length > 60 ? `${text.slice(0, 59)}…` : text;
}

function safe(what: unknown): string {
  try {
    return JSON.stringify(what) ?? String(what);
  } catch {
    return typeof what;
  }
}

function tagOf(message: unknown): string | undefined {
  const tag = (message as { readonly tag?: unknown } | null | undefined)?.tag;
  return typeof tag === 'string' ? tag : undefined;
}
