/** Where results go, and where those of our own calls come from. */

import type { Part } from '../messages/epilogue.ts';
import type { Result, Whose } from '../messages/result.ts';

/** What has become of a chord by one more of its parts. */
export type ChordState =
  | { readonly kind: 'open' }
  | { readonly kind: 'complete'; readonly values: readonly unknown[] }
  | { readonly kind: 'failed'; readonly why: string };

export interface Results {
  readonly kind: 'rpc' | 'redis' | 'none';
  /** Where results by rpc of our calls are sent; undefined where they are stored. */
  readonly replyTo: string | undefined;
  /** Resolves when it is kept. One that was stored as a success stays what it is. */
  store(whose: Whose, replyTo: string | undefined, result: Result): Promise<void>;
  setChordSize(groupId: string, size: number): Promise<void>;
  /** One more part is there. A part that comes twice counts once. */
  addPart(part: Part): Promise<ChordState>;
  /** The body of a chord is on its way, so its parts are of no more use. */
  forgetChord(groupId: string): Promise<void>;
  /** From when it resolves, `take` hears of this call. */
  expect(id: string): Promise<void>;
  /** What is known of it now, as text. */
  look(id: string): Promise<string | undefined>;
  forget(id: string): void;
  /** Hears of results of calls that are expected, as texts. */
  take: (text: string) => void;
  close(): Promise<void>;
}

/** A chord whose parts have nowhere to meet. */
export class NoChords extends Error {
  constructor(kind: string) {
    super(
      `Cannot count the parts of a chord with results: '${kind}': they meet in a store; use redis://…`,
    );
  }

  override get name(): string {
    return 'NoChords';
  }
}
