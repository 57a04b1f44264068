/** A program of the soak: it publishes or consumes until it is killed, and says by lines what it has done. */

import { writeSync } from 'node:fs';
import { amqpWith } from '@beamish/amqp';
import { ack, broker, consume, type Deliveries, publish, queue } from '@beamish/exchange';
import { type Actor, ActorSystem, child, type Self, supervisor } from 'beamish';

const [, , does = '', url = '', name = '', who = ''] = process.argv;
const AT_A_TIME = 5;
const PAUSE_MS = 20;
const PREFETCH = 20;
/** One in so many handlings ends its consumer, which is started again. */
const CRASHES = 500;
const HEAP_MS = 5000;

const say = (line: string): void => void writeSync(1, `${line}\n`);
const q = queue<string>(name, { durable: true });
const engine = amqpWith({ heartbeatMs: 2000, backoff: { firstMs: 50, maxMs: 1000 } });
const system = new ActorSystem({ log: 'off' });

function* publisher(self: Self, number: number): Actor {
  for (let n = 0; ; n++) {
    const id = `${who}.${number}.${self.pid.serial}.${n}`;
    try {
      yield* publish(self, q, id, { properties: { messageId: id } }).within(60_000);
      say(`confirmed ${id}`);
    } catch {
      // Its fate is unknown: it may arrive, and is owed to nobody.
      say(`failed ${id}`);
    }
    yield* self.sleep(Math.ceil(self.random() * PAUSE_MS));
  }
}

function* taker(self: Self<Deliveries<string>>): Actor {
  yield* consume(self, q, { prefetch: PREFETCH });
  for (;;) {
    const delivery = yield* self.receive('delivery');
    say(`took ${delivery.message} ${delivery.redelivered ? 'again' : 'first'}`);
    if (self.random() < 1 / CRASHES) throw new Error('A crash of the soak');
    ack(self, delivery);
  }
}

const children =
  does === 'publish'
    ? Array.from({ length: AT_A_TIME }, (_, n) => child(`publisher-${n}`, publisher, n))
    : [1, 2].map((n) => child(`taker-${n}`, taker));

await system.start(
  supervisor({
    strategy: 'one_for_one',
    intensity: 1000,
    periodMs: 1000,
    children: [child('broker', broker({ url, engines: [engine], topology: [q] })), ...children],
  }),
);
say('ready');
setInterval(() => {
  globalThis.gc?.();
  say(`heap ${process.memoryUsage().heapUsed}`);
}, HEAP_MS);
