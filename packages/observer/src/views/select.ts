/** Which actors somebody asks for, and which of them have the most. */

import type { ActorRecord } from '../model/actor-record.ts';
import { labelOf, statusOf, viewOf } from '../model/actor-record.ts';
import type { Model } from '../model/model.ts';
import type { ActorFilter, ActorView, Amount, Ranked } from '../terms/view.ts';
import { type PidText, pidText } from '../terms/wire.ts';

/** Whether an actor is among those that are asked for. */
export function selecting(model: Model, filter: ActorFilter = {}): (actor: ActorRecord) => boolean {
  const { text, body, system, status, ended = status === 'ended' } = filter;
  const wanted = text?.toLowerCase();
  const under = filter.under && pidText(filter.under);
  return (actor) => {
    if (actor.ended !== undefined && (!ended || actor.replaced)) return false;
    if (body !== undefined && actor.body !== body) return false;
    if (system !== undefined && actor.pid.system !== system) return false;
    if (status !== undefined && statusOf(actor) !== status) return false;
    if (wanted !== undefined && !isNamed(actor, wanted)) return false;
    return under === undefined || isUnder(model, actor, under);
  };
}

function isNamed(actor: ActorRecord, text: string): boolean {
  return (
    labelOf(actor).toLowerCase().includes(text) ||
    actor.body.toLowerCase().includes(text) ||
    `<${actor.pid.system}.${actor.serial}>`.toLowerCase().includes(text)
  );
}

/** Its supervisor's subtree, itself not. */
function isUnder(model: Model, actor: ActorRecord, top: PidText): boolean {
  for (let at = actor.parent; at !== undefined; at = model.actor(at)?.parent)
    if (at === top) return true;
  return false;
}

export function view(model: Model, actor: ActorRecord, now: number): ActorView {
  const parent = actor.parent === undefined ? undefined : model.pid(actor.parent);
  return viewOf(actor, parent, model.restartsOf(actor), now);
}

export function select(model: Model, filter: ActorFilter | undefined, now: number): ActorView[] {
  const isWanted = selecting(model, filter);
  const found: ActorView[] = [];
  for (const actor of model.actors()) if (isWanted(actor)) found.push(view(model, actor, now));
  return found;
}

/** Those with the most; equal ones in the order of spawning. `links` tells of those that no look shows. */
export function rank(
  model: Model,
  by: Amount,
  n: number,
  filter: ActorFilter | undefined,
  now: number,
  links: (actor: ActorRecord) => number,
): Ranked[] {
  const isWanted = selecting(model, filter);
  const all: { readonly actor: ActorRecord; readonly value: number }[] = [];
  for (const actor of model.actors())
    if (isWanted(actor)) all.push({ actor, value: amount(model, by, actor, now, links) });
  return all
    .sort((a, b) => b.value - a.value)
    .slice(0, n)
    .map(({ actor, value }) => ({ actor: view(model, actor, now), value }));
}

function amount(
  model: Model,
  by: Amount,
  actor: ActorRecord,
  now: number,
  links: (actor: ActorRecord) => number,
): number {
  switch (by) {
    case 'mailbox':
      return actor.mailbox;
    case 'reductions':
      return actor.reductions;
    case 'restarts':
      return model.restartsOf(actor);
    case 'waited':
      return actor.status >= 2 ? (model.systemOf(actor.key)?.clock ?? 0) - actor.since : 0;
    case 'links':
      return links(actor);
    case 'age':
      return now - actor.spawnedAt;
  }
}
