/**
 * The contract, on RabbitMQ: on a real clock, since it is somebody else's. Where `rabbitmq-server` is
 * installed, it is a node of the test's own, which may be stopped; else the one at `BEAMISH_AMQP`, without the
 * rows that break it. It takes minutes, so it is a long form, `BEAMISH_AMQP_CONTRACT=1`, and is skipped, by name,
 * in `npm test`.
 */

import { amqp } from '@beamish/amqp';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { isInstalled, type RabbitNode, startNode } from '../../support/rabbitmq-node.ts';
import { isThere, rabbitmq } from './broker.ts';
import { exchangeContract } from './contract.ts';
import { KEPT, NEEDS_A_NODE } from './kept-from.ts';
import { parts } from './parts.ts';

const isAsked = process.env['BEAMISH_AMQP_CONTRACT'] === '1';
let node: RabbitNode | undefined;

describe('amqp', () => {
  if (isAsked) {
    const kept = isInstalled ? KEPT.amqp : { ...KEPT.amqp, ...NEEDS_A_NODE };
    beforeAll(async () => {
      if (isInstalled) node = await startNode();
    }, 120_000);
    afterAll(async () => void (await node?.stop()), 60_000);
    test('RabbitMQ answers', async () => expect(isInstalled || (await isThere())).toBe(true));
    exchangeContract(
      rabbitmq(amqp, () => node),
      parts,
      kept,
    );
  } else {
    const { length } = Object.keys(parts);
    test.skipIf(true)(`BEAMISH_AMQP_CONTRACT is not set: its ${length} parts`, () => {});
  }
  test('an engine says which URLs are its own', () => {
    expect(amqp.schemes).toEqual(['amqp', 'amqps']);
  });
});
