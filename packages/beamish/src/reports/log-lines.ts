/** The lines of the log: each as text for people and as facts for programs. */

import type { DeadLetterCause } from '../state/report-port.ts';
import { type Address, isPid, type Pid, showAddress } from '../terms/pid.ts';
import { isError, type Printable, printable, show, textOf } from '../terms/printable.ts';
import { type CrashReport, type Label, labelOf } from './crash-report.ts';
import { type ErrorTrace, traceOf } from './error-trace.ts';
import type { SystemEvents } from './events.ts';

export interface Facts {
  readonly [key: string]: Printable | Facts | readonly Facts[] | undefined;
}

export interface LogLine {
  readonly kind: string;
  /** What JSON is made of; a field that is undefined is left out. */
  readonly facts: Facts;
  text(style: Style): string;
}

/** How text is set off. */
export interface Style {
  alarming(text: string): string;
  aside(text: string): string;
}
export const PLAIN: Style = { alarming: (text) => text, aside: (text) => text };
export const COLOURED: Style = {
  alarming: (text) => `\x1b[31m${text}\x1b[39m`,
  aside: (text) => `\x1b[2m${text}\x1b[22m`,
};

/** What became of an actor that crashed, as far as anybody has decided. */
export interface Outcome {
  readonly facts: Facts;
  readonly text: string;
}

export function crashLine(report: CrashReport, outcome: Outcome | undefined): LogLine {
  const { reason } = report;
  return {
    kind: 'crash',
    facts: {
      ...labelFacts(report),
      ...reasonFacts(reason),
      starting: report.starting,
      handling: report.handling && printable(report.handling),
      client: report.client && labelFacts(report.client),
      ...(report.state !== undefined && { state: printable(report.state) }),
      waitedFor: report.waitedFor,
      mailboxLength: report.mailboxLength,
      links: report.links.map(showAddress),
      trapExit: report.trapExit,
      under: report.under.map(labelFacts),
      ...(outcome && { outcome: outcome.facts }),
    },
    text: (style) => {
      const when = report.starting ? 'crashed as it started' : 'crashed';
      return [
        `${label(report)} ${style.alarming(`${when}: ${headline(reason)}`)}`,
        ...detail(reason).map(style.aside),
        doing(report),
        ...(report.state === undefined ? [] : [`state ${show(report.state)}`]),
        relations(report),
        `under ${report.under.map(label).join(' < ')}`,
        ...(outcome === undefined ? [] : [outcome.text]),
      ].join('\n    ');
    },
  };
}

export function deadLetterLine(
  from: Pid | undefined,
  to: Address,
  message: unknown,
  why: DeadLetterCause,
): LogLine {
  const sender = from && labelOf(from);
  const receiver = isPid(to) ? labelOf(to) : undefined;
  return {
    kind: 'dead_letter',
    facts: {
      from: sender && labelFacts(sender),
      to: receiver === undefined ? showAddress(to) : labelFacts(receiver),
      why,
      message: printable(message),
    },
    text: () => {
      const by = sender === undefined ? '' : ` from ${label(sender)}`;
      const whom = receiver === undefined ? showAddress(to) : label(receiver);
      return `dead letter${by} to ${whom} (${why}): ${show(message)}`;
    },
  };
}

export function mailboxLine(long: SystemEvents['mailbox_long']): LogLine {
  const { pid, length, tags, untaken } = long;
  const who = labelOf(pid);
  return {
    kind: 'mailbox_long',
    facts: { ...labelFacts(who), length, tags, untaken },
    text: () => {
      const what = tags.map(({ tag, count }) => `${count} "${tag}"`).join(', ');
      const whose = untaken.map((tag) => `"${tag}"`).join(', ');
      const why = untaken.length === 0 ? '' : `\n    its receive does not take ${whose}`;
      return `${label(who)} has ${length} messages in its mailbox: ${what}${why}`;
    },
  };
}

export function listenerLine(verb: string, error: unknown): LogLine {
  return {
    kind: 'listener_failed',
    facts: { verb, ...reasonFacts(error) },
    text: (style) =>
      [
        `a listener ${style.alarming(`failed at "${verb}", and is taken out: ${headline(error)}`)}`,
        ...detail(error).map(style.aside),
      ].join('\n    '),
  };
}

export function cleanUpLine(by: Label, error: unknown): LogLine {
  return {
    kind: 'clean_up',
    facts: { ...labelFacts(by), ...reasonFacts(error) },
    text: (style) =>
      [
        `${label(by)} ${style.alarming(`failed to clean up: ${headline(error)}`)}`,
        ...detail(error).map(style.aside),
      ].join('\n    '),
  };
}

export function eventListenerLine(event: string, error: unknown): LogLine {
  return {
    kind: 'listener_failed',
    facts: { event, ...reasonFacts(error) },
    text: (style) =>
      [
        `a listener of "${event}" ${style.alarming(`failed: ${headline(error)}`)}`,
        ...detail(error).map(style.aside),
        'which changes nothing else, and is told once of each listener',
      ].join('\n    '),
  };
}

export function label({ pid, name, body }: Label): string {
  const called = name === undefined ? '' : ` "${name}"`;
  return `${showAddress(pid)}${called}${body === undefined ? '' : ` (${body})`}`;
}

function labelFacts({ pid, name, body }: Label): Facts {
  return { pid: showAddress(pid), name, body };
}

export function headline(reason: unknown): string {
  return show(reason);
}

export function detail(reason: unknown): string[] {
  return isError(reason) ? traceText(traceOf(reason)) : [];
}

function traceText({ frames, cause }: ErrorTrace): string[] {
  const lines = frames.map((frame) => `  ${frame}`);
  if (cause === undefined) return lines;
  if (!isTrace(cause)) return [...lines, `caused by ${textOf(cause)}`];
  return [...lines, `caused by ${cause.name}: ${cause.message}`, ...traceText(cause)];
}

function isTrace(cause: ErrorTrace | Printable): cause is ErrorTrace {
  return typeof cause === 'object' && cause !== null && 'frames' in cause;
}

export function reasonFacts(reason: unknown): Record<string, Printable> {
  if (!isError(reason)) return { reason: printable(reason) };
  return { reason: headline(reason), error: traceOf(reason) as unknown as Printable };
}

function doing({ handling, client, waitedFor }: CrashReport): string {
  const asked = client === undefined ? '' : ` for ${label(client)}`;
  const handled =
    handling === undefined ? 'before any message' : `handling ${show(handling)}${asked}`;
  return waitedFor === undefined ? handled : `${handled}, after it waited for ${waitedFor}`;
}

function relations({ mailboxLength, links, trapExit }: CrashReport): string {
  const linked = links.length === 0 ? 'no links' : `linked to ${links.map(showAddress).join(' ')}`;
  return `mailbox ${mailboxLength}, ${linked}${trapExit ? ', traps exits' : ''}`;
}
