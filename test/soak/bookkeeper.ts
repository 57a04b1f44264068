/** Writes down what an actor system tells of numbered messages: one in each thread, and one in the main thread. */

import type { Pid, SystemEvents } from 'beamish';
import type { Home } from '../../packages/beamish/src/runtime/actor-cell.ts';
import type { EventReports } from '../../packages/beamish/src/runtime/reports.ts';
import { setTap } from '../../packages/beamish/src/runtime/tap.ts';
import { COLUMNS, HANDLED, type Label, type Ledger, LOST, MAIL, TOLD, UNREAD } from './ledger.ts';

export interface Numbered extends Label {
  readonly tag: 'n';
  /** Counts what its sender has sent to its receiver. */
  readonly n: number;
  /** The sender's serial. */
  readonly by: number;
  /** Makes the message one with an address inside. */
  readonly me?: Pid;
}

function isNumbered(message: unknown): message is Numbered {
  return (message as { readonly tag?: unknown } | undefined)?.tag === 'n';
}

/** Looks into a system from below, as only the runtime's own tests may. */
export function keepBooks(home: Home, ledger: Ledger): void {
  const { events } = home.reports as EventReports;
  const me = ledger.lifeOf(home.incarnation);
  /** By serial: what lies in each actor's mailbox, by the life that it came from and the one it was for. */
  const mail = new Map<number, Map<number, number>>();

  function put(serial: number, { from, to }: Label, count: number): void {
    const its = mail.get(serial) ?? new Map<number, number>();
    const key = from * COLUMNS + to;
    const lying = (its.get(key) ?? 0) + count;
    if (lying === 0) its.delete(key);
    else its.set(key, lying);
    if (its.size === 0) mail.delete(serial);
    else mail.set(serial, its);
    ledger.enter(MAIL, { from, to }, count);
  }

  const lies = (serial: number, { from, to }: Label): boolean =>
    (mail.get(serial)?.get(from * COLUMNS + to) ?? 0) > 0;

  const isMine = ({ incarnation }: { readonly incarnation?: number }): boolean =>
    incarnation === home.incarnation;

  setTap(home, {
    spawned() {},
    sent(_, to, message) {
      if (isNumbered(message) && 'serial' in to && isMine(to)) put(to.serial, message, 1);
    },
    received(pid, message) {
      if (!isNumbered(message)) return;
      put(pid.serial, message, -1);
      ledger.enter(HANDLED, message);
    },
    turned() {},
    exited({ serial }) {
      for (const [key, count] of mail.get(serial) ?? []) {
        const label = { from: Math.floor(key / COLUMNS), to: key % COLUMNS };
        ledger.enter(MAIL, label, -count);
        ledger.enter(UNREAD, label, count);
      }
      mail.delete(serial);
    },
  });

  events.on('dead_letter', ({ to, message }: SystemEvents['dead_letter']) => {
    if (!isNumbered(message)) return;
    // One to a doomed actor, or to a dead one of this system, has passed the tap before.
    if ('serial' in to && isMine(to) && lies(to.serial, message)) put(to.serial, message, -1);
    ledger.enter(TOLD, message);
  });
  events.on('system_down', ({ incarnation, lost }: SystemEvents['system_down']) => {
    ledger.enter(LOST, { from: me, to: ledger.lifeOf(incarnation) }, lost);
  });
}
