/** Prometheus text, version 0.0.4. Never a pid; at most 200 values of a label, the rest as `other`. */

import { statusOf } from '../model/actor-record.ts';
import type { Model } from '../model/model.ts';
import { hubOf, type Observer } from '../observing/observer.ts';
import { BUCKETS } from '../station/message-times.ts';
import { harmless } from '../terms/text.ts';
import { Counters, Limited, type Sums } from './counters.ts';

const STATUSES = ['running', 'runnable', 'waiting', 'awaiting', 'suspended'] as const;

type Labels = Readonly<Record<string, string>>;
export interface Metric {
  readonly name: string;
  readonly help: string;
  readonly type: 'counter' | 'gauge' | 'histogram';
  readonly samples: readonly (readonly [suffix: string, labels: Labels, value: number])[];
}

/** What is kept between two scrapes. */
const kept = new WeakMap<Observer, Counters>();

/** Prometheus text, version 0.0.4. Never a pid; at most 200 bodies and 200 tags, the rest as `other`. */
export async function metrics(observer: Observer): Promise<string> {
  return `${(await measured(observer)).flatMap(linesOf).join('\n')}\n`;
}

/** The same before it is text. */
export async function measured(observer: Observer): Promise<readonly Metric[]> {
  const { stations } = hubOf(observer);
  const its = kept.get(observer) ?? new Counters();
  kept.set(observer, its);
  await observer.snapshot();
  const { model } = stations;
  const answers = await stations.askAll({ kind: 'counts' });
  // From here on nothing is waited for: another scrape comes before all of this one, or after it.
  its.take(model, answers);
  const systems = model.views();
  return [
    gauge('beamish_actors', 'Actors that are alive.', byBodyAndStatus(model)),
    counter(
      'beamish_messages_received_total',
      'Messages that actors have taken.',
      labelled('body', its.received),
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
    counter('beamish_spawns_total', 'Actors that were spawned.', [[{}, its.spawns.sums.of('')]]),
    counter('beamish_exits_total', 'Actors that have ended.', labelled('kind', its.exits.sums)),
    counter(
      'beamish_crashes_total',
      'Crashes since the system is observed.',
      labelled('body', its.crashes.sums),
    ),
    counter(
      'beamish_restarts_total',
      'What supervisors did about the end of a child, since the system is observed.',
      labelled('supervisor', its.restarts.sums),
    ),
    counter(
      'beamish_dead_letters_total',
      'Messages that reached nobody, since the system is observed.',
      labelled('why', its.deadLetters.sums),
    ),
    counter(
      'beamish_mailbox_dropped_total',
      'Messages that a full mailbox had no room for, since the system is observed.',
      labelled('policy', its.dropped.sums),
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
      its.queue.sums,
    ),
    histogram(
      'beamish_handling_seconds',
      'How long recorded messages were handled.',
      its.handling.sums,
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

function labelled(label: string, sums: Sums): [Labels, number][] {
  const samples = Array.from(sums, ([value, sum]): [Labels, number] => [{ [label]: value }, sum]);
  return samples.length === 0 ? [[{ [label]: '' }, 0]] : samples;
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

function histogram(name: string, help: string, sums: Sums): Metric {
  const bucket = (le: string) => ['_bucket', { le }, sums.of(le)] as const;
  return {
    name,
    help,
    type: 'histogram',
    samples: [
      ...BUCKETS.map((most) => bucket(String(most))),
      bucket('+Inf'),
      ['_sum', {}, sums.of('sum')],
      ['_count', {}, sums.of('+Inf')],
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
