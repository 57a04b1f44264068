/** Figures and states in people's words. */

import type { ActorRecord } from '../src/model/actor-record.ts';
import { labelOf, statusOf } from '../src/model/actor-record.ts';
import { cut, inOneLine } from '../src/terms/text.ts';
import { s } from './dom.ts';

/** Exact up to 9,999, in short above. */
export function count(n: number): string {
  if (n < 10_000) return n.toLocaleString('en', { maximumFractionDigits: n < 10 ? 1 : 0 });
  if (n < 1_000_000) return `${(n / 1000).toFixed(n < 100_000 ? 1 : 0)} k`;
  return `${(n / 1_000_000).toFixed(1)} M`;
}

export function rate(n: number): string {
  return n < 10 ? String(Math.round(n * 10) / 10) : count(Math.round(n));
}

export function duration(ms: number): string {
  if (ms <= 0) return '0 ms';
  if (ms < 1) return `${ms.toFixed(2)} ms`;
  if (ms < 1000) return `${Math.round(ms)} ms`;
  if (ms < 60_000) return `${(ms / 1000).toFixed(ms < 10_000 ? 1 : 0)} s`;
  if (ms < 3_600_000) return `${Math.floor(ms / 60_000)} min ${Math.round((ms % 60_000) / 1000)} s`;
  return `${Math.floor(ms / 3_600_000)} h ${Math.round((ms % 3_600_000) / 60_000)} min`;
}

export function bytes(n: number): string {
  if (n < 1024) return `${n} B`;
  if (n < 1024 ** 2) return `${(n / 1024).toFixed(1)} kB`;
  return n < 1024 ** 3 ? `${Math.round(n / 1024 ** 2)} MB` : `${(n / 1024 ** 3).toFixed(1)} GB`;
}

export function ago(at: number, now: number): string {
  const ms = Math.max(0, now - at);
  return ms < 1500 ? 'now' : `${duration(ms)} ago`;
}

export function percent(part: number): string {
  return `${Math.round(part * 100)} %`;
}

/** A name in one line, cut where it is long. */
export function short(label: string, most = 80): string {
  return cut(inOneLine(label), most);
}

export function pidWords(actor: ActorRecord): string {
  return `${short(actor.pid.system, 40)}.${actor.serial}`;
}

export function named(actor: ActorRecord): string {
  return short(labelOf(actor));
}

export function reasonWords(reason: unknown): string {
  if (reason instanceof Error) return `${reason.name}: ${reason.message}`;
  return typeof reason === 'string' ? reason : JSON.stringify(reason);
}

const COLOURS: { readonly [status: string]: string } = {
  running: 'var(--good)',
  runnable: 'var(--accent)',
  waiting: 'var(--faint)',
  awaiting: 'var(--warn)',
  suspended: 'var(--accent)',
  ended: 'var(--bad)',
};

/** Each state has a shape of its own, besides its colour. */
export function sign(status: string): SVGElement {
  const svg = s('svg', { class: 'sign', viewBox: '0 0 10 10', 'aria-hidden': 'true' });
  const paint = COLOURS[status] ?? 'var(--faint)';
  const add = (tag: string, props: Readonly<Record<string, string | number>>) =>
    svg.append(s(tag, props));
  switch (status) {
    case 'running':
      add('circle', { cx: 5, cy: 5, r: 4, fill: paint });
      break;
    case 'runnable':
      add('circle', { cx: 5, cy: 5, r: 3.5, fill: 'none', stroke: paint, 'stroke-width': 1.5 });
      add('path', { d: 'M5 1.5a3.5 3.5 0 0 0 0 7z', fill: paint });
      break;
    case 'waiting':
      add('circle', { cx: 5, cy: 5, r: 3.5, fill: 'none', stroke: paint, 'stroke-width': 1.5 });
      break;
    case 'awaiting':
      add('path', { d: 'M5 .5 9.5 5 5 9.5.5 5z', fill: paint });
      break;
    case 'suspended':
      add('path', { d: 'M2 1h2v8H2zM6 1h2v8H6z', fill: paint });
      break;
    default:
      add('path', { d: 'M1.5 1.5l7 7m0-7l-7 7', stroke: paint, 'stroke-width': 2, fill: 'none' });
  }
  return svg;
}

export function statusWords(actor: ActorRecord): string {
  const status = statusOf(actor);
  return status === 'ended' ? `ended: ${actor.ended?.reason ?? ''}` : status;
}
