/**
 * The stations of a system and of its threads, asked together and merged into one model. A look at the own
 * thread is done at once; what others answer is taken when it comes. Nothing is asked by itself: there is no
 * timer here.
 */

import type { ActorSystem, Pid } from 'beamish';
import { onThread, pidIn, type ThreadAccess } from 'beamish/observation';
import { failedFrame } from '../model/full-frame.ts';
import { Model } from '../model/model.ts';
import type { Answers, Order, StationSettings } from '../station/orders.ts';
import { spentSince, spentSoFar } from '../station/spent.ts';
import { Station } from '../station/station.ts';
import type { Happening } from '../terms/happening.ts';
import type { Settings } from '../terms/options.ts';
import { fromPlain } from '../terms/plain.ts';
import type { PidText, SystemFrame } from '../terms/wire.ts';
import { RemoteStation } from './remote-station.ts';

/** How long a look waits for other threads. */
export const PATIENCE_MS = 250;
/** Who owes an answer for so long is silent, and is not waited for any longer. */
export const SILENT_MS = 2000;

export interface Hearing {
  happened(happening: Happening): void;
  missed(count: number): void;
  framed(frame: SystemFrame): void;
  /** What another thread told was taken in, in so many ms. */
  merged(ms: number): void;
}

export class Stations {
  readonly system: ActorSystem;
  readonly model: Model;
  readonly own: Station;
  readonly #settings: StationSettings;
  readonly #hearing: Hearing;
  readonly #remote = new Set<RemoteStation>();
  readonly #looking = new Map<RemoteStation, Promise<void>>();
  readonly #silent = new Set<RemoteStation>();
  readonly #stop: () => void;
  #standing: Order[] = [];

  constructor(
    system: ActorSystem,
    settings: Settings,
    hearing: Hearing,
    failed: (error: unknown) => void,
  ) {
    this.system = system;
    this.#hearing = hearing;
    const { payloads, budget, control, keep } = settings;
    const { redact, ...how } = payloads ?? {};
    this.#settings = { budget, control, keepMessages: keep.messages, payloads: payloads && how };
    this.model = new Model({
      endedMs: keep.endedMs,
      pidOf: (name, incarnation, serial) => this.#pidOf(name, incarnation, serial),
    });
    this.own = new Station(system, this.#settings, (happening) => this.#happened(happening), {
      redact,
      failed,
    });
    this.#stop = onThread(system, (thread) => this.#meet(thread));
  }

  /** Looks at all of them; waits for other threads, but not for ever. */
  async look(): Promise<void> {
    this.lookHere();
    if (this.#remote.size === 0) return;
    const answers = Promise.allSettled([...this.#remote].map((remote) => this.#lookAt(remote)));
    let late: NodeJS.Timeout | undefined;
    // It keeps the program alive for so long, as somebody waits for it.
    const patience = new Promise<void>((resolve) => {
      late = setTimeout(resolve, PATIENCE_MS);
    });
    await Promise.race([answers, patience]);
    clearTimeout(late);
    this.tellSilent();
  }

  /** Looks at this thread, and asks the others. */
  tick(): void {
    this.lookHere();
    for (const remote of this.#remote) void this.#lookAt(remote);
    this.tellSilent();
  }

  lookHere(): void {
    this.#apply(this.own.look(false));
    this.model.forget(Date.now());
  }

  /** Who owes an answer for too long. */
  tellSilent(): void {
    for (const remote of this.#remote) {
      const { owesForMs, system, incarnation } = remote;
      if (owesForMs <= SILENT_MS || this.#silent.has(remote)) continue;
      this.#silent.add(remote);
      this.#happened({ kind: 'system_silent', at: Date.now(), system, incarnation });
    }
  }

  /** Asks the station of one system; rejects if there is none, and once it has died or is silent. */
  async ask<O extends Order>(system: string, order: O): Promise<Answers[O['kind']]> {
    if (system === this.system.name) return await this.own.ask(order);
    const remote = [...this.#remote].findLast((its) => its.system === system);
    if (remote === undefined) throw new Error(`Cannot look at ${system}: there is no such system`);
    if (remote.owesForMs > SILENT_MS) throw unanswered();
    return await within(SILENT_MS, remote.ask(order));
  }

  /**
   * Asks all. Who has died is left out at once, who does not answer in time once that is over, and who owes an answer
   * already for as long as a look would wait is not asked. `late` is told what comes after that.
   */
  async askAll<O extends Order>(
    order: O,
    ms: number = SILENT_MS,
    late?: (answer: Answers[O['kind']]) => void,
  ): Promise<(readonly [system: string, incarnation: number, answer: Answers[O['kind']]])[]> {
    const own = this.own.ask(order);
    const asked = [...this.#remote].filter(({ owesForMs }) => owesForMs < PATIENCE_MS);
    const others = await Promise.all(
      asked.map(async (remote) => {
        const answer = remote.ask(order);
        try {
          return [[remote.system, remote.incarnation, await within(ms, answer)] as const];
        } catch {
          // It has died, or is late.
          if (late !== undefined) answer.then(late, () => {});
          return [];
        }
      }),
    );
    const { name, root } = this.system;
    return [[name, root.incarnation, (await own) as Answers[O['kind']]], ...others.flat()];
  }

  /** Whether each system that is up is among those who have answered. */
  haveAllAnswered(answers: { readonly length: number }): boolean {
    return answers.length > this.#remote.size;
  }

  /** Asks this of everybody now, and of who comes from now on; another of its kind takes its place. */
  stand(order: Order): void {
    this.#standing = [...this.#standing.filter(({ kind }) => kind !== order.kind), order];
    void this.own.ask(order);
    for (const remote of this.#remote) remote.ask(order).catch(() => {});
  }

  close(): void {
    this.#stop();
    this.own.close();
    for (const remote of this.#remote) remote.close();
    this.#remote.clear();
  }

  pid(text: PidText): Pid | undefined {
    return this.model.pid(text);
  }

  #meet(thread: ThreadAccess): void {
    const remote: RemoteStation = new RemoteStation(thread, this.#settings, {
      happened: (plain, missed) => {
        for (const each of plain)
          this.#happened(fromPlain(each, (text) => this.model.pid(text)) as Happening);
        if (missed > 0) this.#hearing.missed(missed);
      },
      over: () => this.#over(remote, 'noconnection'),
    });
    this.#remote.add(remote);
    for (const order of this.#standing) remote.ask(order).catch(() => {});
  }

  #over(remote: RemoteStation, reason: string): void {
    this.#remote.delete(remote);
    this.#silent.delete(remote);
    this.model.lose(remote.system, remote.incarnation, reason, Date.now());
  }

  #lookAt(remote: RemoteStation): Promise<void> {
    const looking = this.#looking.get(remote);
    if (looking !== undefined) return looking;
    const look = remote
      .ask({ kind: 'look', full: false })
      .then(
        (frame) => {
          this.#silent.delete(remote);
          const from = spentSoFar();
          this.#apply(frame);
          this.#hearing.merged(spentSince(from));
        },
        () => {
          const { system, incarnation, failed } = remote;
          // Else it has ended, which is told when its port closes.
          if (failed !== undefined)
            this.#apply(failedFrame(system, incarnation, failed, Date.now()));
        },
      )
      .finally(() => this.#looking.delete(remote));
    this.#looking.set(remote, look);
    return look;
  }

  #apply(frame: SystemFrame): void {
    this.model.apply(frame);
    this.#hearing.framed(frame);
  }

  #happened(happening: Happening): void {
    this.model.heard(happening);
    this.#hearing.happened(happening);
  }

  #pidOf(name: string, incarnation: number, serial: number): Pid {
    const { root } = this.system;
    const isHere = name === this.system.name && incarnation === root.incarnation;
    if (!isHere) return pidIn(this.system, { system: name, incarnation, serial });
    if (serial === root.serial) return root;
    return this.own.pidOf(serial) ?? pidIn(this.system, { system: name, incarnation, serial });
  }
}

/** Of a thread that does not turn, nobody waits for ever. */
async function within<T>(ms: number, answer: Promise<T>): Promise<T> {
  let late: NodeJS.Timeout | undefined;
  const patience = new Promise<never>((_, reject) => {
    late = setTimeout(() => reject(unanswered()), ms);
  });
  answer.catch(() => {});
  try {
    return await Promise.race([answer, patience]);
  } finally {
    clearTimeout(late);
  }
}

function unanswered(): Error {
  return new Error('Its thread does not answer');
}
