/**
 * beamish/testing: actor systems on a virtual clock with a seeded schedule, for tests of programs with any
 * test runner: vitest, `node --test`, Deno or Bun.
 */

export type { Inbox } from './testing/inbox.ts';
export { generator, seededDecisions } from './testing/seeded-decisions.ts';
export { SEED, type TestSystem, testSystem } from './testing/test-system.ts';
export { type Told, toldBy } from './testing/told.ts';
export { VirtualClock } from './testing/virtual-clock.ts';
