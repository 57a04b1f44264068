/** A system in one frame: all that is known of it, for who comes later or has missed something; or that nothing is. */

import { joinTags, type StringId, type SystemFrame } from '../terms/wire.ts';
import type { ActorRecord } from './actor-record.ts';
import type { Model } from './model.ts';
import type { SystemRecord } from './system-record.ts';

const KINDS = { actor: 0, server: 1, supervisor: 2 } as const;

/** Strings have numbers of their own in it, beyond those that the frames of the system use. */
export function fullFrames(model: Model): SystemFrame[] {
  return [...model.systems.values()].map(fullFrame);
}

function fullFrame(system: SystemRecord): SystemFrame {
  const strings: [StringId, string][] = [...system.strings];
  const ids = new Map(strings.map(([id, text]) => [text, id]));
  const idOf = (text: string): StringId => ids.get(text) ?? 0;
  const actors = [...system.inOrder()].filter(({ ended }) => ended === undefined);
  return {
    system: system.name,
    incarnation: system.incarnation,
    at: system.at,
    clock: system.clock,
    full: true,
    ...(system.status === 'up' ? {} : { status: system.status }),
    ...(system.failed === undefined ? {} : { failed: system.failed }),
    figures: system.figures,
    totals: system.totals,
    strings,
    born: actors.map((actor) => [
      actor.serial,
      actor.parent ?? '',
      idOf(actor.body),
      KINDS[actor.kind],
      actor.spawnedAt,
      actor.limit ?? null,
    ]),
    ended: [],
    rows: actors.map((actor) => [
      actor.serial,
      actor.status,
      actor.mailbox,
      actor.reductions,
      idOf(joinTags(actor.waitingFor)),
      actor.deadline ?? null,
    ]),
    names: actors
      .filter(({ name, childId }) => name !== undefined || childId !== undefined)
      .map((actor) => [actor.serial, actor.name ?? null, actor.childId ?? null, idOf(actor.body)]),
    waits: system.waits,
    places: actors.flatMap((actor) => placeOf(actor)),
  };
}

/** Of a system that cannot be looked into. */
export function failedFrame(
  system: string,
  incarnation: number,
  failed: string,
  at: number,
): SystemFrame {
  return {
    system,
    incarnation,
    at,
    clock: 0,
    failed,
    figures: [0, 0, 0, 0, 0, 0, 0, 0],
    totals: [0, 0, 0, 0, 0, 0],
    strings: [],
    born: [],
    ended: [],
    rows: [],
    names: [],
    waits: [],
    places: [],
  };
}

function placeOf(actor: ActorRecord): SystemFrame['places'] {
  if (actor.supervising === undefined) return [];
  const { strategy, rate } = actor.supervising;
  const children = actor.supervising.children;
  return [[actor.serial, strategy, rate.count, rate.intensity, rate.periodMs, children]];
}
