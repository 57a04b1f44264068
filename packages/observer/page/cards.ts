/** What is wrong, as cards: findings of the doctor, crashes and dead letters, alike ones together. */

import type { Pid } from 'beamish';
import { labelOf } from '../src/model/actor-record.ts';
import type { Alike, Crash, DeadLetter, Finding } from '../src/terms/happening.ts';
import { pidText } from '../src/terms/wire.ts';
import { h } from './dom.ts';
import type { Store } from './store.ts';
import { ago, reasonWords, short } from './words.ts';

export type Choose = (pid: Pid) => void;

const TITLES: { readonly [rule: string]: string } = {
  mailbox_grows: 'A mailbox grows',
  never_matched: 'Messages that nobody takes',
  deadlock: 'Deadlock',
  long_turn: 'A long turn',
  foreign_await: 'A promise that does not come',
  restart_storm: 'Restart storm',
  dead_letter_burst: 'Many dead letters',
  orphan: 'An orphan',
  old_message: 'An old message',
  big_copy: 'A large copy',
  thread_imbalance: 'Uneven threads',
  thread_silent: 'A thread does not answer',
  timer_leak: 'Timers pile up',
  recording_bursts: 'Recorded in bursts',
};

const DECISIONS: { readonly [decision: string]: string } = {
  restarted: 'Its supervisor restarted it',
  failed: 'The restart failed, and is tried again',
  gave_up: 'Its supervisor gave up',
};

export function findingCard(
  finding: Finding,
  store: Store,
  choose: Choose,
  now: number,
): HTMLElement {
  const { rule, severity, summary, evidence, actors, since } = finding;
  const title =
    rule === 'deadlock' && severity !== 'error'
      ? 'A circle of calls'
      : rule === 'thread_silent' && evidence[0]?.label === 'why'
        ? 'A thread died'
        : (TITLES[rule] ?? rule);
  return h(
    'article',
    { class: `card ${severity}` },
    h(
      'div',
      { class: 'top' },
      h('h3', { class: 'title' }, title),
      h('span', { class: 'when' }, `${severity} · ${ago(since, now)}`),
    ),
    h('p', {}, short(summary, 600)),
    links(actors, store, choose),
  );
}

export function crashCard(
  { latest, count, lastAt }: Alike<Crash>,
  store: Store,
  choose: Choose,
  now: number,
  isWhole: boolean,
): HTMLElement {
  const { name, body, reason, handling, restart, pid, chain } = latest;
  const stack = reason instanceof Error ? reason.stack : undefined;
  const decided =
    restart === undefined
      ? 'Nobody restarts it.'
      : `${DECISIONS[restart.decision] ?? restart.decision}: ${restart.count} of ${restart.intensity} within ${restart.periodMs / 1000} s.`;
  return h(
    'article',
    { class: 'card error' },
    h(
      'div',
      { class: 'top' },
      h('h3', { class: 'title' }, `${short(name ?? body)} crashed`),
      h(
        'span',
        { class: 'when' },
        `${count > 1 ? `× ${count.toLocaleString('en')} · ` : ''}${ago(lastAt, now)}`,
      ),
    ),
    h('p', {}, short(reasonWords(reason), 500)),
    h(
      'p',
      { class: 'muted' },
      handling === undefined ? decided : `Handling “${short(handling.tag)}”. ${decided}`,
    ),
    isWhole && chain.length > 1
      ? h(
          'p',
          { class: 'muted' },
          `Led there: ${chain.map(({ tag }) => `“${short(tag)}”`).join(' ← ')}`,
        )
      : isWhole && chain.length === 0
        ? h('p', { class: 'faint' }, 'What led there is not known: no messages were recorded then.')
        : undefined,
    isWhole && stack !== undefined && h('pre', { tabindex: 0, 'aria-label': 'Stack' }, stack),
    links(restart?.pid === undefined ? [pid] : [restart.pid], store, choose),
  );
}

export function letterCard(
  { latest, count, lastAt }: Alike<DeadLetter>,
  store: Store,
  choose: Choose,
  now: number,
): HTMLElement {
  const { from, to, tag, why } = latest;
  const sender = from === undefined ? 'outside' : short(from.name ?? from.body ?? String(from.pid));
  return h(
    'article',
    { class: 'card warning' },
    h(
      'div',
      { class: 'top' },
      h('h3', { class: 'title' }, `“${short(tag)}” to ${short(to)}`),
      h(
        'span',
        { class: 'when' },
        `${count > 1 ? `× ${count.toLocaleString('en')} · ` : ''}${ago(lastAt, now)}`,
      ),
    ),
    h('p', { class: 'muted' }, `From ${sender}: ${CAUSES[why] ?? why}.`),
    from !== undefined && links([from.pid], store, choose),
  );
}

const CAUSES: { readonly [why: string]: string } = {
  noproc: 'the receiver is dead',
  noname: 'nobody has that name',
  late_reply: 'the answer came too late',
  overflow: 'the mailbox was full',
  unsendable: 'it could not cross to the other thread',
  noconnection: 'the other system is lost',
  unhandled: 'the server has no handler for it',
};

function links(actors: readonly Pid[], store: Store, choose: Choose): HTMLElement | undefined {
  const known = actors.filter((pid) => store.model.actor(pidText(pid)) !== undefined).slice(0, 8);
  if (known.length === 0) return undefined;
  return h(
    'div',
    { class: 'who-links' },
    ...known.map((pid) => {
      const actor = store.model.actor(pidText(pid));
      return h(
        'button',
        { type: 'button', class: 'link', onclick: () => choose(pid) },
        actor === undefined ? String(pid) : short(labelOf(actor)),
      );
    }),
  );
}

/** The worst and the latest, for who has selected nothing. */
export function attention(store: Store, choose: Choose, now: number): HTMLElement[] {
  const cards = [
    ...store.findings.slice(0, 6).map((finding) => findingCard(finding, store, choose, now)),
    ...store.crashes.slice(0, 3).map((crash) => crashCard(crash, store, choose, now, false)),
    ...store.letters.slice(0, 3).map((letter) => letterCard(letter, store, choose, now)),
  ];
  const calm = h(
    'p',
    { class: 'muted' },
    'Nothing is wrong: no findings, no crashes, no dead letters since the program is observed.',
  );
  return cards.length === 0 ? [calm] : cards;
}
