/** Lines of the log go to a logger, if there is one. */

import { type Actor, child, type Pid, supervisor } from 'beamish';
import { testSystem } from 'beamish/testing';
import { expect, test, vi } from 'vitest';

function* crasher(): Actor {
  throw new Error('oops');
}

test('a logger gets each line at its level, as text and as facts, and stderr none', async () => {
  const stderr = vi.spyOn(console, 'error').mockImplementation(() => {});
  const logger = { info: vi.fn(), warn: vi.fn(), error: vi.fn() };
  const system = testSystem({ log: 'text', logger });
  const pid = system.spawn(crasher);
  await system.settle();
  system.send(pid as Pid<{ tag: 'x' }>, { tag: 'x' });
  expect(logger.error.mock.calls).toMatchObject([
    [expect.stringContaining('crashed: Error: oops'), { kind: 'crash' }],
  ]);
  expect(logger.warn.mock.calls).toMatchObject([
    [expect.stringContaining('x'), { kind: 'dead_letter' }],
  ]);
  expect(stderr).not.toHaveBeenCalled();
  stderr.mockRestore();
});

test('floods are as limited as on stderr', async () => {
  const logger = { info: vi.fn(), warn: vi.fn(), error: vi.fn() };
  const system = testSystem({ log: 'text', logger });
  for (let i = 0; i < 100; i++) system.spawn(crasher);
  await system.advance(2000);
  expect(logger.error).toHaveBeenCalledTimes(20);
  expect(logger.info.mock.calls).toMatchObject([
    ['80 more crashes and restarts left out', { kind: 'left_out', count: 80 }],
  ]);
});

test.each([
  [
    'throws',
    () => {
      throw new Error('no disk');
    },
  ],
  ['rejects', () => Promise.reject(new Error('no disk'))],
])('one that %s breaks nobody, and with log off none is asked', async (_, broken) => {
  const system = testSystem({
    log: 'text',
    logger: { info: broken, warn: broken, error: broken },
  });
  const top = system.spawn(supervisor({ intensity: 1, children: [child('c', crasher)] }));
  await system.settle();
  expect(system.reasonOf(top)).toBe('shutdown');
  const logger = { info: vi.fn(), warn: vi.fn(), error: vi.fn() };
  const silent = testSystem({ log: 'off', logger });
  silent.spawn(crasher);
  await silent.settle();
  expect(logger.error).not.toHaveBeenCalled();
});
