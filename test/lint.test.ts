/** The rule of Biome that comes with beamish finds the forgotten `yield*` that the compiler cannot see. */

import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';

const ROOT = fileURLToPath(new URL('..', import.meta.url));
const RULE = join(ROOT, 'packages/beamish/lint/forgotten-yield.grit');
const BIOME = join(ROOT, 'node_modules/@biomejs/biome/bin/biome');

const PROGRAM = `function* helper(self: Self, n: number): Actor<number> { yield* self.sleep(n); return n; }
function tell(self: Self): void { self.send(to, { tag: 'a' }); }
function* body(self: Self): Actor {
  helper(self, 1); // forgotten
  yield* helper(self, 1);
  const one = yield* helper(self, 2);
  tell(self);
  self.sleep(5); // forgotten
  self.receive('a').after(5); // forgotten
  self.call(to, 'b', 1).within(5); // forgotten
  self.offer(to, { tag: 'a' }); // forgotten
  self.send(to, { tag: 'a' });
  yield* self.offer(to, { tag: 'a' });
}
async function late(self: Self) { await self.sleep(1); }
`;

test('it finds helpers of the file and operations of self, and nothing else', () => {
  // Outside of the workspace, whose rules would hold, and of node_modules, which is passed over.
  const folder = mkdtempSync(join(tmpdir(), 'beamish-lint-'));
  try {
    const rules = { linter: { rules: { preset: 'none' } }, plugins: [RULE] };
    writeFileSync(join(folder, 'biome.json'), JSON.stringify({ root: true, ...rules }));
    writeFileSync(join(folder, 'program.ts'), PROGRAM);
    const { stdout } = spawnSync(
      process.execPath,
      [BIOME, 'lint', '--reporter=github', 'program.ts'],
      { cwd: folder, encoding: 'utf8' },
    );
    const found = [...stdout.matchAll(/,line=(\d+)/g)].map(([, line]) => Number(line));
    const lines = PROGRAM.split('\n');
    const meant = lines.flatMap((line, i) => (line.endsWith('// forgotten') ? [i + 1] : []));
    expect(found.toSorted((a, b) => a - b)).toEqual(meant);
  } finally {
    rmSync(folder, { recursive: true });
  }
}, 60_000);
