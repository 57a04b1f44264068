/**
 * What an actor's body is given: every verb, bound to its cell. Nothing here decides anything; each
 * verb checks that the actor may still act and hands over to its room. The types are in `self-types.ts`.
 *
 * Over 300 lines, as each verb of `Self` is a method here, and a class is one file.
 */

import { checkedTag, largeTagSet, type TagSet, tagSet } from '../mailbox/tag-set.ts';
import { awaitingOutcome, CallOperation } from '../operations/call.ts';
import { OfferOperation, takesAtOnce } from '../operations/offer.ts';
import { ReceiveOperation } from '../operations/receive.ts';
import { launch, tieToNew } from '../operations/spawning.ts';
import { starting } from '../operations/starting.ts';
import { pause, performed, sleeping, waiting } from '../operations/waiting.ts';
import { infoOf, mailboxOf } from '../reports/introspect.ts';
import { wallOf } from '../seams/clock.ts';
import { makeAlias, monitorAlias, unalias } from '../signals/aliases.ts';
import { deliver, route } from '../signals/delivery.ts';
import { sendExit } from '../signals/exit-signals.ts';
import { link, unlink } from '../signals/links.ts';
import { demonitor, makeRef, monitor, monitorSystem } from '../signals/monitors.ts';
import { register, systemsOf, unregister, whereis } from '../signals/registry.ts';
import { Request, sendRequest } from '../signals/requests.ts';
import { cancelTimer, readTimer, sendAfter, sendInterval, startTimer } from '../signals/timers.ts';
import { type ActorCell, residentCell } from '../state/actor-cell.ts';
import { coldStateOf } from '../state/cold-state.ts';
import { EXITING, MADE, RUNNING } from '../state/status.ts';
import type { SystemState } from '../state/system-state-types.ts';
import { markCopy, notOfThisCopy } from '../terms/copy.ts';
import { type ExitReason, exited } from '../terms/exit-reason.ts';
import type { Actor, Call, Operation, Pending } from '../terms/operation.ts';
import { checkValue, FUNCTION, WORD } from '../terms/options.ts';
import type { Address, Message, Name, Pid, ReplyTo, Target } from '../terms/pid.ts';
import { show } from '../terms/printable.ts';
import type { ServerRequest } from '../terms/protocol.ts';
import type { Ref } from '../terms/ref.ts';
import type { ActorInfo, AliasUntil, Self } from '../terms/self-types.ts';
import type { AnySpawnable } from '../terms/spawnable.ts';
import { follow, forgotten } from '../turn/forgotten.ts';
import { endIfExiting, tellTooLate } from './after-end.ts';
import { isFlushing, isOnce, type OfferOptions, transferOf } from './verb-options.ts';

let cellOfSelf: (self: object) => ActorCell;
/** For operations that are no verbs: lets `operation` be the one that is under way, as the verbs of `self` do. */
let making: <O>(self: object, what: string, operation: O) => O;

/** The types of the verbs are those of `Self`; that each of them is here is checked. */
export class ActorSelf implements Record<keyof Self<never>, unknown> {
  readonly pid: Pid;
  readonly #cell: ActorCell;
  readonly #receive: ReceiveOperation;
  /** Made by the first offer, and by the first call. */
  #offer: OfferOperation | undefined;
  #call: CallOperation | undefined;

  constructor(cell: ActorCell) {
    this.pid = cell.pid;
    this.#cell = cell;
    this.#receive = new ReceiveOperation(cell);
    this.#offer = undefined;
    this.#call = undefined;
  }

  static {
    markCopy(ActorSelf.prototype);
    cellOfSelf = (self) => {
      if (typeof self === 'object' && self !== null && #cell in self) return self.#cell;
      throw notOfThisCopy("an actor's self", self);
    };
    making = (self, what, operation) => (self as ActorSelf).make(what, operation);
  }

  get parent(): Pid {
    return (this.#cell.lineage as { pid: Pid }).pid;
  }

  send(to: Address, message: Message): void {
    const cell = this.#cell;
    const receiver = residentCell(to);
    if (
      receiver === undefined ||
      cell.status >= EXITING ||
      receiver.system !== cell.system ||
      typeof message?.tag !== 'string'
    ) {
      this.sendElsewhere(to, message);
    } else {
      deliver(cell, receiver, message);
    }
  }

  private sendElsewhere(to: Address, message: Message): void {
    if (this.canAct(to, message)) route(this.#cell, to, message);
  }

  receive(a?: string, b?: string, c?: string, d?: string): ReceiveOperation {
    const cell = this.#cell;
    if (cell.status !== RUNNING && !this.mayMake('receive')) return this.#receive;
    if (b === undefined) cell.want = typeof a === 'string' || a === undefined ? a : checkedTag(a);
    // A rest parameter would make an array for each receive; what is only handed on is never made.
    // biome-ignore lint/complexity/noArguments: see above
    else if (arguments.length > 4) cell.want = manyTags.apply(undefined, arguments as never);
    else cell.want = tagSet(cell.want, a as string, b, c, d);
    cell.status = MADE;
    return this.#receive;
  }

  sleep(ms: number): Operation<void> {
    return this.make('sleep', sleeping(this.#cell, ms));
  }

  yield(): Operation<void> {
    return this.make('yield', pause(this.#cell));
  }

  wait<T>(start: PromiseLike<T> | ((signal: AbortSignal) => PromiseLike<T>)): Operation<T> {
    return this.make('wait', waiting(this.#cell, start));
  }

  perform<T>(steps: Actor<T>): Operation<T> {
    return this.make('perform', performed(this.#cell, steps));
  }

  startLink(spawnable: AnySpawnable, ...args: readonly unknown[]): Operation<unknown> {
    return this.make('startLink', starting(this.#cell, spawnable, args));
  }

  offer(to: Address, message: unknown, options?: OfferOptions): Operation<void> {
    const cell = this.#cell;
    const receiver = residentCell(to);
    follow(cell, 'offer');
    if (receiver?.system === cell.system) {
      cell.system.tapTouched?.(receiver.pid, 'look');
      if (cell.status === RUNNING && takesAtOnce(receiver, message)) {
        deliver(cell, receiver, message as Message);
        cell.status = MADE;
        return this.theOffer().sent();
      }
    }
    const offer = this.theOffer().of(to, message, transferOf(options));
    return this.canAct(to, message) ? this.make('offer', offer) : offer;
  }

  private theOffer(): OfferOperation {
    this.#offer ??= new OfferOperation(this.#cell);
    return this.#offer;
  }

  call(to: Target, what: string | Message, ...args: readonly unknown[]): Call<unknown> {
    const cell = this.#cell;
    const mayMake = cell.status === RUNNING || this.mayMake('call');
    const request = this.requestTo(to, what, args);
    if (mayMake) cell.status = MADE;
    follow(cell, 'call');
    this.#call ??= new CallOperation(cell, true);
    return this.#call.of(request);
  }

  request(to: Target, what: string | Message, ...args: readonly unknown[]): Pending<unknown> {
    const cell = this.#cell;
    const request = this.requestTo(to, what, args);
    return {
      ref: makeRef(cell.system, request),
      reply: () => this.make('reply', new CallOperation(cell, false).of(request)),
      wait: (ms) => this.make('wait', awaitingOutcome(cell, request, ms)),
    };
  }

  /** Of an actor that has ended, a request that reaches nobody and has no end. */
  private requestTo(to: Target, what: string | Message, args: readonly unknown[]): Request {
    const cell = this.#cell;
    return this.canAct(to, what) ? sendRequest(cell, to, what, args) : new Request(cell, to, '');
  }

  systems(): readonly string[] {
    return systemsOf(this.system);
  }

  cast(to: Target, name: string, ...args: readonly unknown[]): void {
    const message: ServerRequest = {
      tag: '$request',
      kind: 'cast',
      name,
      args,
      replyTo: undefined,
    };
    this.send(to as Address, message);
  }

  sendAfter(ms: number, to: Address, message: Message): Ref {
    if (!this.canAct(to, message)) return this.noRef();
    return sendAfter(this.#cell, ms, to, message);
  }

  startTimer(ms: number, to: Address, message: unknown): Ref {
    if (!this.canAct(to, message)) return this.noRef();
    return startTimer(this.#cell, ms, to, message);
  }

  sendInterval(ms: number, to: Address, message: Message): Ref {
    if (!this.canAct(to, message)) return this.noRef();
    return sendInterval(this.#cell, ms, to, message);
  }

  cancelTimer(timer: Ref): number | false {
    return this.canAct(this.pid, '$cancel_timer') ? cancelTimer(this.system, timer) : false;
  }

  readTimer(timer: Ref): number | false {
    return readTimer(this.system, timer);
  }

  spawn(spawnable: AnySpawnable, ...args: readonly unknown[]): Pid {
    return this.canAct(this.pid, '$spawn') ? launch(this.#cell, spawnable, args).pid : this.pid;
  }

  spawnLink(spawnable: AnySpawnable, ...args: readonly unknown[]): Pid {
    if (!this.canAct(this.pid, '$spawn')) return this.pid;
    const cell = launch(this.#cell, spawnable, args);
    tieToNew(this.#cell, cell);
    endIfExiting(this.#cell);
    return cell.pid;
  }

  spawnMonitor(
    spawnable: AnySpawnable,
    ...args: readonly unknown[]
  ): { readonly pid: Pid; readonly ref: Ref } {
    if (!this.canAct(this.pid, '$spawn')) return { pid: this.pid, ref: this.noRef() };
    const { pid } = launch(this.#cell, spawnable, args);
    return { pid, ref: monitor(this.#cell, pid) };
  }

  link(pid: Pid): void {
    if (!this.canAct(pid, '$link')) return;
    link(this.#cell, pid);
    endIfExiting(this.#cell);
  }

  unlink(pid: Pid): void {
    if (this.canAct(pid, '$unlink')) unlink(this.#cell, pid);
  }

  monitor(target: Target): Ref {
    return this.canAct(target, '$monitor') ? monitor(this.#cell, target) : this.noRef();
  }

  monitorSystem(system: string): Ref {
    checkValue('Cannot monitor a system', 'its name', system, WORD);
    return this.canAct(this.pid, '$monitor') ? monitorSystem(this.#cell, system) : this.noRef();
  }

  demonitor(ref: Ref, options?: { readonly flush?: boolean }): boolean {
    const flush = isFlushing(options);
    return this.canAct(this.pid, '$demonitor') && demonitor(this.#cell, ref, flush);
  }

  alias(options?: { readonly once?: boolean }): ReplyTo {
    return makeAlias(this.#cell, isOnce(options));
  }

  unalias(alias: ReplyTo): boolean {
    return this.canAct(alias, '$unalias') && unalias(this.#cell, alias);
  }

  monitorAlias(
    target: Target,
    until: AliasUntil,
  ): { readonly ref: Ref; readonly replyTo: ReplyTo } {
    if (this.canAct(target, '$monitor')) return monitorAlias(this.#cell, target, until);
    return { ref: this.noRef(), replyTo: this.alias() };
  }

  trapExit(on: boolean): boolean {
    if (typeof on !== 'boolean')
      throw new TypeError(`Cannot set trapExit to ${show(on)}: it is true or false`);
    this.system.tapTouched?.(this.pid, 'trap');
    const before = this.#cell.trapExit;
    this.#cell.trapExit = on;
    return before;
  }

  exit(reason: ExitReason): never {
    throw exited(reason);
  }

  exitSignal(pid: Pid, reason: ExitReason): void {
    if (!this.canAct(pid, '$exit')) return;
    sendExit(this.#cell, pid, reason);
    endIfExiting(this.#cell);
  }

  defer(cleanup: () => void): void {
    if (!this.canAct(this.pid, '$defer')) return;
    checkValue('Cannot defer', 'the clean-up', cleanup, FUNCTION);
    const cold = coldStateOf(this.#cell);
    cold.deferred ??= [];
    cold.deferred.push(cleanup);
  }

  put(key: unknown, value: unknown): unknown {
    if (!this.canAct(this.pid, '$put')) return undefined;
    const cold = coldStateOf(this.#cell);
    cold.dictionary ??= new Map();
    const before = cold.dictionary.get(key);
    cold.dictionary.set(key, value);
    return before;
  }

  get(key: unknown): unknown {
    return this.#cell.cold?.dictionary?.get(key);
  }

  erase(key: unknown): unknown {
    const before = this.get(key);
    this.#cell.cold?.dictionary?.delete(key);
    return before;
  }

  register(name: string | Name, pid: Pid): void {
    if (this.canAct(pid, '$register')) register(this.system, name, pid);
  }

  unregister(name: string | Name): void {
    if (this.canAct(this.pid, '$unregister')) unregister(this.system, name);
  }

  whereis(name: string | Name): Pid | undefined {
    return whereis(this.system, name);
  }

  now(): number {
    return this.system.clock.now();
  }

  wall(): number {
    return wallOf(this.system.clock);
  }

  random(): number {
    return this.system.decisions.random();
  }

  info(pid: Pid): ActorInfo | undefined {
    return infoOf(this.system, pid);
  }

  mailbox(pid: Pid): readonly Message[] | undefined {
    return mailboxOf(this.system, pid);
  }

  private get system(): SystemState {
    return this.#cell.system;
  }

  /** Lets `operation` be the one that is under way, if the actor can have one. */
  private make<O>(what: string, operation: O): O {
    const cell = this.#cell;
    if (cell.status === RUNNING || this.mayMake(what)) cell.status = MADE;
    follow(cell, what);
    return operation;
  }

  /** Of an actor that is not simply running: false if it has ended, and its operations never will. */
  private mayMake(what: string): boolean {
    const cell = this.#cell;
    if (cell.status >= EXITING) return false;
    if (cell.status === MADE) {
      const cause = forgotten(cell);
      throw new Error(`Cannot ${what}. ${cause.message}`, { cause });
    }
    throw new Error(
      `Cannot ${what}: ${String(cell.pid)} is suspended, and only its own code, one operation at a time, can use its self`,
    );
  }

  /** After its end, nothing an actor does has an effect. */
  private canAct(to: Address, done: unknown): boolean {
    return this.#cell.status < EXITING || tellTooLate(this.#cell, to, done);
  }

  private noRef(): Ref {
    return makeRef(this.system, undefined);
  }
}

function manyTags(...tags: readonly string[]): TagSet {
  return largeTagSet(tags);
}

export function selfOf<M extends Message>(cell: ActorCell): Self<M> {
  return new ActorSelf(cell) as unknown as Self<M>;
}

export { cellOfSelf, making };
