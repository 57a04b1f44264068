/** The JavaScript side: one task, for whoever calls it. */

import { defineTask } from '@beamish/tasks';

export const add = defineTask(
  'js_workers.tasks.example.arithmetic.add',
  (_self, a: number, b: number) => a + b,
);
