export default {
  // Each needs what its users have, and others have not.
  apart: ['src/vitest.ts', 'src/fast-check.ts'],
};
