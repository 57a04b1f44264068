/** The actor that owns the link: it connects, and connects again. */

import {
  type Actor,
  type Message,
  type MessageOf,
  type Name,
  type ServerSelf,
  server,
} from 'beamish';
import { reserveTags, seamsOf } from 'beamish/transport';
import { Link, type LinkOptions, type Lost } from './link.ts';
import { codeOf } from './refusal.ts';

export interface Backoff {
  readonly firstMs: number;
  readonly maxMs: number;
}

/** The answer to who asks for the link. */
export interface HasLink {
  readonly tag: '$link';
  readonly link: Link;
}

/** There is a connection again. */
export interface Up extends Message {
  readonly tag: '$up';
}

reserveTags('$link', '$lost', '$up');
const UP: Up = Object.freeze({ tag: '$up' });
/** What trying again would not change. */
const HOPELESS = [403, 530];
const REFUSED = /ACCESS.REFUSED|NOT_ALLOWED|vhost/i;

export const linkServer = server(function* (
  self: ServerSelf<Lost>,
  options: LinkOptions,
  backoff: Backoff,
  front: Name<Message>,
) {
  const { incarnation, serial } = self.pid;
  const prefix = `${incarnation.toString(36)}-${serial.toString(36)}.`;
  const link = new Link(self as never, options, prefix);
  self.trapExit(true);
  self.defer(() => {
    link.close().catch(() => undefined);
  });
  yield* connected(self, link, backoff, true);
  return {
    call: { link: (): HasLink => ({ tag: '$link', link }) },
    info: {
      *$lost({ generation, reason }: Lost) {
        if (generation !== link.generation) return;
        link.tell({ kind: 'disconnected', reason, retryInMs: backoff.firstMs });
        yield* self.wait(link.close());
        yield* self.sleep(backoff.firstMs);
        yield* connected(self, link, backoff, false);
        if (self.whereis(front) !== undefined) self.send(front, UP);
      },
    },
    *terminate() {
      yield* self.wait(link.close());
    },
  };
});

/** Tries until it holds: each wait is twice the one before, give or take a half. */
function* connected(
  self: ServerSelf<Lost>,
  link: Link,
  { firstMs, maxMs }: Backoff,
  isFirst: boolean,
): Actor {
  const { random } = seamsOf(self);
  for (let ms = firstMs; ; ms = Math.min(ms * 2, maxMs)) {
    try {
      yield* self.wait(link.connect());
      link.tell({ kind: 'connected' });
      return;
    } catch (error) {
      const reason = (error as Error).message;
      yield* self.wait(link.close());
      if (isFirst && (HOPELESS.includes(codeOf(error) ?? 0) || REFUSED.test(reason)))
        throw new Error(`Cannot connect to ${link.shown}: ${reason}`);
      const retryInMs = Math.round(ms * (0.5 + random()));
      link.tell({ kind: 'disconnected', reason, retryInMs });
      yield* self.sleep(retryInMs);
    }
  }
}

export type LinkServer = MessageOf<typeof linkServer>;
