/** The first program of the README, pasted by a new user, and what vitest prints then. */

import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';

const ROOT = fileURLToPath(new URL('../../', import.meta.url));
const README = readFileSync(`${ROOT}packages/sim/README.md`, 'utf8');

const CONFIG = `export default {
  resolve: { conditions: ['beamish-source', 'module', 'node'] },
  ssr: { resolve: { conditions: ['beamish-source', 'module', 'node'], externalConditions: ['beamish-source', 'node'] } },
  test: { include: ['test/**/*.test.ts'], exclude: [], pool: 'forks', execArgv: ['--conditions=beamish-source'] },
};
`;

/** Runs test files as their user does, and returns what is printed. */
function runs(
  programs: Readonly<Record<string, string>>,
  environment: Readonly<Record<string, string>> = {},
): string {
  const folder = mkdtempSync(`${tmpdir()}/beamish-sim-`);
  mkdirSync(`${folder}/test`);
  symlinkSync(`${ROOT}node_modules`, `${folder}/node_modules`);
  writeFileSync(`${folder}/vitest.config.mjs`, CONFIG);
  for (const [name, program] of Object.entries(programs))
    writeFileSync(`${folder}/test/${name}.test.ts`, program);
  const { stdout, stderr } = spawnSync(
    process.execPath,
    [`${ROOT}node_modules/vitest/vitest.mjs`, 'run', '--root', folder],
    {
      cwd: folder,
      encoding: 'utf8',
      env: { ...process.env, NO_COLOR: '1', VITEST: '', VITEST_WORKER_ID: '', ...environment },
    },
  );
  rmSync(folder, { recursive: true });
  return stdout + stderr;
}

/** The code blocks of the README, by what stands behind their fence. */
function blocks(kind: string): string[] {
  return [...README.matchAll(new RegExp(`^\`\`\`${kind}\\n([\\s\\S]*?)^\`\`\`$`, 'gm'))].map(
    ([, code]) => code as string,
  );
}

/** The failure, from its name to the line that runs it again. */
function failureIn(text: string): string {
  return /SimulationFailed: [\s\S]*?\n {2}Again: .*/.exec(text)?.[0] ?? text;
}

test('the first program of the README, pasted, prints what stands there; turned round, it passes', () => {
  const [program = ''] = blocks('ts');
  const shown = failureIn(blocks('').find((block) => block.includes('SimulationFailed')) ?? '');
  const turned = program.replace('cem: [dine, c, a]', 'cem: [dine, a, c]');
  const printed = runs({ table: program, turned });
  expect(failureIn(printed)).toBe(shown);
  expect(printed).toContain('❯ test/table.test.ts:');
  expect(printed).toMatch(/Tests +1 failed \| 1 passed/);
  const key = /BEAMISH_REPLAY=(\S+)/.exec(shown)?.[1] ?? '';
  expect(key.length).toBeLessThanOrEqual(24);
  const again = failureIn(runs({ table: program }, { BEAMISH_REPLAY: key }));
  const steps = (text: string): string => /# {2}ms[\s\S]*?\n\n/.exec(text)?.[0] ?? text;
  expect(steps(again)).toBe(steps(shown));
}, 120_000);
