/**
 * A map that is kept in a journal: what owners of queues and tasks do, made small. An entry is
 * `NUMBER set KEY VALUE` or `NUMBER del KEY`; of each key the highest number counts, whatever is told again.
 */

import {
  type Entry,
  type Journal,
  type JournalEvent,
  JournalFailed,
  type Owner,
  type Position,
} from '@beamish/journal';
import { bytesOf, textOf } from './recorder.ts';
import { Stopped } from './stopping-disk.ts';

interface Slot {
  readonly number: number;
  /** Undefined where it was removed. */
  readonly value: string | undefined;
  at: Position;
}

export class MapOwner implements Owner {
  readonly format = { name: 'map', version: 1 };
  readonly events: JournalEvent[] = [];
  readonly moves: { readonly entry: Entry; readonly to: Position }[] = [];
  readonly #slots = new Map<string, Slot>();
  #number = 0;
  readonly #dead: Position[] = [];
  /** Applied, and not answered for: what they took the place of. */
  #unanswered: { readonly key: string; readonly before: Slot | undefined }[] = [];

  get map(): Map<string, string> {
    const map = new Map<string, string>();
    for (const [key, { value }] of this.#slots) if (value !== undefined) map.set(key, value);
    return map;
  }

  get positions(): Position[] {
    return [...this.#slots.values()].filter((slot) => slot.value !== undefined).map(({ at }) => at);
  }

  set(journal: Journal, key: string, value: string): void {
    this.#apply(journal, key, value, `set ${key} ${value}`);
  }

  delete(journal: Journal, key: string): void {
    this.#apply(journal, key, undefined, `del ${key}`);
  }

  /** False if it failed: then it has taken back what was not answered for. For journals that answer at once. */
  commit(journal: Journal, until?: 'os'): boolean {
    return this.#kept(() => journal.commit(until));
  }

  /** It commits, too. */
  compact(journal: Journal): boolean {
    return this.#kept(() => journal.compact());
  }

  replay({ at, bytes }: Entry): void {
    const [number, verb, key, value] = textOf(bytes).split(' ') as [
      string,
      string,
      string,
      string?,
    ];
    const slot = { number: Number(number), value: verb === 'set' ? value : undefined, at };
    this.#number = Math.max(this.#number, slot.number);
    const known = this.#slots.get(key);
    // A copy is told where it is now.
    const isNews = known === undefined || slot.number >= known.number;
    if (isNews) this.#slots.set(key, slot);
    const dead = isNews ? known?.at : at;
    if (dead !== undefined) this.#dead.push(dead);
    if (verb === 'del') this.#dead.push(at);
  }

  /** Of what was replayed. */
  releaseDead(journal: Journal): void {
    for (const at of this.#dead.splice(0)) journal.release(at);
  }

  isLive({ at, bytes }: Entry): boolean {
    const [, verb, key] = textOf(bytes).split(' ') as [string, string, string];
    return verb === 'set' && this.#slots.get(key)?.at === at;
  }

  moved(entry: Entry, to: Position): void {
    const [, , key] = textOf(entry.bytes).split(' ') as [string, string, string];
    const slot = this.#slots.get(key);
    if (slot?.at !== entry.at) throw new Error(`"${key}" is not at ${entry.at}`);
    slot.at = to;
    this.moves.push({ entry, to });
  }

  tell(event: JournalEvent): void {
    this.events.push(event);
  }

  #apply(journal: Journal, key: string, value: string | undefined, text: string): void {
    this.#number++;
    const at = journal.append(bytesOf(`${this.#number} ${text}`));
    const before = this.#slots.get(key);
    this.#unanswered.push({ key, before });
    this.#slots.set(key, { number: this.#number, value, at });
    if (before !== undefined) journal.release(before.at);
    // It only takes back.
    if (value === undefined) journal.release(at);
  }

  #kept(ask: () => unknown): boolean {
    try {
      ask();
    } catch (error) {
      if (!(error instanceof JournalFailed) || error.cause instanceof Stopped) throw error;
      this.#takeBack();
      return false;
    }
    this.#unanswered = [];
    return true;
  }

  #takeBack(): void {
    for (const { key, before } of this.#unanswered.reverse()) {
      if (before === undefined) this.#slots.delete(key);
      else this.#slots.set(key, before);
    }
    this.#unanswered = [];
  }
}
