// The program: the command line, the tree, Ctrl-C and the exit code.

import { readFileSync } from 'node:fs';
import { ActorSystem, CallFailed } from 'beamish';
import { diskFiles } from './file-system.ts';
import { STATUS, UPLOADER } from './messages.ts';
import { type CommandLine, HELP, readCommandLine, userFolder } from './options.ts';
import { type Output, standardOutput } from './output.ts';
import { prompter } from './prompter.ts';
import type { Summary } from './report.ts';
import { surveyor } from './surveyor.ts';
import { crunching } from './tree.ts';

const WELL = 0;
const INPUT_FAILED = 1;
const WRONG_USAGE = 2;
const INTERRUPTED = 130;

type Job = Extract<CommandLine, { kind: 'run' | 'prompt' }>;

async function main(): Promise<number> {
  const folder = userFolder(process.env, process.cwd());
  const command = readCommandLine(process.argv.slice(2), folder);
  const output = standardOutput(process.stdout, process.stderr, process.env);
  switch (command.kind) {
    case 'help':
      output.print(HELP);
      return WELL;
    case 'version':
      output.print(`${version()}\n`);
      return WELL;
    case 'wrong':
      output.complain(`${command.message}\n`);
      return WRONG_USAGE;
    case 'run':
    case 'prompt':
      return crunch(command, folder, output);
  }
}

async function crunch(job: Job, folder: string, output: Output): Promise<number> {
  const system = new ActorSystem({ name: 'cruncher' });
  const format = job.kind === 'prompt' ? 'prompt' : job.format;
  const tree = crunching({
    status: { output, format, top: job.top, now: () => performance.now() },
    uploader: { files: diskFiles, stdin: process.stdin },
  });
  await system.start(tree);

  const report = (): Promise<Summary> => system.call(STATUS, { tag: 'report' });
  process.once('SIGINT', () => {
    report().finally(() => process.exit(INTERRUPTED));
  });
  if (job.kind === 'prompt') {
    await system.run(prompter, process.stdin, folder);
  } else {
    if (output.isTerminal) system.spawn(surveyor, job.paths, diskFiles);
    await system.call(UPLOADER, { tag: 'upload', paths: job.paths }).within('infinity');
  }
  const { failed } = await report();
  await system.shutdown();
  if (output.closed) output.complain('The output was closed before all of it was written\n');
  return failed > 0 || output.closed ? INPUT_FAILED : WELL;
}

function version(): string {
  const file = new URL('../package.json', import.meta.url);
  return (JSON.parse(readFileSync(file, 'utf8')) as { version: string }).version;
}

try {
  process.exitCode = await main();
} catch (error) {
  // The status displayer or the uploader has crashed, and was reported: without them nothing is known.
  if (!(error instanceof CallFailed)) throw error;
  process.stderr.write(`The crunching was given up: ${error.message}\n`);
  process.exitCode = INPUT_FAILED;
}
