/** The doctor of one observer: examines at most once a second while somebody looks, and whenever somebody asks. */

import { Doctor } from '../doctor/doctor.ts';
import type { Asking, Sample } from '../doctor/symptoms.ts';
import type { BigCopy, LongTurn } from '../station/orders.ts';
import type { Finding, Happening } from '../terms/happening.ts';
import type { Hub } from './hub.ts';
import { PATIENCE_MS } from './stations.ts';

/** How often, at most, nobody having asked. */
const EVERY_MS = 900;
/** Who has asked once will ask again: for so long it goes on. */
const LINGER_MS = 60_000;
const MOST_LETTERS = 5000;

export class Doctoring {
  readonly #hub: Hub;
  readonly #doctor = new Doctor();
  #letters: { to: string; from: string; at: number }[] = [];
  /** What threads told too late for the last examination: a long turn is what keeps one from answering. */
  #turns: LongTurn[] = [];
  #copies: BigCopy[] = [];
  #examining: Promise<void> | undefined;
  #examinedAt = 0;
  #linger: (() => void) | undefined;
  #lingering: NodeJS.Timeout | undefined;

  constructor(hub: Hub) {
    this.#hub = hub;
    hub.examine = () => {
      if (performance.now() - this.#examinedAt >= EVERY_MS) void this.#examine();
    };
    hub.hear = (happening) => this.#hear(happening);
    hub.findings = () => this.#doctor.findings();
  }

  /** As of now. Knows more of what takes its time if it was asked before. */
  async findings(): Promise<readonly Finding[]> {
    this.#linger ??= this.#hub.watch({ frameMs: 1000 });
    clearTimeout(this.#lingering);
    this.#lingering = setTimeout(() => {
      this.#linger?.();
      this.#linger = undefined;
    }, LINGER_MS).unref();
    await this.#examining;
    await this.#examine();
    return this.#doctor.findings();
  }

  #hear(happening: Happening): void {
    if (happening.kind !== 'dead_letter' || this.#letters.length >= MOST_LETTERS) return;
    const { to, from, at } = happening.letter;
    this.#letters.push({
      to,
      from: from === undefined ? 'outside' : (from.name ?? String(from.pid)),
      at,
    });
  }

  #examine(): Promise<void> {
    this.#examining ??= this.#judge().finally(() => {
      this.#examining = undefined;
    });
    return this.#examining;
  }

  async #judge(): Promise<void> {
    this.#examinedAt = performance.now();
    const { stations } = this.#hub;
    const letters = this.#letters;
    this.#letters = [];
    const [told, sent] = await Promise.all([
      stations.askAll({ kind: 'turns' }, PATIENCE_MS, (long) => this.#turns.push(...long)),
      stations.askAll({ kind: 'copies' }, PATIENCE_MS, (large) => this.#copies.push(...large)),
    ]);
    const turns = [...this.#turns.splice(0), ...told.flatMap(([, , long]) => long)];
    const copies = [...this.#copies.splice(0), ...sent.flatMap(([, , large]) => large)];
    const now = Date.now();
    const sample: Sample = { now, model: stations.model, letters, turns, copies };
    const { found, mended } = await this.#doctor.judge(sample, this.#asking());
    if (this.#hub.isOver !== undefined) return;
    for (const finding of found) this.#hub.tell({ kind: 'finding', at: now, finding });
    for (const finding of mended) this.#hub.tell({ kind: 'mended', at: now, finding });
  }

  #asking(): Asking {
    const { stations } = this.#hub;
    return {
      async unmatched({ pid, serial }) {
        const answer = await stations
          .ask(pid.system, { kind: 'unmatched', serials: [serial] })
          .catch(() => []);
        return answer[0]?.[1] ?? [];
      },
      async links({ pid, serial }) {
        const detail = await stations
          .ask(pid.system, { kind: 'detail', serial, state: false })
          .catch(() => undefined);
        return detail?.links.length ?? 0;
      },
    };
  }
}
