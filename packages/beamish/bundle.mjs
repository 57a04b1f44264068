export default {
  // It runs everywhere, so it imports nothing: what it depends on is in the bundle.
  platform: 'neutral',
  packages: 'bundle',
  // The nanoid for browsers has the Web Crypto of any host, the other one imports node:crypto.
  conditions: ['browser'],
  // What the entries share is known by this name to error-trace.ts.
  chunkNames: 'runtime-[hash]',
};
