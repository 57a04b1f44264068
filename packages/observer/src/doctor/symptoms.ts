/** What the doctor looks at, and how a finding is made of it. */

import type { Pid } from 'beamish';
import type { ActorRecord } from '../model/actor-record.ts';
import { labelOf } from '../model/actor-record.ts';
import type { Model } from '../model/model.ts';
import type { BigCopy, TagCount } from '../station/orders.ts';
import type { Finding, Rule } from '../terms/happening.ts';
import type { PidText } from '../terms/wire.ts';

const DOCS = 'https://github.com/beamish-js/beamish/tree/main/packages/observer#';

/** What is known at one examination. */
export interface Sample {
  /** Real time, in ms since 1970. */
  readonly now: number;
  readonly model: Model;
  /** Dead letters since the last one. */
  readonly letters: readonly { readonly to: string; readonly from: string; readonly at: number }[];
  /** Turns that were too long, since the last one. */
  readonly turns: readonly {
    readonly pid: PidText;
    readonly ms: number;
    readonly tag: string | undefined;
  }[];
  /** Large messages that were copied to other systems, since the last one. */
  readonly copies: readonly BigCopy[];
}

/** What only a station can tell. */
export interface Asking {
  unmatched(actor: ActorRecord): Promise<readonly TagCount[]>;
  links(actor: ActorRecord): Promise<number>;
}

/** Something that seems wrong, before its time is looked at. */
export interface Symptom {
  readonly rule: Rule;
  /** What makes it the same one at the next examination. */
  readonly key: string;
  readonly severity: Finding['severity'];
  readonly summary: string;
  readonly evidence: Finding['evidence'];
  readonly actors: readonly Pid[];
}

export function findingOf(symptom: Symptom, since: number): Finding {
  const { rule, severity, summary, evidence, actors } = symptom;
  return { rule, severity, summary, evidence, actors, since, docs: `${DOCS}${rule}` };
}

export function nameOf(actor: ActorRecord): string {
  const label = labelOf(actor);
  return label === actor.body && actor.name === undefined
    ? `${label} <${actor.pid.system}.${actor.serial}>`
    : label;
}

export function times(n: number): string {
  return `${n.toLocaleString('en')} ${n === 1 ? 'time' : 'times'}`;
}

export function number(n: number): string {
  return (Math.round(n * 10) / 10).toLocaleString('en');
}

export function seconds(ms: number): string {
  return ms < 10_000 ? `${number(ms / 1000)} s` : `${Math.round(ms / 1000)} s`;
}
