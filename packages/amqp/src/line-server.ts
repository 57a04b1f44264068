/**
 * The actor of a connection: it has started when it is connected, and connects again when it is lost. Each
 * wait is twice the one before, give or take a half, so that those who lost it together do not come back together.
 */

import {
  type Actor,
  type Context,
  type Message,
  type Name,
  type Pid,
  type ServerSelf,
  server,
} from 'beamish';
import { reserveTags, seamsOf } from 'beamish/transport';
import type { Line } from './line.ts';
import type { Link } from './link.ts';
import type { LinkServer } from './link-server.ts';
import { codeOf } from './refusal.ts';

export interface LineOptions {
  readonly link: Name<LinkServer>;
  readonly which: 'publisher' | 'consumers';
  readonly backoff: { readonly firstMs: number; readonly maxMs: number };
  readonly startTimeoutMs: number;
  /** Who is told that there is a connection again. */
  readonly front: Name<Message>;
}

/** There is a connection again. */
export interface Up extends Message {
  /** A message of the engine's own. */
  readonly tag: '$up';
}

/** To itself. */
interface Heard extends Message {
  readonly tag: '$lost' | '$retry' | '$connected' | '$failed';
  readonly reason: string;
}

reserveTags('$up', '$lost', '$retry', '$connected', '$failed');
const UP: Up = Object.freeze({ tag: '$up' });
/** What trying again would not change. */
const HOPELESS = [403, 530];
const REFUSED = /ACCESS.REFUSED|NOT_ALLOWED|vhost|Expected ConnectionOpenOk/i;
const DISTRUSTED = /^(CERT_|ERR_TLS|ERR_SSL|SELF_SIGNED|DEPTH_ZERO|UNABLE_TO_)/;
/** How long an end in order waits for what is not confirmed. */
const LONGEST_DRAIN_MS = 3000;

export const lineServer = server(function* (self: ServerSelf<Heard>, options: LineOptions) {
  const { link } = yield* self.call(options.link, 'link');
  const { which, backoff, front } = options;
  const line: Line = link[which];
  self.defer(() => {
    link.losses[which] = () => {};
    line.close().catch(() => undefined);
  });
  const unlink = which === 'publisher' ? linkedToConsumers(self, front) : () => {};
  yield* firstConnected(self, link, line, options);
  unlink();
  self.trapExit(true);
  const hear = (tag: Heard['tag'], reason = ''): void =>
    self.send(self.pid as Pid<Heard>, { tag, reason });
  let ms = backoff.firstMs;
  const again = (reason: string): void => {
    const retryInMs = jittered(self, ms);
    ms = Math.min(ms * 2, backoff.maxMs);
    link.tell({ kind: 'disconnected', reason, retryInMs });
    self.sendAfter(retryInMs, self.pid as Pid<Heard>, { tag: '$retry', reason });
  };
  link.losses[which] = (reason) => hear('$lost', reason);
  // It may have been lost before anybody listened.
  if (!line.isUp) hear('$lost', 'the connection was closed');
  return {
    info: {
      $lost: ({ reason }: Heard) => again(reason),
      $retry() {
        line.connect().then(
          () => hear('$connected'),
          (error: Error) => hear('$failed', error.message),
        );
      },
      $connected() {
        // What has been lost since then is told behind this.
        if (!line.isUp) return;
        ms = backoff.firstMs;
        connected(self, link, which, front);
      },
      async $failed({ reason }: Heard) {
        await line.close();
        again(reason);
      },
    },
    *terminate() {
      if (which === 'publisher') yield* drained(self, link);
      yield* self.wait(line.close());
    },
  };
});

/**
 * For as long as somebody starts who needs the connection that consumes: while it does, their supervisor cannot
 * start that one again, and so it has to end with it. Returns how to be without it.
 */
export function linkedToConsumers(self: Context, front: Name<Message>): () => void {
  const consumers = `${front.name}/consumers`;
  const pid = self.whereis(consumers);
  if (pid === undefined) throw new Error(`Cannot start: there is no "${consumers}" any more`);
  self.link(pid);
  return () => self.unlink(pid);
}

function* firstConnected(
  self: ServerSelf<Heard>,
  link: Link,
  line: Line,
  { which, backoff, startTimeoutMs, front }: LineOptions,
): Actor {
  const until = self.now() + startTimeoutMs;
  for (let ms = backoff.firstMs; ; ms = Math.min(ms * 2, backoff.maxMs)) {
    try {
      yield* self.wait(line.connect());
      connected(self, link, which, front);
      return;
    } catch (error) {
      const reason = (error as Error).message;
      yield* self.wait(line.close());
      const retryInMs = jittered(self, ms);
      const attempt = `Cannot connect to ${link.place.shown}`;
      if (isHopeless(error)) throw new Error(`${attempt}: ${reason}`);
      if (self.now() + retryInMs > until)
        throw new Error(`${attempt} within ${startTimeoutMs} ms: ${reason}`);
      link.tell({ kind: 'disconnected', reason, retryInMs });
      yield* self.sleep(retryInMs);
    }
  }
}

/** Both have to be, for a program to be connected. */
function connected(
  self: ServerSelf<Heard>,
  link: Link,
  which: LineOptions['which'],
  front: Name<Message>,
): void {
  if (link.publisher.isUp && link.consumers.isUp) link.tell({ kind: 'connected' });
  if (which === 'consumers' && self.whereis(front) !== undefined) self.send(front, UP);
}

function isHopeless(error: unknown): boolean {
  const { code, message = '' } = (error ?? {}) as { code?: unknown; message?: string };
  return (
    HOPELESS.includes(codeOf(error) ?? 0) ||
    REFUSED.test(message) ||
    (typeof code === 'string' && DISTRUSTED.test(code))
  );
}

function jittered(self: ServerSelf<Heard>, ms: number): number {
  return Math.round(ms * (0.5 + seamsOf(self).random()));
}

/** What was published before the end is confirmed, if that is soon; what is left is the link's affair. */
function* drained(self: ServerSelf<Heard>, { outbox, publisher }: Link): Actor {
  if (publisher.isUp && !publisher.isBlocked)
    yield* self.wait(Promise.race([outbox.idle(), after(LONGEST_DRAIN_MS)]));
}

function after(ms: number): Promise<void> {
  return new Promise((over) => setTimeout(over, ms).unref());
}
