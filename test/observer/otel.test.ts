/** Spans and metrics of OpenTelemetry, in its own memory. */

import { type Observer, observe } from '@beamish/observer';
import { type ExportOptions, exportTo } from '@beamish/observer/otel';
import { SpanStatusCode } from '@opentelemetry/api';
import { MeterProvider, MetricReader } from '@opentelemetry/sdk-metrics';
import {
  BasicTracerProvider,
  InMemorySpanExporter,
  type ReadableSpan,
  SimpleSpanProcessor,
} from '@opentelemetry/sdk-trace-base';
import { name } from 'beamish';
import { type TestSystem, testSystem } from 'beamish/testing';
import { expect, test, vi } from 'vitest';
import { fragiles, type Letter, pair, sorting } from './programs.ts';

/** The spans of what runs meanwhile. */
async function spansOf(
  options: ExportOptions,
  run: (system: TestSystem, observer: Observer) => Promise<unknown>,
): Promise<readonly ReadableSpan[]> {
  const system = testSystem();
  await using observer = observe(system);
  const exporter = new InMemorySpanExporter();
  const traces = new BasicTracerProvider({ spanProcessors: [new SimpleSpanProcessor(exporter)] });
  const exporting = exportTo(observer, { traces }, options);
  await run(system, observer);
  await exporting[Symbol.asyncDispose]();
  return exporter.getFinishedSpans();
}

/** By when they began, which is the order of their numbers. */
const named = (spans: readonly ReadableSpan[], tag: string) =>
  spans.filter((span) => span.name === tag);

test('OBS-112 a span for each handled message, linked to the one that caused it', async () => {
  const spans = await spansOf({ sample: 1 }, pair);
  expect(named(spans, 'ping')).toHaveLength(3);
  expect(named(spans, 'pong')).toHaveLength(3);
  const ids = new Map(spans.map((span) => [span.spanContext().spanId, span]));
  const [first, ...others] = spans.toSorted((a, b) => depth(a, ids) - depth(b, ids));
  expect([first?.name, first?.links]).toEqual(['ping', []]);
  for (const span of others) {
    const above = ids.get(span.parentSpanContext?.spanId as string);
    expect(above?.name).toBe(span.name === 'ping' ? 'pong' : 'ping');
    expect(span.links.map(({ context }) => context.spanId)).toEqual([above?.spanContext().spanId]);
    expect(span.spanContext().traceId).toBe(first?.spanContext().traceId);
  }
  expect(first?.attributes).toMatchObject({
    'beamish.from': 'a',
    'beamish.to': 'pong',
    'beamish.kind': 'message',
    'beamish.system': 'test',
  });
  expect(Object.keys(first?.attributes ?? {}).some((key) => key.startsWith('messaging'))).toBe(
    false,
  );
});

test('OBS-112 a crash is an error of what was handled', async () => {
  const spans = await spansOf({ sample: 1, conventions: 'messaging' }, async (system, observer) => {
    await fragiles(system);
    await observer.snapshot();
    system.send(name<Letter>('a'), { tag: 'go' });
    await system.settle();
    system.crashes();
  });
  const [work] = named(spans, 'work');
  expect(work?.status).toEqual({ code: SpanStatusCode.ERROR, message: 'Broke at 3' });
  expect(work?.events[0]?.attributes?.['exception.message']).toBe('Broke at 3');
  expect(work?.attributes['messaging.destination.name']).toBe('fragile');
  expect(named(spans, 'go')[0]?.status.code).toBe(SpanStatusCode.UNSET);
  expect(work?.parentSpanContext?.spanId).toBe(named(spans, 'go')[0]?.spanContext().spanId);
});

test('OBS-112 what is not in the sample has no span, and with none nothing is recorded', async () => {
  expect(await spansOf({ sample: 0 }, pair)).toEqual([]);
  const chance = vi.spyOn(Math, 'random').mockReturnValue(0.02);
  try {
    expect(await spansOf({}, pair)).toEqual([]);
    chance.mockReturnValue(0.001);
    // Whoever is caused goes with what began.
    expect(await spansOf({}, pair)).toHaveLength(6);
  } finally {
    chance.mockRestore();
  }
  const system = testSystem();
  await using observer = observe(system);
  expect(() => exportTo(observer, {}, { sample: 2 })).toThrow(
    'Cannot export the part 2 of the conversations: it is a number from 0 to 1',
  );
});

test('OBS-112 metrics are read when their provider asks', async () => {
  class Asked extends MetricReader {
    protected async onForceFlush(): Promise<void> {}
    protected async onShutdown(): Promise<void> {}
  }
  const reader = new Asked();
  const system = testSystem();
  await using observer = observe(system);
  const exporting = exportTo(observer, { metrics: new MeterProvider({ readers: [reader] }) });
  await pair(system);
  const read = async () => {
    const { resourceMetrics } = await reader.collect();
    const all = resourceMetrics.scopeMetrics.flatMap(({ metrics }) => metrics);
    return new Map(
      all.map(({ descriptor, dataPoints }) => [
        descriptor.name,
        dataPoints.reduce((sum, { value }) => sum + Number(value), 0),
      ]),
    );
  };
  const all = await read();
  expect(all.get('beamish.actors')).toBe(3);
  expect(all.get('beamish.messages_received')).toBe(6);
  await exporting[Symbol.asyncDispose]();
  system.spawn(sorting);
  await system.settle();
  expect((await read()).get('beamish.actors')).not.toBe(4);
});

function depth(span: ReadableSpan, ids: ReadonlyMap<string, ReadableSpan>): number {
  const above = ids.get(span.parentSpanContext?.spanId ?? '');
  return above === undefined ? 0 : 1 + depth(above, ids);
}
