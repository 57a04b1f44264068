/** Setting something up in each thread of a system, as an observer does. */

import { once } from 'node:events';
import { MessageChannel, type MessagePort } from 'node:worker_threads';
import { threads } from '@beamish/threads';
import { ActorSystem, type SystemEvents } from 'beamish';
import { onThread, type ThreadAccess } from 'beamish/observation';
import { expect, test } from 'vitest';
import { echoing } from './bodies.ts';

const MODULE = new URL('./set-up-module.ts', import.meta.url).href;

function code(exportName: string): { readonly module: string; readonly exportName: string } {
  return { module: MODULE, exportName };
}

/** Sets up who tells of spawns, and returns the port on which that is heard. */
function tellingSpawns(thread: ThreadAccess): {
  readonly port: MessagePort;
  readonly done: Promise<void>;
} {
  const { port1, port2 } = new MessageChannel();
  const done = thread.setUp(code('tellSpawns'), 'Here is', [port2]);
  return { port: port1, done };
}

async function heard(port: MessagePort, count: number): Promise<readonly unknown[]> {
  const messages: unknown[] = [];
  while (messages.length < count) messages.push((await once(port, 'message'))[0]);
  port.close();
  return messages;
}

test('OBS-84 what is set up as a thread begins is there before an actor, and what is set up later is told who is there', async () => {
  const system = new ActorSystem({ log: 'off' });
  const early: ReturnType<typeof tellingSpawns>[] = [];
  onThread(system, (thread) => early.push(tellingSpawns(thread)));
  await using cores = await threads(system, { size: 1 });
  const pid = cores.spawn(echoing);
  expect(await system.call(pid, { tag: 'echo', value: 7 })).toBe(7);
  const [first] = early;
  if (first === undefined) throw new Error('No thread was met');
  await first.done;
  const late: ReturnType<typeof tellingSpawns>[] = [];
  onThread(system, (thread) => late.push(tellingSpawns(thread)));
  const [second] = late;
  if (second === undefined) throw new Error('No thread was met');
  await second.done;
  cores.spawn(echoing);

  expect(await heard(first.port, 4)).toEqual([
    'Here is thread-1: 0',
    // And once more when its code had come.
    'spawned loading',
    'spawned echoing',
    'spawned echoing',
  ]);
  expect(await heard(second.port, 2)).toEqual(['Here is thread-1: 1', 'spawned echoing']);
});

test('OBS-85 a thread that takes the place of one that died is met, and told of its own life', async () => {
  const system = new ActorSystem({ log: 'off' });
  const met: ThreadAccess[] = [];
  onThread(system, (thread) => met.push(thread));
  await using cores = await threads(system, { size: 1 });
  const up = new Promise((resolve) => system.events.on('system_up', resolve));
  cores.kill(0);
  await up;

  expect(met.map((thread) => thread.system)).toEqual(['thread-1', 'thread-1']);
  expect(met[0]?.incarnation).not.toBe(met[1]?.incarnation);
  await expect(met[0]?.setUp(code('tellSpawns'), 1)).rejects.toThrow('It was killed');
  await expect(met[1]?.setUp(code('fails'), 1)).rejects.toThrow('Not here');
});

test('OBS-86 what fails to be set up is reported, and the thread works', async () => {
  const system = new ActorSystem({ log: 'off' });
  const failed: SystemEvents['set_up_failed'][] = [];
  system.events.on('set_up_failed', (it) => failed.push(it));
  const outcomes: Promise<void>[] = [];
  onThread(system, (thread) => {
    outcomes.push(thread.setUp(code('fails'), undefined));
    outcomes.push(thread.setUp(code('failsWithWhatCannotLeave'), undefined));
    outcomes.push(thread.setUp(code('nothing'), undefined));
    outcomes.push(thread.setUp({ module: `${MODULE}x`, exportName: 'fails' }, undefined));
    outcomes.push(thread.setUp(code('fails'), () => 'cannot be cloned'));
  });
  await using cores = await threads(system, { size: 1 });
  const settled = await Promise.allSettled(outcomes);

  expect(settled.map((it) => (it.status === 'rejected' ? String(it.reason) : it.status))).toEqual([
    'RangeError: Not here',
    'Error: With a function',
    expect.stringContaining('it exports no such function'),
    expect.stringContaining('set-up-module.tsx'),
    expect.stringContaining('could not be cloned'),
  ]);
  expect(failed.map(({ system: where, exportName }) => `${where} ${exportName}`)).toEqual([
    'thread-1 fails',
    'thread-1 failsWithWhatCannotLeave',
    'thread-1 nothing',
    'thread-1 fails',
  ]);
  const pid = cores.spawn(echoing);
  expect(await system.call(pid, { tag: 'echo', value: 7 })).toBe(7);
});

test('what cannot be read of a failure to set up harms neither thread', async () => {
  const system = new ActorSystem({ log: 'off' });
  const outcomes: Promise<void>[] = [];
  onThread(system, (thread) => {
    outcomes.push(thread.setUp(code('failsWithWhatCannotBeRead'), undefined));
    outcomes.push(thread.setUp(code('failsWithAnErrorThatCannotBeRead'), undefined));
  });
  await using cores = await threads(system, { size: 1, restart: { intensity: 0 } });
  const settled = await Promise.allSettled(outcomes);

  expect(settled).toMatchObject([
    { status: 'rejected', reason: '{}' },
    { status: 'rejected', reason: { name: 'Error', message: '(unprintable)' } },
  ]);
  const pid = cores.spawn(echoing);
  expect(await system.call(pid, { tag: 'echo', value: 7 })).toBe(7);
});
