/** Topic patterns, headers, requests and replies. */

import {
  ask,
  binding,
  type HeaderTable,
  headers,
  queue,
  reply,
  type StandardSchema,
  topic,
  unbind,
} from '@beamish/exchange';
import type { Actor } from 'beamish';
import { expect } from 'vitest';
import type { Rows } from './contract.ts';

/** Pattern, key, whether it matches; numbered from TOP-01. */
const TOPICS: readonly (readonly [pattern: string, key: string, matches: boolean])[] = [
  ['a.b', 'a.b', true],
  ['a.b', 'a.c', false],
  ['a.b', 'A.B', false],
  ['a', 'a.b', false],
  ['a.b', 'a', false],
  ['*', 'a', true],
  ['*', 'a.b', false],
  ['*', '', false],
  ['#', '', true],
  ['#', 'a', true],
  ['#', 'a.b.c', true],
  ['*.*', 'a', false],
  ['*.*', 'a.b', true],
  ['*.*', 'a.', true],
  ['*.*', '.', true],
  ['*.*', '.b', true],
  ['*.*.*', '..', true],
  ['a.*', 'a', false],
  ['a.*', 'a.', true],
  ['a.*', 'a.b', true],
  ['a.*', 'a.b.c', false],
  ['a.#', 'a', true],
  ['a.#', 'a.', true],
  ['a.#', 'a.b.c', true],
  ['a.#', 'ab', false],
  ['#.a', 'a', true],
  ['#.a', 'b.c.a', true],
  ['#.a', 'a.b', false],
  ['a.#.b', 'a.b', true],
  ['a.#.b', 'a.x.b', true],
  ['a.#.b', 'a.x.y.b', true],
  ['a.#.b', 'a.b.c', false],
  ['a.#.b', 'ab', false],
  ['a.#.b', 'a..b', true],
  ['*.#', '', false],
  ['*.#', 'a', true],
  ['*.#', 'a.b', true],
  ['#.*', '', false],
  ['#.*', 'a', true],
  ['#.#', '', true],
  ['#.#', 'a', true],
  ['#.#', 'a.b', true],
  ['#.*.#', '', false],
  ['#.*.#', 'a', true],
  ['#.a.#', 'x.a.y', true],
  ['#.a.#', 'xay', false],
  ['*.a.*', 'x.a.y', true],
  ['*.a.*', 'a.y', false],
  ['a.#.#.b', 'a.b', true],
  ['a.*.#', 'a', false],
  ['a.*.#', 'a.b', true],
  ['a.*.#', 'a.b.c', true],
  ['', '', true],
  ['', 'a', false],
  ['.', '.', true],
  ['.', 'a.b', false],
  ['a..b', 'a..b', true],
  ['a..b', 'a.b', false],
  ['a.*.b', 'a..b', true],
  ['#a', '#a', true],
  ['#a', 'xa', false],
  ['a*', 'ab', false],
  ['a*', 'a*', true],
  ['*a.b', 'xa.b', false],
  ['**', 'a', false],
  ['**', '**', true],
  ['##', 'a', false],
  ['a.b', 'a.b.', false],
  ['a.b.', 'a.b.', true],
  ['a.b', '.a.b', false],
  ['media.*', 'media.video', true],
  ['media.*', 'media.video.hd', false],
  ['é.*', 'é.ü', true],
  ['*', '*', true],
  ['#', '#', true],
  ['a.*', 'a.*', true],
  ['a.*', 'a.#', true],
];

export const top: Rows = (row) => {
  for (const [i, [pattern, key, matches]] of TOPICS.entries()) {
    const id = `TOP-${String(i + 1).padStart(2, '0')}`;
    const says = `the pattern "${pattern}" matches the key "${key}": ${matches ? 'yes' : 'no'}`;
    row(id, says, async (stage) => {
      const x = topic(stage.name('x'));
      const q = queue(stage.name('q'), { bindings: [binding(x, pattern)] });
      await stage.declare(x, q);
      const { queues } = await stage.publish(x, 1, { key, mandatory: false });
      expect(queues).toBe(matches ? 1 : 0);
    });
  }

  row(
    'TOP-P1',
    'a queue with two patterns that match gets one copy, and unbinding one leaves the other',
    async (stage) => {
      const x = topic(stage.name('x'));
      const q = queue(stage.name('q'), { bindings: [binding(x, 'a.*'), binding(x, '#.b')] });
      await stage.declare(x, q);
      await stage.publish(x, 1, { key: 'a.b' });
      await stage.holds(q, 1);
      await stage.do(unbind(stage.system, q, binding(x, '#.b')));
      await stage.publish(x, 2, { key: 'a.b' });
      expect(await stage.outcomes({ ...x } as never, 3)).toEqual(['unroutable']);
      await stage.holds(q, 2);
    },
  );

  row('TOP-P2', '"#.#" is bound and unbound as it is written', async (stage) => {
    const x = topic(stage.name('x'));
    const q = queue(stage.name('q'), { bindings: [binding(x, '#.#'), binding(x, '#')] });
    await stage.declare(x, q);
    await stage.do(unbind(stage.system, q, binding(x, '#.#')));
    expect(await stage.publish(x, 1, { key: 'a' })).toEqual({ queues: 1 });
    await stage.do(unbind(stage.system, q, binding(x, '#')));
    expect(await stage.publish(x, 1, { key: 'a', mandatory: false })).toEqual({ queues: 0 });
  });
};

/** Who gets what: each binding's answer to each table of headers. */
export const hdr: Rows = (row) => {
  const answers = (
    id: string,
    says: string,
    match: 'all' | 'any',
    wanted: HeaderTable,
    cases: readonly (readonly [HeaderTable, 0 | 1])[],
  ): void =>
    row(id, says, async (stage) => {
      const x = headers(stage.name('x'));
      const q = queue(stage.name('q'), { bindings: [binding(x, match, wanted)] });
      await stage.declare(x, q);
      const got: unknown[] = [];
      for (const [table] of cases) {
        const { queues } = await stage.publish(x, 1, { headers: table, mandatory: false });
        got.push(queues);
      }
      expect(got).toEqual(cases.map(([, expected]) => expected));
    });

  answers(
    'HDR-01',
    'with all, more headers are fine; one fewer or another is not',
    'all',
    { a: 1, b: 'x' },
    [
      [{ a: 1, b: 'x' }, 1],
      [{ a: 1, b: 'x', c: true }, 1],
      [{ a: 1 }, 0],
      [{ a: 1, b: 'y' }, 0],
      [{}, 0],
    ],
  );
  answers('HDR-02', 'with any, one is enough', 'any', { a: 1, b: 'x' }, [
    [{ a: 1 }, 1],
    [{ b: 'x', a: 2 }, 1],
    [{ a: 2 }, 0],
    [{}, 0],
  ]);
  row('HDR-03', 'without wanted headers, all matches everything and any nothing', async (stage) => {
    const x = headers(stage.name('x'));
    const all = queue(stage.name('all'), { bindings: [binding(x, 'all', {})] });
    const any = queue(stage.name('any'), { bindings: [binding(x, 'any', {})] });
    await stage.declare(x, all, any);
    await stage.publish(x, 1, { headers: { a: 1 } });
    await stage.publish(x, 2, { headers: {} });
    await stage.holds(all, 2);
    await stage.holds(any, 0);
  });
  answers(
    'HDR-04',
    'types count: 1 is not "1" nor true, and whole and floating 1 are equal',
    'all',
    { a: 1 },
    [
      [{ a: '1' }, 0],
      [{ a: 1 }, 1],
      [{ a: true }, 0],
      [{ a: 1.0 }, 1],
    ],
  );
  answers('HDR-05', 'null in the binding is a header that is there', 'all', { a: null }, [
    [{ a: 1 }, 1],
    [{ a: 'x' }, 1],
    [{ b: 1 }, 0],
    [{ a: null }, 1],
  ]);
  answers('HDR-06', 'headers that begin with x- are ignored', 'all', { a: 1, 'x-b': 1 }, [
    [{ a: 1 }, 1],
    [{ a: 1, 'x-b': 2 }, 1],
  ]);
  row('HDR-07', 'another match than all and any is a TypeError', async (stage) => {
    const x = headers(stage.name('x'));
    expect(() => binding(x, 'most' as 'any', { a: 1 })).toThrow(TypeError);
  });
  answers('HDR-08', 'tables and lists compare by content', 'all', { a: { b: [1, 'x'] } }, [
    [{ a: { b: [1, 'x'] } }, 1],
    [{ a: { b: ['x', 1] } }, 0],
    [{ a: { b: [1, 'x'], c: 1 } }, 0],
  ]);
};

const whole: StandardSchema<number> = {
  '~standard': {
    version: 1,
    vendor: 'test',
    validate: (value) =>
      Number.isInteger(value) ? { value: value as number } : { issues: [{ message: 'not whole' }] },
  },
};

export const rpc: Rows = (row) => {
  row(
    'RPC-01',
    'a request has somebody who waits for its answer, which comes to who asked',
    async (stage) => {
      const q = await stage.queue<number, number>();
      const responder = await stage.consumer(q);
      const asked = stage.do(ask(stage.system, q, 20));
      asked.catch(() => undefined);
      await stage.see(() => responder.got.map(({ settlement }) => settlement.wantsReply), [true]);
      await responder.reply(0, 21);
      expect(await asked).toBe(21);
      await responder.ack(0);
      await stage.publish(q, 1);
      await stage.see(() => responder.got[1]?.settlement.wantsReply, false);
      await responder.reply(1, 'nobody waits');
      expect(stage.eventsOf('stale_settlement')).toEqual([]);
    },
  );

  row(
    'RPC-02',
    '1,000 requests at once, answered backwards, have each its own answer',
    async (stage) => {
      const q = await stage.queue<number, number>();
      const responder = await stage.consumer(q, { prefetch: 1000 });
      const asked = Array.from({ length: 1000 }, (_, n) => ask(stage.system, q, n));
      const answers = Promise.all(asked);
      await stage.see(() => responder.got.length, 1000);
      await responder.does((self) => {
        for (const delivery of responder.got.toReversed())
          reply(self, delivery, delivery.message * 2);
      });
      expect(await stage.do(answers)).toEqual(Array.from({ length: 1000 }, (_, n) => n * 2));
    },
  );

  row(
    'RPC-03',
    'when the requester is gone, the answer reaches nobody and harms nobody',
    async (stage) => {
      const q = await stage.queue<number, number>();
      const responder = await stage.consumer(q);
      const requester = await stage.actor();
      void requester
        .does(function* (self): Actor {
          yield* ask(self, q, 1);
        })
        .catch(() => undefined);
      await stage.see(() => responder.got.length, 1);
      await requester.kill();
      await responder.reply(0, 2);
      await responder.ack(0);
      await stage.publish(q, 3);
      await stage.see(() => responder.bodies, ['1', '3']);
    },
  );

  row(
    'RPC-05',
    'a request that no queue takes fails at once, not at its deadline',
    async (stage) => {
      const nope = queue<number, number>(stage.name('nope'));
      const error = await stage.fails(ask(stage.system, nope, 1));
      expect(error).toMatchObject({ name: 'PublishFailed', reason: 'unroutable' });
    },
  );

  row('RPC-06', 'when the responder dies, another one answers the same request', async (stage) => {
    const q = await stage.queue<number, number>();
    const first = await stage.consumer(q);
    const second = await stage.consumer(q);
    const asked = stage.do(ask(stage.system, q, 1));
    asked.catch(() => undefined);
    await stage.see(() => first.bodies, ['1']);
    await first.crash();
    await stage.see(() => second.bodies, ['1*']);
    await second.reply(0, 2);
    expect(await asked).toBe(2);
  });

  row(
    'RPC-07',
    'at the deadline the request has failed, and a late answer reaches nobody',
    async (stage) => {
      const q = await stage.queue<number, number>();
      const responder = await stage.consumer(q);
      const asked = Promise.resolve(ask(stage.system, q, 1).within(200));
      asked.catch(() => undefined);
      await stage.see(() => responder.got.length, 1);
      await stage.host.pass(400);
      await expect(asked).rejects.toMatchObject({ name: 'CallFailed', reason: 'timeout' });
      await responder.reply(0, 2);
      const again = stage.do(ask(stage.system, q, 5));
      again.catch(() => undefined);
      await responder.ack(0);
      await stage.see(() => responder.got.length, 2);
      await responder.reply(1, 6);
      expect(await again).toBe(6);
    },
  );

  row(
    'RPC-P1',
    'an answer that the queue’s schema does not allow fails the call',
    async (stage) => {
      const q = await stage.queue<number, number>('q', { answers: whole });
      const responder = await stage.consumer(q);
      const asked = stage.do(ask(stage.system, q, 1));
      asked.catch(() => undefined);
      await stage.see(() => responder.got.length, 1);
      await responder.reply(0, 'two');
      await expect(asked).rejects.toMatchObject({ name: 'CallFailed' });
    },
  );
};
