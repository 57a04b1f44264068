/** Elements, made without markup: text is text, whatever it says, and turns no other text around. */

import { harmless } from '../src/terms/text.ts';

const SVG = 'http://www.w3.org/2000/svg';

type Props = Readonly<
  Record<string, string | number | boolean | undefined | ((event: never) => void)>
>;
type Child = Node | string | undefined | false;

export function h<K extends keyof HTMLElementTagNameMap>(
  tag: K,
  props: Props = {},
  ...children: readonly Child[]
): HTMLElementTagNameMap[K] {
  const element = document.createElement(tag);
  set(element, props);
  element.append(...harmlessly(children));
  return element;
}

export function s(tag: string, props: Props = {}, ...children: readonly Child[]): SVGElement {
  const element = document.createElementNS(SVG, tag);
  set(element, props);
  element.append(...harmlessly(children));
  return element;
}

function set(element: Element, props: Props): void {
  for (const [name, value] of Object.entries(props)) {
    if (value === undefined || value === false) continue;
    if (typeof value === 'function')
      element.addEventListener(name.slice(2), value as EventListener);
    else element.setAttribute(name, value === true ? '' : worded(name, String(value)));
  }
}

/** Attributes that are read by people; others are looked up as they are. */
const WORDS: ReadonlySet<string> = new Set(['title', 'aria-label']);

function worded(name: string, value: string): string {
  return WORDS.has(name) ? harmless(value) : value;
}

function harmlessly(children: readonly Child[]): (Node | string)[] {
  return children.flatMap((child) => {
    if (child === undefined || child === false) return [];
    return [typeof child === 'string' ? harmless(child) : child];
  });
}

/** Only what differs is written, as writing costs a layout. */
export function text(element: Element, value: string): void {
  const words = harmless(value);
  if (element.textContent !== words) element.textContent = words;
}

export function attribute(element: Element, name: string, value: string | undefined): void {
  if (value === undefined) return element.removeAttribute(name);
  const its = worded(name, value);
  if (element.getAttribute(name) !== its) element.setAttribute(name, its);
}

export function classed(element: Element, name: string, on: boolean): void {
  if (element.classList.contains(name) !== on) element.classList.toggle(name, on);
}

export function replace(element: Element, ...children: readonly Child[]): void {
  element.replaceChildren(...harmlessly(children));
}
