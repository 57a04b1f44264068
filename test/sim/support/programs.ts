/** Small programs, made at random of a seed: what they can come to must not depend on how schedules are searched. */

import { crash, cut, kill, restart, type Sim, type SimOptions, stall } from '@beamish/sim';
import type { Actor, Message, Pid, Ref, ReplyTo, Self } from 'beamish';

export type Op =
  | { readonly op: 'send'; readonly to: number; readonly tag: string }
  | { readonly op: 'receive'; readonly tags: readonly string[] }
  | { readonly op: 'poll'; readonly tag: string }
  | { readonly op: 'timed'; readonly tag: string; readonly ms: number }
  | { readonly op: 'sleep'; readonly ms: number }
  | { readonly op: 'link' | 'unlink' | 'monitor' | 'call' | 'info'; readonly to: number }
  | { readonly op: 'demonitor' | 'now' }
  | { readonly op: 'kill'; readonly to: number; readonly reason: string }
  | { readonly op: 'trap'; readonly on: boolean }
  | { readonly op: 'exit'; readonly reason: string }
  | { readonly op: 'register' | 'unregister' | 'whereis' }
  | { readonly op: 'tell'; readonly tag: string }
  | { readonly op: 'timer'; readonly to: number; readonly ms: number; readonly tag: string }
  | { readonly op: 'cancel' }
  | { readonly op: 'answer' }
  | { readonly op: 'offer'; readonly to: number; readonly tag: string }
  | { readonly op: 'spawn'; readonly to: number; readonly tag: string };

/** Of each actor, what it does. */
export type Program = readonly (readonly Op[])[];

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
] as const;
export type Family = (typeof FAMILIES)[number];

interface Ask extends Message {
  readonly tag: 'ask';
  readonly replyTo: ReplyTo<string>;
}

type Any = Message & { readonly [key: string]: unknown };

/**
 * Runs it, every other actor in the second system, if there is one; `note` is told what each actor gets, how it ends
 * and what its calls give.
 */
export function scenarioOf(program: Program, note: (who: number, what: string) => void) {
  return function* scenario(self: Self<Any>, { systems }: Sim): Actor {
    const pids: Pid<Any>[] = [];
    for (const [who, ops] of program.entries()) {
      const where = who % 2 === 1 ? (systems[FAR] ?? self) : self;
      pids.push(where.spawn(doing, who, ops, pids, note) as Pid<Any>);
    }
  };
}

const FAR = 'far';

/** With what a program of this family is run. */
export function optionsOf(family: Family, seed: number): SimOptions {
  const systems = family === 'apart' || family === 'broken' ? [FAR] : [];
  if (family === 'faults')
    return { systems, faults: [seed % 2 === 0 ? kill('doing*') : crash('doing*')] };
  if (family !== 'broken') return { systems };
  const faults = [
    cut(['main', FAR]),
    restart(FAR),
    stall(FAR, { ms: 2 }),
    kill('doing 1'),
  ] as const;
  return { systems, faults: faults.filter((_, n) => n === seed % faults.length) };
}

function* doing(
  self: Self<Any>,
  who: number,
  ops: readonly Op[],
  pids: readonly Pid<Any>[],
  note: (who: number, what: string) => void,
): Actor {
  let ended = false;
  let monitor: Ref | undefined;
  let timer: Ref | undefined;
  self.defer(() => {
    if (!ended) note(who, 'ended');
  });
  const got = (message: Any | undefined): void =>
    note(who, message === undefined ? 'nothing' : show(message));
  for (const op of ops) {
    switch (op.op) {
      case 'send':
        self.send(pids[op.to] as Pid<Any>, { tag: op.tag, by: who });
        break;
      case 'receive':
        got(yield* self.receive(...(op.tags as readonly [string, ...string[]])));
        break;
      case 'poll':
        got(yield* self.receive(op.tag).after(0));
        break;
      case 'timed':
        got(yield* self.receive(op.tag).after(op.ms));
        break;
      case 'sleep':
        yield* self.sleep(op.ms);
        break;
      case 'link':
        self.link(pids[op.to] as Pid);
        break;
      case 'unlink':
        self.unlink(pids[op.to] as Pid);
        break;
      case 'monitor':
        monitor = self.monitor(pids[op.to] as Pid);
        break;
      case 'demonitor':
        if (monitor !== undefined) note(who, String(self.demonitor(monitor, { flush: true })));
        break;
      case 'info':
        note(who, String(self.info(pids[op.to] as Pid) !== undefined));
        break;
      case 'now':
        note(who, `at ${self.now()}`);
        break;
      case 'call':
        try {
          note(
            who,
            String(yield* self.call(pids[op.to] as unknown as Pid<Ask>, { tag: 'ask' }).within(2)),
          );
        } catch (error) {
          note(who, String((error as { reason?: unknown }).reason));
        }
        break;
      case 'answer': {
        const asked = (yield* self.receive('ask')) as Any;
        self.send(asked['replyTo'] as ReplyTo<string>, `from ${who}`);
        break;
      }
      case 'kill':
        self.exitSignal(pids[op.to] as Pid, op.reason);
        break;
      case 'trap':
        self.trapExit(op.on);
        break;
      case 'exit':
        note(who, `exits ${op.reason}`);
        ended = true;
        return self.exit(op.reason);
      case 'register':
        try {
          self.register('name', self.pid as Pid<never>);
          note(who, 'has it');
        } catch {
          note(who, 'taken');
        }
        break;
      case 'unregister':
        try {
          self.unregister('name');
        } catch {
          note(who, 'nobody has it');
        }
        break;
      case 'whereis':
        note(who, self.whereis('name') === undefined ? 'nobody' : 'somebody');
        break;
      case 'tell':
        self.send({ name: 'name', system: undefined } as never, { tag: op.tag, by: who } as never);
        break;
      case 'timer':
        timer = self.sendAfter(op.ms, pids[op.to] as Pid<Any>, { tag: op.tag, by: who });
        break;
      case 'cancel':
        if (timer !== undefined) note(who, self.cancelTimer(timer) === false ? 'late' : 'in time');
        break;
      case 'offer':
        yield* self.offer(pids[op.to] as Pid<Any>, { tag: op.tag, by: who });
        break;
      case 'spawn':
        self.spawn(sending, pids[op.to] as Pid<Any>, { tag: op.tag, by: who });
        break;
    }
  }
  ended = true;
  note(who, 'done');
}

function* sending(self: Self, to: Pid<Any>, message: Any): Actor {
  self.send(to, message);
}

function show({ tag, ...fields }: Any): string {
  const { by, reason } = fields as { by?: number; reason?: unknown };
  return `${tag}${by === undefined ? '' : ` of ${by}`}${reason === undefined ? '' : ` ${String(reason)}`}`;
}

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
};

/** Families whose programs have more schedules for each of their operations. */
const WIDE: ReadonlySet<Family> = new Set(['faults', 'apart', 'broken']);

/** A program of 2 to 4 actors and 5 to 8 operations; of wide families, of 2 or 3 actors and 3 to 5. */
export function programOf(family: Family, seed: number): Program {
  const isWide = WIDE.has(family);
  const chance = chanceOf(seed * FAMILIES.length + FAMILIES.indexOf(family));
  const actors = 2 + chance(isWide ? 2 : 3);
  const program: Op[][] = Array.from({ length: actors }, () => []);
  const count = isWide ? 3 + chance(3) : 5 + chance(4);
  const tag = (): string => 'ab'[chance(2)] as string;
  for (let i = 0; i < count; i++) {
    const who = chance(actors);
    const to = (who + 1 + chance(actors - 1)) % actors;
    const op = KINDS[family][chance(KINDS[family].length)] as Op['op'];
    program[who]?.push(operation(op, to, chance, tag));
  }
  return program;
}

function operation(op: Op['op'], to: number, chance: Chance, tag: () => string): Op {
  const reason = ['normal', 'kill', 'bad'][chance(3)] as string;
  switch (op) {
    case 'receive':
      return { op, tags: [['a'], ['b'], ['a', 'b'], ['a', 'DOWN', 'EXIT']][chance(4)] as string[] };
    case 'poll':
    case 'tell':
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
