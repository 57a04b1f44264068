/** Runs programs that stand in documentation, in a process of their own, as a reader would. */

import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { FROM_SOURCE } from './from-source.ts';

const ROOT = new URL('../../', import.meta.url);

/** What a TypeScript program prints, which stands in the repository while it runs. */
export function printedBy(program: string, name = 'program.ts'): string {
  const folder = mkdtempSync(fileURLToPath(new URL('test/.documented-', ROOT)));
  try {
    writeFileSync(`${folder}/${name}`, program);
    return printedByFile(`${folder}/${name}`);
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/** What a program of the repository prints. */
export function printedByFile(path: string, ...args: readonly string[]): string {
  const run = [...FROM_SOURCE, path, ...args];
  return execFileSync(process.execPath, run, { cwd: fileURLToPath(ROOT), encoding: 'utf8' });
}

/** The fenced blocks of one language in a Markdown text. */
export function blocksOf(markdown: string, language: string): string[] {
  return [...markdown.matchAll(/^```(\w+)\n(.*?)^```$/gms)]
    .filter(([, its]) => its === language)
    .map(([, , text]) => text as string);
}
