import { fileURLToPath } from 'node:url';
import { defineConfig, type Plugin, type TestProjectConfiguration } from 'vitest/config';
import { BaseSequencer, type TestSpecification } from 'vitest/node';

/** Makes `import 'beamish'` mean the sources, as it does for tsc and for `npm start`. */
const SOURCE = 'beamish-source';
// Without `module`, which Node does not know: what it names may be for bundlers alone.
const conditions = [SOURCE, 'node', 'development|production'];

/** The package whose broken sources are to be tested instead, by the mutation tests. */
const mutant = process.env['BEAMISH_MUTANT'];

const results = process.env['BEAMISH_RESULTS'] ?? 'node_modules/.cache/beamish/tests.json';

/**
 * Files of tests on systems of their own, with a clock of their own, which leave nothing behind: they share a process,
 * as for most of them it takes longer to load the sources than to run.
 */
const TOGETHER = ['beamish', 'conformance', 'contract', 'exchange', 'properties', 'sim', 'tasks'];
/** Of these, who is about the process itself: its heap, threads, modules, rejections, and what is kept once for all. */
const ALONE = [
  'beamish/observation/details',
  'beamish/otp/streams',
  'beamish/system/outside',
  'beamish/terms/copy',
  'beamish/turn/forgotten',
  'conformance/{depth,exit-state,node,rcv-suspension,sup-template}',
  'contract/threads',
  'tasks/{canvas,in-threads,memory}',
];

class ShortestFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    return (await super.sort(files)).reverse();
  }
}

/** A process goes on only with the next file, so those who share one come one after the other. */
class TogetherFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const sorted = await super.sort(files);
    const isTogether = ({ project }: TestSpecification) => !project.config.isolate;
    return [...sorted.filter(isTogether), ...sorted.filter((each) => !isTogether(each))];
  }
}

export default defineConfig({
  plugins: mutant === undefined ? [] : [insteadOf(mutant)],
  resolve: { conditions },
  ssr: { resolve: { conditions, externalConditions: [SOURCE, 'node'] } },
  test: {
    ...(mutant === undefined ? { projects: projects() } : { include: ['test/**/*.test.ts'] }),
    pool: 'forks',
    // What threads and programs of tests load, instead of the sources one by one.
    ...(mutant === undefined ? { globalSetup: 'test/support/loader/bundles.ts' } : {}),
    execArgv: [
      `--conditions=${SOURCE}`,
      `--import=${new URL('test/support/loader/threads.mjs', import.meta.url)}`,
    ],
    // One more than the cores of a small machine: half of the files wait for processes that they have started.
    maxWorkers: 3,
    // For what hangs, or does on a mutant: what a busy machine takes is no failure.
    testTimeout: mutant === undefined ? 120_000 : 30_000,
    // The first failure ends the tests of a mutant, so let it come soon.
    sequence: { sequencer: mutant === undefined ? TogetherFirst : ShortestFirst },
    expect: {
      // A test that asserts nothing cannot fail.
      requireAssertions: true,
      // How long it takes on a busy machine is no matter; a test that never comes to it has its own limit.
      poll: { timeout: 25_000 },
    },
    // The JSON is what the summary of the conformance tests is made from.
    reporters: ['default', ['json', { outputFile: results }]],
  },
});

function projects(): TestProjectConfiguration[] {
  const together = TOGETHER.map((folder) => `test/${folder}/**/*.test.ts`);
  const alone = ALONE.map((file) => `test/${file}.test.ts`);
  // The bundles are made once for all.
  const shared = { globalSetup: [] };
  return [
    {
      extends: true,
      test: { ...shared, name: 'together', include: together, exclude: alone, isolate: false },
    },
    {
      extends: true,
      test: {
        ...shared,
        name: 'alone',
        include: [`test/!(${TOGETHER.join('|')})/**/*.test.ts`, 'test/*.test.ts', ...alone],
      },
    },
  ];
}

/** Whatever leads to a source of the package leads to its broken copy, by the package's name or by a path. */
function insteadOf(short: string): Plugin {
  const folder = fileURLToPath(new URL(`packages/${short}/`, import.meta.url));
  const sources = `${folder}src/`;
  return {
    name: 'mutant',
    enforce: 'pre',
    async resolveId(source, importer, options) {
      const found = await this.resolve(source, importer, { ...options, skipSelf: true });
      if (found === null || !found.id.startsWith(sources)) return found;
      return { ...found, id: `${folder}mutant/${found.id.slice(sources.length)}` };
    },
  };
}
