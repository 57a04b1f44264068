// Who crunches: the server, or this browser. The page does not care.

import type { Frame } from '../src/services/page/frame.ts';

/** What became of something that was given. */
export type Sent =
  | { readonly kind: 'taken'; readonly work: string }
  | { readonly kind: 'cancelled' }
  | { readonly kind: 'failed'; readonly why: string };

/** Whether the page knows what is going on. */
export type Link =
  | { readonly kind: 'connecting' }
  | { readonly kind: 'live' }
  | { readonly kind: 'lost'; readonly since: number }
  | { readonly kind: 'failed'; readonly why: string };

export interface Source {
  /** Starts; tells of everything from now on. */
  open(tell: { frame(frame: Frame): void; link(link: Link): void }): void;
  send(id: string, name: string, data: Blob, signal: AbortSignal): Promise<Sent>;
  cancel(id: string): Promise<void>;
  crash(cruncher: string): Promise<string | undefined>;
  /** Starts or stops who sends the notices for a name. Resolves with what is in the way, if anything is. */
  notify(name: string, what: 'start' | 'stop'): Promise<string | undefined>;
  close(): void;
}
