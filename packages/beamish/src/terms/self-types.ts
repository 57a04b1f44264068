/**
 * What an actor's body is given, and what can be spawned: the types of both, which need each other.
 * Over 300 lines, most of which are the documentation of `self`.
 */

import type { ExitReason } from './exit-reason.ts';
import type { Actor, Call, Operation, Pending, Receive } from './operation.ts';
import type { Address, Message, Name, Pid, ReplyTo, Target } from './pid.ts';
import type {
  Answer,
  ArgsOf,
  CallArgs,
  HandlerName,
  Protocol,
  Question,
  ServerAddress,
} from './protocol.ts';
import type { Ref } from './ref.ts';
import type { Down, Exit, Signal, Timeout } from './signal.ts';

/** What an actor does: a generator function, or an async one, of `self` and the arguments of `spawn`. */
export type Body<M extends Message, A extends unknown[], R> = (
  self: Self<M>,
  ...args: A
) => Actor<R> | Promise<R>;

/** A body with the address of its code, so that another thread or machine can run it. */
export interface Portable<M extends Message, A extends unknown[], R> {
  /** The URL of the module. */
  readonly module: string;
  /** The name under which the module exports it. */
  readonly exportName: string;
  /** The body itself, for the system that runs here. */
  readonly body: Body<M, A, R>;
}

/** A body with options; what places actors on threads makes the same kind of thing. */
export interface Configured<M extends Message, A extends unknown[], R> {
  /** What is configured; options given further out win. */
  readonly body: Spawnable<M, A, R>;
  /** As they were given. */
  readonly options: ActorOptions;
}

/** How an actor is spawned, whoever spawns it: see `configure`. */
export interface ActorOptions {
  /** Registered before the body runs; a taken name makes the start fail with `already_started`. */
  // biome-ignore lint/suspicious/noExplicitAny: a name for messages of whatever kind
  readonly name?: string | Name<any>;
  /**
   * Default unbounded. What becomes of a message to a mailbox that has `limit` of them: with `'wait'` an `offer` waits
   * for room, and a plain send is dropped; with the others, both are treated alike and nobody waits. `'drop_newest'`
   * drops the message, `'drop_oldest'` the one that has been there longest, and with `'exit'` the actor ends,
   * `'killed'`. What is dropped is a dead letter; EXIT, DOWN and replies are never dropped.
   */
  readonly mailbox?: {
    readonly limit: number;
    readonly overflow: 'wait' | 'drop_newest' | 'drop_oldest' | 'exit';
  };
  /** How long `startLink`, `system.start` and supervisors wait for a server's `init` before they kill it. Default: for ever. */
  readonly startTimeoutMs?: number;
  /**
   * Links the actor to its parent at spawn, as `spawnLink` does. With `spawnMonitor` the parent has
   * both, and a parent that traps exits gets the EXIT before the DOWN. From outside, it links to root.
   */
  readonly link?: boolean;
  /**
   * Ends the actor when it is aborted, by an exit signal from its parent whose reason is the signal's: `run` rejects
   * with that, a start that is under way fails with it, and what traps exits gets an `EXIT`. One that is aborted
   * already lets nothing start. For what runs once: a supervisor would start the child again, and in vain.
   *
   * ```ts
   * await system.run(configure(crawl, { signal: AbortSignal.timeout(10_000) }), url);
   * ```
   */
  readonly signal?: AbortSignal;
}

/** Whatever can be spawned, started or supervised. */
export type Spawnable<M extends Message, A extends unknown[], R> =
  | Body<M, A, R>
  | Portable<M, A, R>
  | Configured<M, A, R>;

/** `name<MessageOf<typeof bank>>('bank')` */
export type MessageOf<B> = B extends { readonly body: infer F }
  ? MessageOf<F>
  : // biome-ignore lint/suspicious/noExplicitAny: arguments of whatever kind, or a body would not match
    B extends (self: infer S, ...args: any[]) => unknown
    ? S extends { readonly pid: Pid<infer M> }
      ? M
      : never
    : never;
/** The pid of an actor that has this body: `PidOf<typeof bank>`. */
export type PidOf<B> = Pid<MessageOf<B>>;

/** How a start ended. A server has started when its `init` has returned (`'ignore'` is a reason not to); a plain body as soon as it is spawned. After a failure the actor is gone and its name is free. */
export type Started<P> =
  | {
      readonly ok: true;
      readonly pid: P;
      /** What a server's definition has as `extra`. */
      readonly extra?: unknown;
    }
  | {
      readonly ok: false;
      readonly reason: ExitReason;
      /** With `'already_started'`: who has the name. */
      readonly pid?: Pid;
    };

/** What both an actor and the outside world can do. */
export interface Verbs {
  /** Never throws for a dead, full or unknown receiver, never runs the receiver's code. */
  send<M>(to: Address<M>, message: NoInfer<M>): void;
  /** Returns at once; the body has not run yet. */
  spawn<M extends Message = never, A extends unknown[] = [], R = void>(
    body: Spawnable<M, A, R>,
    ...args: NoInfer<A>
  ): Pid<M>;
  /** Erlang's exit/2: asks `pid` to end. `'kill'` cannot be trapped; `'normal'` to another is ignored unless trapped. */
  exitSignal(pid: Pid, reason: ExitReason): void;
  /** Gives the actor a name, of which it has one at most. @throws TypeError if the name or the actor is taken, or the actor is not alive here. */
  register<M = never>(name: string | Name<M>, pid: Pid<NoInfer<M>>): void;
  /** Takes the name back, whoever has it. @throws TypeError if nobody has. */
  unregister(name: string | Name): void;
  /** Who has this name in this system, at once. `whereisAt` asks another one. */
  whereis<M = never>(name: string | Name<M>): Pid<NoInfer<M>> | undefined;
  /**
   * Sends once `ms` have passed, never earlier. They count from the runtime's next look at the clock,
   * which is soon after this turn. A timer to a pid ends with it; a name is looked up at expiry.
   */
  sendAfter<M>(ms: number, to: Address<M>, message: NoInfer<M>): Ref;
  /**
   * As `sendAfter`, but what arrives is a `Timeout` that carries the timer's ref, so that one which had
   * fired before it was cancelled can be told from the next.
   *
   * ```ts
   * let timer = self.startTimer(1000, self.pid, 'idle');
   * const { ref } = yield* self.receive('TIMEOUT'); // ref === timer
   * ```
   */
  startTimer<M>(
    ms: number,
    to: Address<M>,
    message: NoInfer<M extends Timeout<infer T> ? T : never>,
  ): Ref;
  /**
   * Sends every `ms`, the first time after `ms`, until `cancelTimer` or the end of the actor whose pid
   * it sends to; to a name it goes on, whoever has it. It does not drift. Turns that were missed, as
   * while the program was blocked, are not made up for.
   */
  sendInterval<M>(ms: number, to: Address<M>, message: NoInfer<M>): Ref;
  /** Milliseconds that were left; `false` if it had fired (its message may be in the mailbox) or was cancelled. Anyone who has the ref may. */
  cancelTimer(timer: Ref): number | false;
  /** Milliseconds that are left, until the next time if it is an interval; `false` if it has fired or was cancelled. */
  readTimer(timer: Ref): number | false;
  /** The names of the other actor systems that are reached, as those of threads (Erlang's nodes). */
  systems(): readonly string[];
  /**
   * Milliseconds that only go forward: the clock that timers go by. With `wall` and `random`, all that a program needs
   * of time and chance; one that has no other source replays exactly, on a virtual clock with a seed.
   */
  now(): number;
  /** Milliseconds since 1970, for the calendar. It may be set back or forward at any moment. */
  wall(): number;
  /** A number from 0 up to, not including, 1. */
  random(): number;
  /** Asks a server for something and does not wait. */
  cast<P extends Protocol, K extends keyof P['cast'] & string>(
    to: ServerAddress<P>,
    name: K,
    ...args: ArgsOf<P['cast'][K]>
  ): void;
  /**
   * A snapshot: status, waiting-for tags, mailbox length, links, monitors, name, parent, reductions;
   * `undefined` of the dead. It is taken after everything that the caller has sent, so right after a
   * fatal `exitSignal` it is `undefined`.
   *
   * @throws TypeError for what is no pid of this system.
   */
  info(pid: Pid): ActorInfo | undefined;
  /**
   * A copy of the list of messages that an actor has not taken yet, in order; `undefined` of the dead.
   * The message that a waiting `receive` is about to return stands first. For tests and tools: it
   * costs as much as the mailbox is long.
   *
   * ```ts
   * self.mailbox(worker)?.filter((message) => message.tag === 'job').length;
   * ```
   *
   * @throws TypeError for what is no pid of this system.
   */
  mailbox(pid: Pid): readonly Message[] | undefined;
}

/** An actor at one moment, as `info` shows it. */
export interface ActorInfo {
  /** Who. */
  readonly pid: Pid;
  /** The name that it has registered. */
  readonly name: string | undefined;
  /** The name of its body's function. */
  readonly body: string;
  /** `'awaiting'`: an async body that waits for a promise of its own, which the runtime cannot see. */
  readonly status: 'runnable' | 'running' | 'waiting' | 'awaiting';
  /** The tags that its receive takes, none if it takes any; or in words what else it waits for. */
  readonly waitingFor: readonly string[];
  /** Messages that it has not taken. */
  readonly mailboxLength: number;
  /** Whom it is linked to. */
  readonly links: readonly Pid[];
  /** Whom it monitors, as it was given to `monitor`. */
  readonly monitors: readonly Target[];
  /** Who monitors it, once for each monitor. */
  readonly monitoredBy: readonly Pid[];
  /** Whether exit signals become messages. */
  readonly trapExit: boolean;
  /** What it has `put`. */
  readonly dictionary: ReadonlyMap<unknown, unknown>;
  /** Who has spawned it; of the root nobody. */
  readonly parent: Pid | undefined;
  /** Receives that it has finished, as a measure of what it has done. */
  readonly reductions: number;
}

/** What `receive` can return, by tag. */
export type Mail<M extends Message> = {
  readonly [T in M['tag']]: Extract<M, { readonly tag: T }>;
} & {
  readonly EXIT: Exit;
  readonly DOWN: Down;
};

/** What a helper needs of `self`: all but the `receive()` of any message. A `Self<A | B>` serves as `Context<A>` or `Context`. */
export interface Context<M extends Message = never> extends Verbs {
  /** This actor. */
  readonly pid: Pid<M>;
  /** Who has spawned it, also when that has ended. */
  readonly parent: Pid;
  /** The first message in arrival order whose tag is one of `tags`; the others stay, in order. */
  receive<T extends keyof Mail<M>>(...tags: readonly [T, ...T[]]): Receive<Mail<M>[T]>;
  /** Waits for `ms`, never less; what comes meanwhile stays in the mailbox. */
  sleep(ms: number): Operation<void>;
  /** Lets the others have their turn. */
  yield(): Operation<void>;
  /** Waits for a promise. The signal aborts when the actor ends, for whatever reason. */
  wait<T>(start: PromiseLike<T> | ((signal: AbortSignal) => PromiseLike<T>)): Operation<T>;
  /**
   * The suspending send: waits while the receiver's bounded mailbox, or the way to its thread, is full. An
   * unbounded mailbox in another thread is full with 262,144 messages; and what is under way when a
   * mailbox there fills up still goes in.
   */
  offer<N>(
    to: Address<N>,
    message: NoInfer<N>,
    options?: { readonly transfer?: readonly ArrayBuffer[] },
  ): Operation<void>;
  /** Sends a request and waits for its reply. @throws CallFailed in the caller when none comes. */
  call<N extends Message, const Q extends HandlerName<N> | Question<N>>(
    to: Target<N>,
    what: Q,
    ...args: CallArgs<N, Q>
  ): Call<Answer<N, Q>>;
  /** Sends a request whose reply is awaited later; several can be under way. */
  request<N extends Message, const Q extends HandlerName<N> | Question<N>>(
    to: Target<N>,
    what: Q,
    ...args: CallArgs<N, Q>
  ): Pending<Answer<N, Q>>;
  /** A generator helper as an operation, so that an async body can `await` it. */
  perform<T>(steps: Actor<T>): Operation<T>;
  /** Spawns with a link, in one step: however soon it ends, the EXIT comes. */
  spawnLink: Verbs['spawn'];
  /** Spawns with a monitor, in one step: however soon it ends, the DOWN comes. */
  spawnMonitor<N extends Message = never, A extends unknown[] = [], R = void>(
    body: Spawnable<N, A, R>,
    ...args: NoInfer<A>
  ): { readonly pid: Pid<N>; readonly ref: Ref };
  /** Spawns with a link and waits until it has initialised. If it fails, a caller that does not trap exits dies with it, as in OTP. */
  startLink<N extends Message = never, A extends unknown[] = [], R = void>(
    body: Spawnable<N, A, R>,
    ...args: NoInfer<A>
  ): Operation<Started<Pid<N>>>;
  /** Ties both, once however often it is called: the end of one is an exit signal to the other. If nobody is there, it comes at once, `'noproc'`. */
  link(pid: Pid): void;
  /** Unties both: nothing of the link comes after this. An EXIT that is in the mailbox already stays there. */
  unlink(pid: Pid): void;
  /** Asks for one DOWN when `target` ends, at once with `'noproc'` if it is not there. Each call brings one of its own. */
  monitor(target: Target): Ref;
  /**
   * Watches a whole system, such as a thread: one `SystemDown` comes when it is lost, after everything
   * else that came from there, and at once if it is not known. Each call brings one of its own;
   * `demonitor` takes it back. Put `SystemDown` among the messages that the actor takes.
   *
   * ```ts
   * self.monitorSystem('thread-1');
   * const { reason } = yield* self.receive('SYSTEM_DOWN');
   * ```
   */
  monitorSystem(system: string): Ref;
  /** True if it was active. With `flush`, no DOWN of it is left either. */
  demonitor(ref: Ref, options?: { readonly flush?: boolean }): boolean;
  /**
   * Another address of this actor, which it can take back. What is sent to it lands in the mailbox as
   * if sent to the pid, until `unalias`, or, with `once`, until the first message has come. What is in
   * the mailbox by then stays; what comes later is a dead letter.
   *
   * ```ts
   * const inbox = self.alias<Result>();
   * for (const worker of workers) self.send(worker, { tag: 'work', replyTo: inbox });
   * const first = yield* self.receive('result').after(1000);
   * self.unalias(inbox); // no result will come late
   * ```
   */
  alias<T extends M = M>(options?: { readonly once?: boolean }): ReplyTo<T>;
  /** True if it was active; false too for an alias of another actor, which stays as it is. */
  unalias(alias: ReplyTo): boolean;
  /**
   * A monitor with an alias for the replies of whom it watches. `'demonitor'`: the alias ends with the
   * monitor, be it by `demonitor` or by DOWN. `'reply_demonitor'`: the first reply ends both, so that
   * either a reply comes or a DOWN. `'explicit_unalias'`: the alias ends with `unalias` alone.
   */
  monitorAlias<T extends M = M>(
    target: Target,
    until: AliasUntil,
  ): { readonly ref: Ref; readonly replyTo: ReplyTo<T> };
  /** Returns what it was before. */
  trapExit(on: boolean): boolean;
  /** Erlang's exit/1: throws `Exited`. */
  exit<R>(reason: R extends Pid ? never : R): never;
  /**
   * Erlang's process dictionary: a value that is this actor's own, under any key. Returns the value
   * before. Not for state, which belongs in variables; for what helpers far below need to know.
   */
  put(key: unknown, value: unknown): unknown;
  /** The value under this key of the dictionary; undefined if there is none. */
  get(key: unknown): unknown;
  /** Returns the value that is forgotten. */
  erase(key: unknown): unknown;
  /** Runs when this actor ends for whatever reason, last one first, before its links and monitors hear of it. */
  defer(cleanup: () => void): void;
}

/** What an alias of a monitor ends with, besides `unalias` and the actor itself. */
export type AliasUntil = 'demonitor' | 'reply_demonitor' | 'explicit_unalias';

/** All that an actor's own body has. */
export interface Self<M extends Message = never> extends Context<M> {
  /** The first message of whatever tag, a signal too. List tags for an exhaustive `switch`. */
  receive(): Receive<M | Signal>;
  receive<T extends keyof Mail<M>>(...tags: readonly [T, ...T[]]): Receive<Mail<M>[T]>;
}
