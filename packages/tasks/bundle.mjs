export default {
  // What a thread loads to run a task.
  alsoEntries: ['src/in-thread.ts'],
};
