/**
 * Links and monitors that come from another system. Both sides keep a link, and either may take it back
 * while the other makes it, or ends. Who takes it back is deaf to what comes of that link until the other
 * side has acknowledged: a LINK or an end that was on its way by then belongs to the link that is gone.
 * So both come to the same state.
 */

import { linkedExit } from '../signals/exit-signals.ts';
import { hasLink, tie, untie } from '../signals/links.ts';
import { startWatch, stopWatch } from '../signals/watches.ts';
import { type ActorCell, isAlive } from '../state/actor-cell.ts';
import type { ExitReason } from '../terms/exit-reason.ts';
import { isPid } from '../terms/pid.ts';
import { type Association, type RemoteSender, RemoteWatch } from './association.ts';
import { DOWN, LINKED_EXIT, UNLINKED } from './wire.ts';

export function link(association: Association, from: RemoteSender, serial: number): void {
  const { outbox, remoteCells } = association;
  if (isUnlinking(association, serial, from)) return;
  const cell = association.look(serial);
  // An exiting one has not told its links yet, so they will hear its true reason.
  if (cell !== undefined) tie(remoteCells.withSerial(from.serial), cell);
  else outbox.put(serial, LINKED_EXIT, from.serial, 'noproc');
}

export function linkedEnd(
  association: Association,
  from: RemoteSender,
  serial: number,
  reason: ExitReason,
): void {
  const cell = association.look(serial);
  if (cell === undefined || isUnlinking(association, serial, from)) return;
  const peer = association.remoteCells.withSerial(from.serial);
  if (!hasLink(cell, peer.pid)) return;
  untie(cell, peer);
  linkedExit(peer.pid, cell, reason);
}

export function unlink(
  association: Association,
  from: RemoteSender,
  serial: number,
  number: number,
): void {
  const cell = association.look(serial);
  if (cell !== undefined) untie(cell, association.remoteCells.withSerial(from.serial));
  association.outbox.put(serial, UNLINKED, from.serial, number);
}

export function unlinked(
  { unlinking }: Association,
  from: RemoteSender,
  serial: number,
  number: number,
): void {
  const key = `${serial} ${from.serial}`;
  if (unlinking.get(key) === number) unlinking.delete(key);
}

function isUnlinking(
  { unlinking }: Association,
  serial: number,
  { serial: other }: RemoteSender,
): boolean {
  return unlinking.size > 0 && unlinking.has(`${serial} ${other}`);
}

export function monitor(
  association: Association,
  from: RemoteSender,
  cell: ActorCell | undefined,
  key: number,
): void {
  const { system, outbox, remoteCells, watched } = association;
  if (cell === undefined) return outbox.put(system.root.pid.serial, DOWN, key, 'noproc');
  const owner = remoteCells.withSerial(from.serial);
  const watch = new RemoteWatch(association, owner, cell, key);
  watched.set(key, watch);
  startWatch(watch, owner, cell);
}

export function demonitor({ watched }: Association, key: number): void {
  const watch = watched.get(key);
  if (watch === undefined) return;
  watched.delete(key);
  stopWatch(watch);
}

export function down(
  { system, watching }: Association,
  from: RemoteSender,
  key: number,
  reason: ExitReason,
): void {
  const watch = watching.get(key);
  if (watch === undefined) return;
  watching.delete(key);
  const { owner } = watch;
  stopWatch(watch);
  if (owner === undefined) return;
  system.tapTouched?.(owner.pid, 'signal');
  if (isAlive(owner)) watch.ended(owner, reason, isPid(watch.target) ? watch.target : from.pid);
}
