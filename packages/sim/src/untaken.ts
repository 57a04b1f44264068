/** Messages that nobody has taken. */

import type { Message, Pid } from 'beamish';
import type { Arrival } from './step.ts';

/** A message that waits in a mailbox, or was lost. */
export interface Untaken extends Arrival {
  readonly to: Pid;
  readonly from: Pid;
  /** Its receiver was dead, or about to end. */
  readonly isLost: boolean;
}

export class UntakenMail {
  /** By message, the arrivals of that very object; one may be sent twice. Made by the first. */
  #waiting: Map<object, Untaken[]> | undefined;

  add(untaken: Untaken): void {
    this.#waiting ??= new Map();
    const same = this.#waiting.get(untaken.message);
    if (same === undefined) this.#waiting.set(untaken.message, [untaken]);
    else same.push(untaken);
  }

  /** Undefined of one that came otherwise. */
  takeOut(to: Pid, message: unknown): Untaken | undefined {
    const same = this.#waiting?.get(message as object);
    if (same === undefined) return undefined;
    const i = same.findIndex((each) => each.to === to);
    if (i < 0) return undefined;
    if (same.length === 1) this.#waiting?.delete(message as object);
    return same.splice(i, 1)[0];
  }

  /** Who has sent a message that waits in a mailbox. */
  senderOf(message: object, to: Pid): Pid | undefined {
    return this.#waiting?.get(message)?.find((each) => each.to === to)?.from;
  }

  /** What came to somebody who was alive; of those that are dead now, without the news of ends. */
  left(isDead: (pid: Pid) => boolean): readonly Untaken[] {
    return [...(this.#waiting?.values() ?? [])].flat().filter(({ to, message, isLost }) => {
      return !isLost && !(isNews(message) && isDead(to));
    });
  }
}

function isNews({ tag }: Message): boolean {
  return tag === 'EXIT' || tag === 'DOWN';
}
