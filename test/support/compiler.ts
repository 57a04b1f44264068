/** What the compiler says of a program, as its users see it. */

import { execFile } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const TSC = join(ROOT, 'node_modules', 'typescript', 'bin', 'tsc');
/** Inside of the workspace, so that the program finds its packages. */
const CACHE = join(ROOT, 'node_modules', '.cache', 'beamish');

export interface Diagnostic {
  /** Counted from 1. */
  readonly line: number;
  readonly column: number;
  /** `TS2345`. */
  readonly code: string;
  /** What it says, with the indented lines that explain it. */
  readonly message: string;
}

/** Compiles one module of a program that uses the workspace's packages, from their sources. */
export async function diagnosticsOf(program: string): Promise<Diagnostic[]> {
  mkdirSync(CACHE, { recursive: true });
  const folder = mkdtempSync(join(CACHE, 'compiled-'));
  try {
    writeFileSync(join(folder, 'main.ts'), program);
    const config = { extends: join(ROOT, 'tsconfig.base.json'), compilerOptions: OPTIONS };
    const files = ['main.ts'];
    writeFileSync(join(folder, 'tsconfig.json'), JSON.stringify({ ...config, files }));
    return parse(await said(folder));
  } finally {
    rmSync(folder, { recursive: true });
  }
}

const OPTIONS = { noEmit: true, types: ['node'], noUnusedLocals: false, noUnusedParameters: false };

/** It ends with a code other than 0 when there is something to say. */
function said(folder: string): Promise<string> {
  return new Promise((resolve) => {
    const args = [TSC, '-p', folder, '--pretty', 'false'];
    execFile(process.execPath, args, { cwd: folder }, (_, stdout) => resolve(stdout));
  });
}

function parse(output: string): Diagnostic[] {
  const found: Diagnostic[] = [];
  for (const text of output.trimEnd().split('\n')) {
    const [, line, column, code, message] =
      /^main\.ts\((\d+),(\d+)\): error (TS\d+): (.*)$/.exec(text) ?? [];
    const last = found.at(-1);
    if (code !== undefined && message !== undefined)
      found.push({ line: Number(line), column: Number(column), code, message });
    else if (last !== undefined && text.startsWith(' '))
      found[found.length - 1] = { ...last, message: `${last.message}\n${text}` };
    else if (text !== '') throw new Error(`The compiler has failed: ${text}`);
  }
  return found;
}
