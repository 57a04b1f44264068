/** Does what an epilogue says, in its order; what is published goes together. */

import { callMessage } from '../messages/call-message.ts';
import type { Action, Route } from '../messages/canvas.ts';
import {
  bodyFailed,
  bodyWith,
  type Part,
  type Step,
  type Surroundings,
} from '../messages/epilogue.ts';
import { type Chords, NoChords } from '../results/results.ts';
import { NotPublished } from '../wire/wire.ts';
import type { Deployment } from './deployment.ts';

/** Told of each task that is called by one of ours. */
export type Sent = (
  call: Extract<Action, { readonly kind: 'publish' }>['call'],
  route: Route,
) => void;

export class EpilogueRunner {
  readonly #deployment: Deployment;
  readonly #around: () => Surroundings;
  readonly #sent: Sent;

  constructor(deployment: Deployment, around: () => Surroundings, sent: Sent) {
    this.#deployment = deployment;
    this.#around = around;
    this.#sent = sent;
  }

  /** Resolves when all of it is kept by those whom it concerns. */
  async run(steps: readonly Step[]): Promise<void> {
    let together: Promise<void>[] = [];
    for (const step of steps) {
      if (step.kind === 'publish') {
        together.push(this.#publish(step));
        continue;
      }
      await Promise.all(together);
      together = [];
      await this.#do(step);
    }
    await Promise.all(together);
  }

  async #do(step: Exclude<Step, { readonly kind: 'publish' }>): Promise<void> {
    const { results } = this.#deployment;
    switch (step.kind) {
      case 'store':
        return await results.store(step.whose, step.replyTo, step.result);
      case 'chord_size':
        return await this.#chords().setSize(step.groupId, step.size);
      case 'part':
        return await this.#addPart(step.part);
    }
  }

  async #addPart(part: Part): Promise<void> {
    const chords = this.#chords();
    const state = await chords.addPart(part);
    if (state.kind === 'open') return;
    const around = this.#around();
    await this.run(
      state.kind === 'complete'
        ? bodyWith(part, state.values, around)
        : bodyFailed(part, state.why, around),
    );
    await chords.forget(part.groupId);
  }

  /** @throws NoChords where parts have nowhere to meet. */
  #chords(): Chords {
    const { kind, chords } = this.#deployment.results;
    if (chords === undefined) throw new NoChords(kind);
    return chords;
  }

  /** Whoever calls a task in Celery declares its queue. */
  async #publish({ call, route }: Extract<Step, { readonly kind: 'publish' }>): Promise<void> {
    const { wire, author } = this.#deployment;
    const message = callMessage(call, author);
    try {
      await wire.publish(route, message);
    } catch (error) {
      if (!(error instanceof NotPublished) || route.exchange !== '') throw error;
      await wire.declare(route.key);
      await wire.publish(route, message);
    }
    this.#sent(call, route);
  }
}
