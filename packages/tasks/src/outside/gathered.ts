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
  readonly resolve: (value: never) => void;
  readonly reject: (error: unknown) => void;
  /** For the same one. */
  readonly other: Wait | undefined;
}

type Waits = Map<string, Wait>;

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
  #waits: Waits = new Map();
  #submissions: Submission[] = [];
  #submitting: Submitting[] = [];
  /** Whether it is asked for when this turn of the program is over. */
  #isSoon = false;

  constructor(system: ActorSystem, address: FullAddress) {
    this.system = system;
    this.address = address;
  }

  /** Asks at once for all that has been gathered, so that what is asked after this is asked after that. */
  flush(): void {
    this.#isSoon = false;
    if (this.#submissions.length > 0) this.#submitAll();
    if (this.#waits.size === 0) return;
    const waits = this.#waits;
    this.#waits = new Map();
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
      this.#waits.set(id, { resolve, reject, other: this.#waits.get(id) });
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
    queueMicrotask(() => this.flush());
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
  async #await(waits: Waits): Promise<void> {
    const token = freshToken(this.system);
    let unknown = true;
    try {
      while (waits.size > 0) {
        const ids: readonly string[] = unknown ? [...waits.keys()] : [];
        const { system, address } = this;
        const ended: EndedOnes | undefined = await system
          .call(address, 'outcomes', token, ids, system.root)
          .within('infinity');
        // Who was asked has been started anew since, and has forgotten it.
        unknown = ended === undefined;
        if (ended !== undefined)
          ended.ids.forEach((id, i) => {
            tell(waits.get(id), ended.outcomes[i] as string);
            waits.delete(id);
          });
      }
    } catch (error) {
      for (const each of waits.values())
        for (let wait: Wait | undefined = each; wait !== undefined; wait = wait.other)
          wait.reject(error);
    }
  }
}

function tell(first: Wait | undefined, text: string): void {
  for (let wait = first; wait !== undefined; wait = wait.other) {
    const outcome = readOutcome<never>(text);
    if (outcome.ok) wait.resolve(outcome.value);
    else wait.reject(new TaskFailed(outcome.reason));
  }
}
