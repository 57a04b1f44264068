/**
 * A map in a journal whose entries have no numbers: of each key the last one counts that is replayed. It
 * applies a change at once, and takes it back, or only when its commit is answered.
 */

import type { Entry, Journal, JournalEvent, Owner, Position } from '@beamish/journal';
import { bytesOf, textOf } from './recorder.ts';

interface Slot {
  readonly value: string;
  at: Position;
}

interface Change {
  readonly key: string;
  /** Undefined where it is removed. */
  readonly value: string | undefined;
  at: Position;
}

export class PlainMap implements Owner {
  readonly format = { name: 'plain', version: 1 };
  readonly events: JournalEvent[] = [];
  readonly slots = new Map<string, Slot>();
  /** What is dead of what was replayed. */
  readonly #dead: Position[] = [];

  get map(): Map<string, string> {
    return new Map([...this.slots].map(([key, { value }]) => [key, value]));
  }

  append(journal: Journal, key: string, value: string | undefined): Change {
    const text = value === undefined ? `del ${key}` : `set ${key} ${value}`;
    return { key, value, at: journal.append(bytesOf(text)) };
  }

  /** Answers with what takes it back. */
  apply(journal: Journal | undefined, { key, value, at }: Change): () => void {
    const before = this.slots.get(key);
    const release = (position: Position): unknown =>
      journal === undefined ? this.#dead.push(position) : journal.release(position);
    if (before !== undefined) release(before.at);
    if (value === undefined) {
      this.slots.delete(key);
      release(at);
    } else this.slots.set(key, { value, at });
    return () => {
      if (before === undefined) this.slots.delete(key);
      else this.slots.set(key, before);
    };
  }

  replay({ at, bytes }: Entry): void {
    const [, key, value] = textOf(bytes).split(' ') as [string, string, string?];
    this.apply(undefined, { key, value, at });
  }

  releaseDead(journal: Journal): void {
    for (const at of this.#dead.splice(0)) journal.release(at);
  }

  isLive({ at, bytes }: Entry): boolean {
    const [, key] = textOf(bytes).split(' ') as [string, string];
    return this.slots.get(key)?.at === at;
  }

  moved({ at, bytes }: Entry, to: Position): void {
    const [, key] = textOf(bytes).split(' ') as [string, string];
    const slot = this.slots.get(key);
    if (slot?.at !== at) throw new Error(`"${key}" is not at ${at}`);
    slot.at = to;
  }

  tell(event: JournalEvent): void {
    this.events.push(event);
  }
}
