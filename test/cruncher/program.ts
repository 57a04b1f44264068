/**
 * The real program, bundled once for all tests of a file: from its sources each start of it takes a second of the CPU,
 * and this way a ninth of that.
 */

import { chmodSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { build, type Plugin } from 'esbuild';
import { FROM_SOURCE } from '../support/from-source.ts';

const PROJECT = fileURLToPath(new URL('../..', import.meta.url));
const MAIN = join(PROJECT, 'examples', 'cruncher', 'src', 'main.ts');

/** How Node runs it. */
export interface Program {
  readonly nodeArgs: readonly string[];
  readonly main: string;
}

/** From its sources: for who starts threads, which load their own. */
export const FROM_SOURCES: Program = {
  nodeArgs: FROM_SOURCE,
  main: MAIN,
};

export async function bundledProgram(): Promise<Program & { remove(): void }> {
  const folder = mkdtempSync(join(tmpdir(), 'program-'));
  // Also for another user.
  chmodSync(folder, 0o755);
  await build({
    entryPoints: { main: MAIN },
    outdir: folder,
    outExtension: { '.js': '.mjs' },
    bundle: true,
    splitting: true,
    format: 'esm',
    platform: 'node',
    target: 'node20',
    conditions: ['beamish-source'],
    external: ['esbuild'],
    plugins: [whereItWas],
    banner: {
      js: "import { createRequire } from 'node:module'; const require = createRequire(import.meta.url);",
    },
    logLevel: 'error',
  });
  return {
    nodeArgs: [],
    main: join(folder, 'main.mjs'),
    remove: () => rmSync(folder, { recursive: true, force: true }),
  };
}

/** Each module finds what lies beside it where it was. */
const whereItWas: Plugin = {
  name: 'where it was',
  setup({ onLoad }) {
    onLoad({ filter: /[/\\](examples|packages)[/\\].*\.ts$/ }, ({ path }) => {
      const url = JSON.stringify(pathToFileURL(path).href);
      const source = readFileSync(path, 'utf8');
      const contents = source
        .replaceAll('import.meta.url', url)
        .replace(/portable\(\s*import\.meta,/g, `portable({ url: ${url} },`);
      return { contents, loader: 'ts' };
    });
  },
};
