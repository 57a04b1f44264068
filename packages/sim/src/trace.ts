/** A run as lines: a number, the time, who, and what it does. */

import type { Deed, DeedKind, Step } from './step.ts';

export function linesOf(steps: readonly Step[]): string[] {
  const width = Math.max(3, ...steps.map(({ who }) => who.length));
  const head = ` #  ms  ${'who'.padEnd(width)}  what`;
  return [
    head,
    ...steps.map((step) => {
      const [n, at] = [String(step.n).padStart(2), String(step.at).padStart(3)];
      return `${n} ${at}  ${step.who.padEnd(width)}  ${[...beginning(step), ...deedsOf(step.deeds)].join('; ')}`;
    }),
  ];
}

function beginning(step: Step): string[] {
  switch (step.kind) {
    case 'starts':
      return ['starts'];
    case 'receives': {
      const from = step.from === undefined ? '' : ` (${step.from})`;
      return [`receives ${step.tag ?? 'a message'}${from}`];
    }
    case 'times_out':
      return ['times out'];
    case 'timer':
      return ['rings'];
    default:
      return step.deeds.some(({ kind }) => kind === 'ended') ? [] : ['goes on'];
  }
}

const VERBS: Readonly<Record<DeedKind, string>> = {
  sent: 'sends',
  replied: 'replies to',
  spawned: 'spawns',
  exit_signal: 'sends an exit signal to',
  linked: 'links to',
  monitored: 'monitors',
  registered: 'registers',
  unregistered: 'unregisters',
  ended: 'ends',
  dead_letter: 'sends in vain',
};

/** Those of one kind that follow each other are told together. */
function deedsOf(deeds: readonly Deed[]): string[] {
  const told: string[] = [];
  let spawned: string[] = [];
  const tell = (): void => {
    if (spawned.length > 0) told.push(`spawns ${spawned.join(', ')}`);
    spawned = [];
  };
  for (const { kind, to, tag, what } of deeds) {
    if (kind === 'spawned') {
      spawned.push(to ?? '');
      continue;
    }
    tell();
    if (kind === 'ended') told.push(what === undefined ? 'ends' : `ends: ${what}`);
    else told.push([VERBS[kind], to, tag].filter((word) => word !== undefined).join(' '));
  }
  tell();
  return told;
}
