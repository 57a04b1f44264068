/**
 * The contract, on RabbitMQ: on a real clock, since it is somebody else's, with queues of the test's own
 * that are deleted after each row. A broker says nothing of what has not happened yet, so some rows wait
 * for a time that a busy machine may exceed: the whole is a long form, `BEAMISH_AMQP_CONTRACT=1`, and is
 * skipped, by name, in `npm test`.
 */

import { amqp } from '@beamish/amqp';
import { describe, expect, test } from 'vitest';
import { isThere, rabbitmq } from './broker.ts';
import { exchangeContract } from './contract.ts';
import { parts } from './parts.ts';

const isAsked = process.env['BEAMISH_AMQP_CONTRACT'] === '1';
const isReached = isAsked && (await isThere());

describe('amqp', () => {
  if (isAsked) {
    test('RabbitMQ answers', () => expect(isReached).toBe(true));
    exchangeContract(rabbitmq(amqp), parts);
  } else {
    const { length } = Object.keys(parts);
    test.skipIf(true)(`BEAMISH_AMQP_CONTRACT is not set: its ${length} parts`, () => {});
  }
  test('an engine says which URLs are its own', () => {
    expect(amqp.schemes).toEqual(['amqp', 'amqps']);
  });
});
