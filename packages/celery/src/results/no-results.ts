/** No results: who calls hears that its message is with the broker, and nothing more. */

import type { Part } from '../messages/epilogue.ts';
import { type ChordState, NoChords, type Results } from './results.ts';

export class NoResults implements Results {
  readonly kind = 'none';
  readonly replyTo = undefined;
  take: (text: string) => void = () => {};

  async store(): Promise<void> {}

  async setChordSize(): Promise<void> {
    throw new NoChords(this.kind);
  }

  async addPart(_part: Part): Promise<ChordState> {
    throw new NoChords(this.kind);
  }

  async forgetChord(): Promise<void> {}

  async expect(): Promise<void> {}

  async look(): Promise<undefined> {}

  forget(): void {}

  async close(): Promise<void> {}
}
