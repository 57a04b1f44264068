/** Who cannot go on before whom, and the circles in it. */

import type { Model } from '../model/model.ts';
import type { WaitEdge, WaitGraph } from '../terms/view.ts';
import { isNameText, type PidText, parseName } from '../terms/wire.ts';

/** An edge between texts, as frames tell of it. */
export interface Wait {
  readonly from: PidText;
  readonly to: PidText;
  readonly why: WaitEdge['why'];
  readonly what: string;
  readonly leftMs: number | null;
}

/** A circle: each of these waits for the next, the last one for the first. */
export interface Circle {
  readonly waits: readonly Wait[];
  /** Until the first time-out in it; undefined of one that lasts for ever. */
  readonly leftMs: number | undefined;
}

/** Every wait before somebody, in all systems, with names looked up. Of one who has ended, none. */
export function waitsOf(model: Model): readonly Wait[] {
  const waits: Wait[] = [];
  for (const system of model.systems.values()) {
    for (const [from, target, why, what, leftMs] of system.edges()) {
      const to = isNameText(target) ? holderOf(model, target) : target;
      if (to === undefined || model.actor(from)?.ended !== undefined) continue;
      if (model.actor(to)?.ended === undefined) waits.push({ from, to, why, what, leftMs });
    }
  }
  return waits;
}

/**
 * Circles of waits. Whoever waits for one thing only has one edge; who waits for the first of several DOWNs
 * has more, and is in no circle, as any of them lets it go on.
 */
export function circlesIn(waits: readonly Wait[]): readonly Circle[] {
  const next = new Map<PidText, Wait | undefined>();
  for (const wait of waits) next.set(wait.from, next.has(wait.from) ? undefined : wait);
  const done = new Set<PidText>();
  const circles: Circle[] = [];
  for (const start of next.keys()) {
    const path: Wait[] = [];
    const places = new Map<PidText, number>();
    let at: PidText = start;
    for (;;) {
      const seen = places.get(at);
      if (seen !== undefined) {
        circles.push(circle(path.slice(seen)));
        break;
      }
      const wait = next.get(at);
      if (wait === undefined || done.has(at)) break;
      places.set(at, path.length);
      path.push(wait);
      at = wait.to;
    }
    for (const { from } of path) done.add(from);
  }
  return circles;
}

/** For ever only if nobody in it has a time-out. */
export function isDeadlock({ leftMs, waits }: Circle): boolean {
  // Calling oneself fails at once, so this is one who waits for its own end.
  return leftMs === undefined && waits.length > 1;
}

export function waitGraphOf(model: Model): WaitGraph {
  const waits = waitsOf(model);
  const pid = (text: PidText) => model.pid(text) as WaitEdge['from'];
  return {
    edges: waits.map(({ from, to, why, what, leftMs }) => ({
      from: pid(from),
      to: pid(to),
      why,
      what,
      leftMs: leftMs ?? undefined,
    })),
    deadlocks: circlesIn(waits)
      .filter(isDeadlock)
      .map((circle) => circle.waits.map(({ from }) => pid(from))),
  };
}

/** Who has a name, in whichever system it is looked up. */
function holderOf(model: Model, text: string): PidText | undefined {
  const { name, system } = parseName(text);
  for (const actor of model.actors())
    if (actor.name === name && actor.pid.system === system && actor.ended === undefined)
      return actor.key;
  return undefined;
}

function isOlder(a: PidText, b: PidText): boolean {
  return a.length === b.length ? a < b : a.length < b.length;
}

function circle(waits: readonly Wait[]): Circle {
  // Begins with the eldest, wherever one came into it.
  const first = waits.reduce(
    (least, { from }, i) => (isOlder(from, (waits[least] as Wait).from) ? i : least),
    0,
  );
  const left = waits.flatMap(({ leftMs }) => leftMs ?? []);
  return {
    waits: [...waits.slice(first), ...waits.slice(0, first)],
    leftMs: left.length > 0 ? Math.min(...left) : undefined,
  };
}
