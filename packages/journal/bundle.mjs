export default {
  // Nothing of Node outside of the host's disk, which is loaded when nobody brings another one.
  platform: 'neutral',
  chunkNames: '[name]',
  external: ['node:*'],
};
