/** What is left when the scenario and its clients have ended, and nobody can step but the clock. */

import { figuresOf, visit } from 'beamish/observation';
import type { HostTimers } from './host-timers.ts';
import type { Labels } from './labels.ts';
import type { Recorder } from './recorder.ts';
import type { Sites } from './sites.ts';
import type { Verdict } from './verdict.ts';
import { tagOf } from './words.ts';

export type Leftovers = Extract<Verdict, { readonly kind: 'leftovers' }>;

/** Undefined if there is nothing. */
export function leftoversIn(run: {
  readonly labels: Labels;
  readonly recorder: Recorder;
  readonly sites: Sites;
  readonly hostTimers: HostTimers;
}): Leftovers | undefined {
  const actors: string[] = [];
  let timers = run.hostTimers.count;
  for (const { system } of run.sites.all) {
    timers += figuresOf(system).timers;
    visit(system, ({ pid, childId }) => {
      if (childId !== undefined || !run.labels.isActor(pid)) return;
      if (system.info(pid)?.links.length === 0) actors.push(run.labels.labelOf(pid));
    });
  }
  const { labels, recorder } = run;
  const left = recorder.mail.left((pid) => labels.of(pid)?.isOver === true);
  const messages = left.map(({ to, message }) => ({
    to: labels.labelOf(to),
    tag: tagOf(message) ?? message.tag,
  }));
  if (actors.length + timers + messages.length === 0) return undefined;
  return { kind: 'leftovers', actors: actors.reverse(), timers, messages };
}
