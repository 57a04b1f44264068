/** How wide a text is in a terminal, and a text of a given width. */

import { inOneLine } from '../terms/text.ts';

const WIDE =
  /\p{Extended_Pictographic}|[\u1100-\u115f\u2e80-\u303e\u3041-\ua4cf\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff01-\uff60\uffe0-\uffe6\u{20000}-\u{3fffd}]/u;
const segmenter = new Intl.Segmenter('en', { granularity: 'grapheme' });

export function widthOf(text: string): number {
  // Most texts are plain.
  if (/^[\x20-\x7e]*$/.test(text)) return text.length;
  let width = 0;
  for (const { segment } of segmenter.segment(text)) width += WIDE.test(segment) ? 2 : 1;
  return width;
}

/** Cut, with an ellipsis, or filled up; nothing in it is executed by a terminal. */
export function fit(given: string, width: number, side: 'left' | 'right' = 'left'): string {
  const text = inOneLine(given);
  const own = widthOf(text);
  if (own > width) return cutTo(text, width);
  const space = ' '.repeat(width - own);
  return side === 'left' ? text + space : space + text;
}

function cutTo(text: string, width: number): string {
  if (width <= 0) return '';
  let cut = '';
  let used = 0;
  for (const { segment } of segmenter.segment(text)) {
    const its = WIDE.test(segment) ? 2 : 1;
    if (used + its > width - 1) break;
    cut += segment;
    used += its;
  }
  return `${cut}…${' '.repeat(width - used - 1)}`;
}
