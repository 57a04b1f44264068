/** The first program of the README does what it says, with the Python that it shows. */

import { execFileSync, spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { expect, test, vi } from 'vitest';
import { FROM_SOURCE } from '../support/from-source.ts';
import { consumersOf, MISSING, PAIRS } from './support/live.ts';

const ROOT = new URL('../../', import.meta.url);
const README = readFileSync(new URL('packages/celery/README.md', ROOT), 'utf8');

function block(language: string): string {
  return new RegExp(`^\`\`\`${language}\\n(.*?)^\`\`\`$`, 'ms').exec(README)?.[1] ?? '';
}

test.skipIf(MISSING !== undefined)(
  'the first program prints what it says',
  async () => {
    // Queues of its own, so that nobody else's worker takes them.
    const id = Math.random().toString(36).slice(2);
    const program = block('ts').replace("'js'", `'js-${id}'`).replace("'py'", `'py-${id}'`);
    const folder = mkdtempSync(fileURLToPath(new URL('test/.celery-readme-', ROOT)));
    const { broker, results } = PAIRS[0] as (typeof PAIRS)[0];
    const env = { ...process.env, BROKER: broker, BACKEND: results };
    writeFileSync(`${folder}/first.ts`, program);
    writeFileSync(`${folder}/models.py`, block('python'));
    const args = [
      '-m',
      'celery',
      '-A',
      'models',
      'worker',
      '-Q',
      `py-${id}`,
      '-P',
      'solo',
      '-n',
      id,
    ];
    const worker = spawn('/usr/bin/python3', args, { cwd: folder, env, stdio: 'ignore' });
    const gone = new Promise((resolve) => worker.once('exit', resolve));
    try {
      const run = [...FROM_SOURCE, `${folder}/first.ts`];
      // Until the worker is there nobody takes the queue, which may not be there either.
      await vi.waitFor(async () => expect(await consumersOf(broker, `py-${id}`)).toBe(1), {
        timeout: 30_000,
      });
      const printed = execFileSync(process.execPath, run, { cwd: folder, env, encoding: 'utf8' });
      expect(printed).toBe('mailed report.pdf of 1000 rows\n');
    } finally {
      worker.kill('SIGKILL');
      await gone;
      rmSync(folder, { recursive: true });
    }
  },
  60_000,
);
