/** What of a journal is still wanted, for its compaction. */

import type { Entry, Position } from '@beamish/journal';
import { decodeHead, type Head } from './records.ts';
import { bindingKey, type Replay } from './replay.ts';

export function isLive(model: Replay, { at, bytes }: Entry): boolean {
  const head = decodeHead(bytes);
  switch (head.is) {
    // What is said of a message is wanted as long as that is in some queue: it may be copied behind this.
    case 'settled':
      return head.of.some(([, ids]) => ids.some((id) => model.messages.has(id)));
    case 'crashed':
      return model.messages.has(head.id);
    default:
      return standing(model, head)?.at === at;
  }
}

/** It was copied there. */
export function moved(model: Replay, { bytes }: Entry, to: Position): void {
  const its = standing(model, decodeHead(bytes));
  if (its !== undefined) its.at = to;
}

/** What knows where the entry is that says so now. */
function standing(model: Replay, head: Head): { at: Position } | undefined {
  switch (head.is) {
    case 'exchange':
      return model.exchanges.get(head.exchange);
    case 'queue':
      return model.queues.get(head.queue);
    case 'binding':
      return model.bindings.get(bindingKey(head));
    case 'message':
      return model.messages.get(head.id);
    case 'mark':
      return model.marks.get(head.queue);
    default:
      return undefined;
  }
}
