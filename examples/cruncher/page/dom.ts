// What little of the DOM this page needs, in words of its own. Text is set as text, everywhere: nothing that came
// from a file, or from a name of one, is ever read as markup.

export function byId<E extends Element = HTMLElement>(id: string): E {
  const found = document.getElementById(id);
  if (found === null) throw new Error(`The page has no element "${id}"`);
  return found as unknown as E;
}

export function element<K extends keyof HTMLElementTagNameMap>(
  tag: K,
  className = '',
  ...children: readonly (Node | string)[]
): HTMLElementTagNameMap[K] {
  const made = document.createElement(tag);
  if (className !== '') made.className = className;
  made.append(...children);
  return made;
}

/** Changes what differs, and nothing else: a screen reader reads what is touched. */
export function setText(node: Element, text: string): void {
  if (node.textContent !== text) node.textContent = text;
}

export function setClass(node: Element, className: string): void {
  if (node.getAttribute('class') !== className) node.setAttribute('class', className);
}

/** The elements of a list, by key: each is made once, and moved only if its place differs. */
export class Keyed<T, E extends Element> {
  readonly #parent: Element;
  readonly #keyOf: (item: T) => string;
  readonly #make: (item: T) => E;
  readonly #update: (element: E, item: T) => void;
  readonly #known = new Map<string, E>();

  constructor(
    parent: Element,
    keyOf: (item: T) => string,
    make: (item: T) => E,
    update: (element: E, item: T) => void,
  ) {
    this.#parent = parent;
    this.#keyOf = keyOf;
    this.#make = make;
    this.#update = update;
  }

  show(items: readonly T[]): void {
    const gone = new Set(this.#known.keys());
    let place: Element | null = this.#parent.firstElementChild;
    for (const item of items) {
      const key = this.#keyOf(item);
      gone.delete(key);
      let shown = this.#known.get(key);
      if (shown === undefined) {
        shown = this.#make(item);
        this.#known.set(key, shown);
      }
      this.#update(shown, item);
      if (shown === place) place = place.nextElementSibling;
      else this.#parent.insertBefore(shown, place);
    }
    for (const key of gone) {
      this.#known.get(key)?.remove();
      this.#known.delete(key);
    }
  }
}
