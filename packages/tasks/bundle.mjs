export default {
  // What a thread loads to run a task.
  alsoEntries: ['src/in-thread.ts'],
  // pg is there only for those who use it.
  apart: ['src/postgres.ts'],
};
