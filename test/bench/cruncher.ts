/**
 * The cruncher beside grep, on files and folders of yours:
 *
 *     npx tsx test/bench/cruncher.ts [--threads N] PATH...
 *
 * With `--threads` also beside itself on so many threads.
 *
 * Both find the same addresses in the same bytes, in turn, so that a machine that gets warm or busy
 * does so for both; the totals must be equal. Times are of the whole program, its start too. `grep`
 * writes to a pipe that is read, as it stops at the first match when it writes to /dev/null.
 */

import { spawn } from 'node:child_process';
import { cpus } from 'node:os';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { ratios, summarise } from './statistics.ts';

const ROUNDS = 5;
const EXPRESSION = '[A-Za-z0-9_.+-]+@[A-Za-z0-9-]+(\\.[A-Za-z0-9-]+)+';
const MAIN = fileURLToPath(new URL('../../examples/cruncher/src/main.ts', import.meta.url));
const TELL_MEMORY = `data:text/javascript,process.on('exit', () => {
  process.stderr.write('maxRSS ' + process.resourceUsage().maxRSS); })`;

interface Run {
  readonly ms: number;
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
for (const path of paths) await compare(path);

async function compare(path: string): Promise<void> {
  const greps: Run[] = [];
  const crunchers: Run[] = [];
  const threaded: Run[] = [];
  for (let round = 0; round <= ROUNDS; round++) {
    const [grep, cruncher] = [await runGrep(path), await runCruncher(path)];
    const others = values.threads === undefined ? [] : [await runCruncher(path, values.threads)];
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
  const ratio = summarise(ratios(greps.map(msOf), crunchers.map(msOf))).median;
  console.log(`\n${path}: ${Math.round(bytes / 1e6)} MB, ${total} addresses`);
  console.log(`  grep      ${shown(greps, bytes)}`);
  console.log(
    `  cruncher  ${shown(crunchers, bytes)}   at most ${Math.round(memory)} MB of memory`,
  );
  console.log(`  throughput of grep × ${ratio.toFixed(2)}`);
  if (values.threads === undefined) return;
  const gain = summarise(ratios(crunchers.map(msOf), threaded.map(msOf))).median;
  console.log(`  --threads ${values.threads}  ${shown(threaded, bytes)}`);
  console.log(`  throughput of one thread × ${gain.toFixed(2)}`);
}

async function runGrep(path: string): Promise<Run> {
  const { ms, stdout } = await timed('grep', ['-rhaoE', EXPRESSION, path]);
  return { ms, total: stdout.split('\n').length - 1, bytes: 0, megabytesOfMemory: 0 };
}

async function runCruncher(path: string, threads = '1'): Promise<Run> {
  const args = ['--conditions=beamish-source', '--import', 'tsx', '--import', TELL_MEMORY];
  const { ms, stdout, stderr } = await timed(process.execPath, [
    ...args,
    MAIN,
    '--json',
    '--threads',
    threads,
    path,
  ]);
  const { total, bytes } = JSON.parse(stdout) as { total: number; bytes: number };
  const kilobytes = Number(/maxRSS (\d+)/.exec(stderr)?.[1]);
  return { ms, total, bytes, megabytesOfMemory: kilobytes / 1000 };
}

async function timed(command: string, args: readonly string[]) {
  const began = performance.now();
  const child = spawn(command, args, { env: { ...process.env, LC_ALL: 'C' } });
  child.stdin.end();
  const [stdout, stderr] = await Promise.all([textOf(child.stdout), textOf(child.stderr)]);
  if (stdout === '') throw new Error(`${command} found nothing: ${stderr}`);
  return { ms: performance.now() - began, stdout, stderr };
}

async function textOf(stream: AsyncIterable<Buffer>): Promise<string> {
  const pieces: Buffer[] = [];
  for await (const piece of stream) pieces.push(piece);
  return Buffer.concat(pieces).toString('latin1');
}

function shown(runs: readonly Run[], bytes: number): string {
  const { median, min, max } = summarise(runs.map(msOf));
  const spread = `${Math.round(min)} to ${Math.round(max)}`;
  return `${Math.round(median)} ms (${spread}), ${Math.round(bytes / 1000 / median)} MB/s`;
}

function msOf(run: Run): number {
  return run.ms;
}
