// The program: the command line, the tree, Ctrl-C and the exit code.

import { readFileSync } from 'node:fs';
import { ActorSystem, CallFailed } from 'beamish';
import { diskFiles } from './disk-files.ts';
import { hiring, RECRUIT_AFTER_MS } from './hiring.ts';
import { isTyped } from './input.ts';
import { type Failures, RECRUITER, STATUS, UPLOADER } from './messages.ts';
import { asksForServices, type CommandLine, HELP, readCommandLine, userFolder } from './options.ts';
import { type Output, standardOutput } from './output.ts';
import { prompter } from './prompter.ts';
import { whyOf } from './report.ts';
import { surveyor } from './surveyor.ts';
import { crunching } from './tree.ts';
import { typistAt } from './typist.ts';

const WELL = 0;
const INPUT_FAILED = 1;
const WRONG_USAGE = 2;
const INTERRUPTED = 130;

const OBSERVE = '--observe';

/** Set when threads have been started. */
let endsThreads = false;

type Job = Extract<CommandLine, { kind: 'run' | 'prompt' }>;

async function main(): Promise<number> {
  const folder = userFolder(process.env, process.cwd());
  const args = process.argv.slice(2).filter((arg) => arg !== OBSERVE);
  // Whatever systems there are to be: each is observed, and its link printed on stderr.
  if (process.argv.includes(OBSERVE)) await import('@beamish/observer/auto');
  const command = readCommandLine(args, folder);
  const output = standardOutput(process.stdout, process.stderr, process.env);
  if (command.kind !== 'help' && asksForServices(args, process.env)) {
    const { runServices } = await import('./services/program.ts');
    return await runServices(args, folder, output);
  }
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

/** Does the job, and returns the exit code. */
async function crunch(job: Job, folder: string, output: Output): Promise<number> {
  // What crashes is told in one line at the end, in the words of this program.
  const system = new ActorSystem({ name: 'cruncher', log: 'off' });
  let crash = '';
  system.events.on('crash', ({ name, reason }) => {
    if (name === RECRUITER.name) output.complain(`No more threads: ${whyOf(reason)}\n`);
    else if (name !== undefined && crash === '') crash = `the ${name} crashed: ${whyOf(reason)}`;
  });
  const format = job.kind === 'prompt' ? 'prompt' : job.format;
  const showsProgress = output.isTerminal && !isTypedAt(job);
  const hire = hiring(system, job.threads);
  const starting = system.start(
    crunching({
      status: { output, format, top: job.top, showsProgress, now: () => performance.now() },
      algorithm: job.algorithm,
      uploader: {
        files: diskFiles,
        ...(hire && { recruitAfterMs: RECRUIT_AFTER_MS }),
      },
      ...(hire && {
        hire: () => {
          endsThreads = true;
          return hire();
        },
      }),
    }),
  );
  process.once('SIGINT', () => {
    starting
      .then(() => report(system))
      .then(output.finish)
      .finally(() => process.exit(INTERRUPTED));
  });
  const tree = await starting;

  if (showsProgress && job.kind === 'run') system.spawn(surveyor, job.paths, diskFiles);

  // Who waits for a line at the prompt has no call under way that would fail when the tree ends.
  const treeEnded = system.exited(tree).then(() => undefined);
  // What nobody can be told need not be read.
  const outputFailed = output.failed.then(() => 0);
  const failures = await Promise.race([perform(job, system, folder), treeEnded, outputFailed]);
  // Threads end with the process, also one that is still starting, which a shutdown would wait for.
  if (!endsThreads) await system.shutdown();
  if (failures === undefined) {
    output.progress('');
    output.complain(`The crunching was given up: ${crash}\n`);
    return INPUT_FAILED;
  }
  const unwritten = await output.finish();
  if (unwritten !== undefined) output.complain(`${unwritten}\n`);
  return failures > 0 || unwritten !== undefined ? INPUT_FAILED : WELL;
}

/** Has it all counted and printed; `undefined` if the tree ended under it. */
async function perform(
  job: Job,
  system: ActorSystem,
  folder: string,
): Promise<Failures | undefined> {
  try {
    if (job.kind === 'prompt') return await asked(system, folder);
    const { paths } = job;
    const failures = await system.call(UPLOADER, { tag: 'upload', paths }).within('infinity');
    await report(system);
    return failures;
  } catch (error) {
    if (!(error instanceof CallFailed)) throw error;
    return undefined;
  }
}

/** Whether somebody may type while it runs: a progress line would erase what they type. */
function isTypedAt(job: Job): boolean {
  if (job.kind === 'prompt') return true;
  return job.paths.some((path) => isTyped(path, diskFiles));
}

/** Counts what is typed at the prompt. */
function asked(system: ActorSystem, folder: string): Promise<Failures> {
  return system.run(prompter, typistAt(process.stdin, process.stdout), folder);
}

function report(system: ActorSystem): Promise<'printed'> {
  return system.call(STATUS, { tag: 'report' }).within('infinity');
}

function version(): string {
  const file = new URL('../package.json', import.meta.url);
  return (JSON.parse(readFileSync(file, 'utf8')) as { version: string }).version;
}

const code = await main();
if (endsThreads) process.exit(code);
process.exitCode = code;
