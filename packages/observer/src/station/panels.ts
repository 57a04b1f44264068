/** What packages show of themselves, looked at within a second, and held to what a panel may show. */

import type { ActorSystem } from 'beamish';
import { type Panel, type PanelTable, type PanelView, panelsOf } from 'beamish/observation';
import { cut } from '../terms/text.ts';
import { LONGEST } from '../terms/wire.ts';
import { reasonText } from './reason-text.ts';

const LONGEST_LOOK_MS = 1000;
const MOST_ROWS = 1000;
const MOST_TABLES = 20;

/** Whoever looks within this time is shown what the last one saw. */
const OFTEN_MS = 1000;

const UNITS = ['count', 'ms', 'bytes', 'at'];
const SEVERITIES = ['error', 'warning', 'hint'];

/** What each panel showed last, and when it was asked. */
const shown = new WeakMap<Panel, { readonly at: number; readonly view: Promise<PanelView> }>();

/** Each is asked once a second at most, by however many who look. */
export function lookAtPanels(system: ActorSystem): Promise<readonly PanelView[]> {
  const now = performance.now();
  return Promise.all(
    panelsOf(system).map((panel) => {
      const last = shown.get(panel);
      if (last !== undefined && now - last.at < OFTEN_MS) return last.view;
      const view = lookAt(system.name, panel);
      shown.set(panel, { at: now, view });
      return view;
    }),
  );
}

/** What was done to it is seen at once. */
export function lookAnew(panel: Panel): void {
  shown.delete(panel);
}

async function lookAt(system: string, panel: Panel): Promise<PanelView> {
  const title = cut(String(panel.title), LONGEST.label);
  try {
    const tables = await withinTime(panel);
    if (!Array.isArray(tables)) throw new TypeError('It shows no list of tables');
    return { system, title, tables: tables.slice(0, MOST_TABLES).map(checked), failed: undefined };
  } catch (error) {
    // Code of the package that shows it: the panel says so in its place.
    return { system, title, tables: [], failed: reasonText(error) };
  }
}

function withinTime(panel: Panel): Promise<readonly PanelTable[]> {
  return new Promise((resolve, reject) => {
    const late = setTimeout(
      () => reject(new Error(`It did not answer within ${LONGEST_LOOK_MS} ms`)),
      LONGEST_LOOK_MS,
    ).unref();
    // A look that throws at once rejects as well.
    Promise.resolve()
      .then(() => panel.look())
      .then(resolve, reject)
      .finally(() => clearTimeout(late));
  });
}

/** @throws TypeError for what is no table. */
function checked(table: PanelTable): PanelTable {
  if (!Array.isArray(table?.columns) || !Array.isArray(table.rows))
    throw new TypeError('A table has columns and rows');
  const columns = table.columns.map(({ title, unit }) => ({
    title: cut(String(title), LONGEST.label),
    ...(unit !== undefined && UNITS.includes(unit) ? { unit } : {}),
  }));
  const rows = table.rows.slice(0, MOST_ROWS).map((row) => {
    if (row.cells.length !== columns.length)
      throw new TypeError(
        `A row of "${table.title}" has ${row.cells.length} cells, and there are ${columns.length} columns`,
      );
    const { severity } = row;
    return {
      id: String(row.id),
      cells: row.cells.map((cell: unknown) => cellOf(cell, table.title)),
      ...(severity !== undefined && SEVERITIES.includes(severity) ? { severity } : {}),
    };
  });
  const more = (table.more ?? 0) + Math.max(0, table.rows.length - MOST_ROWS);
  return {
    title: cut(String(table.title), LONGEST.label),
    columns,
    rows,
    ...(more > 0 ? { more } : {}),
    ...(Array.isArray(table.actions)
      ? { actions: table.actions.slice(0, 10).map((action) => cut(String(action), LONGEST.label)) }
      : {}),
  };
}

function cellOf(cell: unknown, title: string): string | number | null {
  if (cell === null || typeof cell === 'number') return cell;
  if (typeof cell === 'string') return cut(cell, LONGEST.reason);
  throw new TypeError(`A cell of "${title}" is a ${typeof cell}: it is a string, a number or null`);
}
