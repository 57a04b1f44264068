/** What is measured, and what is compared with what. */

import { ratios, type Summary, summarise } from './statistics.ts';
import type { Rival, Workload } from './workload.ts';

/** `tap` is beamish with somebody who counts all that happens. */
export type Engine = 'beamish' | 'tap' | 'floor' | 'BEAM';

/** One program that one engine runs. */
export interface Contestant {
  readonly engine: Engine;
  readonly name: string;
  readonly warmUp: number;
  readonly n: number;
}

/** Of the ratio, or of the figure itself. */
export type Target = { readonly atLeast: number } | { readonly atMost: number };

/** A line of the table: a workload, and what it is compared with, if anything. */
export interface Comparison {
  readonly workload: Workload;
  readonly subject: Contestant;
  readonly rival: Contestant | undefined;
  readonly target: Target | undefined;
}

/** How a comparison went. */
export interface Result extends Comparison {
  readonly figure: Summary;
  readonly rivalFigure: Summary | undefined;
  readonly ratio: Summary | undefined;
  /** Undefined where there is no target. */
  readonly reached: boolean | undefined;
}

/** With the tap counting, no figure may be less than this of what it is without. */
const LEAST_WITH_TAP = 0.95;
/** Code of the BEAM is compiled when it is loaded, and has little to warm up. */
const ERLANG_WARM_UP = 0.1;

export interface Extent {
  readonly erlang: boolean;
  readonly tap: boolean;
  /** Names of those workloads that have a floor; none if floors are not wanted. */
  readonly floors: readonly string[];
  /** Operations of every contestant; undefined for those that each workload is made for. */
  readonly n: number | undefined;
}

/** The lines of the table for these workloads. */
export function comparisons(workloads: readonly Workload[], extent: Extent): Comparison[] {
  return workloads.flatMap((workload) => linesOf(workload, extent));
}

function linesOf(workload: Workload, extent: Extent): Comparison[] {
  const { name, atMost } = workload;
  const n = extent.n ?? workload.n;
  const subject: Contestant = { engine: 'beamish', name, warmUp: extent.n ?? workload.warmUp, n };
  const line = { workload, subject, rival: undefined, target: undefined };
  const lines: Comparison[] = workload.rivals
    .filter((rival) => rival.erlang === undefined || extent.erlang)
    .map((rival) => ({
      ...line,
      rival: contestantOf(rival, subject, extent.n ?? rival.n ?? n),
      target: rival.atLeast === undefined ? undefined : { atLeast: rival.atLeast },
    }));
  if (lines.length === 0) lines.push(line);
  if (atMost !== undefined) lines[0] = { ...(lines[0] as Comparison), target: { atMost } };
  if (extent.floors.includes(name)) lines.push({ ...line, rival: { ...subject, engine: 'floor' } });
  // Of rates alone: an idle actor is as large with a tap.
  if (extent.tap && atMost === undefined) {
    const target = { atLeast: LEAST_WITH_TAP };
    lines.push({ workload, subject: { ...subject, engine: 'tap' }, rival: subject, target });
  }
  return lines;
}

function contestantOf(rival: Rival, subject: Contestant, n: number): Contestant {
  if (rival.workload !== undefined) return { ...subject, name: rival.workload };
  return { engine: 'BEAM', name: rival.erlang ?? '', warmUp: Math.ceil(n * ERLANG_WARM_UP), n };
}

/** Every program that must be measured, each once, those that are compared next to each other. */
export function contestants(lines: readonly Comparison[]): Contestant[] {
  const all = new Map<string, Contestant>();
  for (const { subject, rival } of lines) {
    all.set(keyOf(subject), subject);
    if (rival !== undefined) all.set(keyOf(rival), rival);
  }
  return [...all.values()];
}

export function keyOf({ engine, name }: Contestant): string {
  return `${engine} ${name}`;
}

/** @param figures of each contestant, by its key, one per round. */
export function evaluate(
  line: Comparison,
  figures: ReadonlyMap<string, readonly number[]>,
): Result {
  const own = figures.get(keyOf(line.subject)) ?? [];
  const others = line.rival === undefined ? undefined : (figures.get(keyOf(line.rival)) ?? []);
  const figure = summarise(own);
  const ratio = others === undefined ? undefined : summarise(ratios(own, others));
  return {
    ...line,
    figure,
    rivalFigure: others === undefined ? undefined : summarise(others),
    ratio,
    reached: isReached(line, figure, ratio),
  };
}

function isReached(
  { target }: Comparison,
  figure: Summary,
  ratio: Summary | undefined,
): boolean | undefined {
  if (target === undefined) return undefined;
  if ('atMost' in target) return figure.median <= target.atMost;
  return ratio === undefined ? undefined : ratio.median >= target.atLeast;
}
