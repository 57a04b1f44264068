// What somebody has given to be crunched and the one who crunches has not taken yet: three at a time, in order.

import type { SeenFile } from '../src/services/page/frame.ts';
import type { Sent, Source } from './source.ts';

const AT_A_TIME = 3;

export interface Given {
  readonly id: string;
  readonly name: string;
  readonly data: Blob;
  /** Who was to crunch it, when it was given. */
  readonly where: 'server' | 'here';
}

export class GivenFiles {
  readonly #source: (where: Given['where']) => Promise<Source>;
  readonly #changed: () => void;
  readonly #done: (given: Given, sent: Sent) => void;
  readonly #waiting: Given[] = [];
  readonly #sending = new Map<
    string,
    { readonly given: Given; readonly cancel: AbortController }
  >();
  /** What failed, until there are too many of them. */
  #failed: SeenFile[] = [];

  constructor(
    source: (where: Given['where']) => Promise<Source>,
    changed: () => void,
    done: (given: Given, sent: Sent) => void,
  ) {
    this.#source = source;
    this.#changed = changed;
    this.#done = done;
  }

  give(name: string, data: Blob, where: Given['where']): string {
    const id = freshId();
    this.#waiting.push({ id, name, data, where });
    this.#next();
    return id;
  }

  /** True if it was here still. */
  cancel(id: string): boolean {
    const at = this.#waiting.findIndex((each) => each.id === id);
    if (at >= 0) {
      const [given] = this.#waiting.splice(at, 1);
      if (given !== undefined) this.#done(given, { kind: 'cancelled' });
      this.#changed();
      return true;
    }
    const sending = this.#sending.get(id);
    sending?.cancel.abort();
    return sending !== undefined;
  }

  /** Those that nobody else knows of, given what is known elsewhere; the latest first. */
  shown(known: readonly SeenFile[]): readonly SeenFile[] {
    const elsewhere = new Set(known.map(({ id }) => id));
    const sending = [...this.#sending.values()].map(({ given }) => given);
    const mine = [...sending, ...this.#waiting].filter(({ id }) => !elsewhere.has(id));
    const shown = mine.map(
      ({ id, name, data }): SeenFile => ({
        id,
        name,
        size: data.size,
        received: 0,
        state: 'receiving',
        crunchers: [],
        leftMs: undefined,
      }),
    );
    return [...this.#failed, ...shown.reverse()];
  }

  #next(): void {
    while (this.#sending.size < AT_A_TIME) {
      const given = this.#waiting.shift();
      if (given === undefined) break;
      const cancel = new AbortController();
      this.#sending.set(given.id, { given, cancel });
      void this.#source(given.where)
        .then((source) => source.send(given.id, given.name, given.data, cancel.signal))
        .then((sent) => this.#sent(given, sent));
    }
    this.#changed();
  }

  #sent(given: Given, sent: Sent): void {
    this.#sending.delete(given.id);
    if (sent.kind === 'failed') {
      const { id, name, data } = given;
      const failed: SeenFile = {
        id,
        name,
        size: data.size,
        received: 0,
        state: 'failed',
        why: sent.why,
        crunchers: [],
        leftMs: undefined,
      };
      this.#failed = [failed, ...this.#failed].slice(0, 10);
    }
    this.#done(given, sent);
    this.#next();
  }
}

function freshId(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(12));
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('');
}
