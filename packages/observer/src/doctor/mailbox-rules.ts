/** Mailboxes that grow, and messages that nobody takes. */

import type { ActorRecord } from '../model/actor-record.ts';
import type { PidText } from '../terms/wire.ts';
import { type Asking, nameOf, number, type Sample, type Symptom, seconds } from './symptoms.ts';

/** Shorter ones are nobody's concern. */
const LONG = 100;
const WATCHED_FROM = 20;
/** So long it has to grow. */
const GROWS_MS = 10_000;
const GROWS_BY = 50;
/** So long nothing was taken. */
const NEVER_MS = 5_000;
const OLD_MS = 10_000;
/** It may fall so much between two examinations and still be growing. */
const DENT = 0.05;

interface Growth {
  samples: { readonly at: number; readonly mailbox: number; readonly reductions: number }[];
}
interface Stuck {
  readonly since: number;
  readonly reductions: number;
}

export class MailboxRules {
  readonly #growing = new Map<PidText, Growth>();
  readonly #stuck = new Map<PidText, Stuck>();

  async judge({ now, model }: Sample, asking: Asking): Promise<Symptom[]> {
    const symptoms: Symptom[] = [];
    const met = new Set<PidText>();
    for (const actor of model.actors()) {
      if (actor.ended !== undefined || actor.mailbox === 0) continue;
      met.add(actor.key);
      const growth = this.#growth(actor, now);
      if (growth !== undefined) symptoms.push(growth);
      const isStuck = this.#isStuck(actor, now);
      if (isStuck !== undefined) symptoms.push(...(await unmatched(actor, isStuck, asking)));
    }
    // That it grows follows from that.
    const unmatchedOnes = new Set(
      symptoms.filter(({ rule }) => rule === 'never_matched').map(({ key }) => key.split(' ')[1]),
    );
    for (const known of [this.#growing, this.#stuck])
      for (const key of known.keys()) if (!met.has(key)) known.delete(key);
    return symptoms.filter(
      ({ rule, key }) => rule !== 'mailbox_grows' || !unmatchedOnes.has(key.split(' ')[1]),
    );
  }

  #growth(actor: ActorRecord, now: number): Symptom | undefined {
    const { key, mailbox, reductions } = actor;
    if (mailbox < WATCHED_FROM) {
      this.#growing.delete(key);
      return undefined;
    }
    const growth = this.#growing.get(key) ?? { samples: [] };
    this.#growing.set(key, growth);
    const last = growth.samples.at(-1);
    // Being worked off: it begins anew.
    if (last !== undefined && mailbox < last.mailbox * (1 - DENT)) growth.samples = [];
    growth.samples.push({ at: now, mailbox, reductions });
    while (growth.samples.length > 2 && (growth.samples[1] as { at: number }).at <= now - GROWS_MS)
      growth.samples.shift();
    const first = growth.samples[0] as { at: number; mailbox: number; reductions: number };
    const ms = now - first.at;
    if (mailbox < LONG || ms < GROWS_MS * 0.95 || mailbox - first.mailbox < GROWS_BY)
      return undefined;
    const out = ((reductions - first.reductions) * 1000) / ms;
    const into = out + ((mailbox - first.mailbox) * 1000) / ms;
    return {
      rule: 'mailbox_grows',
      key: `mailbox_grows ${key}`,
      severity: 'warning',
      summary: `${nameOf(actor)} is behind: ${number(into)} messages a second come, ${number(out)} are taken, ${number(mailbox)} wait`,
      evidence: [
        { label: 'in', value: `${number(into)} a second` },
        { label: 'out', value: `${number(out)} a second` },
        { label: 'mailbox', value: number(mailbox) },
      ],
      actors: [actor.pid],
    };
  }

  /** For how long it has taken nothing, though something is there; undefined if not for long. */
  #isStuck(actor: ActorRecord, now: number): number | undefined {
    const { key, reductions } = actor;
    if (actor.status !== 2 || actor.waitingFor.includes('*')) {
      this.#stuck.delete(key);
      return undefined;
    }
    const known = this.#stuck.get(key);
    if (known === undefined || known.reductions !== reductions) {
      this.#stuck.set(key, { since: now, reductions });
      return undefined;
    }
    const ms = now - known.since;
    return ms >= (actor.mailbox >= WATCHED_FROM ? NEVER_MS : OLD_MS) ? ms : undefined;
  }
}

async function unmatched(actor: ActorRecord, ms: number, asking: Asking): Promise<Symptom[]> {
  const tags = await asking.unmatched(actor);
  // One of them is what it waits for: it is about to run, or a guard refused it.
  if (tags.length === 0 || tags.some(({ tag }) => actor.waitingFor.includes(tag))) return [];
  const waits = actor.waitingFor.map((tag) => `"${tag}"`).join(' or ');
  const most = tags.slice(0, 5).map(({ tag, count }) => `"${tag}" × ${number(count)}`);
  const isMany = actor.mailbox >= WATCHED_FROM;
  const evidence = [
    { label: 'waits for', value: waits },
    { label: 'in its mailbox', value: most.join(', ') },
    { label: 'for', value: seconds(ms) },
  ];
  const about = { evidence, actors: [actor.pid] };
  if (isMany)
    return [
      {
        ...about,
        rule: 'never_matched',
        key: `never_matched ${actor.key}`,
        severity: 'warning',
        summary: `${nameOf(actor)} takes none of its ${number(actor.mailbox)} messages: it waits for ${waits}, and has ${most.join(', ')}`,
      },
    ];
  return [
    {
      ...about,
      rule: 'old_message',
      key: `old_message ${actor.key}`,
      severity: 'warning',
      summary: `${tags[0]?.tag === undefined ? 'A message' : `"${tags[0].tag}"`} has waited for ${seconds(ms)} in the mailbox of ${nameOf(actor)}, which waits for ${waits}`,
    },
  ];
}
