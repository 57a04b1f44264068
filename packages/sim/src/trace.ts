/** A run as lines: a number, the time, who, and what it does. */

import type { Act, Recorded } from './step.ts';
import type { World } from './world.ts';

/** Under a head. Stable: two runs are the same if these are. */
export function linesOf(world: World): string[] {
  const label = (mover: string): string => world.labelOfMover(mover);
  const rows = world.steps.map((step, n) => ({
    n: String(n + 1),
    at: String(Math.round(step.at * 1000) / 1000),
    who: label(step.by),
    what: wordsOf(step, world),
  }));
  const head = { n: '#', at: 'ms', who: 'who', what: 'what' };
  const all = [head, ...rows];
  const width = (of: (row: typeof head) => string): number =>
    Math.max(...all.map((row) => of(row).length));
  const [n, at, who] = [width((row) => row.n), width((row) => row.at), width((row) => row.who)];
  return all.map((row) =>
    `${row.n.padStart(Math.max(n, 2))}  ${row.at.padStart(at)}  ${row.who.padEnd(who)}  ${row.what}`.trimEnd(),
  );
}

/** What is done in a step, in the order in which it is. */
export function wordsOf(step: Recorded, world: World): string {
  return [...beginning(step, world), ...deedsOf(step, world)].join('; ');
}

function beginning(step: Recorded, world: World): string[] {
  const from = step.from === undefined || step.from < 0 ? '' : ` (${step.from + 1})`;
  switch (step.kind) {
    case 'starts':
      return ['starts'];
    case 'receives': {
      const by = step.from === undefined ? undefined : world.steps[step.from]?.by;
      const isTold = by !== undefined && by !== step.by && hasSeveralSenders(step, world);
      const whose = isTold ? ` of ${world.labelOfMover(by)}` : '';
      return [`receives ${step.tag ?? 'a message'}${whose}${from}`];
    }
    case 'times_out':
      return ['times out'];
    case 'ends':
      return [];
    case 'timer':
      return ['rings'];
    case 'arrival':
      return [`arrives${from}`];
    case 'fault':
      return [step.words ?? 'strikes'];
    default:
      if (step.deeds.some(({ kind }) => kind === 'ended') && step.taken === undefined) return [];
      return step.taken === undefined ? ['goes on'] : [`goes on with ${short(step.taken)}${from}`];
  }
}

/** Others have sent it the same, so that it has to be told whose it is; of the end of somebody, always. */
function hasSeveralSenders({ by, tag }: Recorded, world: World): boolean {
  if (tag === 'EXIT' || tag === 'DOWN') return true;
  const senders = new Set<string>();
  for (const step of world.steps)
    for (const deed of step.deeds)
      if (deed.kind === 'sent' && deed.to === by && deed.tag === tag) senders.add(step.by);
  return senders.size > 1;
}

function short(value: unknown): string {
  if (typeof value === 'object' && value !== null) return 'a reply';
  return typeof value === 'string' ? `'${value}'` : String(value);
}

/** Those of one kind that follow each other are told together. */
function deedsOf(step: Recorded, world: World): string[] {
  const told: string[] = [];
  let spawned: string[] = [];
  const tell = (): void => {
    if (spawned.length > 0) told.push(`spawns ${spawned.join(', ')}`);
    spawned = [];
  };
  for (const deed of step.deeds) {
    // It is the same as a send; the lost message is told of as that.
    if (deed.kind === 'sent' && step.deeds.some((other) => isLossOf(other, deed))) continue;
    const to = deed.to === undefined ? undefined : world.labels.labelOfPath(deed.to);
    if (deed.kind === 'spawned') {
      spawned.push(to ?? '');
      continue;
    }
    tell();
    told.push(wordsOfDeed(deed, to, step, world));
  }
  tell();
  return told;
}

function isLossOf(other: Act, sent: Act): boolean {
  return other.kind === 'dead_letter' && other.what === sent.what && other.to === sent.to;
}

function wordsOfDeed(
  { kind, tag, text, isCall }: Act,
  to: string | undefined,
  step: Recorded,
  world: World,
): string {
  const with_ = text === undefined ? '' : ` ${text}`;
  switch (kind) {
    case 'sent':
      return `${isCall ? 'calls' : 'sends'} ${to ?? 'somebody'} ${tag ?? ''}${isCall && text === undefined ? '' : with_}`;
    case 'dead_letter':
      return `sends ${to} ${tag ?? ''} in vain`;
    case 'replied':
      return `replies${with_ === '' ? '' : with_}`;
    case 'exit_signal':
      return `sends ${to} the exit signal${with_}`;
    case 'linked':
      return `links to ${to}`;
    case 'monitored':
      return `monitors ${to}`;
    case 'registered':
      return `registers as ${tag}`;
    case 'unregistered':
      return `gives up the name ${tag}`;
    case 'ended': {
      const whose = to === world.labelOfMover(step.by) ? '' : `${to} `;
      return text === undefined ? `${whose}ends` : `${whose}ends: ${text}`;
    }
    default:
      return '';
  }
}
