/** Ending children: asked first, killed when their time is up, and always awaited. */

import type { Context } from '../runtime/context.ts';
import type { ExitReason } from '../runtime/exit-reason.ts';
import type { Actor } from '../runtime/operation.ts';
import type { Pid } from '../runtime/pid.ts';
import type { Ref } from '../runtime/ref.ts';
import type { FullSpec } from './child-spec.ts';

/**
 * Ends one child, and returns its exit reason when it is dead. A monitor tells: a child that has
 * unlinked itself would tell nothing by its link. The link stays until then, so that the child is not
 * left behind if its supervisor is killed meanwhile.
 */
export function* shutdownChild(
  self: Context,
  pid: Pid,
  shutdown: FullSpec['shutdown'],
): Actor<ExitReason> {
  const ref = self.monitor(pid);
  if (shutdown === 'brutal_kill') {
    self.exitSignal(pid, 'kill');
    return yield* awaitEnd(self, pid, ref);
  }
  self.exitSignal(pid, 'shutdown');
  if (shutdown === 'infinity') return yield* awaitEnd(self, pid, ref);
  const down = yield* self
    .receive('DOWN')
    .where((message) => message.ref === ref)
    .after(shutdown);
  if (down !== undefined) return yield* trueReason(self, pid, down.reason);
  self.exitSignal(pid, 'kill');
  return yield* awaitEnd(self, pid, ref);
}

function* awaitEnd(self: Context, pid: Pid, ref: Ref): Actor<ExitReason> {
  const down = yield* self.receive('DOWN').where((message) => message.ref === ref);
  return yield* trueReason(self, pid, down.reason);
}

/** Takes the EXIT that came with the DOWN; of a child that had ended before, it alone says why. */
function* trueReason(self: Context, pid: Pid, reason: ExitReason): Actor<ExitReason> {
  const exit = yield* self
    .receive('EXIT')
    .where((message) => message.from === pid)
    .after(0);
  return exit === undefined ? reason : exit.reason;
}
