/** The strip of vital figures: each with its name, and a minute of its history. */

import type { Point } from '../src/model/history.ts';
import { attribute, classed, h, s, text } from './dom.ts';
import type { Store } from './store.ts';
import { count, percent } from './words.ts';

interface Figure {
  readonly label: string;
  readonly of: (point: Point) => number;
  readonly words: (n: number) => string;
  readonly isBad?: (n: number) => boolean;
}

const FIGURES: readonly Figure[] = [
  { label: 'actors', of: ({ actors }) => actors, words: count },
  { label: 'messages taken a second', of: ({ rate }) => rate, words: count },
  { label: 'waiting in mailboxes', of: ({ waiting }) => waiting, words: count },
  { label: 'restarts', of: ({ restarts }) => restarts, words: count },
  {
    label: 'dead letters',
    of: ({ deadLetters }) => deadLetters,
    words: count,
    isBad: (n) => n > 0,
  },
  { label: 'busiest thread', of: ({ busy }) => busy, words: percent, isBad: (n) => n > 0.9 },
];

export class VitalsStrip {
  readonly element: HTMLElement;
  readonly #store: Store;
  readonly #figures: readonly { readonly figure: HTMLElement; readonly path: SVGElement }[];

  constructor(store: Store) {
    this.#store = store;
    this.#figures = FIGURES.map(() => ({ figure: h('div', { class: 'figure' }), path: s('path') }));
    this.element = h(
      'section',
      { class: 'vitals', 'aria-label': 'Vital figures' },
      ...FIGURES.map(({ label }, i) => {
        const { figure, path } = this.#figures[i] as { figure: HTMLElement; path: SVGElement };
        return h(
          'div',
          { class: 'vital' },
          h('div', { class: 'label' }, label),
          figure,
          s(
            'svg',
            { viewBox: '0 0 100 26', preserveAspectRatio: 'none', 'aria-hidden': 'true' },
            path,
          ),
        );
      }),
    );
  }

  paint(): void {
    const { points } = this.#store;
    const last = points.at(-1);
    FIGURES.forEach(({ of, words, isBad }, i) => {
      const { figure, path } = this.#figures[i] as { figure: HTMLElement; path: SVGElement };
      text(figure, last === undefined ? '–' : words(of(last)));
      classed(figure, 'warn', last !== undefined && isBad?.(of(last)) === true);
      attribute(
        path,
        'd',
        line(
          points.map(of),
          points.map(({ at }) => at),
        ),
      );
    });
  }
}

const MINUTE_MS = 60_000;
/** Where nothing was told for so long, the line is broken. */
const GAP_MS = 3000;

function line(values: readonly number[], moments: readonly number[]): string {
  const until = moments.at(-1) ?? 0;
  const most = Math.max(...values, 1e-9);
  const least = Math.min(...values, most);
  const span = most - least || most;
  let path = '';
  values.forEach((value, i) => {
    const at = moments[i] as number;
    if (until - at > MINUTE_MS) return;
    const x = 100 - ((until - at) / MINUTE_MS) * 100;
    const y = 24 - ((value - (most === least ? 0 : least)) / span) * 22;
    const isBroken = path === '' || at - (moments[i - 1] as number) > GAP_MS;
    path += `${isBroken ? 'M' : 'L'}${x.toFixed(1)} ${y.toFixed(1)}`;
  });
  return path;
}
