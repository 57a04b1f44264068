/** What packages show of themselves, and, where it is allowed, what can be done to it. */

import type { PanelTable, PanelView } from 'beamish/observation';
import { h, replace } from './dom.ts';
import type { Link } from './link.ts';
import type { Store } from './store.ts';
import { ago, bytes, count, duration, short } from './words.ts';

export class PanelsView {
  readonly element: HTMLElement;
  readonly #title: string;
  readonly #store: Store;
  readonly #link: Link;
  readonly #scroll: HTMLElement;
  #shown: readonly PanelView[] | undefined;
  #answer = '';

  /** `tab` is the id of its tab. */
  constructor(title: string, tab: string, store: Store, link: Link) {
    this.#title = title;
    this.#store = store;
    this.#link = link;
    this.#scroll = h('div', { class: 'scroll' });
    this.element = h(
      'div',
      { role: 'tabpanel', id: 'panel', 'aria-labelledby': tab },
      this.#scroll,
    );
  }

  paint(): void {
    const { panels } = this.#store;
    if (panels === this.#shown) return;
    const focused = (document.activeElement as HTMLElement | null)?.dataset['what'];
    this.#shown = panels;
    const mine = panels.filter(({ title }) => title === this.#title);
    const top = this.#scroll.scrollTop;
    replace(
      this.#scroll,
      ...mine.flatMap((panel) => this.#panel(panel)),
      h('p', { class: 'muted', role: 'status' }, this.#answer),
    );
    this.#scroll.scrollTop = top;
    if (focused !== undefined)
      [...this.#scroll.querySelectorAll<HTMLElement>('[data-what]')]
        .find((it) => it.dataset['what'] === focused)
        ?.focus();
  }

  #panel(panel: PanelView): HTMLElement[] {
    if (panel.failed !== undefined)
      return [
        h(
          'div',
          { class: 'card error' },
          h('h2', { class: 'title' }, short(panel.title)),
          h('p', {}, `It could not be shown: ${short(panel.failed, 500)}`),
        ),
      ];
    return panel.tables.flatMap((table) => [
      h(
        'div',
        { class: 'heading' },
        h('h2', {}, short(table.title)),
        h('span', { class: 'faint' }, String(table.rows.length + (table.more ?? 0))),
      ),
      this.#table(panel, table),
    ]);
  }

  #table(panel: PanelView, table: PanelTable): HTMLElement {
    const { columns, rows, actions = [], more = 0 } = table;
    if (rows.length === 0) return h('p', { class: 'muted' }, 'None.');
    const isNumber = (i: number) => {
      const unit = columns[i]?.unit;
      return unit === 'count' || unit === 'ms' || unit === 'bytes';
    };
    return h(
      'div',
      { class: 'table-scroll', tabindex: 0, role: 'group', 'aria-label': short(table.title) },
      h(
        'table',
        {},
        h(
          'thead',
          {},
          h(
            'tr',
            {},
            ...columns.map(({ title }, i) =>
              h('th', { scope: 'col', class: isNumber(i) ? 'number' : '' }, short(title)),
            ),
            actions.length > 0 && h('th', { scope: 'col' }, 'Actions'),
          ),
        ),
        h(
          'tbody',
          {},
          ...rows.map((row) =>
            h(
              'tr',
              { class: row.severity === undefined ? '' : `severity-${row.severity}` },
              ...row.cells.map((cell, i) =>
                h('td', { class: isNumber(i) ? 'number' : '' }, shown(cell, columns[i]?.unit)),
              ),
              actions.length > 0 &&
                h(
                  'td',
                  {},
                  h(
                    'div',
                    { class: 'actions' },
                    ...actions.map((action) => this.#button(panel, action, row.id)),
                  ),
                ),
            ),
          ),
        ),
      ),
      more > 0 && h('p', { class: 'muted' }, `and ${more.toLocaleString('en')} more`),
    );
  }

  #button(panel: PanelView, action: string, row: string): HTMLElement {
    const { control } = this.#store;
    return h(
      'button',
      {
        type: 'button',
        class: 'control',
        'data-what': `${action} ${row}`,
        'aria-disabled': control ? undefined : 'true',
        title: control ? undefined : 'Needs `control: true`',
        onclick: async () => {
          if (!control) return;
          const { ok, reason } = await this.#link.act({
            kind: 'panel',
            system: panel.system,
            title: panel.title,
            action,
            row,
          });
          this.#answer = ok ? `Done: ${action}` : `Not done: ${reason ?? 'refused'}`;
        },
      },
      short(action),
    );
  }
}

function shown(cell: string | number | null, unit: string | undefined): string {
  if (cell === null) return '–';
  if (typeof cell === 'string') return short(cell, 500);
  if (unit === 'ms') return duration(cell);
  if (unit === 'bytes') return bytes(cell);
  if (unit === 'at') return ago(cell, Date.now());
  return unit === 'count' ? count(cell) : String(cell);
}
