/** What messages leave on the heap: nothing but themselves. */

import { beforeAll, describe, expect, test } from 'vitest';
import { probe } from './probe.ts';

const LONGEST_MS = 120_000;
/** Of any object, in bytes: the smallest has a header and one field. */
const SMALLEST_OBJECT = 12;

describe('a message on the hot path', () => {
  interface Allocation {
    readonly pingPong: number;
    readonly queue: number;
    readonly offer: number;
    readonly selective: number;
    readonly newMessages: number;
  }
  let bytes: Allocation;
  beforeAll(async () => {
    // Nothing is collected while it counts.
    const flags = ['--min-semi-space-size=64', '--max-semi-space-size=64'];
    bytes = await probe<Allocation>('allocation', [], flags);
  }, LONGEST_MS);
  // What a slice of the scheduler or a look at the clock allocates is spread over hundreds of them.
  const nothing = 1;

  test('allocates nothing when its receiver waits for it', () => {
    expect(bytes.pingPong).toBeLessThan(nothing);
  });

  test('allocates nothing on its way through a mailbox that becomes empty', () => {
    expect(bytes.queue).toBeLessThan(nothing);
  });

  test('allocates nothing on its way through a mailbox that never is empty', () => {
    expect(bytes.selective).toBeLessThan(nothing);
  });

  test('allocates nothing when it is offered', () => {
    expect(bytes.offer).toBeLessThan(nothing);
  });

  test('is seen here if it is itself allocated', () => {
    expect(bytes.newMessages).toBeGreaterThan(SMALLEST_OBJECT);
  });
});

test('ten million messages leave nothing on the heap', { timeout: LONGEST_MS }, async () => {
  const bytes = await probe<number>('retention');
  // Code that was optimised meanwhile, and no more: not a hundredth of a byte of each message.
  expect(bytes).toBeLessThan(100_000);
});
