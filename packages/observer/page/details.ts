/** One actor at the side; or, when none is selected, what needs attention. */

import type { Pid } from 'beamish';
import { type ActorRecord, labelOf, statusOf } from '../src/model/actor-record.ts';
import { perSecond } from '../src/model/rates.ts';
import type { ActorDetail } from '../src/terms/view.ts';
import { type PidText, pidText } from '../src/terms/wire.ts';
import { attention } from './cards.ts';
import { classed, h, replace } from './dom.ts';
import type { Link } from './link.ts';
import type { Store } from './store.ts';
import { ago, count, duration, pidWords, rate, short, sign } from './words.ts';

const ASK_MS = 1000;
const ATTENTION_MS = 1000;

export class Details {
  readonly element: HTMLElement;
  readonly #store: Store;
  readonly #link: Link;
  readonly #choose: (pid: Pid | undefined) => void;
  /** Has the page painted, if anybody sees it. */
  readonly #again: () => void;
  #askedAt = 0;
  #asked: PidText | undefined;
  #shown: unknown;
  #shownAt = 0;
  #later: ReturnType<typeof setTimeout> | undefined;
  #withState = false;
  #answer = '';

  constructor(store: Store, link: Link, choose: (pid: Pid | undefined) => void, again: () => void) {
    this.#store = store;
    this.#link = link;
    this.#choose = choose;
    this.#again = again;
    this.element = h('aside', { class: 'side', 'aria-label': 'Details', tabindex: 0 });
  }

  paint(): void {
    const { selected } = this.#store;
    classed(this.element, 'attention', selected === undefined);
    if (selected === undefined) return this.#attention();
    const now = performance.now();
    if (this.#asked !== selected) {
      this.#withState = false;
      this.#answer = '';
      this.#store.detail = undefined;
      this.element.scrollTop = 0;
    }
    if (this.#asked !== selected || now - this.#askedAt > ASK_MS) {
      this.#asked = selected;
      this.#askedAt = now;
      this.#link.ask(selected, this.#withState);
    }
    if (
      this.#shown === this.#store.detail &&
      this.#shown !== undefined &&
      now - this.#shownAt < ASK_MS
    )
      return;
    // Whoever has a hand on a button keeps it.
    if (
      this.#shown !== undefined &&
      this.element.contains(document.activeElement) &&
      document.activeElement !== this.element &&
      now - this.#shownAt < 3 * ASK_MS
    )
      return;
    this.#shown = this.#store.detail;
    this.#shownAt = now;
    const actor = this.#store.model.actor(selected);
    const focused = (document.activeElement as HTMLElement | null)?.dataset['what'];
    if (actor === undefined) replace(this.element, this.#gone());
    else replace(this.element, ...this.#actor(actor, this.#store.detail));
    if (focused !== undefined)
      [...this.element.querySelectorAll<HTMLElement>('[data-what]')]
        .find((it) => it.dataset['what'] === focused)
        ?.focus();
  }

  #attention(): void {
    const now = performance.now();
    const early = this.#shownAt + ATTENTION_MS - now;
    if (this.#asked === undefined && early > 0) {
      // Nothing else may come that would show it, as in a recording.
      this.#later ??= setTimeout(() => {
        this.#later = undefined;
        this.#shownAt = Number.NEGATIVE_INFINITY;
        this.#again();
      }, early);
      return;
    }
    if (
      this.#asked === undefined &&
      this.element.contains(document.activeElement) &&
      document.activeElement !== this.element
    )
      return;
    this.#asked = undefined;
    this.#shownAt = now;
    this.#shown = undefined;
    replace(
      this.element,
      h('div', { class: 'head' }, h('h2', {}, 'Needs attention')),
      ...attention(this.#store, this.#choose, Date.now()),
    );
  }

  #gone(): HTMLElement {
    return h(
      'div',
      { class: 'head' },
      h('p', {}, 'This actor is not known any more: it ended a while ago.'),
      this.#close(),
    );
  }

  #close(): HTMLElement {
    return h(
      'button',
      {
        type: 'button',
        class: 'control',
        'data-what': 'close',
        'aria-label': 'Close the details',
        onclick: () => this.#choose(undefined),
      },
      '×',
    );
  }

  #actor(actor: ActorRecord, detail: ActorDetail | undefined): (HTMLElement | undefined)[] {
    const status = statusOf(actor);
    const restarts = this.#store.model.restartsOf(actor);
    const speeds = perSecond(actor.rates, this.#store.model.systemOf(actor.key)?.at ?? 0);
    const label = detail?.name ?? detail?.childId ?? detail?.body ?? labelOf(actor);
    return [
      h(
        'div',
        { class: 'head' },
        h(
          'div',
          {},
          h('h2', {}, short(label, 20_000)),
          h(
            'div',
            { class: 'mono faint' },
            `${pidWords(actor)} · ${short(detail?.body ?? actor.body, 20_000)} · ${actor.kind}`,
          ),
        ),
        this.#close(),
      ),
      this.#wait(actor, detail),
      section(
        'Figures',
        pairs([
          ['State', h('span', {}, sign(status), ' ', status)],
          [
            'Mailbox',
            actor.limit === undefined
              ? count(actor.mailbox)
              : `${count(actor.mailbox)} of ${count(actor.limit)}`,
          ],
          ['Taken', `${actor.reductions.toLocaleString('en')} in all`],
          ['A second', speeds.map(rate).join(' · ')],
          ['Restarts', restarts === 0 ? 'none seen' : String(restarts)],
          ['There since', ago(actor.spawnedAt, Date.now())],
          ['Traps exits', detail === undefined ? '…' : detail.trapExit ? 'yes' : 'no'],
        ]),
      ),
      detail !== undefined && detail.mailbox.length > 0
        ? bars('In its mailbox', detail.mailbox, actor.mailbox > 10_000)
        : undefined,
      detail &&
        this.#people(
          'Under',
          detail.ancestors.map(({ pid }) => pid),
        ),
      detail && this.#people('Linked to', detail.links),
      detail &&
        this.#people(
          'Monitors',
          detail.monitors.filter((target): target is Pid => 'serial' in target),
        ),
      detail && this.#people('Monitored by', detail.monitoredBy),
      detail !== undefined && detail.timers.length > 0
        ? section(
            'Timers',
            ...detail.timers
              .slice(0, 8)
              .map(({ inMs, tag, everyMs }) =>
                h(
                  'p',
                  {},
                  h('span', { class: 'tag' }, short(tag, 40)),
                  ` in ${duration(inMs)}${everyMs > 0 ? `, every ${duration(everyMs)}` : ''}`,
                ),
              ),
          )
        : undefined,
      this.#handled(detail),
      this.#state(actor, detail),
      this.#actions(actor),
    ];
  }

  #wait(actor: ActorRecord, detail: ActorDetail | undefined): HTMLElement | undefined {
    if (actor.ended !== undefined)
      return h(
        'div',
        { class: 'card error' },
        h(
          'p',
          {},
          `It ended ${ago(actor.ended.at, Date.now())}: ${short(actor.ended.reason, 500)}`,
        ),
      );
    const waiting = detail?.waiting;
    if (waiting === undefined) return undefined;
    const isReceive = actor.status === 2 || actor.status === 4;
    const what = isReceive
      ? actor.waitingFor[0] === '*'
        ? ['Waits for any message']
        : [
            'Waits for ',
            ...actor.waitingFor
              .slice(0, 8)
              .map((tag) => h('span', { class: 'tag' }, short(tag, 60))),
          ]
      : [`Waits for ${short(actor.waitingFor.join(', '), 200)}`];
    const left =
      waiting.leftMs === undefined ? 'without a time-out' : `${duration(waiting.leftMs)} left`;
    const { call } = waiting;
    return h(
      'div',
      { class: `card ${waiting.unmatched.length > 0 ? 'warning' : ''}` },
      h('p', {}, ...what),
      h('p', { class: 'muted' }, `For ${duration(waiting.sinceMs)}, ${left}.`),
      call !== undefined && 'serial' in call.to
        ? h('p', {}, `Asked “${short(call.what)}” of `, this.#person(call.to as Pid))
        : undefined,
      waiting.unmatched.length > 0 &&
        h(
          'p',
          { class: 'severity-warning' },
          `None of its ${count(actor.mailbox)} messages is that.`,
        ),
    );
  }

  #people(title: string, pids: readonly Pid[]): HTMLElement | undefined {
    if (pids.length === 0) return undefined;
    const more =
      pids.length > 12 ? h('span', { class: 'faint' }, `and ${pids.length - 12} more`) : undefined;
    return section(
      title,
      h('div', { class: 'who-links' }, ...pids.slice(0, 12).map((pid) => this.#person(pid)), more),
    );
  }

  #person(pid: Pid): HTMLElement {
    const actor = this.#store.model.actor(pidText(pid));
    if (actor === undefined)
      return h(
        'span',
        { class: 'mono muted' },
        pid.serial === 0 ? 'outside' : `${short(pid.system, 40)}.${pid.serial}`,
      );
    return h(
      'button',
      {
        type: 'button',
        class: 'link',
        'data-what': pidText(pid),
        onclick: () => this.#choose(pid),
      },
      short(labelOf(actor)),
    );
  }

  #handled(detail: ActorDetail | undefined): HTMLElement | undefined {
    if (detail === undefined || detail.handled.length === 0) return undefined;
    const last = [...detail.handled].reverse().slice(0, 12);
    return section(
      'Messages it took last',
      h(
        'ol',
        { class: 'handled' },
        ...last.map(({ tag, sentAt, takenAt, doneAt }) =>
          h(
            'li',
            {},
            h('span', {}, h('span', { class: 'tag' }, short(tag, 40))),
            h(
              'span',
              { class: 'muted', title: 'in the mailbox' },
              `waited ${duration((takenAt ?? sentAt) - sentAt)}`,
            ),
            h(
              'span',
              { class: 'muted', title: 'handling' },
              doneAt === undefined ? 'at it' : `took ${duration(doneAt - (takenAt ?? doneAt))}`,
            ),
          ),
        ),
      ),
    );
  }

  #state(actor: ActorRecord, detail: ActorDetail | undefined): HTMLElement | undefined {
    if (actor.kind !== 'server') return undefined;
    if (detail !== undefined && 'state' in detail)
      return section(
        'State',
        h(
          'pre',
          { class: 'state', tabindex: 0 },
          JSON.stringify((detail.state as { state?: unknown })?.state ?? detail.state, null, 2) ??
            '',
        ),
      );
    const ask = () => {
      if (!this.#store.payloads) return;
      this.#withState = true;
      this.#askedAt = 0;
      this.#shownAt = 0;
    };
    return section(
      'State',
      this.#button(
        'state',
        'Show its state',
        this.#store.payloads,
        'Needs `payloads`, as it runs the server’s own code',
        ask,
      ),
    );
  }

  #actions(actor: ActorRecord): HTMLElement {
    const { control } = this.#store;
    const why = 'Needs `control: true`';
    const go =
      (kind: string, fields: object = {}) =>
      async () => {
        const { ok, reason } = await this.#link.act({ kind, to: actor.key, ...fields });
        this.#answer = ok ? `Done: ${kind}` : `Not done: ${reason ?? 'refused'}`;
        this.#shownAt = 0;
        this.paint();
      };
    const kinds = actor.kind === 'actor' ? [] : [actor.status === 4 ? 'resume' : 'suspend'];
    const all = [...(actor.childId === undefined ? [] : ['restart']), ...kinds, 'exit', 'kill'];
    return section(
      'Actions',
      h(
        'div',
        { class: 'actions' },
        ...all.map((kind) =>
          this.#button(
            kind,
            TITLES[kind] ?? kind,
            control,
            why,
            go(kind, kind === 'exit' ? { reason: 'shutdown' } : {}),
            kind === 'kill',
          ),
        ),
      ),
      h(
        'p',
        { class: 'muted', role: 'status' },
        control ? this.#answer : `${why}: this page only looks.`,
      ),
    );
  }

  #button(
    what: string,
    title: string,
    isAllowed: boolean,
    why: string,
    act: () => void,
    isBad = false,
  ): HTMLElement {
    return h(
      'button',
      {
        type: 'button',
        class: isBad && isAllowed ? 'control bad' : 'control',
        'data-what': what,
        'aria-disabled': isAllowed ? undefined : 'true',
        title: isAllowed ? undefined : why,
        onclick: () => {
          if (isAllowed) act();
        },
      },
      title,
    );
  }
}

const TITLES: { readonly [kind: string]: string } = {
  restart: 'Restart',
  suspend: 'Suspend',
  resume: 'Resume',
  exit: 'Exit “shutdown”',
  kill: 'Kill',
};

function section(title: string, ...children: readonly (Node | string | undefined)[]): HTMLElement {
  return h('section', {}, h('h3', {}, title), ...children);
}

function pairs(all: readonly (readonly [string, Node | string])[]): HTMLElement {
  return h(
    'dl',
    { class: 'pairs' },
    ...all.flatMap(([name, value]) => [h('dt', {}, name), h('dd', {}, value)]),
  );
}

function bars(
  title: string,
  tags: readonly { readonly tag: string; readonly count: number }[],
  isPart: boolean,
): HTMLElement {
  const most = tags[0]?.count ?? 1;
  return section(
    isPart ? `${title}, of the first 10,000` : title,
    h(
      'ul',
      { class: 'bars' },
      ...tags.slice(0, 10).map(({ tag, count: its }) => {
        const fill = h('div', { class: 'fill' });
        fill.style.transform = `scaleX(${(its / most).toFixed(3)})`;
        return h(
          'li',
          {},
          h('span', {}, h('span', { class: 'tag' }, short(tag, 40))),
          h('div', { class: 'trough' }, fill),
          h('span', { class: 'number' }, count(its)),
        );
      }),
    ),
  );
}
