/** What is wrong with a whole thread, or between threads. */

import type { SystemRecord } from '../model/system-record.ts';
import { nameOf, number, type Sample, type Symptom, seconds } from './symptoms.ts';

const BURST = 100;
const BURST_MS = 1_000;
/** A burst is told for so long. */
const TOLD_MS = 10_000;
const IMBALANCE_MS = 10_000;
const BUSY = 0.9;
const IDLE = 0.5;
const MANY_RUNNABLE = 20;
const MANY_TIMERS = 1_000;
const TIMERS_MS = 10_000;
const MORE_TIMERS = 500;

export class SystemRules {
  #letters: Sample['letters'] = [];
  #bursts: { readonly at: number; readonly symptom: Symptom }[] = [];
  #copies: { readonly at: number; readonly symptom: Symptom }[] = [];
  #unbalanced: number | undefined;
  readonly #timers = new Map<string, { at: number; count: number }[]>();

  judge(sample: Sample): Symptom[] {
    const { now, model } = sample;
    const systems = [...model.systems.values()];
    return [
      ...this.#deadLetters(sample),
      ...this.#largeCopies(sample),
      ...this.#imbalance(systems, now),
      ...systems.flatMap((system) => [
        ...silence(system, now),
        ...death(system),
        ...bursts(system),
        ...this.#timersOf(system, now),
      ]),
    ];
  }

  #largeCopies({ now, model, copies }: Sample): Symptom[] {
    for (const { from, to, tag, bytes } of copies) {
      const sender = model.actor(from);
      const receiver = model.actor(to);
      const size = `${number(bytes / (1024 * 1024))} MB`;
      const symptom: Symptom = {
        rule: 'big_copy',
        key: `big_copy ${from} ${tag}`,
        severity: 'hint',
        summary: `"${tag}" from ${sender === undefined ? 'outside' : nameOf(sender)} to ${receiver === undefined ? to : nameOf(receiver)} was copied into another thread, some ${size}: offer it with \`transfer\`, and its buffers are moved`,
        evidence: [
          { label: 'size', value: size },
          { label: 'tag', value: `"${tag}"` },
        ],
        actors: [sender, receiver].flatMap((actor) => actor?.pid ?? []),
      };
      this.#copies = [
        ...this.#copies.filter((it) => it.symptom.key !== symptom.key),
        { at: now, symptom },
      ];
    }
    this.#copies = this.#copies.filter(({ at }) => at > now - TOLD_MS);
    return this.#copies.map(({ symptom }) => symptom);
  }

  #deadLetters({ now, letters }: Sample): Symptom[] {
    this.#letters = [...this.#letters, ...letters].filter(({ at }) => at > now - 2 * BURST_MS);
    const byAddress = new Map<string, Sample['letters'][number][]>();
    for (const letter of this.#letters) {
      const known = byAddress.get(letter.to);
      if (known === undefined) byAddress.set(letter.to, [letter]);
      else known.push(letter);
    }
    for (const [to, all] of byAddress) {
      const count = densest(all.map(({ at }) => at));
      if (count <= BURST) continue;
      const senders = [...new Set(all.map(({ from }) => from))];
      const from =
        senders.slice(0, 3).join(', ') +
        (senders.length > 3 ? ` and ${senders.length - 3} more` : '');
      const symptom: Symptom = {
        rule: 'dead_letter_burst',
        key: `dead_letter_burst ${to}`,
        severity: 'warning',
        summary: `${number(count)} messages to ${to} reached nobody within a second; they came from ${from}`,
        evidence: [
          { label: 'to', value: to },
          { label: 'from', value: from },
          { label: 'in a second', value: number(count) },
        ],
        actors: [],
      };
      this.#bursts = [
        ...this.#bursts.filter((it) => it.symptom.key !== symptom.key),
        { at: now, symptom },
      ];
    }
    this.#bursts = this.#bursts.filter(({ at }) => at > now - TOLD_MS);
    return this.#bursts.map(({ symptom }) => symptom);
  }

  #imbalance(systems: readonly SystemRecord[], now: number): Symptom[] {
    const up = systems.filter(({ status }) => status === 'up');
    const busiest = up.reduce<SystemRecord | undefined>(
      (most, it) => (busyOf(it) > busyOf(most) ? it : most),
      undefined,
    );
    const idlest = up.reduce<SystemRecord | undefined>(
      (least, it) => (busyOf(it) < busyOf(least) || least === undefined ? it : least),
      undefined,
    );
    const isUneven =
      busiest !== undefined &&
      idlest !== undefined &&
      busyOf(busiest) >= BUSY &&
      busyOf(idlest) <= IDLE &&
      busiest.figures[1] >= MANY_RUNNABLE;
    if (!isUneven) {
      this.#unbalanced = undefined;
      return [];
    }
    this.#unbalanced ??= now;
    if (now - this.#unbalanced < IMBALANCE_MS) return [];
    return [
      {
        rule: 'thread_imbalance',
        key: 'thread_imbalance',
        severity: 'warning',
        summary: `${busiest.name} is busy for ${percent(busyOf(busiest))} with ${busiest.figures[1]} actors waiting for a turn, while ${idlest.name} is busy for ${percent(busyOf(idlest))}`,
        evidence: [
          { label: busiest.name, value: percent(busyOf(busiest)) },
          { label: idlest.name, value: percent(busyOf(idlest)) },
        ],
        actors: [],
      },
    ];
  }

  #timersOf(system: SystemRecord, now: number): Symptom[] {
    const count = system.figures[7] ?? 0;
    const key = `${system.name}@${system.incarnation}`;
    const samples = this.#timers.get(key) ?? [];
    this.#timers.set(key, samples);
    const last = samples.at(-1);
    if (count < MANY_TIMERS || (last !== undefined && count < last.count)) samples.length = 0;
    samples.push({ at: now, count });
    while (samples.length > 2 && (samples[1] as { at: number }).at <= now - TIMERS_MS)
      samples.shift();
    const first = samples[0] as { at: number; count: number };
    if (
      count < MANY_TIMERS ||
      now - first.at < TIMERS_MS * 0.95 ||
      count - first.count < MORE_TIMERS
    )
      return [];
    const rate = ((count - first.count) * 1000) / (now - first.at);
    return [
      {
        rule: 'timer_leak',
        key: `timer_leak ${key}`,
        severity: 'warning',
        summary: `${system.name} has ${number(count)} timers pending, and ${number(rate)} more each second`,
        evidence: [
          { label: 'timers', value: number(count) },
          { label: 'more', value: `${number(rate)} a second` },
        ],
        actors: [],
      },
    ];
  }
}

function silence(system: SystemRecord, now: number): Symptom[] {
  if (system.status !== 'silent') return [];
  return [
    {
      rule: 'thread_silent',
      key: `thread_silent ${system.name}@${system.incarnation}`,
      severity: 'error',
      summary: `${system.name} has not answered for ${seconds(now - system.at)}: its event loop does not turn`,
      evidence: [{ label: 'last heard of', value: `${seconds(now - system.at)} ago` }],
      actors: [],
    },
  ];
}

/** Told as long as it is shown. */
function death(system: SystemRecord): Symptom[] {
  if (system.died === undefined) return [];
  const { why, lost } = system.died;
  const count = system.actors.size;
  const actors = count === 1 ? 'one actor is' : `${number(count)} actors are`;
  const messages =
    lost === 0
      ? ''
      : `, and ${lost === 1 ? 'a message' : `${number(lost)} messages`} on the way to it`;
  return [
    {
      rule: 'thread_silent',
      key: `thread_silent ${system.name}@${system.incarnation}`,
      severity: 'error',
      summary: `${system.name} died: ${why}; ${actors} lost with it${messages}`,
      evidence: [
        { label: 'why', value: why },
        ...(lost === 0 ? [] : [{ label: 'messages on the way', value: number(lost) }]),
      ],
      actors: [],
    },
  ];
}

function bursts(system: SystemRecord): Symptom[] {
  const recorded = system.figures[6];
  if (recorded <= 0 || recorded > 0.98) return [];
  return [
    {
      rule: 'recording_bursts',
      key: `recording_bursts ${system.name}@${system.incarnation}`,
      severity: 'hint',
      summary: `Of the messages of ${system.name}, ${percent(recorded)} are recorded, in bursts: all of them would take more time than the budget`,
      evidence: [{ label: 'recorded', value: percent(recorded) }],
      actors: [],
    },
  ];
}

/** The most within a second. */
function densest(moments: readonly number[]): number {
  let most = 0;
  let from = 0;
  for (let i = 0; i < moments.length; i++) {
    while ((moments[i] as number) - (moments[from] as number) >= BURST_MS) from++;
    most = Math.max(most, i - from + 1);
  }
  return most;
}

function busyOf(system: SystemRecord | undefined): number {
  return system?.figures[3] ?? 0;
}

function percent(part: number): string {
  return `${Math.round(part * 100)} %`;
}
