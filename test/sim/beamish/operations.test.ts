/** Every operation that suspends, under the death of either side: whoever waits goes on, or ends, and nothing is left. */

import { readFileSync } from 'node:fs';
import { kill, type Scenario } from '@beamish/sim';
import { configure, type Pid, type Self } from 'beamish';
import { figuresOf } from 'beamish/observation';
import { describe, expect, test } from 'vitest';
import { explored } from '../support/explored.ts';
import { OPERATIONS, type Side, type Waiting } from '../support/operations.ts';
import type { Any } from '../support/scenes.ts';

/** Notes that it is over, however it ends, and sees that nothing of it is left. */
const scenarioOf = ({ waiting, other }: Side): Scenario<Any> =>
  function* scenario(self, { always, eventually, system, count }) {
    const there = self.spawn(configure(other as never, { name: 'other' })) as Pid<never>;
    let isOver = false;
    const waiter = (its: Self<Any>): ReturnType<Waiting> => {
      its.defer(() => {
        isOver = true;
      });
      return waiting(its, there);
    };
    const one = self.spawn(configure(waiter, { name: 'waiter' }) as never);
    // Their timers are their own.
    const hasChildren = (): boolean =>
      ['waiter', 'other'].some((by) => count({ kind: 'spawned', by }) > 0);
    always('nothing of whoever waited is left', () => {
      if (!isOver) return true;
      const left = system.info(there as Pid);
      const hasTimers = figuresOf(system).timers > 0 && !hasChildren();
      return (
        !hasTimers && ![...(left?.links ?? []), ...(left?.monitoredBy ?? [])].includes(one as Pid)
      );
    });
    eventually('whoever waited is over', () => {
      const isGone = system.info(one as Pid) === undefined;
      return isGone && (isOver || count({ kind: 'starts', by: 'waiter' }) === 0);
    });
  };

test('there are no others', () => {
  const covered = Object.keys(OPERATIONS).map((what) => what.split(' ')[0]);
  expect([...new Set(covered)].sort()).toEqual([...new Set(suspending())].sort());
});

/** By name, whatever of the surface returns what is to be waited for. */
function* suspending(): Iterable<string> {
  const surface = new URL('../../../docs/surface/beamish.d.ts.txt', import.meta.url);
  let within = '';
  let line = '';
  for (const part of readFileSync(surface, 'utf8').split('\n')) {
    line += part;
    if (/[([]/.test(unnested(line))) continue;
    const [, outer] =
      /^(?:interface (\w+)|const (\w+): .* & \{$)/.exec(line)?.filter(Boolean) ?? [];
    if (outer !== undefined) within = `${outer}.`;
    else if (/^\};?$/.test(line)) within = '';
    const [, name] = WAITING.exec(line) ?? [];
    if (name !== undefined) yield `${within}${name}`;
    line = '';
  }
}

/** Without whatever brackets hold. */
function unnested(text: string): string {
  const shorter = text.replace(/\([^()[\]]*\)|\[[^()[\]]*\]/, '');
  return shorter === text ? text : unnested(shorter);
}

const WAITING =
  /^(?: {4}|function )(\w+)\b.*(?:\): (?:Operation|Call|Receive|Actor|AsyncGenerator)\b|=> (?:Asked|Operation)<)/;

const OPTIONS = { leftovers: 'anything', mayCrash: ['*'] } as const;

describe.each(Object.entries(OPERATIONS))('%s', (_, side) => {
  const scenario = scenarioOf(side);

  test('the other one is killed at any moment', async () => {
    expect(await explored(scenario, { ...OPTIONS, faults: [kill('other')] })).toMatchSnapshot();
  });

  test('whoever waits is killed at any moment', async () => {
    expect(await explored(scenario, { ...OPTIONS, faults: [kill('waiter')] })).toMatchSnapshot();
  });

  test('either, while any timer may ring at any time', async () => {
    const options = { ...OPTIONS, speed: 'any', faults: [kill('other'), kill('waiter')] } as const;
    expect(await explored(scenario, options)).toMatchSnapshot();
  });
});
