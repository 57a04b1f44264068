/** Findings, crashes and dead letters, all of them. */

import { type Choose, crashCard, findingCard, letterCard } from './cards.ts';
import { h, replace } from './dom.ts';
import type { Store } from './store.ts';

const REPAINT_MS = 1000;

export class ProblemsView {
  readonly element: HTMLElement;
  readonly #store: Store;
  readonly #choose: Choose;
  readonly #scroll: HTMLElement;
  #shown: readonly unknown[] = [];
  #at = 0;

  constructor(store: Store, choose: Choose) {
    this.#store = store;
    this.#choose = choose;
    this.#scroll = h('div', { class: 'scroll problems' });
    this.element = h(
      'div',
      { role: 'tabpanel', id: 'panel', 'aria-labelledby': 'tab-problems' },
      this.#scroll,
    );
  }

  paint(): void {
    const { findings, crashes, letters } = this.#store;
    const now = performance.now();
    const isSame =
      this.#shown[0] === findings && this.#shown[1] === crashes && this.#shown[2] === letters;
    // The hand on a card must not find another one under it.
    if ((isSame && now - this.#at < 10 * REPAINT_MS) || now - this.#at < REPAINT_MS) return;
    if (this.#scroll.contains(document.activeElement) && isSame) return;
    this.#shown = [findings, crashes, letters];
    this.#at = now;
    const at = Date.now();
    const top = this.#scroll.scrollTop;
    replace(
      this.#scroll,
      ...section(
        'Needs attention',
        findings,
        'Nothing is found to be wrong. The doctor looks once a second.',
        (finding) => findingCard(finding, this.#store, this.#choose, at),
      ),
      ...section('Crashes', crashes, 'No crashes. Every actor ended in order, or lives.', (crash) =>
        crashCard(crash, this.#store, this.#choose, at, true),
      ),
      ...section(
        'Dead letters',
        letters,
        'No dead letters. Every message found its receiver.',
        (letter) => letterCard(letter, this.#store, this.#choose, at),
      ),
    );
    this.#scroll.scrollTop = top;
  }
}

function section<T>(
  title: string,
  all: readonly T[],
  none: string,
  card: (one: T) => HTMLElement,
): HTMLElement[] {
  return [
    h(
      'div',
      { class: 'heading' },
      h('h2', {}, title),
      h('span', { class: 'faint' }, all.length === 0 ? '' : String(all.length)),
    ),
    ...(all.length === 0 ? [h('p', { class: 'muted' }, none)] : all.map(card)),
  ];
}
