import type { Pid } from 'beamish';
import { pidIn, tagsIn } from 'beamish/observation';
import { testSystem } from 'beamish/testing';
import { expect, test } from 'vitest';
import { idler, plain } from '../../support/recorder.ts';

test('tagsIn counts a mailbox by tag, the most frequent first, up to where it is told to', async () => {
  const system = testSystem();
  const pid = system.spawn(idler) as Pid<never>;
  await system.settle();
  for (const tag of ['a', 'b', 'b', 'c', 'c', 'c']) system.send(pid as never, plain(tag) as never);
  expect(tagsIn(system, pid, 100)).toEqual({
    tags: [
      { tag: 'c', count: 3 },
      { tag: 'b', count: 2 },
      { tag: 'a', count: 1 },
    ],
    counted: 6,
  });
  expect(tagsIn(system, pid, 2)).toEqual({
    tags: [
      { tag: 'a', count: 1 },
      { tag: 'b', count: 1 },
    ],
    counted: 2,
  });
  system.exitSignal(pid, 'kill');
  await system.settle();
  expect(tagsIn(system, pid, 2)).toBeUndefined();
});

test('pidIn is a pid of another system, printed as one', () => {
  const system = testSystem();
  expect(String(pidIn(system, { system: 'other', incarnation: 7, serial: 3 }))).toBe('<other.3>');
});
