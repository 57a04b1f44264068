// The page: what is given goes to whoever crunches, and what they tell is shown.

import type { Frame, SeenFile } from '../src/services/page/frame.ts';
import { bytes, count, countOf } from '../src/units.ts';
import { byId, element, Keyed, setClass, setText } from './dom.ts';
import { type Dropped, droppedFiles, pickedFiles } from './dropped.ts';
import { fileView } from './file-view.ts';
import { GivenFiles } from './given.ts';
import { NoticesView } from './notices-view.ts';
import { Server } from './served.ts';
import type { Link, Source } from './source.ts';
import { applyTheme } from './theme.ts';
import { TreeView } from './tree-view.ts';

applyTheme(byId('theme'));

/** Set when this is bundled: whether there is a server behind the page. */
declare const SERVED: boolean;
type Where = 'server' | 'here';

/** Both, once they were wanted: what one is at goes on while the other is shown. */
const sources = new Map<Where, Promise<Source>>();
let where: Where = SERVED ? 'server' : 'here';
let source: Source | undefined;
let last: Frame | undefined;
/** Whose results somebody waits to hear of: by the id of the work. */
const awaited = new Map<string, string>();

const given = new GivenFiles(
  (at) => sourceAt(at),
  () => showFiles(),
  ({ name }, sent) => {
    if (sent.kind === 'taken') awaited.set(sent.work, name);
    else tell(sent.kind === 'failed' ? `${name}: ${sent.why}` : `${name} was cancelled`);
  },
);

const files = fileView(byId('file-list'), (id) => {
  if (!given.cancel(id)) void source?.cancel(id);
});
const tree = new TreeView(byId('tree'), (cruncher) => {
  void source?.crash(cruncher).then((why) => say(why ?? `${cruncher} was crashed`));
});
const domains = new Keyed<Frame['domains'][number], HTMLLIElement>(
  byId('domains'),
  ([domain]) => domain,
  ([domain]) => {
    const fill = element('span', 'fill');
    fill.style.display = 'block';
    const name = element('span', 'name', domain);
    name.title = domain;
    return element('li', '', name, element('span', 'track', fill), element('span', 'n'));
  },
  (item, [, n]) => {
    const most = last?.domains[0]?.[1] ?? 1;
    const fill = item.querySelector<HTMLElement>('.fill');
    if (fill !== null) fill.style.transform = `scaleX(${n / most})`;
    setText(item.lastElementChild as Element, count(n));
  },
);
const newest = new Keyed<string, HTMLLIElement>(
  byId('newest'),
  (address) => address,
  (address) => {
    const item = element('li', '', address);
    item.title = address;
    return item;
  },
  () => {},
);
const notices = new NoticesView(byId('notices'), (name, what) => void notify(name, what));
const queues = new Keyed<NonNullable<Frame['queues']>[number], HTMLLIElement>(
  byId('queues'),
  ({ name }) => name,
  ({ name }) => element('li', '', element('span', 'name', name), element('span', 'n')),
  (item, { ready }) => setText(item.lastElementChild as Element, count(ready)),
);

void change(where);
byId('where').hidden = !SERVED;
for (const choice of document.querySelectorAll<HTMLInputElement>('input[name=where]')) {
  choice.checked = choice.value === where;
  choice.addEventListener('change', () => void change(choice.value as Where));
}

function sourceAt(at: Where): Promise<Source> {
  const made = sources.get(at) ?? makeSource(at);
  sources.set(at, made);
  return made;
}

async function makeSource(at: Where): Promise<Source> {
  if (at === 'server') return new Server();
  // A browser that crunches by itself loads what it needs for that, and no other does.
  const { Here } = await import('./here.ts');
  return new Here();
}

/** From now on this one crunches what is given, and its figures are shown. */
async function change(to: Where): Promise<void> {
  source?.close();
  where = to;
  setText(
    byId('drop-where'),
    to === 'here' ? 'in this browser, and leaves it not' : 'on the server',
  );
  setText(byId('lag-label'), to === 'here' ? 'This page held up' : 'Event loop held up');
  const next = await sourceAt(to);
  // Somebody may have changed their mind.
  if (where !== to) return;
  source = next;
  last = undefined;
  next.open({
    frame: (frame) => where === to && show(frame),
    link: (link) => where === to && showLink(link),
  });
}

function show(frame: Frame): void {
  last = frame;
  const { fast, thorough } = frame.totals;
  setText(byId('counter'), count(fast?.found ?? 0));
  setText(byId('emails'), fast?.found === 1 ? 'email' : 'emails');
  setText(byId('distinct'), count(frame.distinct));
  setText(byId('by-thorough'), count(thorough?.found ?? 0));
  setText(byId('rate'), bytes(Math.round(frame.rates.at(-1) ?? 0)));
  setText(byId('lag'), `${Math.round(frame.lagMs)} ms`);
  showChart(frame.rates);
  domains.show(frame.domains);
  byId('no-domains').hidden = frame.domains.length > 0;
  newest.show(frame.newest);
  byId('no-newest').hidden = frame.newest.length > 0;
  showNotices(frame);
  byId('queues-card').hidden = frame.queues === undefined;
  queues.show(frame.queues?.filter(({ ready }) => ready > 0) ?? []);
  setText(
    byId('queues-title'),
    frame.queues?.some(({ ready }) => ready > 0) ? 'Queues' : 'Queues: all empty',
  );
  tree.show(frame.tree);
  showFiles();
  hearResults(frame.files);
}

function showFiles(): void {
  const known = last?.files ?? [];
  const all = [...given.shown(known), ...known];
  files.show(all);
  byId('no-files').hidden = all.length > 0;
}

function showNotices({ notices: all, notifiers, notifyDomain }: Frame): void {
  byId('notices-card').hidden = notifyDomain === undefined;
  setText(
    byId('no-notices'),
    all.length > 0 ? '' : `No address of ${notifyDomain ?? ''} has been found yet.`,
  );
  notices.show(all, notifiers);
}

async function notify(name: string, what: 'start' | 'stop'): Promise<void> {
  const obstacle = await source?.notify(name, what);
  const done = what === 'start' ? 'is sent notices' : 'is unsubscribed';
  setText(byId('notify-told'), obstacle ?? `${name} ${done}`);
}

/** Tells what was found in what was given here, once both crunchers are through with it. */
function hearResults(all: readonly SeenFile[]): void {
  for (const { id, state, crunchers, why } of all) {
    const name = awaited.get(id);
    if (name === undefined || state === 'crunching' || state === 'receiving') continue;
    awaited.delete(id);
    const found = crunchers.map(({ cruncher, found: n }) => `${cruncher} ${count(n)}`).join(', ');
    const most = Math.max(0, ...crunchers.map(({ found: n }) => n));
    if (state === 'failed') tell(`${name}: ${why ?? 'failed'}`);
    else if (state === 'done')
      tell(`${name}: ${countOf(most, 'email')}${most === 0 ? '' : ` (${found})`}`);
  }
}

const LINKS = {
  live: (at: Where) => (at === 'here' ? 'In this browser alone' : 'Live'),
  lost: () => 'No connection',
  connecting: (at: Where) => (at === 'here' ? 'Beginning…' : 'Connecting…'),
  failed: () => 'Not here',
} as const;

function showLink(link: Link): void {
  const pill = byId('link');
  const banner = byId('banner');
  setClass(
    pill,
    link.kind === 'live' ? 'pill live' : link.kind === 'connecting' ? 'pill' : 'pill lost',
  );
  setText(pill, LINKS[link.kind](where));
  banner.hidden = link.kind !== 'lost' && link.kind !== 'failed';
  if (link.kind === 'failed') setText(banner, `This browser cannot do it alone: ${link.why}`);
  if (link.kind !== 'lost') return;
  const since = new Date(link.since).toLocaleTimeString();
  setText(
    banner,
    `The server has not answered since ${since}: what you see is from then. It is tried again and again; nothing has to be done here.`,
  );
}

const HEIGHT = 28;
const WIDTH = 120;

function showChart(rates: readonly number[]): void {
  const most = Math.max(1, ...rates);
  const step = WIDTH / 59;
  const at = (rate: number, i: number): string =>
    `${(WIDTH - (rates.length - 1 - i) * step).toFixed(1)} ${(HEIGHT - (rate / most) * (HEIGHT - 2)).toFixed(1)}`;
  const points = rates.map(at).join('L');
  const [area, line] = byId<SVGElement>('chart').children;
  const first = (WIDTH - (rates.length - 1) * step).toFixed(1);
  line?.setAttribute('d', points === '' ? '' : `M${points}`);
  area?.setAttribute('d', points === '' ? '' : `M${first} ${HEIGHT}L${points}L${WIDTH} ${HEIGHT}z`);
}

/** Beside the buttons, and for screen readers. */
function tell(text: string): void {
  setText(byId('told'), text);
}

function say(text: string): void {
  setText(byId('said'), text);
}

function give(all: readonly Dropped[]): void {
  for (const { name, file } of all) given.give(name, file, where);
  if (all.length > 0) tell(all.length === 1 ? `${all[0]?.name}` : countOf(all.length, 'file'));
}

const text = byId<HTMLTextAreaElement>('text');
byId('paste').addEventListener('submit', (event) => {
  event.preventDefault();
  if (text.value === '') {
    tell('There is no text yet');
    text.focus();
    return;
  }
  tell('');
  given.give('Pasted text', new Blob([text.value], { type: 'text/plain' }), where);
});
byId('notify').addEventListener('submit', (event) => {
  event.preventDefault();
  const name = byId<HTMLInputElement>('notify-name');
  void notify(name.value.trim(), 'start');
  name.value = '';
});
for (const [button, input] of [
  ['pick', 'files'],
  ['pick-folder', 'folder'],
] as const) {
  const picker = byId<HTMLInputElement>(input);
  byId(button).addEventListener('click', () => picker.click());
  picker.addEventListener('change', () => give(pickedFiles(picker)));
}

/** Enter and leave are told of each element on the way. */
let depth = 0;
addEventListener('dragenter', (event) => {
  if (!event.dataTransfer?.types.includes('Files')) return;
  depth++;
  byId('drop').hidden = false;
});
addEventListener('dragleave', () => {
  depth = Math.max(0, depth - 1);
  byId('drop').hidden = depth === 0;
});
addEventListener('dragover', (event) => {
  if (event.dataTransfer?.types.includes('Files')) event.preventDefault();
});
addEventListener('drop', (event) => {
  depth = 0;
  byId('drop').hidden = true;
  if (!event.dataTransfer?.types.includes('Files')) return;
  event.preventDefault();
  void droppedFiles(event.dataTransfer).then(give);
});
