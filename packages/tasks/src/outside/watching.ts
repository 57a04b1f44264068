/** The changes of a task as an async iterable: an actor hears them, and whoever reads takes them from it. */

import type { Actor, ActorSystem, Self } from 'beamish';
import type { TaskRecord } from '../state/record.ts';
import type { TaskId } from '../terms/task-state.ts';
import type { FullAddress } from '../tree/asking.ts';
import type { Changed, Found } from '../tree/messages.ts';
import { snapshotOf, type TaskSnapshot } from './snapshot.ts';

export async function* watching<O>(
  system: ActorSystem,
  address: FullAddress,
  id: TaskId<O>,
  signal: AbortSignal | undefined,
): AsyncGenerator<TaskSnapshot<O>, void, undefined> {
  /** What has not been read yet. */
  const news: Found[] = [];
  let told: (() => void) | undefined;
  let isOver = false;
  const hear = (found: Found): void => {
    const last = news.at(-1);
    // A slow reader misses what changes without another state.
    if (last !== undefined && isSameState(last.record, found.record)) news.pop();
    news.push(found);
    told?.();
  };
  const over = (): void => {
    isOver = true;
    told?.();
  };

  const watcher = system.spawn(function* watcher(self: Self<Changed>): Actor {
    self.defer(over);
    for (;;) {
      const { record, progress } = yield* self.receive('changed');
      hear({ record, progress });
      if (record.outcome !== undefined) return;
    }
  });
  system.cast(address, 'watch', id, watcher);
  const abort = (): void => system.exitSignal(watcher, 'kill');
  signal?.addEventListener('abort', abort, { once: true });
  try {
    signal?.throwIfAborted();
    for (;;) {
      const found = news.shift();
      if (found !== undefined) {
        yield snapshotOf<O>(found);
        continue;
      }
      signal?.throwIfAborted();
      if (isOver) return;
      await new Promise<void>((resolve) => {
        told = resolve;
      });
      told = undefined;
    }
  } finally {
    signal?.removeEventListener('abort', abort);
    abort();
  }
}

function isSameState(a: TaskRecord, b: TaskRecord): boolean {
  return a.state === b.state && a.run === b.run && a.attempt === b.attempt;
}
