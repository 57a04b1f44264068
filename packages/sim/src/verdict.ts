/** What came of a run. */

import type { ExitReason } from 'beamish';
import { visit } from 'beamish/observation';
import type { World } from './world.ts';

/** What came of a run. */
export type Verdict =
  | { readonly kind: 'passed' }
  /** The scenario, or a client, threw or was ended. */
  | { readonly kind: 'failed'; readonly error: unknown }
  /** `always` or `eventually`. */
  | { readonly kind: 'claim'; readonly claim: string }
  /** An actor crashed that has no supervisor. */
  | { readonly kind: 'crash'; readonly who: string; readonly reason: ExitReason }
  /** Nothing can happen any more, and the scenario, a client, or somebody in a call, a start or an offer waits. */
  | {
      readonly kind: 'deadlock';
      readonly waiting: readonly Waiting[];
      /** Those that wait for each other, the first one again at the end; empty if there is no circle. */
      readonly cycle: readonly string[];
    }
  /** More steps than a run may have. */
  | { readonly kind: 'livelock'; readonly steps: number };

/** An actor that waits when nothing can happen any more. */
export interface Waiting {
  /** As it is called in the steps. */
  readonly who: string;
  /** Tags of its receive, or what else it waits for, in words. */
  readonly waitingFor: readonly string[];
  /** Whom it called, or sent to last. */
  readonly of: string | undefined;
  /** By tag, the most frequent first. */
  readonly mailbox: readonly { readonly tag: string; readonly count: number }[];
}

/** Of a run in which nothing can happen any more, or that had as many steps as it may. */
export function verdictOf(world: World, maxSteps: number): Verdict {
  const end = world.ends.get(world.scenario);
  if (end !== undefined && end.reason !== 'normal') return { kind: 'failed', error: end.reason };
  if (world.crash !== undefined) return { kind: 'crash', ...world.crash };
  if (world.brokenClaim !== undefined) return { kind: 'claim', claim: world.brokenClaim };
  if (world.movers.length > 0) return { kind: 'livelock', steps: maxSteps };
  const waiting = waitingIn(world);
  if (waiting.some(({ isTouchy }) => isTouchy)) {
    const cycle = cycleOf(waiting);
    return { kind: 'deadlock', waiting: waiting.map(({ isTouchy: _, ...each }) => each), cycle };
  }
  const claim = world.claims.unfulfilled();
  return claim === undefined ? { kind: 'passed' } : { kind: 'claim', claim };
}

function waitingIn(world: World): (Waiting & { readonly isTouchy: boolean })[] {
  const all: (Waiting & { readonly path: string; readonly isTouchy: boolean })[] = [];
  visit(world.system, ({ pid, waitingFor, parkedOn }) => {
    if (!world.labels.has(pid)) return;
    const counts = new Map<string, number>();
    for (const { tag } of world.system.mailbox(pid) ?? [])
      counts.set(tag, (counts.get(tag) ?? 0) + 1);
    const mailbox = [...counts].map(([tag, count]) => ({ tag, count }));
    const of = parkedOn?.target ?? world.recorder.lastSentTo(pid);
    all.push({
      who: world.labels.labelOf(pid),
      path: world.labels.pathOf(pid),
      waitingFor: [...waitingFor],
      of: of === undefined || !('serial' in of) ? undefined : world.labels.labelOf(of),
      mailbox: mailbox.sort((a, b) => b.count - a.count),
      isTouchy: pid === world.scenario || world.clients.has(pid) || isCalling(parkedOn?.why),
    });
  });
  return all.sort((a, b) => (a.path < b.path ? -1 : 1)).map(({ path: _, ...waiting }) => waiting);
}

function isCalling(why: string | undefined): boolean {
  return why === 'call' || why === 'start' || why === 'offer';
}

function cycleOf(waiting: readonly Waiting[]): readonly string[] {
  const of = new Map(waiting.map((each) => [each.who, each.of]));
  for (const { who } of waiting) {
    const path = [who];
    for (let at = of.get(who); at !== undefined; at = of.get(at)) {
      if (at === who) return [...path, who];
      if (path.includes(at)) break;
      path.push(at);
    }
  }
  return [];
}
