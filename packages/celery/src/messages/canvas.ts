/**
 * What a signature in a message means: the calls that it is made of, with the ids that its sender gave them.
 * The rules are Celery's: a chain is carried along in the message of its first step, a group before a step is a
 * chord, and a chord's body is carried in the message of every part.
 */

import { named } from '../terms/identity.ts';
import { momentOf } from '../terms/json.ts';
import type { Call } from './call.ts';
import type { Outgoing } from './call-message.ts';
import {
  chordOf,
  compound,
  kindOf,
  membersOf,
  optionOf,
  type SignatureDict,
  signatureOf,
  signaturesOf,
  withOptions,
} from './signature.ts';

/** Where a message goes. */
export interface Route {
  readonly exchange: string;
  readonly key: string;
}

export type Action =
  | { readonly kind: 'publish'; readonly call: Outgoing; readonly route: Route }
  /** Kept before the last part is published, so that it is known when that one ends. */
  | { readonly kind: 'chord_size'; readonly groupId: string; readonly size: number };

/** Of who applies it. */
export interface Applying {
  readonly parentId: string | undefined;
  readonly rootId: string;
  readonly replyTo: string | undefined;
  readonly priority: number;
  /** Headers of the program, which go along. */
  readonly headers: Readonly<Record<string, unknown>>;
  /** What is done after it; the next step is the last. */
  readonly chain: readonly SignatureDict[];
  /** What it is called, as long as nobody gave it an id: the same in each epilogue of the same call. */
  readonly seed: string;
  readonly now: number;
  /** Where a task goes whose signature does not say it. */
  readonly routeOf: (name: string) => Route;
}

export function apply(
  signature: SignatureDict,
  prefix: readonly unknown[],
  by: Applying,
): readonly Action[] {
  switch (kindOf(signature)) {
    case 'task':
      return [{ kind: 'publish', ...callOf(signature, prefix, by) }];
    case 'chain':
      return applyChain(signature, prefix, by);
    case 'group':
      return applyGroup(signature, prefix, by);
    case 'chord':
      return applyChord(signature, prefix, by);
  }
}

function callOf(
  signature: SignatureDict,
  prefix: readonly unknown[],
  by: Applying,
): { readonly call: Outgoing; readonly route: Route } {
  const { task, args, kwargs, options, immutable } = signature;
  const id = optionOf(signature, 'task_id') ?? named(by.seed);
  const countdown = options['countdown'];
  const call: Outgoing = {
    id,
    name: task,
    args: immutable ? args : [...prefix, ...args],
    kwargs,
    rootId: optionOf(signature, 'root_id') ?? by.rootId,
    parentId: optionOf(signature, 'parent_id') ?? by.parentId,
    groupId: optionOf(signature, 'group_id'),
    groupIndex: typeof options['group_index'] === 'number' ? options['group_index'] : undefined,
    replyTo: optionOf(signature, 'reply_to') ?? by.replyTo,
    priority: typeof options['priority'] === 'number' ? options['priority'] : by.priority,
    eta: typeof countdown === 'number' ? by.now + countdown * 1000 : momentOf(options['eta']),
    expires: expiryOf(options['expires'], by.now),
    softMs: msOf(options['soft_time_limit']),
    hardMs: msOf(options['time_limit']),
    ignoreResult: options['ignore_result'] === true,
    shadow: optionOf(signature, 'shadow'),
    callbacks: signaturesOf(options['link']) ?? [],
    errbacks: signaturesOf(options['link_error']) ?? [],
    chain: [...by.chain, ...(signaturesOf(options['chain']) ?? [])],
    chord: signatureOf(options['chord']),
    headers: { ...by.headers, ...(options['headers'] as object | undefined) },
  };
  return { call, route: routeOf(signature, by) };
}

function routeOf(signature: SignatureDict, by: Applying): Route {
  const queue = optionOf(signature, 'queue');
  if (queue !== undefined) return { exchange: '', key: queue };
  const key = optionOf(signature, 'routing_key');
  const exchange = optionOf(signature, 'exchange');
  if (key === undefined && exchange === undefined) return by.routeOf(signature.task);
  return { exchange: exchange ?? '', key: key ?? '' };
}

function expiryOf(value: unknown, now: number): number | undefined {
  return typeof value === 'number' ? now + value * 1000 : momentOf(value);
}

function msOf(seconds: unknown): number | undefined {
  return typeof seconds === 'number' && seconds > 0 ? Math.ceil(seconds * 1000) : undefined;
}

// ── chains ──────────────────────────────────────────────────────────────────────────────────

/** What of a compound is of its last step: what follows it, and what it is a part of. */
const OF_LAST = ['chord', 'group_id', 'group_index', 'task_id', 'link'];

function applyChain(
  chain: SignatureDict,
  prefix: readonly unknown[],
  by: Applying,
): readonly Action[] {
  const steps = stepsOf(chain);
  const [first, ...rest] = steps;
  if (first === undefined) return [];
  const all = chain.immutable ? chain.args : [...prefix, ...chain.args];
  return apply(first, all, { ...by, chain: [...by.chain, ...rest.reverse()] });
}

/** Flat, each group with what follows it as a chord, and what the chain as a whole is told given to its steps. */
function stepsOf(chain: SignatureDict): SignatureDict[] {
  const flat = membersOf(chain).flatMap((each) =>
    kindOf(each) === 'chain' ? stepsOf(each) : [each],
  );
  const steps = upgraded(flat);
  const { options } = chain;
  const ofLast = picked(options, OF_LAST);
  const errbacks = signaturesOf(options['link_error']) ?? [];
  return steps.map((step, i) => {
    const told = i === steps.length - 1 ? given(step, ofLast) : step;
    return errbacks.length === 0 ? told : withErrbacks(told, errbacks);
  });
}

function upgraded(flat: readonly SignatureDict[]): SignatureDict[] {
  const steps: SignatureDict[] = [];
  for (let i = flat.length - 1; i >= 0; i--) {
    const step = flat[i] as SignatureDict;
    const next = steps[0];
    if (kindOf(step) !== 'group' || next === undefined) steps.unshift(step);
    else steps[0] = compound('chord', { header: step, body: next }, {});
  }
  return steps;
}

function picked(
  options: Readonly<Record<string, unknown>>,
  keys: readonly string[],
): Record<string, unknown> {
  const found = Object.entries(options).filter(
    ([key, value]) => keys.includes(key) && value !== null && value !== undefined,
  );
  return Object.fromEntries(found);
}

/** Of a chord, it is its body's. */
function given(step: SignatureDict, options: Readonly<Record<string, unknown>>): SignatureDict {
  if (Object.keys(options).length === 0) return step;
  if (kindOf(step) !== 'chord') return withOptions(step, options);
  const { header, body } = chordOf(step);
  if (body === undefined) return step;
  return compound('chord', { header, body: given(body, options) }, step.options);
}

function withErrbacks(step: SignatureDict, more: readonly SignatureDict[]): SignatureDict {
  const present = signaturesOf(step.options['link_error']) ?? [];
  return withOptions(step, { link_error: [...present, ...more] });
}

// ── groups and chords ───────────────────────────────────────────────────────────────────────

function applyGroup(
  group: SignatureDict,
  prefix: readonly unknown[],
  by: Applying,
): readonly Action[] {
  const { chain } = by;
  if (chain.length > 0) {
    const body = compound('chain', { tasks: [...chain].reverse() }, {});
    return applyChord(compound('chord', { header: group, body }, {}), prefix, { ...by, chain: [] });
  }
  const members = unrolled(group);
  const groupId = optionOf(group, 'group_id') ?? optionOf(group, 'task_id') ?? named(by.seed);
  const { chord } = group.options;
  return applyMembers(members, groupId, signatureOf(chord), prefix, by);
}

function applyMembers(
  members: readonly SignatureDict[],
  groupId: string,
  chord: SignatureDict | undefined,
  prefix: readonly unknown[],
  by: Applying,
): readonly Action[] {
  const actions: Action[] = [];
  const size = members.reduce((sum, member) => sum + sizeOf(member), 0);
  members.forEach((member, i) => {
    const isPart = chord ?? signatureOf(member.options['chord']);
    if (isPart !== undefined && i === members.length - 1)
      actions.push({ kind: 'chord_size', groupId, size });
    const told = given(member, {
      group_id: groupId,
      group_index: i,
      ...(isPart !== undefined && { chord: isPart }),
    });
    actions.push(...apply(told, prefix, { ...by, seed: `${by.seed}/${i}` }));
  });
  return actions;
}

/** Groups within it are as if they were not there. */
function unrolled(group: SignatureDict): SignatureDict[] {
  return membersOf(group).flatMap((each) => (kindOf(each) === 'group' ? unrolled(each) : [each]));
}

/** How many parts it adds to a chord. */
function sizeOf(signature: SignatureDict): number {
  switch (kindOf(signature)) {
    case 'task':
      return 1;
    case 'group':
      return membersOf(signature).reduce((sum, each) => sum + sizeOf(each), 0);
    case 'chain': {
      const sizes = membersOf(signature).map(sizeOf);
      return sizes.reverse().find((size) => size > 0) ?? 0;
    }
    case 'chord': {
      const { body } = chordOf(signature);
      return body === undefined ? 0 : sizeOf(body);
    }
  }
}

function applyChord(
  chord: SignatureDict,
  prefix: readonly unknown[],
  by: Applying,
): readonly Action[] {
  const { header, body: own } = chordOf(chord);
  if (own === undefined) return applyGroup(header, prefix, by);
  const body = bodyOf(chord, own, by);
  const members = unrolled(header);
  if (members.length === 0) return apply(body, [[]], { ...by, chain: [], seed: `${by.seed}/body` });
  const groupId = optionOf(header, 'task_id') ?? named(`${by.seed}/header`);
  const all = chord.immutable ? chord.args : [...prefix, ...chord.args];
  return applyMembers(members, groupId, body, all, { ...by, chain: [] });
}

/** With an id, and with what follows the chord. */
function bodyOf(chord: SignatureDict, own: SignatureDict, by: Applying): SignatureDict {
  const { task_id: id, chain: _, ...options } = chord.options;
  const told = withOptions(given(own, picked(options, OF_LAST)), {
    ...picked(options, ['root_id', 'parent_id']),
    ...(by.replyTo !== undefined &&
      optionOf(own, 'reply_to') === undefined && { reply_to: by.replyTo }),
  });
  const isNamed = kindOf(told) !== 'task' || optionOf(told, 'task_id') !== undefined;
  const body = isNamed ? told : withOptions(told, { task_id: id ?? named(`${by.seed}/body`) });
  if (by.chain.length === 0) return body;
  return compound('chain', { tasks: [body, ...[...by.chain].reverse()] }, {});
}

/** What applies a call's own follow-ups. */
export function applyingOf(
  call: Call,
  seed: string,
  now: number,
  route: (name: string) => Route,
): Applying {
  const { id, rootId, replyTo, priority, headers } = call;
  return { parentId: id, rootId, replyTo, priority, headers, chain: [], seed, now, routeOf: route };
}
