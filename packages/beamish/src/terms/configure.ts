/** What a body is spawned with besides its arguments: options, or the address of its code. */

import {
  checkOptions,
  checkValue,
  FLAG,
  FUNCTION,
  having,
  type Kind,
  type Kinds,
  type KindsOf,
  oneOf,
  TIME,
  WORD,
  wholeFrom,
} from './options.ts';
import { isName, type Message } from './pid.ts';
import type { ActorOptions, Body, Configured, Portable, Spawnable } from './self-types.ts';
import type { Crossing } from './sendable.ts';
import { type AnyOptions, type AnySpawnable, bodyName, planOf } from './spawnable.ts';

/** A name, or what `name` has made. */
export const NAME: Kind = {
  is: (value) => WORD.is(value) || (isName(value) && WORD.is(value.name)),
  what: 'a string that is not empty, or a name(…)',
};

const SIGNAL: Kind = {
  ...having('addEventListener', 'removeEventListener'),
  what: 'an AbortSignal',
};
const OPTIONS: KindsOf<AnyOptions> = {
  name: NAME,
  mailbox: {
    is: (value) => typeof value === 'object' && value !== null,
    what: '{ limit, overflow }',
  },
  startTimeoutMs: TIME,
  link: FLAG,
  signal: SIGNAL,
  place: having('choose'),
};
const MAILBOX: Kinds = {
  limit: wholeFrom(1, 'messages'),
  overflow: oneOf('wait', 'drop_newest', 'drop_oldest', 'exit'),
};

/**
 * A body with options: a name, a bounded mailbox, a time to start in, a link.
 *
 * ```ts
 * const worker = configure(work, { mailbox: { limit: 100, overflow: 'wait' } });
 * ```
 *
 * @throws TypeError or RangeError for what is no body, no option, or no value of one.
 */
export function configure<M extends Message, A extends unknown[], R>(
  body: Spawnable<M, A, R>,
  options: ActorOptions,
): Configured<M, A, R> {
  const attempt = `Cannot configure ${bodyName(planOf(body as unknown as AnySpawnable).body)}`;
  checkOptions(attempt, options, OPTIONS);
  const { mailbox } = options;
  if (mailbox !== undefined) {
    checkOptions(attempt, mailbox, MAILBOX);
    checkValue(attempt, 'the limit of a mailbox', mailbox.limit, MAILBOX['limit'] as Kind);
    checkValue(attempt, 'the overflow of a mailbox', mailbox.overflow, MAILBOX['overflow'] as Kind);
  }
  return { body, options };
}

/**
 * Names the module and the export of a body, so that another thread or machine can run it. Its arguments
 * must be such as can cross: of functions and class instances, the compiler says where they are.
 *
 * ```ts
 * export const hasher = portable(import.meta, 'hasher', function* (self: Self<Job>): Actor { … });
 * ```
 *
 * @throws TypeError for what is no `import.meta`, no name and no body.
 */
export function portable<M extends Message, A extends unknown[], R>(
  meta: ImportMeta,
  exportName: string,
  body: Body<M, A, R> & Crossing<A>,
): Portable<M, A, R> {
  const attempt = 'Cannot make a portable body';
  const module = (meta as { readonly url?: string } | undefined)?.url;
  if (typeof module !== 'string')
    throw new TypeError(`${attempt}: pass import.meta, which knows its module`);
  checkValue(attempt, 'the name of its export', exportName, WORD);
  checkValue(attempt, `"${exportName}"`, body, FUNCTION);
  return { module, exportName, body };
}
