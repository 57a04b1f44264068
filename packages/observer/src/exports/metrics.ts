/** Prometheus text, version 0.0.4. Never a pid; at most 200 values of a label, the rest as `other`. */

import { labelOf, statusOf } from '../model/actor-record.ts';
import type { Model } from '../model/model.ts';
import { hubOf, type Observer } from '../observing/observer.ts';
import { harmless } from '../terms/text.ts';

const MOST_VALUES = 200;
const STATUSES = ['running', 'runnable', 'waiting', 'awaiting', 'suspended'] as const;
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
/** Of the histograms, in seconds. */
const BUCKETS = [0.0001, 0.001, 0.01, 0.1, 1, 10] as const;

type Labels = Readonly<Record<string, string>>;
export interface Metric {
  readonly name: string;
  readonly help: string;
  readonly type: 'counter' | 'gauge' | 'histogram';
  readonly samples: readonly (readonly [suffix: string, labels: Labels, value: number])[];
}

/** What is kept between two scrapes of an observer. */
interface Kept {
  readonly received: ReceivedByBody;
  readonly queue: Times;
  readonly handling: Times;
}
const kept = new WeakMap<Observer, Kept>();

/** Prometheus text, version 0.0.4. Never a pid; at most 200 bodies and 200 tags, the rest as `other`. */
export async function metrics(observer: Observer): Promise<string> {
  return `${(await measured(observer)).flatMap(linesOf).join('\n')}\n`;
}

/** The same before it is text. */
export async function measured(observer: Observer): Promise<readonly Metric[]> {
  const hub = hubOf(observer);
  const its = kept.get(observer) ?? {
    received: new ReceivedByBody(),
    queue: new Times(),
    handling: new Times(),
  };
  kept.set(observer, its);
  await observer.snapshot();
  const { model } = hub.stations;
  const counts = (await hub.stations.askAll({ kind: 'counts' })).map(([, , answer]) => answer);
  const systems = model.views();
  const queue = counts.flatMap(({ queueMs }) => queueMs);
  const handling = counts.flatMap(({ handlingMs }) => handlingMs);
  const sum = (of: (its: (typeof systems)[number]) => number) =>
    systems.reduce((all, its) => all + of(its), 0);
  const ended = [...model.systems.values()].reduce((all, { totals }) => all + totals[1], 0);
  const supervisors = (serial: string) => supervisorNamed(model, Number(serial));
  return [
    gauge('beamish_actors', 'Actors that are alive.', byBodyAndStatus(model)),
    counter(
      'beamish_messages_received_total',
      'Messages that actors have taken.',
      its.received.read(model),
    ),
    gauge(
      'beamish_mailbox_messages',
      'Messages that have not been taken.',
      byBody(
        model,
        ({ mailbox }) => mailbox,
        (a, b) => a + b,
      ),
    ),
    gauge(
      'beamish_mailbox_messages_max',
      'Messages in the fullest mailbox.',
      byBody(model, ({ mailbox }) => mailbox, Math.max),
    ),
    counter('beamish_spawns_total', 'Actors that were spawned.', [
      [{}, sum(({ spawned }) => spawned)],
    ]),
    counter('beamish_exits_total', 'Actors that have ended.', [
      [{ kind: 'orderly' }, Math.max(0, ended - sum(({ crashes }) => crashes))],
      [{ kind: 'crash' }, sum(({ crashes }) => crashes)],
    ]),
    counter(
      'beamish_crashes_total',
      'Crashes since the system is observed.',
      labelled(
        'body',
        counts.map((each) => each.crashesBy),
      ),
    ),
    counter(
      'beamish_restarts_total',
      'What supervisors did about the end of a child, since the system is observed.',
      labelled(
        'supervisor',
        counts.map((each) =>
          each.restartsBy.map(([serial, n]) => [supervisors(serial), n] as const),
        ),
      ),
    ),
    counter(
      'beamish_dead_letters_total',
      'Messages that reached nobody, since the system is observed.',
      labelled(
        'why',
        counts.map((each) => each.deadLettersBy),
        CAUSES,
      ),
    ),
    counter(
      'beamish_mailbox_dropped_total',
      'Messages that a full mailbox had no room for, since the system is observed.',
      labelled(
        'policy',
        counts.map((each) => each.droppedBy),
        POLICIES,
      ),
    ),
    gauge(
      'beamish_run_queue',
      'Actors that wait for a turn.',
      systems.map((one) => [{ system: one.system }, one.runnable]),
    ),
    gauge(
      'beamish_event_loop_delay_seconds',
      'The longest that the event loop was kept waiting since the last look.',
      systems.map((one) => [{ system: one.system }, one.loopDelayMs / 1000]),
    ),
    gauge(
      'beamish_busy_ratio',
      'Of the time since the last look, the part that was not idle.',
      systems.map((one) => [{ system: one.system }, one.busy]),
    ),
    gauge(
      'beamish_recorded_ratio',
      'Of the time since the last look, the part in which messages were recorded.',
      systems.map((one) => [{ system: one.system }, one.recorded]),
    ),
    histogram(
      'beamish_queue_seconds',
      'How long recorded messages waited in a mailbox.',
      its.queue.add(queue),
    ),
    histogram(
      'beamish_handling_seconds',
      'How long recorded messages were handled.',
      its.handling.add(handling),
    ),
  ];
}

function byBodyAndStatus(model: Model): [Labels, number][] {
  const counts = new Map<string, number>();
  const bodies = new Limited();
  for (const actor of model.actors()) {
    if (actor.ended !== undefined) continue;
    const key = JSON.stringify([bodies.of(actor.body), statusOf(actor)]);
    counts.set(key, (counts.get(key) ?? 0) + 1);
  }
  if (counts.size === 0) return [[{ body: '', status: STATUSES[0] }, 0]];
  return Array.from(counts, ([key, count]) => {
    const [body, status] = JSON.parse(key) as [string, string];
    return [{ body, status }, count];
  });
}

function byBody(
  model: Model,
  amount: (actor: { readonly mailbox: number }) => number,
  join: (a: number, b: number) => number,
): [Labels, number][] {
  const amounts = new Map<string, number>();
  const bodies = new Limited();
  for (const actor of model.actors()) {
    if (actor.ended !== undefined) continue;
    const body = bodies.of(actor.body);
    amounts.set(body, join(amounts.get(body) ?? 0, amount(actor)));
  }
  if (amounts.size === 0) return [[{ body: '' }, 0]];
  return Array.from(amounts, ([body, value]) => [{ body }, value]);
}

function labelled(
  label: string,
  counts: readonly (readonly (readonly [string, number])[])[],
  always: readonly string[] = [],
): [Labels, number][] {
  const sums = new Map<string, number>(always.map((value) => [value, 0]));
  const values = new Limited();
  for (const [value, count] of counts.flat()) {
    const key = values.of(value);
    sums.set(key, (sums.get(key) ?? 0) + count);
  }
  if (sums.size === 0) return [[{ [label]: '' }, 0]];
  return Array.from(sums, ([value, sum]) => [{ [label]: value }, sum]);
}

/** The first so many values; `other` for the rest. */
class Limited {
  readonly #known = new Set<string>();

  of(value: string): string {
    if (this.#known.has(value)) return value;
    if (this.#known.size >= MOST_VALUES) return 'other';
    this.#known.add(value);
    return value;
  }
}

function supervisorNamed(model: Model, serial: number): string {
  for (const actor of model.actors())
    if (actor.serial === serial && actor.kind === 'supervisor') return labelOf(actor);
  return 'other';
}

/** Messages taken by each body; never falls, whoever ends. */
class ReceivedByBody {
  readonly #sums = new Map<string, number>();
  readonly #last = new WeakMap<object, number>();
  readonly #bodies = new Limited();

  read(model: Model): [Labels, number][] {
    for (const actor of model.actors()) {
      const body = this.#bodies.of(actor.body);
      const more = actor.reductions - (this.#last.get(actor) ?? 0);
      this.#last.set(actor, actor.reductions);
      this.#sums.set(body, (this.#sums.get(body) ?? 0) + Math.max(0, more));
    }
    if (this.#sums.size === 0) return [[{ body: '' }, 0]];
    return Array.from(this.#sums, ([body, value]) => [{ body }, value]);
  }
}

/** Times in buckets; what was told at the last scrape and is in the ring still is told once. */
class Times {
  readonly #counts = BUCKETS.map(() => 0);
  #sum = 0;
  #count = 0;
  #seen = 0;

  add(allMs: readonly number[]): {
    readonly counts: readonly number[];
    readonly sum: number;
    readonly count: number;
  } {
    const fresh = allMs.slice(Math.min(this.#seen, allMs.length));
    this.#seen = allMs.length;
    for (const ms of fresh) {
      const seconds = ms / 1000;
      this.#sum += seconds;
      this.#count++;
      BUCKETS.forEach((most, i) => {
        if (seconds <= most) this.#counts[i] = (this.#counts[i] ?? 0) + 1;
      });
    }
    return { counts: this.#counts, sum: this.#sum, count: this.#count };
  }
}

function counter(
  name: string,
  help: string,
  values: readonly (readonly [Labels, number])[],
): Metric {
  return {
    name,
    help,
    type: 'counter',
    samples: values.map(([labels, value]) => ['', labels, value]),
  };
}

function gauge(name: string, help: string, values: readonly (readonly [Labels, number])[]): Metric {
  return {
    name,
    help,
    type: 'gauge',
    samples: values.map(([labels, value]) => ['', labels, value]),
  };
}

function histogram(
  name: string,
  help: string,
  {
    counts,
    sum,
    count,
  }: { readonly counts: readonly number[]; readonly sum: number; readonly count: number },
): Metric {
  const buckets = BUCKETS.map(
    (most, i) => ['_bucket', { le: String(most) }, counts[i] ?? 0] as const,
  );
  return {
    name,
    help,
    type: 'histogram',
    samples: [
      ...buckets,
      ['_bucket', { le: '+Inf' }, count],
      ['_sum', {}, sum],
      ['_count', {}, count],
    ],
  };
}

function linesOf({ name, help, type, samples }: Metric): string[] {
  return [
    `# HELP ${name} ${help}`,
    `# TYPE ${name} ${type}`,
    ...samples.map(([suffix, labels, value]) => {
      const text = Object.entries(labels)
        .map(([label, its]) => `${label}="${escaped(its)}"`)
        .join(',');
      return `${name}${suffix}${text === '' ? '' : `{${text}}`} ${value}`;
    }),
  ];
}

function escaped(value: string): string {
  return harmless(value).replace(/[\\"]/g, '\\$&').replace(/\n/g, '\\n');
}
