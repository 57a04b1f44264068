import { onThread, type ThreadAccess } from 'beamish/observation';
import { testSystem } from 'beamish/testing';
import { announceThread } from 'beamish/transport';
import { expect, test, vi } from 'vitest';

function thread(system: string): ThreadAccess {
  return { system, incarnation: 1, setUp: async () => {} };
}

test('who asks for threads meets those that there are, and those that come, until it stops', () => {
  const system = testSystem();
  const met: string[] = [];
  const gone = announceThread(system, thread('first'));
  announceThread(system, thread('second'));
  gone();
  const stop = onThread(system, (it) => met.push(it.system));
  announceThread(system, thread('third'));
  stop();
  announceThread(system, thread('fourth'));
  announceThread(testSystem(), thread('of another system'));
  expect(met).toEqual(['second', 'third']);
});

test('one that throws is taken out, and reported, and the thread begins all the same', () => {
  const system = testSystem();
  const error = new Error('Oops');
  const other = vi.fn();
  onThread(system, () => {
    throw error;
  });
  onThread(system, other);
  announceThread(system, thread('first'));
  announceThread(system, thread('second'));
  expect(system.told('listener_failed')).toEqual([{ verb: 'onThread', error }]);
  expect(other).toHaveBeenCalledTimes(2);
});
