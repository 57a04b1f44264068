/** `beamish-observer top`: a program in the terminal. */

import { stdin, stdout } from 'node:process';
import { viewOf } from '../model/actor-record.ts';
import { toPlain } from '../terms/plain.ts';
import { waitGraphOf } from '../views/waits.ts';
import { pressed } from './keys.ts';
import { type Line, rowsOf, type SortKey, screenOf, tableOf, type View } from './screen.ts';
import { type Address, follow, NotObserved } from './stream.ts';
import { Watched } from './watched.ts';

export interface TopOptions {
  readonly sort: SortKey;
  readonly once: boolean;
  readonly json: boolean;
}

const DRAW_MS = 250;
const RETRY_MS = 1000;
/** What is told in this time is enough for figures a second, and for the doctor. */
const ONCE_MS = 2000;
const ESCAPE = '\u001b';
/** A key, or the sequence by which a terminal tells of one that has no sign. */
const KEY = new RegExp(`${ESCAPE}\\[[\\d;]*[A-Za-z~]|[\\s\\S]`, 'gu');
const STYLES = { head: '1', current: '7', bad: '1;31', warn: '33', dim: '2' } as const;

/** The exit code. */
export async function top(address: Address, { sort, once, json }: TopOptions): Promise<number> {
  const watched = new Watched();
  if (once) return await onceOver(address, watched, sort, json);
  return await new Terminal(address, watched, startView(sort)).run();
}

export function startView(sort: SortKey): View {
  return {
    sort,
    reversed: false,
    filter: '',
    typing: undefined,
    tree: false,
    paused: false,
    current: undefined,
    from: 0,
    details: false,
  };
}

async function onceOver(
  address: Address,
  watched: Watched,
  sort: SortKey,
  json: boolean,
): Promise<number> {
  const ending = new AbortController();
  const time = setTimeout(() => ending.abort(), ONCE_MS);
  try {
    await follow(address, (told) => watched.take(told), ending.signal);
  } catch (error) {
    if (!ending.signal.aborted) throw error;
  } finally {
    clearTimeout(time);
  }
  const now = Date.now();
  const text = json
    ? jsonOf(watched, now)
    : tableOf(watched, startView(sort), stdout.columns ?? 120, now);
  stdout.write(`${text}\n`);
  return watched.findings.some(({ severity }) => severity === 'error') ? (json ? 3 : 0) : 0;
}

/** A snapshot with its findings; pids as they are printed. */
function jsonOf(watched: Watched, now: number): string {
  const { model, findings } = watched;
  const actors = [...model.actors()]
    .filter(({ ended }) => ended === undefined)
    .map((actor) =>
      viewOf(
        actor,
        actor.parent === undefined ? undefined : model.pid(actor.parent),
        model.restartsOf(actor),
        now,
      ),
    );
  const snapshot = { at: now, systems: model.views(), actors, waits: waitGraphOf(model), findings };
  const json = JSON.stringify(toPlain(snapshot), (_, value) =>
    typeof value === 'object' && value !== null && '$pid' in value
      ? `<${String(value.$pid).replace(/@\d+$/, '')}>`
      : value,
  );
  // What JSON leaves as it is, a terminal may obey.
  return json.replace(/\p{C}/gu, (sign) => sign.split('').map(escapedUnit).join(''));
}

function escapedUnit(unit: string): string {
  return `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`;
}

class Terminal {
  readonly #address: Address;
  readonly #watched: Watched;
  #view: View;
  readonly #ending = new AbortController();
  readonly #isColoured = process.env['NO_COLOR'] === undefined || process.env['NO_COLOR'] === '';
  #end: (code: number) => void = () => {};
  #failure: Error | undefined;
  #rows: ReturnType<typeof rowsOf> = [];

  constructor(address: Address, watched: Watched, view: View) {
    this.#address = address;
    this.#watched = watched;
    this.#view = view;
  }

  async run(): Promise<number> {
    // Before anything is drawn, so that a refusal is a line among others.
    const first = this.#follow();
    await Promise.race([first, this.#told()]);
    if (this.#failure !== undefined) throw this.#failure;
    const over = new Promise<number>((resolve) => {
      this.#end = resolve;
    });
    const restore = () => stdout.write('\u001b[?25h\u001b[?1049l');
    process.once('exit', restore);
    for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const)
      process.once(signal, () => this.#end(signal === 'SIGINT' ? 0 : 1));
    stdout.write('\u001b[?1049h\u001b[?25l\u001b[2J');
    if (stdin.isTTY) stdin.setRawMode(true);
    stdin.setEncoding('utf8');
    stdin.on('data', (keys: string) => this.#keys(keys));
    stdout.on('resize', () => {
      stdout.write('\u001b[2J');
      this.#draw();
    });
    const drawing = setInterval(() => this.#draw(), DRAW_MS);
    this.#draw();
    const code = await over;
    clearInterval(drawing);
    this.#ending.abort();
    if (stdin.isTTY) stdin.setRawMode(false);
    stdin.pause();
    process.off('exit', restore);
    restore();
    return code;
  }

  /** The first thing is told. */
  async #told(): Promise<void> {
    while (this.#watched.state === 'connecting')
      await new Promise((resolve) => setTimeout(resolve, 20));
  }

  /** Comes again as long as it is not ended; fails at once if it never was there. */
  async #follow(): Promise<void> {
    const { signal } = this.#ending;
    while (!signal.aborted) {
      try {
        await follow(this.#address, (told) => this.#watched.take(told), signal);
      } catch (error) {
        if (signal.aborted) return;
        if (
          this.#watched.state === 'connecting' ||
          !(error instanceof NotObserved || error instanceof TypeError)
        ) {
          this.#failure = error as Error;
          this.#end(2);
          return;
        }
      }
      if (this.#watched.state === 'live') this.#watched.state = 'ended';
      await new Promise((resolve) => setTimeout(resolve, RETRY_MS));
    }
  }

  #keys(keys: string): void {
    const height = stdout.rows ?? 24;
    // Several may come at once; a sequence is one.
    for (const [key] of keys.matchAll(KEY)) {
      const next = pressed(this.#view, key, this.#rows, height);
      if (next === undefined) return this.#end(0);
      this.#view = next;
    }
    this.#draw(true);
  }

  #draw(isAsked = false): void {
    if (this.#view.paused && !isAsked) return;
    const [width, height] = [stdout.columns ?? 80, stdout.rows ?? 24];
    this.#rows = rowsOf(this.#watched, this.#view);
    const lines = screenOf(this.#watched, this.#view, this.#rows, width, height, Date.now());
    stdout.write(
      lines.map((line, i) => `\u001b[${i + 1};1H${this.#styled(line)}\u001b[K`).join(''),
    );
  }

  #styled({ text, style }: Line): string {
    if (style === undefined) return text;
    // Where there is to be no colour, the current row is still told.
    if (!this.#isColoured && style !== 'current') return text;
    return `\u001b[${STYLES[style]}m${text}\u001b[0m`;
  }
}
