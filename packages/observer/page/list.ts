/**
 * A list of rows of one height, of which those in sight are in the document. One tab stop: the current row is
 * told by `aria-activedescendant`.
 */

import { attribute, classed, h } from './dom.ts';

const SPARE = 6;

export interface RowView<T> {
  /** What makes it the same row at the next painting. */
  key(item: T): string;
  make(): HTMLElement;
  fill(element: HTMLElement, item: T, index: number, total: number): void;
  /** Enter, or a click. */
  choose(item: T): void;
  /** Arrow keys: opens (`true`) or closes, or goes to what is above. Returns where to go, if elsewhere. */
  turn?(item: T, open: boolean): string | undefined;
}

export class List<T> {
  readonly element: HTMLElement;
  readonly #sizer: HTMLElement;
  readonly #rows: RowView<T>;
  readonly #shown = new Map<string, HTMLElement>();
  readonly #spare: HTMLElement[] = [];
  readonly #id: string;
  #items: readonly T[] = [];
  #current: string | undefined;
  #height = 28;
  /** The reader's hand is in it: nothing moves. */
  isHeld = false;

  constructor(id: string, role: 'tree' | 'rowgroup' | 'listbox', label: string, rows: RowView<T>) {
    this.#id = id;
    this.#rows = rows;
    this.#sizer = h('div', { class: 'sizer', role: 'presentation' });
    this.element = h(
      'div',
      { class: 'list', id, role, tabindex: 0, 'aria-label': label },
      this.#sizer,
    );
    this.element.addEventListener('scroll', () => this.paint(this.#items));
    this.element.addEventListener('keydown', (event) => this.#key(event));
    this.element.addEventListener('pointerenter', () => {
      this.isHeld = true;
    });
    this.element.addEventListener('pointerleave', () => {
      this.isHeld = false;
    });
    this.#sizer.addEventListener('click', (event) => this.#click(event));
  }

  get current(): string | undefined {
    return this.#current;
  }

  set current(key: string | undefined) {
    this.#current = key;
  }

  /** Whether rows must not change places: the pointer or the keyboard is in it. */
  get isBusy(): boolean {
    return this.isHeld || document.activeElement === this.element;
  }

  paint(items: readonly T[]): void {
    this.#items = items;
    this.#height = matchMedia('(max-width: 760px)').matches ? 44 : 28;
    const { scrollTop, clientHeight } = this.element;
    const first = Math.max(0, Math.floor(scrollTop / this.#height) - SPARE);
    const last = Math.min(
      items.length,
      Math.ceil((scrollTop + clientHeight) / this.#height) + SPARE,
    );
    const height = `${items.length * this.#height}px`;
    if (this.#sizer.style.height !== height) this.#sizer.style.height = height;
    const keys = new Set<string>();
    for (let i = first; i < last; i++) keys.add(this.#rows.key(items[i] as T));
    for (const [key, row] of this.#shown) {
      if (keys.has(key)) continue;
      this.#shown.delete(key);
      row.hidden = true;
      this.#spare.push(row);
    }
    for (let i = first; i < last; i++) this.#row(items[i] as T, i);
    while (this.#spare.length > 20) this.#spare.pop()?.remove();
    const current = this.#current === undefined ? undefined : this.#shown.get(this.#current);
    attribute(this.element, 'aria-activedescendant', current?.id);
  }

  #row(item: T, i: number): void {
    const key = this.#rows.key(item);
    let row = this.#shown.get(key);
    if (row === undefined) {
      row = this.#spare.pop() ?? this.#made();
      row.hidden = false;
      this.#shown.set(key, row);
      row.dataset['key'] = key;
    }
    const place = `translateY(${i * this.#height}px)`;
    if (row.style.transform !== place) row.style.transform = place;
    classed(row, 'current', key === this.#current);
    this.#rows.fill(row, item, i, this.#items.length);
  }

  #made(): HTMLElement {
    const row = this.#rows.make();
    row.id = `${this.#id}-${Math.random().toString(36).slice(2)}`;
    this.#sizer.append(row);
    return row;
  }

  #indexOf(key: string | undefined): number {
    return key === undefined ? -1 : this.#items.findIndex((item) => this.#rows.key(item) === key);
  }

  #click(event: Event): void {
    const row = (event.target as Element).closest<HTMLElement>('.row');
    const item = this.#items[this.#indexOf(row?.dataset['key'])];
    if (item === undefined) return;
    this.#current = this.#rows.key(item);
    const twist = (event.target as Element).closest('.twist[data-open]');
    if (twist !== null) this.#rows.turn?.(item, twist.getAttribute('data-open') !== 'true');
    else this.#rows.choose(item);
    this.paint(this.#items);
  }

  #key(event: KeyboardEvent): void {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const at = this.#indexOf(this.#current);
    const page = Math.max(1, Math.floor(this.element.clientHeight / this.#height) - 1);
    const last = this.#items.length - 1;
    const to = {
      ArrowDown: at + 1,
      ArrowUp: at - 1,
      Home: 0,
      End: last,
      PageDown: at + page,
      PageUp: at - page,
    }[event.key];
    if (to !== undefined) {
      this.#go(Math.min(last, Math.max(0, to)));
    } else if (event.key === 'Enter') {
      const item = this.#items[at];
      if (item !== undefined) this.#rows.choose(item);
    } else if (event.key === 'ArrowRight' || event.key === 'ArrowLeft') {
      const item = this.#items[at];
      const there = item && this.#rows.turn?.(item, event.key === 'ArrowRight');
      if (there !== undefined) this.#go(this.#indexOf(there));
    } else {
      return;
    }
    event.preventDefault();
  }

  #go(i: number): void {
    const item = this.#items[i];
    if (item === undefined) return;
    this.#current = this.#rows.key(item);
    const top = i * this.#height;
    const { scrollTop, clientHeight } = this.element;
    if (top < scrollTop) this.element.scrollTop = top;
    else if (top + this.#height > scrollTop + clientHeight)
      this.element.scrollTop = top + this.#height - clientHeight;
    this.paint(this.#items);
  }
}
