/** One run: new systems in virtual time, of which somebody decides at every step who is next. */

import type { ActorSystem, ExitReason, Message, Pid, Self, SystemOptions } from 'beamish';
import type { Control } from 'beamish/control';
import { visit } from 'beamish/observation';
import { Claims } from './claims.ts';
import { Clocks, isClock, labelOfClock, ToldClock } from './clocks.ts';
import { Crashes } from './crashes.ts';
import { wayThing } from './crossings.ts';
import { FaultMovers, isFault } from './fault-movers.ts';
import { type Parts, touchFault, touchStoppable } from './fault-touches.ts';
import type { Fault } from './faults.ts';
import { enterStep, type HostInStep, hostSleep, leaveStep, turnOfHost } from './globals.ts';
import { HostTimers } from './host-timers.ts';
import { Labels } from './labels.ts';
import { type Leftovers, leftoversIn } from './leftovers.ts';
import { END, Movers } from './movers.ts';
import type { Seen } from './pattern.ts';
import { Chances } from './random.ts';
import { Recorder } from './recorder.ts';
import { type Site, Sites, type Way } from './sites.ts';
import { type Recorded, withOne } from './step.ts';
import type { Things } from './touches.ts';
import * as ways from './touches.ts';

/** A scenario that has its world already. */
export type Staged = (self: Self<Message>, world: World) => unknown;

/** How a world is made. */
export interface WorldOptions {
  readonly staged: Staged;
  readonly things: Things;
  readonly speed: 'instant' | 'any';
  readonly systems: readonly string[];
  readonly faults: readonly Fault[];
  readonly mayCrash: readonly string[];
  readonly globals: 'virtual' | 'forbidden' | 'real';
  readonly messages?: SystemOptions['messages'];
  readonly leftovers: 'anything' | 'nothing';
  /** Deeds are written down in words, and where actors wait: for a run that is shown. */
  readonly isShown: boolean;
}

/** Chooses within a step, of so many. */
export type Pick = (count: number) => number;

export class World implements HostInStep {
  readonly labels: Labels;
  readonly recorder: Recorder;
  readonly claims = new Claims();
  readonly steps: Recorded[] = [];
  /** What was chosen at each step, and within them: 0 is whoever ran last, if it can, or else the first by place; the others follow by place. */
  readonly numbers: number[] = [];
  /** How often somebody was left who could have gone on. */
  switches = 0;
  /** How often a fault was chosen. */
  strikes = 0;
  /** Of each step, who else could have been next; of a run that is shown. */
  readonly others: (readonly string[])[] = [];
  readonly clock: ToldClock;
  readonly sites: Sites;
  readonly clients: Pid[] = [];
  readonly things: Things;
  readonly isAnySpeed: boolean;
  readonly messages: SystemOptions['messages'];
  readonly isShown: boolean;
  scenario: Pid | undefined;
  /** The scenario waits for its clients. */
  isAtClients = false;
  readonly crashes: Crashes;
  /** A claim that did not hold after some step. */
  brokenClaim: string | undefined;
  /** A promise has decided something, whose order is the host's. */
  hasUsedHost = false;
  /** Those in whose code a promise has not settled that nobody here knows. */
  foreign: readonly Pid[] = [];
  /** What was left when all had ended that should; looked for if nothing may be. */
  leftovers: Leftovers | undefined;
  readonly hostTimers = new HostTimers();
  readonly #options: WorldOptions;
  readonly #faults: FaultMovers;
  readonly #clocks: Clocks;
  readonly #movers: Movers;
  readonly #parts: Parts;
  readonly #chances = new Chances();
  #pick: Pick = () => 0;
  #isOver = false;
  #hasLookedForLeftovers = false;

  constructor(options: WorldOptions) {
    this.#options = options;
    this.things = options.things;
    this.labels = new Labels(options.things);
    this.isShown = options.isShown;
    this.isAnySpeed = options.speed === 'any';
    this.recorder = new Recorder(this);
    this.clock = new ToldClock(this.recorder);
    this.crashes = new Crashes(this.labels, options.mayCrash);
    this.messages = options.messages;
    this.sites = new Sites(options.systems, this);
    const { clock, labels, sites, hostTimers, recorder } = this;
    this.#clocks = new Clocks(clock, sites, hostTimers, this.isAnySpeed);
    this.#faults = new FaultMovers(options.faults, { sites, labels, clock });
    const mayFail = options.faults.length > 0 ? this.#faults : undefined;
    this.#parts = { faults: this.#faults, clocks: this.#clocks, sites, labels, recorder };
    this.#movers = new Movers(labels, sites, this.#clocks, mayFail);
    this.system.spawn(scenario as never, ...([this] as never));
    this.sites.flush(-1);
    this.#movers.look(-1);
  }

  /** The body of the scenario. */
  stage(self: Self<Message>): unknown {
    return this.#options.staged(self, this);
  }

  get system(): ActorSystem {
    return this.sites.main.system;
  }

  /** Nothing more needs to be seen of it. */
  get isOver(): boolean {
    return this.#isOver || this.crashes.first !== undefined || this.brokenClaim !== undefined;
  }

  /** Who can make a step, actors by place before all others. */
  get movers(): readonly string[] {
    return this.#movers.now;
  }

  /** Who stepped last. */
  get last(): string | undefined {
    return this.#movers.last;
  }

  /** Nobody can step but a fault. */
  get isQuiet(): boolean {
    return this.#movers.areQuiet;
  }

  /** Those that have come, or could have. */
  get possibleFaults(): ReadonlySet<Fault> {
    return this.#faults.possible;
  }

  controlOf(pid: Pid): Control | undefined {
    return this.sites.of(pid)?.control;
  }

  /** That it has ended, and why. */
  endOf(pid: Pid): { readonly reason: ExitReason } | undefined {
    return this.labels.of(pid)?.end;
  }

  met(pid: Pid): void {
    this.scenario ??= pid;
  }

  /** A promise has settled, in an order that nobody here has chosen. */
  wokenByHost(woken: Pid): void {
    const { system } = this.sites.of(woken) ?? this.sites.main;
    visit(system, ({ pid, parkedOn }) => {
      if (pid === woken && parkedOn?.why === 'promise') this.hasUsedHost = true;
    });
  }

  labelOfMover(mover: string): string {
    if (isClock(mover)) return labelOfClock(mover);
    if (isFault(mover)) return 'fault';
    return mover.startsWith('~')
      ? mover.slice(1).replace('>', ' > ')
      : this.labels.labelOfPath(mover);
  }

  /** The movers as a schedule numbers them. */
  inOrder(): readonly string[] {
    return this.#movers.inOrder();
  }

  /** One step of this mover; a promise if the host's event loop had to have a turn. */
  step(mover: string, pick: Pick): void | Promise<void> {
    this.#pick = pick;
    const { now } = this.#movers;
    const index = this.#movers.indexOf(mover);
    if (index < 0) throw new Error(`${mover} cannot step: ${now.join(', ')} can`);
    this.numbers.push(index);
    if (index > 0 && this.#movers.couldGoOn) this.switches++;
    if (isFault(mover)) this.strikes++;
    if (this.isShown) this.others.push(this.#movers.others(mover));
    if (mover === END) {
      this.#isOver = true;
      return;
    }
    this.#movers.last = mover;
    const n = this.steps.length;
    const since = this.#movers.enabledBy(mover);
    const step = this.recorder.begin(n, mover, this.clock.time, since);
    this.steps.push(step);
    touchStoppable(this.#parts, mover);
    if (this.#options.globals !== 'real') enterStep(this, this.#options.globals);
    try {
      this.#act(mover, step);
      this.sites.flush(n);
    } finally {
      if (!this.isAwaitingHost) leaveStep();
    }
    if (this.isAwaitingHost) return this.#letHostTurn(mover, step);
    this.#finish(mover, step);
  }

  #act(mover: string, step: Recorded): void {
    if (isFault(mover)) return this.#strike(mover, step);
    if (isClock(mover)) return this.#clocks.ring(mover, step, this.recorder);
    const way = mover.startsWith('~') ? this.sites.wayOf(mover) : undefined;
    if (way !== undefined) {
      step.kind = 'arrival';
      step.from = step.enabledBy = way.postedIn[0] ?? -1;
      const posted = this.steps[step.from];
      if (posted !== undefined) this.recorder.arriving(posted, way.to.name);
      this.recorder.touch(thingOf(way), ways.USE);
      return this.sites.arrive(way);
    }
    const place = this.labels.at(mover);
    if (place !== undefined) this.controlOf(place.pid)?.turn(place.pid);
  }

  #strike(mover: string, step: Recorded): void {
    const crashing = this.#faults.crashing(mover);
    touchFault(this.#parts, mover);
    this.#faults.strike(mover, step);
    if (crashing !== undefined) {
      const { pid } = crashing;
      this.controlOf(pid)?.turnThrowing(pid, this.#faults.errorOf(mover));
      this.#movers.forget(crashing.path);
    }
  }

  async #letHostTurn(mover: string, step: Recorded): Promise<void> {
    this.recorder.hostTurn(true);
    await turnOfHost();
    this.recorder.hostTurn(false);
    this.sites.flush(this.steps.length - 1);
    leaveStep();
    this.#finish(mover, step);
  }

  #finish(mover: string, step: Recorded): void {
    const movers = this.#movers;
    const n = this.steps.length - 1;
    const isActor = !mover.startsWith('~');
    movers.forget(mover);
    if (isActor && this.claims.abouts.length > 0)
      for (const claim of this.claims.aboutStepOf(this.labels.labelOfPath(mover)))
        this.recorder.touch(`claim ${claim}`, ways.CHANGE);
    this.crashes.lookForSupervised(this.sites, this.recorder.hasSpawned);
    this.recorder.hasSpawned = false;
    movers.look(n);
    this.#lookForLeftovers();
    step.disabled = movers.disabled(mover, n);
    this.#afterStep(step);
  }

  #afterStep(step: Recorded): void {
    this.recorder.rest();
    const { claims } = this;
    const seen = claims.leads.length > 0 ? [...this.seenIn(step)] : NOTHING;
    this.brokenClaim ??= claims.broken(this.clock.time, seen);
  }

  // What a step has of the host.

  now(): number {
    return this.clock.now();
  }

  wall(): number {
    return this.clock.wall();
  }

  random(): number {
    return this.#chances.of(this.#movers.last ?? '');
  }

  start(ring: () => void, ms: number, isRepeated: boolean): object {
    const timer = this.hostTimers.start(this.clock.time, ms, isRepeated, ring);
    this.recorder.timer(timer, 'start');
    return timer;
  }

  stop(timer: object): void {
    this.hostTimers.stop(timer as never);
    this.recorder.timer(timer as never, 'stop');
  }

  // What a scenario has of its run.

  /** A choice of the schedule within a step. */
  choose(count: number): number {
    if (!Number.isInteger(count) || count < 1)
      throw new RangeError(`Cannot choose of ${count}: that is a whole number above 0`);
    if (count === 1) return 0;
    const index = this.#pick(count) % count;
    this.numbers.push(index);
    const { step } = this.recorder;
    step.picks = withOne(step.picks, index);
    return index;
  }

  heal(): void {
    this.recorder.touch('faults', ways.CHANGE);
    this.#faults.heal();
  }

  /** All that has happened in a step. */
  *seenIn(step: Recorded): Iterable<Seen> {
    const by = this.labelOfMover(step.by);
    yield { kind: step.kind, by, to: undefined, tag: step.tag, message: step.taken };
    for (const { kind, to, tag, what } of step.deeds) {
      const label = to === undefined ? undefined : this.labels.labelOfPath(to);
      yield { kind, by, to: label, tag, message: what };
    }
  }

  // Promises.

  /** Somebody's code goes on, or may, when the event loop has had a turn. */
  get isAwaitingHost(): boolean {
    for (const { control } of this.sites.all) if (control.isAwaitingHost) return true;
    return false;
  }

  /** Nobody can step: a promise may settle. After a second of that, none will. */
  async waitForHost(): Promise<void> {
    const step = this.recorder.begin(this.steps.length - 1, 'nobody', this.clock.time, -1);
    if (this.#options.globals !== 'real') enterStep(this, this.#options.globals);
    for (let waited = 0; waited < PATIENCE_MS && this.isAwaitingHost; ) {
      if (waited > 0) await hostSleep(1);
      await turnOfHost();
      waited++;
      this.sites.flush(this.steps.length - 1);
      this.#movers.look(this.steps.length - 1);
      if (!this.isQuiet) {
        this.hasUsedHost = true;
        break;
      }
    }
    leaveStep();
    this.foreign = this.isQuiet
      ? this.sites.all.flatMap(({ control }) => control.inForeignAwait())
      : [];
    this.#afterStep(step);
  }

  // Who can step.

  made({ system }: Site): void {
    system.events.on('crash', this.#crashed.bind(this));
    system.events.on('dead_letter', this.recorder.lost.bind(this.recorder));
  }

  #crashed({ pid, reason }: { readonly pid: Pid; readonly reason: ExitReason }): void {
    if (pid !== this.scenario && !this.clients.includes(pid))
      this.crashes.crashed(pid, reason, this.sites);
  }

  /** When first the scenario and its clients have ended, and nobody can step but the clock. */
  #lookForLeftovers(): void {
    if (this.#options.leftovers !== 'nothing' || this.#hasLookedForLeftovers) return;
    const isStill = (mover: string): boolean => mover === END || isClock(mover) || isFault(mover);
    if (!this.movers.every(isStill)) return;
    if (this.scenario === undefined || this.endOf(this.scenario) === undefined) return;
    for (const client of this.clients) if (this.endOf(client) === undefined) return;
    this.#hasLookedForLeftovers = true;
    this.leftovers = leftoversIn(this);
  }
}

const NOTHING: readonly Seen[] = [];
/** How long a run waits for a promise when nothing else can happen, in real time. */
const PATIENCE_MS = 1000;

// No closures in constructors here: see the note on them in the control of beamish.
function scenario(self: Self<Message>, world: World): unknown {
  return world.stage(self);
}

function thingOf({ from, to }: Way): string {
  return wayThing(from.name, to.name);
}
