// The supervision tree, drawn: a place keeps its row when who fills it is started again.

import type { SeenActor } from '../src/services/page/frame.ts';
import { countOf } from '../src/units.ts';
import { element, Keyed, setClass, setText } from './dom.ts';

const SVG = 'http://www.w3.org/2000/svg';
const SHAPES: Readonly<Record<SeenActor['state'], string>> = {
  running: 'M6 1a5 5 0 1 0 .01 0z',
  runnable: 'M6 1a5 5 0 0 0 0 10z',
  waiting: 'M6 2a4 4 0 1 0 .01 0z',
  awaiting: 'M6 1l5 5-5 5-5-5z',
  suspended: 'M2 1h3v10H2zM7 1h3v10H7z',
  ended: 'M2 2l8 8M10 2l-8 8',
};
/** What is not this program's own is shown when somebody wants to see it. */
const CLOSED: ReadonlySet<string> = new Set(['broker']);
const MOST_MAIL = 10_000;
const AGAIN_MS = 3000;

export class TreeView {
  readonly #tops: Keyed<SeenActor, HTMLLIElement>;

  constructor(parent: Element, crash: (cruncher: string) => void) {
    const list = element('ul');
    parent.append(list);
    this.#tops = branch(list, crash);
  }

  show(top: SeenActor | undefined): void {
    this.#tops.show(top === undefined ? [] : [top]);
  }
}

interface Row {
  update(actor: SeenActor): void;
}

const rows = new WeakMap<Element, Row>();

function branch(list: Element, crash: (cruncher: string) => void): Keyed<SeenActor, HTMLLIElement> {
  return new Keyed<SeenActor, HTMLLIElement>(
    list,
    // A supervisor that was started again has other ids below it; its place has the same.
    ({ label }) => label,
    (actor) => item(actor, crash),
    (made, actor) => rows.get(made)?.update(actor),
  );
}

function item(first: SeenActor, crash: (cruncher: string) => void): HTMLLIElement {
  const sign = document.createElementNS(SVG, 'svg');
  sign.setAttribute('viewBox', '0 0 12 12');
  sign.setAttribute('aria-hidden', 'true');
  const path = document.createElementNS(SVG, 'path');
  sign.append(path);
  const state = element('span', 'sr');
  const label = element('span', '', first.label);
  const thread = element('small');
  const waits = element('span', 'waits');
  const fill = element('span', 'fill');
  fill.style.display = 'block';
  const count = element('span', 'n');
  const mail = element(
    'span',
    'mail',
    element('span', 'track', fill),
    element('span', 'sr', 'mailbox'),
    count,
  );
  const again = element('span', 'again');
  const act = element('span', 'act');
  if (first.isCruncher) {
    const button = element('button', 'small', 'Crash');
    button.type = 'button';
    button.setAttribute('aria-label', `Crash ${first.label}`);
    button.addEventListener('click', () => crash(first.label));
    act.append(button);
  }
  const line = element(
    'div',
    'actor',
    element('span', '', sign as unknown as Node, state),
    element('span', 'who', label, thread),
    waits,
    mail,
    again,
    act,
  );
  const made = element('li', '', line);
  const below = first.kind === 'supervisor' ? element('ul') : undefined;
  if (below !== undefined) made.append(below);
  const opener = below !== undefined && CLOSED.has(first.label) ? toggle(label, below) : undefined;
  const children = below && branch(below, crash);
  let restarts = first.restarts;
  let flashedAt = 0;

  rows.set(made, {
    update(actor) {
      setClass(sign, `sign ${actor.state}`);
      if (path.getAttribute('d') !== SHAPES[actor.state])
        path.setAttribute('d', SHAPES[actor.state]);
      setText(state, `${actor.state}, `);
      setText(thread, actor.thread ?? actor.strategy ?? '');
      const waiting =
        actor.kind === 'supervisor' || actor.waitingFor === '' ? '' : actor.waitingFor;
      setText(waits, waiting === '' ? '' : `waits for ${waiting}`);
      waits.title = waiting;
      setText(count, actor.mailbox > MOST_MAIL ? '10,000+' : actor.mailbox.toLocaleString('en'));
      setClass(mail, actor.mailbox > 0 ? 'mail some' : 'mail');
      fill.style.transform = `scaleX(${Math.min(1, Math.log10(actor.mailbox + 1) / 4)})`;
      setText(again, actor.restarts === 0 ? '' : `↻ ${actor.restarts}`);
      again.title = `started again ${actor.restarts} times`;
      setClass(again, actor.restarts > 0 ? 'again some' : 'again');
      if (actor.restarts > restarts && Date.now() - flashedAt > AGAIN_MS) flash(line);
      if (actor.restarts > restarts) flashedAt = Date.now();
      restarts = actor.restarts;
      children?.show(actor.children);
      if (opener !== undefined) setText(opener, `${countOf(sizeOf(actor), 'actor')} below`);
    },
  });
  return made;
}

/** Opens and closes what is below. */
function toggle(label: HTMLElement, below: HTMLElement): HTMLElement {
  const button = element('button', 'quiet small');
  button.type = 'button';
  const set = (isOpen: boolean): void => {
    below.hidden = !isOpen;
    button.setAttribute('aria-expanded', String(isOpen));
  };
  button.addEventListener('click', () => set(below.hidden === true));
  set(false);
  label.after(button);
  return button;
}

function sizeOf({ children }: SeenActor): number {
  return children.reduce((sum, each) => sum + 1 + sizeOf(each), 0);
}

function flash(line: Element): void {
  line.classList.add('fresh');
  setTimeout(() => line.classList.remove('fresh'), AGAIN_MS);
}
