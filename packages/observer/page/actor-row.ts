/** A row of one actor, or of a crowd of alike ones, as the tree and the table show it. */

import { type ActorRecord, labelOf, statusOf } from '../src/model/actor-record.ts';
import { perSecond } from '../src/model/rates.ts';
import { attribute, classed, h, replace, s, text } from './dom.ts';
import type { Store } from './store.ts';
import { count, pidWords, rate, short, sign, statusWords } from './words.ts';

/** A mailbox is long from here on. */
const MUCH = 1000;
const STEP = 20;

export interface Crowd {
  readonly key: string;
  readonly body: string;
  readonly actors: readonly ActorRecord[];
}

interface Parts {
  readonly who: HTMLElement;
  readonly twist: HTMLElement;
  readonly sign: HTMLElement;
  readonly name: HTMLElement;
  readonly more: HTMLElement;
  readonly waits: HTMLElement;
  readonly rate: HTMLElement;
  readonly trough: HTMLElement;
  readonly fill: HTMLElement;
  readonly count: HTMLElement;
  readonly restarts: HTMLElement;
  readonly small: HTMLElement;
  cells: HTMLCanvasElement | undefined;
  /** What was painted last, so that nothing is painted twice. */
  shape: string;
  words: string;
}

const parts = new WeakMap<HTMLElement, Parts>();

export function makeRow(role: 'treeitem' | 'row'): HTMLElement {
  const cell = role === 'row' ? 'gridcell' : undefined;
  const twist = h('span', { class: 'twist', 'aria-hidden': 'true' });
  const its = h('span', { 'aria-hidden': 'true' });
  const name = h('span', { class: 'name' });
  const more = h('span', { class: 'more mono faint' });
  const small = h('span', { class: 'only-small more restarts' });
  const who = h('div', { class: 'who', role: cell }, twist, its, name, more, small);
  const waits = h('div', { class: 'waits', role: cell });
  const speed = h('div', { class: 'rate number', role: cell });
  const fill = h('div', { class: 'fill' });
  const trough = h('div', { class: 'trough' }, fill);
  const number = h('span', { class: 'count' });
  const box = h('div', { class: 'box', role: cell }, trough, number);
  const restarts = h('div', { class: 'restarts', role: cell });
  const row = h('div', { class: 'row', role }, who, waits, speed, box, restarts);
  parts.set(row, {
    who,
    twist,
    sign: its,
    name,
    more,
    waits,
    rate: speed,
    trough,
    fill,
    count: number,
    restarts,
    small,
    cells: undefined,
    shape: '',
    words: '',
  });
  return row;
}

export function fillActor(
  row: HTMLElement,
  actor: ActorRecord,
  store: Store,
  most: number,
  place: { readonly level: number; readonly open: boolean | undefined; readonly inTree: boolean },
): void {
  const its = parts.get(row) as Parts;
  const status = statusOf(actor);
  const supervising = actor.supervising;
  const shape = `${status} ${actor.name !== undefined} ${place.open} ${place.level}`;
  if (its.shape !== shape) {
    its.shape = shape;
    replace(its.sign, sign(status));
    classed(its.name, 'named', actor.name !== undefined);
    twist(its, place.open);
    its.who.style.paddingLeft = place.inTree ? `${(place.level - 1) * STEP}px` : '0';
    classed(row, 'ended', status === 'ended');
    classed(its.name, 'muted', actor.name === undefined && actor.childId === undefined);
  }
  its.twist.hidden = !place.inTree;
  if (its.cells !== undefined) its.cells.hidden = true;
  classed(row, 'silent', store.model.systemOf(actor.key)?.status === 'silent');
  attribute(row, 'aria-selected', String(store.selected === actor.key));
  text(its.name, short(labelOf(actor)));
  text(
    its.more,
    supervising === undefined ? pidWords(actor) : `${supervising.strategy}  ${pidWords(actor)}`,
  );
  waits(its, actor);
  const speed =
    actor.ended === undefined
      ? perSecond(actor.rates, store.model.systemOf(actor.key)?.at ?? 0)[0]
      : 0;
  text(its.rate, speed === 0 ? '' : `${rate(speed)}/s`);
  box(its, actor.mailbox, actor.ended === undefined, most);
  restarted(its, store.model.restartsOf(actor));
  framed(row, store, actor);
  attribute(row, 'title', `${short(labelOf(actor), 2000)} — ${statusWords(actor)}`);
}

export function fillCrowd(
  row: HTMLElement,
  crowd: Crowd,
  store: Store,
  most: number,
  level: number,
  open: boolean,
): void {
  const its = parts.get(row) as Parts;
  const { actors, body } = crowd;
  const shape = `crowd ${open} ${level}`;
  if (its.shape !== shape) {
    its.shape = shape;
    its.words = '';
    replace(its.sign);
    replace(its.waits);
    classed(its.name, 'named', false);
    classed(its.name, 'muted', false);
    classed(row, 'ended', false);
    twist(its, open);
    its.who.style.paddingLeft = `${(level - 1) * STEP}px`;
  }
  its.twist.hidden = false;
  if (its.cells === undefined || its.cells.parentElement !== its.waits) {
    its.cells ??= h('canvas', { class: 'cells', 'aria-hidden': 'true' });
    replace(its.waits, its.cells);
  }
  its.cells.hidden = false;
  drawCells(its.cells, actors);
  attribute(row, 'aria-selected', 'false');
  text(its.name, `${short(body)} × ${actors.length.toLocaleString('en')}`);
  text(its.more, '');
  const now = store.model.systemOf(actors[0]?.key ?? '')?.at ?? 0;
  let speed = 0;
  let waiting = 0;
  for (const actor of actors) {
    speed += perSecond(actor.rates, now)[0];
    waiting += actor.mailbox;
  }
  text(its.rate, speed < 0.05 ? '' : `${rate(speed)}/s`);
  box(its, waiting, true, most);
  restarted(its, 0);
  attribute(row, 'title', `${actors.length} of ${short(body, 2000)}`);
}

function twist(its: Parts, open: boolean | undefined): void {
  attribute(its.twist, 'data-open', open === undefined ? undefined : String(open));
  if (open === undefined) return replace(its.twist);
  const path = open ? 'M2 3.5 5 6.5 8 3.5' : 'M3.5 2 6.5 5 3.5 8';
  replace(
    its.twist,
    s(
      'svg',
      { viewBox: '0 0 10 10', width: 10, height: 10 },
      s('path', { d: path, fill: 'none', stroke: 'currentColor', 'stroke-width': 1.5 }),
    ),
  );
}

function waits(its: Parts, actor: ActorRecord): void {
  const isReceive = actor.status === 2 || actor.status === 4;
  const words =
    actor.ended !== undefined
      ? `ended: ${actor.ended.reason}`
      : `${isReceive ? 't' : 'w'}${actor.waitingFor.join('\n')}`;
  if (its.words === words) return;
  its.words = words;
  if (actor.ended !== undefined)
    return replace(its.waits, h('span', { class: 'faint' }, short(words)));
  if (!isReceive)
    return replace(its.waits, h('span', { class: 'muted' }, short(actor.waitingFor.join(', '))));
  if (actor.waitingFor[0] === '*')
    return replace(its.waits, h('span', { class: 'faint' }, 'anything'));
  replace(
    its.waits,
    ...actor.waitingFor.slice(0, 4).map((tag) => h('span', { class: 'tag' }, short(tag, 40))),
  );
}

/** Logarithmic, to the longest of all. An empty one has no bar, so that the eye finds the others. */
function box(its: Parts, mailbox: number, isAlive: boolean, most: number): void {
  const isMuch = mailbox >= MUCH;
  classed(its.trough, 'none', mailbox === 0);
  const part = mailbox === 0 ? 0 : Math.log1p(mailbox) / Math.log1p(Math.max(10, most));
  const scale = `scaleX(${part.toFixed(3)})`;
  if (its.fill.style.transform !== scale) its.fill.style.transform = scale;
  classed(its.fill, 'much', isMuch);
  classed(its.count, 'much', isMuch);
  classed(its.count, 'zero', mailbox === 0);
  text(its.count, isAlive ? count(mailbox) : '');
}

function restarted(its: Parts, restarts: number): void {
  const words = restarts === 0 ? '' : `↻ ${restarts}`;
  for (const element of [its.restarts, its.small]) {
    text(element, words);
    classed(element, 'some', restarts > 0);
    attribute(
      element,
      'title',
      restarts === 0 ? undefined : `Restarted ${restarts} times since it is observed`,
    );
  }
}

function framed(row: HTMLElement, store: Store, actor: ActorRecord): void {
  const since =
    actor.parent === undefined || actor.childId === undefined
      ? undefined
      : store.framed.get(`${actor.parent} ${actor.childId}`);
  const on =
    since !== undefined &&
    performance.now() - since <
      (matchMedia('(prefers-reduced-motion: reduce)').matches ? 3000 : 900);
  classed(row, 'framed', on);
}

/** A cell an actor, darker with more in its mailbox. */
function drawCells(canvas: HTMLCanvasElement, actors: readonly ActorRecord[]): void {
  const width = canvas.clientWidth;
  if (width === 0) return;
  const ratio = devicePixelRatio;
  if (canvas.width !== Math.round(width * ratio)) {
    canvas.width = Math.round(width * ratio);
    canvas.height = Math.round(12 * ratio);
  }
  const context = canvas.getContext('2d');
  if (context === null) return;
  const style = getComputedStyle(canvas);
  const cells = Math.max(1, Math.min(actors.length, Math.floor(width / 4)));
  const step = width / cells;
  context.setTransform(ratio, 0, 0, ratio, 0, 0);
  context.clearRect(0, 0, width, 12);
  for (let i = 0; i < cells; i++) {
    let waiting = 0;
    const until = Math.floor(((i + 1) * actors.length) / cells);
    for (let k = Math.floor((i * actors.length) / cells); k < until; k++)
      waiting = Math.max(waiting, actors[k]?.mailbox ?? 0);
    context.fillStyle =
      waiting === 0 ? style.getPropertyValue('--trough') : style.getPropertyValue('--bar');
    context.globalAlpha = waiting === 0 ? 1 : Math.min(1, 0.35 + Math.log1p(waiting) / 8);
    context.fillRect(i * step, 1, Math.max(1, step - 1), 10);
  }
  context.globalAlpha = 1;
}
