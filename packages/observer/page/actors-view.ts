/** All actors of all threads as a table, sorted by any column. */

import { type ActorRecord, labelOf, statusOf } from '../src/model/actor-record.ts';
import { perSecond } from '../src/model/rates.ts';
import { selecting } from '../src/views/select.ts';
import { fillActor, makeRow } from './actor-row.ts';
import { attribute, h, text } from './dom.ts';
import { List } from './list.ts';
import type { Store } from './store.ts';

type Column = 'name' | 'waits' | 'rate' | 'mailbox' | 'restarts';
const COLUMNS: readonly (readonly [Column, string, string])[] = [
  ['name', 'Actor', ''],
  ['waits', 'Waits for', 'waits'],
  ['rate', 'Taken', 'number rate'],
  ['mailbox', 'Mailbox', 'number'],
  ['restarts', 'Restarts', 'number restarts'],
];
/** Rows change places no more often. */
const SORT_MS = 2000;

export class ActorsView {
  readonly element: HTMLElement;
  readonly list: List<ActorRecord>;
  readonly #store: Store;
  readonly #paint: () => void;
  readonly #heads = new Map<Column, HTMLElement>();
  readonly #grid: HTMLElement;
  readonly #note: HTMLElement;
  #column: Column = 'mailbox';
  #isDown = true;
  #sortedAt = 0;
  #order: ActorRecord[] = [];
  #searched = '';
  #most = 0;

  constructor(store: Store, select: (actor: ActorRecord) => void, paint: () => void) {
    this.#store = store;
    this.#paint = paint;
    this.list = new List<ActorRecord>('actors', 'rowgroup', 'Actors', {
      key: ({ key }) => key,
      make: () => makeRow('row'),
      fill: (row, actor, i) => {
        attribute(row, 'aria-rowindex', String(i + 2));
        fillActor(row, actor, store, this.#most, { level: 1, open: undefined, inTree: false });
      },
      choose: select,
    });
    const heads = COLUMNS.map(([column, title, kind]) => {
      const head = h(
        'div',
        { role: 'columnheader', class: kind },
        h('button', { type: 'button', onclick: () => this.sort(column) }, title),
      );
      this.#heads.set(column, head);
      return head;
    });
    this.#note = h('p', { class: 'empty' });
    this.#grid = h(
      'div',
      { role: 'grid', 'aria-label': 'Actors', class: 'view' },
      h(
        'div',
        { role: 'rowgroup' },
        h('div', { class: 'columns', role: 'row', 'aria-rowindex': 1 }, ...heads),
      ),
      this.list.element,
    );
    this.#grid.style.flex = '1 1 auto';
    this.element = h(
      'div',
      { role: 'tabpanel', id: 'panel', 'aria-labelledby': 'tab-actors' },
      this.#note,
      this.#grid,
    );
  }

  /** By another column, or the other way round. */
  sort(column: Column): void {
    this.#isDown =
      column === this.#column ? !this.#isDown : column !== 'name' && column !== 'waits';
    this.#column = column;
    this.#sortedAt = 0;
    this.#order = [];
    this.#paint();
  }

  next(): void {
    const at = COLUMNS.findIndex(([column]) => column === this.#column);
    this.sort((COLUMNS[(at + 1) % COLUMNS.length] as (typeof COLUMNS)[number])[0]);
  }

  paint(): void {
    const { model, search } = this.#store;
    const isWanted = selecting(model, search === '' ? {} : { text: search });
    const actors: ActorRecord[] = [];
    this.#most = 0;
    for (const actor of model.actors()) {
      if (!isWanted(actor)) continue;
      actors.push(actor);
      this.#most = Math.max(this.#most, actor.mailbox);
    }
    const now = performance.now();
    const mayMove =
      search !== this.#searched || (now - this.#sortedAt >= SORT_MS && !this.list.isBusy);
    if (this.#order.length === 0 || mayMove) {
      this.#sortedAt = now;
      this.#searched = search;
      this.#order = this.#sorted(actors);
    } else {
      this.#order = kept(this.#order, actors);
    }
    for (const [column, head] of this.#heads)
      attribute(
        head,
        'aria-sort',
        column === this.#column ? (this.#isDown ? 'descending' : 'ascending') : undefined,
      );
    attribute(this.#grid, 'aria-rowcount', String(this.#order.length + 1));
    this.#note.hidden = this.#order.length > 0;
    text(
      this.#note,
      search === ''
        ? 'No actors. As soon as the program spawns one, it is here.'
        : `No actor is called anything with “${search}”.`,
    );
    this.list.paint(this.#order);
  }

  /** Equal ones stay in the order of their spawning. */
  #sorted(actors: readonly ActorRecord[]): ActorRecord[] {
    const { model } = this.#store;
    const way = this.#isDown ? -1 : 1;
    if (this.#column === 'name' || this.#column === 'waits') {
      const words = (actor: ActorRecord) =>
        this.#column === 'name'
          ? labelOf(actor)
          : `${statusOf(actor)} ${actor.waitingFor.join(' ')}`;
      return [...actors].sort(
        (a, b) => way * words(a).localeCompare(words(b), 'en', { numeric: true }),
      );
    }
    const amount = (actor: ActorRecord) => {
      if (this.#column === 'mailbox') return actor.mailbox;
      if (this.#column === 'restarts') return model.restartsOf(actor);
      return perSecond(actor.rates, model.systemOf(actor.key)?.at ?? 0)[0];
    };
    const amounts = new Map(actors.map((actor) => [actor, amount(actor)]));
    return [...actors].sort((a, b) => way * ((amounts.get(a) ?? 0) - (amounts.get(b) ?? 0)));
  }
}

/** Who has come stands at the end until the next sorting. */
function kept(order: readonly ActorRecord[], actors: readonly ActorRecord[]): ActorRecord[] {
  const there = new Set(actors);
  const stayed = order.filter((actor) => there.has(actor));
  const before = new Set(stayed);
  return [...stayed, ...actors.filter((actor) => !before.has(actor))];
}
