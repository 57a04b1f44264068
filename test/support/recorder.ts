/** Actors that write down what they get, for a test to read. */

import type { Actor, Message, Self } from 'beamish';

/** Takes everything, in order; exit signals too, as it traps them. */
export function* recorder(self: Self<Message>, log: Message[]): Actor {
  self.trapExit(true);
  for (;;) log.push(yield* self.receive());
}

/** Takes everything, in order, until an exit signal ends it. */
export function* mortal(self: Self<Message>, log: Message[]): Actor {
  for (;;) log.push(yield* self.receive());
}

/** Takes nothing, for ever. */
export function* idler(self: Self<Message>): Actor {
  yield* self.receive('$never' as never);
}

/** A message for tests of order. */
export interface Numbered extends Message {
  readonly tag: 'number';
  readonly n: number;
}

export function numbered(n: number): Numbered {
  return { tag: 'number', n };
}

export function plain(tag: string): Message {
  return { tag };
}
