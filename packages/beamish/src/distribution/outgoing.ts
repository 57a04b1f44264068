/** Tells another system what happens here: one method per kind of signal, each of which writes it down. */

import { dropLink } from '../signals/links.ts';
import { stopWatch } from '../signals/watches.ts';
import type { ActorCell } from '../state/actor-cell.ts';
import type { Peer, SpawnOrder } from '../state/peer.ts';
import type { Watch } from '../state/watch.ts';
import type { ExitReason } from '../terms/exit-reason.ts';
import type { Group } from '../terms/group.ts';
import {
  type Address,
  isName,
  isPid,
  isReplyTo,
  type Message,
  type Pid,
  type ReplyAlias,
  type ReplyTo,
  showAddress,
  type Target,
} from '../terms/pid.ts';
import type { Association } from './association.ts';
import { isPlain } from './boxes.ts';
import {
  ASK,
  BOXED,
  DEMONITOR,
  EXIT,
  JOIN,
  LEAVE,
  LINK,
  LINKED_EXIT,
  MONITOR,
  MONITOR_NAMED,
  OFFER_NAMED,
  REPLY,
  SEND,
  SEND_NAMED,
  SPAWN,
  UNLINK,
  type WireOrder,
} from './wire.ts';

export class Outgoing implements Peer {
  readonly system: string;
  readonly incarnation: number;
  readonly #association: Association;
  #unlinks = 0;

  constructor(association: Association) {
    this.system = association.there.system;
    this.incarnation = association.there.incarnation;
    this.#association = association;
  }

  obstacle(to: Address): string | undefined {
    const { outbox, fullThere } = this.#association;
    if (outbox.isFull) return `room on the way to ${this.system}`;
    if (isReplyTo(to) || !fullThere.has(operandOf(to))) return undefined;
    return `room in the mailbox of ${showAddress(to)}`;
  }

  whenFree(to: Address, wake: () => void): void {
    const { outbox, fullThere } = this.#association;
    // The number of a reply address may be the serial of somebody else.
    if (isReplyTo(to) || !fullThere.whenRoom(operandOf(to), wake)) outbox.whenFree(wake);
  }

  flush(): void {
    this.#association.outbox.flush();
  }

  send(from: Pid, to: Address, message: unknown): boolean {
    const { outbox, packer } = this.#association;
    if (outbox.overflows) return false;
    if (isPid(to) && outbox.putPlain(from.serial, to.serial, message as Message)) return true;
    const isBoxed = !isPlain(message);
    const carried = isBoxed ? packer.message(message, to) : message;
    this.#put(from, isBoxed ? kindFor(to) | BOXED : kindFor(to), to, operandOf(to), carried);
    return true;
  }

  offer(from: Pid, to: Address, message: unknown, transfer?: readonly ArrayBuffer[]): void {
    const { outbox, packer } = this.#association;
    const kind = isName(to) ? OFFER_NAMED : kindFor(to);
    const operand = offeredTo(to);
    const isSimple = kind === SEND && transfer === undefined;
    if (isSimple && outbox.putPlain(from.serial, operand as number, message as Message)) return;
    if (!isPlain(message)) {
      const boxed = packer.message(message, to);
      return this.#put(from, kind | BOXED, to, operand, boxed, transfer);
    }
    this.#put(from, kind, to, operand, message, transfer);
  }

  #put(
    from: Pid,
    kind: number,
    to: Address,
    operand: number | string,
    carried: unknown,
    transfer?: readonly ArrayBuffer[],
  ): void {
    const { outbox } = this.#association;
    if (isReplyTo(to)) endAsk(this.#association, to.alias);
    if (transfer === undefined) outbox.putMessage(from.serial, kind, operand, carried);
    else outbox.putMoving(from.serial, kind, operand, carried, transfer);
  }

  ask(watch: Watch, from: Pid, target: Target, replyTo: ReplyTo, question: Message): void {
    const { outbox, packer, identities, watching } = this.#association;
    const isBoxed = !isPlain(question);
    const carried = isBoxed ? packer.message(question, target) : question;
    identities.aliasLeaves(replyTo as ReplyAlias);
    watching.set(watch.key, watch);
    const kind = isBoxed ? ASK | BOXED : ASK;
    outbox.putAsk(from.serial, kind, operandOf(target), replyTo.alias, carried);
  }

  exit(from: Pid, to: Pid, reason: ExitReason): void {
    this.#tell(from, EXIT, to.serial, reason);
  }

  link(from: Pid, to: Pid): void {
    this.#association.outbox.put(from.serial, LINK, to.serial);
  }

  unlink(from: Pid, to: Pid): void {
    const { outbox, unlinking } = this.#association;
    unlinking.set(`${from.serial} ${to.serial}`, ++this.#unlinks);
    outbox.put(from.serial, UNLINK, to.serial, this.#unlinks);
  }

  linkedExit(from: Pid, to: Pid, reason: ExitReason): void {
    dropLink(this.#association.remoteCells.withSerial(to.serial), from);
    this.#tell(from, LINKED_EXIT, to.serial, reason);
  }

  monitor(watch: Watch, from: Pid, target: Target): void {
    const { outbox, watching } = this.#association;
    watching.set(watch.key, watch);
    if (isName(target)) outbox.put(from.serial, MONITOR_NAMED, target.name, watch.key);
    else outbox.put(from.serial, MONITOR, target.serial, watch.key);
  }

  demonitor(watch: Watch): void {
    const { outbox, watching, system } = this.#association;
    // Not there once its DOWN has come, nor of one that watches the system itself.
    if (watching.delete(watch.key)) outbox.put(system.root.pid.serial, DEMONITOR, watch.key);
  }

  spawn(from: Pid, order: SpawnOrder): ActorCell {
    const { outbox, remoteCells, identities } = this.#association;
    const { code, args, options, started, trapping } = order;
    if (started !== undefined) identities.aliasLeaves(started as ReplyAlias);
    const { name, mailbox, startTimeoutMs } = options ?? {};
    const wired = {
      module: code.module,
      exportName: code.exportName,
      args: this.#packArguments(args, code.exportName),
      name: typeof name === 'object' ? name.name : name,
      mailbox: mailbox && { limit: mailbox.limit, overflow: mailbox.overflow },
      startTimeoutMs,
      started: started?.alias ?? 0,
      trapping,
    } as WireOrder;
    const serial = this.#nextSerial(code.exportName);
    outbox.put(from.serial, SPAWN | BOXED, serial, wired);
    return remoteCells.withSerial(serial);
  }

  groupChanged(change: 'join' | 'leave', { scope, group }: Group, pids: readonly Pid[]): void {
    const { outbox, system } = this.#association;
    const kind = change === 'join' ? JOIN : LEAVE;
    const serials = pids.map((pid) => pid.serial);
    outbox.put(system.root.pid.serial, kind, [scope, group], serials);
  }

  remoteCell(of: Target | undefined): ActorCell {
    return this.#association.remoteCells.of(of);
  }

  #tell(from: Pid, kind: number, to: number, reason: ExitReason): void {
    const { outbox, packer } = this.#association;
    // Looking into any other runs its getters.
    if (typeof reason === 'string') outbox.put(from.serial, kind, to, reason);
    else outbox.put(from.serial, kind | BOXED, to, packer.reason(reason));
  }

  #packArguments(args: readonly unknown[], body: string): readonly unknown[] {
    const { packer } = this.#association;
    return args.map((arg, i) => packer.message(arg, body, `argument ${i + 1}`));
  }

  #nextSerial(body: string): number {
    const { granted } = this.#association;
    const block = granted[0];
    if (block === undefined) {
      throw new Error(
        `Cannot spawn ${body} in ${this.system}: it has not said yet which pids are free, or does not take actors`,
      );
    }
    const serial = block.next++;
    if (block.next >= block.end) granted.shift();
    return serial;
  }
}

function kindFor(to: Address): number {
  if (isPid(to)) return SEND;
  return isName(to) ? SEND_NAMED : REPLY;
}

/** Of an actor, the complement of its serial; a root, whose complement means nobody, waits for no room. */
function offeredTo(to: Address): number | string {
  return isPid(to) && to.serial > 0 ? ~to.serial : operandOf(to);
}

function operandOf(to: Address): number | string {
  if (isPid(to)) return to.serial;
  return isName(to) ? to.name : to.alias;
}

/** It is answered: whoever asked needs to hear no more of whom they asked. */
function endAsk({ watched }: Association, alias: number): void {
  const watch = watched.get(-alias);
  if (watch === undefined) return;
  watched.delete(-alias);
  stopWatch(watch);
}
