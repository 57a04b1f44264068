/** Who does the most within a time, also those who live too short for a look: by listening to all. */

import type { Pid } from 'beamish';
import { listen } from 'beamish/observation';
import { newActor, viewOf } from '../model/actor-record.ts';
import { placeOf } from '../model/model.ts';
import type { ActorFilter, ActorView, Ranked, Rate } from '../terms/view.ts';
import { type PidText, pidText } from '../terms/wire.ts';
import { selecting, view } from '../views/select.ts';
import type { Hub } from './hub.ts';

interface Tally {
  readonly pid: Pid;
  readonly body: string | undefined;
  readonly parent: Pid | undefined;
  value: number;
}

/**
 * Counts of the system itself are exact, by listening to it; of its threads, what two looks tell. Those who
 * have no place of their own and lived within the time are told as one of their body.
 */
export async function windowOf(
  hub: Hub,
  by: Rate,
  ms: number,
  n: number,
  filter: ActorFilter | undefined,
): Promise<readonly Ranked[]> {
  const { stations } = hub;
  const { model, system } = stations;
  await stations.look();
  const before = amounts(hub, by);
  const tallies = new Map<Pid, Tally>();
  const add = (pid: Pid) => {
    const tally = tallies.get(pid) ?? { pid, body: undefined, parent: undefined, value: 0 };
    tally.value++;
    tallies.set(pid, tally);
  };
  const stop = listen(system, {
    spawned: (pid, parent, body) =>
      tallies.set(pid, { pid, parent, body, value: tallies.get(pid)?.value ?? 0 }),
    ...(by === 'reductions' ? { received: add } : {}),
    ...(by === 'sent' ? { sent: (from) => add(from) } : {}),
  });
  await new Promise((resolve) => setTimeout(resolve, ms));
  stop();
  await stations.look();
  const after = amounts(hub, by);
  const isWanted = selecting(model, { ...filter, ended: true });
  const now = Date.now();
  const found = new Map<string, { readonly actor: ActorView; value: number }>();
  const put = (place: string, actor: ActorView, value: number) => {
    const known = found.get(place);
    if (known === undefined) found.set(place, { actor, value });
    else known.value += value;
  };
  for (const actor of model.actors()) {
    const value =
      tallies.get(actor.pid)?.value ?? (after.get(actor.key) ?? 0) - (before.get(actor.key) ?? 0);
    if (value > 0 && isWanted(actor)) put(actor.key, view(model, actor, now), value);
  }
  if (filter === undefined || filter.text !== undefined || filter.body !== undefined)
    for (const { pid, body, parent, value } of tallies.values()) {
      if (body === undefined || value === 0 || model.actor(pidText(pid)) !== undefined) continue;
      if (filter?.body !== undefined && filter.body !== body) continue;
      if (filter?.text !== undefined && !body.includes(filter.text)) continue;
      const key = pidText(pid);
      const told = { parent: '', body, kind: 0, spawnedAt: now, limit: null };
      const gone = newActor(key, pid.serial, pid, told, 0, now);
      gone.ended = { at: now, reason: '(unseen)' };
      put(
        placeOf(parent === undefined ? '' : pidText(parent), body),
        viewOf(gone, parent, 0, now),
        value,
      );
    }
  return [...found.values()].sort((a, b) => b.value - a.value).slice(0, n);
}

function amounts(hub: Hub, by: Rate): ReadonlyMap<PidText, number> {
  const { model } = hub.stations;
  const all = new Map<PidText, number>();
  for (const actor of model.actors()) {
    if (by === 'mailbox') all.set(actor.key, actor.mailbox);
    else if (by === 'reductions') all.set(actor.key, actor.reductions);
    else if (by === 'restarts') all.set(actor.key, model.restartsOf(actor));
  }
  return all;
}
