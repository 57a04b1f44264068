/** The lines of the log: each as text for people and as facts for programs. */

import type { DeadLetterCause, Report } from '../state/report-port.ts';
import type { ExitReason } from '../terms/exit-reason.ts';
import { type Address, isPid, type Pid, showAddress } from '../terms/pid.ts';
import { isError, type Printable, printable, show, textOf } from '../terms/printable.ts';
import { type CrashReport, type Label, labelOf } from './crash-report.ts';
import { type ErrorTrace, traceOf } from './error-trace.ts';
import type { RestartEvent, SystemEvents } from './events.ts';

interface Facts {
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

/** What became of an actor that crashed: what its supervisor did, as far as it has done anything. */
export type SupervisorDecision =
  | { readonly decision: 'not_restarted' | 'delayed' | 'stopped' | 'not_started' }
  | RestartEvent
  | undefined;

export function crashLine(report: CrashReport, outcome: SupervisorDecision): LogLine {
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
      ...(outcome && { outcome: outcomeFacts(outcome) }),
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
        ...(outcome === undefined ? [] : [outcomeText(outcome)]),
      ].join('\n    ');
    },
  };
}

export function restartLine(restart: RestartEvent): LogLine {
  const { supervisor, id, old, reason } = restart;
  return {
    kind: 'restart',
    facts: { id, old: showAddress(old), ...outcomeFacts(restart), ...reasonFacts(reason) },
    text: () => {
      // Of a failed restart, the outcome has said why.
      const why = restart.decision === 'failed' ? '' : `: ${headline(reason)}`;
      return `child "${id}" ${showAddress(old)} of ${label(labelOf(supervisor))} ended${why}\n    ${outcomeText(restart)}`;
    },
  };
}

/** A child that did not start, or that was stopped and ended otherwise than it should. */
export function childLine(
  kind: 'start_error' | 'shutdown_error',
  supervisor: Pid,
  id: string,
  reason: ExitReason,
  outcome: SupervisorDecision,
): LogLine {
  const what = kind === 'start_error' ? 'did not start' : 'was stopped, but ended otherwise';
  return {
    kind,
    facts: {
      supervisor: showAddress(supervisor),
      id,
      ...reasonFacts(reason),
      ...(outcome && { outcome: outcomeFacts(outcome) }),
    },
    text: () => {
      const by = label(labelOf(supervisor));
      const then = outcome === undefined ? '' : `\n    ${outcomeText(outcome)}`;
      return `child "${id}" of ${by} ${what}: ${headline(reason)}${then}`;
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

export function systemDownLine(system: string, reason: unknown, lost: number): LogLine {
  return {
    kind: 'system_down',
    facts: { system, lost, ...reasonFacts(reason) },
    text: (style) =>
      [
        `system ${system} ${style.alarming(`is lost: ${headline(reason)}`)}`,
        ...detail(reason).map(style.aside),
        `and with it ${lost} of the messages that were sent there`,
      ].join('\n    '),
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

/** What a package tells of itself. */
export function packageLine({ kind, facts, text }: Report): LogLine {
  return { kind, facts: printable(facts) as Facts, text: () => text };
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

function label({ pid, name, body }: Label): string {
  const called = name === undefined ? '' : ` "${name}"`;
  return `${showAddress(pid)}${called}${body === undefined ? '' : ` (${body})`}`;
}

function labelFacts({ pid, name, body }: Label): Facts {
  return { pid: showAddress(pid), name, body };
}

function headline(reason: unknown): string {
  return show(reason);
}

function detail(reason: unknown): string[] {
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

function reasonFacts(reason: unknown): Record<string, Printable> {
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

function outcomeText(outcome: NonNullable<SupervisorDecision>): string {
  switch (outcome.decision) {
    case 'not_restarted':
      return 'not restarted';
    case 'delayed':
      return 'to be restarted after a while';
    case 'not_started':
      return 'so it did not start';
    case 'stopped':
      return 'as its supervisor stopped it';
    case 'restarted':
      return `restarted as ${showAddress(outcome.pid)}, ${rate(outcome)}`;
    case 'failed':
      return `not restarted yet: ${headline(outcome.reason)}; trying again, ${rate(outcome)}`;
    case 'gave_up':
      return `its supervisor ${showAddress(outcome.supervisor)} gave up: more than ${outcome.intensity} within ${seconds(outcome.periodMs)}`;
  }
}

function outcomeFacts(outcome: NonNullable<SupervisorDecision>): Record<string, Printable> {
  if (!('supervisor' in outcome)) return { decision: outcome.decision };
  const { decision, supervisor, pid, count, intensity, periodMs } = outcome;
  const facts = { decision, supervisor: showAddress(supervisor), count, intensity, periodMs };
  return pid === undefined ? facts : { ...facts, pid: showAddress(pid) };
}

function rate({ count, intensity, periodMs }: RestartEvent): string {
  return `${count} of ${intensity} within ${seconds(periodMs)}`;
}

function seconds(ms: number): string {
  return `${ms / 1000} s`;
}
