/** How records are made of work: of what is submitted, and of the members of chains and groups. */

import type { EachWork, StoredOptions, StoredTask, StoredWork } from '../canvas/work.ts';
import { decode, elementsOf, encode } from '../terms/codec.ts';
import { DEFAULT_KEEP_MS, DEFAULT_QUEUE } from '../terms/task-options.ts';
import { type Members, memberId, type TaskRecord, workOfMembers } from './record.ts';

/** Where a record belongs. */
export interface Origin {
  readonly id: string;
  readonly root: string;
  readonly parent: string | undefined;
  readonly join: TaskRecord['join'];
  readonly headers: string | undefined;
  /** The encoded result of the step before it; undefined if there is none. */
  readonly input: string | undefined;
  readonly now: number;
}

/** A record that is in no state yet: queued, as nearly all are at once, until `transition` has looked at it. */
export function draftOf(work: StoredWork, origin: Origin): TaskRecord {
  const options = work.options ?? {};
  const isTask = work.kind === 'task';
  const { delayMs, at, expiresMs, expiresAt } = options;
  const dueAt = at ?? origin.now + (delayMs ?? 0);
  return {
    id: origin.id,
    version: 0,
    name: isTask ? work.name : work.kind,
    state: 'queued',
    queue: options.queue ?? (isTask ? work.queue : DEFAULT_QUEUE),
    priority: options.priority ?? (isTask ? work.priority : 0),
    attempt: 1,
    run: 0,
    crashes: 0,
    args: isTask ? argumentsOf(work, origin.input) : inputOf(origin.input),
    dueAt,
    dueBy: at === undefined ? 'clock' : 'wall',
    expiresAt: expiresAt ?? (expiresMs === undefined ? undefined : origin.now + expiresMs),
    submittedAt: origin.now,
    queuedAt: isTask && dueAt <= origin.now ? origin.now : undefined,
    startedAt: undefined,
    endedAt: undefined,
    keepMs: isTask ? work.keepMs : DEFAULT_KEEP_MS,
    worker: undefined,
    leaseUntil: undefined,
    root: origin.root,
    parent: origin.parent,
    join: origin.join,
    onFailure: work.onFailure === undefined ? undefined : JSON.stringify(work.onFailure),
    members: isTask ? undefined : membersOf(work, origin.input),
    unique: undefined,
    key: undefined,
    headers: headersOf(origin.headers, options),
    saved: undefined,
    outcome: undefined,
  };
}

function inputOf(input: string | undefined): string {
  return input === undefined ? '[]' : `[${input || 'null'}]`;
}

/** What a body returned that returned nothing is `null` to the next. */
function argumentsOf(work: StoredTask, input: string | undefined): string {
  const { takes, args } = work;
  if (takes === 'nothing') return args;
  const first = input === undefined || input === '' ? 'null' : input;
  if (takes === 'list') return `{"list":${first}}`;
  return args === '[]' ? `[${first}]` : `[${first},${args.slice(1)}`;
}

/** What is given along, and what is its own. */
function headersOf(inherited: string | undefined, { headers }: StoredOptions): string | undefined {
  if (headers === undefined || inherited === undefined) return headers ?? inherited;
  return encode({ ...(decode(inherited) as object), ...(decode(headers) as object) }, 'headers');
}

function membersOf(
  work: Exclude<StoredWork, StoredTask>,
  input: string | undefined,
): Members | undefined {
  const { onFailure: _, options: __, ...of } = work;
  const common = { failed: 0, next: 0, of: JSON.stringify(of) };
  if (work.kind === 'chain') {
    const all = work.steps.length;
    return { ...common, kind: 'chain', pending: all, all, limit: 1, settle: false };
  }
  const all = work.kind === 'group' ? work.members.length : tasksOf(work, input);
  const { limit, settle } = work;
  return { ...common, kind: 'group', pending: all, all, limit, settle };
}

/** How many tasks `each` makes; −1 of what is no list. */
function tasksOf({ size }: EachWork<string, StoredOptions>, input: string | undefined): number {
  const count = input === undefined ? undefined : elementsOf(input)?.length;
  if (count === undefined) return -1;
  return size === 'all' ? Math.min(count, 1) : Math.ceil(count / size);
}

/** Member `index` of a join. `result` is that of the step before it in a chain. */
export function memberOf(
  join: TaskRecord,
  index: number,
  result: string | undefined,
  now: number,
): TaskRecord {
  const { members, args } = join;
  const { kind } = members as Members;
  const given = args === '[]' ? undefined : args.slice(1, -1);
  const work = workOfMembers(join);
  const origin = {
    id: memberId(join.id, index),
    root: join.root,
    parent: join.id,
    join: { id: join.id, index },
    headers: join.headers,
    now,
  };
  if (kind === 'become') return draftOf(work, { ...origin, input: undefined });
  switch (work.kind) {
    case 'task':
      throw new TypeError(`Cannot make a member of ${join.id}: a task has none`);
    case 'chain':
      return draftOf(work.steps[index] as StoredWork, {
        ...origin,
        input: index === 0 ? given : result,
      });
    case 'group':
      return draftOf(work.members[index] as StoredWork, { ...origin, input: given });
    case 'each':
      return elementsMember(work, args, index, origin);
  }
}

function elementsMember(
  work: EachWork<string, StoredOptions>,
  args: string,
  index: number,
  origin: Omit<Origin, 'input'>,
): TaskRecord {
  const { step, size, settle } = work;
  const elements = recentElements(args);
  if (size === 1) return draftOf(step, { ...origin, input: elements[index] as string });
  const from = size === 'all' ? 0 : index * size;
  const chunk = elements.slice(from, size === 'all' ? undefined : from + size);
  if (step.kind !== 'task') {
    // One after the other, each a whole of its own.
    const oneByOne: StoredWork = { kind: 'each', step, limit: 1, settle, size: 1 };
    return draftOf(oneByOne, { ...origin, input: `[${chunk.join(',')}]` });
  }
  const draft = draftOf(step, { ...origin, input: 'null' });
  const lists = chunk.map((element) => argumentsOf(step, element));
  return { ...draft, args: `{"each":[${lists.join(',')}],"settle":${settle}}` };
}

let recentArgs = '';
let itsElements: readonly string[] = [];

/** All members of one `each` are made of one list. Its text is compared as a whole only where it is another's. */
function recentElements(args: string): readonly string[] {
  if (args !== recentArgs) {
    itsElements = elementsOf(args.slice(1, -1)) ?? [];
    recentArgs = args;
  }
  return itsElements;
}

/** How many elements of the list a member of `each` has. */
export function elementsIn(join: TaskRecord, index: number): number {
  const work = workOfMembers(join) as EachWork<string, StoredOptions>;
  const { length } = recentElements(join.args);
  return work.size === 'all' ? length : Math.min(work.size, length - index * work.size);
}
