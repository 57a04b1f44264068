/**
 * Starts the cruncher: as `npm run build` made it, if nothing has changed since, and otherwise from its sources,
 * which Node and tsx take a second of the CPU longer to start.
 */

import './install.mjs';
import { spawn } from 'node:child_process';
import { constants } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { isCurrent } from './built.mjs';
import { packages, ROOT } from './workspace.mjs';

const CRUNCHER = join(ROOT, 'examples', 'cruncher');
const BUILT = join(CRUNCHER, 'built', 'main.js');

const members = [CRUNCHER, ...packages().map(({ folder }) => folder)];
const sources = members.flatMap((member) => [join(member, 'src'), join(member, 'package.json')]);
if (isCurrent(BUILT, sources)) await import(pathToFileURL(BUILT).href);
else fromSources();

function fromSources() {
  const main = join(CRUNCHER, 'src', 'main.ts');
  const args = ['--conditions=beamish-source', '--import', import.meta.resolve('tsx'), main];
  const program = spawn(process.execPath, [...args, ...process.argv.slice(2)], {
    stdio: 'inherit',
  });
  // A terminal tells both of Ctrl-C; what to do then is known to the program alone.
  process.on('SIGINT', () => {});
  process.on('SIGTERM', () => program.kill('SIGTERM'));
  program.on('exit', (code, signal) => {
    process.exit(code ?? 128 + (signal === null ? 0 : constants.signals[signal]));
  });
}
