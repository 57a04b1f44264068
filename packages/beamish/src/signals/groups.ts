/**
 * Groups of actors (OTP's pg). Each system knows all members: it tells the systems that it is connected to of
 * its own, and what they tell takes effect when it arrives, in order with all else that comes from there.
 * So a member is gone before anyone hears of its end, here and elsewhere, and whoever is told something by
 * a member knows of its membership.
 */

import { type ActorCell, isAlive } from '../state/actor-cell.ts';
import { holdingsOf } from '../state/cold-state.ts';
import { type GroupRecord, GroupTable, type GroupWatch, keyOf } from '../state/group-table.ts';
import type { Peer } from '../state/peer.ts';
import type { SystemState } from '../state/system-state-types.ts';
import type { Group, GroupChange } from '../terms/group.ts';
import { isPid, type Message, type Pid, showAddress } from '../terms/pid.ts';
import { show } from '../terms/printable.ts';
import { type Ref, type Reference, residentOfRef, settleRef } from '../terms/ref.ts';
import { notify } from './delivery.ts';
import { makeRef } from './monitors.ts';
import { letIn } from './offers.ts';
import { cellOf, isHere, useAsName } from './registry.ts';

type Change = GroupChange['change'];

/** One that has ended, or is about to, is passed over. @throws TypeError for what is no pid of this system. */
export function joinGroup(system: SystemState, group: Group, pids: readonly Pid[]): void {
  const cells = ownCells(system, group, pids, 'join').filter(isAlive);
  if (cells.length === 0) return;
  const record = recordOf(system, group);
  for (const cell of cells) holdingsOf(cell).add(record);
  const joined = cells.map((cell) => cell.pid);
  tellPeers(system, 'join', group, joined);
  add(system, record, joined);
}

/** Each once, as often as it is given. False if none was a member. @throws TypeError for what is no pid of this system. */
export function leaveGroup(system: SystemState, group: Group, pids: readonly Pid[]): boolean {
  const cells = ownCells(system, group, pids, 'leave');
  const record = system.groups?.get(group);
  if (record === undefined) return false;
  const left = remove(
    system,
    record,
    cells.map((cell) => cell.pid),
  );
  for (const cell of cells) if (!record.members.has(cell.pid)) holdingsOf(cell).delete(record);
  tellPeers(system, 'leave', group, left);
  return left.length > 0;
}

/** A snapshot, each as often as it has joined. */
export function membersOf(system: SystemState, group: Group): readonly Pid[] {
  use(system, group, false);
  return pidsIn(system.groups?.get(group));
}

export function groupsOf(system: SystemState, scope: string): readonly string[] {
  return [...(system.groups ?? [])]
    .filter(({ group, members }) => group.scope === scope && members.size > 0)
    .map(({ group }) => group.group);
}

export function monitorGroup(cell: ActorCell, group: Group): { ref: Ref; members: readonly Pid[] } {
  const { system } = cell;
  // Who cleans up hears nothing any more, and would never be forgotten.
  if (!isAlive(cell)) return { ref: makeRef(system, undefined), members: membersOf(system, group) };
  const record = recordOf(system, group);
  const watch: GroupWatch = {
    owner: cell,
    ref: makeRef(system, undefined),
    record,
    drop: () => endWatch(system, watch),
  };
  settleRef(watch.ref as Reference, watch);
  record.watches.add(watch);
  holdingsOf(cell).add(watch);
  return { ref: watch.ref, members: membersOf(system, group) };
}

/** True if it was active. */
export function demonitorGroup(cell: ActorCell, ref: Ref): boolean {
  const watch = residentOfRef(ref) as Partial<GroupWatch> | undefined;
  if (watch?.record === undefined || watch.owner !== cell) return false;
  endWatch(cell.system, watch as GroupWatch);
  holdingsOf(cell).delete(watch as GroupWatch);
  flushChangesOf(cell, ref);
  return true;
}

function flushChangesOf(cell: ActorCell, ref: Ref): void {
  const { mailbox, pid, system } = cell;
  const isChange = (it: Message): boolean =>
    it.tag === 'GROUP' && (it as unknown as GroupChange).ref === ref;
  system.tapTouched?.(pid, 'polled');
  for (
    let news = mailbox?.removeFirst(isChange);
    news !== undefined;
    news = mailbox?.removeFirst(isChange)
  ) {
    system.tapDropped?.(pid, news);
    letIn(cell);
  }
}

function endWatch(system: SystemState, watch: GroupWatch): void {
  settleRef(watch.ref as Reference, undefined);
  watch.record.watches.delete(watch);
  system.groups?.forgetIfEmpty(watch.record);
}

/** Another system tells of members that it has. */
export function takeGroupChange(
  system: SystemState,
  change: Change,
  group: Group,
  pids: readonly Pid[],
): void {
  const record = recordOf(system, group);
  if (change === 'join') add(system, record, pids);
  else remove(system, record, pids);
}

/** Tells a system that is new of all members that this one has. */
export function introduceGroups(system: SystemState, peer: Peer): void {
  for (const record of system.groups ?? []) {
    const own = pidsIn(record).filter((pid) => isHere(system, pid));
    if (own.length > 0) peer.groupChanged('join', record.group, own);
  }
}

/** Another system is lost, with its members. */
export function forgetMembersOf(
  system: SystemState,
  there: { readonly system: string; readonly incarnation: number },
): void {
  for (const record of [...(system.groups ?? [])]) {
    const lost = pidsIn(record).filter(
      (pid) => pid.system === there.system && pid.incarnation === there.incarnation,
    );
    remove(system, record, lost);
  }
}

function recordOf(system: SystemState, group: Group): GroupRecord {
  system.groups ??= new GroupTable();
  const known = system.groups.get(group);
  if (known !== undefined) return known;
  const record: GroupRecord = {
    group,
    members: new Map(),
    watches: new Set(),
    drop({ pid }) {
      const left = new Array<Pid>(record.members.get(pid) ?? 0).fill(pid);
      tellPeers(system, 'leave', group, remove(system, record, left));
    },
  };
  system.groups.add(record);
  return record;
}

function pidsIn(record: GroupRecord | undefined): Pid[] {
  const pids: Pid[] = [];
  for (const [pid, times] of record?.members ?? []) for (let i = 0; i < times; i++) pids.push(pid);
  return pids;
}

function add(system: SystemState, record: GroupRecord, pids: readonly Pid[]): void {
  use(system, record.group, true);
  const { members } = record;
  for (const pid of pids) members.set(pid, (members.get(pid) ?? 0) + 1);
  tellWatches(record, 'join', pids);
}

/** Returns those that were there. */
function remove(system: SystemState, record: GroupRecord, pids: readonly Pid[]): readonly Pid[] {
  const { members } = record;
  const left = pids.filter((pid) => {
    const times = members.get(pid) ?? 0;
    if (times > 1) members.set(pid, times - 1);
    else members.delete(pid);
    return times > 0;
  });
  if (left.length === 0) return left;
  use(system, record.group, true);
  tellWatches(record, 'leave', left);
  system.groups?.forgetIfEmpty(record);
  return left;
}

function tellWatches({ group, watches }: GroupRecord, change: Change, pids: readonly Pid[]): void {
  for (const { owner, ref } of watches) {
    const news: GroupChange = { tag: 'GROUP', ref, change, group, pids };
    notify(pids[0] as Pid, owner, news);
  }
}

function tellPeers(system: SystemState, change: Change, group: Group, pids: readonly Pid[]): void {
  if (pids.length === 0 || system.distribution === undefined) return;
  for (const peer of system.distribution.peers.values()) peer.groupChanged(change, group, pids);
}

function use(system: SystemState, group: Group, isChange: boolean): void {
  useAsName(system, `group ${keyOf(group)}`, isChange);
}

/** Those that are alive or about to end. */
function ownCells(
  system: SystemState,
  { group }: Group,
  pids: readonly Pid[],
  verb: 'join' | 'leave',
): ActorCell[] {
  return pids
    .map((pid) => {
      if (!isPid(pid)) throw new TypeError(`Cannot ${verb} "${group}": ${show(pid)} is no pid`);
      if (isHere(system, pid)) return cellOf(system, pid);
      throw new TypeError(
        `Cannot ${verb} "${group}": ${showAddress(pid)} is of another system, and can do so there`,
      );
    })
    .filter((cell) => cell !== undefined);
}
