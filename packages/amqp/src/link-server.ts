/** The actor that owns the link, so that it outlives the actors of the connections. */

import { type MessageOf, type ServerSelf, server } from 'beamish';
import { reserveTags } from 'beamish/transport';
import { Link, type LinkOptions } from './link.ts';

/** The answer to who asks for the link. */
export interface HasLink {
  /** A message of the engine's own. */
  readonly tag: '$link';
  /** Shared by all in this thread. */
  readonly link: Link;
}

reserveTags('$link');

export const linkServer = server(function* (
  self: ServerSelf,
  options: LinkOptions,
  broker: string,
) {
  const { incarnation, serial } = self.pid;
  const prefix = `${incarnation.toString(36)}-${serial.toString(36)}.`;
  const link = new Link(self as never, options, broker, prefix);
  self.trapExit(true);
  return {
    call: { link: (): HasLink => ({ tag: '$link', link }) },
    // The connections have ended before it: nobody will send what is left.
    terminate: () => link.outbox.giveUp(),
  };
});

/** What the server of the link takes: `call(name, 'link')`. */
export type LinkServer = MessageOf<typeof linkServer>;
