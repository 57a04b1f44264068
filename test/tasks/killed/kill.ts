/** Runs the program until it ends, killing it at points of chance, and says whether what was promised held. */

import { spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { generator } from 'beamish/testing';

const PROGRAM = fileURLToPath(new URL('./program.ts', import.meta.url));

export interface Story {
  readonly seed: number;
  readonly kills: number;
  /** What was promised and did not hold. */
  readonly broken: readonly string[];
}

/** At most so many kills before it may end. */
const MOST_KILLS = 3;
/** The program has somewhat more points. */
const POINTS = 200;

export async function storyOf(seed: number): Promise<Story> {
  const random = generator(seed);
  const folder = mkdtempSync(join(tmpdir(), 'beamish-killed-'));
  try {
    let kills = 0;
    for (;;) {
      const point = kills < MOST_KILLS ? 1 + Math.floor(random() * POINTS) : 0;
      const { code, signal, output } = await run(folder, point);
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
  folder: string,
  point: number,
): Promise<{ code: number | null; signal: string | null; output: string }> {
  return new Promise((resolve) => {
    const args = ['--conditions=beamish-source', '--import', 'tsx', PROGRAM, folder, String(point)];
    const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'pipe'] });
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
