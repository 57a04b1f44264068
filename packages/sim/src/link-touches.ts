/** What steps touch that make links or take them back, whether that changes anything or not. */

import type { Pid } from 'beamish';
import type { Labels } from './labels.ts';
import type { Recorded } from './step.ts';
import type { Things } from './touches.ts';
import * as ways from './touches.ts';

export class LinkTouches {
  readonly #labels: Labels;
  readonly #things: Things;
  /** The end that was told first, until the other one is. */
  #first: Pid | undefined;

  constructor(labels: Labels, things: Things) {
    this.#labels = labels;
    this.#things = things;
  }

  /** Both ends of a link are told, one after the other. */
  bound(step: Recorded, end: Pid): void {
    const first = this.#first;
    this.#first = first === undefined ? end : undefined;
    if (first === undefined) return;
    const pair = [this.#labels.pathOf(first), this.#labels.pathOf(end)].sort().join(' ');
    step.touches.add(this.#things.of(`link ${pair}`), ways.CHANGE);
  }
}
