/** The example prints what its README shows, on each broker. */

import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';
import { MISSING, PAIRS } from '../celery/support/live.ts';
import { FROM_SOURCE } from '../support/from-source.ts';

const ROOT = new URL('../../', import.meta.url);
const README = readFileSync(new URL('examples/hybrid/README.md', ROOT), 'utf8');
const shown = /\$ npm run hybrid\n(.*?)```/s.exec(README)?.[1];

test.skipIf(MISSING !== undefined).each([PAIRS[0]].map((pair) => [pair?.name, pair] as const))(
  'four directions over %s',
  async (_, pair) => {
    const id = Math.random().toString(36).slice(2);
    const env = {
      ...process.env,
      BROKER: pair?.broker,
      BACKEND: pair?.results,
      PY_QUEUE: `hybrid-py-${id}`,
      JS_QUEUE: `hybrid-js-${id}`,
    };
    const program = fileURLToPath(new URL('examples/hybrid/src/main.ts', ROOT));
    const run = [...FROM_SOURCE, program];
    const { stdout } = await promisify(execFile)(process.execPath, run, { env });
    expect(stdout).toBe(shown);
  },
  60_000,
);
