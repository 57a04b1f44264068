export default {
  // What is set up in each thread.
  alsoEntries: ['src/thread-station.ts'],
};
