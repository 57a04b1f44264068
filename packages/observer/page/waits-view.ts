/** Who waits for whom: circles in front, drawn; then every wait, with what was asked and how long is left. */

import type { Pid } from 'beamish';
import { labelOf } from '../src/model/actor-record.ts';
import type { PidText } from '../src/terms/wire.ts';
import { type Circle, circlesIn, type Wait, waitsOf } from '../src/views/waits.ts';
import { h, replace, s } from './dom.ts';
import type { Store } from './store.ts';
import { duration, short } from './words.ts';

const REPAINT_MS = 500;
const MOST = 300;
/** Of a circle that is drawn. */
const MARGIN = 30;

export class WaitsView {
  readonly element: HTMLElement;
  readonly #store: Store;
  readonly #choose: (pid: Pid) => void;
  readonly #scroll: HTMLElement;
  #at = 0;
  #shown = '';

  constructor(store: Store, choose: (pid: Pid) => void) {
    this.#store = store;
    this.#choose = choose;
    this.#scroll = h('div', { class: 'scroll' });
    this.element = h(
      'div',
      { role: 'tabpanel', id: 'panel', 'aria-labelledby': 'tab-waits' },
      this.#scroll,
    );
  }

  paint(): void {
    const now = performance.now();
    if (now - this.#at < REPAINT_MS || this.#scroll.contains(document.activeElement)) return;
    this.#at = now;
    const waits = waitsOf(this.#store.model).filter(
      ({ from, to }) => this.#isWanted(from) || this.#isWanted(to),
    );
    const shown = JSON.stringify(waits);
    if (shown === this.#shown) return;
    this.#shown = shown;
    const circles = circlesIn(waits).filter((circle) => circle.waits.length > 1);
    const top = this.#scroll.scrollTop;
    replace(
      this.#scroll,
      ...circles.map((circle) => this.#circle(circle)),
      heading('Waits', waits.length),
      waits.length === 0
        ? h(
            'p',
            { class: 'muted' },
            'Nobody waits for anybody. Calls, offers to full mailboxes, starts and awaited ends are shown here.',
          )
        : this.#table(waits),
    );
    this.#scroll.scrollTop = top;
  }

  #isWanted(key: PidText): boolean {
    const { search } = this.#store;
    return search === '' || this.#title(key).toLowerCase().includes(search.toLowerCase());
  }

  #circle({ waits, leftMs }: Circle): HTMLElement {
    const title = leftMs === undefined ? 'Deadlock' : 'A circle of calls';
    const left =
      leftMs === undefined ? 'Nothing ends it.' : `A time-out ends it in ${duration(leftMs)}.`;
    return h(
      'article',
      { class: `card ${leftMs === undefined ? 'error' : 'hint'}` },
      h(
        'div',
        { class: 'top' },
        h('h2', { class: 'title' }, title),
        h('span', { class: 'when' }, left),
      ),
      this.#ring(waits, leftMs === undefined) as unknown as HTMLElement,
      h('div', { class: 'who-links' }, ...waits.map(({ from }) => this.#link(from))),
    );
  }

  /** On a circle, each with an arrow to the next. */
  #ring(waits: readonly Wait[], isBad: boolean): SVGElement {
    const n = waits.length;
    // Its words are as large as others, however little room there is.
    const width = Math.max(280, Math.min(520, this.#scroll.clientWidth - 64));
    const height = n === 2 ? 120 : 220;
    const place = (i: number) => {
      const angle = (2 * Math.PI * i) / n - Math.PI / 2 - (n === 2 ? Math.PI / 2 : 0);
      return {
        x: width / 2 + Math.cos(angle) * (width / 2 - 60 - MARGIN),
        y: height / 2 + Math.sin(angle) * (height / 2 - 34),
      };
    };
    const svg = s('svg', {
      class: 'diagram',
      role: 'img',
      'aria-label': waits
        .map(({ from, to, what }) => `${this.#title(from)} waits for ${this.#title(to)}: ${what}`)
        .join(', '),
      viewBox: `0 0 ${width} ${height}`,
      width: '100%',
      height,
    });
    waits.forEach(({ what }, i) => {
      const [a, b] = [place(i), place((i + 1) % n)];
      const bend = n === 2 ? (i === 0 ? -40 : 40) : 0;
      const middle = { x: (a.x + b.x) / 2, y: (a.y + b.y) / 2 + bend };
      const end = towards(b, middle, 62, 18);
      svg.append(
        s('path', {
          class: isBad ? 'arrow bad' : 'arrow',
          d: `M${a.x} ${a.y}Q${middle.x} ${middle.y} ${end.x} ${end.y}`,
        }),
      );
      const angle = (Math.atan2(b.y - middle.y, b.x - middle.x) * 180) / Math.PI;
      svg.append(
        s('path', {
          class: isBad ? 'tip bad' : 'tip',
          d: 'M0 0l-9 -4.5v9z',
          transform: `translate(${end.x} ${end.y}) rotate(${angle.toFixed(1)})`,
        }),
      );
      svg.append(
        s(
          'text',
          {
            class: 'label',
            x: middle.x,
            y: middle.y + (bend === 0 ? -6 : bend / 4 + 4),
            'text-anchor': 'middle',
          },
          short(what, 24),
        ),
      );
    });
    waits.forEach(({ from }, i) => {
      const { x, y } = place(i);
      svg.append(
        s('rect', {
          class: isBad ? 'node bad' : 'node',
          x: x - 58,
          y: y - 14,
          width: 116,
          height: 28,
          rx: 6,
        }),
        s('text', { x, y: y + 4, 'text-anchor': 'middle' }, short(this.#title(from), 16)),
      );
    });
    return svg;
  }

  #table(waits: readonly Wait[]): HTMLElement {
    const rows = waits
      .slice(0, MOST)
      .map(({ from, to, why, what, leftMs }) =>
        h(
          'tr',
          {},
          h('td', {}, this.#link(from)),
          h('td', {}, this.#link(to)),
          h('td', { class: 'muted' }, WHY[why]),
          h('td', {}, h('span', { class: 'tag' }, short(what, 40))),
          h('td', { class: 'number' }, leftMs === null ? 'for ever' : duration(leftMs)),
        ),
      );
    return h(
      'div',
      { class: 'table-scroll', tabindex: 0, role: 'group', 'aria-label': 'Waits' },
      h(
        'table',
        {},
        h(
          'thead',
          {},
          h(
            'tr',
            {},
            ...['Who', 'Waits for', 'Why', 'What'].map((title) => h('th', { scope: 'col' }, title)),
            h('th', { scope: 'col', class: 'number' }, 'Left'),
          ),
        ),
        h('tbody', {}, ...rows),
      ),
      waits.length > MOST && h('p', { class: 'muted' }, `and ${waits.length - MOST} more`),
    );
  }

  #link(key: PidText): HTMLElement {
    const actor = this.#store.model.actor(key);
    if (actor === undefined) return h('span', { class: 'muted' }, this.#title(key));
    return h(
      'button',
      { type: 'button', class: 'link', onclick: () => this.#choose(actor.pid) },
      this.#title(key),
    );
  }

  #title(key: PidText): string {
    const actor = this.#store.model.actor(key);
    return actor === undefined ? short(key.replace(/@\d+$/, '')) : short(labelOf(actor));
  }
}

const WHY = {
  call: 'a call',
  room: 'room in its mailbox',
  start: 'its start',
  monitor: 'its end',
} as const;

function heading(title: string, n: number): HTMLElement {
  return h(
    'div',
    { class: 'heading' },
    h('h2', {}, title),
    h('span', { class: 'faint' }, n === 0 ? '' : String(n)),
  );
}

/** On the edge of the box around `to`, coming from `from`. */
function towards(
  to: { x: number; y: number },
  from: { x: number; y: number },
  width: number,
  height: number,
) {
  const [dx, dy] = [from.x - to.x, from.y - to.y];
  const scale = Math.min(
    width / Math.max(1e-6, Math.abs(dx)),
    height / Math.max(1e-6, Math.abs(dy)),
  );
  return { x: to.x + dx * scale, y: to.y + dy * scale };
}
