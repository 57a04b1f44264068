/**
 * What an owner may expect of its journal: what it was answered for, and what may be found when its process
 * or its machine has stopped.
 */

import { type Journal, JournalFailed, type Owner, type Position } from '@beamish/journal';
import { expect } from 'vitest';
import { bytesOf, textOf } from './recorder.ts';
import { Stopped } from './stopping-disk.ts';

interface Line {
  readonly text: string;
  at: Position;
}

export class Ledger implements Owner {
  readonly format = { name: 'ledger', version: 1 };
  /** What was appended and not dropped, and how much of it was answered for. */
  #lines: Line[] = [];
  #onDisk = 0;
  #inSystem = 0;
  /** The last that were dropped, until anything else is kept. */
  #dropped: string[] = [];
  /** How many lines there were when each commit was asked for. */
  readonly #commits = new Set<number>([0]);
  /** Where lines were found that were replayed. */
  readonly #replayed: Line[] = [];

  get texts(): string[] {
    return this.#lines.map(({ text }) => text);
  }

  /** For journals that answer at once. */
  append(journal: Journal, text: string): void {
    this.#lines.push({ text, at: journal.append(bytesOf(text)) });
  }

  /** False if it failed: then everything is dropped that was not answered for. */
  commit(journal: Journal, until?: 'os'): boolean {
    this.#commits.add(this.#lines.length);
    try {
      expect(journal.commit(until)).toBe(undefined);
    } catch (error) {
      // Nobody lives to hear of it.
      if (!(error instanceof JournalFailed) || error.cause instanceof Stopped) throw error;
      this.#drop();
      return false;
    }
    this.#inSystem = this.#lines.length;
    if (until === undefined) this.#onDisk = this.#lines.length;
    this.#dropped = [];
    return true;
  }

  replay({ at, bytes }: { readonly at: Position; readonly bytes: Uint8Array }): void {
    this.#replayed.push({ text: textOf(bytes), at });
  }

  isLive(): boolean {
    return true;
  }

  moved({ at }: { readonly at: Position }, to: Position): void {
    const line = this.#lines.find((its) => its.at === at);
    if (line === undefined) throw new Error(`Moved from ${at}, where nothing is`);
    line.at = to;
  }

  /**
   * After it was opened again: what was answered for is there, of the rest a prefix of groups, and nothing
   * else. From now on that is what there is.
   */
  check(stopped: 'machine' | 'process'): void {
    const found = this.#replayed.splice(0);
    const texts = found.map(({ text }) => text);
    const whole = this.texts;
    const floor = stopped === 'machine' ? this.#onDisk : Math.max(this.#onDisk, this.#inSystem);
    expect(texts.length).toBeGreaterThanOrEqual(floor);
    const isPrefix = startsWith(whole, texts) && this.#commits.has(texts.length);
    if (!isPrefix) {
      // What a commit was refused for, and no more was kept since.
      expect(startsWith([...whole.slice(0, this.#inSystem), ...this.#dropped], texts)).toBe(true);
    }
    this.#lines = found;
    this.#onDisk = found.length;
    this.#inSystem = found.length;
    this.#dropped = [];
    this.#commits.add(found.length);
  }

  /** Forgets what was replayed: opening has not been finished. */
  forget(): void {
    this.#replayed.length = 0;
  }

  /** Each line can be read where it is said to be. */
  checkReading(journal: Journal): void {
    for (const { text, at } of this.#lines) {
      expect(textOf(journal.read(at) as Uint8Array)).toBe(text);
    }
  }

  #drop(): void {
    const kept = Math.max(this.#onDisk, this.#inSystem);
    this.#dropped = this.#lines.slice(kept).map(({ text }) => text);
    this.#lines = this.#lines.slice(0, kept);
  }
}

function startsWith(whole: readonly string[], part: readonly string[]): boolean {
  return part.length <= whole.length && part.every((text, i) => text === whole[i]);
}
