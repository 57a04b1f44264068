/** Actors that wait in a circle, turn for too long, crash too often, or belong to nobody. */

import type { ActorRecord } from '../model/actor-record.ts';
import type { PidText } from '../terms/wire.ts';
import { isOrphan } from '../views/tree.ts';
import { circlesIn, waitsOf } from '../views/waits.ts';
import { type Asking, nameOf, number, type Sample, type Symptom, seconds } from './symptoms.ts';

const FOREIGN_MS = 10_000;
const ORPHAN_MS = 30_000;
/** Of the intensity, so much is a storm; below so many restarts it is none. */
const STORM = 0.8;
const FEWEST_RESTARTS = 3;
/** A long turn is told for so long. */
const TOLD_MS = 10_000;
const MOST_ORPHANS = 20;

export class ActorRules {
  readonly #orphans = new Map<PidText, number>();
  readonly #waits = new Map<PidText, { readonly since: number; readonly at: number }>();
  #turns: { readonly at: number; readonly symptom: Symptom }[] = [];
  /** Circles of the last examination. */
  #circles = new Set<string>();

  async judge(sample: Sample, asking: Asking): Promise<Symptom[]> {
    return [
      ...this.#deadlocks(sample),
      ...this.#longTurns(sample),
      ...this.#foreign(sample),
      ...storms(sample),
      ...(await this.#lost(sample, asking)),
    ];
  }

  /** Looks of two threads are of two moments, so a circle through both has to be there twice. */
  #deadlocks({ model }: Sample): Symptom[] {
    const before = this.#circles;
    this.#circles = new Set();
    return circlesIn(waitsOf(model)).flatMap(({ waits, leftMs }): Symptom[] => {
      const actors = waits.flatMap(({ from }) => model.actor(from) ?? []);
      if (actors.length !== waits.length || waits.length < 2) return [];
      const key = `deadlock ${waits.map(({ from }) => from).join(' ')}`;
      this.#circles.add(key);
      const isAcross = new Set(actors.map(({ pid }) => pid.system)).size > 1;
      if (isAcross && !before.has(key)) return [];
      const steps = waits.map(({ why, what }, i) => {
        const [from, to] = [
          actors[i] as ActorRecord,
          actors[(i + 1) % actors.length] as ActorRecord,
        ];
        return `${nameOf(from)} waits for ${nameOf(to)} ${doing(why, what)}`;
      });
      const left = leftMs === undefined ? '' : `, until a time-out in ${seconds(leftMs)}`;
      return [
        {
          rule: 'deadlock',
          key,
          severity: leftMs === undefined ? 'error' : 'hint',
          summary: `${steps.join(', ')}${left}`,
          evidence: steps.map((value, i) => ({ label: String(i + 1), value })),
          actors: actors.map(({ pid }) => pid),
        },
      ];
    });
  }

  #longTurns({ now, model, turns }: Sample): Symptom[] {
    for (const { pid, ms, tag } of turns) {
      const actor = model.actor(pid);
      if (actor === undefined) continue;
      const handling = tag === undefined ? '' : ` handling "${tag}"`;
      const symptom: Symptom = {
        rule: 'long_turn',
        key: `long_turn ${pid}`,
        severity: 'warning',
        summary: `A turn of ${nameOf(actor)}${handling} took ${number(ms)} ms, in which nobody else of its thread had one`,
        evidence: [
          { label: 'turn', value: `${number(ms)} ms` },
          ...(tag === undefined ? [] : [{ label: 'handling', value: `"${tag}"` }]),
        ],
        actors: [actor.pid],
      };
      this.#turns = [
        ...this.#turns.filter((it) => it.symptom.key !== symptom.key),
        { at: now, symptom },
      ];
    }
    this.#turns = this.#turns.filter(({ at }) => at > now - TOLD_MS);
    return this.#turns.map(({ symptom }) => symptom);
  }

  /** An outside promise that does not come. Its time is real time, as the promise's is. */
  #foreign({ now, model }: Sample): Symptom[] {
    const symptoms: Symptom[] = [];
    const met = new Set<PidText>();
    for (const actor of model.actors()) {
      if (actor.ended !== undefined || actor.status !== 3 || actor.waitingFor[0] !== 'a promise')
        continue;
      met.add(actor.key);
      const known = this.#waits.get(actor.key);
      if (known === undefined || known.since !== actor.since) {
        this.#waits.set(actor.key, { since: actor.since, at: now });
        continue;
      }
      const ms = now - known.at;
      if (ms < FOREIGN_MS) continue;
      symptoms.push({
        rule: 'foreign_await',
        key: `foreign_await ${actor.key}`,
        severity: 'warning',
        summary: `${nameOf(actor)} has waited for a promise from outside for ${seconds(ms)}; nothing that is sent to it is taken meanwhile`,
        evidence: [{ label: 'for', value: seconds(ms) }],
        actors: [actor.pid],
      });
    }
    for (const key of this.#waits.keys()) if (!met.has(key)) this.#waits.delete(key);
    return symptoms;
  }

  async #lost({ now, model }: Sample, asking: Asking): Promise<Symptom[]> {
    const symptoms: Symptom[] = [];
    const met = new Set<PidText>();
    for (const actor of model.actors()) {
      if (actor.name !== undefined || !isOrphan(model, actor)) continue;
      met.add(actor.key);
      const since =
        this.#orphans.get(actor.key) ?? model.actor(actor.parent ?? '')?.ended?.at ?? now;
      this.#orphans.set(actor.key, since);
      if (now - since < ORPHAN_MS || symptoms.length >= MOST_ORPHANS) continue;
      if ((await asking.links(actor)) > 0) continue;
      symptoms.push({
        rule: 'orphan',
        key: `orphan ${actor.key}`,
        severity: 'hint',
        summary: `${nameOf(actor)} belongs to nobody: who spawned it ended ${seconds(now - since)} ago, and nobody is linked to it`,
        evidence: [{ label: 'spawner ended', value: `${seconds(now - since)} ago` }],
        actors: [actor.pid],
      });
    }
    for (const key of this.#orphans.keys()) if (!met.has(key)) this.#orphans.delete(key);
    return symptoms;
  }
}

function storms({ model }: Sample): Symptom[] {
  const symptoms: Symptom[] = [];
  for (const actor of model.actors()) {
    if (actor.supervising === undefined || actor.ended !== undefined) continue;
    const { count, intensity, periodMs } = actor.supervising.rate;
    if (count < FEWEST_RESTARTS || count < intensity * STORM) continue;
    symptoms.push({
      rule: 'restart_storm',
      key: `restart_storm ${actor.key}`,
      severity: 'warning',
      summary: `${nameOf(actor)} has restarted its children ${count} times within ${seconds(periodMs)}; at more than ${intensity} it gives up`,
      evidence: [
        { label: 'restarts', value: `${count} of ${intensity}` },
        { label: 'within', value: seconds(periodMs) },
      ],
      actors: [actor.pid],
    });
  }
  return symptoms;
}

function doing(why: string, what: string): string {
  switch (why) {
    case 'call':
      return `to answer “${what}”`;
    case 'room':
      return 'to make room in its mailbox';
    case 'start':
      return 'to start';
    default:
      return 'to end';
  }
}
