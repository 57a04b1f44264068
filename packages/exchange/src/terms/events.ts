/** What happens to a broker, for whoever watches it, and for the log. */

import type { Caller, Message } from 'beamish';
import { report } from 'beamish/observation';
import type { Death } from './messages.ts';

declare module 'beamish' {
  interface SystemEvents {
    /** What happens to a broker; `BrokerEvent` of `@beamish/exchange`. */
    broker: BrokerEvent;
  }
}

/** What happens to a broker, for `watch`. Those that somebody should read are reports of beamish, too: logged at a limited rate. */
export type BrokerEvent = Message & { readonly tag: 'broker' } & (
    | { readonly kind: 'connected' | 'unblocked' | 'topology_declared' }
    | { readonly kind: 'disconnected'; readonly reason: string; readonly retryInMs: number }
    | { readonly kind: 'blocked'; readonly reason: string }
    /** `why`: what the schema or the codec said of what is `'invalid'`. */
    | {
        readonly kind: 'quarantined' | 'dropped';
        readonly queue: string;
        readonly reason: Death['reason'];
        readonly messageId: string;
        readonly why?: string;
      }
    /** Of what was emitted. `'invalid'`: its codec could not encode it, `why`. */
    | {
        readonly kind: 'unroutable' | 'rejected' | 'not_connected' | 'invalid';
        readonly exchange: string;
        readonly key: string;
        readonly messageId: string;
        readonly why?: string;
      }
    | { readonly kind: 'stale_settlement'; readonly queue: string; readonly number: number }
    /** After a reconnect: an exchange or a queue is there with other options, or may not be declared. */
    | { readonly kind: 'topology_refused'; readonly what: string; readonly reason: string }
    | { readonly kind: 'consumption_renewed'; readonly queue: string; readonly reason: string }
    | { readonly kind: 'journal_repaired'; readonly file: string; readonly bytesCut: number }
    | { readonly kind: 'journal_failed'; readonly file: string; readonly code: string }
    | { readonly kind: 'journal_recovered' }
  );

/** Tells the log and the event `broker` of the system that `by` is, or belongs to, if somebody should read it. */
export function reportEvent(by: Caller, broker: string, event: BrokerEvent): void {
  const line = lineOf(event);
  if (line === undefined) return;
  const { tag: _, ...facts } = event;
  report(
    by,
    { kind: 'broker', facts: { broker, ...facts }, text: `broker "${broker}": ${line}` },
    event,
  );
}

function lineOf(event: BrokerEvent): string | undefined {
  switch (event.kind) {
    case 'connected':
    case 'unblocked':
    case 'topology_declared':
      return undefined;
    case 'disconnected':
      return `disconnected (${event.reason}); next try in ${event.retryInMs} ms`;
    case 'blocked':
      return `blocked (${event.reason}): what is published waits`;
    case 'quarantined':
      return `a message of the queue "${event.queue}" is set aside (${event.reason}${because(event.why)}): ${event.messageId}`;
    case 'dropped':
      return `a message of the queue "${event.queue}" is dropped (${event.reason}): ${event.messageId}`;
    case 'unroutable':
    case 'rejected':
    case 'not_connected':
    case 'invalid':
      return `a message to ${event.exchange === '' ? `the queue "${event.key}"` : `the exchange "${event.exchange}" with key "${event.key}"`} is lost (${event.kind}${because(event.why)}): ${event.messageId}`;
    case 'stale_settlement':
      return `a delivery of the queue "${event.queue}" was settled twice or too late: ${event.number}`;
    case 'consumption_renewed':
      return `the queue "${event.queue}" is consumed anew (${event.reason})`;
    case 'topology_refused':
      return `"${event.what}" could not be declared again: ${event.reason}`;
    case 'journal_repaired':
      return `the unfinished end of ${event.file} is cut: ${event.bytesCut} bytes`;
    case 'journal_failed':
      return `cannot write ${event.file} (${event.code}): what is durable is rejected`;
    case 'journal_recovered':
      return 'what is durable is written again';
  }
}

function because(why: string | undefined): string {
  return why === undefined ? '' : `: ${why}`;
}
