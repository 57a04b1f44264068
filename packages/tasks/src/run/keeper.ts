/**
 * In a thread, what a worker is in its own: runs the body of one task, and tells how it ended. It is linked
 * to the worker, so each hears of the other's end; and what the body computes holds up nobody but it.
 */

import { setImmediate as nextRound } from 'node:timers/promises';
import type { Actor, Exit, Pid, Self } from 'beamish';
import { seamsOf } from 'beamish/transport';
import { Definition } from '../canvas/definition.ts';
import type { TaskEvent } from '../state/events.ts';
import type { TaskRecord } from '../state/record.ts';
import type { FullAddress } from '../tree/asking.ts';
import type { EndedBy, KeeperMessage, WorkerMessage } from '../tree/messages.ts';
import { policyReporter } from '../tree/reports.ts';
import { Time } from '../tree/time.ts';
import { BodyRun, type NotesApart } from './body-run.ts';
import { cannotRun, eventOf } from './endings.ts';
import { runBody } from './runner.ts';

/** What a keeper is to run, and for whom. */
export interface Errand {
  readonly record: TaskRecord;
  /** The module that has the task among its exports. */
  readonly module: string;
  readonly address: FullAddress;
  readonly worker: Pid<WorkerMessage>;
  readonly hardMs: number | undefined;
  /** Of a task that is none of the application's: what earlier runs of it have kept. All that it says goes to the worker. */
  readonly notes?: Notes;
}

/** What a task keeps, by key. */
export type Notes = readonly (readonly [key: string, value: string])[];

export function* keeper(self: Self<KeeperMessage>, errand: Errand): Actor {
  self.trapExit(true);
  const { record, worker, address, hardMs } = errand;
  const { id, run: number } = record;
  const time = new Time(seamsOf(self));
  const kept = errand.notes && new Map(errand.notes);
  const tell = (event: TaskEvent): void => {
    const notes = kept && { notes: [...kept] };
    self.send(worker, { tag: 'ended_there', id, run: number, event, ...notes });
  };

  const definition = yield* find(self, errand);
  if (!(definition instanceof Definition)) {
    tell(cannotRun(record, time.now(), definition.error));
    return;
  }
  self.send(worker, { tag: 'begun_there', id, run: number });
  // So that it leaves before the body computes.
  yield* self.wait(nextRound());
  const begun = { ...record, startedAt: time.now() };
  const run = new BodyRun(
    begun,
    {
      address,
      worker: self.pid as unknown as Pid<WorkerMessage>,
      now: () => time.now(),
      ...(kept && { apart: notesIn(kept) }),
    },
    hardMs,
  );
  const body = self.spawnLink(runBody as never, ...([definition, run, record.args] as never));
  let endedBy: EndedBy | undefined;
  const show = (): void => {
    const value = run.takeProgress();
    if (value === undefined) return;
    if (kept === undefined) self.cast(address, 'progress', id, number, value);
    else self.send(worker, { tag: 'shown_there', id, run: number, value });
  };
  for (;;) {
    const message = yield* self.receive();
    switch (message.tag) {
      case 'show':
        show();
        break;
      case 'abort':
        run.abort(new Error(message.why));
        break;
      case 'end':
        endedBy ??= message.by;
        // What waits for a promise of its own goes on whatever becomes of its actor.
        if (run.isAsync && self.info(body)?.waitingFor.includes('a promise'))
          self.send(worker, { tag: 'leaks_there', id, run: number });
        else self.exitSignal(body, 'kill');
        break;
      case 'EXIT': {
        const { from, reason } = message as Exit;
        if (from !== body) {
          // The worker is gone, and with it whoever would hear.
          self.exitSignal(body, 'kill');
          self.exit('shutdown');
        }
        show();
        const returned = { kind: 'returned', value: undefined } as const;
        tell(
          eventOf({
            record,
            definition,
            ending: run.ending ?? (reason === 'normal' ? returned : undefined),
            endedBy,
            exitReason: reason,
            now: time.now(),
            random: () => time.random(),
            policyFailed: policyReporter(self),
          }),
        );
        return;
      }
    }
  }
}

/** What a task keeps that has no application to keep it: its checkpoint is without a key. */
export function notesIn(notes: Map<string, string>): NotesApart {
  return {
    checkpoint: (value) => void notes.set('', value),
    noted: (key) => notes.get(key),
    keep: (key, value) => void notes.set(key, value),
  };
}

function* find(
  self: Self<KeeperMessage>,
  { record: { name }, module }: Errand,
): Actor<Definition | { readonly error: unknown }> {
  let exports: Readonly<Record<string, unknown>>;
  try {
    // Here it is there; where nothing runs in threads it need not be.
    const { importModule } = yield* self.wait(import('@beamish/threads'));
    exports = yield* self.wait(importModule(module));
  } catch (cause) {
    // The program's module, which throws when it is loaded.
    return {
      error: new Error(
        `Cannot run the task ${name} in a thread: ${module} cannot be loaded there`,
        { cause },
      ),
    };
  }
  for (const value of Object.values(exports))
    if (value instanceof Definition && value.name === name) return value;
  return {
    error: new TypeError(
      `Cannot run the task ${name} in a thread: ${module} does not export it; its thread is the import.meta of the module that does`,
    ),
  };
}
