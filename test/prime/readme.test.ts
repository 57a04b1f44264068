/** The transcript of the README is what the service says. */

import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { blocksOf } from '../support/programs.ts';
import { Program } from './program.ts';

const ID = /[\w-]{21}/g;
const masked = (text: string): string => text.replace(/"task_id":"[\w-]{21}"/g, '"task_id":"…"');

test('PRM-01: each command of the README prints what stands below it', async ({ skip }) => {
  if (spawnSync('curl', ['--version']).status !== 0) {
    if (process.env['BEAMISH_REQUIRE_SERVICES'] === '1') throw new Error('There is no curl here');
    skip('there is no curl here');
  }
  await using program = await Program.started();
  const readme = readFileSync(new URL('../../examples/prime/README.md', import.meta.url), 'utf8');
  const [transcript = ''] = blocksOf(readme, 'console');
  const steps = transcript.split(/^\$ /m).slice(1);
  let id = '';
  for (const step of steps) {
    const [shown = '', ...expected] = step.trimEnd().split('\n');
    const command = shown.replace(ID, id).replaceAll('localhost:8080', program.url);
    const { stdout } = spawnSync('bash', ['-c', command], { encoding: 'utf8' });
    expect(masked(stdout.trimEnd()), shown).toBe(masked(expected.join('\n')));
    id = /"task_id":"([\w-]{21})"/.exec(stdout)?.[1] ?? id;
  }
  expect(steps.length).toBeGreaterThan(8);
}, 60_000);
