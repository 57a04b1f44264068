/**
 * How the outside asks an application: what many ask for at a time goes as one message. A program that submits a
 * thousand tasks, or waits for a thousand, makes a promise for each, and everything else once.
 */

import type { ActorSystem } from 'beamish';
import { TaskFailed } from '../terms/failure.ts';
import { readOutcome } from '../terms/outcome.ts';
import { type FullAddress, freshToken, readSubmitted } from '../tree/asking.ts';
import type { EndedOnes, Submission, TasksCalls } from '../tree/messages.ts';

/** Somebody who waits for the end of a task. */
interface Wait {
  readonly id: string;
  readonly resolve: (value: never) => void;
  readonly reject: (error: unknown) => void;
}

interface Submitting {
  readonly resolve: (submitted: { readonly id: string; readonly created: boolean }) => void;
  readonly reject: (error: unknown) => void;
}

/** So many submissions in one message; more would be kept later than the first of them could be. */
const MOST = 1000;

export class Gathered {
  readonly system: ActorSystem;
  readonly address: FullAddress;
  /** Not asked for yet. */
  #waits: Wait[] = [];
  #submissions: Submission[] = [];
  #submitting: Submitting[] = [];
  /** Whether it is asked for when this turn of the program is over. */
  #isSoon = false;
  readonly #flush = (): void => this.flush();

  constructor(system: ActorSystem, address: FullAddress) {
    this.system = system;
    this.address = address;
  }

  /** Asks at once for all that has been gathered, so that what is asked after this is asked after that. */
  flush(): void {
    this.#isSoon = false;
    if (this.#submissions.length > 0) this.#submitAll();
    if (this.#waits.length === 0) return;
    const waits = this.#waits;
    this.#waits = [];
    void this.#await(waits);
  }

  /** Any other question. */
  call<K extends keyof TasksCalls>(
    what: K,
    ...args: Parameters<TasksCalls[K]>
  ): Promise<ReturnType<TasksCalls[K]>> {
    this.flush();
    const reply = this.system.call(this.address, what, ...(args as never));
    return reply.within('infinity') as Promise<ReturnType<TasksCalls[K]>>;
  }

  /** Resolves with the value of a task when it has ended. Rejects with TaskFailed, or CallFailed. */
  value<O>(id: string): Promise<O> {
    return new Promise((resolve, reject) => {
      this.#waits.push({ id, resolve, reject });
      this.#soon();
    });
  }

  /** Resolves when it is stored. Rejects as `readSubmitted` throws. */
  submit(submission: Submission): Promise<{ readonly id: string; readonly created: boolean }> {
    return new Promise((resolve, reject) => {
      this.#submissions.push(submission);
      this.#submitting.push({ resolve, reject });
      if (this.#submissions.length >= MOST) this.#submitAll();
      else this.#soon();
    });
  }

  #soon(): void {
    if (this.#isSoon) return;
    this.#isSoon = true;
    queueMicrotask(this.#flush);
  }

  #submitAll(): void {
    const [submissions, submitting] = [this.#submissions, this.#submitting];
    this.#submissions = [];
    this.#submitting = [];
    this.system
      .call(this.address, 'submit', submissions, { isOutside: true, isWhole: false })
      .within('infinity')
      .then(
        (submitted) => {
          submitting.forEach(({ resolve, reject }, i) => {
            try {
              resolve(readSubmitted(submitted[i] as (typeof submitted)[number]));
            } catch (error) {
              reject(error);
            }
          });
        },
        (error) => {
          for (const { reject } of submitting) reject(error);
        },
      );
  }

  /** Asks for more until all of them have ended. */
  async #await(waits: readonly Wait[]): Promise<void> {
    const { system, address } = this;
    const token = freshToken(system);
    // By the place at which each was asked for; undefined of those that have ended.
    let waiting: (Wait | undefined)[] = [...waits];
    let left = waits.length;
    let ids: readonly string[] = waits.map(({ id }) => id);
    try {
      while (left > 0) {
        const ended: EndedOnes | undefined = await system
          .call(address, 'outcomes', token, ids, system.root)
          .within('infinity');
        if (ended === undefined) {
          // Who was asked has been started anew since, and has forgotten it.
          const those = waiting.filter((wait) => wait !== undefined);
          ids = those.map(({ id }) => id);
          waiting = those;
          continue;
        }
        ids = NONE;
        left -= ended.places.length;
        ended.places.forEach((place, i) => {
          tell(waiting[place] as Wait, ended.outcomes[i] as string);
          waiting[place] = undefined;
        });
      }
    } catch (error) {
      for (const wait of waiting) wait?.reject(error);
    }
  }
}

const NONE: readonly never[] = [];

function tell({ resolve, reject }: Wait, text: string): void {
  const outcome = readOutcome<never>(text);
  if (outcome.ok) resolve(outcome.value);
  else reject(new TaskFailed(outcome.reason));
}
