/** RabbitMQ as a host of the contract. */

import { connect as connectSocket } from 'node:net';
import { setTimeout } from 'node:timers/promises';
import type { Declarable, Engine as ExchangeEngine } from '@beamish/exchange';
import { type ChannelModel, connect } from 'amqplib';
import { ActorSystem } from 'beamish';
import type { Engine, Host } from './contract.ts';

export const URL_OF_BROKER = process.env['BEAMISH_AMQP'] ?? 'amqp://guest:guest@127.0.0.1:5672/';

/** What is under way on this machine has arrived within it; where more may have to come, `eventually` waits. */
const QUIET_MS = 20;
const CHECK_MS = 10;
const LONGEST_MS = 5000;

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

export function rabbitmq(engine: ExchangeEngine): Engine {
  return { name: 'amqp', seeds: [1], open: async () => hostOf(engine) };
}

function hostOf(engine: ExchangeEngine): Host {
  const system = new ActorSystem({ log: 'off' });
  const declared: Declarable[] = [];
  return {
    system,
    options: { url: URL_OF_BROKER, engines: [engine] },
    declares(token) {
      declared.push(token);
      return token;
    },
    settle: async () => void (await setTimeout(QUIET_MS)),
    pass: async (ms) => void (await setTimeout(ms)),
    async eventually(check) {
      const until = performance.now() + LONGEST_MS;
      for (;;) {
        try {
          return check();
        } catch (error) {
          if (performance.now() > until) throw error;
        }
        await setTimeout(CHECK_MS);
      }
    },
    crashQueue: async () => {
      throw new Error('There are no actors of queues: the connection is to be lost');
    },
    close: () => forget(declared),
  };
}

/** Nothing of a test stays on the broker. */
async function forget(declared: readonly Declarable[]): Promise<void> {
  const connection = await connect(URL_OF_BROKER);
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
