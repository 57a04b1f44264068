/** RabbitMQ as a host of the contract. */

import { connect as connectSocket } from 'node:net';
import { setTimeout } from 'node:timers/promises';
import { type Declarable, type Engine as ExchangeEngine, inspect } from '@beamish/exchange';
import { type ChannelModel, connect } from 'amqplib';
import { ActorSystem } from 'beamish';
import type { RabbitNode } from '../../support/rabbitmq-node.ts';
import type { Engine, Host } from './contract.ts';

export const URL_OF_BROKER = process.env['BEAMISH_AMQP'] ?? 'amqp://guest:guest@127.0.0.1:5672/';

const CHECK_MS = 10;
const LONGEST_MS = 10_000;

/** Whether somebody listens there. */
export function isThere(): Promise<boolean> {
  const { hostname, port } = new URL(URL_OF_BROKER);
  return new Promise((answer) => {
    const socket = connectSocket(Number(port || 5672), hostname);
    socket.on('connect', () => {
      socket.destroy();
      answer(true);
    });
    socket.on('error', () => answer(false));
  });
}

/** With a node of its own, which may be stopped and whose connections may be closed; without, by the URL. */
export function rabbitmq(engine: ExchangeEngine, node: () => RabbitNode | undefined): Engine {
  return { name: 'amqp', seeds: [1], open: async () => hostOf(engine, node()) };
}

function hostOf(
  engine: ExchangeEngine,
  node: RabbitNode | undefined,
  declared: Declarable[] = [],
): Host {
  const system = new ActorSystem({ log: 'off' });
  const url = node?.url ?? URL_OF_BROKER;
  const needed = (): RabbitNode => {
    if (node === undefined) throw new Error('It needs a RabbitMQ of its own');
    return node;
  };
  return {
    system,
    options: { url, engines: [engine] },
    declares(token) {
      declared.push(token);
      return token;
    },
    isUntold: true,
    isBehind: true,
    settle: () => settled(system, declared),
    pass: async (ms) => void (await setTimeout(ms)),
    async eventually(check) {
      const until = performance.now() + LONGEST_MS;
      for (;;) {
        try {
          return await check();
        } catch (error) {
          if (performance.now() > until) throw error;
        }
        await setTimeout(CHECK_MS);
      }
    },
    async crashQueue() {
      await needed().closeConnections();
    },
    async killed(laterMs = 0) {
      await needed().stopApp();
      // Nothing of it reaches RabbitMQ any more.
      await system.shutdown();
      await setTimeout(laterMs);
      await needed().startApp();
      return hostOf(engine, node, declared);
    },
    close: () => forget(url, declared),
  };
}

/**
 * What was asked of RabbitMQ has come about, and what follows is here. Each queue is looked at twice: the
 * first look is behind all that was sent, the second behind what that set off; and both take as long as
 * RabbitMQ takes on a busy machine.
 */
async function settled(system: ActorSystem, declared: readonly Declarable[]): Promise<void> {
  for (let round = 0; round < 2; round++) {
    await setTimeout(CHECK_MS);
    const looks = declared.flatMap((token) =>
      // To look at one is to use it.
      'queue' in token && token.options.ttl?.queueMs === undefined
        ? [Promise.resolve(inspect(system, token)).catch(() => undefined)]
        : [],
    );
    await Promise.all(looks);
  }
}

/** Nothing of a test stays on the broker. */
async function forget(url: string, declared: readonly Declarable[]): Promise<void> {
  const connection = await connect(url);
  for (const token of declared) {
    if ('exchange' in token) await quietly(connection, (ch) => ch.deleteExchange(token.exchange));
    else
      for (const queue of [token.queue, `${token.queue}.quarantine`])
        await quietly(connection, (ch) => ch.deleteQueue(queue));
  }
  await connection.close();
}

type Channel = Awaited<ReturnType<ChannelModel['createChannel']>>;

/** It may be another connection's, which goes with it. */
async function quietly(
  connection: ChannelModel,
  does: (channel: Channel) => Promise<unknown>,
): Promise<void> {
  const channel = await connection.createChannel();
  channel.on('error', () => {});
  try {
    await does(channel);
    await channel.close();
  } catch (error) {
    if (typeof (error as { code?: unknown }).code !== 'number') throw error;
  }
}
