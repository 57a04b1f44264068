/** What `top` shows: two lines of figures, a table, and a line of findings and keys. Pure: no terminal is touched. */

import { type ActorRecord, labelOf, statusOf } from '../model/actor-record.ts';
import { perSecond } from '../model/rates.ts';
import { cut, inOneLine } from '../terms/text.ts';
import { LONGEST } from '../terms/wire.ts';
import { selecting } from '../views/select.ts';
import { type Place, placesOf } from '../views/tree.ts';
import { bar, clock, count, rate } from './figures.ts';
import type { Watched } from './watched.ts';
import { fit, widthOf } from './width.ts';

export type SortKey = 'mailbox' | 'rate' | 'waited' | 'name';

export interface View {
  readonly sort: SortKey;
  readonly reversed: boolean;
  readonly filter: string;
  /** What is being typed, if something is. */
  readonly typing: string | undefined;
  readonly tree: boolean;
  readonly paused: boolean;
  /** Key of the current row. */
  readonly current: string | undefined;
  /** First row in sight. */
  readonly from: number;
  /** The details of the current one instead of the table. */
  readonly details: boolean;
}

/** A line, and what it is: the terminal adds colour. */
export interface Line {
  readonly text: string;
  readonly style?: 'head' | 'current' | 'bad' | 'warn' | 'dim';
}

export interface Row {
  readonly actor: ActorRecord;
  readonly level: number;
}

interface Column {
  readonly title: string;
  readonly width: number;
  readonly side: 'left' | 'right';
  /** Takes what is left over. */
  readonly grows?: number;
  readonly of: (row: Row, watched: Watched) => string;
}

const COLUMNS: readonly (Column & { readonly id: string })[] = [
  {
    id: 'pid',
    title: 'PID',
    width: 13,
    side: 'left',
    of: ({ actor }) => `${actor.pid.system}.${actor.serial}`,
  },
  {
    id: 'name',
    title: 'NAME',
    width: 12,
    side: 'left',
    grows: 1,
    of: ({ actor, level }) => `${'  '.repeat(level)}${labelOf(actor)}`,
  },
  { id: 'state', title: 'STATE', width: 10, side: 'left', of: ({ actor }) => statusOf(actor) },
  {
    id: 'waits',
    title: 'WAITING FOR',
    width: 14,
    side: 'left',
    grows: 1,
    of: ({ actor }) => (actor.waitingFor[0] === '*' ? 'anything' : actor.waitingFor.join(', ')),
  },
  {
    id: 'mailbox',
    title: 'MAILBOX',
    width: 9,
    side: 'right',
    of: ({ actor }) => count(actor.mailbox),
  },
  {
    id: 'rate',
    title: 'TAKEN/S',
    width: 9,
    side: 'right',
    of: ({ actor }, watched) => rate(speed(actor, watched)),
  },
  {
    id: 'restarts',
    title: '↻',
    width: 4,
    side: 'right',
    of: ({ actor }, { model }) => String(model.restartsOf(actor) || ''),
  },
];
/** The first to go where there is no room for all. */
const RANKS = ['waits', 'restarts', 'pid', 'state', 'rate'];

export function rowsOf(watched: Watched, view: View): Row[] {
  const { model } = watched;
  if (view.tree) {
    const rows: Row[] = [];
    const walk = (places: readonly Place[], level: number): void => {
      for (const { actor, children } of places) {
        rows.push({ actor, level });
        walk(children, level + 1);
      }
    };
    walk(placesOf(model, view.filter === '' ? undefined : { text: view.filter }), 0);
    return rows;
  }
  const isWanted = selecting(model, view.filter === '' ? {} : { text: view.filter });
  const actors = [...model.actors()].filter(isWanted);
  const way = view.reversed ? -1 : 1;
  const amounts = new Map(actors.map((actor) => [actor, amount(actor, view.sort, watched)]));
  const sorted =
    view.sort === 'name'
      ? actors.sort((a, b) => way * labelOf(a).localeCompare(labelOf(b), 'en', { numeric: true }))
      : actors.sort((a, b) => way * ((amounts.get(b) ?? 0) - (amounts.get(a) ?? 0)));
  return sorted.map((actor) => ({ actor, level: 0 }));
}

/** As many lines as there are rows, each as wide as the terminal. */
export function screenOf(
  watched: Watched,
  view: View,
  rows: readonly Row[],
  width: number,
  height: number,
  now: number,
): Line[] {
  const body = Math.max(1, height - 4);
  const columns = columnsFor(width);
  const lines: Line[] = [
    ...header(watched, width, now),
    { text: titles(columns, view), style: 'head' },
  ];
  const current = rows.find(({ actor }) => actor.key === view.current);
  if (view.details && current !== undefined) {
    const details = detailsOf(current.actor, watched, width).slice(0, body);
    lines.push(...details);
  } else {
    for (const row of rows.slice(view.from, view.from + body)) {
      const text = columns
        .map(({ of, width: its, side }) => fit(of(row, watched), its - 1, side))
        .join(' ');
      const isStuck = watched.findings.some(({ actors }) =>
        actors.some(
          (pid) => pid.serial === row.actor.serial && pid.system === row.actor.pid.system,
        ),
      );
      const style =
        row.actor.key === view.current
          ? 'current'
          : row.actor.mailbox >= 1000 || isStuck
            ? 'warn'
            : undefined;
      const marked = fit(`${text} ${isStuck ? '!' : ''}`, width);
      lines.push(style === undefined ? { text: marked } : { text: marked, style });
    }
    if (rows.length === 0)
      lines.push({
        text: fit(
          view.filter === '' ? 'No actors.' : `No actor is called anything with "${view.filter}".`,
          width,
        ),
        style: 'dim',
      });
  }
  while (lines.length < height - 1) lines.push({ text: ' '.repeat(width) });
  lines.length = Math.max(1, height - 1);
  lines.push(footer(watched, view, width));
  return lines.slice(0, height);
}

/** The whole table, for a file or a pipe. */
export function tableOf(watched: Watched, view: View, width: number, now: number): string {
  const rows = rowsOf(watched, view);
  const columns = columnsFor(width);
  return [
    ...header(watched, width, now).map(({ text }) => text.trimEnd()),
    titles(columns, view).trimEnd(),
    ...rows.map((row) =>
      columns
        .map(({ of, width: its, side }) => fit(of(row, watched), its - 1, side))
        .join(' ')
        .trimEnd(),
    ),
    ...watched.findings.map(({ severity, summary }) => `${severity}: ${inOneLine(summary)}`),
  ].join('\n');
}

function header(watched: Watched, width: number, now: number): Line[] {
  const { model } = watched;
  let [actors, received, waiting, restarts, letters] = [0, 0, 0, 0, 0];
  for (const system of model.systems.values()) {
    if (system.status !== 'lost') actors += system.figures[0];
    restarts += system.totals[3];
    letters += system.totals[4];
    for (const actor of system.actors.values()) {
      waiting += actor.mailbox;
      received += speed(actor, watched);
    }
  }
  const state = watched.state === 'live' ? `up ${clock(now - watched.startedAt)}` : watched.state;
  const figures = [
    `${count(actors)} actors`,
    `${rate(received)}/s`,
    `${count(waiting)} waiting`,
    `${count(restarts)} restarts`,
    `${count(letters)} dead letters`,
  ];
  const systems = [...model.systems.values()].map(({ name, status, failed, figures: its }) => {
    const [, , delay, busy, heap] = its;
    const words = `${Math.round(busy * 100)} %  loop ${Math.round(delay)} ms  heap ${Math.round(heap / 2 ** 20)} MB`;
    if (failed !== undefined && status === 'up') return `${name} cannot be looked into`;
    return status === 'up' ? `${name} ${bar(busy, 8)} ${words}` : `${name} ${status}`;
  });
  return [
    {
      text: joined([`${cut(watched.name, LONGEST.label)}  ${state}`, ...figures], width),
      style: watched.state === 'live' ? 'head' : 'bad',
    },
    { text: joined(systems, width) },
  ];
}

/** As many as there is room for. */
function joined(parts: readonly string[], width: number): string {
  let text = '';
  for (const part of parts) {
    const longer = text === '' ? part : `${text}  ${part}`;
    if (widthOf(longer) > width && text !== '') break;
    text = longer;
  }
  return fit(text, width);
}

function titles(columns: readonly (Column & { readonly id: string })[], view: View): string {
  const sorted = view.tree
    ? ''
    : { mailbox: 'mailbox', rate: 'rate', waited: 'waits', name: 'name' }[view.sort];
  return columns
    .map(({ id, title, width, side }) =>
      fit(id === sorted ? `${title}${view.reversed ? '▲' : '▼'}` : title, width - 1, side),
    )
    .join(' ');
}

function footer({ findings }: Watched, view: View, width: number): Line {
  if (view.typing !== undefined) return { text: fit(`/${view.typing}`, width), style: 'head' };
  const [worst] = findings;
  const keys = view.paused
    ? 'paused: space goes on'
    : 'm mailbox r rate w waited n name / search t tree q';
  const finding = worst === undefined ? '' : `! ${worst.rule.replace('_', ' ')}: ${worst.summary}`;
  const room = width - keys.length - 2;
  if (room < 16)
    return {
      text: fit(finding === '' ? keys : finding, width),
      style: worst?.severity === 'error' ? 'bad' : 'dim',
    };
  return {
    text: `${fit(finding, room)}  ${keys}`,
    style: worst?.severity === 'error' ? 'bad' : 'dim',
  };
}

function columnsFor(width: number): (Column & { readonly id: string })[] {
  let columns = [...COLUMNS];
  const need = () => columns.reduce((sum, its) => sum + its.width, 0) + 2;
  for (const gone of RANKS) if (need() > width) columns = columns.filter(({ id }) => id !== gone);
  const growing = columns.filter(({ grows }) => grows !== undefined).length;
  const spare = Math.max(0, width - need());
  return columns.map((its) =>
    its.grows === undefined ? its : { ...its, width: its.width + Math.floor(spare / growing) },
  );
}

function detailsOf(actor: ActorRecord, { model, findings }: Watched, width: number): Line[] {
  const system = model.systemOf(actor.key);
  const clockMs = system?.clock ?? actor.since;
  const facts: readonly (readonly [string, string])[] = [
    ['pid', `${actor.pid.system}.${actor.serial}`],
    ['name', actor.name ?? '-'],
    ['child', actor.childId ?? '-'],
    ['body', `${actor.body} (${actor.kind})`],
    ['state', `${statusOf(actor)} for ${Math.max(0, (clockMs - actor.since) / 1000).toFixed(1)} s`],
    ['waits for', actor.waitingFor.join(', ') || '-'],
    [
      'time-out',
      actor.deadline === undefined
        ? 'none'
        : `in ${Math.max(0, Math.round(actor.deadline - clockMs))} ms`,
    ],
    ['mailbox', count(actor.mailbox)],
    ['taken', count(actor.reductions)],
    ['restarts', String(model.restartsOf(actor))],
    [
      'under',
      actor.parent === undefined
        ? '-'
        : (model.actor(actor.parent)?.name ?? actor.parent.replace(/@\d+$/, '')),
    ],
  ];
  const about = findings.filter(({ actors }) =>
    actors.some((pid) => pid.serial === actor.serial && pid.system === actor.pid.system),
  );
  return [
    ...facts.map(([name, value]) => ({ text: fit(`${name.padEnd(10)} ${value}`, width) })),
    ...about.map(
      ({ severity, summary }): Line => ({
        text: fit(`! ${summary}`, width),
        style: severity === 'error' ? 'bad' : 'warn',
      }),
    ),
  ];
}

function amount(actor: ActorRecord, sort: SortKey, watched: Watched): number {
  if (sort === 'mailbox') return actor.mailbox;
  if (sort === 'rate') return speed(actor, watched);
  return actor.status >= 2 ? (watched.model.systemOf(actor.key)?.clock ?? 0) - actor.since : 0;
}

function speed(actor: ActorRecord, { model }: Watched): number {
  return actor.ended === undefined
    ? perSecond(actor.rates, model.systemOf(actor.key)?.at ?? 0)[0]
    : 0;
}
