/** All there is to see of one actor, put together of what is known of it and what its station adds. */

import type { Label, Pid, Target } from 'beamish';
import type { ActorRecord } from '../model/actor-record.ts';
import type { Model } from '../model/model.ts';
import type { DetailAnswer, TagCount } from '../station/orders.ts';
import { fromPlain } from '../terms/plain.ts';
import type { ActorDetail, MessageView, Waiting } from '../terms/view.ts';
import { pidText } from '../terms/wire.ts';
import { view } from '../views/select.ts';

export function detailOf(
  model: Model,
  actor: ActorRecord,
  answer: DetailAnswer | undefined,
  handled: readonly MessageView[],
  now: number,
): ActorDetail {
  const known = <T>(plain: readonly unknown[] | undefined): T[] =>
    (plain ?? []).map((each) => fromPlain(each, (text) => model.pid(text)) as T);
  const { name = actor.name, body = actor.body } = answer ?? {};
  const its = { ...view(model, actor, now), name, body };
  return {
    ...its,
    ancestors: labelsOf(model, actor, known<Label>(answer?.ancestors)),
    links: known<Pid>(answer?.links),
    monitors: known<Target>(answer?.monitors),
    monitoredBy: known<Pid>(answer?.monitoredBy),
    trapExit: answer?.trapExit ?? false,
    timers: answer?.timers ?? [],
    mailbox: answer?.mailbox ?? [],
    waiting: waitingOf(model, actor, answer?.mailbox ?? [], now),
    handled,
    ...(answer !== undefined && 'state' in answer ? { state: answer.state } : {}),
  };
}

/** Undefined of one that does not wait. */
export function waitingOf(
  model: Model,
  actor: ActorRecord,
  mailbox: readonly TagCount[],
  now: number,
): Waiting | undefined {
  if (actor.ended !== undefined || actor.status < 2) return undefined;
  const system = model.systemOf(actor.key);
  const clock = system?.clock ?? actor.since;
  const wait = system?.edges().find(([from, , why]) => from === actor.key && why === 'call');
  const to = wait && model.pid(wait[1]);
  return {
    actor: view(model, actor, now),
    waitingFor: actor.waitingFor,
    sinceMs: Math.max(0, clock - actor.since),
    leftMs: actor.deadline === undefined ? undefined : Math.max(0, actor.deadline - clock),
    ...(wait === undefined || to === undefined ? {} : { call: { to, what: wait[3] } }),
    unmatched: unmatched(actor, mailbox),
  };
}

/** None, as soon as one of them is what it waits for: then it is about to run. */
function unmatched(
  { status, waitingFor }: ActorRecord,
  mailbox: readonly TagCount[],
): readonly TagCount[] {
  if (status !== 2 || waitingFor.includes('*')) return [];
  return mailbox.some(({ tag }) => waitingFor.includes(tag)) ? [] : mailbox;
}

function labelsOf(model: Model, actor: ActorRecord, told: readonly Label[]): Label[] {
  // Who has ended, or lives in another thread, only the model knows.
  const labels = told.map(({ pid, name, body }) => {
    const above = model.actor(pidText(pid));
    return { pid, name: name ?? above?.name, body: body ?? above?.body };
  });
  if (labels.length > 0) return labels;
  for (
    let at = actor.parent;
    at !== undefined && labels.length < 20;
    at = model.actor(at)?.parent
  ) {
    const above = model.actor(at);
    labels.push({ pid: model.pid(at) as Pid, name: above?.name, body: above?.body });
  }
  return labels;
}
