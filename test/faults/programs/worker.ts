/** A program that is killed: it publishes or consumes, and says what it has done by lines. */

import { writeSync } from 'node:fs';
import { amqpWith } from '@beamish/amqp';
import { ack, broker, consume, type Deliveries, publish, queue } from '@beamish/exchange';
import { type Actor, ActorSystem, child, type Self, supervisor } from 'beamish';

const [, , does = '', url = '', name = '', count = '0'] = process.argv;
/** At once, and not by way of a buffer that is gone with the process. */
const say = (line: string): void => void writeSync(1, `${line}\n`);

const q = queue<number | string>(name, { durable: true });
const system = new ActorSystem({ log: 'off' });
await system.start(
  supervisor({
    children: [child('broker', broker({ url, engines: [amqpWith({})], topology: [q] }))],
  }),
);

/** Confirms are said in their order: several are under way. */
async function publishAll(): Promise<void> {
  let next = Number(count);
  const one = async (): Promise<void> => {
    for (;;) {
      const n = next++;
      await publish(system, q, n, { properties: { messageId: `m-${n}` } });
      say(`confirmed ${n}`);
    }
  };
  await Promise.all(Array.from({ length: 20 }, one));
}

/** Takes as many, and settles only those that it is told to. */
function* take(self: Self<Deliveries<number | string>>, prefetch: number, settles: number): Actor {
  yield* consume(self, q, { prefetch });
  for (;;) {
    const delivery = yield* self.receive('delivery');
    say(`took ${delivery.message}${delivery.redelivered ? '*' : ''} ${delivery.crashes}`);
    if (delivery.message === 'poison') process.kill(process.pid, 'SIGKILL');
    if (settles > 0 && Number(delivery.message) < settles) ack(self, delivery);
  }
}

/** Has a thousand under way when it is told to end, and ends in order. */
async function shutDown(): Promise<void> {
  const sent = Array.from({ length: 1000 }, (_, n) =>
    Promise.resolve(publish(system, q, n)).then(
      () => 'confirmed',
      () => 'told',
    ),
  );
  await new Promise(setImmediate);
  await system.shutdown();
  const outcomes = await Promise.all(sent);
  say(`outcomes ${outcomes.filter((each) => each === 'confirmed').length} ${outcomes.length}`);
}

say('ready');
if (does === 'publish') await publishAll();
else if (does === 'shutdown') await shutDown();
else system.spawn(take, Number(count), does === 'settle' ? Number.POSITIVE_INFINITY : 0);
