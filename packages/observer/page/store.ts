/** What the page knows, and where the reader is in it. */

import type { PanelView } from 'beamish/observation';
import type { Point } from '../src/model/history.ts';
import { Model } from '../src/model/model.ts';
import { VitalSigns } from '../src/model/vital.ts';
import type { Alike, Crash, DeadLetter, Finding, Happening } from '../src/terms/happening.ts';
import { fromPlain } from '../src/terms/plain.ts';
import type { ActorDetail, MessageView } from '../src/terms/view.ts';
import {
  type PidText,
  PROTOCOL,
  pidText,
  type SystemFrame,
  type WatchedView,
} from '../src/terms/wire.ts';
import { merge, type SystemMessages } from '../src/views/sequence.ts';

export type ViewName =
  | 'tree'
  | 'actors'
  | 'messages'
  | 'waits'
  | 'problems'
  | 'threads'
  | `panel ${string}`;
export type LinkState = 'connecting' | 'live' | 'silent' | 'ended' | 'refused';

const MOST_POINTS = 60;

export class Store {
  model = new Model();
  view: ViewName = 'tree';
  selected: PidText | undefined;
  search = '';
  isPaused = false;
  link: LinkState = 'connecting';
  /** Why it is as it is, in a sentence. */
  why = '';
  client = '';
  name = '';
  control = false;
  payloads = false;
  recorded: { readonly from: number; readonly until: number } | undefined;
  heardAt = 0;
  /** The next frame is to be expected in so many ms. */
  nextMs = 100;
  points: Point[] = [];
  crashes: readonly Alike<Crash>[] = [];
  letters: readonly Alike<DeadLetter>[] = [];
  findings: readonly Finding[] = [];
  panels: readonly PanelView[] = [];
  messages: readonly MessageView[] = [];
  recordedShare = 0;
  detail: ActorDetail | undefined;
  /** Actors whose row is framed, and since when. */
  readonly framed = new Map<PidText, number>();
  /** Something to say aloud. */
  said = '';
  readonly #signs = new VitalSigns();
  #pointAt = 0;

  take(told: {
    readonly v: number;
    readonly kind: string;
    readonly at: number;
    readonly [field: string]: unknown;
  }): void {
    if (told.v !== PROTOCOL) {
      this.link = 'refused';
      this.why = `The program speaks version ${told.v} of the protocol, and this page version ${PROTOCOL}. Load it again.`;
      return;
    }
    this.heardAt = performance.now();
    switch (told.kind) {
      case 'hello':
        this.#hello(told);
        break;
      case 'frame':
        this.nextMs = Number(told['nextMs'] ?? 100);
        // Of another moment of a recording, nothing is left.
        if (told['full'] === true && this.recorded !== undefined) this.model = new Model();
        this.#frame(told['systems'] as readonly SystemFrame[], told.at);
        break;
      case 'history':
        this.points = [...(told['points'] as Point[])];
        break;
      case 'happened':
        for (const event of told['events'] as readonly unknown[])
          this.#happened(this.#plain(event) as Happening);
        break;
      case 'reports':
        this.crashes = this.#plain(told['crashes']) as Alike<Crash>[];
        this.letters = this.#plain(told['letters']) as Alike<DeadLetter>[];
        this.findings = this.#plain(told['findings']) as Finding[];
        break;
      case 'panels':
        this.panels = told['panels'] as PanelView[];
        break;
      case 'messages': {
        const its = {
          ...told,
          incarnation: 0,
          until: told.at,
          missed: 0,
        } as unknown as SystemMessages;
        this.messages = merge([its], (text) => this.model.pid(text));
        this.recordedShare = Number(told['recorded'] ?? 0);
        break;
      }
      case 'detail':
        this.detail =
          told['detail'] === null ? undefined : (this.#plain(told['detail']) as ActorDetail);
        break;
      case 'end':
        this.link = 'ended';
        this.why =
          told['reason'] === 'shutdown'
            ? 'The program ended in order.'
            : 'The observer was closed.';
        break;
    }
  }

  watched(): readonly WatchedView[] {
    if (this.view === 'messages') return ['actors', 'messages'];
    if (this.view === 'waits') return ['actors', 'waits'];
    return this.view.startsWith('panel ') ? ['actors', 'panels'] : ['actors'];
  }

  #hello(told: Readonly<Record<string, unknown>>): void {
    this.link = 'live';
    this.client = String(told['client']);
    this.name = String((told['program'] as { readonly name: string }).name);
    this.control = told['control'] === true;
    this.payloads = told['payloads'] === true;
    this.recorded = told['recorded'] as Store['recorded'];
    // Of an earlier life of the program, nothing is left.
    const systems = told['systems'] as readonly (readonly [string, number])[];
    const known = new Set(systems.map(([name, incarnation]) => `${name}@${incarnation}`));
    const isOther = [...this.model.systems.keys()].some((key) => !known.has(key));
    if (isOther) {
      this.model = new Model();
      this.selected = this.detail = undefined;
    }
  }

  #frame(systems: readonly SystemFrame[], at: number): void {
    for (const frame of systems) this.model.apply(frame);
    this.model.forget(at);
    if (at - this.#pointAt < 990) return;
    this.#pointAt = at;
    this.points.push(this.#signs.read(this.model, at));
    if (this.points.length > MOST_POINTS) this.points = this.points.slice(-MOST_POINTS);
  }

  #happened(happening: Happening): void {
    this.model.heard(happening);
    if (happening.kind === 'restart' && happening.restart.decision === 'restarted') {
      const { supervisor, id, old, pid } = happening.restart;
      // Who looks at a child looks at its place: the details follow.
      if (this.selected === pidText(old) && pid !== undefined) this.selected = pidText(pid);
      if (pid !== undefined) this.#frameRow(`${pidText(supervisor)} ${id}`);
    }
    if (happening.kind === 'crash') {
      const { name, body, reason } = happening.crash;
      this.said = `${name ?? body} crashed: ${reason instanceof Error ? reason.message : String(reason)}`;
    }
    if (happening.kind === 'finding') this.said = happening.finding.summary;
  }

  /** Once in three seconds, however often it happens. */
  #frameRow(place: string): void {
    const now = performance.now();
    if (now - (this.framed.get(place) ?? -Infinity) > 3000) this.framed.set(place, now);
  }

  #plain(value: unknown): unknown {
    return fromPlain(value, (text) => this.model.pid(text));
  }
}
