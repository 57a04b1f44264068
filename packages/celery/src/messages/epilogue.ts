/**
 * What is to be done when a call has ended, in Celery's order: callbacks, the next step of its chain, its result,
 * its part of a chord, who is told of a failure. A pure function, so a message that is delivered twice has the same
 * epilogue twice, with the same ids.
 */

import type { FailedError } from '@beamish/tasks/engine';
import { celeryException, type PythonException } from '../terms/exception.ts';
import type { Call } from './call.ts';
import { type Action, apply, applyingOf, type Route } from './canvas.ts';
import type { Result, Status, Whose } from './result.ts';
import {
  chordOf,
  idsOf,
  kindOf,
  membersOf,
  optionOf,
  type SignatureDict,
  signatureOf,
  signaturesOf,
} from './signature.ts';

/** How a run has ended. */
export type Outcome =
  | { readonly kind: 'succeeded'; readonly value: unknown }
  | {
      readonly kind: 'failed';
      readonly error: PythonException;
      readonly traceback?: string | undefined;
    }
  | { readonly kind: 'revoked'; readonly error: PythonException }
  | {
      readonly kind: 'retried';
      readonly eta: number;
      readonly error: PythonException;
      readonly traceback?: string | undefined;
    };

/** One of several that a chord's body waits for. */
export interface Part {
  readonly id: string;
  readonly groupId: string;
  readonly groupIndex: number | undefined;
  readonly body: SignatureDict;
  readonly status: Status;
  readonly result: unknown;
  /** Of the call whose epilogue it is, for what follows if it is the last part. */
  readonly call: Call;
}

export type Step =
  | Action
  | {
      readonly kind: 'store';
      readonly whose: Whose;
      readonly replyTo: string | undefined;
      readonly result: Result;
    }
  | { readonly kind: 'part'; readonly part: Part };

export interface Surroundings {
  readonly now: number;
  /** Where the call came from, and comes again. */
  readonly home: Route;
  readonly routeOf: (name: string) => Route;
  /** Whether a task runs here: its errback gets the failure, as it would in Python. */
  readonly serves: (name: string) => boolean;
}

export function epilogueOf(call: Call, outcome: Outcome, around: Surroundings): readonly Step[] {
  switch (outcome.kind) {
    case 'succeeded':
      return succeeded(call, outcome.value, around);
    case 'failed':
      return [
        ...stored(call, { status: 'FAILURE', result: outcome.error, traceback: outcome.traceback }),
        ...failRest(call, outcome.error, around),
      ];
    case 'revoked':
      return [
        ...stored(call, { status: 'REVOKED', result: outcome.error }),
        ...partOf(call, 'REVOKED', outcome.error),
        ...call.chain.flatMap((each) => failSignature(each, outcome.error, call)),
      ];
    case 'retried':
      return [
        again(call, outcome.eta, around),
        ...stored(call, {
          status: 'RETRY',
          result: outcome.error,
          traceback: outcome.traceback,
          children: [call.id],
        }),
      ];
  }
}

function succeeded(call: Call, value: unknown, around: Surroundings): readonly Step[] {
  const applying = (what: string) =>
    applyingOf(call, `${call.id}/${call.retries}/${what}`, around.now, around.routeOf);
  const callbacks = call.callbacks.flatMap((each, i) =>
    apply(each, [value], applying(`callback ${i}`)),
  );
  const next = call.chain.at(-1);
  const chained =
    next === undefined
      ? []
      : apply(next, [value], { ...applying('next'), chain: call.chain.slice(0, -1) });
  const follow = [...callbacks, ...chained];
  const children = follow.flatMap((each) => (each.kind === 'publish' ? [each.call.id] : []));
  return [
    ...follow,
    ...stored(call, { status: 'SUCCESS', result: value, children }),
    ...partOf(call, 'SUCCESS', value),
  ];
}

function stored(call: Call, result: Result): readonly Step[] {
  if (call.ignoreResult) return [];
  const { id, groupId, parentId, replyTo } = call;
  return [{ kind: 'store', whose: { id, groupId, parentId }, replyTo, result }];
}

/** The same call once more, later. */
function again(call: Call, eta: number, around: Surroundings): Action {
  const { id, retries } = call;
  return {
    kind: 'publish',
    call: { ...call, eta, retries: retries + 1, parentId: id },
    route: around.home,
  };
}

function partOf(call: Call, status: Status, result: unknown): readonly Step[] {
  const { id, groupId, groupIndex, chord: body } = call;
  if (body === undefined || groupId === undefined) return [];
  return [{ kind: 'part', part: { id, groupId, groupIndex, body, status, result, call } }];
}

// ── failures ────────────────────────────────────────────────────────────────────────────────

/** Whoever waits for a step that never comes gets the failure that it never comes for. */
function failRest(call: Call, error: PythonException, around: Surroundings): readonly Step[] {
  return [
    ...partOf(call, 'FAILURE', error),
    ...call.chain.flatMap((each) => failSignature(each, error, call)),
    ...errbacksOf(call.errbacks, call.id, error, call, around),
  ];
}

/** A signature that will not be run. */
function failSignature(
  signature: SignatureDict,
  error: PythonException,
  call: Call,
): readonly Step[] {
  const { rootId, replyTo } = call;
  const result: Result = { status: 'FAILURE', result: error };
  const steps: Step[] = [];
  for (const id of idsOf(signature)) {
    const whose = { id, groupId: undefined, parentId: undefined };
    const its = optionOf(signature, 'reply_to') ?? replyTo;
    steps.push({ kind: 'store', whose, replyTo: its, result });
  }
  const last = lastOf(signature);
  const body = signatureOf(last.options['chord']);
  const groupId = optionOf(last, 'group_id');
  const id = optionOf(last, 'task_id');
  if (body !== undefined && groupId !== undefined && id !== undefined) {
    const { group_index: index } = last.options;
    const groupIndex = typeof index === 'number' ? index : undefined;
    const part = { id, groupId, groupIndex, body, status: 'FAILURE' as const, result: error };
    steps.push({ kind: 'part', part: { ...part, call: { ...call, id, rootId } } });
  }
  return steps;
}

function lastOf(signature: SignatureDict): SignatureDict {
  const members = kindOf(signature) === 'chain' ? membersOf(signature) : [];
  const { body } = kindOf(signature) === 'chord' ? chordOf(signature) : { body: undefined };
  const inner = members.at(-1) ?? body;
  return inner === undefined ? signature : lastOf(inner);
}

function errbacksOf(
  errbacks: readonly SignatureDict[],
  id: string,
  error: PythonException,
  call: Call,
  around: Surroundings,
): readonly Step[] {
  const { now, routeOf, serves } = around;
  return errbacks.flatMap((each, i) => {
    const seed = `${id}/${call.retries}/errback ${i}`;
    const first = serves(each.task) ? failureFor(call, id, error) : id;
    return apply(each, [first], { ...applyingOf(call, seed, now, routeOf), parentId: id });
  });
}

/** As one of ours gets it: a `TaskFailure`. */
function failureFor({ name, retries }: Call, id: string, error: PythonException): object {
  const [message] = error.exc_message;
  const its: FailedError = { name: error.exc_type, message: String(message ?? error.exc_type) };
  return { task: id, name, state: 'failed', reason: 'error', attempt: retries + 1, error: its };
}

// ── chords ──────────────────────────────────────────────────────────────────────────────────

/** All parts are there: the body is called with their values. */
export function bodyWith(
  { body, call, groupId }: Part,
  values: readonly unknown[],
  around: Surroundings,
): readonly Step[] {
  const seed = `${groupId}/body`;
  return apply(body, [values], applyingOf(call, seed, around.now, around.routeOf));
}

/** All parts are there, and one has failed: so has the body. */
export function bodyFailed(
  { body, call }: Part,
  why: string,
  around: Surroundings,
): readonly Step[] {
  const error = celeryException('ChordError', why);
  const [first] = idsOf(body);
  const errbacks = signaturesOf(lastOf(body).options['link_error']) ?? [];
  return [
    ...failSignature(body, error, call),
    ...(first === undefined ? [] : errbacksOf(errbacks, first, error, call, around)),
  ];
}
