import { readFileSync } from 'node:fs';

/**
 * eventemitter3 is a CommonJS file with a module in front of it. As a module itself it needs none of what
 * a bundle puts around CommonJS.
 *
 * @type {import('esbuild').Plugin}
 */
const emitterAsModule = {
  name: 'emitter as module',
  setup(building) {
    building.onLoad({ filter: /\/eventemitter3\/index\.js$/ }, ({ path }) => ({
      contents: readFileSync(path, 'utf8').replace(
        /if \(.*typeof module\) \{\s*module\.exports = (\w+);\s*\}/,
        'export default $1;',
      ),
    }));
  },
};

export default {
  // It runs everywhere, so it imports nothing: what it depends on is in the bundle.
  platform: 'neutral',
  packages: 'bundle',
  // The nanoid for browsers has the Web Crypto of any host, the other one imports node:crypto.
  conditions: ['browser'],
  plugins: [emitterAsModule],
  // What the entries share is known by this name to error-trace.ts.
  chunkNames: 'runtime-[hash]',
};
