// The server as the one who crunches: frames come as server-sent events, files go as the bodies of requests.

import type { Frame } from '../src/services/page/frame.ts';
import type { Link, Sent, Source } from './source.ts';

const FIRST_RETRY_MS = 500;
const LAST_RETRY_MS = 5000;
/** It tells four times a second; who hears nothing for so long has lost it. */
const SILENCE_MS = 3000;
const BUSY_MS = 1000;

export class Server implements Source {
  #events: EventSource | undefined;
  #isClosed = false;
  #retryMs = FIRST_RETRY_MS;
  #silence: ReturnType<typeof setTimeout> | undefined;
  #retry: ReturnType<typeof setTimeout> | undefined;
  #heardAt = Date.now();
  #tell: Parameters<Source['open']>[0] | undefined;

  open(tell: { frame(frame: Frame): void; link(link: Link): void }): void {
    this.#tell = tell;
    tell.link({ kind: 'connecting' });
    this.#connect();
  }

  async send(id: string, name: string, data: Blob, signal: AbortSignal): Promise<Sent> {
    for (;;) {
      let response: Response;
      try {
        response = await fetch(`api/files/${id}?name=${encodeURIComponent(name)}`, {
          method: 'POST',
          headers: { 'Content-Type': 'application/octet-stream' },
          body: data,
          signal,
        });
      } catch {
        if (signal.aborted) return { kind: 'cancelled' };
        return { kind: 'failed', why: 'The server cannot be reached: give it again' };
      }
      const { work, error } = (await response.json().catch(() => ({}))) as {
        work?: string;
        error?: string;
      };
      if (response.ok && work !== undefined) return { kind: 'taken', work };
      // Others are uploading as well: it is this one's turn in a moment.
      if (response.status !== 429)
        return { kind: 'failed', why: error ?? `The server says ${response.status}` };
      await new Promise((resolve) => setTimeout(resolve, BUSY_MS));
      if (signal.aborted) return { kind: 'cancelled' };
    }
  }

  async cancel(id: string): Promise<void> {
    await fetch(`api/cancel/${id}`, { method: 'POST' }).catch(() => {});
  }

  crash(cruncher: string): Promise<string | undefined> {
    return asked(`api/crash/${cruncher}`);
  }

  notify(name: string, what: 'start' | 'stop'): Promise<string | undefined> {
    return asked(`api/notifiers/${encodeURIComponent(name)}/${what}`);
  }

  close(): void {
    this.#isClosed = true;
    this.#events?.close();
    clearTimeout(this.#silence);
    clearTimeout(this.#retry);
  }

  #connect(): void {
    const events = new EventSource('api/events');
    this.#events = events;
    events.onmessage = ({ data }) => {
      this.#heardAt = Date.now();
      this.#retryMs = FIRST_RETRY_MS;
      this.#watch();
      this.#tell?.link({ kind: 'live' });
      this.#tell?.frame(JSON.parse(data) as Frame);
    };
    events.onerror = () => this.#lost();
    this.#watch();
  }

  #watch(): void {
    clearTimeout(this.#silence);
    this.#silence = setTimeout(() => this.#lost(), SILENCE_MS);
  }

  /** A browser gives up where the answer is an error; this one does not. */
  #lost(): void {
    if (this.#isClosed) return;
    this.#events?.close();
    clearTimeout(this.#silence);
    clearTimeout(this.#retry);
    this.#tell?.link({ kind: 'lost', since: this.#heardAt });
    this.#retry = setTimeout(() => this.#connect(), this.#retryMs);
    this.#retryMs = Math.min(this.#retryMs * 2, LAST_RETRY_MS);
  }
}

/** What is in the way, if anything is. */
async function asked(path: string): Promise<string | undefined> {
  try {
    const response = await fetch(path, { method: 'POST' });
    if (response.ok) return undefined;
    return ((await response.json()) as { error: string }).error;
  } catch {
    return 'The server cannot be reached';
  }
}
