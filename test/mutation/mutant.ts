/** A broken copy of a package's sources, beside them, so that it finds the package's dependencies. */

import { spawn, spawnSync } from 'node:child_process';
import { cpSync, existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Mutation, Suspect } from './mutation.ts';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
/** A mutant may loop for ever, which its tests notice by not ending. */
const LONGEST_MS = 300_000;

/** Threads load the sources themselves, unbroken. */
const APART = ['--exclude=test/conformance/node.test.ts'];

export interface Verdict {
  readonly isCaught: boolean;
  /** The test that has failed, or what else there is to say. */
  readonly how: string;
  /** The file of that test. */
  readonly file?: string;
}

/** What vitest writes about a run. */
interface Results {
  readonly testResults: readonly {
    readonly name: string;
    readonly status: string;
    readonly message: string;
    readonly assertionResults: readonly { readonly fullName: string; readonly status: string }[];
  }[];
}

export class Mutant {
  readonly #package: string;
  readonly #sources: string;
  readonly #copy: string;
  readonly #results: string;
  readonly #suspect: Suspect;

  constructor(suspect: Suspect) {
    this.#suspect = suspect;
    this.#package = join(ROOT, 'packages', suspect.short);
    this.#sources = join(this.#package, 'src');
    this.#copy = join(this.#package, 'mutant');
    this.#results = join(ROOT, 'node_modules', '.cache', 'beamish', 'mutant.json');
  }

  /** @throws Error if the tests fail on what is not broken, since then they tell nothing of what is. */
  async mustPassUnbroken(): Promise<void> {
    this.#copySources();
    const { isCaught, how } = await this.#test(this.#suspect.tests);
    if (isCaught)
      throw new Error(`The tests fail on the unbroken sources: ${how}. Mend that first`);
    console.log(`The tests pass on the unbroken sources of ${this.#suspect.short}`);
  }

  /**
   * All tests, after the file that is most likely to notice: it mostly does, and the others then need not run.
   *
   * @throws Error for a mutation that breaks no rule but the program.
   */
  async verdict({ name, file, from, to }: Mutation, likely: string | undefined): Promise<Verdict> {
    this.#copySources();
    const path = join(this.#copy, file);
    const source = readFileSync(path, 'utf8');
    if (source.split(from).length !== 2)
      throw new Error(`Cannot break "${name}": its text does not stand in ${file} exactly once`);
    // A function: in a string, $ would mean something.
    writeFileSync(
      path,
      source.replace(from, () => to),
    );
    const errors = this.#compile();
    if (errors !== '')
      throw new Error(`Cannot break "${name}": the mutant does not compile\n${errors}`);
    if (likely !== undefined) {
      const verdict = await this.#test([likely]);
      if (verdict.isCaught) return verdict;
    }
    return await this.#test(this.#suspect.tests);
  }

  remove(): void {
    rmSync(this.#copy, { recursive: true, force: true });
  }

  #copySources(): void {
    this.remove();
    cpSync(this.#sources, this.#copy, { recursive: true });
  }

  /** What the compiler says, but for what is no longer used. */
  #compile(): string {
    const config = {
      extends: '../tsconfig.json',
      compilerOptions: {
        noEmit: true,
        composite: false,
        tsBuildInfoFile: null,
        rootDir: '.',
        customConditions: ['beamish-source'],
        noUnusedLocals: false,
        noUnusedParameters: false,
        allowUnreachableCode: true,
      },
      references: [],
      include: ['.', '../*.d.ts'],
    };
    writeFileSync(join(this.#copy, 'tsconfig.json'), JSON.stringify(config));
    const tsc = join(ROOT, 'node_modules', 'typescript', 'bin', 'tsc');
    return spawnSync(process.execPath, [tsc, '-p', this.#copy, '--pretty', 'false'], {
      encoding: 'utf8',
    }).stdout;
  }

  async #test(tests: readonly string[]): Promise<Verdict> {
    rmSync(this.#results, { force: true });
    const hasEnded = await this.#runTests(tests);
    if (!hasEnded)
      return { isCaught: true, how: `the tests did not end in ${LONGEST_MS / 1000} s` };
    if (!existsSync(this.#results))
      throw new Error('The tests have told nothing: vitest has failed');
    const { testResults } = JSON.parse(readFileSync(this.#results, 'utf8')) as Results;
    const failed = testResults.flatMap(({ name, assertionResults }) =>
      assertionResults
        .filter(({ status }) => status === 'failed')
        .map(({ fullName }) => ({ how: fullName, file: relative(ROOT, name) })),
    );
    if (failed[0] !== undefined) return { isCaught: true, ...failed[0] };
    const notLoaded = testResults.find(({ status }) => status === 'failed');
    if (notLoaded !== undefined)
      throw new Error(`No test has failed, but ${notLoaded.name} did: ${notLoaded.message}`);
    return { isCaught: false, how: 'no test has failed' };
  }

  /** False if it had to be ended. Its own process group, since a test that loops does so in a child. */
  #runTests(tests: readonly string[]): Promise<boolean> {
    const vitest = join(ROOT, 'node_modules', 'vitest', 'vitest.mjs');
    const child = spawn(process.execPath, [vitest, 'run', '--bail=1', ...APART, ...tests], {
      cwd: ROOT,
      stdio: 'ignore',
      detached: true,
      env: {
        ...process.env,
        BEAMISH_MUTANT: this.#suspect.short,
        BEAMISH_RESULTS: this.#results,
      },
    });
    const end = (): void => void process.kill(-(child.pid as number), 'SIGKILL');
    const stop = (): never => {
      end();
      this.remove();
      process.exit(1);
    };
    return new Promise((resolve) => {
      const timer = setTimeout(() => {
        end();
        resolve(false);
      }, LONGEST_MS);
      // It does not hear of the terminal's Ctrl-C.
      for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, stop);
      child.once('close', () => {
        clearTimeout(timer);
        for (const signal of ['SIGINT', 'SIGTERM'] as const) process.off(signal, stop);
        resolve(true);
      });
    });
  }
}
