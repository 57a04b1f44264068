/** A soak from outside: two threads and walkers everywhere, killing at random, and a look at the books whenever all rest. */

import { type Threads, threads } from '@beamish/threads';
import { ActorSystem, configure, type Pid, type PidOf } from 'beamish';
import { generator } from 'beamish/testing';
import { stateOfSystem } from '../../packages/beamish/src/system/system.ts';
import { ENDS, wrecker } from '../threads/bodies.ts';
import { keepBooks, labelFor } from './bookkeeper.ts';
import {
  type Balance,
  balanceOf,
  type Label,
  Ledger,
  LIVES,
  makeShared,
  wrongWith,
} from './ledger.ts';
import { bookkeeper, heapUsed, type Report, type Walk, walker } from './walker.ts';

const THREADS = 2;
/** In each system, by these names. */
const WALKERS = ['walker 0', 'walker 1', 'walker 2', 'walker 3', 'walker 4'];
/** Longer, and something hangs. */
const SETTLE_MS = 30_000;
const LOOK_MS = 50;

interface Place {
  /** Undefined for the main thread. */
  readonly thread: number | undefined;
  readonly name: string;
}

export class Scene {
  readonly ledger: Ledger;
  /** Threads that were killed. */
  kills = 0;
  readonly #shared = makeShared();
  readonly #random: () => number;
  readonly #system = new ActorSystem({ log: 'off' });
  readonly #killed = new Set<number>();
  readonly #walkers = new Map<Place, Pid<Walk>>();
  /** By thread, who keeps its books. */
  readonly #bookkeepers: PidOf<typeof bookkeeper>[] = [];
  #cores: Threads | undefined;
  #lives = 0;
  #rests = true;
  #isOver = false;

  constructor(seed: number) {
    this.#random = generator(seed);
    this.ledger = new Ledger(this.#shared);
    this.#live(stateOfSystem(this.#system).incarnation);
    keepBooks(stateOfSystem(this.#system), this.ledger);
    this.#system.events.on('system_up', ({ incarnation }) => this.#live(incarnation));
    this.#system.events.on('system_down', ({ incarnation }) =>
      this.#killed.add(this.ledger.lifeOf(incarnation)),
    );
  }

  get #pool(): Threads {
    return this.#cores as Threads;
  }

  #live(incarnation: number): void {
    this.#shared.lives[this.#lives++] = incarnation;
  }

  async start(): Promise<void> {
    this.#cores = await threads(this.#system, {
      size: THREADS,
      restart: { intensity: LIVES, periodMs: 1 },
      systems: { log: 'off' },
    });
    for (let thread = 0; thread < THREADS; thread++) this.#keepBooksIn(thread);
    for (const thread of [undefined, 0, 1])
      for (const name of WALKERS) void this.#populate({ thread, name });
  }

  /** A thread's books are opened before anyone walks there, and whenever it has been started again. */
  #keepBooksIn(thread: number): void {
    const pid = this.#system.spawn(this.#pool.at(bookkeeper, { thread }), this.#shared);
    this.#bookkeepers[thread] = pid;
    void this.#system.exited(pid).then(() => {
      if (!this.#isOver) this.#keepBooksIn(thread);
    });
  }

  /** Whoever ends is followed by another one of the same name, in the same place. */
  async #populate(place: Place): Promise<void> {
    const { thread, name } = place;
    const body = thread === undefined ? walker : this.#pool.at(walker, { thread });
    for (;;) {
      while (thread !== undefined && !this.#isOpen(thread)) await pause(LOOK_MS);
      if (this.#isOver) return;
      const seed = Math.floor(this.#random() * 2 ** 31);
      const named = configure(body, { name });
      const pid = this.#system.spawn(named, this.#shared, seed, this.#rests, this.#pids());
      this.#walkers.set(place, pid);
      await this.#system.exited(pid);
    }
  }

  #isOpen(thread: number): boolean {
    const keeper = this.#bookkeepers[thread];
    return keeper !== undefined && this.ledger.isOpen(this.ledger.lifeOf(keeper.incarnation));
  }

  /** Lets them walk for so long, and brings down a thread at some moment of it. */
  async walk(ms: number): Promise<void> {
    this.#tellAll((label) => ({ tag: 'go', pids: this.#pids(), ...label }));
    this.#rests = false;
    const killAt = performance.now() + this.#random() * ms;
    const until = performance.now() + ms;
    let isDone = this.#lives > LIVES - 8;
    while (performance.now() < until) {
      this.#tellAll((label) => ({ tag: 'friends', pids: this.#pids(), ...label }));
      await pause(LOOK_MS);
      if (!isDone && performance.now() >= killAt) {
        isDone = true;
        this.#kill();
      }
    }
  }

  #kill(): void {
    this.kills++;
    // The other one lives longer, so that its heap can be watched.
    const thread = this.#random() < 0.85 ? 0 : 1;
    const how = Math.floor(this.#random() * (ENDS.length + 1));
    const end = ENDS[how];
    if (end === undefined) this.#pool.kill(thread);
    else this.#system.spawn(this.#pool.at(wrecker, { thread }), this.#system.root as never, 0, end);
  }

  /** All rest, and when nothing is under way any more, everything is looked at. */
  async settle(): Promise<void> {
    this.#rests = true;
    const until = performance.now() + SETTLE_MS;
    let before = '';
    this.#tellAll((label) => ({ tag: 'rest', ...label }));
    for (;;) {
      await pause(LOOK_MS);
      const reports = await this.#ask();
      const isBusy =
        reports === undefined || [...reports.values()].some(({ pending }) => pending > 0);
      const now = JSON.stringify(this.balances());
      const wrong = isBusy
        ? ['Somebody is busy']
        : [...this.#wrongLinks(reports), ...this.#wrongSums()];
      if (!isBusy && wrong.length === 0 && now === before) return;
      before = now;
      if (performance.now() < until) continue;
      for (const what of wrong) this.ledger.fault(what);
      if (isBusy) this.#tellBusy(reports);
      return;
    }
  }

  /** How each walker is; undefined if one has ended in between. */
  async #ask(): Promise<ReadonlyMap<Pid, Report> | undefined> {
    const pids = this.#pids();
    const reports = await Promise.all(
      pids.map((pid) => this.#system.call(pid, { tag: 'report' }).catch(() => undefined)),
    );
    if (reports.includes(undefined)) return undefined;
    return new Map(pids.map((pid, i) => [pid, reports[i] as Report]));
  }

  /** Links are known to both sides, and neither links nor monitors are left of the dead. */
  *#wrongLinks(reports: ReadonlyMap<Pid, Report>): Generator<string> {
    for (const [pid, { links, monitored }] of reports) {
      for (const link of links) {
        if (link === this.#system.root) continue;
        if (!reports.has(link)) yield `${pid} is linked to ${link}, which has ended`;
        else if (!reports.get(link)?.links.includes(pid))
          yield `${link} does not know its link to ${pid}`;
      }
      for (const target of monitored)
        if (!reports.has(target)) yield `${pid} has had no DOWN of ${target}, which has ended`;
    }
  }

  *#wrongSums(): Generator<string> {
    for (const balance of this.balances()) {
      const wrong = wrongWith(balance, (life) => this.isKilled(life));
      if (wrong !== undefined) yield wrong;
    }
  }

  #tellBusy(reports: ReadonlyMap<Pid, Report> | undefined): void {
    for (const [pid, { pending }] of reports ?? [])
      if (pending > 0) this.ledger.fault(`${pid} waits for ${pending} replies`);
  }

  balances(): readonly Balance[] {
    const all: Balance[] = [];
    for (let from = 0; from < this.#lives; from++) {
      for (let to = 0; to < this.#lives; to++) {
        const balance = balanceOf(this.ledger, { from, to });
        if (balance.sent > 0 || balance.lost > 0) all.push(balance);
      }
    }
    return all;
  }

  isKilled(life: number): boolean {
    return this.#killed.has(life);
  }

  /** Bytes in use in the main thread, and in each of the others, by its life. */
  async heaps(): Promise<ReadonlyMap<number, number>> {
    const heaps = new Map([[0, heapUsed()]]);
    for (const pid of this.#bookkeepers) {
      const used = await this.#system.call(pid, { tag: 'heap' }).catch(() => undefined);
      if (used !== undefined) heaps.set(this.ledger.lifeOf(pid.incarnation), used);
    }
    return heaps;
  }

  async close(): Promise<void> {
    this.#isOver = true;
    for (const pid of this.#walkers.values()) this.#system.exitSignal(pid, 'kill');
    await this.#system.shutdown();
  }

  #pids(): readonly Pid<Walk>[] {
    return [...this.#walkers.values()];
  }

  #tellAll(messageWith: (label: Label) => Walk): void {
    const system = stateOfSystem(this.#system);
    for (const pid of this.#walkers.values())
      this.#system.send(pid, messageWith(labelFor(system, this.ledger, pid)));
  }
}

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
