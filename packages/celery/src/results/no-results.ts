/** No results: who calls hears that its message is with the broker, and nothing more. */

import type { Results } from './results.ts';

export class NoResults implements Results {
  readonly kind = 'none';
  readonly replyTo = undefined;
  readonly kept = undefined;
  readonly chords = undefined;
  take: (text: string) => void = () => {};

  async store(): Promise<void> {}
}
