/** The faults of a run, as movers: whose step may come now, and what it does. */

import { type Fault, systemsIn } from './faults.ts';
import type { Labels, Place } from './labels.ts';
import { isCalled, type Whom } from './pattern.ts';
import type { Sites } from './sites.ts';
import type { Recorded } from './step.ts';

const PREFIX = '~fault ';
const NONE: ReadonlySet<never> = new Set();

export function isFault(mover: string): boolean {
  return mover.startsWith(PREFIX);
}

/** What a fault does to the run. */
export interface Stricken {
  readonly sites: Sites;
  readonly labels: Labels;
  readonly clock: { readonly time: number };
}

export class FaultMovers {
  readonly #run: Stricken;
  readonly #faults: readonly { readonly fault: Fault; left: number }[];
  /** Systems that may stand still, or be gone: that depends on each step in them. */
  readonly stoppable: ReadonlySet<string>;
  /** Those that could have come. */
  possible: ReadonlySet<Fault> = NONE;
  #isHealed = false;

  constructor(faults: readonly Fault[], run: Stricken) {
    this.#run = run;
    const stops = faults.filter(({ kind }) => kind === 'stall' || kind === 'restart');
    this.stoppable = stops.length === 0 ? NONE : new Set(stops.flatMap(systemsIn));
    this.#faults = faults.map((fault) => ({ fault, left: fault.times }));
  }

  heal(): void {
    this.#isHealed = true;
  }

  /** Those that could come now; `able` are the places of actors that can step. */
  able(able: ReadonlySet<string>): string[] {
    const movers: string[] = [];
    if (this.#isHealed) return movers;
    for (const [i, { fault, left }] of this.#faults.entries()) {
      if (left === 0) continue;
      const before = movers.length;
      if (fault.kind === 'kill' || fault.kind === 'crash') {
        for (const place of this.#targets(fault.whom))
          if (fault.kind === 'kill' || this.#receives(place, able))
            movers.push(`${PREFIX}${i} ${place.path}`);
      } else if (this.#isPossible(fault)) movers.push(`${PREFIX}${i}`);
      if (movers.length > before && !this.possible.has(fault))
        this.possible = new Set([...this.possible, fault]);
    }
    return movers;
  }

  /** Which actor steps in this one; undefined if none does. */
  crashing(mover: string): Place | undefined {
    const { fault, place } = this.#parse(mover);
    return fault.kind === 'crash' ? place : undefined;
  }

  /** The name by which it finds its actor, as a thing that steps use. */
  nameIn(mover: string): string | undefined {
    const { fault, place } = this.#parse(mover);
    const isByName = place !== undefined && typeof fault.whom !== 'string';
    return isByName ? `name ${place.pid.system} ${nameOf(fault.whom)}` : undefined;
  }

  /** The systems that it is for, as a whole; none if it is for an actor. */
  systemsOf(mover: string): readonly string[] {
    return systemsIn(this.#parse(mover).fault);
  }

  /** Whose actor it is for. */
  systemOfTarget(mover: string): string | undefined {
    return this.#parse(mover).place?.pid.system;
  }

  /** A system is stopped as a whole. */
  isStop(mover: string): boolean {
    const { kind } = this.#parse(mover).fault;
    return kind === 'stall' || kind === 'restart';
  }

  /** What a step of a `crash` throws. */
  errorOf(mover: string): unknown {
    const { fault, place } = this.#parse(mover);
    if (fault.error !== undefined) return fault.error;
    return new Error(
      `A fault: ${place === undefined ? '' : this.#run.labels.labelOfPlace(place)} crashes`,
    );
  }

  /** The step of any other fault. Does and says what. */
  strike(mover: string, step: Recorded): void {
    const its = this.#parse(mover);
    its.entry.left--;
    step.kind = 'fault';
    const { fault, place } = its;
    const { labels, sites, clock } = this.#run;
    switch (fault.kind) {
      case 'crash':
      case 'kill': {
        if (place === undefined) return;
        place.mayCrash = true;
        const label = labels.labelOfPlace(place);
        const begun = place.hasBegun ? '' : ', which has not started yet';
        if (fault.kind === 'crash') step.words = `lets ${label} throw`;
        else if (fault.reason === 'kill') step.words = `kills ${label}${begun}`;
        else step.words = `sends ${label} an exit signal${begun}`;
        if (fault.kind === 'kill')
          sites.of(place.pid)?.system.exitSignal(place.pid, fault.reason ?? 'kill');
        return;
      }
      case 'cut':
        step.words = `cuts ${fault.from} from ${nameOf(fault.whom)}`;
        return sites.cut(fault.from ?? '', nameOf(fault.whom));
      case 'restart':
        step.words = `restarts ${nameOf(fault.whom)}`;
        for (const each of labels.all)
          if (each.pid.system === nameOf(fault.whom)) each.isOver = true;
        return sites.restart(nameOf(fault.whom));
      case 'stall':
        step.words = `stalls ${nameOf(fault.whom)} for ${fault.ms} ms`;
        return sites.stall(nameOf(fault.whom), clock.time + (fault.ms ?? 0));
    }
  }

  #parse(mover: string): {
    readonly fault: Fault;
    readonly entry: { left: number };
    readonly place: Place | undefined;
  } {
    const [index = '', path] = split(mover.slice(PREFIX.length));
    const entry = this.#faults[Number(index)];
    if (entry === undefined) throw new Error(`There is no fault ${mover}`);
    const place = path === undefined ? undefined : this.#run.labels.at(path);
    return { fault: entry.fault, entry, place };
  }

  *#targets(whom: Whom): Iterable<Place> {
    const { labels } = this.#run;
    for (const place of labels.all) {
      if (place.isOver || place.path.endsWith(':')) continue;
      const isMeant =
        typeof whom === 'string'
          ? isCalled(labels.labelOfPlace(place), whom)
          : labels.hasName(place, whom.name);
      if (isMeant) yield place;
    }
  }

  #receives(place: Place, able: ReadonlySet<string>): boolean {
    return (
      able.has(place.path) && this.#run.sites.of(place.pid)?.control.receives(place.pid) === true
    );
  }

  #isPossible({ kind, whom, from }: Fault): boolean {
    const { sites } = this.#run;
    if (kind === 'cut') return sites.areJoined(from ?? '', nameOf(whom));
    if (kind === 'stall') return sites.named(nameOf(whom)).stall === undefined;
    return true;
  }
}

function split(text: string): [string, string | undefined] {
  const at = text.indexOf(' ');
  return at < 0 ? [text, undefined] : [text.slice(0, at), text.slice(at + 1)];
}

function nameOf(whom: Whom): string {
  return typeof whom === 'string' ? whom : whom.name;
}
