/**
 * What counters keep between two scrapes of an observer. Systems come and go, are silent, lost and forgotten, and a
 * counter never falls: of each of them it adds what that has counted since it was heard of last.
 */

import { type ActorRecord, labelOf } from '../model/actor-record.ts';
import { keyOf, type Model } from '../model/model.ts';
import type { SystemRecord } from '../model/system-record.ts';
import type { CountsAnswer } from '../station/orders.ts';

const MOST_VALUES = 200;
const CAUSES = [
  'noproc',
  'noname',
  'late_reply',
  'overflow',
  'unsendable',
  'noconnection',
  'unhandled',
] as const;
const POLICIES = ['wait', 'drop_newest', 'drop_oldest', 'exit'] as const;

type Counts = readonly (readonly [string, number])[];

export class Counters {
  readonly received = new Sums();
  readonly spawns = new Counter();
  readonly exits = new Counter(['orderly', 'crash']);
  readonly crashes = new Counter();
  readonly restarts = new Counter();
  readonly deadLetters = new Counter(CAUSES);
  readonly dropped = new Counter(POLICIES);
  readonly queue = new Counter();
  readonly handling = new Counter();
  readonly #reductions = new WeakMap<ActorRecord, number>();

  /** What frames have told of all systems, and what some have answered. */
  take(
    model: Model,
    answers: readonly (readonly [system: string, incarnation: number, answer: CountsAnswer])[],
  ): void {
    for (const actor of model.actors()) {
      const more = actor.reductions - (this.#reductions.get(actor) ?? 0);
      this.#reductions.set(actor, actor.reductions);
      this.received.add(actor.body, more);
    }
    for (const system of model.systems.values()) {
      const [spawned, ended, crashes] = system.totals;
      this.spawns.add(system, [['', spawned]]);
      this.exits.add(system, [
        ['orderly', Math.max(0, ended - crashes)],
        ['crash', crashes],
      ]);
    }
    for (const [name, incarnation, answer] of answers) {
      const system = model.systems.get(keyOf(name, incarnation));
      // Of one that was forgotten meanwhile, it is not known any more what was added.
      if (system === undefined) continue;
      this.crashes.add(system, answer.crashesBy);
      this.restarts.add(system, answer.restartsBy, (serial) => supervisorOf(system, serial));
      this.deadLetters.add(system, answer.deadLettersBy);
      this.dropped.add(system, answer.droppedBy);
      this.queue.add(system, answer.queue);
      this.handling.add(system, answer.handling);
    }
  }
}

/** Sums of what each of several systems has counted. */
class Counter {
  readonly sums: Sums;
  /** By the value as it is told, whatever it is called. */
  readonly #last = new WeakMap<SystemRecord, Map<string, number>>();

  /** These values are there from the start. */
  constructor(always: readonly string[] = []) {
    this.sums = new Sums(always);
  }

  /** How far it has come; it may be older than what was told last. `shown` is asked what a value is called by now. */
  add(system: SystemRecord, counts: Counts, shown: (value: string) => string = String): void {
    const last = this.#last.get(system) ?? new Map<string, number>();
    this.#last.set(system, last);
    for (const [value, count] of counts) {
      const more = count - (last.get(value) ?? 0);
      if (more <= 0) continue;
      last.set(value, count);
      this.sums.add(shown(value), more);
    }
  }
}

/** One sum for each value, 200 of them, and `other` for the rest. */
export class Sums {
  readonly #sums: Map<string, number>;
  readonly #values = new Limited();

  constructor(always: readonly string[] = []) {
    this.#sums = new Map(always.map((value) => [this.#values.of(value), 0]));
  }

  add(value: string, more: number): void {
    const key = this.#values.of(value);
    this.#sums.set(key, this.of(key) + Math.max(0, more));
  }

  of(value: string): number {
    return this.#sums.get(value) ?? 0;
  }

  [Symbol.iterator](): Iterator<readonly [string, number]> {
    return this.#sums.entries();
  }
}

/** The first so many values; `other` for the rest. */
export class Limited {
  readonly #known = new Set<string>();

  of(value: string): string {
    if (this.#known.has(value)) return value;
    if (this.#known.size >= MOST_VALUES) return 'other';
    this.#known.add(value);
    return value;
  }
}

/** What a supervisor is called, by its serial. */
function supervisorOf(system: SystemRecord, serial: string): string {
  const actor = system.actors.get(Number(serial));
  return actor?.kind === 'supervisor' ? labelOf(actor) : 'other';
}
