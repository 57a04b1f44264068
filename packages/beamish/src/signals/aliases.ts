/**
 * Aliases: other addresses of an actor, which it can take back. What is sent to one lands in its
 * mailbox as if sent to the pid; once the alias is over, what still comes is a dead letter and can
 * never reach the mailbox. An alias is over when it is taken back, after its first message if it is for
 * one only, with the monitor that it belongs to, or with its actor.
 */

import { type ActorCell, isAlive } from '../state/actor-cell.ts';
import type { Answerable } from '../state/watch.ts';
import {
  isReplyTo,
  ReplyAlias,
  type ReplyTo,
  residentOfReplyTo,
  type Sender,
  settleReplyTo,
  type Target,
} from '../terms/pid.ts';
import { show } from '../terms/printable.ts';
import type { Ref } from '../terms/ref.ts';
import type { AliasUntil } from '../terms/self-types.ts';
import { checked, land } from './delivery.ts';
import { demonitor, monitor } from './monitors.ts';

class Alias implements Answerable {
  readonly owner: ActorCell;
  readonly once: boolean;
  readonly replyTo: ReplyAlias;
  /** The monitor that its first message ends too. */
  monitor: Ref | undefined;

  constructor(owner: ActorCell, once: boolean) {
    const { system } = owner;
    this.owner = owner;
    this.once = once;
    this.replyTo = new ReplyAlias(
      system.name,
      system.incarnation,
      ++system.aliases,
      this,
      owner.pid,
    );
    this.monitor = undefined;
  }

  get takes(): 'mail' {
    return 'mail';
  }

  answer(value: unknown, from: Sender): boolean {
    const message = checked(value, this.replyTo);
    if (!this.admit()) return false;
    land(from, this.owner, message);
    return true;
  }

  admit(): boolean {
    const { owner } = this;
    owner.system.tapTouched?.(owner.pid, 'reply');
    if (!isAlive(owner)) return false;
    if (this.once) this.end();
    if (this.monitor !== undefined) demonitor(owner, this.monitor, false);
    return true;
  }

  end(): void {
    const { system, pid } = this.owner;
    system.tapTouched?.(pid, 'abandon');
    settleReplyTo(this.replyTo, undefined);
  }
}

/** Whose mailbox an address leads to, if it is an alias that is not over. */
export function ownerOfAlias(replyTo: ReplyTo): ActorCell | undefined {
  const alias = residentOfReplyTo(replyTo);
  return alias instanceof Alias ? alias.owner : undefined;
}

export function makeAlias(owner: ActorCell, once: boolean): ReplyTo {
  return new Alias(owner, once).replyTo;
}

/** True if it was active, and this actor's own. @throws TypeError for what is no alias. */
export function unalias(owner: ActorCell, replyTo: ReplyTo): boolean {
  if (!isReplyTo(replyTo)) throw new TypeError(`Cannot unalias ${show(replyTo)}: it is no alias`);
  const alias = residentOfReplyTo(replyTo);
  // Whoever asks looks whether it is over, too.
  owner.system.tapTouched?.(owner.pid, 'abandon');
  if (!(alias instanceof Alias) || alias.owner !== owner) return false;
  alias.end();
  return true;
}

/** @throws TypeError for what cannot be monitored, and for an end that there is not. */
export function monitorAlias(
  owner: ActorCell,
  target: Target,
  until: AliasUntil,
): { readonly ref: Ref; readonly replyTo: ReplyTo } {
  if (!['demonitor', 'reply_demonitor', 'explicit_unalias'].includes(until)) {
    throw new TypeError(
      `Cannot make an alias until ${show(until)}: it is 'demonitor', 'reply_demonitor' or 'explicit_unalias'`,
    );
  }
  const alias = new Alias(owner, until === 'reply_demonitor');
  const over = until === 'explicit_unalias' ? undefined : () => alias.end();
  const ref = monitor(owner, target, over);
  if (until === 'reply_demonitor') alias.monitor = ref;
  return { ref, replyTo: alias.replyTo };
}
