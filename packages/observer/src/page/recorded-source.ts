/** A recording, for the page: the same one, with a time line in place of what is live. */

import { fullFrames } from '../model/full-frame.ts';
import type { RecordedView } from '../recording/recording.ts';
import { parsePid } from '../terms/wire.ts';
import type { PageSource } from './source.ts';

/** What the page is served of, where it is a recording. */
export function sourceOfRecording(recording: RecordedView): PageSource {
  return {
    name: recording.name,
    get model() {
      return recording.model;
    },
    control: false,
    payloads: false,
    recorded: { from: recording.from, until: recording.until, seek: (at) => recording.seek(at) },
    full: () => fullFrames(recording.model),
    history: () => [],
    reports: () => ({
      crashes: recording.crashes(),
      letters: recording.deadLetters(),
      findings: recording.findings,
    }),
    panels: async () => [],
    messages: async () => ({ messages: recording.messages.slice(-400), recorded: 1 }),
    async detail(actor) {
      const pid = parsePid(actor) && recording.model.pid(actor);
      return pid && (await recording.actor(pid));
    },
    act: async () => ({ ok: false, reason: 'refused' }),
    look(_frameMs, withMessages, looking) {
      // Nothing changes by itself; who comes to the messages is told of them.
      if (withMessages) setImmediate(() => looking.ticked(Date.now()));
      return () => {};
    },
    nextMs: 100,
    spent: () => {},
    onFailure: () => {},
  };
}
