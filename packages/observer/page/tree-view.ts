/** Every actor in its place. Many alike siblings are one row, which opens. */

import type { ActorRecord } from '../src/model/actor-record.ts';
import { isOrphan, type Place, placesOf } from '../src/views/tree.ts';
import { type Crowd, fillActor, fillCrowd, makeRow } from './actor-row.ts';
import { attribute, h, text } from './dom.ts';
import { List } from './list.ts';
import type { Store } from './store.ts';

/** More alike siblings than this are a crowd. */
const CROWD = 24;

type Item =
  | {
      readonly kind: 'actor';
      readonly key: string;
      readonly level: number;
      readonly place: Place;
      readonly open: boolean | undefined;
      readonly above: string | undefined;
      readonly at: number;
      readonly of: number;
    }
  | {
      readonly kind: 'crowd';
      readonly key: string;
      readonly level: number;
      readonly crowd: Crowd;
      readonly open: boolean;
      readonly above: string | undefined;
      readonly at: number;
      readonly of: number;
    };

export class TreeView {
  readonly element: HTMLElement;
  readonly list: List<Item>;
  readonly #store: Store;
  readonly #note: HTMLElement;
  readonly #closed = new Set<string>();
  readonly #opened = new Set<string>();
  #most = 0;
  readonly #paint: () => void;

  constructor(store: Store, select: (actor: ActorRecord) => void, paint: () => void) {
    this.#store = store;
    this.#paint = paint;
    this.list = new List<Item>('tree', 'tree', 'Supervision tree', {
      key: ({ key }) => key,
      make: () => makeRow('treeitem'),
      fill: (row, item) => this.#fill(row, item),
      choose: (item) => {
        if (item.kind === 'actor') select(item.place.actor);
        else this.#turn(item, !item.open);
      },
      turn: (item, open) => this.#turn(item, open),
    });
    this.#note = h('p', { class: 'empty' });
    this.element = h(
      'div',
      { role: 'tabpanel', id: 'panel', 'aria-labelledby': 'tab-tree' },
      h(
        'div',
        { class: 'columns', 'aria-hidden': 'true' },
        h('span', {}, 'Actor'),
        h('span', { class: 'waits' }, 'Waits for'),
        h('span', { class: 'number rate' }, 'Taken'),
        h('span', { class: 'number' }, 'Mailbox'),
        h('span', { class: 'number restarts' }, 'Restarts'),
      ),
      this.#note,
      this.list.element,
    );
  }

  paint(): void {
    const { model, search } = this.#store;
    const places = placesOf(model, search === '' ? { ended: true } : { text: search, ended: true });
    this.#most = 0;
    for (const actor of model.actors()) this.#most = Math.max(this.#most, actor.mailbox);
    const items: Item[] = [];
    this.#walk(places, 1, undefined, items);
    this.#note.hidden = items.length > 0;
    text(
      this.#note,
      search === ''
        ? 'No actors. As soon as the program spawns one, it is here.'
        : `No actor is called anything with “${search}”. Escape shows all again.`,
    );
    this.list.paint(items);
  }

  #walk(places: readonly Place[], level: number, above: string | undefined, items: Item[]): void {
    const groups = groupsOf(places, above ?? '');
    groups.forEach((group, i) => {
      const where = { level, above, at: i + 1, of: groups.length };
      if ('crowd' in group) {
        const open = this.#opened.has(group.crowd.key);
        items.push({ kind: 'crowd', key: group.crowd.key, crowd: group.crowd, open, ...where });
        if (!open) return;
        group.places.forEach((place, k) => {
          items.push({
            kind: 'actor',
            key: place.actor.key,
            place,
            open: undefined,
            level: level + 1,
            above: group.crowd.key,
            at: k + 1,
            of: group.places.length,
          });
        });
        return;
      }
      const { place } = group;
      const { key } = place.actor;
      const open = place.children.length === 0 ? undefined : !this.#closed.has(key);
      items.push({ kind: 'actor', key, place, open, ...where });
      if (open === true) this.#walk(place.children, level + 1, key, items);
    });
  }

  #fill(row: HTMLElement, item: Item): void {
    attribute(row, 'aria-level', String(item.level));
    attribute(row, 'aria-setsize', String(item.of));
    attribute(row, 'aria-posinset', String(item.at));
    attribute(row, 'aria-expanded', item.open === undefined ? undefined : String(item.open));
    if (item.kind === 'crowd') {
      fillCrowd(row, item.crowd, this.#store, this.#most, item.level, item.open);
      return;
    }
    const { actor } = item.place;
    fillActor(row, actor, this.#store, this.#most, {
      level: item.level,
      open: item.open,
      inTree: true,
    });
    if (isOrphan(this.#store.model, actor)) row.title += ' — an orphan: who spawned it has ended';
  }

  #turn(item: Item, open: boolean): string | undefined {
    if (item.open === undefined || (item.open === false && !open))
      return open ? undefined : item.above;
    if (item.kind === 'crowd') {
      if (open) this.#opened.add(item.key);
      else this.#opened.delete(item.key);
    } else if (open) {
      this.#closed.delete(item.key);
    } else {
      this.#closed.add(item.key);
    }
    this.#paint();
    return undefined;
  }
}

type Group =
  | { readonly place: Place }
  | { readonly crowd: Crowd; readonly places: readonly Place[] };

/** Alike are those of one body that have neither a name nor children. */
function groupsOf(places: readonly Place[], above: string): readonly Group[] {
  if (places.length <= CROWD) return places.map((place) => ({ place }));
  const byBody = new Map<string, Place[]>();
  for (const place of places) {
    const { actor, children } = place;
    if (children.length > 0 || actor.name !== undefined || actor.ended !== undefined) continue;
    const known = byBody.get(actor.body);
    if (known === undefined) byBody.set(actor.body, [place]);
    else known.push(place);
  }
  const groups: Group[] = [];
  const told = new Set<string>();
  for (const place of places) {
    const { actor, children } = place;
    const alike = byBody.get(actor.body) ?? [];
    const isOne =
      children.length === 0 &&
      actor.name === undefined &&
      actor.ended === undefined &&
      alike.length > CROWD;
    if (!isOne) groups.push({ place });
    else if (!told.has(actor.body)) {
      told.add(actor.body);
      const crowd = {
        key: `crowd ${above} ${actor.body}`,
        body: actor.body,
        actors: alike.map((each) => each.actor),
      };
      groups.push({ crowd, places: alike });
    }
  }
  return groups;
}
