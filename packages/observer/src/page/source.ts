/** What a page is served of: a running system, or a recording. */

import type { ActionResult, PanelView } from 'beamish/observation';
import { fullFrames } from '../model/full-frame.ts';
import { History, type Point } from '../model/history.ts';
import type { Model } from '../model/model.ts';
import { VitalSigns } from '../model/vital.ts';
import { perform } from '../observing/actions.ts';
import { hubOf, type Observer, recentOf } from '../observing/observer.ts';
import type { Action, Alike, Crash, DeadLetter, Finding, Happening } from '../terms/happening.ts';
import type { ActorDetail, MessageView } from '../terms/view.ts';
import { type PidText, parsePid, type SystemFrame } from '../terms/wire.ts';

/** Alike ones together, and what the doctor found. */
export interface ReportsShown {
  readonly crashes: readonly Alike<Crash>[];
  readonly letters: readonly Alike<DeadLetter>[];
  readonly findings: readonly Finding[];
}

/** What somebody who looks is told, as long as it looks. */
export interface Looking {
  framed(frame: SystemFrame): void;
  happened(happening: Happening): void;
  ticked(at: number): void;
  ended(reason: 'closed' | 'shutdown'): void;
}

export interface PageSource {
  readonly name: string;
  readonly model: Model;
  readonly control: boolean;
  readonly payloads: boolean;
  /** Of a recording: the time that it has, and how to show another moment of it. */
  readonly recorded:
    | { readonly from: number; readonly until: number; seek(at: number): Promise<void> }
    | undefined;
  /** Everything, for who has just come. */
  full(): readonly SystemFrame[];
  history(): readonly Point[];
  reports(): ReportsShown;
  panels(): Promise<readonly PanelView[]>;
  messages(): Promise<{ readonly messages: readonly MessageView[]; readonly recorded: number }>;
  detail(actor: PidText, state: boolean): Promise<ActorDetail | undefined>;
  act(action: Action, by: string): Promise<ActionResult>;
  /** Looks so often from now on; with messages, they are recorded. Returns how to leave. */
  look(frameMs: number, withMessages: boolean, looking: Looking): () => void;
  /** The next look comes in so many ms. */
  readonly nextMs: number;
  /** Writing what was seen took so long. */
  spent(ms: number): void;
  /** Something of the page failed, which must not be the program's failure. */
  onFailure(failed: (error: unknown) => void): void;
}

/** Of lists that are shown whole. */
const MOST_GROUPS = 100;
/** So many of the last ones. */
const MOST_MESSAGES = 400;

export function sourceOf(observer: Observer): PageSource {
  const hub = hubOf(observer);
  const { stations, settings } = hub;
  const { model } = stations;
  const vitals = new VitalSigns();
  const history = new History(settings.keep.historyMs);
  let pointAt = 0;
  return {
    name: observer.system.name,
    model,
    control: settings.control,
    payloads: settings.payloads !== undefined,
    recorded: undefined,
    full: () => {
      if (model.systems.size === 0) stations.lookHere();
      return fullFrames(model);
    },
    history: () => history.last(60),
    reports: () => ({
      crashes: hub.reports.crashes().slice(0, MOST_GROUPS),
      letters: hub.reports.deadLetters().slice(0, MOST_GROUPS),
      findings: hub.findings(),
    }),
    panels: () => observer.panels(),
    async messages() {
      const { messages } = await recentOf(observer, { last: MOST_MESSAGES });
      const recorded = Math.min(
        1,
        ...model.views().flatMap((its) => (its.status === 'up' ? its.recorded : [])),
      );
      return { messages, recorded };
    },
    async detail(actor, state) {
      const pid = parsePid(actor) && model.pid(actor);
      return pid && (await observer.actor(pid, { state }));
    },
    act: (action, by) => perform(hub, action, by),
    look: (frameMs, messages, looking) =>
      hub.watch({
        frameMs,
        messages,
        framed: (frame) => looking.framed(frame),
        happened: (happening) => looking.happened(happening),
        ticked(at) {
          if (at - pointAt >= 990) {
            pointAt = at;
            history.add(vitals.read(model, at));
          }
          looking.ticked(at);
        },
        ended: (reason) => looking.ended(reason),
      }),
    get nextMs() {
      return hub.nextMs;
    },
    spent: (ms) => hub.spent(ms),
    onFailure: (failed) => {
      hub.failed = failed;
    },
  };
}
