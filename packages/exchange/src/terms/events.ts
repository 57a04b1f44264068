/** What happens to a broker, for whoever watches it. */

import type { Message } from 'beamish';
import type { Death } from './messages.ts';

/** What happens to a broker, for `watch`. */
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
    | { readonly kind: 'consumption_renewed'; readonly queue: string; readonly reason: string }
    | { readonly kind: 'journal_repaired'; readonly file: string; readonly bytesCut: number }
    | { readonly kind: 'journal_failed'; readonly file: string; readonly code: string }
    | { readonly kind: 'journal_recovered' }
  );
