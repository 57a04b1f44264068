/** The one place where this package speaks to people: reports of beamish, each a kind, facts and a line of text. */

import type { Caller } from 'beamish';
import { report } from 'beamish/observation';

declare module 'beamish' {
  interface SystemEvents {
    /** The connection to the broker of a Celery deployment is lost; it is tried again. */
    celery_disconnected: { readonly broker: string; readonly reason: string };
    /** A message was not run: it is no task's, or not one that can be read. */
    celery_refused: {
      readonly queue: string;
      readonly id: string | undefined;
      readonly task: string | undefined;
      readonly why: string;
    };
    /** What was to follow a task could not be done. */
    celery_epilogue_failed: { readonly id: string; readonly task: string; readonly why: string };
    /** A task has ended its process too often, and is not run again. */
    celery_quarantined: { readonly id: string; readonly task: string; readonly crashes: number };
    /** Many tasks are held here until they are due, because the broker cannot. */
    celery_held: { readonly count: number };
    /** The broker is slow, so events are not told. */
    celery_events_dropped: { readonly count: number };
  }
}

export function reportConnection(by: Caller, broker: string, reason: string): void {
  const facts = { broker, reason };
  const text = `the connection to ${broker} is lost: ${reason}; it is tried again`;
  report(by, { kind: 'celery_disconnected', facts, text }, facts);
}

export function reportRefused(
  by: Caller,
  facts: {
    readonly queue: string;
    readonly id: string | undefined;
    readonly task: string | undefined;
    readonly why: string;
  },
): void {
  const { queue, id, task, why } = facts;
  const what = task ? `task ${task} (${id ?? 'without an id'})` : 'a message';
  const text = `${what} of the queue "${queue}" is refused: ${why}`;
  report(by, { kind: 'celery_refused', facts, text }, facts);
}

export function reportEpilogue(by: Caller, task: string, id: string, why: string): void {
  const facts = { id, task, why };
  const text = `what follows the task ${task} (${id}) could not be done: ${why}`;
  report(by, { kind: 'celery_epilogue_failed', facts, text }, facts);
}

export function reportQuarantined(by: Caller, task: string, id: string, crashes: number): void {
  const facts = { id, task, crashes };
  const text = `task ${task} (${id}) is put into quarantine: ${crashes} processes that ran it have ended`;
  report(by, { kind: 'celery_quarantined', facts, text }, facts);
}

export function reportHeld(by: Caller, count: number): void {
  const text = `${count} tasks are held here until they are due, because the broker cannot; they are with us, not with another worker`;
  report(by, { kind: 'celery_held', facts: { count }, text }, { count });
}

export function reportEventsDropped(by: Caller, count: number): void {
  const text = `${count} events of tasks were not sent, since the broker is slow; the tasks go on`;
  report(by, { kind: 'celery_events_dropped', facts: { count }, text }, { count });
}
