import { defineConfig } from 'vitest/config';

/** Makes `import 'beamish'` mean the sources, as it does for tsc and for `npm start`. */
const SOURCE = 'beamish-source';
const conditions = [SOURCE, 'module', 'node', 'development|production'];

export default defineConfig({
  resolve: { conditions },
  ssr: { resolve: { conditions, externalConditions: [SOURCE, 'node'] } },
  test: {
    include: ['test/**/*.test.ts'],
    pool: 'forks',
    execArgv: [`--conditions=${SOURCE}`],
    maxWorkers: 2,
    testTimeout: 30_000,
    reporters: ['default'],
  },
});
