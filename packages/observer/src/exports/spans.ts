/** Spans of OpenTelemetry, of what was recorded: one for each message that was handled, in the trace of what caused it. */

import {
  type Attributes,
  ROOT_CONTEXT,
  type Span,
  SpanKind,
  SpanStatusCode,
  type Tracer,
  trace,
} from '@opentelemetry/api';
import type { Pid } from 'beamish';
import { show } from 'beamish/transport';
import type { Crash } from '../terms/happening.ts';
import type { MessageView } from '../terms/view.ts';
import { pidText } from '../terms/wire.ts';

/** Which names are used besides `beamish.*`. */
export type Conventions = 'none' | 'messaging';

/** Messages of which it is known whether they have a span. */
const MOST_KNOWN = 100_000;
const MOST_CRASHES = 1000;

interface Handling {
  readonly span: Span;
  /** Who handles it. */
  readonly by: Pid;
  readonly takenAt: number;
}

export class Spans {
  readonly #tracer: Tracer;
  readonly #conventions: Conventions;
  readonly #sample: number;
  readonly #labelOf: (pid: Pid) => string;
  /** By message; undefined of those that are not in the sample. */
  readonly #known = new Map<number, Handling | undefined>();
  readonly #open = new Map<number, Handling>();
  #crashes: Crash[] = [];

  constructor(
    tracer: Tracer,
    conventions: Conventions,
    sample: number,
    labelOf: (pid: Pid) => string,
  ) {
    this.#tracer = tracer;
    this.#conventions = conventions;
    this.#sample = sample;
    this.#labelOf = labelOf;
  }

  /** It is told with the message that was handled, once that is known. */
  crashed(crash: Crash): void {
    if (this.#crashes.length < MOST_CRASHES) this.#crashes.push(crash);
  }

  /** What was recorded lately, in the order of sending; most of it was told of before. */
  tell(messages: readonly MessageView[]): void {
    for (const message of messages) if (!this.#known.has(message.id)) this.#begin(message);
    for (const crash of this.#crashes) this.#fail(crash);
    this.#crashes = [];
    for (const { id, doneAt } of messages) if (doneAt !== undefined) this.#end(id, doneAt);
    for (const id of this.#known.keys()) {
      if (this.#known.size <= MOST_KNOWN) break;
      this.#known.delete(id);
    }
  }

  /** What is handled still ends here. */
  close(): void {
    for (const id of [...this.#open.keys()]) this.#end(id, Date.now());
  }

  #begin({ id, from, to, tag, kind, cause, sentAt, takenAt }: MessageView): void {
    // A reply is handed to who waits for it, in the middle of what that handles.
    if (takenAt === undefined || typeof to === 'string' || kind === 'reply') return;
    const caused = cause === undefined ? undefined : this.#known.get(cause);
    const isNew = cause === undefined || !this.#known.has(cause);
    if (isNew ? Math.random() >= this.#sample : caused === undefined) {
      this.#known.set(id, undefined);
      return;
    }
    const receiver = this.#labelOf(to);
    const attributes: Attributes = {
      'beamish.kind': kind,
      'beamish.from': this.#labelOf(from),
      'beamish.to': receiver,
      'beamish.system': to.system,
      'beamish.queue_ms': takenAt - sentAt,
      ...(this.#conventions === 'messaging'
        ? {
            'messaging.system': 'beamish',
            'messaging.operation.type': 'process',
            'messaging.operation.name': tag,
            'messaging.destination.name': receiver,
          }
        : {}),
    };
    const above = caused && trace.setSpan(ROOT_CONTEXT, caused.span);
    const links = caused === undefined ? [] : [{ context: caused.span.spanContext() }];
    const span = this.#tracer.startSpan(
      tag,
      { kind: SpanKind.CONSUMER, attributes, links, startTime: takenAt },
      above ?? ROOT_CONTEXT,
    );
    const handling = { span, by: to, takenAt };
    this.#known.set(id, handling);
    this.#open.set(id, handling);
  }

  /** It is the fault of what was taken last. */
  #fail({ pid, at, reason }: Crash): void {
    const key = pidText(pid);
    let last: Handling | undefined;
    for (const handling of this.#open.values()) {
      const isIts = pidText(handling.by) === key && handling.takenAt <= at + 1;
      if (isIts && handling.takenAt >= (last?.takenAt ?? 0)) last = handling;
    }
    if (last === undefined) return;
    const error = reason instanceof Error ? reason : new Error(show(reason));
    last.span.recordException(error, at);
    last.span.setStatus({ code: SpanStatusCode.ERROR, message: error.message });
  }

  #end(id: number, at: number): void {
    const handling = this.#open.get(id);
    if (handling === undefined) return;
    this.#open.delete(id);
    handling.span.end(Math.max(at, handling.takenAt));
  }
}
