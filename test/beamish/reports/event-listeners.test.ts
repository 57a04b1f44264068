/** Listeners, and the console: code of the user that the runtime calls in the middle of its work. */

import {
  type Actor,
  child,
  type MessageOf,
  name,
  type Self,
  type SystemEvents,
  server,
  supervisor,
} from 'beamish';
import { type TestSystem, testSystem } from 'beamish/testing';
import { afterEach, describe, expect, test, vi } from 'vitest';
import { Log } from '../../support/log.ts';
import { plain } from '../../support/recorder.ts';
import { answer } from '../../support/supervised.ts';

afterEach(() => vi.restoreAllMocks());

const worker = server(() => ({
  call: { ping: () => 'pong' },
  cast: {
    die: () => {
      throw new Error('die');
    },
  },
}));

/** Everything that a system of its own can tell: spawns, ends, a crash, a restart, a dead letter. */
async function live(system: TestSystem): Promise<unknown> {
  const children = [child({ id: 'worker', name: 'worker' }, worker)];
  await answer(system, system.start(supervisor({ children })));
  const to = name<MessageOf<typeof worker>>('worker');
  system.send(name('nobody') as never, plain('x') as never);
  system.cast(to, 'die');
  await system.settle();
  return await answer(system, system.call(to, 'ping'));
}

const EVENTS = ['spawn', 'exit', 'crash', 'restart', 'supervisor', 'dead_letter'] as const;

describe.each(EVENTS)('a listener of %s that fails', (event) => {
  test.each(['throws', 'rejects'])(
    'by what it %s changes nothing: the others hear, and it is told once',
    async (how) => {
      const log = Log.ofStderr();
      const quiet = testSystem();
      expect(await live(quiet)).toBe('pong');

      const system = testSystem({ log: 'text' });
      let calls = 0;
      const failing = (): unknown => {
        calls++;
        const error = new Error('my metrics are down');
        if (how === 'throws') throw error;
        return Promise.reject(error);
      };
      const heard: SystemEvents[typeof event][] = [];
      system.events.on(event, failing);
      system.events.on(event, (what) => heard.push(what as never));
      expect(await live(system)).toBe('pong');
      expect(calls).toBe(quiet.told(event).length);
      expect(heard).toHaveLength(calls);
      expect(calls).toBeGreaterThan(0);
      const told = log.lines.filter((line) => line.includes('my metrics are down'));
      expect(told).toHaveLength(1);
      expect(told[0]).toContain(`a listener of "${event}" failed`);
      expect(told[0]).toContain('event-listeners.test.ts');
    },
  );
});

test('a listener that is no function is refused at once', () => {
  const system = testSystem();
  expect(() => system.events.on('crash', undefined as never)).toThrow(
    new TypeError('Cannot listen to "crash" with undefined: it is no function'),
  );
});

test('a console that throws changes nothing', async () => {
  vi.spyOn(console, 'error').mockImplementation(() => {
    throw new Error('no console');
  });
  const system = testSystem({ log: 'text' });
  expect(await live(system)).toBe('pong');
  expect(system.told('restart')).toHaveLength(1);
});

test('clean-up that fails is told, and the rest of it runs', async () => {
  const log = Log.ofStderr();
  const system = testSystem({ log: 'text' });
  const ran: string[] = [];
  system.spawn(function* (self: Self): Actor {
    self.defer(() => ran.push('first'));
    self.defer(() => {
      throw Object.create(null);
    });
  });
  await system.settle();
  expect(ran).toEqual(['first']);
  expect(log.lines).toHaveLength(1);
});
