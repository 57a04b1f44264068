/**
 * The cruncher beside grep, on files and folders of yours:
 *
 *     npx tsx test/bench/cruncher.ts [--threads N] PATH...
 *
 * A file is read in three ways: by its name, as standard input, and through a pipe. With `--threads` the
 * cruncher is also beside itself on so many threads.
 *
 * Both find the same addresses in the same bytes, in turn, so that a machine that gets warm or busy
 * does so for both; the totals must be equal. Times are of the whole program, its start too; of ours
 * also without the start of Node, which takes as long for one byte as for all. `grep` writes to a pipe
 * that is read, as it stops at the first match when it writes to /dev/null.
 */

import { spawn } from 'node:child_process';
import { closeSync, openSync, statSync } from 'node:fs';
import { cpus } from 'node:os';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { ratios, summarise } from './statistics.ts';

const ROUNDS = 5;
const EXPRESSION = '[A-Za-z0-9_.+-]+@[A-Za-z0-9-]+(\\.[A-Za-z0-9-]+)+';
const MAIN = fileURLToPath(new URL('../../examples/cruncher/src/main.ts', import.meta.url));
const TELL_MEMORY = `data:text/javascript,process.on('exit', () => {
  process.stderr.write('maxRSS ' + process.resourceUsage().maxRSS); })`;

/** How a program gets what it reads. */
type Way = 'named' | 'as standard input' | 'through a pipe';

interface Run {
  readonly ms: number;
  /** Without the start of Node. */
  readonly crunchedMs: number;
  readonly total: number;
  readonly bytes: number;
  readonly megabytesOfMemory: number;
}

const { values, positionals: paths } = parseArgs({
  options: { threads: { type: 'string' } },
  allowPositionals: true,
});
if (paths.length === 0) throw new Error('Name the files or folders to read');
console.log(`${cpus()[0]?.model} × ${cpus().length}, Node ${process.versions.node}`);
for (const path of paths) {
  const ways: Way[] = ['named', 'as standard input', 'through a pipe'];
  for (const way of statSync(path).isFile() ? ways : ways.slice(0, 1)) await compare(path, way);
}

async function compare(path: string, way: Way): Promise<void> {
  const greps: Run[] = [];
  const crunchers: Run[] = [];
  const threaded: Run[] = [];
  for (let round = 0; round <= ROUNDS; round++) {
    const [grep, cruncher] = [await runGrep(path, way), await runCruncher(path, way)];
    const others =
      values.threads === undefined ? [] : [await runCruncher(path, way, values.threads)];
    for (const { total } of [cruncher, ...others]) {
      if (grep.total !== total)
        throw new Error(`The totals differ on ${path}: grep ${grep.total}, ours ${total}`);
    }
    if (round === 0) continue; // fills the cache of the disk
    greps.push(grep);
    crunchers.push(cruncher);
    threaded.push(...others);
  }
  const { bytes, total } = crunchers[0] as Run;
  const memory = Math.max(...crunchers.map((run) => run.megabytesOfMemory));
  const whole = summarise(ratios(crunchers.map(msOf), greps.map(msOf))).median;
  const crunched = crunchers.map((run) => run.crunchedMs);
  const crunching = summarise(ratios(crunched, greps.map(msOf))).median;
  console.log(`\n${path}, ${way}: ${Math.round(bytes / 1e6)} MB, ${total} addresses`);
  console.log(`  grep      ${shown(greps.map(msOf), bytes)}`);
  console.log(
    `  cruncher  ${shown(crunchers.map(msOf), bytes)}   at most ${Math.round(memory)} MB of memory`,
  );
  console.log(`  without the start of Node  ${shown(crunched, bytes)}`);
  console.log(
    `  time of grep × ${whole.toFixed(2)}, without the start of Node × ${crunching.toFixed(2)}`,
  );
  if (values.threads === undefined) return;
  const gain = summarise(ratios(crunchers.map(msOf), threaded.map(msOf))).median;
  console.log(`  --threads ${values.threads}  ${shown(threaded.map(msOf), bytes)}`);
  console.log(`  throughput of one thread × ${gain.toFixed(2)}`);
}

async function runGrep(path: string, way: Way): Promise<Run> {
  const input = way === 'named' ? ['-r', path] : [];
  const { ms, stdout } = await timed(['grep', '-haoE', EXPRESSION, ...input], path, way);
  const total = stdout.split('\n').length - 1;
  return { ms, crunchedMs: ms, total, bytes: 0, megabytesOfMemory: 0 };
}

async function runCruncher(path: string, way: Way, threads = '1'): Promise<Run> {
  const node = [process.execPath, '--conditions=beamish-source', '--import', 'tsx'];
  const options = ['--json', '--threads', threads, way === 'named' ? path : '-'];
  const command = [...node, '--import', TELL_MEMORY, MAIN, ...options];
  const { ms, stdout, stderr } = await timed(command, path, way);
  const { total, bytes, ms: crunchedMs } = JSON.parse(stdout) as Omit<Run, 'crunchedMs'>;
  const kilobytes = Number(/maxRSS (\d+)/.exec(stderr)?.[1]);
  return { ms, crunchedMs, total, bytes, megabytesOfMemory: kilobytes / 1000 };
}

async function timed(command: readonly string[], path: string, way: Way) {
  const [program, ...args] =
    way === 'through a pipe' ? ['sh', '-c', 'cat "$0" | "$@"', path, ...command] : command;
  const input = way === 'as standard input' ? openSync(path, 'r') : ('ignore' as const);
  const began = performance.now();
  const child = spawn(program as string, args, {
    env: { ...process.env, LC_ALL: 'C' },
    stdio: [input, 'pipe', 'pipe'],
  });
  if (typeof input === 'number') closeSync(input);
  const [stdout, stderr] = await Promise.all([textOf(child.stdout), textOf(child.stderr)]);
  if (stdout === '') throw new Error(`${program} found nothing: ${stderr}`);
  return { ms: performance.now() - began, stdout, stderr };
}

async function textOf(stream: AsyncIterable<Buffer> | null): Promise<string> {
  const pieces: Buffer[] = [];
  for await (const piece of stream ?? []) pieces.push(piece);
  return Buffer.concat(pieces).toString('latin1');
}

function shown(times: readonly number[], bytes: number): string {
  const { median, min, max } = summarise(times);
  const spread = `${Math.round(min)} to ${Math.round(max)}`;
  return `${Math.round(median)} ms (${spread}), ${Math.round(bytes / 1000 / median)} MB/s`;
}

function msOf(run: Run): number {
  return run.ms;
}
