/** The connection to the program: one stream down, three requests up. It comes again by itself. */

import type { Store } from './store.ts';

const RETRY_MS = 1000;
/** Without a frame for so long, nobody answers. */
const SILENT_MS = 1500;
/** In a tab that nobody sees, after a while. */
const HIDDEN_AFTER_MS = 60_000;
const HIDDEN_MS = 5000;

export class Link {
  readonly #store: Store;
  readonly #changed: () => void;
  #source: EventSource | undefined;
  #asked = 0;
  #frameMs = 100;
  #hiding: number | undefined;

  constructor(store: Store, changed: () => void) {
    this.#store = store;
    this.#changed = changed;
    document.addEventListener('visibilitychange', () => this.#seen());
    setInterval(() => this.#listen(), 250);
  }

  open(): void {
    this.#source?.close();
    const source = new EventSource('/events');
    this.#source = source;
    source.onmessage = ({ data }) => {
      const told = JSON.parse(data as string);
      this.#store.take(told);
      if (told.kind === 'hello') this.watch();
      if (told.kind === 'end') source.close();
      this.#changed();
    };
    source.onerror = () => {
      source.close();
      if (this.#source !== source) return;
      void this.#again();
    };
  }

  /** Says what is looked at. */
  watch(): void {
    void this.#post('/api/watch', { views: this.#store.watched(), frameMs: this.#frameMs });
  }

  ask(actor: string, state = false): void {
    void this.#post('/api/ask', { ask: ++this.#asked, actor, state });
  }

  async act(action: object): Promise<{ readonly ok: boolean; readonly reason?: string }> {
    const response = await this.#post('/api/act', { ask: ++this.#asked, action });
    if (response === undefined) return { ok: false, reason: 'noconnection' };
    return (await response.json()) as { ok: boolean; reason?: string };
  }

  seek(to: number): void {
    void this.#post('/api/seek', { to });
  }

  async #post(path: string, body: object): Promise<Response | undefined> {
    if (this.#store.client === '') return undefined;
    try {
      return await fetch(path, {
        method: 'POST',
        headers: { 'Content-Type': 'application/json' },
        body: JSON.stringify({ client: this.#store.client, ...body }),
      });
    } catch {
      // The program is gone: the stream tells of that.
      return undefined;
    }
  }

  /** Why it broke is asked first: a stream says nothing of it. */
  async #again(): Promise<void> {
    const store = this.#store;
    try {
      const { status } = await fetch('/app.css', { method: 'GET', cache: 'no-store' });
      if (status === 401 || status === 403 || status === 429) {
        store.link = 'refused';
        store.why =
          'This page has no token, or an old one. Open the link that the program printed when it began to serve.';
      } else if (store.link !== 'ended') {
        store.link = 'silent';
      }
    } catch {
      if (store.link !== 'ended') store.link = 'silent';
    }
    this.#changed();
    setTimeout(() => this.open(), RETRY_MS);
  }

  #listen(): void {
    const store = this.#store;
    const ms = performance.now() - store.heardAt;
    const patience = Math.max(SILENT_MS, 2 * this.#frameMs, 3 * store.nextMs);
    if (store.link === 'live' && ms > patience && store.recorded === undefined) {
      store.link = 'silent';
      this.#changed();
    } else if (store.link === 'silent' && ms < SILENT_MS) {
      store.link = 'live';
      this.#changed();
    } else if (store.link === 'ended' && this.#source?.readyState === EventSource.CLOSED) {
      this.#source = undefined;
      setTimeout(() => this.open(), RETRY_MS);
    }
  }

  #seen(): void {
    clearTimeout(this.#hiding);
    const pace = (ms: number) => {
      if (ms === this.#frameMs) return;
      this.#frameMs = ms;
      this.watch();
    };
    if (document.visibilityState === 'visible') pace(100);
    else this.#hiding = setTimeout(() => pace(HIDDEN_MS), HIDDEN_AFTER_MS) as unknown as number;
  }
}
