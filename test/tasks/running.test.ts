/** What happens while a task runs: progress, limits of time, revocation, checkpoints, children. */

import { defineTask, outcome, submit, TASKS, type TaskSelf } from '@beamish/tasks';
import { eager } from '@beamish/tasks/testing';
import { type Actor, type MessageOf, name, type ReplyTo, type Self } from 'beamish';
import { expect, test } from 'vitest';

const quick = defineTask('quick', (_self, n: number) => n);
const sleeper = defineTask('sleeper', function* (self, ms: number): Actor<string> {
  try {
    yield* self.sleep(ms);
    return 'slept';
  } finally {
    log.push(`ended ${self.task.id}`);
  }
});
const log: string[] = [];

async function take<T>(from: AsyncIterable<T>): Promise<T[]> {
  const all: T[] = [];
  for await (const each of from) all.push(each);
  return all;
}

test('TSK-18: watch gives what is, then each change in order, the end last', async () => {
  const twice = defineTask(
    'twice',
    { retry: { max: 1, backoff: () => 1000 } },
    function* (self): Actor<string> {
      yield* self.sleep(10);
      if (self.task.attempt === 1) throw new Error('x');
      return 'done';
    },
  );
  await using app = eager({ tasks: [twice] });
  const handle = await app.submit(twice.s(), { delayMs: 100 });
  const seen = take(handle.watch());
  await app.advance(5000);
  expect((await seen).map(({ state, attempt }) => [state, attempt])).toEqual([
    ['scheduled', 1],
    ['queued', 1],
    ['running', 1],
    ['scheduled', 2],
    ['queued', 2],
    ['running', 2],
    ['succeeded', 2],
  ]);
  expect((await take(handle.watch())).map(({ state }) => state)).toEqual(['succeeded']);
});

test('TSK-18: leaving the loop frees everything, and a signal ends it', async () => {
  await using app = eager({ tasks: [sleeper] });
  const handle = await app.submit(sleeper.s(60_000));
  await app.advance(0);
  const before = app.system.actors().length;
  for (let i = 0; i < 100; i++) for await (const _ of handle.watch()) break;
  const abort = new AbortController();
  const aborted = take(handle.watch({ signal: abort.signal })).catch(
    (error: Error) => error.message,
  );
  await app.advance(0);
  abort.abort(new Error('enough'));
  expect(await aborted).toBe('enough');
  await app.advance(0);
  expect(app.system.actors().length).toBe(before);
});

test('TSK-19: of many steps of progress at most ten a second are told, and the last one is', async () => {
  const steps = defineTask('steps', function* (self): Actor<string> {
    for (let round = 0; round < 10; round++) {
      for (let i = 0; i < 1000; i++) self.task.progress(round * 1000 + i);
      yield* self.sleep(100);
    }
    self.task.progress('last');
    return 'done';
  });
  await using app = eager({ tasks: [steps] });
  const told: unknown[] = [];
  app.events.on('progress', ({ value }) => told.push(value));
  const handle = await app.submit(steps.s());
  await app.advance(500);
  expect((await handle.state())?.progress).toBe(told.at(-1));
  await app.advance(5000);
  expect(told.at(-1)).toBe('last');
  expect(told.length).toBeLessThanOrEqual(12);
  expect(told.length).toBeGreaterThan(5);
});

test('TSK-20: progress that cannot be stored is told as such, and the run goes on', async () => {
  const odd = defineTask('odd', function* (self): Actor<string> {
    self.task.progress({ at: () => 1 });
    yield* self.sleep(10);
    return 'done';
  });
  await using app = eager({ tasks: [odd] });
  const told: unknown[] = [];
  app.events.on('progress', ({ value }) => told.push(value));
  expect(await app.run(odd.s())).toBe('done');
  expect(told).toEqual([{ refused: 'Cannot store progress at .at: it is a function' }]);
});

test('TSK-44: the soft limit aborts the signal once; a wait that listens rejects, and is tried again', async () => {
  const aborts: string[] = [];
  const polite = defineTask(
    'polite',
    { limits: { softMs: 1000 }, retry: { max: 1, backoff: () => 10 } },
    function* (self): Actor<string> {
      const { signal } = self.task;
      signal.addEventListener('abort', () => aborts.push(String(signal.reason.message)));
      if (self.task.attempt === 2) return 'second';
      yield* self.wait(
        new Promise<void>((_, reject) =>
          signal.addEventListener('abort', () => reject(signal.reason)),
        ),
      );
      return 'never';
    },
  );
  await using app = eager({ tasks: [polite] });
  expect(await app.run(polite.s())).toBe('second');
  expect(aborts).toEqual(['The soft time limit of 1000 ms is reached']);
});

test('TSK-45: the hard limit ends a body where it waits, and its finally runs', async () => {
  log.length = 0;
  const limited = defineTask(
    'limited',
    { limits: { hardMs: 1000 } },
    function* (self): Actor<void> {
      expect(self.task.deadline).toBe(app.now().getTime() + 1000);
      try {
        yield* self.sleep(60_000);
      } finally {
        log.push('finally');
      }
    },
  );
  await using app = eager({ tasks: [limited] });
  const handle = await app.submit(limited.s());
  await app.advance(999);
  expect((await handle.state())?.state).toBe('running');
  await app.advance(1);
  expect((await handle.state())?.failure).toMatchObject({ state: 'failed', reason: 'time_limit' });
  expect(log).toEqual(['finally']);
});

test('TSK-45: a failure by the hard limit is tried again if the policy takes it', async () => {
  const slow = defineTask(
    'slow',
    {
      limits: { hardMs: 100 },
      retry: {
        max: 1,
        backoff: () => 10,
        when: (error) => (error as Error).name === 'TimeLimitReached',
      },
    },
    function* (self): Actor<string> {
      if (self.task.attempt === 1) yield* self.sleep(60_000);
      return 'second';
    },
  );
  await using app = eager({ tasks: [slow] });
  expect(await app.run(slow.s())).toBe('second');
});

test('TSK-46: an async body in a promise of its own fails at its limit; its later value is dropped', async () => {
  let settle: (value: string) => void = () => {};
  const stuck = defineTask('stuck', { limits: { hardMs: 100 } }, async () => {
    return await new Promise<string>((resolve) => {
      settle = resolve;
    });
  });
  await using app = eager({ tasks: [stuck] });
  const handle = await app.submit(stuck.s());
  await app.advance(100);
  expect((await handle.state())?.failure?.reason).toBe('time_limit');
  const leaked = async (): Promise<unknown> => (await app.stats()).workers[0]?.leaked;
  expect(await leaked()).toBe(1);
  settle('late');
  await app.advance(0);
  expect(await leaked()).toBe(0);
  expect((await handle.state())?.state).toBe('failed');
});

test('TSK-49: a task that ends just before its hard limit is not ended by it, nor is anybody else', async () => {
  const close = defineTask('close', { limits: { hardMs: 1000 } }, function* (self): Actor<string> {
    yield* self.sleep(999);
    return 'in time';
  });
  await using app = eager({ tasks: [close], workers: [{ concurrency: 1 }] });
  const first = await app.submit(close.s());
  const second = await app.submit(close.s());
  await app.advance(3000);
  expect([await first.get(), await second.get()]).toEqual(['in time', 'in time']);
});

test('TSK-52: revoked while queued it never runs; while running it is ended, its finally runs and its runner is free', async () => {
  log.length = 0;
  await using app = eager({ tasks: [sleeper, quick], workers: [{ concurrency: 1 }] });
  const running = await app.submit(sleeper.s(60_000), { id: 'running' });
  const queued = await app.submit(sleeper.s(60_000), { id: 'queued' });
  await app.advance(0);
  expect(await queued.revoke({ reason: 'not needed' })).toBe('queued');
  expect(await running.revoke({ graceMs: 0 })).toBe('running');
  expect((await running.state())?.failure).toMatchObject({ state: 'revoked', reason: 'revoked' });
  expect(await app.run(quick.s(1))).toBe(1);
  expect(log).toEqual(['ended running']);
  expect((await queued.state())?.failure?.error.message).toBe('not needed');
  expect(await running.revoke()).toBe('revoked');
});

test('TSK-52: with end, the signal aborts and the body has graceMs; with leave it ends by itself, and its result is dropped', async () => {
  let aborted = 0;
  const tidy = defineTask('tidy', function* (self): Actor<string> {
    self.task.signal.addEventListener('abort', () => aborted++);
    yield* self.sleep(10_000);
    log.push('went on');
    return 'value';
  });
  log.length = 0;
  await using app = eager({ tasks: [tidy] });
  const ended = await app.submit(tidy.s());
  const left = await app.submit(tidy.s());
  await app.advance(0);
  await ended.revoke({ graceMs: 2000 });
  await left.revoke({ running: 'leave' });
  expect(aborted).toBe(0 + 1);
  const running = async (): Promise<unknown> => (await app.stats()).workers[0]?.running;
  await app.advance(1999);
  expect(await running()).toBe(2);
  await app.advance(1);
  expect(await running()).toBe(1);
  await app.advance(20_000);
  expect(log).toEqual(['went on']);
  expect((await left.state())?.state).toBe('revoked');
  expect(await running()).toBe(0);
});

test('TSK-54: of revoke and claim at the same time one wins: nothing is begun after it was revoked', async () => {
  for (let seed = 1; seed <= 100; seed++) {
    const begun: string[] = [];
    const begins = defineTask('begins', (self: TaskSelf) => void begun.push(self.task.id));
    await using app = eager({ tasks: [begins], seed });
    const handle = await app.submit(begins.s());
    const found = await handle.revoke();
    await app.advance(0);
    expect([found, begun.length]).toEqual(found === 'queued' ? ['queued', 0] : [found, 1]);
  }
});

test('TSK-55: what has ended can be forgotten, what lives cannot', async () => {
  await using app = eager({ tasks: [sleeper] });
  const handle = await app.submit(sleeper.s(1000));
  await app.advance(0);
  expect(await handle.forget()).toBe(false);
  await app.advance(1000);
  expect(await handle.forget()).toBe(true);
  expect(await handle.state()).toBeUndefined();
  expect(await handle.forget()).toBe(false);
});

test('TSK-56: what has outlived keepMs is forgotten within a minute', async () => {
  const brief = defineTask('brief', { result: { keepMs: 10_000 } }, () => 'x');
  await using app = eager({ tasks: [brief] });
  const handles = await app.submitMany(Array.from({ length: 2500 }, () => brief.s()));
  await app.advance(9_000);
  expect(await handles[0]?.state()).toBeDefined();
  await app.advance(61_000);
  expect(await take(app.list())).toEqual([]);
});

test('TSK-56: however many have ended at once, none outlives its time by more than a minute', async () => {
  const brief = defineTask('brief', { result: { keepMs: 0 } }, () => 'x');
  await using app = eager({ tasks: [brief], workers: [{ concurrency: 1000 }] });
  for (let i = 0; i < 11; i++) await app.submitMany(Array.from({ length: 1000 }, () => brief.s()));
  await app.advance(15_000);
  expect(await take(app.list())).toEqual([]);
});

test('TSK-73: a step under a key runs once, over retries; under another key, or in another task, it runs', async () => {
  const ran: string[] = [];
  const charge = defineTask(
    'charge',
    { retry: { max: 2, backoff: () => 10 } },
    function* (self): Actor<unknown> {
      const receipt = yield* self.task.once('charge', () => {
        ran.push('charge');
        return { receipt: 7n };
      });
      const mail = yield* self.task.once('mail', async () => {
        ran.push('mail');
        return 'sent';
      });
      if (self.task.attempt < 3) throw new Error('again');
      return [receipt, mail];
    },
  );
  await using app = eager({ tasks: [charge] });
  expect(await app.run(charge.s())).toEqual([{ receipt: 7n }, 'sent']);
  expect(ran).toEqual(['charge', 'mail']);
  await app.run(charge.s());
  expect(ran).toHaveLength(4);
});

test('TSK-73: a step of an async body, and one that results in nothing', async () => {
  let ran = 0;
  const once = defineTask('once', { retry: { max: 1, backoff: () => 10 } }, async (self) => {
    await self.task.once('step', () => void ran++);
    if (self.task.attempt === 1) throw new Error('again');
  });
  await using app = eager({ tasks: [once] });
  await app.run(once.s());
  expect(ran).toBe(1);
});

test('TSK-76: a checkpoint is kept when it returns, and the next run has it', async () => {
  const seen: unknown[] = [];
  const pages = defineTask(
    'pages',
    { retry: { max: 5, backoff: () => 10 } },
    function* (self): Actor<number> {
      const from = (self.task.saved as number | undefined) ?? 0;
      seen.push(from);
      yield* self.task.checkpoint(from + 10);
      expect(self.task.saved).toBe(from + 10);
      if (from < 20) throw new Error('again');
      return from;
    },
  );
  await using app = eager({ tasks: [pages] });
  expect(await app.run(pages.s())).toBe(20);
  expect(seen).toEqual([0, 10, 20]);
});

test('TSK-77: what a body submits has its parent, root and headers; an id makes it one over its runs', async () => {
  const parent = defineTask(
    'parent',
    { retry: { max: 1, backoff: () => 10 } },
    function* (self): Actor<string> {
      const id = yield* self.task.submit(quick.s(1), { id: `${self.task.id}/child` });
      if (self.task.attempt === 1) throw new Error('again');
      return id;
    },
  );
  await using app = eager({ tasks: [parent, quick] });
  const handle = await app.submit(parent.s(), { headers: { trace: 'abc', n: 1n } });
  await app.advance(1000);
  const id = await handle.get();
  expect(await app.handle(id).state()).toMatchObject({ parent: handle.id, root: handle.id });
  expect((await take(app.list({ root: handle.id }))).map((task) => task.id)).toEqual([
    handle.id,
    id,
  ]);
});

test('TSK-81: headers reach children, retries and members', async () => {
  const seen: unknown[] = [];
  const looks = defineTask(
    'looks',
    { retry: { max: 1, backoff: () => 10 } },
    function* (self): Actor<void> {
      seen.push(self.task.headers);
      if (self.task.attempt === 1 && self.task.parent === undefined) {
        yield* self.task.submit(looks.s() as never, { headers: { extra: true } });
        throw new Error('again');
      }
    },
  );
  await using app = eager({ tasks: [looks] });
  await app.run(looks.s(), { headers: { trace: 'abc' } });
  await app.advance(1000);
  expect(seen).toEqual([{ trace: 'abc' }, { trace: 'abc', extra: true }, { trace: 'abc' }]);
});

test('TSK-78: a task that becomes another frees its runner, and has the result of that one', async () => {
  const becoming = defineTask('becoming', function* (self, ms: number): Actor<string> {
    yield* self.yield();
    return self.task.become(sleeper.s(ms)) as never;
  });
  await using app = eager({ tasks: [becoming, sleeper, quick], workers: [{ concurrency: 1 }] });
  const handle = await app.submit(becoming.s(1000));
  await app.advance(10);
  expect(await handle.state()).toMatchObject({ state: 'joining', members: { all: 1, ended: 0 } });
  await app.advance(1000);
  expect(await handle.get()).toBe('slept');
});

test('TSK-78: the failure of what a task became is its own, and both are revoked together', async () => {
  const failing = defineTask('failing', (): string => {
    throw new RangeError('inner');
  });
  const becoming = defineTask('becoming', (self: TaskSelf, which: string) =>
    self.task.become(which === 'failing' ? failing.s() : sleeper.s(60_000)),
  );
  await using app = eager({ tasks: [becoming, failing, sleeper] });
  await expect(app.run(becoming.s('failing'))).rejects.toMatchObject({
    failure: { name: 'failing', error: { message: 'inner' } },
  });
  const handle = await app.submit(becoming.s('sleeper'));
  await app.advance(0);
  await handle.revoke();
  expect((await app.handle(`${handle.id}.0`).state())?.state).toBe('revoked');
});

interface Ask {
  readonly tag: 'ask';
  readonly replyTo: ReplyTo<string>;
}

test('TSK-79: a body calls, links and receives like any actor, and what it linked ends with it', async () => {
  function* oracle(self: Self<Ask>): Actor {
    for (;;) self.send((yield* self.receive('ask')).replyTo, 'forty-two');
  }
  const ORACLE = name<MessageOf<typeof oracle>>('oracle');
  let helperEnded: unknown;
  const asking = defineTask(
    'asking',
    function* (self: TaskSelf<{ tag: 'hello'; n: number }>): Actor<unknown> {
      const answer = yield* self.call(ORACLE, { tag: 'ask' });
      const me = self.pid;
      self.spawnLink(function* helper(own: Self): Actor {
        own.defer(() => {
          helperEnded = true;
        });
        own.send(me, { tag: 'hello', n: 7 });
        yield* own.sleep(1_000_000);
      });
      const { n } = yield* self.receive('hello');
      return [answer, n];
    },
  );
  await using app = eager({
    tasks: [asking],
    prepare: (system) => system.register(ORACLE, system.spawn(oracle)),
  });
  expect(await app.run(asking.s())).toEqual(['forty-two', 7]);
  await app.advance(0);
  expect(helperEnded).toBeUndefined();
});

test('an actor submits and waits for the outcome, as a value; it may give up', async () => {
  await using app = eager({ tasks: [sleeper] });
  const seen: unknown[] = [];
  await app.advance(0);
  app.system.spawn(function* asker(self: Self): Actor {
    const id = yield* submit(self, TASKS, sleeper.s(1000));
    seen.push(yield* outcome(self, TASKS, id, { within: 100 }));
    seen.push(yield* outcome(self, TASKS, id));
  });
  await app.advance(2000);
  expect(seen).toEqual([undefined, { ok: true, value: 'slept' }]);
});

test('TSK-99: days take milliseconds, and a task that waits for ever is told of', async () => {
  const days = defineTask('days', function* (self): Actor<string> {
    yield* self.sleep(7 * 86_400_000);
    return 'a week';
  });
  const stuck = defineTask('stuck', function* (self): Actor<void> {
    yield* self.receive('never' as never);
  });
  await using app = eager({ tasks: [days, stuck] });
  expect(await app.run(days.s())).toBe('a week');
  await expect(app.run(stuck.s())).rejects.toThrow(
    /task stuck .* never ends: it is running[\s\S]*waits for never/,
  );
}, 60_000);

test('TSK-99: the same seed gives the same events', async () => {
  const flaky = defineTask('flaky', { retry: { max: 3 } }, (): string => {
    throw new Error('x');
  });
  const events = async (seed: number): Promise<string> => {
    await using app = eager({ tasks: [flaky, quick], seed });
    const told: unknown[] = [];
    for (const event of ['submitted', 'started', 'retrying', 'failed', 'succeeded'] as const)
      app.events.on(event, (what) => told.push([event, what]));
    await app.submitMany([flaky.s() as never, quick.s(1), quick.s(2), flaky.s() as never]);
    await app.advance(600_000);
    return JSON.stringify(told).replaceAll(/"stack":"[^"]*"/g, '');
  };
  expect(await events(5)).toBe(await events(5));
  expect(await events(5)).not.toBe(await events(6));
});
