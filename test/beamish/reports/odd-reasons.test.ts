/** Whatever an exit reason is, it is told as others are, and hurts nobody else. */

import {
  type Actor,
  CallFailed,
  child,
  type Message,
  type MessageOf,
  type Nocatch,
  name,
  type Self,
  server,
  supervisor,
} from 'beamish';
import { testSystem } from 'beamish/testing';
import { afterEach, describe, expect, test, vi } from 'vitest';
import { Log } from '../../support/log.ts';
import { ODD_VALUES } from '../../support/odd-values.ts';
import { recorder } from '../../support/recorder.ts';
import { answer } from '../../support/supervised.ts';

afterEach(() => vi.restoreAllMocks());

const MODES = ['text', 'json'] as const;
const WAYS = ['thrown', 'exit', 'exitSignal'] as const;

describe.each(Object.entries(ODD_VALUES))('%s', (_, make) => {
  describe.each(MODES)('with the log as %s', (log) => {
    test.each(WAYS)('as a reason by %s: one EXIT, one DOWN, one line in the log', async (way) => {
      const lines = Log.ofStderr();
      const system = testSystem({ log });
      const odd = make();
      const bystander = system.spawn(recorder, []);
      const mail: Message[] = [];
      const watcher = system.spawn(function* (self: Self<Message>): Actor {
        self.trapExit(true);
        const { pid } = self.spawnMonitor(function* fails(its: Self): Actor {
          its.link(its.parent);
          yield* its.sleep(1);
          if (way === 'thrown') throw odd;
          if (way === 'exit') its.exit(odd as never);
          its.exitSignal(its.pid, odd);
        });
        for (;;) {
          const signal = yield* self.receive('EXIT', 'DOWN');
          mail.push(signal);
          if (signal.tag === 'DOWN') expect(signal.target).toBe(pid);
        }
      });
      await system.advance(1);
      await system.advance(2000);
      expect(mail.map(({ tag }) => tag)).toEqual(['EXIT', 'DOWN']);
      const reasons = mail.map((signal) => (signal as { readonly reason?: unknown }).reason);
      for (const reason of reasons)
        expect(
          Object.is(reason, odd) || Object.is((reason as Nocatch | undefined)?.value, odd),
        ).toBe(true);
      expect(system.told('crash').length).toBeLessThanOrEqual(1);
      for (const line of lines.lines) expect(line.length).toBeLessThan(30_000);
      expect(lines.lines.length).toBe(system.told('crash').length);
      for (const alive of [bystander, watcher]) expect(system.info(alive)).toBeDefined();
    });

    test('as the reason of a server: its caller hears of it, its supervisor starts it again', async () => {
      Log.ofStderr();
      const system = testSystem({ log });
      const odd = make();
      const worker = server((self) => ({
        call: { ping: () => 'pong', die: () => self.exit(odd as never) },
      }));
      const children = [child({ id: 'worker', name: 'worker' }, worker)];
      await answer(system, system.start(supervisor({ children })));
      const to = name<MessageOf<typeof worker>>('worker');
      const call = system.call(to, 'die');
      const failed = await answer(
        system,
        call.then(
          () => undefined,
          (error: unknown) => error,
        ),
      );
      expect(failed).toBeInstanceOf(CallFailed);
      expect(Object.is((failed as CallFailed).reason, odd)).toBe(true);
      expect(await answer(system, system.call(to, 'ping'))).toBe('pong');
    });
  });

  test('as part of a dead letter: it is told', async () => {
    const lines = Log.ofStderr();
    const system = testSystem({ log: 'text' });
    system.send(name('nobody') as never, { tag: 'note', odd: make() } as never);
    await system.settle();
    expect(lines.lines).toHaveLength(1);
    expect(lines.lines[0]).toContain('{"tag":"note","odd":');
  });
});

test('an error of another realm is the reason itself, and no value that is no error', async () => {
  const system = testSystem();
  const error = ODD_VALUES['an error of another realm']?.();
  const pid = system.spawn(function* (): Actor {
    throw error;
  });
  await system.settle();
  expect(system.reasonOf(pid)).toBe(error);
  expect(system.told('crash')).toHaveLength(1);
});

test('reports print what is not a number, and what is not there, as what they are', async () => {
  const lines = Log.ofStderr();
  const system = testSystem({ log: 'text' });
  const message = { tag: 'note', n: Number.NaN, missing: undefined, big: 5n, ref: 1 };
  system.send(name('nobody') as never, message as never);
  await system.settle();
  expect(lines.lines[0]).toContain('{"tag":"note","n":NaN,"missing":undefined,"big":5n,"ref":1}');
});
