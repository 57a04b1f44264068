/** One recorder for each system, whoever asks for it: there as long as anybody does, and gone with its ring after that. */

import type { ActorSystem } from 'beamish';
import { Recorder } from './recorder.ts';
import type { Capturing } from './redact.ts';

export interface RecordingSettings {
  readonly size: number;
  readonly budget: number;
  readonly capturing: Capturing | undefined;
}

/** One's part in a recorder. */
export interface Recording {
  readonly recorder: Recorder;
  /** Of the time since this was asked last, the part in which messages were recorded. */
  share(): number;
  leave(): void;
}

interface Shared {
  readonly recorder: Recorder;
  readonly users: Set<RecordingSettings>;
}

const recorders = new WeakMap<ActorSystem, Shared>();

/** The first one decides how large the ring is, the most generous one how much recording may cost. */
export function recordingOf(system: ActorSystem, settings: RecordingSettings): Recording {
  const shared = recorders.get(system) ?? begin(system, settings);
  const { recorder, users } = shared;
  users.add(settings);
  adjust(shared);
  let before = { recorded: recorder.recordedMs, at: performance.now() };
  return {
    recorder,
    share() {
      const now = { recorded: recorder.recordedMs, at: performance.now() };
      const share = (now.recorded - before.recorded) / Math.max(1e-3, now.at - before.at);
      before = now;
      return Math.min(1, share > 0.999 ? 1 : share);
    },
    leave() {
      if (!users.delete(settings)) return;
      if (users.size > 0) return adjust(shared);
      recorder.stop();
      recorder.forget();
      recorders.delete(system);
    },
  };
}

function begin(system: ActorSystem, { size, budget, capturing }: RecordingSettings): Shared {
  const shared = {
    recorder: new Recorder(system, size, budget, capturing),
    users: new Set<RecordingSettings>(),
  };
  recorders.set(system, shared);
  shared.recorder.start();
  return shared;
}

function adjust({ recorder, users }: Shared): void {
  recorder.budget = Math.max(...Array.from(users, ({ budget }) => budget));
  recorder.capturing = [...users].findLast(({ capturing }) => capturing !== undefined)?.capturing;
}
