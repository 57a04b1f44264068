/** The tables of ADDRESSES.md: what is an address, and why. */

import { readFileSync } from 'node:fs';

export interface Row {
  readonly section: string;
  /** As it stands in the page. */
  readonly shown: string;
  readonly text: string;
  /** The addresses in it, in order, and for each that is none, the rule that it breaks. */
  readonly verdicts: readonly string[];
  readonly why: string;
}

const PAGE = new URL('../../../examples/cruncher/ADDRESSES.md', import.meta.url);
const STANDING_ALONE = 6;

export const { alone, running, html, rules } = read();

function read() {
  const sections = readFileSync(PAGE, 'utf8').split(/^## /m).slice(1);
  const tables = sections.map((section) => {
    const title = section.slice(0, section.indexOf('\n'));
    const lines = section.split('\n').filter((line) => line.startsWith('| '));
    return { title, cells: lines.slice(1).map(cellsOf) };
  });
  const rules = tables
    .pop()!
    .cells.map(([name, text]) => [codeIn(name!), text!.replace('\\|', '|')]);
  const rows = tables.map(({ title, cells }) => cells.map((cell) => rowOf(title, cell)));
  return {
    alone: rows.slice(0, STANDING_ALONE).flat(),
    running: rows.slice(STANDING_ALONE, -1).flat(),
    html: rows.at(-1)!,
    rules,
  };
}

function cellsOf(line: string): string[] {
  return line
    .slice(2, -2)
    .split(/(?<!\\) \| /)
    .map((cell) => cell.replaceAll('\\|', '|'));
}

function rowOf(section: string, [text = '', verdict = '', why = '']: string[]): Row {
  const shown = codeIn(text);
  const verdicts =
    verdict === 'the same'
      ? [meant(shown)]
      : verdict === 'none'
        ? []
        : verdict.split(/, (?=`|none)/).map((each) => meant(each.replaceAll('`', '')));
  return { section, shown, text: meant(shown), verdicts, why };
}

function codeIn(cell: string): string {
  return /^(`+) ?(.*?) ?\1$/.exec(cell)?.[2] ?? cell;
}

/** What is written in braces for what cannot be shown. */
function meant(shown: string): string {
  return shown
    .replace(/\{(.) × (\d+)\}/gu, (_, letter: string, times: string) =>
      letter.repeat(Number(times)),
    )
    .replace(/\{u\+([0-9a-f]{4})\}/g, (_, code: string) =>
      String.fromCharCode(Number.parseInt(code, 16)),
    )
    .replace('{tab}', '\t')
    .replace('{line end}', '\n')
    .replace('{zero}', '\0')
    .replace('{nothing}', '');
}
