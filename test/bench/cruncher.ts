/**
 * The cruncher beside grep and, where it is installed, ripgrep, on files and folders of yours:
 *
 *     npx tsx test/bench/cruncher.ts [--threads N] [--rounds N] PATH...
 *
 * A file is read in three ways: by its name, as standard input, and through a pipe. With `--threads` the
 * cruncher is also beside itself on so many threads. It is the built one if `npm run build` was run since the
 * last change, and starts from its sources otherwise.
 *
 * All find the same addresses in the same bytes, in turn, so that a machine that gets warm or busy
 * does so for all; the totals must be equal. Times are of the whole program, its start too, on the wall and in
 * seconds of the CPU, which a busy machine changes least; of a pipe `cat` is in both. The others write to a pipe
 * that is read, as `grep` stops at the first match when it writes to /dev/null.
 */

import { spawn, spawnSync } from 'node:child_process';
import { closeSync, openSync, statSync } from 'node:fs';
import { cpus } from 'node:os';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { ratios, summarise } from './statistics.ts';

const EXPRESSION = '[A-Za-z0-9_.+-]+@[A-Za-z0-9-]+(\\.[A-Za-z0-9-]+)+';
const START = fileURLToPath(new URL('../../scripts/start.mjs', import.meta.url));
const TELL_MEMORY = `data:text/javascript,process.on('exit', () => {
  process.stderr.write('maxRSS ' + process.resourceUsage().maxRSS + '\\n'); })`;

/** How a program gets what it reads. */
type Way = 'named' | 'as standard input' | 'through a pipe';

interface Run {
  readonly ms: number;
  readonly cpuMs: number;
  readonly total: number;
  readonly megabytesOfMemory: number;
}

type Program = (path: string, way: Way) => Promise<Run>;

const { values, positionals: paths } = parseArgs({
  options: { threads: { type: 'string' }, rounds: { type: 'string', default: '5' } },
  allowPositionals: true,
});
if (paths.length === 0) throw new Error('Name the files or folders to read');
const grep: Program = (path, way) =>
  searched(['grep', '-haoE'], way === 'named' ? '-r' : '', path, way);
const ripgrep: Program = (path, way) => searched(['rg', '-aoNI', '--no-ignore'], '', path, way);
const programs = new Map<string, Program>([
  ['grep', grep],
  ...(spawnSync('rg', ['--version']).status === 0 ? [['ripgrep', ripgrep] as const] : []),
  ['cruncher', cruncherOn('1')],
  ...(values.threads === undefined
    ? []
    : [[`--threads ${values.threads}`, cruncherOn(values.threads)] as const]),
]);
console.log(`${cpus()[0]?.model} × ${cpus().length}, Node ${process.versions.node}`);
for (const path of paths) {
  const ways: Way[] = ['named', 'as standard input', 'through a pipe'];
  for (const way of statSync(path).isFile() ? ways : ways.slice(0, 1)) await compare(path, way);
}

async function compare(path: string, way: Way): Promise<void> {
  const runs = new Map<string, Run[]>(Array.from(programs.keys(), (name) => [name, []]));
  for (let round = 0; round <= Number(values.rounds); round++) {
    let expected: number | undefined;
    for (const [name, program] of programs) {
      const run = await program(path, way);
      expected ??= run.total;
      if (run.total !== expected)
        throw new Error(`The totals differ on ${path}: grep ${expected}, ${name} ${run.total}`);
      if (round > 0) runs.get(name)?.push(run); // the first one fills the cache of the disk
    }
  }
  const ours = runs.get('cruncher') as Run[];
  console.log(`\n${path}, ${way}: ${(ours[0] as Run).total} addresses`);
  for (const [name, its] of runs) {
    const cpu = summarise(ratios(ours.map(cpuOf), its.map(cpuOf))).median;
    const wall = summarise(ratios(ours.map(msOf), its.map(msOf))).median;
    const memory = Math.max(...its.map((run) => run.megabytesOfMemory));
    const beside = its === ours ? `at most ${Math.round(memory)} MB of memory` : '';
    const compared = `cruncher × ${cpu.toFixed(2)} of its CPU, × ${wall.toFixed(2)} by the clock`;
    console.log(
      `  ${name.padEnd(12)} CPU ${shown(its.map(cpuOf))}, clock ${shown(its.map(msOf))}   ${beside || compared}`,
    );
  }
}

async function searched(
  command: readonly string[],
  recursive: string,
  path: string,
  way: Way,
): Promise<Run> {
  const input = way === 'named' ? [recursive, path].filter((each) => each !== '') : [];
  const { stdout, ...times } = await timed([...command, EXPRESSION, ...input], path, way);
  return { ...times, total: stdout.split('\n').length - 1, megabytesOfMemory: 0 };
}

function cruncherOn(threads: string): Program {
  return async (path, way) => {
    const options = ['--json', '--threads', threads, way === 'named' ? path : '-'];
    const command = [process.execPath, '--import', TELL_MEMORY, START, ...options];
    const { stdout, stderr, ...times } = await timed(command, path, way);
    const { total } = JSON.parse(stdout) as { total: number };
    const kilobytes = Math.max(
      ...Array.from(stderr.matchAll(/maxRSS (\d+)/g), (all) => Number(all[1])),
    );
    return { ...times, total, megabytesOfMemory: kilobytes / 1000 };
  };
}

async function timed(command: readonly string[], path: string, way: Way) {
  const what = way === 'through a pipe' ? 'cat "$0" | "$@"' : '"$@"';
  const script = `TIMEFORMAT='cpu %U %S'; time { ${what}; }`;
  const input = way === 'as standard input' ? openSync(path, 'r') : ('ignore' as const);
  const began = performance.now();
  const child = spawn('bash', ['-c', script, path, ...command], {
    env: { ...process.env, LC_ALL: 'C' },
    stdio: [input, 'pipe', 'pipe'],
  });
  if (typeof input === 'number') closeSync(input);
  const [stdout, stderr] = await Promise.all([textOf(child.stdout), textOf(child.stderr)]);
  const ms = performance.now() - began;
  if (stdout === '') throw new Error(`${command[0]} found nothing: ${stderr}`);
  const [, user = 0, kernel = 0] = /cpu ([\d.]+) ([\d.]+)/.exec(stderr)?.map(Number) ?? [];
  return { ms, cpuMs: (user + kernel) * 1000, stdout, stderr };
}

async function textOf(stream: AsyncIterable<Buffer> | null): Promise<string> {
  const pieces: Buffer[] = [];
  for await (const piece of stream ?? []) pieces.push(piece);
  return Buffer.concat(pieces).toString('latin1');
}

function shown(times: readonly number[]): string {
  const { median, min, max } = summarise(times);
  return `${Math.round(median)} ms (${Math.round(min)} to ${Math.round(max)})`;
}

function msOf(run: Run): number {
  return run.ms;
}

function cpuOf(run: Run): number {
  return run.cpuMs;
}
