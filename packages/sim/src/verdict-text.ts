/** What came of a run, in one line. */

import type { Vacuous, Verdict } from './verdict.ts';
import { wordsOfValue } from './words.ts';

/** The head of a failure: `deadlock`, or what is wrong. */
export function headlineOf(verdict: Verdict | Vacuous): string {
  switch (verdict.kind) {
    case 'claim':
      return `"${verdict.claim}" does not hold`;
    case 'crash':
      return `${verdict.who} crashes`;
    case 'livelock':
      return `livelock, no end after ${verdict.steps} steps`;
    case 'foreign_await':
      return `${verdict.who} awaits a promise that is not of self`;
    case 'nondeterminism':
      return 'the same schedule went differently';
    case 'leftovers':
      return 'something is left';
    case 'vacuous':
      return headlineOfVacuous(verdict);
    default:
      return verdict.kind;
  }
}

/** What else there is to say, as lines. */
export function detailsOf(verdict: Verdict | Vacuous): string[] {
  switch (verdict.kind) {
    case 'failed':
      return [inWords(verdict.error)];
    case 'crash':
      return [inWords(verdict.reason)];
    case 'deadlock':
      return deadlockLines(verdict);
    case 'livelock':
      return [`  Those who go on: ${verdict.repeating.join(', ')}`];
    case 'leftovers':
      return leftoverLines(verdict);
    case 'foreign_await':
      return [
        `  Nothing can happen but that a promise settles${verdict.site === undefined ? '' : `, at ${verdict.site}`}.`,
        '  Write await self.wait(promise), or give the actor what it asks for as a message.',
      ];
    case 'nondeterminism':
      return [
        `  At step ${verdict.step}, once:    ${verdict.first}`,
        `  and with the same choices: ${verdict.second}`,
        '  Something decides that the simulator does not: time or chance of the host, or a variable that is left of an earlier run.',
      ];
    case 'vacuous':
      return 'labels' in verdict ? unseenLines(verdict) : [];
    default:
      return [];
  }
}

function inWords(error: unknown): string {
  return error instanceof Error ? `${error.name}: ${error.message}` : wordsOfValue(error);
}

function headlineOfVacuous(verdict: Vacuous): string {
  if ('fault' in verdict) return `${verdict.claim} never comes`;
  if ('cause' in verdict) return `The cause of "${verdict.claim}" never comes`;
  if ('whom' in verdict) return `"${verdict.claim}" is about '${verdict.whom}', who never steps`;
  return `"${verdict.claim}" never holds`;
}

/** What was waited for in vain, and who was there. */
function unseenLines(verdict: Extract<Vacuous, { readonly labels: unknown }>): string[] {
  const fault = 'fault' in verdict ? verdict.fault.kind : undefined;
  if (fault !== undefined && fault !== 'kill' && fault !== 'crash')
    return ['  It comes to systems that are connected, before heal().'];
  const { labels } = verdict;
  const all = labels.length > MOST_LABELS ? [...labels.slice(0, MOST_LABELS), '…'] : labels;
  return [`  ${unseenLine(verdict, fault)} There are: ${all.join(', ')}`];
}

function unseenLine(
  verdict: Extract<Vacuous, { readonly labels: unknown }>,
  fault: 'kill' | 'crash' | undefined,
): string {
  if ('cause' in verdict)
    return `It is asked after each step or deed that matches ${wordsOfValue(verdict.cause)}.`;
  if ('whom' in verdict) return 'The steps of whoever is called so are tried in every order.';
  const whom = fault === 'kill' ? 'is called so' : 'is called so and receives something';
  return `It comes to whoever ${whom}, before heal().`;
}

const MOST_LABELS = 20;

function deadlockLines({ waiting, cycle }: Extract<Verdict, { kind: 'deadlock' }>): string[] {
  const widthOf = (of: (each: (typeof waiting)[number]) => string): number =>
    Math.max(0, ...waiting.map((each) => of(each).length));
  const who = widthOf((each) => each.who);
  const text = widthOf((each) => each.text);
  const site = widthOf((each) => each.site ?? '');
  const lines = ['', '  Nothing can happen any more, and these wait:'];
  for (const each of waiting) {
    const mailbox = each.mailboxText === '' ? '' : `mailbox: ${each.mailboxText}`;
    const columns = [each.who.padEnd(who + 2), each.text.padEnd(text + 2)];
    if (site > 0) columns.push((each.site ?? '').padEnd(site + 2));
    lines.push(`    ${[...columns, mailbox].join(' ')}`.trimEnd());
  }
  if (cycle.length > 0) lines.push(`  In a circle: ${cycle.join(' → ')}`);
  return lines;
}

function leftoverLines({
  actors,
  timers,
  messages,
}: Extract<Verdict, { kind: 'leftovers' }>): string[] {
  const lines = ['', '  When all had ended that should:'];
  for (const actor of actors)
    lines.push(`    ${actor} is there, linked to nobody and unsupervised`);
  if (timers > 0) lines.push(`    ${timers === 1 ? 'a timer is' : `${timers} timers are`} pending`);
  for (const { to, tag } of messages) lines.push(`    '${tag}' to ${to} was never taken`);
  return lines;
}
