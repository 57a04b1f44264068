/** The pipeline, and publishing and consuming by themselves, with beamish on RabbitMQ. */

import { readFileSync } from 'node:fs';
import { amqp } from '@beamish/amqp';
import {
  ack,
  binding,
  broker,
  consume,
  type Deliveries,
  type Delivery,
  fanout,
  type Published,
  publishAll,
  publishing,
  type Queue,
  queue,
} from '@beamish/exchange';
import { type Actor, ActorSystem, child, type Pending, type Self, supervisor } from 'beamish';
import { ADDRESS, pathOf, type Rate, type Role, type Run, stopwatch, WORD } from './names.ts';

interface Document {
  readonly path: string;
}

interface Status {
  readonly path: string;
  readonly count: number;
}

const durable = { durable: true } as const;
/** The machine may be busy. */
const LONGEST_MS = 60_000;
const UNDER_WAY = { limit: 1000, within: LONGEST_MS } as const;

function topologyOf({ prefix }: Run) {
  const documents = fanout<Document>(`${prefix}.documents`, durable);
  const bindings = [binding(documents)] as const;
  return {
    documents,
    addresses: queue(`${prefix}.addresses`, { ...durable, bindings }),
    words: queue(`${prefix}.words`, { ...durable, bindings }),
    status: queue<Status>(`${prefix}.status`, durable),
  };
}

/** Stands when this returns. Each `go` publishes all documents once, and is over when the status has heard of them. */
export async function ours(run: Run, roles: readonly Role[]) {
  const { documents, addresses, words, status } = topologyOf(run);
  const system = new ActorSystem({ log: 'off' });
  const topology = [documents, addresses, words, status];
  await system.start(
    supervisor({
      children: [child('broker', broker({ url: run.url, engines: [amqp], topology }))],
    }),
  );
  let heard: () => void = () => {};
  const ready: Promise<void>[] = [];
  const stands = (): (() => void) => {
    let now: () => void = () => {};
    ready.push(new Promise((is) => (now = is)));
    return now;
  };
  if (roles.includes('addresses'))
    system.spawn(cruncher, addresses, status, ADDRESS, run.prefetch, stands());
  if (roles.includes('words')) system.spawn(cruncher, words, status, WORD, run.prefetch, stands());
  if (roles.includes('status'))
    system.spawn(listener, status, 2 * run.count, run.prefetch, stands(), () => heard());
  await Promise.all(ready);
  return {
    async go(): Promise<void> {
      const all = Array.from({ length: run.count }, (_, n) => ({ path: pathOf(run.folder, n) }));
      const done = roles.includes('status') && new Promise<void>((is) => (heard = is));
      if (roles.includes('publisher'))
        await system.run(function* main(self: Self): Actor {
          yield* publishAll(self, documents, all, UNDER_WAY);
        });
      await done;
    },
    close: () => system.shutdown(),
  };
}

/** Its result is confirmed before it settles; several are under way if it holds several. */
function* cruncher(
  self: Self<Deliveries<Document>>,
  from: Queue<Document>,
  status: Queue<Status>,
  pattern: RegExp,
  prefetch: number,
  ready: () => void,
): Actor {
  yield* consume(self, from, { prefetch });
  ready();
  const underWay: [Delivery<Document>, Pending<Published>][] = [];
  for (;;) {
    const delivery = yield* underWay.length === 0
      ? self.receive('delivery')
      : self.receive('delivery').after(0);
    if (delivery !== undefined) {
      const { path } = delivery.message;
      const count = readFileSync(path, 'utf8').match(pattern)?.length ?? 0;
      underWay.push([delivery, publishing(self, status, { path, count })]);
      if (underWay.length < prefetch) continue;
    }
    const [first, pending] = underWay.shift() as (typeof underWay)[0];
    yield* pending.reply().within(LONGEST_MS);
    ack(self, first);
  }
}

function* listener(
  self: Self<Deliveries<Status>>,
  from: Queue<Status>,
  count: number,
  prefetch: number,
  ready: () => void,
  done: () => void,
): Actor {
  yield* consume(self, from, { prefetch });
  ready();
  for (let n = 1; ; n++) {
    ack(self, yield* self.receive('delivery'));
    if (n % count === 0) done();
  }
}

/** Messages a second, persistent, 1,000 under way; then the same taken at prefetch 100. */
export async function oursAlone({ url, prefix, count }: Run): Promise<readonly [Rate, Rate]> {
  const q = queue<{ n: number; text: string }>(`${prefix}.alone`, durable);
  const system = new ActorSystem({ log: 'off' });
  await system.start(
    supervisor({
      children: [child('broker', broker({ url, engines: [amqp], topology: [q] }))],
    }),
  );
  const all = Array.from({ length: count }, (_, n) => ({ n, text: 'x'.repeat(80) }));
  const sending = stopwatch();
  await system.run(function* main(self: Self): Actor {
    yield* publishAll(self, q, all, UNDER_WAY);
  });
  const sent = sending(count);
  const taking = stopwatch();
  await new Promise<void>((done) => {
    system.spawn(function* (self: Self<Deliveries<{ n: number; text: string }>>): Actor {
      yield* consume(self, q, { prefetch: 100 });
      for (let n = 0; n < count; n++) ack(self, yield* self.receive('delivery'));
      done();
    });
  });
  const taken = taking(count);
  await system.shutdown();
  return [sent, taken];
}
