/**
 * Those who look: each is told what changed since it was told last. Nothing waits for one that is slow: as
 * long as its socket has not taken the last frame, it gets none, and then a full one; and it is closed when it
 * takes nothing for too long. So one costs others nothing, and the program no memory.
 */

import type { ServerResponse } from 'node:http';
import { programInfo } from '../observing/program.ts';
import { spentSince, spentSoFar } from '../station/spent.ts';
import type { Happening } from '../terms/happening.ts';
import { toPlain } from '../terms/plain.ts';
import { PROTOCOL, type SystemFrame, type WatchedView } from '../terms/wire.ts';
import { rowsOfViews } from '../views/sequence.ts';
import type { PageSource } from './source.ts';

const STUCK_MS = 2000;
const MESSAGES_MS = 250;
const PANELS_MS = 1000;
/** For who does not look at them, but at whether there are any. */
const TITLES_MS = 5000;
const REPORTS_MS = 500;
const MOST_HAPPENED = 200;
/** Actors of a frame in one envelope. */
const MOST_ROWS = 4000;
export const FRAME_MS = 100;

export class Client {
  readonly id: string;
  /** Who it is, for what it does to be told of. */
  readonly by: string;
  views: ReadonlySet<WatchedView> = new Set(['actors']);
  frameMs = FRAME_MS;
  needsFull = true;
  missed = 0;
  readonly #response: ServerResponse;
  /** Since when its socket has taken nothing; undefined if nothing waits. */
  waitsSince: number | undefined;
  frameAt = 0;
  reportsAt = 0;

  constructor(id: string, by: string, response: ServerResponse) {
    this.id = id;
    this.by = by;
    this.#response = response;
  }

  /** Whether it has taken all that it was told. */
  get isReady(): boolean {
    return this.waitsSince === undefined;
  }

  write(text: string): void {
    if (this.#response.destroyed) return;
    this.waitsSince ??= performance.now();
    // The last one counts: what was written before has left by then.
    this.#response.write(text, () => {
      if (!this.#response.writableNeedDrain && this.#response.writableLength === 0)
        this.waitsSince = undefined;
    });
  }

  close(last?: string): void {
    if (last !== undefined && this.isReady && !this.#response.destroyed) this.#response.end(last);
    else this.#response.destroy();
    // Whoever does not take the end either must not keep the program.
    this.#response.socket?.unref();
  }
}

export class Clients {
  readonly all = new Set<Client>();
  readonly #source: PageSource;
  readonly #failed: (error: unknown) => void;
  #leave: (() => void) | undefined;
  #looksAt = '';
  #frames: SystemFrame[] = [];
  #happened: Happening[] = [];
  #seq = 0;
  #messagesAt = 0;
  #panelsAt = 0;
  #reportsChangedAt = 1;
  #busy = false;

  constructor(source: PageSource, failed: (error: unknown) => void) {
    this.#source = source;
    this.#failed = failed;
  }

  add(client: Client): void {
    this.all.add(client);
    const { model, name, control, payloads, recorded } = this.#source;
    client.write(
      envelope('hello', {
        client: client.id,
        program: programInfo(name),
        systems: [...model.systems.values()].map((its) => [its.name, its.incarnation]),
        control,
        payloads,
        frameMs: FRAME_MS,
        ...(recorded === undefined
          ? {}
          : { recorded: { from: recorded.from, until: recorded.until } }),
      }),
    );
    client.write(envelope('history', { points: this.#source.history() }));
    this.#full(client);
    this.#tellReports(client);
    this.adjust();
    this.#panelsAt = 0;
  }

  remove(client: Client): void {
    if (!this.all.delete(client)) return;
    client.close();
    this.adjust();
  }

  byId(id: unknown): Client | undefined {
    return [...this.all].find((client) => client.id === id);
  }

  /** Looks as often, and at as much, as somebody wants. */
  adjust(): void {
    const all = [...this.all];
    const frameMs = Math.min(...all.map((client) => client.frameMs));
    const messages = all.some(({ views }) => views.has('messages'));
    const looksAt = all.length === 0 ? '' : `${frameMs} ${messages}`;
    if (looksAt === this.#looksAt) return;
    this.#looksAt = looksAt;
    const before = this.#leave;
    this.#leave =
      all.length === 0
        ? undefined
        : this.#source.look(frameMs, messages, {
            framed: (frame) => this.#frames.push(frame),
            happened: (happening) => this.#hear(happening),
            ticked: (at) => this.#tick(at),
            ended: (reason) => this.close(reason),
          });
    // Whoever looks on must not see the recording end and begin anew.
    before?.();
  }

  close(reason: 'closed' | 'shutdown'): void {
    for (const client of this.all) client.close(envelope('end', { reason }));
    this.all.clear();
    this.#leave?.();
    this.#leave = undefined;
  }

  /** Everything anew for everybody, as after a seek in a recording. */
  refresh(): void {
    for (const client of this.all) if (client.isReady) this.#full(client);
    this.#reportsChangedAt = performance.now();
    this.#tick(Date.now());
  }

  #hear(happening: Happening): void {
    const { kind } = happening;
    if (
      kind === 'crash' ||
      kind === 'restart' ||
      kind === 'dead_letter' ||
      kind === 'finding' ||
      kind === 'mended'
    )
      this.#reportsChangedAt = performance.now();
    if (this.#happened.length < MOST_HAPPENED) this.#happened.push(happening);
  }

  #tick(at: number): void {
    const from = performance.now();
    const spent = spentSoFar();
    const frames = this.#frames;
    const happened = this.#happened;
    this.#frames = [];
    this.#happened = [];
    this.#seq++;
    const text = envelope(
      'frame',
      { seq: this.#seq, full: false, systems: frames, nextMs: this.#source.nextMs },
      this.#seq,
      at,
    );
    const news =
      happened.length === 0 ? '' : envelope('happened', { events: happened.map(toPlain) });
    for (const client of this.all) {
      if (client.waitsSince !== undefined) {
        client.needsFull = true;
        client.missed++;
        if (from - client.waitsSince > STUCK_MS) this.remove(client);
        continue;
      }
      if (from - client.frameAt < client.frameMs - FRAME_MS / 2) {
        client.needsFull = true;
        continue;
      }
      client.frameAt = from;
      if (client.needsFull) this.#full(client);
      else client.write(text);
      if (news !== '') client.write(news);
      if (client.reportsAt < this.#reportsChangedAt && from - client.reportsAt >= REPORTS_MS)
        this.#tellReports(client);
    }
    this.#source.spent(spentSince(spent));
    void this.#slow(from);
  }

  /** What has to be asked for. */
  async #slow(now: number): Promise<void> {
    if (this.#busy) return;
    this.#busy = true;
    try {
      const watching = (view: WatchedView) => [...this.all].filter(({ views }) => views.has(view));
      const messages = watching('messages');
      if (messages.length > 0 && now - this.#messagesAt >= MESSAGES_MS) {
        this.#messagesAt = now;
        const { messages: all, recorded } = await this.#source.messages();
        const { at, ...rows } = rowsOfViews(all);
        const text = envelope(
          'messages',
          { system: this.#source.name, ...rows, missed: 0, recorded },
          undefined,
          at,
        );
        for (const client of messages) if (client.isReady) client.write(text);
      }
      const lookers = watching('panels');
      if (
        this.all.size > 0 &&
        now - this.#panelsAt >= (lookers.length > 0 ? PANELS_MS : TITLES_MS)
      ) {
        this.#panelsAt = now;
        const panels = await this.#source.panels();
        const text = envelope('panels', { panels });
        for (const client of this.all) if (client.isReady) client.write(text);
      }
    } catch (error) {
      // Its fault is not the program's.
      this.#failed(error);
    } finally {
      this.#busy = false;
    }
  }

  #full(client: Client): void {
    if (client.missed > 0) client.write(envelope('gap', { missed: client.missed }));
    client.missed = 0;
    client.needsFull = false;
    const systems = this.#source.full();
    let isFirst = true;
    for (const part of partsOf(systems)) {
      client.write(envelope('frame', { seq: this.#seq, full: isFirst, systems: part }, this.#seq));
      isFirst = false;
    }
  }

  #tellReports(client: Client): void {
    client.reportsAt = performance.now();
    client.write(envelope('reports', toPlain(this.#source.reports()) as object));
  }
}

/** As an event of the stream; `id` is what a browser that comes again tells of. */
export function envelope(kind: string, fields: object, id?: number, at = Date.now()): string {
  const data = JSON.stringify({ v: PROTOCOL, kind, at, ...fields });
  return `${id === undefined ? '' : `id: ${id}\n`}data: ${data}\n\n`;
}

/** Large systems in parts: the first one of each is full, the others say more. */
function* partsOf(systems: readonly SystemFrame[]): Iterable<readonly SystemFrame[]> {
  const small = systems.filter(({ born }) => born.length <= MOST_ROWS);
  if (small.length > 0 || systems.length === 0) yield small;
  for (const system of systems.filter(({ born }) => born.length > MOST_ROWS)) {
    for (let from = 0; from < system.born.length; from += MOST_ROWS) {
      const until = from + MOST_ROWS;
      const serials = new Set(system.born.slice(from, until).map(([serial]) => serial));
      const { full: _, ...rest } = system;
      yield [
        {
          ...rest,
          // The first part is not `full`, or what comes later would be taken as gone meanwhile.
          strings: from === 0 ? system.strings : [],
          born: system.born.slice(from, until),
          rows: system.rows.filter(([serial]) => serials.has(serial)),
          names: system.names.filter(([serial]) => serials.has(serial)),
          places: from === 0 ? [] : until < system.born.length ? [] : system.places,
        },
      ];
    }
  }
}
