/**
 * The third seam: what tracing, metrics, the simulator and the observer see of a running system. A system
 * has a list of listeners, and of each verb what is called at its site: nothing, the only listener's
 * function, or a loop over several. So a verb that nobody has costs one comparison, whatever else is
 * listened to. Everything is told once, in the place where it takes effect.
 */

import type { ExitReason } from '../terms/exit-reason.ts';
import type { Address, Pid, Target } from '../terms/pid.ts';

/**
 * What a listener hears of a system, each as it takes effect; it has those verbs that it wants. They are
 * read once, when it begins to listen. A verb must not change what it is shown, and must not send. One
 * that throws breaks nothing: its listener is taken out, with all its verbs, and that is reported.
 *
 * ```ts
 * let taken = 0;
 * system.tap = { received: () => void taken++ };
 * ```
 */
export interface Tap {
  /** An actor is there. Of one whose code is still on its way, again with the name of its body once that is known. */
  spawned?(pid: Pid, parent: Pid, body: string): void;
  /**
   * A message was sent, whether or not anyone will take it: as the receiver will get it, so after it was
   * frozen or copied. `from` is `system.root` for the outside. `to` is the actor, if it is known and of
   * this system, whatever it was addressed by.
   */
  sent?(from: Pid, to: Address, message: unknown, kind: SendKind): void;
  /** What was sent left for another system. Of what was moved with it, nothing is in it any more. */
  sentAway?(from: Pid, to: Address, message: unknown): void;
  /** `receive` returned a message. */
  received?(pid: Pid, message: unknown): void;
  /** `receive` returned without one. */
  timedOut?(pid: Pid): void;
  /** A message left a mailbox and reached nobody: the oldest of a full one, or what `demonitor` flushed. */
  dropped?(pid: Pid, message: unknown): void;
  /** Before the turn of an actor. */
  turning?(pid: Pid): void;
  /** After it, and whether it waits in a receive. The code of an async body runs between turns. */
  turned?(pid: Pid, isReceiving: boolean): void;
  /** An actor has ended, and its clean-up is done. Its links and monitors hear of it next. */
  exited?(pid: Pid, reason: ExitReason): void;
  /** An exit signal, or the end of a link, reached an actor that was alive, whatever it does about it. */
  exitSignalled?(from: Pid, to: Pid, reason: ExitReason): void;
  /** A link was made, or taken back. That the end of an actor ends its links is not told. */
  linked?(a: Pid, b: Pid, on: boolean): void;
  /** A monitor was set, or taken back. Its DOWN, which ends it, is `sent`. Requests are none. */
  monitored?(owner: Pid, target: Target, on: boolean): void;
  /** A name was given, or is free. */
  named?(name: string, pid: Pid | undefined): void;
  /** What decides whether two steps commute, and no other verb tells. For who explores schedules. */
  touched?(who: Pid, how: Touch): void;
}

/** How it was sent: a message; a reply, which its receiver has at once; an EXIT or DOWN, from who ended; by a timer. */
export type SendKind = 0 | 1 | 2 | 3;
export const AS_MESSAGE = 0;
export const AS_REPLY = 1;
export const AS_SIGNAL = 2;
export const AS_TIMER = 3;

/**
 * What was done to an actor, or looked at of it. All are told whatever came of it, so of the dead as of the living.
 *
 * | touch | |
 * |---|---|
 * | `look` | whether it lives was asked |
 * | `signal` | whether it lives and traps exits was asked, by a signal to it |
 * | `doom` | it is to end |
 * | `wake` | what it waits for has come, or would have, had it waited still |
 * | `reply`, `abandon` | a request of it was settled, or given up; an alias of it was sent to, or ended |
 * | `watch` | a monitor or a request of its end was set or taken back |
 * | `bond` | a link of it was made, taken back or ended; told of both ends |
 * | `polled`, `gave_way` | it looked into its mailbox and took nothing; it stepped aside before it did |
 * | `trap` | it set `trapExit` |
 * | `inspect` | a snapshot was taken of it |
 */
export type Touch =
  | 'look'
  | 'signal'
  | 'doom'
  | 'wake'
  | 'reply'
  | 'abandon'
  | 'watch'
  | 'bond'
  | 'polled'
  | 'gave_way'
  | 'trap'
  | 'inspect';

export type Verb = keyof Tap;
type Told<V extends Verb> = (...what: Parameters<Required<Tap>[V]>) => void;

/**
 * What is called at the sites, in the record of the system: a message passes several of them, and looking
 * them up elsewhere would cost as much as they do. Kept by `Listeners`.
 */
export type Tapped = { [V in Verb as `tap${Capitalize<V>}`]: Told<V> | undefined };

const SITES: { readonly [V in Verb]: keyof Tapped & `tap${Capitalize<V>}` } = {
  spawned: 'tapSpawned',
  sent: 'tapSent',
  sentAway: 'tapSentAway',
  received: 'tapReceived',
  timedOut: 'tapTimedOut',
  dropped: 'tapDropped',
  turning: 'tapTurning',
  turned: 'tapTurned',
  exited: 'tapExited',
  exitSignalled: 'tapExitSignalled',
  linked: 'tapLinked',
  monitored: 'tapMonitored',
  named: 'tapNamed',
  touched: 'tapTouched',
};
const VERBS = Object.keys(SITES) as readonly Verb[];

/** Listeners of which it is known what was made of them, besides those that listen. */
const KEPT = 8;

/** The functions of a listener, guarded; all fields in one order: a shape of its own for each would cost a new system 20 µs. */
export type Bound = { readonly [V in Verb]?: Told<V> };

export class Listeners {
  readonly #sites: Tapped;
  readonly #failed: (verb: Verb, error: unknown) => void;
  #all: readonly Bound[] = [];
  /**
   * A listener that comes and goes has the same functions each time, or the code around the sites would be compiled
   * anew. Only the last ones are kept: a weak map would keep its system alive until all memory is looked through.
   */
  readonly #known: { readonly listener: Tap; readonly bound: Bound }[] = [];

  /** `failed` is told of a listener that threw, once it is out. */
  constructor(sites: Tapped, failed: (verb: Verb, error: unknown) => void) {
    this.#sites = sites;
    this.#failed = failed;
  }

  /**
   * Puts the functions of who takes control of the system before all others. They stand there as they are: they find
   * their listener by the system that they are called on, so all systems under control have the same ones. `put` puts
   * them where nobody else has anything.
   */
  lead(bound: Bound, put: (sites: Tapped) => void): void {
    if (this.#all.length > 0) return this.#set([bound, ...this.#all], bound);
    this.#all = [bound];
    put(this.#sites);
  }

  /** Adds one behind those that there are. Returns how to take it out, which may be done again. */
  add(listener: Tap): () => void {
    const bound = this.#bound(listener);
    this.#set([...this.#all, bound], bound);
    let isIn = true;
    return () => {
      const i = isIn ? this.#all.indexOf(bound) : -1;
      isIn = false;
      if (i >= 0) this.#set(this.#all.toSpliced(i, 1), bound);
    };
  }

  has(listener: Tap): boolean {
    const known = this.#known.find((each) => each.listener === listener);
    return known !== undefined && this.#all.includes(known.bound);
  }

  /** Puts what belongs there back to the site of a verb, for who had put something else. */
  restore(verb: Verb): void {
    const those = this.#all.length > 1 ? this.#all.filter((each) => each[verb]) : this.#all;
    const told = those[0]?.[verb] as Told<Verb> | undefined;
    (this.#sites[SITES[verb]] as Told<Verb> | undefined) =
      those.length > 1 ? all(those.map((each) => each[verb] as Told<Verb>)) : told;
  }

  /** The sites of what has come or gone are set. */
  #set(all: readonly Bound[], changed: Bound): void {
    this.#all = all;
    for (const verb of VERBS) if (changed[verb] !== undefined) this.restore(verb);
  }

  #bound(listener: Tap): Bound {
    const known = this.#known.find((each) => each.listener === listener);
    if (known !== undefined) return known.bound;
    const bound: { [V in Verb]?: Told<Verb> } = {};
    for (const verb of VERBS) {
      const tell = listener[verb]?.bind(listener) as Told<never> | undefined;
      if (tell === undefined) continue;
      const guard = (OFTEN[verb] ?? guarded) as typeof guarded;
      bound[verb] = guard(tell, (error) => this.#takeOut(bound, verb, error));
    }
    this.#remember(listener, bound);
    return bound;
  }

  #remember(listener: Tap, bound: Bound): void {
    this.#known.push({ listener, bound });
    if (this.#known.length <= KEPT) return;
    const gone = this.#known.findIndex((each) => !this.#all.includes(each.bound));
    if (gone >= 0 && gone < this.#known.length - 1) this.#known.splice(gone, 1);
  }

  /** It may be told a few things more, by a loop that is under way, and fail at those, too. */
  #takeOut(bound: Bound, verb: Verb, error: unknown): void {
    if (!this.#all.includes(bound)) return;
    this.#set(
      this.#all.filter((each) => each !== bound),
      bound,
    );
    this.#failed(verb, error);
  }
}

type Failed = (error: unknown) => void;

/** Those that there are now: one that comes meanwhile hears what comes next. */
function all(told: readonly Told<Verb>[]): Told<Verb> {
  return function (this: unknown, ...what: unknown[]) {
    for (const tell of told) tell.apply(this, what as never);
  };
}

/** What a listener throws stays here. */
function guarded(tell: Told<never>, failed: Failed): Told<Verb> {
  return (...what) => {
    try {
      (tell as (...what: unknown[]) => void)(...what);
    } catch (error) {
      failed(error);
    }
  };
}

/**
 * The same for what messages pass. Each has a function of its own, as what V8 learns about the calls in a
 * function is kept by the place where it stands.
 */
const OFTEN: { readonly [V in Verb]?: (tell: Told<V>, failed: Failed) => Told<V> } = {
  sent: (tell, failed) => (from, to, message, kind) => {
    try {
      tell(from, to, message, kind);
    } catch (error) {
      failed(error);
    }
  },
  received: (tell, failed) => (pid, message) => {
    try {
      tell(pid, message);
    } catch (error) {
      failed(error);
    }
  },
  turning: (tell, failed) => (pid) => {
    try {
      tell(pid);
    } catch (error) {
      failed(error);
    }
  },
  turned: (tell, failed) => (pid, isReceiving) => {
    try {
      tell(pid, isReceiving);
    } catch (error) {
      failed(error);
    }
  },
};
