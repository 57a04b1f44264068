/** Small programs, made at random of a seed: what they can come to must not depend on how schedules are searched. */

import { crash, cut, kill, restart, type SimOptions, stall } from '@beamish/sim';
import type { Op, Overflow, Program } from './doing.ts';

export const FAMILIES = [
  'plain',
  'polls',
  'ends',
  'names',
  'calls',
  'timers',
  'all',
  'offers',
  'time',
  'faults',
  'apart',
  'broken',
  'bonds',
  'choices',
  'narrow',
  'groups',
  'names apart',
] as const;
export type Family = (typeof FAMILIES)[number];

const FAR = 'far';

/** With what a program of this family is run. */
export function optionsOf(family: Family, seed: number): SimOptions {
  const systems = ['apart', 'broken', 'names apart'].includes(family) ? [FAR] : [];
  if (family === 'faults')
    return { systems, faults: [seed % 2 === 0 ? kill('doing*') : crash('doing*')] };
  if (family !== 'broken') return { systems };
  const faults = [cut(['main', FAR]), restart(FAR), stall(FAR, { ms: 2 }), kill('doing*')] as const;
  return { systems, faults: faults.filter((_, n) => n === seed % faults.length) };
}

/** What becomes of what is too much for a mailbox. */
export function overflowOf(family: Family, seed: number): Overflow | undefined {
  return family === 'narrow' ? OVERFLOWS[seed % OVERFLOWS.length] : undefined;
}

const OVERFLOWS: readonly Overflow[] = ['wait', 'drop_newest', 'drop_oldest', 'exit'];

/** Numbers from 0 up to, not including, `below`. */
export type Chance = (below: number) => number;

/** The same numbers for the same seed (mulberry32). */
export function chanceOf(seed: number): Chance {
  let state = seed >>> 0;
  return (below) => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) % below;
  };
}

const KINDS: Readonly<Record<Family, readonly Op['op'][]>> = {
  plain: ['send', 'send', 'receive'],
  polls: ['send', 'send', 'receive', 'poll', 'timed', 'sleep'],
  ends: ['send', 'receive', 'link', 'unlink', 'monitor', 'kill', 'trap', 'exit', 'demonitor'],
  names: ['send', 'receive', 'register', 'unregister', 'whereis', 'tell', 'exit'],
  calls: ['send', 'receive', 'call', 'answer', 'exit', 'kill'],
  timers: ['send', 'receive', 'timer', 'cancel', 'timed', 'sleep', 'exit'],
  all: [
    'send',
    'receive',
    'poll',
    'timed',
    'link',
    'monitor',
    'kill',
    'trap',
    'exit',
    'register',
    'tell',
    'call',
    'answer',
    'timer',
    'cancel',
    'info',
    'whereis',
  ],
  offers: ['send', 'receive', 'offer', 'spawn', 'poll', 'exit', 'info'],
  time: ['send', 'receive', 'timed', 'sleep', 'timer', 'now', 'now', 'call', 'answer'],
  faults: ['send', 'receive', 'poll', 'monitor', 'link', 'trap', 'call', 'answer', 'register'],
  apart: ['send', 'receive', 'poll', 'timed', 'monitor', 'link', 'kill', 'exit', 'call', 'answer'],
  broken: ['send', 'receive', 'poll', 'timed', 'monitor', 'link', 'trap', 'call', 'answer', 'now'],
  bonds: [
    'link',
    'link',
    'unlink',
    'monitor',
    'demonitor',
    'exit',
    'kill',
    'trap',
    'receive',
    'send',
  ],
  choices: [
    'send',
    'if',
    'if',
    'receive',
    'poll',
    'poll',
    'link',
    'whereis',
    'register',
    'info',
    'exit',
  ],
  narrow: ['send', 'send', 'offer', 'receive', 'receive', 'poll', 'exit'],
  groups: ['join', 'join', 'leave', 'members', 'publish', 'receive', 'exit', 'kill'],
  'names apart': [
    'register',
    'register',
    'unregister',
    'whereisAt',
    'monitorAt',
    'tellAt',
    'receive',
    'exit',
  ],
};

/** Families whose programs have more schedules for each of their operations. */
const WIDE: ReadonlySet<Family> = new Set(['faults', 'apart', 'broken', 'names apart']);

/** A program of 2 to 4 actors and 5 to 8 operations; of wide families, of 2 or 3 actors and 3 to 5. */
export function programOf(family: Family, seed: number): Program {
  const isWide = WIDE.has(family);
  const chance = chanceOf(seed * FAMILIES.length + FAMILIES.indexOf(family));
  const actors = 2 + chance(isWide ? 2 : 3);
  const program: Op[][] = Array.from({ length: actors }, () => []);
  const count = isWide ? 3 + chance(3) : 5 + chance(4);
  for (let i = 0; i < count; i++) {
    const who = chance(actors);
    const to = (who + 1 + chance(actors - 1)) % actors;
    const op = KINDS[family][chance(KINDS[family].length)] as Op['op'];
    program[who]?.push(made(family, op, to, chance));
  }
  return program;
}

/** What may have come of an operation, as it is noted. */
const OUTCOMES = ['a', 'b', 'nothing', 'some', 'nobody', 'true', 'false', 'has it', 'taken'];

function made(family: Family, op: Op['op'], to: number, chance: Chance): Op {
  if (op !== 'if') return operation(op, to, chance);
  const others = KINDS[family].filter((other) => other !== 'if');
  const then = operation(others[chance(others.length)] as Op['op'], to, chance);
  return { op, was: OUTCOMES[chance(OUTCOMES.length)] as string, then };
}

function operation(op: Op['op'], to: number, chance: Chance): Op {
  const tag = (): string => 'ab'[chance(2)] as string;
  const reason = ['normal', 'kill', 'bad'][chance(3)] as string;
  switch (op) {
    case 'receive':
      return { op, tags: [['a'], ['b'], ['a', 'b'], ['a', 'DOWN', 'EXIT']][chance(4)] as string[] };
    case 'poll':
    case 'tell':
    case 'tellAt':
    case 'publish':
      return { op, tag: tag() };
    case 'timed':
      return { op, tag: tag(), ms: 1 + chance(2) };
    case 'sleep':
      return { op, ms: 1 + chance(2) };
    case 'kill':
      return { op, to, reason };
    case 'exit':
      return { op, reason };
    case 'trap':
      return { op, on: chance(3) > 0 };
    case 'timer':
      return { op, to, ms: chance(3), tag: tag() };
    case 'send':
    case 'offer':
    case 'spawn':
      return { op, to, tag: tag() };
    case 'link':
    case 'unlink':
    case 'monitor':
    case 'call':
    case 'info':
      return { op, to };
    default:
      return { op } as Op;
  }
}
