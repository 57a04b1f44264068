/** Everything that a system tells by its events, for a test to read. */

import type { SystemEvents } from '../reports/events.ts';
import type { ActorSystem } from '../system/system.ts';

/** The runtime's own: packages add kinds of theirs to the type. */
const EVENTS = [
  'spawn',
  'exit',
  'crash',
  'restart',
  'mailbox_long',
  'supervisor',
  'system_up',
  'system_down',
  'report',
  'listener_failed',
  'dead_letter',
] as const satisfies readonly (keyof SystemEvents)[];

/** By event, what a system has told so far, in order. */
export type Told = { readonly [E in (typeof EVENTS)[number]]: SystemEvents[E][] };

/** Collects all that a system tells from now on. */
export function toldBy(system: ActorSystem): Told {
  const told = Object.fromEntries(EVENTS.map((event) => [event, []])) as unknown as Told;
  for (const event of EVENTS)
    system.events.on(event, (what) => (told[event] as unknown[]).push(what));
  return told;
}
