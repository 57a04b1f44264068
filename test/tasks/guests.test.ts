/** Tasks that run elsewhere, by a worker that joins an application. */

import type { Actor, Self } from 'beamish';
import { expect, test } from 'vitest';
import { Definition, decode, encode, type WorkerMessage } from '../../packages/tasks/src/engine.ts';
import {
  chain,
  defineTask,
  group,
  TASKS,
  type TaskDefinition,
} from '../../packages/tasks/src/index.ts';
import { eager } from '../../packages/tasks/src/testing.ts';

const double = new Definition(
  'there.double',
  { queue: 'far' },
  undefined,
  'there:',
) as unknown as TaskDefinition<[n: number], number>;
const half = defineTask('half', (_self, n: number) => n / 2);

/** Answers each task with twice its argument, as soon as it is told to go. */
function* guest(self: Self<WorkerMessage>, seen: string[]): Actor {
  const as = { name: 'there', limit: 100, prefixes: ['there:'] };
  self.send(TASKS as never, { tag: 'enlist', worker: self.pid, as } as never);
  for (;;) {
    const message = yield* self.receive('begin', 'drain');
    if (message.tag === 'drain') {
      self.send(message.replyTo, { finished: 0, returned: 0 });
      return;
    }
    for (const { id, run, key, queue, args, startedAt: now = 0 } of message.records) {
      seen.push(queue);
      const [n] = decode(args) as [number];
      const event = { kind: 'succeed', run, value: encode(n * 2, 'it'), now } as const;
      self.send(TASKS as never, { tag: 'ended', worker: message.worker, id, key, event } as never);
    }
  }
}

test('a chain and a group may have steps that run elsewhere, in queues of their own', async () => {
  await using app = eager({ tasks: [half] });
  const seen: string[] = [];
  await app.advance(0); // it has started
  app.system.spawn(guest as never, ...([seen] as never));
  expect(await app.run(chain(double.s(21), half))).toBe(21);
  expect(await app.run(chain(half.s(10), double, double))).toBe(20);
  expect(await app.run(group([double.s(1), half.s(4), double.s(3)]))).toEqual([2, 2, 6]);
  expect(new Set(seen)).toEqual(new Set(['there:far']));
});

test('what is told to all of a chain is no queue for a step that runs elsewhere; what is told to it is', async () => {
  await using app = eager({ tasks: [half] });
  const seen: string[] = [];
  await app.advance(0); // it has started
  app.system.spawn(guest as never, ...([seen] as never));
  expect(await app.run(chain(double.s(1), double), { queue: 'default' })).toBe(4);
  expect(await app.run(double.s(1), { queue: 'near' })).toBe(2);
  expect(seen).toEqual(['there:far', 'there:far', 'there:near']);
});

test('what waited before the guest came is taken when it comes', async () => {
  await using app = eager({ tasks: [half] });
  const handle = await app.submit(double.s(4));
  await app.advance(1000);
  expect((await handle.state())?.state).toBe('queued');
  app.system.spawn(guest as never, ...([[]] as never));
  await app.advance(1);
  expect((await handle.state())?.result).toBe(8);
});
