/** Ending children: asked first, killed when their time is up, and always awaited. */

import { cellOfSelf } from '../system/self.ts';
import type { ExitReason } from '../terms/exit-reason.ts';
import type { Actor } from '../terms/operation.ts';
import type { Message, Pid } from '../terms/pid.ts';
import type { Ref } from '../terms/ref.ts';
import type { Self } from '../terms/self-types.ts';
import type { Down, Exit } from '../terms/signal.ts';
import type { FullSpec } from './child-spec.ts';
import type { Child } from './children.ts';

/**
 * Ends one child, and returns its exit reason when it is dead, or `'noproc'` if it was already. A
 * monitor tells: a child that has unlinked itself would tell nothing by its link. The link stays until
 * then, so that the child is not left behind if its supervisor is killed meanwhile; the EXIT that it
 * brings is left in the mailbox.
 */
export function* shutdownChild(
  self: Self<Message>,
  pid: Pid,
  shutdown: FullSpec['shutdown'],
): Actor<ExitReason> {
  const ref = tellToEnd(self, pid, shutdown);
  if (typeof shutdown === 'number') {
    const down = yield* downOf(self, ref, shutdown);
    if (down !== undefined) return down.reason;
    self.exitSignal(pid, 'kill');
  }
  return (yield* downOf(self, ref, undefined))?.reason;
}

/**
 * The DOWN of this monitor, and no other: what its init has monitored, or somebody has made up, ends no child.
 * No guard picks it out: a receive with a guard looks through the whole mailbox, which may hold the EXITs
 * of thousands. What comes instead is told as what a supervisor does not handle.
 */
function* downOf(self: Self<Message>, ref: Ref, ms: number | undefined): Actor<Down | undefined> {
  const { clock, reports } = cellOfSelf(self).system;
  const due = ms === undefined ? undefined : clock.now() + ms;
  for (;;) {
    const receive = self.receive('DOWN');
    const down: Down | undefined = yield* due === undefined
      ? receive
      : receive.after(Math.max(0, Math.ceil(due - clock.now())));
    if (down === undefined || down.ref === ref) return down;
    reports.deadLetter(undefined, self.pid, down, 'unhandled');
  }
}

/**
 * Ends all of them at once, each with the time that its spec gives it, and calls `ended` as each is
 * dead. Only for a supervisor that is about to end: it takes whatever is in the mailbox, in order, since
 * looking for one signal after another behind the EXITs of 100,000 children would take for ever.
 */
export function* shutdownTogether(
  self: Self<Message>,
  children: ReadonlyMap<Pid, Child>,
  ended: (child: Child, reason: ExitReason) => void,
): Actor {
  const { clock } = cellOfSelf(self).system;
  const began = clock.now();
  const monitors = new Map<Ref, Pid>();
  for (const [pid, { spec }] of children) monitors.set(tellToEnd(self, pid, spec.shutdown), pid);

  const alive = new Map(children);
  const impatient = byPatience(children);
  /** Why they ended, by their EXITs; a DOWN of one that was dead already does not say. */
  const reasons = new Map<Pid, ExitReason>();
  while (alive.size > 0) {
    while (impatient.length > 0 && !alive.has((impatient.at(-1) as Limited).pid)) impatient.pop();
    const next = impatient.at(-1);
    const message = yield* next === undefined
      ? self.receive()
      : self.receive().after(Math.max(0, Math.ceil(began + next.ms - clock.now())));
    if (message === undefined) {
      impatient.pop();
      self.exitSignal((next as Limited).pid, 'kill');
    } else if (message.tag === 'EXIT') {
      const { from, reason } = message as Exit;
      if (alive.has(from)) reasons.set(from, reason);
    } else if (message.tag === 'DOWN') {
      const { ref, reason } = message as Down;
      const pid = monitors.get(ref);
      const child = pid && alive.get(pid);
      if (child === undefined) continue;
      alive.delete(pid as Pid);
      ended(child, reasons.has(pid as Pid) ? reasons.get(pid as Pid) : reason);
    }
  }
}

interface Limited {
  readonly pid: Pid;
  readonly ms: number;
}

/** Those who have a limited time, the longest first, so that who comes next is at the end. */
function byPatience(children: ReadonlyMap<Pid, Child>): Limited[] {
  const limited: Limited[] = [];
  for (const [pid, { spec }] of children)
    if (typeof spec.shutdown === 'number') limited.push({ pid, ms: spec.shutdown });
  return limited.sort((a, b) => b.ms - a.ms);
}

function tellToEnd(self: Self<Message>, pid: Pid, shutdown: FullSpec['shutdown']): Ref {
  const ref = self.monitor(pid);
  self.exitSignal(pid, shutdown === 'brutal_kill' ? 'kill' : 'shutdown');
  return ref;
}
