/** Small values by key. Those of a task go with it. */

import type { NoteChange } from './store.ts';

export interface Note {
  readonly value: string;
  readonly version: number;
}

/** Between the id of a task and the rest of the key. */
export const OF_TASK = '\n';

export class Notes {
  readonly #notes = new Map<string, Note>();
  readonly #ofTask = new Map<string, Set<string>>();

  get(key: string): Note | undefined {
    return this.#notes.get(key);
  }

  startingWith(prefix: string): { key: string; value: string; version: number }[] {
    return [...this.#notes]
      .filter(([key]) => key.startsWith(prefix))
      .map(([key, note]) => ({ key, ...note }));
  }

  isFresh({ key, version }: NoteChange): boolean {
    return (this.#notes.get(key)?.version ?? 0) === version;
  }

  set({ key, value, version }: NoteChange): void {
    const task = taskOf(key);
    if (value === undefined) {
      this.#notes.delete(key);
      if (task !== undefined) this.#ofTask.get(task)?.delete(key);
      return;
    }
    this.#notes.set(key, { value, version: version + 1 });
    if (task === undefined) return;
    const keys = this.#ofTask.get(task);
    if (keys === undefined) this.#ofTask.set(task, new Set([key]));
    else keys.add(key);
  }

  /** Of a task. */
  keysOf(task: string): readonly string[] {
    return [...(this.#ofTask.get(task) ?? [])];
  }

  deleteOf(task: string): void {
    for (const key of this.#ofTask.get(task) ?? []) this.#notes.delete(key);
    this.#ofTask.delete(task);
  }
}

function taskOf(key: string): string | undefined {
  const end = key.indexOf(OF_TASK);
  return end === -1 ? undefined : key.slice(0, end);
}
