/**
 * Who looks, and how often the system is looked at for them: a timer runs while somebody does. A frame comes
 * no sooner than fifty times as long as the last one took to make, so looking takes no more than 2 % of a thread.
 */

import type { ActorSystem, Label, Pid } from 'beamish';
import { whenShutDown } from 'beamish/transport';
import { labelOf as labelOfRecord } from '../model/actor-record.ts';
import { ON_DEMAND, type OnDemand } from '../station/orders.ts';
import { spentSince, spentSoFar } from '../station/spent.ts';
import type { EventKind, Finding, Happening } from '../terms/happening.ts';
import type { Settings } from '../terms/options.ts';
import { pidText, type SystemFrame } from '../terms/wire.ts';
import { ReportsKept } from './reports.ts';
import { SingleActor } from './single-actor.ts';
import { Stations } from './stations.ts';

/** What somebody wants to have, and is told. */
export interface Watcher {
  /** How often to look, in ms; undefined of one who only wants to hear what happens. */
  readonly frameMs?: number | undefined;
  /** Kinds that are only told on demand. */
  readonly kinds?: readonly EventKind[];
  /** Messages are to be recorded. */
  readonly messages?: boolean;
  framed?(frame: SystemFrame): void;
  /** A look is over. */
  ticked?(at: number): void;
  happened?(happening: Happening): void;
  missed?(count: number): void;
  ended?(reason: 'closed' | 'shutdown'): void;
}

/** A frame comes so many times as late as it took. */
const PAUSE = 50;
const FASTEST_MS = 100;
const COLD = 5;
/** How long it is recorded for who has asked once. */
export const LINGER_MS = 10_000;

export class Hub {
  readonly stations: Stations;
  readonly reports: ReportsKept;
  readonly settings: Settings;
  readonly single = new SingleActor((actor) => this.stations.stand({ kind: 'single', actor }));
  /** Something of the observer failed, which must not be the program's failure. */
  failed: (error: unknown) => void = () => {};
  /** Of the doctor, who examines after a look, if it is time to. */
  examine: () => void = () => {};
  hear: (happening: Happening) => void = () => {};
  findings: () => readonly Finding[] = () => [];
  readonly #watchers = new Set<Watcher>();
  #timer: NodeJS.Timeout | undefined;
  /** What a look and its writing took last. */
  #tookMs = 0;
  /** What taking in the frames of other threads took since then, and the longest that one of them took to be made there. */
  #mergedMs = 0;
  #slowestMs = 0;
  /** The next look comes in so many ms. */
  nextMs = FASTEST_MS;
  /** The first looks are done cold, and say nothing of what the next ones take. */
  #cold = COLD;
  #isRecording = false;
  /** What is told on demand now. */
  #kinds = '';
  #isOver: 'closed' | 'shutdown' | undefined;

  constructor(system: ActorSystem, settings: Settings) {
    this.settings = settings;
    this.reports = new ReportsKept(settings.keep.reports, (pid) => this.labelOf(pid));
    this.stations = new Stations(
      system,
      settings,
      {
        happened: (happening) => this.tell(happening),
        missed: (count) => {
          for (const watcher of this.#watchers) watcher.missed?.(count);
        },
        merged: (ms) => {
          this.#mergedMs += ms;
        },
        framed: (frame) => {
          this.#slowestMs = Math.max(this.#slowestMs, frame.tookMs ?? 0);
          for (const watcher of this.#watchers) watcher.framed?.(frame);
        },
      },
      (error) => this.failed(error),
    );
    onShutdown(system, this);
    this.#adjust();
  }

  get isOver(): 'closed' | 'shutdown' | undefined {
    return this.#isOver;
  }

  get isRecording(): boolean {
    return this.#isRecording;
  }

  /** Returns how to leave. */
  watch(watcher: Watcher): () => void {
    this.#watchers.add(watcher);
    this.#adjust();
    return () => {
      if (this.#watchers.delete(watcher)) this.#adjust();
    };
  }

  /** Something happened: here, in a thread, or in the observer itself. */
  tell(happening: Happening): void {
    const known = this.reports.take(happening);
    this.hear(known);
    for (const watcher of this.#watchers) watcher.happened?.(known);
  }

  labelOf(pid: Pid): Label {
    const actor = this.stations.model.actor(pidText(pid));
    return { pid, name: actor && labelOfRecord(actor), body: actor?.body };
  }

  close(reason: 'closed' | 'shutdown'): void {
    if (this.#isOver !== undefined) return;
    this.#isOver = reason;
    clearTimeout(this.#timer);
    this.single.close();
    for (const watcher of [...this.#watchers]) watcher.ended?.(reason);
    this.#watchers.clear();
    hubs.get(this.stations.system)?.delete(this);
    this.stations.close();
  }

  /** What writing it for those who look took, in ms. */
  spent(ms: number): void {
    this.#tookMs += ms;
  }

  #adjust(): void {
    if (this.#isOver !== undefined) return;
    const watchers = [...this.#watchers];
    const { messages } = this.settings;
    const isRecording =
      messages === 'always' ||
      (messages === 'watched' && watchers.some((watcher) => watcher.messages === true));
    if (isRecording !== this.#isRecording) {
      this.#isRecording = isRecording;
      this.stations.stand({ kind: 'record', on: isRecording });
    }
    const asked = new Set<EventKind>(watchers.flatMap(({ kinds }) => kinds ?? []));
    if (isRecording) for (const kind of ['spawn', 'exit', 'timeout'] as const) asked.add(kind);
    const kinds: OnDemand[] = ON_DEMAND.filter((kind) => asked.has(kind));
    if (kinds.join() !== this.#kinds) {
      this.#kinds = kinds.join();
      this.stations.stand({ kind: 'demand', kinds });
    }
    this.#schedule();
  }

  #schedule(): void {
    clearTimeout(this.#timer);
    const wanted = [...this.#watchers].flatMap(({ frameMs }) => frameMs ?? []);
    if (wanted.length === 0 || this.#isOver !== undefined) return;
    const pause = this.#cold > 0 ? 0 : PAUSE * this.#tookMs;
    const ms = Math.max(FASTEST_MS, Math.min(...wanted), pause);
    this.nextMs = ms;
    this.#timer = setTimeout(() => this.#tick(), ms).unref();
  }

  #tick(): void {
    const from = spentSoFar();
    const slowest = this.#slowestMs;
    this.#tookMs = this.#mergedMs;
    this.#mergedMs = this.#slowestMs = 0;
    if (this.#cold > 0) this.#cold--;
    try {
      this.stations.tick();
      this.examine();
      for (const watcher of this.#watchers) watcher.ticked?.(Date.now());
    } catch (error) {
      // A fault of the observer, which must not be the end of the program.
      this.failed(error);
    }
    // None of the threads has less time than it needs.
    this.#tookMs = Math.max(this.#tookMs + spentSince(from), slowest);
    this.#schedule();
  }
}

/** Those of each system that is not shut down, told by one word of the system. */
const hubs = new WeakMap<ActorSystem, Set<Hub>>();

function onShutdown(system: ActorSystem, hub: Hub): void {
  let all = hubs.get(system);
  if (all === undefined) {
    const made = new Set<Hub>();
    all = made;
    // Throws if it has been shut down, as observing it then makes no sense.
    whenShutDown(system, async () => {
      for (const each of [...made]) each.close('shutdown');
    });
    hubs.set(system, all);
  }
  all.add(hub);
}
