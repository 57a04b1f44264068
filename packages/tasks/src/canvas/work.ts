/**
 * What a signature is at run time: plain data, which `structuredClone`, a message and the codec leave as
 * it is. `A` is a list of arguments as it was given, or, in a store, as text.
 */

import { decode, encode, encodeArguments } from '../terms/codec.ts';
import type { Priority } from '../terms/task-state.ts';
import type { GivenOptions } from './submit-options.ts';

/** What a signature is: plain data. */
export type Work<A = readonly unknown[], O = GivenOptions> =
  | TaskWork<A, O>
  | ChainWork<A, O>
  | GroupWork<A, O>
  | EachWork<A, O>;

interface Common<A, O> {
  readonly options?: O;
  readonly onFailure?: Work<A, O>;
}

export interface TaskWork<A = readonly unknown[], O = GivenOptions> extends Common<A, O> {
  readonly kind: 'task';
  readonly name: string;
  readonly args: A;
  /** What it takes of the result before it: nothing, its first argument, or all of them as a list. */
  readonly takes: 'nothing' | 'first' | 'list';
  /** As the definition says. */
  readonly queue: string;
  readonly priority: Priority;
  readonly keepMs: number;
  /** Of one that runs elsewhere: its queue begins with it, and so does any other that it is given. */
  readonly elsewhere?: string;
}

export interface ChainWork<A = readonly unknown[], O = GivenOptions> extends Common<A, O> {
  readonly kind: 'chain';
  readonly steps: readonly Work<A, O>[];
}

export interface GroupWork<A = readonly unknown[], O = GivenOptions> extends Common<A, O> {
  readonly kind: 'group';
  readonly members: readonly Work<A, O>[];
  readonly limit: number;
  readonly settle: boolean;
}

export interface EachWork<A = readonly unknown[], O = GivenOptions> extends Common<A, O> {
  readonly kind: 'each';
  readonly step: Work<A, O>;
  readonly limit: number;
  readonly settle: boolean;
  readonly size: number | 'all';
}

/** What is left of `SubmitOptions` in a store. Of a moment, its milliseconds. */
export interface StoredOptions {
  readonly queue?: string;
  readonly priority?: Priority;
  readonly delayMs?: number;
  readonly at?: number;
  readonly expiresMs?: number;
  readonly expiresAt?: number;
  /** Encoded. */
  readonly headers?: string;
}

export type StoredWork = Work<string, StoredOptions>;
export type StoredTask = TaskWork<string, StoredOptions>;

/** A definition, as a signature is made of it: it is one itself, and no plain data. */
export interface AsWork {
  readonly work: TaskWork;
}

/** The data of a signature. @throws TypeError for what is none. */
export function workOf(signature: unknown): Work {
  if (typeof signature === 'object' && signature !== null) {
    if ('work' in signature) return (signature as AsWork).work;
    const { kind } = signature as Partial<Work>;
    if (kind === 'task' || kind === 'chain' || kind === 'group' || kind === 'each')
      return signature as Work;
  }
  throw new TypeError(
    `Cannot use ${String(signature)} as work: a signature is a task, or made by s, after, chain, group, each or spread`,
  );
}

/** What it lacks: the name of the task that wants a result before it; undefined if it lacks nothing. */
export function lackOf(work: Work): string | undefined {
  switch (work.kind) {
    case 'task':
      return work.takes === 'nothing' ? undefined : work.name;
    case 'chain':
      return work.steps[0] && lackOf(work.steps[0]);
    case 'group':
      return work.members.map(lackOf).find((lack) => lack !== undefined);
    case 'each':
      return 'each';
  }
}

/** The names of all tasks in it that run here, or in another process of this application. */
export function namesIn(work: Work<unknown, unknown>, into = new Set<string>()): Set<string> {
  switch (work.kind) {
    case 'task':
      if (work.elsewhere === undefined) into.add(work.name);
      break;
    case 'chain':
      for (const step of work.steps) namesIn(step, into);
      break;
    case 'group':
      for (const member of work.members) namesIn(member, into);
      break;
    case 'each':
      namesIn(work.step, into);
      break;
  }
  if (work.onFailure !== undefined) namesIn(work.onFailure, into);
  return into;
}

/** A task with all its arguments and nothing else said, which nearly everything is that is submitted. */
export function isPlainTask(work: Work): work is TaskWork {
  return (
    work.kind === 'task' &&
    work.takes === 'nothing' &&
    work.options === undefined &&
    work.onFailure === undefined
  );
}

/** As it is stored. @throws NotStorable for what the codec does not take. */
export function storedPlain(work: TaskWork): StoredTask {
  return { ...work, args: encodeArguments(work.args) } as unknown as StoredTask;
}

/** As it is stored. @throws NotStorable for what the codec does not take. */
export function storedWork(work: Work, inherited: GivenOptions = {}): StoredWork {
  const options = optionsOf(work, inherited);
  const down = pick(options, 'queue', 'priority');
  const common = {
    ...(Object.keys(options).length > 0 && { options: storedOptions(options) }),
    ...(work.onFailure !== undefined && { onFailure: storedWork(work.onFailure) }),
  };
  switch (work.kind) {
    case 'task':
      return { ...work, ...common, args: encodeArguments(work.args) } as StoredTask;
    case 'chain':
      return {
        ...work,
        ...common,
        steps: work.steps.map((it) => storedWork(it, down)),
      } as StoredWork;
    case 'group':
      return {
        ...work,
        ...common,
        members: work.members.map((it) => storedWork(it, down)),
      } as StoredWork;
    case 'each':
      return { ...work, ...common, step: storedWork(work.step, down) } as StoredWork;
  }
}

/** What is told to all that something is made of is told to one that runs elsewhere but for the queue, which is its own. */
function optionsOf(work: Work, inherited: GivenOptions): GivenOptions {
  const elsewhere = work.kind === 'task' ? work.elsewhere : undefined;
  if (elsewhere === undefined)
    return { ...pick(inherited, 'queue', 'priority'), ...work.options } as GivenOptions;
  const { queue, ...own } = work.options ?? {};
  const its = queue === undefined || queue.startsWith(elsewhere) ? queue : `${elsewhere}${queue}`;
  return {
    ...pick(inherited, 'priority'),
    ...own,
    ...(its !== undefined && { queue: its }),
  } as GivenOptions;
}

/** As it was before it was stored. */
export function givenWork(work: StoredWork): Work {
  const { options, onFailure } = work;
  const common = {
    ...(options !== undefined && { options: givenOptions(options) }),
    ...(onFailure !== undefined && { onFailure: givenWork(onFailure) }),
  };
  switch (work.kind) {
    case 'task':
      return { ...work, ...common, args: decode(work.args) as unknown[] } as Work;
    case 'chain':
      return { ...work, ...common, steps: work.steps.map(givenWork) } as Work;
    case 'group':
      return { ...work, ...common, members: work.members.map(givenWork) } as Work;
    case 'each':
      return { ...work, ...common, step: givenWork(work.step) } as Work;
  }
}

function givenOptions({ headers, at, expiresAt, ...kept }: StoredOptions): GivenOptions {
  return {
    ...kept,
    ...(at !== undefined && { at: new Date(at) }),
    ...(expiresAt !== undefined && { expiresAt: new Date(expiresAt) }),
    ...(headers !== undefined && { headers: decode(headers) as Record<string, unknown> }),
  };
}

function storedOptions({ headers, at, expiresAt, ...others }: GivenOptions): StoredOptions {
  const { id: _, unique: __, ...kept } = others;
  return {
    ...kept,
    ...(at !== undefined && { at: at.getTime() }),
    ...(expiresAt !== undefined && { expiresAt: expiresAt.getTime() }),
    ...(headers !== undefined && { headers: encode(headers, 'the headers') }),
  };
}

function pick<T extends object, K extends keyof T>(from: T, ...keys: readonly K[]): Partial<T> {
  const picked: Partial<T> = {};
  for (const key of keys) if (from[key] !== undefined) picked[key] = from[key];
  return picked;
}
