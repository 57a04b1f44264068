/** What the README shows is what happens. */

import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { blocksOf, printedBy } from '../support/programs.ts';
import { Service } from '../support/service.ts';

const readme = readFileSync(new URL('../../examples/follow/README.md', import.meta.url), 'utf8');
const masked = (text: string): string => text.replace(/"task_id":"[\w-]{21}"/g, '"task_id":"…"');

test('WEB-05: its ten lines run as pasted', () => {
  const [program = ''] = blocksOf(readme, 'ts');
  expect(
    printedBy(
      program
        .replace('tasks: [mail]', 'tasks: [mail], store: memory()')
        .replace('tasks }', 'memory, tasks }'),
    ),
  ).toBe('sent to ada@example.org\n');
});

test('each command prints what stands below it', async () => {
  await using service = await new Service('follow').start();
  const [transcript = ''] = blocksOf(readme, 'console');
  for (const step of transcript.split(/^\$ /m).slice(1)) {
    const [shown = '', ...expected] = step.trimEnd().split('\n');
    const command = shown.replaceAll('localhost:8081', service.url);
    await expect
      .poll(() => masked(spawnSync('bash', ['-c', command], { encoding: 'utf8' }).stdout.trim()), {
        timeout: 20_000,
      })
      .toBe(masked(expected.join('\n')));
  }
}, 60_000);
