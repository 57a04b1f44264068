/** Each thread: how busy, how late, how large, and whether it answers. */

import type { SystemRecord } from '../src/model/system-record.ts';
import { h, replace } from './dom.ts';
import type { Store } from './store.ts';
import { ago, bytes, count, percent, short } from './words.ts';

const REPAINT_MS = 1000;
const TITLES = [
  'Thread',
  'State',
  'Busy',
  'Loop delay',
  'Heap',
  'Actors',
  'In the run queue',
  'Taken a second',
  'Timers',
];

export class ThreadsView {
  readonly element: HTMLElement;
  readonly #store: Store;
  readonly #scroll: HTMLElement;
  #at = 0;
  readonly #received = new Map<
    string,
    { readonly at: number; readonly received: number; readonly rate: number }
  >();

  constructor(store: Store) {
    this.#store = store;
    this.#scroll = h('div', {
      class: 'scroll table-scroll',
      tabindex: 0,
      role: 'group',
      'aria-label': 'Threads',
    });
    this.element = h(
      'div',
      { role: 'tabpanel', id: 'panel', 'aria-labelledby': 'tab-threads' },
      this.#scroll,
    );
  }

  paint(): void {
    const now = performance.now();
    if (now - this.#at < REPAINT_MS) return;
    this.#at = now;
    const rows = [...this.#store.model.systems.entries()].map(([key, system]) => {
      const [actors, runnable, loopDelayMs, busy, heap, received, , timers] = system.figures;
      const fill = h('div', { class: busy > 0.9 ? 'fill much' : 'fill' });
      fill.style.transform = `scaleX(${busy.toFixed(3)})`;
      const isUp = system.status === 'up';
      return h(
        'tr',
        { class: isUp ? '' : 'faint' },
        h('td', {}, h('strong', {}, short(system.name))),
        h('td', { class: isUp ? 'state' : 'state severity-error' }, stateOf(system)),
        h(
          'td',
          {},
          h(
            'div',
            { class: 'box' },
            h('div', { class: 'trough' }, fill),
            h('span', { class: 'count' }, percent(busy)),
          ),
        ),
        number(loopDelayMs >= 100 ? 'severity-warning' : '', `${Math.round(loopDelayMs)} ms`),
        number('', bytes(heap)),
        number('', count(actors)),
        number('', count(runnable)),
        number('', count(Math.round(this.#rate(key, received, system.at)))),
        number('', count(timers ?? 0)),
      );
    });
    replace(
      this.#scroll,
      h('div', { class: 'heading' }, h('h2', {}, 'Threads')),
      h(
        'table',
        {},
        h(
          'thead',
          {},
          h(
            'tr',
            {},
            ...TITLES.map((title, i) =>
              h('th', { scope: 'col', class: i < 3 ? '' : 'number' }, title),
            ),
          ),
        ),
        h('tbody', {}, ...rows),
      ),
    );
  }

  #rate(key: string, received: number, at: number): number {
    const known = this.#received.get(key);
    if (known !== undefined && at - known.at < 900) return known.rate;
    const rate =
      known === undefined ? 0 : (Math.max(0, received - known.received) * 1000) / (at - known.at);
    this.#received.set(key, { at, received, rate });
    return rate;
  }
}

function stateOf({ status, at, failed }: SystemRecord): string {
  if (status !== 'up') return `${status}, heard of ${ago(at, Date.now())}`;
  return failed === undefined ? 'up' : `up, but cannot be looked into: ${short(failed, 200)}`;
}

function number(kind: string, words: string): HTMLElement {
  return h('td', { class: `number ${kind}` }, words);
}
