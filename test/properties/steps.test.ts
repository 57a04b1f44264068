/** No operation takes more steps the more things it happens among. */

import { describe, expect, test } from 'vitest';
import { costOf, courses, type Meter } from '../bench/courses.ts';
import { takeSteps } from '../support/steps.ts';

const OPERATIONS = 1000;
/** A loop over them all would take fifty times as many steps; rare work on a whole table is spread. */
const COUNTS = [200, 10_000] as const;
const MOST = 1.1;

describe('the steps of an operation do not grow with', () => {
  test.each([
    ['waiting messages', 'mailbox'],
    ['actors, as they are spawned and end', 'actors'],
    ['actors that have nothing to do with it', 'bystanders'],
    ['links of an actor', 'links'],
    ['monitors of an actor', 'monitors'],
    ['pending timers', 'timers'],
    ['children of a supervisor', 'children'],
  ])('the number of %s', async (_, name) => {
    const meter: Meter = () => {
      takeSteps();
      return () => takeSteps();
    };
    const course = courses[name]!;
    const few = await costOf(course, COUNTS[0], OPERATIONS, meter);
    const many = await costOf(course, COUNTS[1], OPERATIONS, meter);
    expect(few).toBeGreaterThan(OPERATIONS);
    expect(many / few).toBeLessThan(MOST);
  });
});
