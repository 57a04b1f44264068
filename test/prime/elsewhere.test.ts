/** The service with a broker: its web server asks Python's worker, and Python asks its worker. */

import { spawn, spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { MISSING, PAIRS, ready } from '../celery/support/live.ts';
import { Program } from './program.ts';

const HERE = fileURLToPath(new URL('.', import.meta.url));
const PYTHON = '/usr/bin/python3';
/** All four in the long form. */
const TRIED =
  process.env['BEAMISH_CELERY_PAIRS'] === 'all'
    ? PAIRS
    : [PAIRS[0], PAIRS[2]].flatMap((pair) => pair ?? []);

describe.skipIf(MISSING !== undefined)(
  `PRM-06${MISSING ? `, for which there is no ${MISSING} here` : ''}`,
  () => {
    test.each(TRIED)(
      '$name: a web server of ours has its answers from a worker of theirs',
      async ({ broker, results }) => {
        const env = { BROKER: broker, BACKEND: results };
        const worker = spawn(
          PYTHON,
          [
            '-m',
            'celery',
            '-A',
            'theirs',
            'worker',
            '-Q',
            'prime',
            '--pool',
            'solo',
            '-l',
            'info',
            '-n',
            `theirs-${process.pid}`,
          ],
          { cwd: HERE, env: { ...process.env, ...env } },
        );
        try {
          // Its queue is there from then on.
          await ready(worker);
          await using program = await new Program('prime').start(env, '--role', 'web');
          const looked = await program.look(await program.idOf('1000000007'), 60);
          expect(looked, JSON.stringify(looked)).toMatchObject({
            status: 'SUCCESS',
            result: { number: 1_000_000_007, is_prime: true, certainty: 'proven' },
          });
        } finally {
          worker.kill('SIGKILL');
        }
      },
      120_000,
    );

    test.each(TRIED)(
      '$name: a worker of ours answers a client of theirs',
      async ({ broker, results }) => {
        const env = { BROKER: broker, BACKEND: results };
        await using _program = await new Program('prime').start(env, '--role', 'worker');
        const asked = spawnSync(PYTHON, ['theirs.py', '618970019642690137449562111'], {
          cwd: HERE,
          env: { ...process.env, ...env },
          encoding: 'utf8',
        });
        expect(asked.stdout.trim()).toBe(
          "{'number': 618970019642690137449562111, 'is_prime': True, 'certainty': 'proven'}",
        );
      },
      120_000,
    );
  },
);

test('a part of it needs a broker and a place for results', async () => {
  await expect(new Program('prime').start({}, '--role', 'web')).rejects.toThrow('ended before');
  await expect(Program.started({ BROKER: 'amqp://127.0.0.1' })).rejects.toThrow('ended before');
});
