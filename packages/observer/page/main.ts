/** The page: a bar, vital figures, a view, and details at its side. */

import type { Pid } from 'beamish';
import type { ActorRecord } from '../src/model/actor-record.ts';
import { pidText } from '../src/terms/wire.ts';
import { ActorsView } from './actors-view.ts';
import { Details } from './details.ts';
import { attribute, classed, h, replace, s, text } from './dom.ts';
import { Link } from './link.ts';
import { MessagesView } from './messages-view.ts';
import { PanelsView } from './panels-view.ts';
import { ProblemsView } from './problems-view.ts';
import { Store, type ViewName } from './store.ts';
import { ThreadsView } from './threads-view.ts';
import { TreeView } from './tree-view.ts';
import { VitalsStrip } from './vitals.ts';
import { WaitsView } from './waits-view.ts';
import { duration, short } from './words.ts';

const VIEWS: readonly (readonly [ViewName, string])[] = [
  ['tree', 'Tree'],
  ['actors', 'Actors'],
  ['messages', 'Messages'],
  ['waits', 'Waits'],
  ['problems', 'Problems'],
  ['threads', 'Threads'],
];
/** Figures change no more often. */
const FIGURES_MS = 250;
const SAY_MS = 5000;

const store = new Store();
const link = new Link(store, () => schedule());

const views = new Map<ViewName, { readonly element: HTMLElement; paint(): void }>();
const tree = new TreeView(store, selectActor, () => paint());
const actors = new ActorsView(store, selectActor, () => paint());
views.set('tree', tree);
views.set('actors', actors);
views.set('messages', new MessagesView(store, select));
views.set('waits', new WaitsView(store, select));
views.set('problems', new ProblemsView(store, select));
views.set('threads', new ThreadsView(store));
const details = new Details(store, link, select, schedule);
const vitals = new VitalsStrip(store);

const title = h('h1', {}, 'beamish');
const pill = h('span', { class: 'pill', role: 'status' }, 'Connecting');
const tabs = h('div', { class: 'tabs', role: 'tablist', 'aria-label': 'Views' });
const search = h('input', {
  type: 'search',
  placeholder: 'Search',
  'aria-label': 'Search',
  autocomplete: 'off',
  spellcheck: 'false',
});
const pause = h(
  'button',
  {
    type: 'button',
    class: 'control',
    'aria-pressed': 'false',
    onclick: () => setPaused(!store.isPaused),
  },
  'Pause',
);
const theme = h(
  'button',
  {
    type: 'button',
    class: 'control',
    'aria-label': 'Light or dark',
    onclick: () => setTheme(themeNow() === 'dark' ? 'light' : 'dark'),
  },
  '◐',
);
const helpButton = h(
  'button',
  { type: 'button', class: 'control', 'aria-label': 'Help', onclick: () => help.showModal() },
  '?',
);
const banner = h('div', { class: 'banner', role: 'alert', hidden: true });
const view = h('main', { class: 'view' });
const said = h('div', { class: 'hidden-words', 'aria-live': 'polite' });
const help = helpDialog();
const timeline = h('input', { type: 'range', 'aria-label': 'Moment', step: 1 });
let lastSaid = Number.NEGATIVE_INFINITY;
let lastFigures = 0;
let isScheduled = false;
let lastKey = '';

document.body.append(
  h(
    'header',
    { class: 'bar' },
    h('div', { class: 'brand' }, brand(), title, pill),
    tabs,
    h('div', { class: 'tools' }, search, pause, theme, helpButton),
  ),
  banner,
  vitals.element,
  view,
  details.element,
  said,
  help,
);

search.addEventListener('input', () => {
  store.search = search.value.trim();
  paint();
});
timeline.addEventListener('input', () => link.seek(Number(timeline.value)));
document.addEventListener('keydown', onKey);
addEventListener('resize', () => paint());
setTheme(
  stored('beamish-theme') ??
    (matchMedia('(prefers-color-scheme: light)').matches ? 'light' : 'dark'),
  false,
);
show('tree');
link.open();

/** One painting a frame of the screen, however much is told; none in a tab that nobody sees. */
function schedule(): void {
  if (isScheduled || document.visibilityState === 'hidden') return;
  isScheduled = true;
  requestAnimationFrame(() => {
    isScheduled = false;
    if (!store.isPaused || store.link !== 'live') paint();
  });
}

function paint(): void {
  const now = performance.now();
  paintBar();
  views.get(store.view)?.paint();
  details.paint();
  if (now - lastFigures >= FIGURES_MS) {
    lastFigures = now;
    vitals.paint();
  }
  if (store.said !== '' && now - lastSaid >= SAY_MS) {
    lastSaid = now;
    text(said, store.said);
    store.said = '';
  }
}

function paintBar(): void {
  const name = store.name === '' ? 'beamish' : store.name;
  const inBar = short(name);
  text(title, inBar);
  if (document.title !== inBar) document.title = inBar;
  const isRecorded = store.recorded !== undefined;
  const words = isRecorded
    ? 'Recording'
    : store.link === 'live'
      ? store.isPaused
        ? 'Paused'
        : 'Live'
      : { connecting: 'Connecting', silent: 'No answer', ended: 'Ended', refused: 'No access' }[
          store.link
        ];
  text(pill, words);
  classed(
    pill,
    'silent',
    store.link === 'silent' || store.link === 'ended' || store.link === 'refused',
  );
  classed(pill, 'paused', store.isPaused && store.link === 'live');
  classed(pill, 'recorded', isRecorded);
  paintBanner();
  paintTabs();
  pause.hidden = isRecorded;
  if (isRecorded && timeline.parentElement === null) {
    const { from, until } = store.recorded as { from: number; until: number };
    attribute(timeline, 'min', String(Math.floor(from)));
    attribute(timeline, 'max', String(Math.ceil(until)));
    timeline.value = String(Math.ceil(until));
    view.before(
      h(
        'div',
        { class: 'heading recording-time' },
        h('span', { class: 'muted' }, 'Moment'),
        timeline,
      ),
    );
  }
}

function paintBanner(): void {
  const ms = performance.now() - store.heardAt;
  const words =
    store.link === 'refused'
      ? store.why
      : store.link === 'ended'
        ? `${store.why} What you see is from then. As soon as it runs again, it is here.`
        : store.link === 'silent'
          ? `No answer for ${duration(Math.round(ms / 1000) * 1000)}. What you see is from then.`
          : '';
  banner.hidden = words === '';
  text(banner, words);
}

function paintTabs(): void {
  const titles = [...new Set(store.panels.map((panel) => panel.title))];
  const all: (readonly [ViewName, string])[] = [
    ...VIEWS,
    ...titles.map((name) => [`panel ${name}`, name] as const),
  ];
  const key = JSON.stringify(all);
  if (key !== lastKey) {
    lastKey = key;
    const focused = (document.activeElement as HTMLElement | null)?.id;
    replace(tabs, ...all.map(([name, words]) => tab(name, words)));
    if (focused?.startsWith('tab-') === true) document.getElementById(focused)?.focus();
    for (const name of titles)
      if (!views.has(`panel ${name}`))
        views.set(`panel ${name}`, new PanelsView(name, idOf(`panel ${name}`), store, link));
  }
  for (const button of tabs.children) {
    const isHere = button.getAttribute('data-view') === store.view;
    attribute(button, 'aria-selected', String(isHere));
    attribute(button, 'tabindex', isHere ? '0' : '-1');
    attribute(button, 'aria-controls', isHere ? 'panel' : undefined);
  }
  const badge = tabs.querySelector('.badge');
  if (badge === null) return;
  const errors = store.findings.filter(({ severity }) => severity === 'error').length;
  const n = store.findings.filter(({ severity }) => severity !== 'hint').length;
  text(badge, n === 0 ? '' : String(n));
  classed(badge, 'warn', errors === 0);
}

function tab(name: ViewName, words: string): HTMLElement {
  return h(
    'button',
    {
      type: 'button',
      role: 'tab',
      id: idOf(name),
      'data-view': name,
      onclick: () => show(name),
    },
    short(words, 40),
    name === 'problems' ? h('span', { class: 'badge' }) : undefined,
  );
}

/** A title may have blanks and signs, of which an id must have none. */
const ids = new Map<ViewName, string>();

function idOf(name: ViewName): string {
  if (!name.startsWith('panel ')) return `tab-${name}`;
  const id = ids.get(name) ?? `tab-panel-${ids.size}`;
  ids.set(name, id);
  return id;
}

function show(name: ViewName): void {
  store.view = name;
  const its = views.get(name);
  if (its === undefined) return;
  replace(view, its.element);
  link.watch();
  paint();
}

function select(pid: Pid | undefined): void {
  store.selected = pid === undefined ? undefined : pidText(pid);
  if (pid !== undefined) tree.list.current = actors.list.current = pidText(pid);
  paint();
}

function selectActor(actor: ActorRecord): void {
  select(actor.pid);
}

function setPaused(on: boolean): void {
  store.isPaused = on;
  attribute(pause, 'aria-pressed', String(on));
  text(pause, on ? 'Go on' : 'Pause');
  paint();
}

function onKey(event: KeyboardEvent): void {
  if (event.ctrlKey || event.metaKey || event.altKey || help.open) return;
  const { key } = event;
  if (key === 'Escape') {
    if (search.value !== '' || document.activeElement === search) {
      search.value = store.search = '';
      search.blur();
      focusView();
    } else if (store.selected !== undefined) {
      select(undefined);
      focusView();
    }
    return paint();
  }
  const target = event.target as HTMLElement;
  if (target.matches('input')) return;
  if (target.matches('[role="tab"]') && (key === 'ArrowRight' || key === 'ArrowLeft')) {
    const next = key === 'ArrowRight' ? target.nextElementSibling : target.previousElementSibling;
    (next as HTMLElement | null)?.click();
    (next as HTMLElement | null)?.focus();
    return;
  }
  const number = Number(key);
  const there = tabs.children[number - 1]?.getAttribute('data-view');
  if (there !== null && there !== undefined && number > 0) {
    show(there as ViewName);
    focusView();
  } else if (key === '/') {
    search.focus();
    search.select();
  } else if (key === 'p') {
    setPaused(!store.isPaused);
  } else if (key === 's') {
    actors.next();
  } else if (key === '?') {
    help.showModal();
  } else {
    return;
  }
  event.preventDefault();
}

/** The keyboard stands in what is shown. */
function focusView(): void {
  view.querySelector<HTMLElement>('[tabindex="0"]')?.focus();
}

function themeNow(): string {
  return document.documentElement.dataset['theme'] ?? 'dark';
}

function setTheme(name: string, isChosen = true): void {
  document.documentElement.dataset['theme'] = name === 'light' ? 'light' : 'dark';
  if (!isChosen) return;
  try {
    localStorage.setItem('beamish-theme', name);
  } catch {
    // Where nothing may be kept, it is chosen anew each time.
  }
}

function stored(name: string): string | null {
  try {
    return localStorage.getItem(name);
  } catch {
    return null;
  }
}

function brand(): SVGElement {
  return s(
    'svg',
    { viewBox: '0 0 20 20', width: 20, height: 20, 'aria-hidden': 'true' },
    s('path', {
      d: 'M10 5v4M10 9H4v4M10 9h6v4M10 9v4',
      fill: 'none',
      stroke: 'var(--edge)',
      'stroke-width': 1.5,
    }),
    s('circle', { cx: 10, cy: 4, r: 2.5, fill: 'var(--accent)' }),
    ...[4, 10, 16].map((cx) => s('circle', { cx, cy: 15, r: 2.5, fill: 'var(--good)' })),
  );
}

function helpDialog(): HTMLDialogElement {
  const keys: readonly (readonly [string, string])[] = [
    ['1 … 6', 'views'],
    ['/', 'search'],
    ['↑ ↓ Home End', 'in lists, and the Page keys'],
    ['→ ←', 'open and close, crowds too'],
    ['Enter', 'details'],
    ['Escape', 'back'],
    ['p', 'pause'],
    ['s', 'sort by the next column'],
    ['?', 'these keys'],
  ];
  const dialog = h(
    'dialog',
    { 'aria-labelledby': 'help-title' },
    h('h2', { id: 'help-title', class: 'help-title' }, 'Keys'),
    h(
      'dl',
      { class: 'pairs' },
      ...keys.flatMap(([key, does]) => [h('dt', { class: 'mono' }, key), h('dd', {}, does)]),
    ),
    h('form', { method: 'dialog' }, h('button', { class: 'control' }, 'Close')),
  );
  return dialog;
}
