/**
 * The contract, on RabbitMQ: on a real clock, since it is somebody else's, with queues of the test's own
 * that are deleted after each row. Without a broker on this machine it is skipped, by name.
 */

import { connect } from 'node:net';
import { amqp } from '@beamish/amqp';
import { describe, expect, test } from 'vitest';
import { rabbitmq, URL_OF_BROKER } from './broker.ts';
import { exchangeContract } from './contract.ts';
import { parts } from './parts.ts';

const isThere = await new Promise<boolean>((answer) => {
  const { hostname, port } = new URL(URL_OF_BROKER);
  const socket = connect(Number(port || 5672), hostname);
  socket.on('connect', () => {
    socket.destroy();
    answer(true);
  });
  socket.on('error', () => answer(false));
});
const isRequired = process.env['BEAMISH_REQUIRE_SERVICES'] === '1';

describe('amqp', () => {
  if (isThere || isRequired) exchangeContract(rabbitmq(amqp), parts);
  else test.skipIf(true)(`RabbitMQ does not answer: its ${Object.keys(parts).length} parts`, () => {});
  test('an engine says which URLs are its own', () => {
    expect(amqp.schemes).toEqual(['amqp', 'amqps']);
  });
});
