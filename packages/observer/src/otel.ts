/**
 * @beamish/observer/otel: what an observer sees, for OpenTelemetry. The only entry that needs `@opentelemetry/api`,
 * an optional peer dependency.
 */

import type {
  BatchObservableResult,
  Meter,
  MeterProvider,
  Observable,
  TracerProvider,
} from '@opentelemetry/api';
import { type Metric, measured } from './exports/metrics.ts';
import { type Conventions, Spans } from './exports/spans.ts';
import { hubOf, type Observer, recentOf } from './observing/observer.ts';
import { pidText } from './terms/wire.ts';

export type { Conventions } from './exports/spans.ts';

/** How to export; all may be left out. */
export interface ExportOptions {
  /**
   * Which names to use besides `beamish.*`: those of OpenTelemetry's messaging conventions, which are not stable,
   * or none. Default `'none'`.
   */
  readonly conventions?: Conventions;
  /**
   * Of the conversations that begin in this system, the part that is exported, from 0 to 1: of a message that nothing
   * caused chance decides, and what it causes goes with it. Default 0.01.
   */
  readonly sample?: number;
}

/** Where it goes: to one of them, or to both. */
export interface Providers {
  /** Gets a tracer named `@beamish/observer`. */
  readonly traces?: TracerProvider;
  /** Gets a meter of the same name. */
  readonly metrics?: MeterProvider;
}

const NAME = '@beamish/observer';
/** How often it is looked at what was recorded. */
const FRAME_MS = 1000;

/**
 * Exports a span for each message that was handled, in one trace with what caused it and linked to that, and the
 * figures of `metrics`. A crash is an error of the span of what was handled. While there is somebody to trace for,
 * messages are recorded, within the observer's budget: what is not recorded has no span. Nothing of what messages
 * carry is exported. Returns how to stop, which ends what is open and exports it; the providers stay the caller's.
 *
 * ```ts
 * await using exporting = exportTo(observer, { traces: provider, metrics: meters }, { sample: 0.1 });
 * ```
 *
 * @throws RangeError for a `sample` that is none, TypeError for what is no observer of this package.
 */
export function exportTo(
  observer: Observer,
  providers: Providers,
  options: ExportOptions = {},
): AsyncDisposable {
  const { conventions = 'none', sample = 0.01 } = options;
  if (!(sample >= 0 && sample <= 1))
    throw new RangeError(
      `Cannot export the part ${String(sample)} of the conversations: it is a number from 0 to 1`,
    );
  const stopMetrics = providers.metrics && exportMetrics(observer, providers.metrics);
  const stopSpans =
    providers.traces && sample > 0
      ? exportSpans(observer, providers.traces, conventions, sample)
      : undefined;
  return {
    async [Symbol.asyncDispose]() {
      stopMetrics?.();
      await stopSpans?.();
    },
  };
}

function exportSpans(
  observer: Observer,
  provider: TracerProvider,
  conventions: Conventions,
  sample: number,
): () => Promise<void> {
  const hub = hubOf(observer);
  const spans = new Spans(provider.getTracer(NAME), conventions, sample, (pid) => {
    const { name, body } = hub.labelOf(pid);
    return name ?? body ?? (pid.serial === 0 ? 'outside' : pidText(pid));
  });
  let isOver = false;
  let reading: Promise<void> | undefined;
  const read = () => {
    reading ??= recentOf(observer)
      .then(({ messages }) => {
        if (!isOver) spans.tell(messages);
      })
      .finally(() => {
        reading = undefined;
      });
    return reading;
  };
  const leave = hub.watch({
    frameMs: FRAME_MS,
    messages: true,
    happened: (happening) => {
      if (happening.kind === 'crash') spans.crashed(happening.crash);
    },
    ticked: () => void read().catch((error: unknown) => hub.failed(error)),
    ended: () => {
      isOver = true;
      spans.close();
    },
  });
  return async () => {
    if (isOver) return;
    await reading;
    await hub.stations.look();
    await read();
    isOver = true;
    leave();
    spans.close();
  };
}

/** Instruments that are read when the provider asks. What is a distribution is left to who makes one of the spans. */
function exportMetrics(observer: Observer, provider: MeterProvider): () => void {
  const meter = provider.getMeter(NAME);
  const instruments = new Map<string, Observable>();
  const read = async (result: BatchObservableResult) => {
    for (const { name, samples } of await measured(observer)) {
      const instrument = instruments.get(name);
      if (instrument === undefined) continue;
      for (const [, labels, value] of samples) result.observe(instrument, value, labels);
    }
  };
  let isOver = false;
  measured(observer).then(
    (all) => {
      if (isOver) return;
      for (const metric of all) {
        const instrument = instrumentOf(meter, metric);
        if (instrument !== undefined) instruments.set(metric.name, instrument);
      }
      meter.addBatchObservableCallback(read, [...instruments.values()]);
    },
    (error: unknown) => hubOf(observer).failed(error),
  );
  return () => {
    isOver = true;
    meter.removeBatchObservableCallback(read, [...instruments.values()]);
  };
}

function instrumentOf(meter: Meter, { name, type, help }: Metric): Observable | undefined {
  if (type === 'histogram') return undefined;
  const its = name.replace(/^beamish_/, 'beamish.').replace(/_total$/, '');
  return type === 'counter'
    ? meter.createObservableCounter(its, { description: help })
    : meter.createObservableGauge(its, { description: help });
}
