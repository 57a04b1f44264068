/**
 * Request and reply: a monitor of the callee and a one-shot reply address in one record. The reply
 * goes straight to the record and never through the mailbox, so a call costs the same behind any
 * backlog, and a request that was given up leaves nothing that could come later.
 */

import { AS_MESSAGE } from '../seams/tap.ts';
import { type ActorCell, handedMessage, NOTHING, residentCell } from '../state/actor-cell.ts';
import { EXITING, PARKED, REMOTE } from '../state/status.ts';
import type { SystemState } from '../state/system-state-types.ts';
import type { Answerable, Watch } from '../state/watch.ts';
import { CallFailed, type ExitReason } from '../terms/exit-reason.ts';
import type { Outcome } from '../terms/operation.ts';
import {
  isName,
  isPid,
  type Message,
  ReplyAlias,
  type ReplyTo,
  settleReplyTo,
  type Target,
} from '../terms/pid.ts';
import { setOwn } from '../terms/plain-data.ts';
import { show } from '../terms/printable.ts';
import type { ServerRequest } from '../terms/protocol.ts';
import { checked, deliver } from './delivery.ts';
import { letIn } from './offers.ts';
import { absence, cellOf, peerOf, resolve } from './registry.ts';
import { makeReady } from './wake.ts';
import { startWatch, stopWatch, watchElsewhere } from './watches.ts';

export type RequestState = 'pending' | 'answered' | 'failed' | 'abandoned';

export class Request implements Watch, Answerable {
  // Declared only: the constructor writes each of them, and a call makes one of these.
  declare owner: ActorCell | undefined;
  declare cell: ActorCell | undefined;
  declare target: Target;
  /** What was asked for, for people. */
  declare readonly what: string;
  declare state: RequestState;
  /** The answer, or the reason why there is none. */
  declare value: unknown;
  /** Tells the outside; an actor that waits is woken. */
  declare settled: (() => void) | undefined;
  /** Its owner is suspended until it is settled. */
  declare awaited: boolean;
  declare nextWatcher: Watch;
  declare previousWatcher: Watch;
  declare nextWatching: Watch;
  declare previousWatching: Watch;
  declare readonly replyTo: ReplyAlias;

  constructor(owner: ActorCell, target: Target, what: string) {
    const { system } = owner;
    this.owner = owner;
    this.target = target;
    this.what = what;
    this.state = 'pending';
    this.awaited = false;
    this.cell = this.value = this.settled = undefined;
    this.nextWatcher = this.previousWatcher = this.nextWatching = this.previousWatching = this;
    this.replyTo = new ReplyAlias(
      system.name,
      system.incarnation,
      ++system.aliases,
      this,
      owner.pid,
    );
  }

  /** Monitors have the numbers above 0. */
  get key(): number {
    return -this.replyTo.alias;
  }

  get takes(): 'reply' {
    return 'reply';
  }

  answer(value: unknown): boolean {
    if (this.state !== 'pending') return false;
    this.settle('answered', value, this.owner);
    return true;
  }

  ended(owner: ActorCell, reason: ExitReason): void {
    this.settle('failed', reason, owner);
  }

  fail(reason: ExitReason): void {
    if (this.state !== 'pending') return;
    this.owner?.system.tapTouched?.(this.owner.pid, 'abandon');
    this.settle('failed', reason, undefined);
  }

  /** Gives up: whatever still comes is a dead letter. */
  abandon(): void {
    if (this.state !== 'pending') return;
    this.owner?.system.tapTouched?.(this.owner.pid, 'abandon');
    this.state = 'abandoned';
    this.leave();
  }

  /** Lets it fail when this actor ends, of whom it expects the answer; for a request that was made before the actor was. */
  watch(callee: ActorCell): void {
    if (this.state !== 'pending' || this.owner === undefined || this.cell !== undefined) return;
    this.target = callee.pid;
    startWatch(this, this.owner, callee);
  }

  /** Nobody cares any more how it goes: unlike that of an abandoned one, its reply is no dead letter. */
  disregard(): void {
    if (this.cell !== undefined) stopWatch(this);
    this.owner = undefined;
  }

  /** How it went, once it is settled; undefined until then, and of one that was given up. */
  get outcome(): Outcome<unknown> | undefined {
    if (this.state === 'answered') return { ok: true, value: this.value };
    return this.state === 'failed' ? { ok: false, reason: this.value } : undefined;
  }

  /** What its `CallFailed` says. */
  failure(reason: ExitReason = this.value): CallFailed {
    return new CallFailed(reason, this.target, this.what);
  }

  private settle(state: RequestState, value: unknown, owner: ActorCell | undefined): void {
    if (owner !== undefined) owner.system.tapTouched?.(owner.pid, 'reply');
    this.state = state;
    this.value = value;
    this.leave();
    this.settled?.();
    if (this.awaited && owner?.status === PARKED) makeReady(owner);
  }

  private leave(): void {
    settleReplyTo(this.replyTo, undefined);
    if (this.cell !== undefined) stopWatch(this);
    this.owner = undefined;
  }
}

/** Asks `target` on behalf of `owner`. Never throws but for what is no target or no question; whoever waits for the reply hears of the rest. */
export function sendRequest(
  owner: ActorCell,
  target: Target,
  what: string | Message,
  args: readonly unknown[],
): Request {
  const name = typeof what === 'string' ? what : checked(what, target).tag;
  const request = requestTo(owner, target, name, true);
  const callee = request.cell;
  // An exiting callee takes nothing, and its true reason is on the way.
  if (callee === undefined || callee.status >= EXITING) return request;
  try {
    put(owner, callee, what, args, request);
  } catch (error) {
    // It cannot be copied or cannot cross, and the caller learns where it cannot; nobody waits for an answer.
    request.abandon();
    throw error;
  }
  return request;
}

/** Gives a request up, and takes its question back if its callee, an actor of this system, has not looked at it. */
export function retract(request: Request): void {
  const { cell, replyTo } = request;
  request.abandon();
  if (cell === undefined || cell.status === REMOTE) return;
  const isIt = (message: unknown): boolean =>
    (message as { readonly replyTo?: unknown } | undefined)?.replyTo === replyTo;
  const handed = handedMessage(cell);
  if (isIt(handed)) {
    // To a receive, which waits again for the next.
    cell.resumeValue = NOTHING;
    cell.system.tapDropped?.(cell.pid, handed);
    return;
  }
  const question = cell.mailbox?.removeFirst(isIt);
  if (question === undefined) return;
  cell.system.tapDropped?.(cell.pid, question);
  letIn(cell);
}

function put(
  owner: ActorCell,
  callee: ActorCell,
  what: string | Message,
  args: readonly unknown[],
  request: Request,
): void {
  if (callee.status === REMOTE) return putElsewhere(owner, what, args, request);
  const { replyTo } = request;
  const question =
    typeof what === 'string' ? serverCall(what, args, replyTo) : withReplyTo(what, replyTo);
  deliver(owner, callee, question);
}

function putElsewhere(
  owner: ActorCell,
  what: string | Message,
  args: readonly unknown[],
  request: Request,
): void {
  const { system } = owner;
  const { target, replyTo } = request;
  const question = typeof what === 'string' ? serverCall(what, args) : what;
  peerOf(system, target)?.ask(request, owner.pid, target, replyTo, question);
  system.tapSent?.(owner.pid, target, question, AS_MESSAGE);
  system.tapSentAway?.(owner.pid, target, question);
}

/** A request that `target` has not been told of: whoever is given its `replyTo` may answer it, and it fails when the target ends. */
export function expectReply(owner: ActorCell, target: Target, name: string): Request {
  return requestTo(owner, target, name, false);
}

/** If it `asks`, the question will tell another system what is expected. */
function requestTo(owner: ActorCell, target: Target, name: string, asks: boolean): Request {
  const { system } = owner;
  const resident = residentCell(target);
  const callee = resident?.system === system ? resident : findCallee(system, target, name);
  if (callee !== undefined && callee === resident) system.tapTouched?.(callee.pid, 'look');
  const request = new Request(owner, target, name);
  if (callee !== undefined && callee !== owner) startWatch(request, owner, callee);
  else if (callee === owner) request.fail('calling_self');
  else expectElsewhere(request, owner, asks);
  return request;
}

function expectElsewhere(request: Request, owner: ActorCell, asks: boolean): void {
  const { target } = request;
  if (!watchElsewhere(request, owner, target, asks)) request.fail(absence(owner.system, target));
}

/** @throws TypeError for what is no target. */
function findCallee(system: SystemState, target: Target, name: string): ActorCell | undefined {
  if (isName(target)) return resolve(system, target);
  if (isPid(target)) return cellOf(system, target);
  throw new TypeError(`Cannot call "${name}" of ${show(target)}: it is neither a pid nor a name`);
}

function serverCall(
  name: string,
  args: readonly unknown[],
  replyTo?: ReplyTo<never>,
): ServerRequest {
  return { tag: '$request', kind: 'call', name, args, replyTo };
}

function setField(question: Record<string, unknown>, key: string, value: unknown): void {
  if (key === '__proto__') setOwn(question, key, value);
  else question[key] = value;
}

/**
 * A copy with a reply address: its own, whatever the question had, as one that is passed on has that of the
 * first asker. Spreading would take 1 µs, since the shapes of questions differ; this takes 0.03.
 */
function withReplyTo(what: Message, replyTo: ReplyTo): Message {
  const question: Record<string, unknown> = { tag: what.tag, replyTo };
  for (const key in what) {
    if (key === 'tag' || key === 'replyTo') continue;
    setField(question, key, what[key as keyof Message]);
  }
  return question as unknown as Message;
}
