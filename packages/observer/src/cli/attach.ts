/** `beamish-observer attach -- node app.js`: runs a program with an observer, and is not noticed otherwise. */

import { spawn } from 'node:child_process';
import { constants } from 'node:os';

const HERE = import.meta.url;
/** What the program loads first. */
const AUTO = HERE.endsWith('.ts')
  ? new URL('../auto.ts', HERE).href
  : new URL('./auto.js', HERE).href;

/** The exit code of the program. */
export function attach(command: readonly string[], control: boolean): Promise<number> {
  const [file, ...args] = command as [string, ...string[]];
  const loading = HERE.endsWith('.ts')
    ? ['--conditions=beamish-source', '--import=tsx', `--import=${inMainThread(AUTO)}`]
    : [`--import=${AUTO}`];
  const options = [process.env['NODE_OPTIONS'], ...loading].filter(
    (each) => each !== undefined && each !== '',
  );
  const child = spawn(file, args, {
    stdio: 'inherit',
    env: {
      ...process.env,
      NODE_OPTIONS: options.join(' '),
      ...(control ? { BEAMISH_OBSERVER_CONTROL: '1' } : {}),
    },
  });
  // The terminal sends them to the program, too, which decides what they mean.
  const forward = (signal: NodeJS.Signals) => {
    if (signal !== 'SIGINT' || !process.stdin.isTTY) child.kill(signal);
  };
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, forward);
  return new Promise((resolve, reject) => {
    child.on('error', (error) => reject(new Error(`Cannot run ${file}: ${error.message}`)));
    child.on('exit', (code, signal) =>
      resolve(code ?? 128 + (signal === null ? 0 : constants.signals[signal])),
    );
  });
}

/** A thread of the program knows nothing of TypeScript before its pool teaches it. */
function inMainThread(module: string): string {
  const code = `import{isMainThread}from'node:worker_threads';if(isMainThread)await import('${module}')`;
  return `data:text/javascript,${encodeURIComponent(code)}`;
}
