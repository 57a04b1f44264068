/** What packages show of themselves, held to what a panel may show. */

import { observe } from '@beamish/observer';
import { show } from 'beamish/observation';
import { testSystem } from 'beamish/testing';
import { expect, test, vi } from 'vitest';

const table = (rows: number) => ({
  title: 'Queues',
  columns: [{ title: 'Queue' }, { title: 'Age', unit: 'ms' as const }],
  rows: Array.from({ length: rows }, (_, i) => ({ id: `q${i}`, cells: [`q${i}`, i] })),
});

test('OBS-143 a panel has its tables, cut at a thousand rows with how many more, and is asked only when somebody looks', async () => {
  const system = testSystem();
  const look = vi.fn(() => [table(3), table(2000)]);
  const hide = show(system, { title: 'Queues', look });
  await using observer = observe(system);
  await observer.snapshot();
  expect(look).not.toHaveBeenCalled();
  const [panel] = await observer.panels();
  expect(panel?.tables.map(({ rows, more }) => [rows.length, more])).toEqual([
    [3, undefined],
    [1000, 1000],
  ]);
  hide();
  expect(await observer.panels()).toEqual([]);
});

test('OBS-143 a panel is asked once a second at most, however many look, and anew after an action', async () => {
  const system = testSystem();
  const look = vi.fn(() => [{ ...table(1), actions: ['purge'] }]);
  show(system, { title: 'Queues', look, act: async () => ({ ok: true }) });
  await using observer = observe(system, { control: true });
  await using other = observe(system);
  const clock = vi.spyOn(performance, 'now');
  try {
    const from = performance.now();
    clock.mockImplementation(() => from);
    for (let i = 0; i < 5; i++) await Promise.all([observer.panels(), other.panels()]);
    expect(look).toHaveBeenCalledTimes(1);
    await observer.actions?.panel('test', 'Queues', 'purge', 'q0');
    const before = look.mock.calls.length;
    expect(await other.panels()).toMatchObject([{ title: 'Queues' }]);
    expect(look).toHaveBeenCalledTimes(before + 1);
    // Of a time with a fraction, a second more than it may be a little less than a second after it.
    clock.mockImplementation(() => from + 1001);
    await observer.panels();
    expect(look).toHaveBeenCalledTimes(before + 2);
  } finally {
    clock.mockRestore();
  }
});

test('OBS-144 one that throws, never answers, or shows what cannot be shown is told as that, and the others are shown', async () => {
  const system = testSystem();
  show(system, {
    title: 'throws',
    look: () => {
      throw new Error('Not today');
    },
  });
  show(system, { title: 'never', look: () => new Promise(() => {}) });
  show(system, {
    title: 'function',
    look: () => [
      { title: 'T', columns: [{ title: 'C' }], rows: [{ id: '1', cells: [(() => {}) as never] }] },
    ],
  });
  show(system, { title: 'fine', look: async () => [table(1)] });
  await using observer = observe(system);
  const panels = await observer.panels();
  expect(panels.map(({ title, failed }) => [title, failed])).toEqual([
    ['throws', 'Error: Not today'],
    ['never', 'Error: It did not answer within 1000 ms'],
    ['function', 'TypeError: A cell of "T" is a function: it is a string, a number or null'],
    ['fine', undefined],
  ]);
});

test('OBS-145 an action is done only where it is among those of its row', async () => {
  const system = testSystem();
  const act = vi.fn(async () => ({ ok: true }) as const);
  show(system, { title: 'Queues', look: () => [{ ...table(2), actions: ['purge'] }], act });
  await using observer = observe(system, { control: true });
  expect(await observer.actions?.panel('test', 'Queues', 'purge', 'q1')).toEqual({ ok: true });
  expect(await observer.actions?.panel('test', 'Queues', 'drop', 'q1')).toEqual({
    ok: false,
    reason: 'refused',
  });
  expect(await observer.actions?.panel('test', 'Queues', 'purge', 'q7')).toEqual({
    ok: false,
    reason: 'refused',
  });
  expect(await observer.actions?.panel('test', 'Tasks', 'purge', 'q1')).toEqual({
    ok: false,
    reason: 'no_panel',
  });
  expect(await observer.actions?.panel('elsewhere', 'Queues', 'purge', 'q1')).toEqual({
    ok: false,
    reason: 'noconnection',
  });
  expect(act.mock.calls).toEqual([['purge', 'q1']]);
});
