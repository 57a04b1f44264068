/** A task's message, written: protocol 2, as a Python client writes it, with `lang` and `origin` of ours. */

import { pythonDate, writeJson } from '../terms/json.ts';
import { HIDDEN, reprOf, reprOfArguments, type Show } from '../terms/repr.ts';
import type { Call } from './call.ts';
import type { SignatureDict } from './signature.ts';
import { persistent, type WireMessage } from './wire-message.ts';

/** A call to be made; what is left out is as of a plain call. */
export type Outgoing = Pick<Call, 'id' | 'name' | 'args'> &
  Partial<Omit<Call, 'id' | 'name' | 'args'>>;

export interface Author {
  /** `gen<pid>@<host>`. */
  readonly origin: string;
  readonly show: Show;
}

/**
 * Always with an id and a body of three: a message without them ends the Python worker that takes it, and every
 * one after it.
 *
 * @throws NotJson for arguments that JSON has not.
 */
export function callMessage(call: Outgoing, { origin, show }: Author): WireMessage {
  const { id, name, args, kwargs = {}, priority = 0, replyTo = '' } = call;
  if (id === '' || name === '')
    throw new TypeError(`Cannot call "${name}" as "${id}": neither may be empty`);
  const { callbacks = [], errbacks = [], chain = [], chord } = call;
  const follows = {
    callbacks: orNull(callbacks),
    errbacks: orNull(errbacks),
    chain: orNull(chain),
    chord: chord ?? null,
  };
  const [argsrepr, kwargsrepr] =
    show === 'none'
      ? [HIDDEN, HIDDEN]
      : [call.argsrepr ?? reprOfArguments(args), call.kwargsrepr ?? reprOf(kwargs)];
  return {
    properties: persistent(id, { ...(replyTo !== '' && { reply_to: replyTo }), priority }),
    headers: {
      ...call.headers,
      lang: 'js',
      task: name,
      id,
      shadow: call.shadow ?? null,
      eta: dateOrNull(call.eta),
      expires: dateOrNull(call.expires),
      group: call.groupId ?? null,
      group_index: call.groupIndex ?? null,
      retries: call.retries ?? 0,
      timelimit: [secondsOrNull(call.hardMs), secondsOrNull(call.softMs)],
      root_id: call.rootId ?? id,
      parent_id: call.parentId ?? null,
      argsrepr,
      kwargsrepr,
      origin,
      ignore_result: call.ignoreResult ?? false,
    },
    body: `[${writeJson(args)},${writeJson(kwargs)},${writeJson(follows)}]`,
  };
}

function orNull(list: readonly SignatureDict[]): readonly SignatureDict[] | null {
  return list.length === 0 ? null : list;
}

function dateOrNull(ms: number | undefined): string | null {
  return ms === undefined ? null : pythonDate(ms);
}

function secondsOrNull(ms: number | undefined): number | null {
  return ms === undefined ? null : ms / 1000;
}
