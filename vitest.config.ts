import { defineConfig } from 'vitest/config';

/** Makes `import 'beamish'` mean the sources, as it does for tsc and for `npm start`. */
const SOURCE = 'beamish-source';
const conditions = [SOURCE, 'module', 'node', 'development|production'];

/** Broken sources to test instead, by the mutation tests. */
const mutant = process.env['BEAMISH_SOURCES'];

export default defineConfig({
  resolve: { conditions, alias: mutant === undefined ? [] : aliases(mutant) },
  ssr: { resolve: { conditions, externalConditions: [SOURCE, 'node'] } },
  test: {
    include: ['test/**/*.test.ts'],
    pool: 'forks',
    execArgv: [`--conditions=${SOURCE}`],
    maxWorkers: 2,
    testTimeout: 30_000,
    // A test that asserts nothing cannot fail.
    expect: { requireAssertions: true },
    // The JSON is what the summary of the conformance tests is made from.
    reporters: ['default', ['json', { outputFile: 'node_modules/.cache/beamish/tests.json' }]],
  },
});

function aliases(folder: string): { readonly find: RegExp; readonly replacement: string }[] {
  return [
    { find: /^beamish$/, replacement: `${folder}index.ts` },
    { find: /^beamish\/(transport|control|observation)$/, replacement: `${folder}$1.ts` },
  ];
}
