// Notifiers that somebody at the page starts and stops. To stop one is to unsubscribe its person; so it stays, until it
// is started again, or the services are, which begin with those that the command line named.

import { type ActorSystem, restartChild, startChild, terminateChild } from 'beamish';
import { judge } from '../../thorough/judge.ts';
import { NOTIFIERS, notifierSpec, type ServicesOptions } from '../tree.ts';

/** Each has a queue. */
const MOST = 100;

/** @returns what is in the way, if anything is. */
export async function startNotifier(
  system: ActorSystem,
  name: string,
  services: ServicesOptions,
  running: number,
): Promise<string | undefined> {
  if (!('address' in judge(`${name}@example.org`)))
    return `"${name}" is nothing that stands before an @`;
  if (running >= MOST) return `${MOST} notifiers are there: stop one of them`;
  const started = await startChild(system, NOTIFIERS, notifierSpec(name, services));
  // One that was stopped is known still.
  if (!started.ok && started.reason === 'already_present')
    await restartChild(system, NOTIFIERS, name);
  return undefined;
}

/** @returns what is in the way, if anything is. */
export async function stopNotifier(system: ActorSystem, name: string): Promise<string | undefined> {
  const stopped = await terminateChild(system, NOTIFIERS, name);
  return stopped.ok ? undefined : `There is no notifier for "${name}"`;
}
