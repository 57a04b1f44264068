/** Runs the program until it ends, killing it at points of chance, and says whether what was promised held. */

import { spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { generator } from 'beamish/testing';
import { build } from 'esbuild';

/** In one file, so that it starts in a fraction of the time; it does so four times a story. */
const program = (async (): Promise<string> => {
  const folder = mkdtempSync(join(tmpdir(), 'beamish-killed-program-'));
  process.on('exit', () => rmSync(folder, { recursive: true, force: true }));
  const outfile = join(folder, 'program.mjs');
  await build({
    entryPoints: [fileURLToPath(new URL('./program.ts', import.meta.url))],
    bundle: true,
    platform: 'node',
    format: 'esm',
    target: 'node20',
    conditions: ['beamish-source'],
    external: ['@beamish/threads'],
    outfile,
    logLevel: 'error',
  });
  return outfile;
})();

export interface Story {
  readonly seed: number;
  readonly kills: number;
  /** What was promised and did not hold. */
  readonly broken: readonly string[];
}

/** At most so many kills before it may end. */
const MOST_KILLS = 3;
/** The program has somewhat more points when nothing has been done, and fewer each time. */
const POINTS = 150;

export async function storyOf(seed: number): Promise<Story> {
  const random = generator(seed);
  const folder = mkdtempSync(join(tmpdir(), 'beamish-killed-'));
  try {
    let kills = 0;
    for (;;) {
      const point = kills < MOST_KILLS ? 1 + Math.floor(random() * POINTS) : 0;
      const { code, signal, output } = await run(await program, folder, point);
      if (signal === 'SIGKILL') {
        kills++;
        continue;
      }
      const broken = code === 0 ? check(folder, output) : [`it ended with ${code}: ${output}`];
      return { seed, kills, broken };
    }
  } finally {
    rmSync(folder, { recursive: true });
  }
}

function check(folder: string, output: string): string[] {
  const broken: string[] = [];
  const { results, states } = JSON.parse(output.trim().split('\n').at(-1) ?? '{}') as {
    readonly results: readonly number[];
    readonly states: Readonly<Record<string, number>>;
  };
  if (JSON.stringify(results) !== '[20,18,6]') broken.push(`results ${JSON.stringify(results)}`);
  for (const state of ['failed', 'quarantined', 'revoked', 'expired'])
    if (states[state] !== undefined) broken.push(`${states[state]} ${state}`);
  const effects = readFileSync(join(folder, 'effects'), 'utf8').trim().split('\n');
  const ran = new Set(effects);
  // Every step has run at least once, and no other task was ever made.
  const steps = [...ran].filter((it) => /^(list|double|sum) /.test(it)).length;
  if (steps !== STEPS) broken.push(`${steps} steps, not ${STEPS}: ${[...ran].join(', ')}`);
  const submitted = readFileSync(join(folder, 'submitted'), 'utf8').trim().split('\n');
  for (const id of ['work-0', 'work-1', 'work-2'])
    if (!submitted.includes(id)) broken.push(`${id} was not submitted`);
  return broken;
}

/** Tasks that the three works are made of: 1 + 4 + 1, 1 + 2 + 1 + 1, 1 + 1 + 1. */
const STEPS = 14;

function run(
  program: string,
  folder: string,
  point: number,
): Promise<{ code: number | null; signal: string | null; output: string }> {
  return new Promise((resolve) => {
    const child = spawn(process.execPath, [program, folder, String(point)], {
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    let output = '';
    child.stdout.on('data', (data) => {
      output += data;
    });
    child.stderr.on('data', (data) => {
      output += data;
    });
    child.on('close', (code, signal) => resolve({ code, signal, output }));
  });
}

/** `kill.ts FROM TO`: the long form. */
if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const [from = 1, to = 1000] = process.argv.slice(2).map(Number);
  let kills = 0;
  for (let seed = from; seed <= to; seed++) {
    const story = await storyOf(seed);
    kills += story.kills;
    if (story.broken.length > 0) {
      console.error(`Seed ${seed}: ${story.broken.join('; ')}`);
      process.exitCode = 1;
    }
    if (seed % 10 === 0) console.log(`${seed - from + 1} stories, ${kills} kills`);
  }
}
