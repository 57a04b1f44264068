/** What becomes of signals that never leave: those of a connection that is lost, and what cannot be cloned. */

import { stopWatch } from '../signals/watches.ts';
import { isAlive } from '../state/actor-cell.ts';
import type { DeadLetterCause } from '../state/report-port.ts';
import { type Address, name, showAddress } from '../terms/pid.ts';
import type { Association } from './association.ts';
import { type BatchReader, type Letter, letterOf } from './batch-reader.ts';
import { lossyReason } from './packer.ts';
import { unpack } from './unpacker.ts';
import { ASK, type Batch, BOXED, DOWN, EXIT, FROM, LINKED_EXIT, REPLY, SPAWN } from './wire.ts';

/** A message that reaches nobody. */
export function tellDeadLetter(
  association: Association,
  letter: Letter,
  why: DeadLetterCause,
): void {
  const { system } = association;
  const from = association.pid(system.name, system.incarnation, letter.from);
  const message = letter.isBoxed ? unpack(letter.message, association) : letter.message;
  system.reports.deadLetter(from, addressOf(association, letter), message, why);
}

function addressOf(association: Association, { to, isReply }: Letter): Address {
  const { system, incarnation } = association.there;
  if (typeof to === 'string') return name(to, system);
  return isReply
    ? association.alias(system, incarnation, to)
    : association.pid(system, incarnation, to);
}

/**
 * What a structured clone refuses though it looked as if it could cross, such as a proxy or a buffer that was
 * moved since. Nobody may wait for it in vain: a message is a dead letter, a request fails here, and who
 * waits there for a reply or an end hears of it with a reason that says so. Returns what is to leave in its place.
 */
export function refuseSignal(
  association: Association,
  signal: BatchReader,
  thrown: unknown,
): Batch | undefined {
  const { from, kind, a, last } = signal;
  switch (kind) {
    case EXIT:
    case LINKED_EXIT:
    case DOWN:
      return [FROM, from, kind | BOXED, a, lossy(association, signal, thrown)];
    case SPAWN:
      // Its actor is to end there, as others may know of it.
      return [FROM, from, kind | BOXED, a, { ...(last as object), args: undefined }];
    case ASK:
      failRequest(association, signal, thrown);
      return undefined;
  }
  const letter = letterOf(signal);
  if (letter === undefined) throw thrown;
  tellDeadLetter(association, letter, 'unsendable');
  if (kind !== REPLY) return undefined;
  // If it answers a request, that fails as if whom it asked had ended.
  const error = unsendable(addressOf(association, letter), thrown);
  return [FROM, from, DOWN | BOXED, -(a as number), association.packer.reason(error)];
}

/** The reason of an actor's end cannot be refused: what can be printed of it crosses. */
function lossy(association: Association, { isBoxed, last }: BatchReader, thrown: unknown): unknown {
  const reason = isBoxed ? unpack(last, association) : last;
  return association.packer.reason(lossyReason(reason, thrown));
}

function failRequest(association: Association, signal: BatchReader, thrown: unknown): void {
  const { watching } = association;
  const key = -(signal.second as number);
  const watch = watching.get(key);
  if (watch === undefined) return;
  watching.delete(key);
  const { owner, target } = watch;
  stopWatch(watch);
  if (owner !== undefined && isAlive(owner))
    watch.ended(owner, unsendable(target, thrown), owner.pid);
}

function unsendable(to: Address, thrown: unknown): TypeError {
  const why = thrown instanceof Error ? thrown.message : String(thrown);
  return new TypeError(
    `Cannot send to ${showAddress(to)}, which is of another system: it cannot be cloned (${why})`,
  );
}
