/** One connection, on which nothing is said before somebody listens: an event without a listener would end the process. */

import { type Channel, type ChannelModel, connect, type SocketOptions } from 'amqplib';
import type { Place } from './place.ts';
import { isLoss } from './refusal.ts';

export interface ConnectionEvents {
  /** Once, however it ended. */
  lost(reason: string): void;
  blocked(reason: string): void;
  unblocked(): void;
}

export async function openConnection(
  place: Place,
  name: string,
  tls: object,
  events: ConnectionEvents,
): Promise<ChannelModel> {
  const options = { ...tls, noDelay: true, clientProperties: { connection_name: name } };
  const connection = await connect(place.connect, options as SocketOptions);
  let reason = 'the connection was closed';
  connection.on('error', (error: Error) => {
    reason = error.message;
  });
  connection.on('close', () => events.lost(reason));
  connection.on('blocked', (why: string) => events.blocked(String(why)));
  connection.on('unblocked', () => events.unblocked());
  return connection;
}

/** A peer that does not answer is left alone after it. */
const LONGEST_CLOSE_MS = 1000;

/** It may be closed already, or be lost meanwhile: then the client tells of its end, but never answers. */
export async function close(it: ChannelModel | Channel): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const ended = new Promise<void>((end) => {
    it.on('close', () => end());
    timer = setTimeout(end, LONGEST_CLOSE_MS);
  });
  try {
    await Promise.race([it.close(), ended]);
  } catch (error) {
    if (!isLoss(error)) throw error;
  } finally {
    clearTimeout(timer);
  }
}
