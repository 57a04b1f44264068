/** The work itself, as tasks: one that answers at once, and one that takes as long as division takes. */

import { defineTask, type TaskDefinition } from '@beamish/tasks';
import type { Actor } from 'beamish';
import { primality } from './primality.ts';

/** What is known of a number; in the words of the answers, as they are stored. */
export interface Found {
  readonly number: bigint;
  readonly is_prime: boolean;
  readonly certainty: 'proven' | 'probable';
}

/** The two ways to ask, whoever does the work. */
export interface Questions {
  readonly isPrime: TaskDefinition<[digits: string], Found>;
  readonly byTrial: TaskDefinition<[digits: string], Found>;
}

/** A thousand digits take about as long as a frame of a film, so it needs no thread. */
export const isPrime = defineTask(
  'prime.is_prime',
  { queue: 'prime' },
  (_self, digits: string): Found => {
    const number = BigInt(digits);
    const { isPrime, certainty } = primality(number);
    return { number, is_prime: isPrime, certainty };
  },
);

/** Divisors between two looks at the world. */
const STRIDE = 2 ** 20;

/** Divides by 6k ± 1 up to the square root, in a thread: it is here to be slow, to be watched and to be ended. */
export const byTrial = defineTask(
  'prime.by_trial',
  { queue: 'trial', thread: import.meta },
  function* (self, digits: string): Actor<Found> {
    const number = BigInt(digits);
    const found = (is_prime: boolean): Found => ({ number, is_prime, certainty: 'proven' });
    if (number < 4n) return found(number > 1n);
    if (number % 2n === 0n || number % 3n === 0n) return found(false);
    const root = BigInt(Math.ceil(Math.sqrt(Number(number)))) + 1n;
    let tried = 0;
    for (let divisor = 5n; divisor <= root && divisor < number; divisor += 6n) {
      if (number % divisor === 0n) return found(false);
      if (divisor + 2n < number && number % (divisor + 2n) === 0n) return found(false);
      tried += 2;
      if (tried % STRIDE !== 0) continue;
      self.task.progress(Math.round((1000 * Number(divisor)) / Number(root)) / 1000);
      yield* self.yield(); // where a revocation ends it
    }
    return found(true);
  },
);
