/** Where results go, and where those of our own calls come from. */

import type { Part } from '../messages/epilogue.ts';
import type { Result, Whose } from '../messages/result.ts';

export interface Results {
  readonly kind: 'rpc' | 'redis' | 'none';
  /** Where results by rpc of our calls are sent; undefined where they are stored. */
  readonly replyTo: string | undefined;
  /** Results that are kept where all can see them; undefined where they are not. */
  readonly kept: KeptResults | undefined;
  /** Undefined where parts of a chord have nowhere to meet. */
  readonly chords: Chords | undefined;
  /** Resolves when it is kept or sent. One that was stored as a success stays what it is. */
  store(whose: Whose, replyTo: string | undefined, result: Result): Promise<void>;
  /** Hears of results of our calls, as texts; of those that are kept, if they are expected. */
  take: (text: string) => void;
}

export interface KeptResults {
  /** From when it resolves, `take` hears of this call. */
  expect(id: string): Promise<void>;
  /** What is known of it now, as text. */
  look(id: string): Promise<string | undefined>;
  /** It is not expected any more. */
  forget(id: string): void;
}

/** What has become of a chord by one more of its parts. */
export type ChordState =
  | { readonly kind: 'open' }
  | { readonly kind: 'complete'; readonly values: readonly unknown[] }
  | { readonly kind: 'failed'; readonly why: string };

export interface Chords {
  setSize(groupId: string, size: number): Promise<void>;
  /** One more part is there. A part that comes twice counts once. */
  addPart(part: Part): Promise<ChordState>;
  /** The body of a chord is on its way, so its parts are of no more use. */
  forget(groupId: string): Promise<void>;
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
