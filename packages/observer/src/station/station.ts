/** One system, for who looks at it: takes orders and answers at once, without a turn and without a message. */

import type { ActorSystem, ExitReason, Pid } from 'beamish';
import { type ActionResult, listen, stateShownBy, tagsIn, timersOf } from 'beamish/observation';
import { isError } from 'beamish/transport';
import type { Crash, Happening } from '../terms/happening.ts';
import { toPlain } from '../terms/plain.ts';
import { cut } from '../terms/text.ts';
import { LONGEST, type PidText, parsePid, type SystemFrame } from '../terms/wire.ts';
import { act } from './act.ts';
import { BigCopies } from './big-copies.ts';
import { Glimpses } from './glimpses.ts';
import { Happenings } from './happenings.ts';
import { LongTurns } from './long-turns.ts';
import { MessageTimes } from './message-times.ts';
import type {
  Answer,
  Answers,
  CountsAnswer,
  DetailAnswer,
  MessagesAnswer,
  Order,
  StationSettings,
} from './orders.ts';
import { lookAtPanels } from './panels.ts';
import { reasonText } from './reason-text.ts';
import { chainOf, rowsOf, type WantedMessages } from './recorded.ts';
import { type Recording, recordingOf } from './recordings.ts';
import { capture, capturing } from './redact.ts';
import { Vitals } from './vitals.ts';

/** Most messages of a mailbox that are looked at. */
const MOST_COUNTED = 10_000;
/** Who has not looked for so long does not hear of ends any more. */
const FORGET_MS = 60_000;
/** Words of waits that are kept before all is told anew. */
const MOST_STRINGS = 50_000;

export class Station {
  readonly system: ActorSystem;
  readonly #settings: StationSettings;
  readonly #redact: ((field: string, value: unknown) => unknown) | undefined;
  readonly #failed: (error: unknown) => void;
  readonly #happenings: Happenings;
  #glimpses: Glimpses;
  readonly #reasons = new Map<number, string>();
  readonly #turns: LongTurns;
  readonly #copies = new BigCopies();
  readonly #times = new MessageTimes();
  #vitals: Vitals | undefined;
  #recording: Recording | undefined;
  /** Whose times are exact, while messages are recorded. */
  #single: PidText | undefined;
  #stopHearing: (() => void) | undefined;
  #lookedAt = 0;

  constructor(
    system: ActorSystem,
    settings: StationSettings,
    tell: (happening: Happening) => void,
    options: {
      readonly redact?: ((field: string, value: unknown) => unknown) | undefined;
      readonly failed: (error: unknown) => void;
    },
  ) {
    this.system = system;
    this.#settings = settings;
    this.#redact = options.redact;
    this.#failed = options.failed;
    this.#glimpses = this.#newGlimpses();
    this.#turns = new LongTurns(system);
    this.#happenings = new Happenings(system, tell, (pid) => this.#chain(pid));
  }

  close(): void {
    this.#happenings.close();
    this.#turns.close();
    this.#stopHearing?.();
    this.#stopHearing = undefined;
    this.#recording?.leave();
    this.#recording = undefined;
    this.#vitals?.close();
    this.#vitals = undefined;
  }

  /** The pid of one who was met, and lives. */
  pidOf(serial: number): Pid | undefined {
    return this.#glimpses.pidOf(serial);
  }

  get recording(): Recording | undefined {
    return this.#recording;
  }

  ask<O extends Order>(order: O): Answers[O['kind']] | Promise<Answers[O['kind']]> {
    return this.#answer(order) as Answers[O['kind']] | Promise<Answers[O['kind']]>;
  }

  #answer(order: Order): Answer | Promise<Answer> {
    switch (order.kind) {
      case 'look':
        return this.look(order.full);
      case 'detail':
        return this.#detail(order.serial, order.state);
      case 'unmatched':
        return order.serials.map((serial) => {
          const pid = this.pidOf(serial);
          return [serial, (pid && tagsIn(this.system, pid, MOST_COUNTED)?.tags) ?? []] as const;
        });
      case 'links':
        return this.system.actors().map(({ pid, links }) => [pid.serial, links.length] as const);
      case 'record':
        return this.#record(order.on);
      case 'single':
        return this.#watch(order.actor);
      case 'messages':
        return this.messages(order);
      case 'demand':
        this.#happenings.demand(order.kinds);
        return undefined;
      case 'turns':
        return this.#turns.take();
      case 'copies':
        return this.#copies.take();
      case 'panels':
        return lookAtPanels(this.system);
      case 'counts':
        return this.#counts();
      case 'act':
        return this.#act(order.action);
    }
  }

  look(asked: boolean): SystemFrame {
    const full = asked || this.#glimpses.strings > MOST_STRINGS;
    if (full && this.#glimpses.strings > MOST_STRINGS) this.#glimpses = this.#newGlimpses();
    this.#lookedAt = performance.now();
    this.#stopHearing ??= listen(this.system, {
      exited: (pid, reason) => this.#exited(pid, reason),
      sentAway: (from, to, message) => this.#copies.sent(from, to, message),
    });
    this.#vitals ??= new Vitals();
    const at = Date.now();
    const { received, ready, figures, ...parts } = this.#glimpses.look(full, at, (serial) => {
      return this.#reasons.get(serial) ?? '(unseen)';
    });
    this.#reasons.clear();
    const { loopDelayMs, busy, heapBytes } = this.#vitals.take();
    this.#turns.delayed(loopDelayMs);
    const { crashes, restarts, deadLetters, dropped } = this.#happenings.counts;
    return {
      system: this.system.name,
      incarnation: this.system.root.incarnation,
      at,
      clock: this.system.now(),
      ...(full ? { full } : {}),
      figures: [
        figures.actors,
        ready,
        loopDelayMs,
        busy,
        heapBytes,
        received,
        Math.round((this.#recording?.share() ?? 0) * 1000) / 1000,
        figures.timers,
      ],
      totals: [
        figures.spawned,
        figures.spawned - figures.actors,
        crashes,
        restarts,
        deadLetters,
        dropped,
      ],
      ...parts,
    };
  }

  /** What is recorded of messages. */
  messages(wanted: WantedMessages): MessagesAnswer {
    const recorder = this.#recording?.recorder;
    if (recorder === undefined) {
      const at = Date.now();
      return { at, tags: [], rows: [], last: 0, missed: undefined, until: at, unpaired: 0 };
    }
    return {
      ...rowsOf(recorder.latest(wanted), this.#settings.payloads !== undefined),
      last: recorder.count,
      missed: recorder.missed,
      until: recorder.knownUntil,
      unpaired: recorder.unpaired,
    };
  }

  #newGlimpses(): Glimpses {
    return new Glimpses(this.system, (supervisor, id) =>
      this.#happenings.restartsOf(supervisor, id),
    );
  }

  #record(on: boolean): undefined {
    if (!on) {
      this.#recording?.leave();
      this.#recording = undefined;
      return;
    }
    const { budget, keepMessages, payloads } = this.#settings;
    this.#recording ??= recordingOf(this.system, {
      budget,
      size: keepMessages,
      capturing:
        payloads &&
        capturing({ ...payloads, ...(this.#redact ? { redact: this.#redact } : {}) }, this.#failed),
    });
    return this.#watch(this.#single);
  }

  #watch(actor: PidText | undefined): undefined {
    this.#single = actor;
    const { recorder } = this.#recording ?? {};
    if (recorder === undefined) return;
    const parts = actor === undefined ? undefined : parsePid(actor);
    const { name, root } = this.system;
    const isHere = parts?.system === name && parts.incarnation === root.incarnation;
    recorder.single = isHere ? this.pidOf(parts.serial) : undefined;
  }

  #exited(pid: Pid, reason: ExitReason): void {
    if (performance.now() - this.#lookedAt > FORGET_MS) {
      this.#stopHearing?.();
      this.#stopHearing = undefined;
      this.#reasons.clear();
      return;
    }
    this.#happenings.ended(pid.serial);
    if (this.#glimpses.has(pid.serial)) this.#reasons.set(pid.serial, reasonText(reason));
  }

  #detail(serial: number, withState: boolean): DetailAnswer | undefined {
    const pid = this.pidOf(serial);
    const info = pid && this.system.info(pid);
    if (info === undefined) return undefined;
    const counted = tagsIn(this.system, info.pid, MOST_COUNTED);
    const ancestors: unknown[] = [];
    const up = info.parent && this.system.info.bind(this.system);
    for (let at = info.parent; at !== undefined && ancestors.length < 20; ) {
      const above = at.system === this.system.name ? up?.(at) : undefined;
      ancestors.push(toPlain({ pid: at, name: above?.name, body: above?.body }));
      at = above?.parent;
    }
    return {
      name: info.name,
      body: info.body,
      ancestors,
      links: info.links.slice(0, 1000).map(toPlain),
      monitors: info.monitors.slice(0, 1000).map(toPlain),
      monitoredBy: info.monitoredBy.slice(0, 1000).map(toPlain),
      trapExit: info.trapExit,
      timers: (timersOf(this.system, info.pid) ?? [])
        .slice(0, 100)
        .map((timer) => ({ ...timer, tag: cut(timer.tag, LONGEST.tag) })),
      mailbox: counted?.tags ?? [],
      counted: counted?.counted ?? 0,
      ...this.#state(info.pid, withState),
    };
  }

  /** Only where payloads are allowed: it is the server's own code, and what it keeps. */
  #state(pid: Pid, withState: boolean): { readonly state?: unknown } {
    const { payloads } = this.#settings;
    if (!withState || payloads === undefined) return {};
    const shown = stateShownBy(this.system, pid);
    if (shown === undefined) return {};
    if (isError(shown)) return { state: reasonText(shown) };
    const { tags: _, ...how } = payloads;
    const all = { ...how, ...(this.#redact ? { redact: this.#redact } : {}) };
    return { state: capture({ state: shown }, 'state', capturing(all, this.#failed)) };
  }

  #chain(pid: Pid): Crash['chain'] {
    return this.#recording === undefined ? [] : chainOf(this.#recording.recorder.chain(pid));
  }

  #counts(): CountsAnswer {
    const { crashesBy, restartsBy, deadLettersBy, droppedBy } = this.#happenings.counts;
    return {
      crashesBy: [...crashesBy],
      restartsBy: [...restartsBy],
      deadLettersBy: [...deadLettersBy],
      droppedBy: [...droppedBy],
      ...this.#times.read(this.#recording?.recorder),
    };
  }

  #act(action: Parameters<typeof act>[1]): Promise<ActionResult> | ActionResult {
    return this.#settings.control ? act(this.system, action) : { ok: false, reason: 'refused' };
  }
}
