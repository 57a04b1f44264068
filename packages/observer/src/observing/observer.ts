/** An observer of a running system: the questions of `View`, asked of all its threads. */

import type { ActorSystem, Pid } from 'beamish';
import type { PanelView } from 'beamish/observation';
import type { ActorRecord } from '../model/actor-record.ts';
import type { WantedMessages } from '../station/recorded.ts';
import type { EventKind, Finding, Happening } from '../terms/happening.ts';
import { type ObserveOptions, settingsOf } from '../terms/options.ts';
import type {
  ActorDetail,
  ActorFilter,
  ActorView,
  Amount,
  MessageView,
  Ranked,
  Rate,
  Sequence,
  SequenceOptions,
  Snapshot,
  TreeNode,
  View,
  WaitGraph,
  Waiting,
} from '../terms/view.ts';
import { pidText } from '../terms/wire.ts';
import { rank, select, selecting } from '../views/select.ts';
import { merge, type SystemMessages, sequenceOf } from '../views/sequence.ts';
import { treeOf } from '../views/tree.ts';
import { waitGraphOf } from '../views/waits.ts';
import { type Actions, actionsOf } from './actions.ts';
import { detailOf, waitingOf } from './details.ts';
import { Doctoring } from './doctoring.ts';
import { Hub, LINGER_MS } from './hub.ts';
import { MessagesTold } from './messages-told.ts';
import { HappeningQueue } from './queue.ts';
import { type Recorder, type RecordOptions, record } from './record.ts';
import { windowOf } from './window.ts';

/** What an observer can do besides looking. */
export interface Observer extends View, AsyncDisposable {
  /** The system that is observed. */
  readonly system: ActorSystem;
  /** Those who did the most within `ms`. As recon's `proc_window`: it finds those that live too short for a look. */
  window(by: Rate, ms: number, n?: number, filter?: ActorFilter): Promise<readonly Ranked[]>;
  /**
   * What happens from now on. With `'message'` in `kinds`, messages are recorded meanwhile. Ends with
   * the system, the signal or the loop. Who reads slowly misses some, and is told by a `gap`.
   */
  events<K extends EventKind = Exclude<EventKind, 'message'>>(
    options?: EventsOptions<K>,
  ): AsyncIterable<Extract<Happening, { readonly kind: K | 'gap' }>>;
  /**
   * Writes everything to a file, which only its owner can read, until it is closed; `openRecording` opens it. Once
   * half of `bytes` is written, the file becomes `FILE.1`, and a new one begins with everything. When the disk
   * is full, it ends, and says so once on stderr; the program goes on.
   *
   * @throws RangeError for `bytes` that are none; rejects if the file cannot be written.
   */
  record(file: string, options?: RecordOptions): Promise<Recorder>;
  /** Only with `control: true`; undefined otherwise. */
  readonly actions: Actions | undefined;
  /** Stops, and leaves the system as it was. */
  close(): Promise<void>;
}

/** Which happenings, and until when. */
export interface EventsOptions<K extends EventKind> {
  /** Default all but `'message'`. */
  readonly kinds?: readonly K[];
  /** Ends the iteration when it is aborted. */
  readonly signal?: AbortSignal;
}

/** So many of the last messages that an actor took are among its details. */
const HANDLED = 20;

const ALL_KINDS: readonly EventKind[] = [
  'spawn',
  'exit',
  'crash',
  'restart',
  'supervisor',
  'dead_letter',
  'report',
  'link',
  'unlink',
  'monitor',
  'demonitor',
  'exit_signal',
  'timeout',
  'name',
  'system_up',
  'system_silent',
  'system_down',
  'finding',
  'mended',
  'action',
];

/**
 * Begins to observe a system and, as they come and go, its threads. Costs nothing until something is
 * asked for: actors are looked at when somebody looks, and messages are recorded while somebody
 * watches them. Never keeps the program alive, and never runs code of its actors. Two observers of one
 * system do not disturb each other.
 *
 * ```ts
 * await using observer = observe(system);
 * for (const { actor, value } of await observer.top('mailbox', 5)) console.log(actor.label, value);
 * ```
 *
 * @throws TypeError or RangeError for options that are none, Error for a system that has been shut down.
 */
export function observe(system: ActorSystem, options: ObserveOptions = {}): Observer {
  return new LiveObserver(new Hub(system, settingsOf(system, options)));
}

/** What was recorded lately of an observer's messages. @throws TypeError for what is no observer. */
export async function recentOf(
  observer: Observer,
  wanted?: WantedMessages,
): Promise<{ readonly messages: readonly MessageView[]; readonly missed: number | undefined }> {
  if (observer instanceof LiveObserver) return await observer.recent(wanted);
  throw new TypeError('Cannot use this as an observer: it is none of this package');
}

/** The hub of an observer, for who serves it. @throws TypeError for what is none. */
export function hubOf(observer: Observer): Hub {
  if (observer instanceof LiveObserver) return observer.hub;
  throw new TypeError('Cannot use this as an observer: it is none of this package');
}

class LiveObserver implements Observer {
  readonly system: ActorSystem;
  readonly actions: Actions | undefined;
  readonly hub: Hub;
  readonly #doctoring: Doctoring;
  /** Until when it records for who has asked for a sequence. */
  #linger: (() => void) | undefined;
  #lingering: NodeJS.Timeout | undefined;
  /** Numbers of the systems whose messages were merged. */
  readonly #nths = new Map<string, number>();

  constructor(hub: Hub) {
    this.hub = hub;
    this.system = hub.stations.system;
    this.#doctoring = new Doctoring(hub);
    this.actions = hub.settings.control ? actionsOf(hub, 'program') : undefined;
  }

  async snapshot(): Promise<Snapshot> {
    const model = await this.#look();
    const now = Date.now();
    return {
      at: now,
      systems: model.views(),
      actors: select(model, undefined, now),
      waits: waitGraphOf(model),
    };
  }

  async actors(filter?: ActorFilter): Promise<readonly ActorView[]> {
    return select(await this.#look(), filter, Date.now());
  }

  async actor(
    pid: Pid,
    options: { readonly state?: boolean } = {},
  ): Promise<ActorDetail | undefined> {
    const model = await this.#look();
    const actor = model.actor(pidText(pid));
    if (actor === undefined) return undefined;
    const answer =
      actor.ended === undefined
        ? await this.hub.stations
            .ask(pid.system, { kind: 'detail', serial: pid.serial, state: options.state === true })
            .catch(() => undefined)
        : undefined;
    this.hub.single.asked(actor.pid);
    const handled = this.hub.isRecording ? await this.#handled(actor) : [];
    return detailOf(model, actor, answer, handled, Date.now());
  }

  async top(by: Amount, n = 10, filter?: ActorFilter): Promise<readonly Ranked[]> {
    const model = await this.#look();
    const links = new Map<string, number>();
    if (by === 'links')
      for (const [system, incarnation, counts] of await this.hub.stations.askAll({ kind: 'links' }))
        for (const [serial, count] of counts)
          links.set(`${system}.${serial}@${incarnation}`, count);
    return rank(model, by, n, filter, Date.now(), ({ key }) => links.get(key) ?? 0);
  }

  async tree(filter?: ActorFilter): Promise<readonly TreeNode[]> {
    return treeOf(await this.#look(), filter, Date.now());
  }

  async waiting(filter?: ActorFilter): Promise<readonly Waiting[]> {
    const model = await this.#look();
    const isWanted = selecting(model, filter);
    const waiting = [...model.actors()].filter(
      (actor) => isWanted(actor) && actor.status >= 2 && !actor.ended,
    );
    const boxes = await this.#mailboxes(waiting);
    const now = Date.now();
    return waiting.flatMap(
      (actor) => waitingOf(model, actor, boxes.get(actor.key) ?? [], now) ?? [],
    );
  }

  async waitGraph(): Promise<WaitGraph> {
    return waitGraphOf(await this.#look());
  }

  async sequence(options: SequenceOptions = {}): Promise<Sequence> {
    await this.#look();
    this.#recordForAWhile();
    const [only, ...others] = options.actors ?? [];
    if (only !== undefined && others.length === 0) this.hub.single.asked(only);
    const { messages, missed } = await this.recent();
    return sequenceOf(messages, options, {
      labelOf: (pid) => this.hub.labelOf(pid),
      events: this.hub.reports.latest(),
      missed,
    });
  }

  crashes(): ReturnType<View['crashes']> {
    return this.hub.reports.crashes();
  }

  deadLetters(): ReturnType<View['deadLetters']> {
    return this.hub.reports.deadLetters();
  }

  async doctor(): Promise<readonly Finding[]> {
    await this.#look();
    return await this.#doctoring.findings();
  }

  async panels(): Promise<readonly PanelView[]> {
    this.#open();
    const answers = await this.hub.stations.askAll({ kind: 'panels' });
    return answers.flatMap(([, , panels]) => panels);
  }

  async window(by: Rate, ms: number, n = 10, filter?: ActorFilter): Promise<readonly Ranked[]> {
    if (!(ms >= 0))
      throw new RangeError(`Cannot look at a window of ${String(ms)} ms: it is a number from 0`);
    this.#open();
    return await windowOf(this.hub, by, ms, n, filter);
  }

  events<K extends EventKind = Exclude<EventKind, 'message'>>({
    kinds = ALL_KINDS as readonly K[],
    signal,
  }: EventsOptions<K> = {}): AsyncIterable<Extract<Happening, { readonly kind: K | 'gap' }>> {
    this.#open();
    const stopped = () => queue.close();
    const queue = new HappeningQueue(kinds, () => {
      leave();
      signal?.removeEventListener('abort', stopped);
    });
    const withMessages = (kinds as readonly EventKind[]).includes('message');
    const isDoctors = kinds.includes('finding' as K) || kinds.includes('mended' as K);
    const told = new MessagesTold((messages) => {
      for (const message of messages) queue.push({ kind: 'message', at: message.sentAt, message });
    });
    const leave = this.hub.watch({
      kinds,
      messages: withMessages,
      frameMs: withMessages
        ? 100
        : isDoctors && kinds !== (ALL_KINDS as readonly EventKind[])
          ? 500
          : isDoctors
            ? 1000
            : undefined,
      happened: (happening) => queue.push(happening),
      missed: (count) => queue.miss(count),
      ticked: () => {
        if (withMessages)
          void this.recent({ after: told.after }).then(({ messages }) => told.tell(messages));
      },
      ended: () => queue.close(),
    });
    if (signal?.aborted === true) queue.close();
    else signal?.addEventListener('abort', stopped);
    return queue as unknown as AsyncIterable<Extract<Happening, { readonly kind: K | 'gap' }>>;
  }

  async record(file: string, options: RecordOptions = {}): Promise<Recorder> {
    this.#open();
    return await record(this.hub, (wanted) => this.recent(wanted), file, options);
  }

  async close(): Promise<void> {
    clearTimeout(this.#lingering);
    this.hub.close('closed');
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  async #look() {
    this.#open();
    await this.hub.stations.look();
    return this.hub.stations.model;
  }

  /** @throws Error once it is closed. */
  #open(): void {
    const { isOver } = this.hub;
    if (isOver === undefined) return;
    const why = isOver === 'closed' ? 'the observer is closed' : 'it has been shut down';
    throw new Error(`Cannot observe the system ${this.system.name}: ${why}`);
  }

  async recent(wanted: WantedMessages = {}): Promise<{
    readonly messages: MessageView[];
    readonly missed: number | undefined;
  }> {
    const { stations } = this.hub;
    const { last = Number.POSITIVE_INFINITY } = wanted;
    // A message between two threads is two halves, which may be far apart.
    const answers = await stations.askAll({ kind: 'messages', ...wanted, last: 2 * last });
    const all = answers.map(([system, incarnation, answer]): SystemMessages => {
      const key = `${system}@${incarnation}`;
      const nth = this.#nths.get(key) ?? this.#nths.size;
      this.#nths.set(key, nth);
      return { nth, system, incarnation, ...answer };
    });
    const missed = all.map((its) => its.missed);
    return {
      messages: merge(all, (text) => stations.pid(text)).slice(-last),
      missed:
        missed.includes(undefined) || !stations.haveAllAnswered(answers)
          ? undefined
          : missed.reduce<number>((sum, each) => sum + (each ?? 0), 0),
    };
  }

  /** The last messages that an actor took. */
  async #handled(actor: ActorRecord): Promise<readonly MessageView[]> {
    // Of those who live elsewhere, their halves of them are among more.
    const { messages } = await this.recent({ takenBy: actor.key, last: 20 * HANDLED });
    return messages
      .filter(({ to, takenAt }) => to === actor.pid && takenAt !== undefined)
      .slice(-HANDLED);
  }

  async #mailboxes(
    actors: readonly ActorRecord[],
  ): Promise<ReadonlyMap<string, readonly { tag: string; count: number }[]>> {
    const boxes = new Map<string, readonly { tag: string; count: number }[]>();
    const full = actors.filter(({ mailbox, status }) => mailbox > 0 && status === 2);
    for (const system of new Set(full.map(({ pid }) => pid.system))) {
      const serials = full.filter(({ pid }) => pid.system === system).map(({ serial }) => serial);
      const answer = await this.hub.stations
        .ask(system, { kind: 'unmatched', serials })
        .catch(() => []);
      for (const actor of full.filter(({ pid }) => pid.system === system))
        boxes.set(actor.key, answer.find(([serial]) => serial === actor.serial)?.[1] ?? []);
    }
    return boxes;
  }

  /** Whoever asks for a sequence once will ask again. */
  #recordForAWhile(): void {
    if (this.hub.settings.messages !== 'watched') return;
    this.#linger ??= this.hub.watch({ messages: true });
    clearTimeout(this.#lingering);
    this.#lingering = setTimeout(() => {
      this.#linger?.();
      this.#linger = undefined;
    }, LINGER_MS).unref();
  }
}
