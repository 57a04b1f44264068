/** What the compiler knows of messages, keys and answers, and the mistakes that it finds. */

import {
  ask,
  type Binding,
  bind,
  binding,
  consume,
  consumer,
  type Deliveries,
  direct,
  emit,
  fanout,
  headers,
  publish,
  publishAll,
  type Queue,
  queue,
  reply,
  type StandardSchema,
  subscribe,
  topic,
  unbind,
} from '@beamish/exchange';
import type { Actor, Self } from 'beamish';
import { expect, expectTypeOf, test } from 'vitest';

interface Created {
  readonly total: number;
}
interface Paid {
  readonly by: string;
}
interface Lost {
  readonly why: string;
}

const orders = topic<{
  'order.created': Created;
  'order.paid': Paid;
  [key: `refund.${string}`]: Lost;
}>('orders');
const status = direct<{ ok: number; bad: string }>('status');
const ticks = fanout<{ readonly n: number }>('ticks');
const documents = headers<{ readonly path: string }>('documents');
const sums = queue<{ readonly a: number; readonly b: number }, number>('sums');
const even = {} as StandardSchema<number>;

/** Only the compiler reads it. */
function* program(self: Self<Deliveries<Paid> | Deliveries<number, 'n'>>): Actor {
  yield* publish(self, orders, { total: 5 }, { key: 'order.created' });
  yield* publish(self, orders, { why: 'x' }, { key: 'refund.7' });
  yield* publish(self, status, 1, { key: 'ok' });
  yield* publish(self, ticks, { n: 1 });
  yield* publish(self, documents, { path: 'a' }, { headers: { format: 'pdf' } });
  yield* publish(self, sums, { a: 1, b: 2 }).within(100);
  emit(self, ticks, { n: 1 });
  yield* publishAll(self, ticks, [{ n: 1 }], { limit: 10 });
  const three = yield* ask(self, sums, { a: 1, b: 2 });
  expectTypeOf(three).toEqualTypeOf<number>();
  const paid = queue('paid', { bindings: [binding(orders, 'order.paid')] });
  yield* consume(self, paid);
  const delivery = yield* self.receive('delivery');
  expectTypeOf(delivery.message).toEqualTypeOf<Paid>();

  const news = fanout<Paid | Lost>('news', { bindings: [binding(orders, '*.paid')] });
  yield* bind(self, news, binding(orders, 'order.paid'));
  yield* unbind(self, paid, binding(orders, 'order.paid'));

  // @ts-expect-error what comes of it is nothing that may be published there
  fanout<Created>('created', { bindings: [binding(orders, 'order.paid')] });
  // @ts-expect-error the same
  yield* bind(self, ticks, binding(orders, 'order.paid'));
  // @ts-expect-error the key decides the type
  yield* publish(self, orders, { by: 'x' }, { key: 'order.created' });
  // @ts-expect-error no such key
  yield* publish(self, orders, { total: 5 }, { key: 'order.sent' });
  // @ts-expect-error a topic exchange needs a key
  yield* publish(self, orders, { total: 5 });
  // @ts-expect-error a headers exchange needs headers
  yield* publish(self, documents, { path: 'a' });
  // @ts-expect-error its consumers answer nothing
  yield* ask(self, queue<number>('jobs'), 1);
  // @ts-expect-error it does not take what comes out of this queue
  yield* consume(self, queue<Created>('created'));
  // @ts-expect-error nor with this tag
  yield* subscribe(self, ticks, { tag: 'n' });
  // @ts-expect-error a fanout exchange is bound without a key
  binding(ticks, 'key');
}

test('messages follow from keys, and mistakes do not compile', () => {
  expect(program).toBeTypeOf('function');
});

test('the pattern of a binding decides the type of its messages', () => {
  expectTypeOf(binding(orders, 'order.*')).toEqualTypeOf<Binding<Created | Paid>>();
  expectTypeOf(binding(orders, '*.paid')).toEqualTypeOf<Binding<Paid | Lost>>();
  expectTypeOf(binding(orders, 'order.paid')).toEqualTypeOf<Binding<Paid>>();
  expectTypeOf(binding(orders, '#')).toEqualTypeOf<Binding<Created | Paid | Lost>>();
  expectTypeOf(binding(orders, 'refund.#')).toEqualTypeOf<Binding<Lost>>();
  expectTypeOf(binding(status, 'ok')).toEqualTypeOf<Binding<number>>();
  expectTypeOf(binding(ticks)).toEqualTypeOf<Binding<{ readonly n: number }>>();
  const wanted = binding(documents, 'all', { format: 'pdf' });
  expectTypeOf(wanted).toEqualTypeOf<Binding<{ readonly path: string }>>();
  expect(wanted.from).toBe('documents');
});

test('a queue is of what its bindings, its schema, or its type argument say', () => {
  const both = queue('both', { bindings: [binding(orders, 'order.paid'), binding(status, 'ok')] });
  expectTypeOf(both).toEqualTypeOf<Queue<Paid | number>>();
  expectTypeOf(queue('even', { schema: even })).toEqualTypeOf<Queue<number>>();
  expectTypeOf(queue<Paid, string>('paid')).toEqualTypeOf<Queue<Paid, string>>();
  expect(both.queue).toBe('both');
});

test('a handler has the type of its queue, and must answer what the queue’s type says', () => {
  consumer(sums, (_self, { a, b }, delivery) => {
    expectTypeOf(delivery.settlement.wantsReply).toEqualTypeOf<boolean>();
    return a + b;
  });
  // @ts-expect-error an answer of another type
  consumer(sums, (_self, { a, b }) => `${a}${b}`);
  consumer(sums, function* (self, { a, b }, delivery) {
    yield* self.sleep(1);
    reply(self, delivery, a + b);
    // @ts-expect-error an answer of another type
    void (() => reply(self, delivery, 'three'));
    return a + b;
  });
  expect(sums.options).toEqual({});
});
