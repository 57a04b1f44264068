/** What is not confirmed, on channels that confirm, return, refuse and close as RabbitMQ's do. */

import { EventEmitter } from 'node:events';
import type { ConfirmChannel } from 'amqplib';
import { beforeEach, describe, expect, test } from 'vitest';
import { type Letter, Outbox, type Outcome } from '../../packages/amqp/src/outbox.ts';

/** A channel that notes what is published on it. */
class Channel extends EventEmitter {
  readonly sent: string[] = [];
  isClosed = false;

  publish(_exchange: string, key: string): boolean {
    if (this.isClosed)
      throw Object.assign(new Error('Channel closed'), { name: 'IllegalOperationError' });
    if (key === 'unsayable') throw new TypeError('It cannot be encoded');
    this.sent.push(key);
    return true;
  }

  ack(deliveryTag: number, multiple = false): void {
    this.emit('ack', { deliveryTag, multiple });
  }

  nack(deliveryTag: number, multiple = false): void {
    this.emit('nack', { deliveryTag, multiple });
  }
}

describe('the outbox', () => {
  let outcomes: [key: string, outcome: string][];
  let outbox: Outbox;
  let channel: Channel;

  function show(outcome: Outcome): string {
    if ('error' in outcome) return outcome.error.message;
    return 'failed' in outcome ? outcome.failed : String(outcome.queues);
  }

  function open(): Channel {
    const made = new Channel();
    outbox.open(made as unknown as ConfirmChannel);
    return made;
  }

  function publish(key: string, options: Partial<Letter> = {}): void {
    outbox.publish({
      exchange: 'x',
      key,
      content: Buffer.from(key),
      properties: {},
      messageId: key,
      isMandatory: true,
      asks: false,
      waits: true,
      replyTo: undefined,
      ...options,
    });
  }

  beforeEach(() => {
    outcomes = [];
    outbox = new Outbox(4, (letter, outcome) => outcomes.push([letter.key, show(outcome)]));
    channel = open();
  });

  test('confirms come in any order, and one may be of many', () => {
    for (const key of ['a', 'b', 'c', 'd']) publish(key);
    channel.ack(3);
    channel.ack(2, true);
    channel.nack(4);
    expect(outcomes).toEqual([
      ['c', '1'],
      ['a', '1'],
      ['b', '1'],
      ['d', 'rejected'],
    ]);
    expect(outbox.size).toBe(0);
  });

  test('what came back before its confirm was unroutable, and an answer if it was not mandatory', () => {
    publish('a');
    publish('b', { isMandatory: false, messageId: 'same' });
    publish('c', { messageId: 'same' });
    for (const messageId of ['same', 'a', 'same'])
      channel.emit('return', { properties: { messageId } });
    channel.ack(3, true);
    expect(outcomes).toEqual([
      ['a', 'unroutable'],
      ['b', '0'],
      ['c', 'unroutable'],
    ]);
  });

  test('above its limit, who waits waits, and who does not is told', () => {
    for (const key of ['a', 'b', 'c', 'd', 'e']) publish(key);
    publish('emitted', { waits: false });
    expect(outcomes).toEqual([['emitted', 'not_connected']]);
    expect(channel.sent).toEqual(['a', 'b', 'c', 'd']);
    channel.ack(1);
    expect(channel.sent).toEqual(['a', 'b', 'c', 'd', 'e']);
  });

  test('on the next channel what is not confirmed is sent again first, in order, and says so', () => {
    for (const key of ['a', 'b', 'c']) publish(key);
    channel.ack(2);
    outbox.close();
    publish('d');
    const next = open();
    expect(next.sent).toEqual(['a', 'c', 'd']);
    // What the old one says is of other messages.
    channel.ack(1);
    next.ack(3, true);
    expect(outcomes.map(([key]) => key)).toEqual(['b', 'a', 'c', 'd']);
  });

  test('a channel that has just closed loses nothing', () => {
    channel.isClosed = true;
    publish('a');
    expect(outcomes).toEqual([]);
    outbox.close();
    expect(open().sent).toEqual(['a']);
  });

  test('while the broker takes nothing, nothing is sent', () => {
    outbox.block(true);
    publish('a');
    expect(channel.sent).toEqual([]);
    outbox.block(false);
    expect(channel.sent).toEqual(['a']);
  });

  test('of those that closed a channel the one is found that does, and the others arrive', () => {
    for (const key of ['a', 'bad', 'c']) publish(key);
    outbox.suspect();
    outbox.close();
    const second = open();
    expect(second.sent).toEqual(['a']);
    second.ack(1);
    expect(second.sent).toEqual(['a', 'bad']);
    outbox.suspect();
    outbox.close();
    const third = open();
    expect(third.sent).toEqual(['c']);
    third.ack(1);
    expect(outcomes).toEqual([
      ['a', '1'],
      ['bad', 'rejected'],
      ['c', '1'],
    ]);
    publish('d');
    publish('e');
    expect(third.sent).toEqual(['c', 'd', 'e']);
  });

  test('what cannot be said on the wire is the publisher’s mistake, and takes no place', () => {
    publish('unsayable');
    publish('a');
    channel.ack(1);
    expect(outcomes).toEqual([
      ['unsayable', 'It cannot be encoded'],
      ['a', '1'],
    ]);
  });

  test('when nobody will send it any more, who waits is told', async () => {
    for (const key of ['a', 'b', 'c', 'd', 'e']) publish(key);
    const idle = outbox.idle();
    outbox.giveUp();
    await idle;
    expect(outcomes.map(([key, outcome]) => `${key} ${outcome}`)).toEqual(
      ['a', 'b', 'c', 'd', 'e'].map((key) => `${key} not_connected`),
    );
    expect(outbox.size).toBe(0);
  });
});
