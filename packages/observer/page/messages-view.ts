/**
 * The last messages as a sequence diagram. Each sending and each taking has a line of its own, in their order, so
 * an arrow slants by as much as happened meanwhile.
 */

import type { Pid } from 'beamish';
import { labelOf } from '../src/model/actor-record.ts';
import type { MessageView } from '../src/terms/view.ts';
import { type PidText, pidText } from '../src/terms/wire.ts';
import { attribute, h, replace, s, text } from './dom.ts';
import type { Store } from './store.ts';
import { percent, short } from './words.ts';

const LINE = 18;
const HEAD = 44;
/** Of the lines, above the first. */
const TOP = 4;
const LEFT = 72;
/** A lifeline needs so much. */
const WIDTH = 112;
const MOST_LINES = 120;

interface Lifeline {
  readonly key: string;
  readonly title: string;
  /** How many share it. */
  readonly count: number;
}
interface Mark {
  readonly at: number;
  readonly message: MessageView;
  readonly what: 'sent' | 'taken' | 'done';
}

export class MessagesView {
  readonly element: HTMLElement;
  readonly #store: Store;
  readonly #choose: (pid: Pid) => void;
  readonly #follow: HTMLElement;
  readonly #share: HTMLElement;
  readonly #note: HTMLElement;
  readonly #scroll: HTMLElement;
  #isFollowing = true;
  #drawn: readonly MessageView[] | undefined;
  #width = 0;

  constructor(store: Store, choose: (pid: Pid) => void) {
    this.#store = store;
    this.#choose = choose;
    this.#share = h('span', { class: 'muted' });
    this.#follow = h(
      'button',
      { type: 'button', class: 'control', 'aria-pressed': 'true', onclick: () => this.#toggle() },
      'Follow',
    );
    this.#note = h('p', { class: 'empty' });
    this.#scroll = h('div', { class: 'scroll', tabindex: 0, 'aria-label': 'Sequence diagram' });
    this.element = h(
      'div',
      { role: 'tabpanel', id: 'panel', 'aria-labelledby': 'tab-messages' },
      h(
        'div',
        { class: 'heading' },
        h('h2', {}, 'Messages'),
        this.#share,
        h('span', { class: 'spring' }),
        this.#follow,
      ),
      this.#note,
      this.#scroll,
    );
  }

  paint(): void {
    const { messages, recordedShare, search, selected } = this.#store;
    const share = recordedShare >= 0.98 ? 'all recorded' : `${percent(recordedShare)} recorded`;
    text(this.#share, messages.length === 0 ? '' : share);
    attribute(
      this.#share,
      'title',
      recordedShare >= 0.98
        ? undefined
        : 'In bursts: recording all of them would take more time than the budget',
    );
    const width = this.#scroll.clientWidth;
    if (!this.#isFollowing && this.#drawn !== undefined) return;
    if (this.#drawn === messages && width === this.#width) return;
    this.#drawn = messages;
    this.#width = width;
    const wanted = messages.filter((message) => this.#isWanted(message, search, selected));
    this.#note.hidden = wanted.length > 0;
    text(
      this.#note,
      messages.length === 0
        ? 'No messages yet. They are recorded from now on, as long as this view is open.'
        : 'None of the last messages is about what is searched for or selected.',
    );
    const isAtEnd =
      this.#scroll.scrollTop + this.#scroll.clientHeight >= this.#scroll.scrollHeight - LINE;
    replace(
      this.#scroll,
      ...(wanted.length === 0 ? [] : this.#diagram(wanted, Math.max(280, width - 32))),
    );
    if (isAtEnd) this.#scroll.scrollTop = this.#scroll.scrollHeight;
  }

  #toggle(): void {
    this.#isFollowing = !this.#isFollowing;
    attribute(this.#follow, 'aria-pressed', String(this.#isFollowing));
  }

  #isWanted(
    { from, to, tag }: MessageView,
    search: string,
    selected: PidText | undefined,
  ): boolean {
    if (selected !== undefined && this.#store.model.actor(selected) !== undefined) {
      const isHis =
        pidText(from) === selected || (typeof to !== 'string' && pidText(to) === selected);
      if (!isHis) return false;
    }
    if (search === '') return true;
    const wanted = search.toLowerCase();
    return [tag, this.#title(from), this.#title(to)].some((words) =>
      words.toLowerCase().includes(wanted),
    );
  }

  #diagram(messages: readonly MessageView[], width: number): SVGElement[] {
    const marks = marksOf(messages).slice(-MOST_LINES);
    const shown = [...new Set(marks.map(({ message }) => message))];
    const { lifelines, placeOf } = this.#lifelines(
      shown,
      Math.max(2, Math.floor((width - LEFT) / WIDTH)),
    );
    const gap = (width - LEFT) / Math.max(1, lifelines.length);
    const x = (who: Pid | string) => LEFT + gap * (placeOf(who) + 0.5);
    const lines = new Map<MessageView, { sent?: number; taken?: number; done?: number }>();
    let line = 0;
    const times: { readonly y: number; readonly at: number }[] = [];
    for (const { message, what, at } of marks) {
      const its = lines.get(message) ?? {};
      lines.set(message, its);
      // Being done needs no line of its own: its bar ends with what came before.
      if (what !== 'done') line++;
      const y = TOP + line * LINE;
      its[what] = y;
      if (what === 'sent') times.push({ y, at });
    }
    const height = TOP + (line + 1) * LINE;
    const start = marks[0]?.at ?? 0;
    const svg = s('svg', {
      class: 'diagram',
      role: 'img',
      'aria-label': `The last ${shown.length} messages between ${lifelines.length} actors`,
      width,
      height,
      viewBox: `0 0 ${width} ${height}`,
    });
    lifelines.forEach((_, i) => {
      const at = LEFT + gap * (i + 0.5);
      svg.append(s('line', { class: 'lifeline', x1: at, x2: at, y1: 0, y2: height }));
    });
    for (const [message, { taken, done }] of lines) {
      if (taken === undefined || message.kind === 'reply') continue;
      const until = Math.max(taken + 6, done ?? taken + 6);
      svg.append(
        s('rect', {
          class: 'handling',
          x: x(message.to) - 3,
          y: taken,
          width: 6,
          height: until - taken,
          rx: 2,
        }),
      );
    }
    for (const [message, { sent, taken }] of lines) {
      if (sent !== undefined || taken !== undefined)
        svg.append(...this.#arrow(message, x, sent ?? TOP, taken, height));
    }
    let told = Number.NEGATIVE_INFINITY;
    for (const { y, at } of times) {
      if (y - told < 2 * LINE) continue;
      told = y;
      svg.append(s('text', { class: 'time', x: 0, y: y + 4 }, `${(at - start).toFixed(2)} ms`));
    }
    const heads = s('svg', {
      class: 'diagram heads',
      width,
      height: HEAD - 4,
      'aria-hidden': 'true',
    });
    lifelines.forEach((lifeline, i) => {
      heads.append(...head(lifeline, LEFT + gap * (i + 0.5), Math.min(gap - 8, 160)));
    });
    heads.addEventListener('click', (event) => {
      const key = (event.target as Element).closest('[data-pid]')?.getAttribute('data-pid');
      const actor = key === null || key === undefined ? undefined : this.#store.model.actor(key);
      if (actor !== undefined) this.#choose(actor.pid);
    });
    return [heads, svg];
  }

  #arrow(
    message: MessageView,
    x: (who: Pid | string) => number,
    sent: number,
    taken: number | undefined,
    height: number,
  ): SVGElement[] {
    const { kind, fate, tag, from, to } = message;
    const isLost = fate === 'dead_letter' || fate === 'late_reply' || fate === 'flushed';
    const [x1, x2] = [x(from), x(to)];
    const isWaiting = taken === undefined && !isLost;
    const y2 = taken ?? (isWaiting ? Math.min(height - 2, sent + LINE) : sent);
    const way = x2 === x1 ? 0 : Math.sign(x2 - x1);
    const kinds = `arrow ${kind === 'reply' ? 'reply' : ''} ${isWaiting ? 'waiting' : ''} ${isLost ? 'lost' : ''}`;
    const d =
      way === 0
        ? `M${x1} ${sent}h22v${Math.max(6, y2 - sent)}h-18`
        : `M${x1} ${sent}L${x2 - way * 4} ${y2}`;
    const name = this.#title(from);
    const arrow = s(
      'path',
      { class: kinds, d },
      s('title', {}, `${short(tag)}: ${name} to ${this.#title(to)}, ${fate.replace('_', ' ')}`),
    );
    const end = isLost
      ? s('path', { class: 'arrow lost', d: `M${x2 - 4} ${y2 - 4}l8 8m0-8l-8 8` })
      : s('path', {
          class: 'tip',
          d: tip(
            way === 0 ? x1 + 4 : x2,
            way === 0 ? sent + Math.max(6, y2 - sent) : y2,
            way === 0 ? -1 : way,
          ),
        });
    const label = s(
      'text',
      {
        class: 'label',
        x: x1 + (way < 0 ? -8 : 8),
        y: sent - 3,
        'text-anchor': way < 0 ? 'end' : 'start',
      },
      short(tag, 18),
    );
    return isWaiting ? [arrow, label] : [arrow, end, label];
  }

  /** Those of one body share one, as many as do not fit. */
  #lifelines(
    messages: readonly MessageView[],
    most: number,
  ): { readonly lifelines: readonly Lifeline[]; readonly placeOf: (who: Pid | string) => number } {
    const all = new Map<string, { readonly title: string; readonly group: string }>();
    for (const { from, to } of messages)
      for (const who of [from, to]) {
        const key = keyOf(who);
        if (!all.has(key)) all.set(key, { title: this.#title(who), group: this.#group(who) });
      }
    const sizes = new Map<string, number>();
    for (const { group } of all.values()) sizes.set(group, (sizes.get(group) ?? 0) + 1);
    const shared = new Set<string>();
    let need = all.size;
    for (const [group, size] of [...sizes].sort((a, b) => b[1] - a[1])) {
      if (need <= most || size < 2) break;
      shared.add(group);
      need -= size - 1;
    }
    const lifelines: Lifeline[] = [];
    const places = new Map<string, number>();
    for (const [key, { title, group }] of all) {
      const isShared = shared.has(group);
      const id = isShared ? `group ${group}` : key;
      let place = places.get(id);
      if (place === undefined) {
        place = Math.min(lifelines.length, most - 1);
        if (lifelines.length < most)
          lifelines.push({
            key,
            title: isShared ? short(group) : title,
            count: isShared ? (sizes.get(group) ?? 1) : 1,
          });
        places.set(id, place);
      }
      places.set(key, place);
    }
    return { lifelines, placeOf: (who) => places.get(keyOf(who)) ?? 0 };
  }

  #title(who: Pid | string): string {
    if (typeof who === 'string') return short(who, 40);
    if (who.serial === 0) return 'outside';
    const actor = this.#store.model.actor(pidText(who));
    return actor === undefined
      ? `${short(who.system, 40)}.${who.serial}`
      : short(labelOf(actor), 40);
  }

  #group(who: Pid | string): string {
    if (typeof who === 'string') return who;
    return this.#store.model.actor(pidText(who))?.body ?? `of ${who.system}`;
  }
}

function keyOf(who: Pid | string): string {
  return typeof who === 'string' ? who : pidText(who);
}

function marksOf(messages: readonly MessageView[]): Mark[] {
  const marks: Mark[] = [];
  for (const message of messages) {
    marks.push({ at: message.sentAt, message, what: 'sent' });
    if (message.takenAt !== undefined) marks.push({ at: message.takenAt, message, what: 'taken' });
    if (message.doneAt !== undefined) marks.push({ at: message.doneAt, message, what: 'done' });
  }
  const ranks = { sent: 1, taken: 0, done: 2 };
  return marks.sort(
    (a, b) =>
      a.at - b.at ||
      (a.message === b.message ? ranks[b.what] - ranks[a.what] : 0) ||
      a.message.id - b.message.id,
  );
}

function tip(x: number, y: number, way: number): string {
  return `M${x - way * 2} ${y}l${-way * 7} -3.5v7z`;
}

function head({ key, title, count }: Lifeline, x: number, width: number): SVGElement[] {
  const most = Math.max(4, Math.floor(width / 7) - (count > 1 ? 4 : 0));
  return [
    s('rect', {
      class: 'headbox',
      x: x - width / 2,
      y: 8,
      width,
      height: 24,
      rx: 6,
      'data-pid': key,
    }),
    s(
      'text',
      { x, y: 24, 'text-anchor': 'middle', 'data-pid': key },
      s('title', {}, title),
      `${short(title, most)}${count > 1 ? ` × ${count}` : ''}`,
    ),
  ];
}
