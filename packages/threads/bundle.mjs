export default {
  // What each thread runs first.
  alsoEntries: ['src/worker.ts'],
  // A thread loads one file, and begins the sooner; nothing of it is compared with that of another thread.
  splitting: false,
};
