/**
 * Back-pressure between systems, actor by actor. Who has as much mail as it should have is told of to
 * the other side, where offers to it then wait until there is room again; what is sent all the same goes
 * into an unbounded mailbox up to a limit, and is dropped and told of beyond it. That the rest of the
 * connection goes on is what the limit of batches under way cannot give: it would hold back the signal
 * that kills an actor which does not take its mail.
 */

import { type Mailbox, UNBOUNDED } from '../mailbox/mailbox.ts';
import { type ActorCell, isAlive } from '../state/actor-cell.ts';
import type { Distribution } from '../state/distribution.ts';
import { READY } from '../state/status.ts';
import type { Outbox } from './outbox.ts';
import { FULL, ROOM } from './wire.ts';

/** More messages than some batches have, which come at once, however fast they are taken. */
const BEHIND = 2048;
/** Messages in an unbounded mailbox that other systems may add to; at 100 bytes each, some 25 MB. */
const MOST_MAIL = 2 ** 18;
/** There is room when a mailbox is down to this part of what it may have, so that not each message is told of. */
const ROOM_AT = 0.75;

/** Actors here that have a lot of mail, some of it from there. */
export class BackPressure {
  readonly #outbox: Outbox;
  readonly #distribution: Pick<Distribution, 'pressures'>;
  /** Who had more mail than a few turns can take when last looked at. */
  readonly #behind = new Set<ActorCell>();
  /** Whom the other side knows to have a full mailbox. */
  readonly #full = new Set<ActorCell>();

  constructor(outbox: Outbox, distribution: Pick<Distribution, 'pressures'>) {
    this.#outbox = outbox;
    this.#distribution = distribution;
  }

  /** Mail from there has come. */
  look(cell: ActorCell): void {
    const { mailbox, cold } = cell;
    if (mailbox === undefined || mailbox.length === 0) return;
    // With another policy nobody waits: the mailbox does with an offer what it does with a send.
    if (mailbox.limit !== UNBOUNDED && cold?.overflow !== 'wait') return;
    if (mailbox.length > BEHIND) this.#behind.add(cell);
    if (mailbox.length < mostMail(mailbox) || this.#full.has(cell)) return;
    this.#full.add(cell);
    this.#distribution.pressures.add(this);
    this.#outbox.put(cell.system.root.pid.serial, FULL, cell.pid.serial, cell.relations?.name);
  }

  /** Whether anyone who got mail from there is behind. */
  isBehind(): boolean {
    for (const cell of this.#behind)
      if (cell.mailbox === undefined || cell.mailbox.length <= BEHIND) this.#behind.delete(cell);
    return this.#behind.size > 0;
  }

  /** Actors have had their turns: tells who has room. */
  tellRoom(): void {
    for (const cell of this.#full) {
      const { mailbox, pid, system } = cell;
      if (isAlive(cell) && mailbox !== undefined && mailbox.length > roomAt(cell, mailbox))
        continue;
      this.#full.delete(cell);
      this.#outbox.put(system.root.pid.serial, ROOM, pid.serial);
    }
    if (this.#full.size === 0) this.close();
  }

  /** The other side is gone, or nobody has a full mailbox. */
  close(): void {
    this.#distribution.pressures.delete(this);
  }
}

/** One that is suspended may wait for the very thing that would be offered, and takes no more of what it has. */
function roomAt({ status }: ActorCell, mailbox: Mailbox): number {
  const most = mostMail(mailbox);
  return status === READY ? ROOM_AT * most : most - 1;
}

function mostMail({ limit }: Mailbox): number {
  return limit === UNBOUNDED ? MOST_MAIL : limit;
}

/** Whether plain sends from other systems to this actor are dropped unless it waits for them; a bounded mailbox has a policy of its own. */
export function overflows({ mailbox }: ActorCell): boolean {
  return mailbox !== undefined && mailbox.length >= MOST_MAIL && mailbox.limit === UNBOUNDED;
}

interface FullMailbox {
  readonly name: string | undefined;
  readonly wakes: (() => void)[];
}

/** Actors there to whom offers wait, by serial and by name. */
export class FullMailboxes {
  readonly #by = new Map<number | string, FullMailbox>();

  has(who: number | string): boolean {
    return this.#by.size > 0 && this.#by.has(who);
  }

  add(serial: number, name: string | undefined): void {
    const full = { name, wakes: [] };
    this.#by.set(serial, full);
    if (name !== undefined) this.#by.set(name, full);
  }

  /** Calls `wake` once there is room. False if there is already. */
  whenRoom(who: number | string, wake: () => void): boolean {
    const full = this.#by.get(who);
    full?.wakes.push(wake);
    return full !== undefined;
  }

  delete(serial: number): void {
    const full = this.#by.get(serial);
    if (full === undefined) return;
    this.#by.delete(serial);
    if (full.name !== undefined && this.#by.get(full.name) === full) this.#by.delete(full.name);
    for (const wake of full.wakes) wake();
  }

  /** The system is lost. */
  close(): void {
    for (const who of [...this.#by.keys()]) if (typeof who === 'number') this.delete(who);
  }
}
