/**
 * Links and monitors that come from another system. Both sides keep a link, and either may take it back
 * while the other makes it, or ends. Who takes it back is deaf to what comes of that link until the other
 * side has acknowledged: a LINK or an end that was on its way by then belongs to the link that is gone.
 * So both come to the same state.
 */

import { linkedExit } from '../signals/delivery.ts';
import { hasLink } from '../signals/links.ts';
import { cellOfSerial } from '../signals/registry.ts';
import { startWatch, stopWatch, tie, untie } from '../signals/relations.ts';
import { type ActorCell, isAlive } from '../state/actor-cell.ts';
import type { ExitReason } from '../terms/exit-reason.ts';
import { type Border, FarWatch, type Stranger } from './border.ts';
import { DOWN, LINKED_EXIT, UNLINKED } from './wire.ts';

export function link(border: Border, from: Stranger, serial: number): void {
  const { home, outbox, standIns } = border;
  if (isUnlinking(border, serial, from)) return;
  const cell = cellOfSerial(home, serial);
  // A doomed one has not told its links yet, so they will hear its true reason.
  if (cell !== undefined) tie(cell, standIns.withSerial(from.serial));
  else outbox.put(serial, LINKED_EXIT, from.serial, 'noproc');
}

export function linkedEnd(
  border: Border,
  from: Stranger,
  serial: number,
  reason: ExitReason,
): void {
  const cell = cellOfSerial(border.home, serial);
  if (cell === undefined || isUnlinking(border, serial, from)) return;
  const peer = border.standIns.withSerial(from.serial);
  if (!hasLink(cell, peer.pid)) return;
  untie(cell, peer);
  linkedExit(peer.pid, cell, reason);
}

export function unlink(border: Border, from: Stranger, serial: number, number: number): void {
  const cell = cellOfSerial(border.home, serial);
  if (cell !== undefined) untie(cell, border.standIns.withSerial(from.serial));
  border.outbox.put(serial, UNLINKED, from.serial, number);
}

export function unlinked(
  { unlinking }: Border,
  from: Stranger,
  serial: number,
  number: number,
): void {
  const key = `${serial} ${from.serial}`;
  if (unlinking.get(key) === number) unlinking.delete(key);
}

function isUnlinking({ unlinking }: Border, serial: number, { serial: other }: Stranger): boolean {
  return unlinking.size > 0 && unlinking.has(`${serial} ${other}`);
}

export function monitor(
  border: Border,
  from: Stranger,
  cell: ActorCell | undefined,
  key: number,
): void {
  const { home, outbox, standIns, watched } = border;
  if (cell === undefined) return outbox.put(home.root.pid.serial, DOWN, key, 'noproc');
  const owner = standIns.withSerial(from.serial);
  const watch = new FarWatch(border, owner, cell, key);
  watched.set(key, watch);
  startWatch(watch, owner, cell);
}

export function demonitor({ watched }: Border, key: number): void {
  const watch = watched.get(key);
  if (watch === undefined) return;
  watched.delete(key);
  stopWatch(watch);
}

export function down({ watching }: Border, key: number, reason: ExitReason): void {
  const watch = watching.get(key);
  if (watch === undefined) return;
  watching.delete(key);
  const { owner } = watch;
  stopWatch(watch);
  if (owner !== undefined && isAlive(owner)) watch.ended(owner, reason);
}
