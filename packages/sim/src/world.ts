/** One run: a new system in virtual time, of which somebody decides at every step who is next. */

import {
  type Actor,
  ActorSystem,
  type ExitReason,
  type Message,
  type Pid,
  type Self,
} from 'beamish';
import { type Control, StillClock, takeControl } from 'beamish/control';
import { listen, visit } from 'beamish/observation';
import { Claims } from './claims.ts';
import { byPlace, Labels } from './labels.ts';
import { Recorder } from './recorder.ts';
import type { Recorded } from './step.ts';
import type { Things } from './touches.ts';

/** The mover that is no actor: it lets the next timer ring. */
export const CLOCK = '~clock';

/** What was chosen at a step. */
export interface Choice {
  /** 0 is whoever ran last, if it can, or else the first by place; the others follow by place. */
  readonly index: number;
  readonly others: readonly string[];
  /** Somebody else ran last, and could have gone on. */
  readonly isSwitch: boolean;
}

/** A scenario that has its world already. */
export type Staged = (self: Self<Message>, world: World) => Actor<unknown>;

export class World {
  readonly system: ActorSystem;
  readonly labels = new Labels();
  readonly recorder: Recorder;
  readonly claims = new Claims();
  readonly steps: Recorded[] = [];
  readonly choices: Choice[] = [];
  readonly clock = new StillClock();
  readonly scenario: Pid;
  readonly clients = new Set<Pid>();
  /** Of those that have ended, why. */
  readonly ends = new Map<Pid, { readonly reason: ExitReason }>();
  /** An actor has crashed that nobody supervises. */
  crash: { readonly who: string; readonly reason: ExitReason } | undefined;
  /** A claim that did not hold after some step. */
  brokenClaim: string | undefined;
  readonly #control: Control;
  readonly #isAnySpeed: boolean;
  /** By mover, the step after which it could step; kept while it can. */
  readonly #enabledBy = new Map<string, number>();
  readonly #pids = new Map<string, Pid>();
  readonly #supervised = new Set<Pid>();
  #movers: readonly string[] = [];
  #last: string | undefined;

  constructor(staged: Staged, things: Things, speed: 'instant' | 'any') {
    this.#isAnySpeed = speed === 'any';
    this.recorder = new Recorder(this, things, this.#isAnySpeed);
    this.system = new ActorSystem({ log: 'off', clock: this.clock, decisions: NO_CHANCE });
    this.#control = takeControl(this.system, this.recorder.accesses);
    this.recorder.control = this.#control;
    listen(this.system, this.recorder);
    this.system.events.on('crash', ({ pid, reason }) => {
      if (pid !== this.scenario && !this.clients.has(pid) && !this.#supervised.has(pid))
        this.crash ??= { who: this.labels.labelOf(pid), reason };
    });
    const world = this;
    this.scenario = this.system.spawn(function* scenario(self: Self<Message>): Actor {
      yield* staged(self, world);
    }) as unknown as Pid;
    this.brokenClaim = undefined;
    this.#look();
  }

  /** Nothing more needs to be seen of it. */
  get isOver(): boolean {
    return this.crash !== undefined || this.brokenClaim !== undefined;
  }

  labelOfMover(mover: string): string {
    if (mover === CLOCK) return 'clock';
    const pid = this.#pids.get(mover);
    return pid === undefined ? this.labels.labelOfPath(mover) : this.labels.labelOf(pid);
  }

  /** The movers as a schedule numbers them. */
  inOrder(): readonly string[] {
    const last = this.#last;
    if (last === undefined || !this.#movers.includes(last)) return this.#movers;
    return [last, ...this.#movers.filter((mover) => mover !== last)];
  }

  /** Who can make a step, by name. */
  get movers(): readonly string[] {
    return this.#movers;
  }

  /** One step of this mover. */
  step(mover: string): Recorded {
    const n = this.steps.length;
    const order = this.inOrder();
    const index = order.indexOf(mover);
    this.choices.push({
      index,
      others: order.filter((other) => other !== mover),
      isSwitch: index > 0 && order[0] === this.#last,
    });
    this.#last = mover;
    const step = this.recorder.begin(n, mover, this.clock.time, this.#enabledBy.get(mover) ?? -1);
    if (mover === CLOCK) this.#ring(step);
    else this.#control.turn(this.#pids.get(mover) as Pid);
    this.steps.push(step);
    this.#enabledBy.delete(mover);
    this.#lookForSupervised();
    this.#look();
    this.recorder.rest();
    this.brokenClaim ??= this.claims.broken();
    return step;
  }

  /** Who is a child of a supervisor may crash: that is what supervisors are for. */
  #lookForSupervised(): void {
    if (!this.recorder.hasSupervisors) return;
    visit(this.system, ({ pid, childId }) => {
      if (childId !== undefined) this.#supervised.add(pid);
    });
  }

  #ring(step: Recorded): void {
    const [timer] = this.#control.due();
    if (timer === undefined) throw new Error('No timer is pending');
    step.passesTime = !this.#isAnySpeed && timer.due > this.clock.time;
    this.clock.time = Math.max(this.clock.time, timer.due);
    step.at = this.clock.time;
    this.recorder.ringing(timer);
    this.#control.ring(timer);
  }

  /** Looks who can step now. The root, which stands for the outside, has its turns at once. */
  #look(): void {
    let runnable = this.#control.runnable();
    while (runnable.includes(this.system.root)) {
      this.#control.turn(this.system.root);
      runnable = this.#control.runnable();
    }
    const movers: string[] = [];
    for (const pid of runnable) {
      const path = this.labels.pathOf(pid);
      this.#pids.set(path, pid);
      movers.push(path);
    }
    movers.sort(byPlace);
    const due = this.#control.due()[0]?.due;
    // Several timers of one millisecond ring one by one, and whoever was woken may run in between.
    if (due !== undefined && (this.#isAnySpeed || movers.length === 0 || due <= this.clock.time))
      movers.push(CLOCK);
    const n = this.steps.length - 1;
    for (const mover of this.#enabledBy.keys())
      if (!movers.includes(mover)) this.#enabledBy.delete(mover);
    for (const mover of movers) if (!this.#enabledBy.has(mover)) this.#enabledBy.set(mover, n);
    this.#movers = movers;
  }
}

const NO_CHANCE = { random: () => 0, incarnation: () => 1 };
