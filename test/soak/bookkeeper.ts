/** Writes down what an actor system tells of labelled messages: one in each thread, and one in the main thread. */

import type { Address, Pid, SystemEvents } from 'beamish';
import type { EventReports } from '../../packages/beamish/src/reports/reports.ts';
import type { SystemState } from '../../packages/beamish/src/state/system-state-types.ts';
import {
  ARRIVED,
  HANDLED,
  type Label,
  type Ledger,
  LIVES,
  LOST,
  REFUSED,
  SENT,
  TOLD,
  UNREAD,
} from './ledger.ts';

/** The label of what is sent to an actor, or to whoever has a name in its system. */
export function labelFor(system: SystemState, ledger: Ledger, pid: Pid): Label {
  const there = pid.system === system.name ? system : system.distribution?.peers.get(pid.system);
  return {
    from: ledger.lifeOf(system.incarnation),
    to: ledger.lifeOf(there?.incarnation ?? pid.incarnation),
  };
}

function isLabelled(message: unknown): message is Label {
  return typeof (message as Partial<Label> | undefined)?.from === 'number';
}

/** Looks into a system from below, as only the runtime's own tests may. */
export function keepBooks(system: SystemState, ledger: Ledger): void {
  const { events } = system.reports as EventReports;
  const me = ledger.lifeOf(system.incarnation);
  /** By serial: what lies in each actor's mailbox, by the life that it came from and the one it was for. */
  const mail = new Map<number, Map<number, number>>();

  function put(serial: number, { from, to }: Label, count: number): void {
    const its = mail.get(serial) ?? new Map<number, number>();
    const key = from * LIVES + to;
    const lying = (its.get(key) ?? 0) + count;
    if (lying === 0) its.delete(key);
    else its.set(key, lying);
    if (its.size === 0) mail.delete(serial);
    else mail.set(serial, its);
  }

  const lies = (serial: number, { from, to }: Label): boolean =>
    (mail.get(serial)?.get(from * LIVES + to) ?? 0) > 0;

  const isMine = (to: Address): boolean =>
    'incarnation' in to && to.incarnation === system.incarnation;

  system.listeners.add({
    sent(_, to, message) {
      if (!isLabelled(message)) return;
      if (message.from === me) ledger.enter(SENT, message);
      if (!isMine(to)) return;
      ledger.enter(ARRIVED, message);
      if ('serial' in to) put(to.serial, message, 1);
      else ledger.enter(HANDLED, message);
    },
    received(pid, message) {
      if (!isLabelled(message)) return;
      put(pid.serial, message, -1);
      ledger.enter(HANDLED, message);
    },
    exited({ serial }) {
      for (const [key, count] of mail.get(serial) ?? [])
        ledger.enter(UNREAD, { from: Math.floor(key / LIVES), to: key % LIVES }, count);
      mail.delete(serial);
    },
  });

  events.on('dead_letter', ({ to, message }: SystemEvents['dead_letter']) => {
    if (!isLabelled(message)) return;
    if ('alias' in to && isMine(to)) {
      ledger.enter(HANDLED, message, -1);
      ledger.enter(REFUSED, message);
    } else if ('serial' in to && isMine(to) && lies(to.serial, message)) {
      // One to an exiting actor, or to a dead one of this system, has passed the tap before.
      put(to.serial, message, -1);
      ledger.enter(REFUSED, message);
    } else {
      ledger.enter(TOLD, message);
    }
  });
  events.on('system_down', ({ incarnation, lost }: SystemEvents['system_down']) => {
    ledger.enter(LOST, { from: me, to: ledger.lifeOf(incarnation) }, lost);
  });
  ledger.open(me);
}
