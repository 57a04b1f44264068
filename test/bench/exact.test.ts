/**
 * What can be said of the cost of things without a clock, or with one that is read only for how it
 * grows. Figures are taken in processes of their own: a collection here must not be one there.
 */

import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import type { Actor, Message, Pid, ReplyTo, Self } from 'beamish';
import { describe, expect, test } from 'vitest';
import { testSystem } from '../support/test-system.ts';
import { exponent } from './statistics.ts';

const LONGEST_MS = 300_000;
/** Of any object, in bytes: the smallest has a header and one field. */
const SMALLEST_OBJECT = 12;

/** What a program of `probes/` prints. */
async function probe<T>(
  name: string,
  args: readonly string[],
  flags: readonly string[],
): Promise<T> {
  const program = fileURLToPath(new URL(`probes/${name}.ts`, import.meta.url));
  const source = ['--conditions=beamish-source', '--import', 'tsx'];
  const { stdout } = await promisify(execFile)(process.execPath, [
    ...flags,
    ...source,
    program,
    ...args,
  ]);
  return JSON.parse(stdout) as T;
}

describe('a message on the hot path', async () => {
  interface Allocation {
    readonly pingPong: number;
    readonly queue: number;
    readonly offer: number;
    readonly selective: number;
    readonly newMessages: number;
  }
  const bytes = await probe<Allocation>(
    'allocation',
    [],
    ['--min-semi-space-size=64', '--max-semi-space-size=64'],
  );
  // What a slice of the scheduler or a look at the clock allocates is spread over hundreds of them.
  const nothing = 1;

  test('allocates nothing when its receiver waits for it', () => {
    expect(bytes.pingPong).toBeLessThan(nothing);
  });

  test('allocates nothing on its way through the mailbox', () => {
    expect(bytes.queue).toBeLessThan(nothing);
  });

  test('allocates nothing when it is taken from behind others', () => {
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
  const bytes = await probe<number>('retention', [], []);
  // Code that was optimised meanwhile, and no more: not a hundredth of a byte of each message.
  expect(bytes).toBeLessThan(100_000);
});
