/** How an application is asked, by an actor or by the outside: addresses, submissions, and what refusals mean to who asked. */

import type { Caller, Name, ServerAddress, ServerMessage, Target } from 'beamish';
import { name as nameOf, type Protocol } from 'beamish';
import { checkSubmitOptions, type GivenOptions } from '../canvas/submit-options.ts';
import { isPlainTask, lackOf, storedPlain, storedWork, type Work, workOf } from '../canvas/work.ts';
import type { FullProtocol, Run, Submission, Submitted } from './messages.ts';
import type { TasksStats } from './stats.ts';

/** What programs may ask by themselves. */
export interface TasksProtocol extends Protocol {
  readonly call: { stats(): TasksStats };
  readonly cast: object;
}
/** As whom an application is asked. */
export type TasksAddress = Target<ServerMessage<TasksProtocol>>;

/** The name that an application has unless it is given another. */
export const TASKS: Name<ServerMessage<TasksProtocol>> = nameOf('tasks');

/** The same, with what only this package asks. */
export type FullAddress = ServerAddress<FullProtocol>;

/** The same address, for what only this package asks. */
export function full(address: TasksAddress): FullAddress {
  return address as unknown as FullAddress;
}

/** @throws TypeError, RangeError or NotStorable for what cannot be submitted. */
export function submissionOf(signature: unknown, options: GivenOptions, by?: Run): Submission {
  const work = workOf(signature);
  if (isPlainTask(work) && isEmpty(options)) {
    const stored = storedPlain(work);
    return by === undefined ? { work: stored } : { work: stored, by };
  }
  checkSubmitOptions(options);
  const lack = lackOf(work);
  if (lack !== undefined)
    throw new TypeError(
      `Cannot submit ${lack === 'each' ? 'each(…)' : `the task ${lack}`}: it wants the result of a step before it; give it all arguments by .s(…), or put it into a chain`,
    );
  for (const part of partsOf(work)) checkPart(part);
  const given: GivenOptions = { ...work.options, ...options };
  const { id, unique } = given;
  return {
    work: storedWork({ ...work, options: given }),
    ...(id !== undefined && { id }),
    ...(unique !== undefined && {
      unique: typeof unique === 'string' ? { key: unique, until: 'ended' } : unique,
    }),
    ...(by !== undefined && { by }),
  };
}

function isEmpty(options: object): boolean {
  for (const _ in options) return false;
  return true;
}

function checkPart({ options }: Work): void {
  if (options?.id !== undefined || options?.unique !== undefined)
    throw new TypeError(
      'Cannot submit work with an id or a unique key in a part of it: only what is submitted has one',
    );
}

/** All that it is made of, but for itself. */
function partsOf(work: Work): Work[] {
  const inner: readonly Work[] =
    work.kind === 'chain'
      ? work.steps
      : work.kind === 'group'
        ? work.members
        : work.kind === 'each'
          ? [work.step]
          : [];
  const handled = work.onFailure === undefined ? [] : [work.onFailure];
  return [...inner, ...handled].flatMap((part) => [part, ...partsOf(part)]);
}

/** @throws TypeError, RangeError or Error for what was refused; `StaleRun` for a run that was replaced. */
export function readSubmitted(submitted: Submitted): {
  readonly id: string;
  readonly created: boolean;
} {
  if (submitted.ok) return submitted;
  const { refused } = submitted;
  switch (refused.kind) {
    case 'unknown_task': {
      const { name, near } = refused;
      const hint =
        near.length === 0
          ? 'add its definition to the tasks of the application'
          : `did you mean ${near.map((it) => `"${it}"`).join(' or ')}?`;
      throw new TypeError(`Cannot submit "${name}": no task has this name; ${hint}`);
    }
    case 'id_taken':
      throw new RangeError(
        `Cannot submit under the id "${refused.id}": another task with other arguments has it`,
      );
    case 'stale_run':
      throw new StaleRun();
    case 'store_failed':
      throw new Error(`Cannot submit: the store does not keep it (${refused.why})`);
  }
}

/** What a run was to do that is none any more: its task has ended, or another run of it has begun. */
export class StaleRun extends Error {
  constructor() {
    super('This run of the task does not count any more: it has ended, or another one has begun');
  }

  override get name(): string {
    return 'StaleRun';
  }
}

/** Tells waits of one system from each other. */
let tokens = 0;

export function freshToken(by: Caller): string {
  const system = 'root' in by ? by.root : by.pid;
  return `${system.system}.${system.incarnation}.${tokens++}`;
}
