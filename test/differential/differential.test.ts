/**
 * The same scenarios in Erlang and in beamish: their logs must be equal, line by line, and beamish must
 * leave the same one under every schedule. A scenario is a function of a module in `scenarios`, which
 * is there twice, in Erlang and in TypeScript. It logs only what both promise to order. Where beamish
 * has decided against Erlang's way, the case is left out, and a comment in the `.erl` says so.
 */

import { beforeAll, describe, expect, test } from 'vitest';
import { seeds } from '../support/schedules.ts';
import { erlangLogs, hasErlang } from './erlang.ts';
import * as calls from './scenarios/calls.ts';
import * as exits from './scenarios/exits.ts';
import * as groups from './scenarios/groups.ts';
import * as links from './scenarios/links.ts';
import * as machines from './scenarios/machines.ts';
import * as monitors from './scenarios/monitors.ts';
import * as names from './scenarios/names.ts';
import * as order from './scenarios/order.ts';
import * as receives from './scenarios/receives.ts';
import * as servers from './scenarios/servers.ts';
import * as spawns from './scenarios/spawns.ts';
import * as starts from './scenarios/starts.ts';
import * as supervisors from './scenarios/supervisors.ts';
import * as timers from './scenarios/timers.ts';
import { played, type Scenario } from './stage.ts';

const MODULES: Readonly<Record<string, Readonly<Record<string, Scenario>>>> = {
  order,
  exits,
  links,
  monitors,
  receives,
  spawns,
  names,
  timers,
  calls,
  servers,
  starts,
  supervisors,
  machines,
  groups,
};
const SCHEDULES = seeds(10);
const SCENARIOS = Object.entries(MODULES).flatMap(([module, scenarios]) =>
  Object.entries(scenarios).map(
    ([name, scenario]) => [`${module} ${inErlang(name)}`, scenario] as const,
  ),
);

const ERLANG = hasErlang();
const COMPARED = ERLANG ? 'as in Erlang' : 'as in Erlang (skipped: there is no erl on the PATH)';
const START_MS = 120_000;

let expected: ReadonlyMap<string, readonly string[]>;

beforeAll(() => {
  if (ERLANG) expected = erlangLogs(Object.keys(MODULES));
}, START_MS);

test.skipIf(!ERLANG)(`both have the same scenarios, ${COMPARED}`, () => {
  expect(SCENARIOS.map(([name]) => name).sort()).toEqual([...expected.keys()].sort());
});

describe.each(SCENARIOS)('%s', (name, scenario) => {
  test('leaves one log under every schedule', async () => {
    const first = await played(scenario, SCHEDULES[0] as number);
    expect(first).not.toEqual([]);
    for (const seed of SCHEDULES.slice(1)) {
      expect(await played(scenario, seed), `with BEAMISH_SEED=${seed}`).toEqual(first);
    }
  });

  test.skipIf(!ERLANG)(COMPARED, async () => {
    expect(await played(scenario, SCHEDULES[0] as number)).toEqual(expected.get(name));
  });
});

/** `linkAgain` is `link_again` there. */
function inErlang(name: string): string {
  return name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
}
