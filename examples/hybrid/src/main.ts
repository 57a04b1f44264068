/** All of it on this machine: a worker of each side, then a client of each side. Needs a broker and python3-celery. */

import { type ChildProcess, spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { PY_QUEUE } from './settings.ts';

const PYTHON = process.env['PYTHON'] ?? '/usr/bin/python3';
const PY = fileURLToPath(new URL('../py/', import.meta.url));

/** As this program is started. */
function ours(file: string): ChildProcess {
  const path = fileURLToPath(new URL(file, import.meta.url));
  return spawn(process.execPath, [...process.execArgv, path], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
}

function theirs(...args: readonly string[]): ChildProcess {
  return spawn(PYTHON, args, { cwd: PY, stdio: ['ignore', 'pipe', 'pipe'] });
}

/** When it has said so. */
async function ready(child: ChildProcess, sign: RegExp): Promise<void> {
  let said = '';
  await new Promise<void>((resolve, fail) => {
    const hear = (text: Buffer): void => {
      said += text.toString();
      if (sign.test(said)) resolve();
    };
    child.stdout?.on('data', hear);
    child.stderr?.on('data', hear);
    child.once('exit', (code) => fail(new Error(`A worker has ended with ${code}:\n${said}`)));
  });
}

async function over(child: ChildProcess): Promise<void> {
  child.stdout?.pipe(process.stdout, { end: false });
  child.stderr?.pipe(process.stderr, { end: false });
  const code = await new Promise((resolve) => child.once('exit', resolve));
  if (code !== 0) throw new Error(`A client has ended with ${String(code)}`);
}

const node = `py-worker-${process.pid}@localhost`;
const python = theirs(
  '-m',
  'celery',
  '-A',
  'tasks',
  'worker',
  '-Q',
  PY_QUEUE,
  '-n',
  node,
  '-c',
  '2',
  '-l',
  'INFO',
);
const javaScript = ours('./worker.ts');
try {
  await Promise.all([ready(python, / ready\./), ready(javaScript, /takes from/)]);
  await over(ours('./client.ts'));
  await over(theirs('client.py'));
} finally {
  for (const worker of [python, javaScript]) {
    worker.removeAllListeners('exit');
    worker.kill('SIGTERM');
  }
}
