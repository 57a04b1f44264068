/** The same with amqplib alone, as one writes it who knows how: noDelay, confirms under way, settlements gathered. */

import { readFileSync } from 'node:fs';
import { type Channel, type ChannelModel, type ConsumeMessage, connect } from 'amqplib';
import { ADDRESS, pathOf, type Rate, type Role, type Run, stopwatch, WORD } from './names.ts';

const PERSISTENT = { persistent: true, contentType: 'application/json', mandatory: true };
const MOST_UNDER_WAY = 1000;

async function declared(model: ChannelModel, { prefix }: Run): Promise<void> {
  const channel = await model.createChannel();
  await channel.assertExchange(`${prefix}.documents`, 'fanout', { durable: true });
  for (const queue of ['addresses', 'words', 'status'])
    await channel.assertQueue(`${prefix}.${queue}`, { durable: true });
  for (const queue of ['addresses', 'words'])
    await channel.bindQueue(`${prefix}.${queue}`, `${prefix}.documents`, '');
  await channel.close();
}

/** Settles what was done in one turn with one frame, where all before it is done. */
function gathering(channel: Channel, isOver: () => boolean): (message: ConsumeMessage) => void {
  const done = new Set<number>();
  let next = 1;
  let isAsked = false;
  return (message) => {
    done.add(message.fields.deliveryTag);
    if (isAsked) return;
    isAsked = true;
    setImmediate(() => {
      isAsked = false;
      if (isOver()) return;
      const before = next;
      while (done.delete(next)) next++;
      if (next > before) channel.ack({ fields: { deliveryTag: next - 1 } } as ConsumeMessage, true);
    });
  };
}

export async function raw(run: Run, roles: readonly Role[]) {
  const publishers = await connect(run.url, { noDelay: true });
  const consumers = await connect(run.url, { noDelay: true });
  await declared(consumers, run);
  const confirms = await publishers.createConfirmChannel();
  let isOver = false;
  const cruncher = async (from: string, pattern: RegExp): Promise<void> => {
    const channel = await consumers.createChannel();
    await channel.prefetch(run.prefetch);
    const settle = gathering(channel, () => isOver);
    await channel.consume(`${run.prefix}.${from}`, (message) => {
      if (message === null) return;
      const { path } = JSON.parse(message.content.toString());
      const count = readFileSync(path, 'utf8').match(pattern)?.length ?? 0;
      const body = Buffer.from(JSON.stringify({ path, count }));
      confirms.publish('', `${run.prefix}.status`, body, PERSISTENT, (error) => {
        if (error === null) settle(message);
        else if (!isOver) throw error;
      });
    });
  };
  if (roles.includes('addresses')) await cruncher('addresses', ADDRESS);
  if (roles.includes('words')) await cruncher('words', WORD);
  let heard: () => void = () => {};
  if (roles.includes('status')) {
    const channel = await consumers.createChannel();
    await channel.prefetch(run.prefetch);
    const settle = gathering(channel, () => isOver);
    let count = 0;
    await channel.consume(`${run.prefix}.status`, (message) => {
      if (message === null) return;
      JSON.parse(message.content.toString());
      settle(message);
      if (++count % (2 * run.count) === 0) heard();
    });
  }
  return {
    async go(): Promise<void> {
      const all = Array.from({ length: run.count }, (_, n) => ({ path: pathOf(run.folder, n) }));
      const done = roles.includes('status') && new Promise<void>((is) => (heard = is));
      if (roles.includes('publisher')) {
        const channel = await publishers.createConfirmChannel();
        await published(all, (body, done) =>
          channel.publish(`${run.prefix}.documents`, '', body, PERSISTENT, done),
        );
      }
      await done;
    },
    async close(): Promise<void> {
      isOver = true;
      await publishers.close();
      await consumers.close();
    },
  };
}

/** All of them, at most a thousand under way. */
function published(
  all: readonly unknown[],
  send: (body: Buffer, done: (error: Error | null) => void) => void,
): Promise<void> {
  return new Promise((done, failed) => {
    let next = 0;
    let open = 0;
    const more = (): void => {
      while (open < MOST_UNDER_WAY && next < all.length) {
        open++;
        send(Buffer.from(JSON.stringify(all[next++])), (error) => {
          open--;
          if (error !== null) failed(error);
          else if (open === 0 && next === all.length) done();
          else more();
        });
      }
    };
    more();
  });
}

export async function rawAlone({ url, prefix, count }: Run): Promise<readonly [Rate, Rate]> {
  const publishers = await connect(url, { noDelay: true });
  const consumers = await connect(url, { noDelay: true });
  const queue = `${prefix}.alone`;
  const confirms = await publishers.createConfirmChannel();
  await confirms.assertQueue(queue, { durable: true });
  const all = Array.from({ length: count }, (_, n) => ({ n, text: 'x'.repeat(80) }));
  const sending = stopwatch();
  await published(all, (body, done) => confirms.publish('', queue, body, PERSISTENT, done));
  const sent = sending(count);
  const channel = await consumers.createChannel();
  await channel.prefetch(100);
  const taking = stopwatch();
  await new Promise<void>((done) => {
    let taken = 0;
    channel.consume(queue, (message) => {
      if (message === null) return;
      JSON.parse(message.content.toString());
      channel.ack(message);
      if (++taken === count) done();
    });
  });
  const taken = taking(count);
  await publishers.close();
  await consumers.close();
  return [sent, taken];
}
