/** What a page, the terminal and a recording know of what happens between two frames. */

import { expect, test } from 'vitest';
import { Store } from '../../packages/observer/page/store.ts';
import { Watched } from '../../packages/observer/src/cli/watched.ts';
import { failedFrame } from '../../packages/observer/src/model/full-frame.ts';
import { PROTOCOL } from '../../packages/observer/src/terms/wire.ts';

const told = (kind: string, fields: object) => ({ v: PROTOCOL, kind, at: 1000, ...fields });
const { failed: _, ...frame } = failedFrame('thread-1', 7, '', 1000);
const systems = [
  {
    ...frame,
    strings: [[0, 'summer']],
    born: [[1, '', 0, 0, 1000, null]],
    rows: [[1, 2, 0, 0, 0, null]],
  },
];
const happened = (kind: string, fields: object = {}) =>
  told('happened', { events: [{ kind, at: 1000, system: 'thread-1', incarnation: 7, ...fields }] });

test.each([
  ['the page', () => new Store()],
  ['the terminal', () => new Watched()],
] as const)(
  'OBS-70 %s shows at once that a thread is silent, and that it is not any more',
  (_, make) => {
    const knows = make();
    const status = () => [...knows.model.systems.values()].map((its) => its.status);
    knows.take(told('frame', { systems }));
    knows.take(happened('system_silent'));
    expect(status()).toEqual(['silent']);
    knows.take(told('frame', { systems: [frame] }));
    expect(status()).toEqual(['up']);
  },
);

test('OBS-85 a thread that died is not the busiest one', () => {
  const page = new Store();
  const [its] = systems;
  page.take(told('frame', { systems: [{ ...its, figures: [1, 0, 0, 0.9, 0, 0, 0, 0] }] }));
  expect(page.points.at(-1)).toMatchObject({ actors: 1, busy: 0.9 });
  page.take(happened('system_down', { reason: 'killed' }));
  page.take({ ...told('frame', { systems: [] }), at: 2000 });
  expect(page.points.at(-1)).toMatchObject({ actors: 0, busy: 0 });
});

test.each([
  ['the page', () => new Store()],
  ['the terminal', () => new Watched()],
] as const)('OBS-85 %s shows at once that a thread died, with its actors', (_, make) => {
  const knows = make();
  knows.take(told('frame', { systems }));
  const reason = { $error: { name: 'Error', message: 'Out of memory', stack: '' } };
  knows.take(happened('system_down', { reason, lost: 3 }));
  const [system] = knows.model.systems.values();
  expect(system).toMatchObject({ status: 'lost', died: { why: 'Out of memory', lost: 3 } });
  expect(system?.actors.get(1)?.ended?.reason).toBe('Out of memory');
});
