/** Handlers that are async functions, and use `self` as the body of an async actor does. */

import {
  type Actor,
  type CallFailed,
  type MessageOf,
  type Pid,
  type Self,
  type ServerSelf,
  server,
} from 'beamish';
import { testSystem } from 'beamish/testing';
import { describe, expect, test } from 'vitest';
import { idler } from '../../support/recorder.ts';
import { everySchedule } from '../../support/schedules.ts';
import { answer } from '../../support/supervised.ts';

const one = server(() => ({ call: { one: (n: number) => n + 1 }, cast: { stop() {} } }));
type One = Pid<MessageOf<typeof one>>;

interface Note {
  readonly tag: 'note';
  readonly n: number;
}
interface X {
  readonly tag: 'x';
}

const relay = server((self: ServerSelf<Note>, to: One, log: string[] = []) => {
  self.trapExit(true);
  return {
    call: {
      sum: async (n: number) => {
        const a = await self.call(to, 'one', n);
        await self.sleep(10);
        return a + (await self.call(to, 'one', n));
      },
      async fails() {
        await self.sleep(1);
        throw new Error('no');
      },
      async caught() {
        try {
          await self.call(self.pid as never, 'x' as never, ...([] as never));
        } catch (error) {
          return (error as CallFailed).reason;
        }
        return undefined;
      },
      async floats() {
        void self.sleep(1000).then(() => log.push('late'));
        await Promise.resolve();
      },
      next: () => log.length,
    },
    info: {
      async note({ n }: Note) {
        await self.wait(Promise.resolve());
        log.push(`note ${n}`);
        await self.yield();
        log.push(`done ${n}`);
      },
    },
    async terminate(reason: unknown) {
      await self.sleep(5);
      log.push(`terminated ${String((reason as Error).message ?? reason)}`);
    },
  };
});

test('they call, sleep and wait, and what they return is the reply', async () => {
  await everySchedule(15, async (system) => {
    const pid = system.spawn(relay, system.spawn(one));
    const sum = system.call(pid, 'sum', 1);
    await system.advance(20);
    expect(await sum).toBe(4);
    const again = system.call(pid, 'sum', 2);
    await system.advance(20);
    expect(await again).toBe(6);
  });
});

test('the next message is handled when the one before is done', async () => {
  await everySchedule(12, async (system) => {
    const log: string[] = [];
    const pid = system.spawn(relay, system.spawn(one), log);
    for (const n of [1, 2, 3]) system.send(pid, { tag: 'note', n });
    await system.settle();
    expect(log).toEqual(['note 1', 'done 1', 'note 2', 'done 2', 'note 3', 'done 3']);
  });
});

test('one that rejects ends the server with that error, after its clean-up', async () => {
  const system = testSystem();
  const log: string[] = [];
  const pid = system.spawn(relay, system.spawn(one), log);
  const failure = Promise.resolve(system.call(pid, 'fails')).catch((error: CallFailed) => error);
  await system.advance(10);
  expect(await failure).toMatchObject({ reason: { message: 'no' } });
  expect(log).toEqual(['terminated no']);
  expect(system.info(pid)).toBeUndefined();
});

test('a call that fails can be caught in it', async () => {
  const system = testSystem();
  const pid = system.spawn(relay, system.spawn(one));
  expect(await answer(system, system.call(pid, 'caught'))).toBe('calling_self');
});

test('an operation that is left under way is an error', async () => {
  const system = testSystem();
  const log: string[] = [];
  const pid = system.spawn(relay, system.spawn(one), log);
  const failure = Promise.resolve(system.call(pid, 'floats')).catch((error: CallFailed) => error);
  await system.advance(2000);
  expect(await failure).toMatchObject({
    reason: { message: expect.stringContaining('an operation that it has made is not: await it') },
  });
  expect(log).toEqual([expect.stringContaining('terminated The async code of')]);
});

describe('a signal that ends the server in the middle of one', () => {
  test('ends it at once, and its callers hear', async () => {
    await everySchedule(3, async (system) => {
      let went = 0;
      const slow = server((self) => {
        self.defer(() => went++);
        return {
          call: {
            async wait() {
              await self.sleep(1000);
              went += 100;
            },
          },
        };
      });
      const pid = system.spawn(slow);
      const failure = Promise.resolve(system.call(pid, 'wait')).catch((error: CallFailed) => error);
      await system.advance(10);
      system.exitSignal(pid, 'enough');
      await system.advance(2000);
      expect(await failure).toMatchObject({ reason: 'enough' });
      expect(went).toBe(1);
    });
  });

  test('runs what the body has left to do', async () => {
    const system = testSystem();
    const log: string[] = [];
    const handlers = server((self: ServerSelf<X>) => ({
      info: { x: async () => void (await self.sleep(1000)) },
    }));
    const pid = system.spawn(function* (self: Self): Actor {
      try {
        yield* handlers(self as never) as Actor;
      } finally {
        log.push('finally');
      }
    });
    await system.settle();
    system.send(pid as never, { tag: 'x' } as never);
    await system.settle();
    system.exitSignal(pid, 'kill');
    await system.settle();
    expect(log).toEqual(['finally']);
  });
});

test('a program whose server waits in one for a promise goes on', async () => {
  const system = testSystem();
  let open = (): void => {};
  const gate = new Promise<void>((resolve) => {
    open = resolve;
  });
  const body = server((self) => ({
    call: {
      async through() {
        await gate;
        await self.sleep(1);
        return 'through';
      },
    },
  }));
  const reply = system.call(system.spawn(body), 'through');
  await system.settle();
  open();
  await system.advance(5);
  expect(await reply).toBe('through');
  expect(system.spawn(idler)).toBeDefined();
});
