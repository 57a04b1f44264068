/** A connection that says nothing is no connection: it is asked now and then, and given up if it does not answer. */

import type { Redis } from 'ioredis';

const PING_MS = 10_000;

export class Pulse {
  readonly #client: Redis;
  readonly #lost: () => void;
  readonly #timer: NodeJS.Timeout;

  /** Until `end`. `lost` is called for each time that it has not answered. */
  constructor(client: Redis, lost: () => void = () => client.disconnect(true)) {
    this.#client = client;
    this.#lost = lost;
    this.#timer = setInterval(() => void this.#ask(), PING_MS).unref();
  }

  end(): void {
    clearInterval(this.#timer);
  }

  async #ask(): Promise<void> {
    if (this.#client.status !== 'ready') return;
    try {
      await within(PING_MS, this.#client.ping(), 'Redis');
    } catch {
      // It is silent, or it has closed and knows.
      this.#lost();
    }
  }
}

/** @throws Error if it does not come in time. */
export async function within<T>(ms: number, answer: Promise<T>, whose: string): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, fail) => {
    timer = setTimeout(() => fail(new Error(`${whose} has not answered within ${ms} ms`)), ms);
  });
  try {
    return await Promise.race([answer, late]);
  } finally {
    clearTimeout(timer);
  }
}
