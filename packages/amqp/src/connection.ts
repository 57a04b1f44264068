/** One connection, on which nothing is said before somebody listens: an event without a listener would end the process. */

import { type ChannelModel, connect, type SocketOptions } from 'amqplib';
import type { Place } from './place.ts';

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

/** It may be closed already, or closing. */
export async function closeConnection(connection: ChannelModel): Promise<void> {
  try {
    await connection.close();
  } catch (error) {
    if ((error as Error).name !== 'IllegalOperationError') throw error;
  }
}
