/** The actor of an exchange: it encodes what is published, and puts it in the outbox. */

import type { Publish, PublishReply } from '@beamish/exchange/engine';
import type { Actor, Address, Self } from 'beamish';
import type { Link } from './link.ts';
import { contentOf, propertiesOf } from './wire-message.ts';

export function* exchangeActor(self: Self<Publish>, link: Link, exchange: string): Actor {
  for (;;) publish(self, link, exchange, (yield* self.receive()) as Publish);
}

function publish(self: Self<Publish>, link: Link, exchange: string, its: Publish): void {
  const { message, options, key, asks, replyTo } = its;
  const codec = link.declared.codecOf(exchange, key);
  const messageId = options?.properties?.messageId ?? link.nextMessageId();
  try {
    const content = contentOf(codec, message);
    const properties = propertiesOf(options, messageId, codec.contentType);
    const isRequest = asks && replyTo !== undefined;
    link.outbox.publish({
      exchange,
      key,
      content,
      properties: isRequest ? { ...properties, ...link.requests.add(replyTo) } : properties,
      messageId,
      isMandatory: options?.mandatory !== false,
      asks: isRequest,
      waits: replyTo !== undefined,
      replyTo,
    });
  } catch (thrown) {
    // The message is not one that its codec takes: the publisher's mistake.
    const error = thrown instanceof Error ? thrown : new TypeError(String(thrown));
    if (replyTo !== undefined)
      self.send(replyTo as Address<PublishReply>, { tag: '$not_encoded', error });
    else link.tell({ kind: 'invalid', exchange, key, messageId, why: error.message });
  }
}
