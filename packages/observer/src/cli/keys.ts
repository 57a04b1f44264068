/** What a key does to what is shown. Pure. */

import type { Row, SortKey, View } from './screen.ts';

const SORTS: { readonly [key: string]: SortKey } = {
  m: 'mailbox',
  r: 'rate',
  w: 'waited',
  n: 'name',
};

/** Undefined: it ends. */
export function pressed(
  view: View,
  key: string,
  rows: readonly Row[],
  height: number,
): View | undefined {
  if (key === '\u0003') return undefined;
  if (view.typing !== undefined) return typed(view, view.typing, key);
  const sort = SORTS[key];
  if (sort !== undefined)
    return {
      ...view,
      sort,
      tree: false,
      reversed: view.sort === sort && !view.tree ? !view.reversed : false,
      from: 0,
    };
  const page = Math.max(1, height - 5);
  switch (key) {
    case 'q':
      return undefined;
    case '/':
      return { ...view, typing: view.filter, details: false };
    case 't':
      return { ...view, tree: !view.tree, details: false, from: 0 };
    case ' ':
      return { ...view, paused: !view.paused };
    case '\r':
      return { ...view, details: view.current !== undefined && !view.details };
    case '\u001b':
      return view.details ? { ...view, details: false } : { ...view, filter: '', from: 0 };
    case '\u001b[A':
      return moved(view, -1, rows, page);
    case '\u001b[B':
      return moved(view, 1, rows, page);
    case '\u001b[5~':
      return moved(view, -page, rows, page);
    case '\u001b[6~':
      return moved(view, page, rows, page);
    case '\u001b[H':
      return moved(view, -rows.length, rows, page);
    case '\u001b[F':
      return moved(view, rows.length, rows, page);
    default:
      return view;
  }
}

function typed(view: View, typing: string, key: string): View {
  if (key === '\u001b') {
    const { typing: _, ...rest } = view;
    return { ...rest, typing: undefined, filter: '', from: 0 };
  }
  if (key === '\r') return { ...view, typing: undefined };
  if (key === '\u007f' || key === '\b')
    return { ...view, typing: typing.slice(0, -1), filter: typing.slice(0, -1), from: 0 };
  // A terminal tells other keys by sequences that begin with Escape.
  if (key.startsWith('\u001b')) return view;
  const longer = typing + key.replace(/\p{C}/gu, '');
  return { ...view, typing: longer, filter: longer, from: 0 };
}

function moved(view: View, by: number, rows: readonly Row[], page: number): View {
  if (rows.length === 0) return view;
  const at = rows.findIndex(({ actor }) => actor.key === view.current);
  const to = Math.min(rows.length - 1, Math.max(0, at + by));
  const from = to < view.from ? to : to >= view.from + page ? to - page + 1 : view.from;
  return { ...view, current: rows[to]?.actor.key, from };
}
