/** Whatever brings a thread down, what others see of it is the same, and the main thread goes on. */

import { type Threads, threads } from '@beamish/threads';
import {
  type Actor,
  ActorSystem,
  type Call,
  child,
  type Down,
  type Exit,
  type Message,
  type Pending,
  type Pid,
  type RestartEvent,
  type Self,
  supervisor,
  whichChildren,
} from 'beamish';
import { expect, test } from 'vitest';
import { counter, doer, echo, type Got, silent } from '../contract/bodies.ts';
import { type End, wrecker } from './bodies.ts';

/** With what the reason that `system_down` gives says. */
const WAYS: readonly (readonly [way: string, end: End | 'kill', reason: string])[] = [
  ['throws in a callback', 'throw', 'RangeError: outside any actor'],
  ['throws in a timer', 'throw in a timer', 'RangeError: outside any actor'],
  ['leaves a rejection unhandled', 'reject', 'TypeError: nobody caught it'],
  ['calls process.exit', 'exit', 'Error: Thread thread-1 exited with code 0'],
  [
    'calls process.exit before its messages have left',
    'abrupt',
    'Error: Thread thread-1 exited with code 4',
  ],
  ['is terminated', 'kill', 'Error: It was killed'],
  // Best effort: of the ways of running out of memory, one that Node survives.
  ['runs out of memory', 'memory', 'ERR_WORKER_OUT_OF_MEMORY'],
  ['does not turn its event loop', 'loop', 'Error: Thread thread-1 was ended: its event loop'],
];

interface Asking {
  call(to: unknown, what: object): Call<unknown>;
  request(to: unknown, what: object): Pending<unknown>;
}

test.each(WAYS)(
  'a thread that %s: links and monitors hear noconnection, calls fail at once, and its supervised child goes on in the next',
  async (_, end, reason) => {
    const system = new ActorSystem({ log: 'off' });
    await using cores = await threads(system, {
      size: 2,
      // Where nothing loops, a busy machine must not be taken for a loop.
      stallMs: end === 'loop' ? 2000 : 'never',
      resourceLimits: { maxOldGenerationSizeMb: 64 },
      systems: { log: 'off' },
    });
    const downs: unknown[] = [];
    system.events.on('system_down', (what) => downs.push(what));
    const restarted = new Promise<RestartEvent>((resolve) => system.events.on('restart', resolve));
    const tree = await system.start(
      supervisor({ children: [child('counter', cores.at(counter, { thread: 0 }), 7)] }),
    );
    const [before] = await whichChildren(system, tree);

    await system.run(function* (self: Self<Message>): Actor {
      yield* loseThread(self, cores, end);
    });

    expect(downs).toHaveLength(1);
    expect(downs[0]).toMatchObject({ system: 'thread-1' });
    expect(String((downs[0] as { reason: unknown }).reason)).toContain(reason);
    const { old, pid } = await restarted;
    expect(old).toBe(before?.pid);
    expect(pid).toMatchObject({ system: 'thread-1' });
    expect(pid?.incarnation).not.toBe(old.incarnation);
    const call = system.call.bind(system) as (to: unknown, name: string) => Promise<unknown>;
    expect(await call(pid, 'get')).toBe(7);
    expect(cores.size).toBe(2);
  },
);

/** Binds actors of both other systems to some of the first thread, and sees what they hear of its end. */
function* loseThread(self: Self<Message>, cores: Threads, end: End | 'kill'): Actor {
  const { call, request } = self as unknown as Asking;
  self.trapExit(true);
  const victim = self.spawn(cores.at(silent, { thread: 0 }));
  const ref = self.monitor(victim);
  self.link(victim);
  const far = self.spawn(cores.at(doer, { thread: 1 }), self.pid as Pid<Got>);
  for (const deed of [
    { do: 'trap', on: true },
    { do: 'link', to: victim },
    { do: 'monitor', to: victim },
  ])
    yield* call.call(self, far, { tag: 'order', deed });
  const pending = [1, 2].map((value) => request.call(self, victim, { tag: 'say', value }));

  if (end === 'kill') cores.kill(0);
  else self.spawn(cores.at(wrecker, { thread: 0 }), self.pid as Pid<Message>, 0, end);

  const exit = (yield* self.receive('EXIT')) as Exit;
  expect(exit).toEqual({ tag: 'EXIT', from: victim, reason: 'noconnection' });
  const down = (yield* self.receive('DOWN')) as Down;
  expect(down).toEqual({ tag: 'DOWN', ref, target: victim, reason: 'noconnection' });
  for (const each of pending)
    expect(yield* each.wait('infinity')).toEqual({ ok: false, reason: 'noconnection' });
  const heard: unknown[] = [];
  for (let i = 0; i < 2; i++) heard.push(((yield* self.receive('got')) as Got).message);
  expect(heard).toMatchObject([
    { tag: 'EXIT', from: victim, reason: 'noconnection' },
    { tag: 'DOWN', target: victim, reason: 'noconnection' },
  ]);
  // The other thread is as before, and so is a new one in the place of the first.
  for (const thread of [0, 1]) {
    const pid = self.spawn(cores.at(echo, { thread }));
    expect(yield* call.call(self, pid, { tag: 'say', value: thread })).toBe(thread);
  }
  self.exitSignal(far, 'kill');
}
