/** What came of a run, in one line. */

import type { Fault } from './faults.ts';
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
      return 'fault' in verdict ? `${verdict.claim} never comes` : `"${verdict.claim}" never holds`;
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
      return 'fault' in verdict ? unseenLines(verdict.fault, verdict.labels) : [];
    default:
      return [];
  }
}

function inWords(error: unknown): string {
  return error instanceof Error ? `${error.name}: ${error.message}` : wordsOfValue(error);
}

/** What the fault waits for, in which nobody was, or no system. */
function unseenLines({ kind }: Fault, labels: readonly string[]): string[] {
  if (kind !== 'kill' && kind !== 'crash')
    return ['  It comes to systems that are connected, before heal().'];
  const whom = kind === 'kill' ? 'is called so' : 'is called so and receives something';
  const all = labels.length > MOST_LABELS ? [...labels.slice(0, MOST_LABELS), '…'] : labels;
  return [`  It comes to whoever ${whom}, before heal(). There are: ${all.join(', ')}`];
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
