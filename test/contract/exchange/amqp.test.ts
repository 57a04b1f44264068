/**
 * The contract, on RabbitMQ: on a real clock, since it is somebody else's, with queues of the test's own
 * that are deleted after each row. Without a broker on this machine it is skipped, by name.
 */

import { amqp } from '@beamish/amqp';
import { describe, expect, test } from 'vitest';
import { isThere, rabbitmq } from './broker.ts';
import { exchangeContract } from './contract.ts';
import { parts } from './parts.ts';

const isReached = await isThere();
const isRequired = process.env['BEAMISH_REQUIRE_SERVICES'] === '1';

describe('amqp', () => {
  if (isReached || isRequired) exchangeContract(rabbitmq(amqp), parts);
  else
    test.skipIf(true)(`RabbitMQ does not answer: its ${Object.keys(parts).length} parts`, () => {});
  test('an engine says which URLs are its own', () => {
    expect(amqp.schemes).toEqual(['amqp', 'amqps']);
  });
});
